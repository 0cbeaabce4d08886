"""What is said when something from outside cannot be used: one clear line each, and nothing is kept."""

from __future__ import annotations


class Refused(Exception):  # noqa: N818 -- the field's word, not a fault of the program
    """Input, a file or the environment is refused; every line says what is wrong and what is expected."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class NotWritten(Refused):
    """The disk or the database could not be written: nothing the person gave is wrong."""
