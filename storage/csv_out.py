"""CSV written so that the same values give the same bytes: UTF-8, comma, LF, ISO dates, header always.

A cell that a spreadsheet would execute gets an apostrophe before it. The file is there whole or not at all.
"""

from __future__ import annotations

import csv
import io
import os
import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import IO

from storage.atomic import refused_write

_EXECUTED = frozenset("=+-@\t\r")
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def safe_cell(cell: str) -> str:
    """The cell as it may stand in a file: an apostrophe before what a spreadsheet would execute."""
    if cell and cell[0] in _EXECUTED and not _NUMBER.fullmatch(cell):
        return "'" + cell
    return cell


class CsvWriter:
    """Rows of one file, in the order of its columns."""

    def __init__(self, opened: IO[str], columns: Sequence[str]) -> None:
        self.count = 0
        self._writer = csv.writer(opened, lineterminator="\n")
        self._writer.writerow(columns)
        self._width = len(columns)

    def row(self, cells: Sequence[str]) -> None:
        """Write one row; its cells are texts already."""
        if len(cells) != self._width:
            raise ValueError(f"a row of {len(cells)} cells, the file has {self._width} columns")
        self._writer.writerow([safe_cell(cell) if cell[:1] in _EXECUTED else cell for cell in cells])
        self.count += 1


@contextmanager
def csv_files(*files: tuple[Path, Sequence[str]]) -> Iterator[tuple[CsvWriter, ...]]:
    """Writers of several files that appear together when all rows are written, or not at all.

    Raises Refused.
    """
    written: list[tuple[str, Path]] = []
    place = Path()
    try:
        with ExitStack() as stack:
            writers = []
            for place, columns in files:
                descriptor, beside = tempfile.mkstemp(prefix=".", suffix=".part", dir=place.parent)
                written.append((beside, place))
                opened = stack.enter_context(
                    os.fdopen(descriptor, "w", encoding="utf-8", newline="", buffering=1 << 20)
                )
                writers.append(CsvWriter(opened, columns))
            yield tuple(writers)
        for _, place in written:
            if place.is_dir():
                raise IsADirectoryError(21, "a folder has this name")
        while written:
            beside, place = written[0]
            Path(beside).chmod(0o644)
            Path(beside).replace(place)
            written.pop(0)
    except OSError as problem:
        raise refused_write(place, problem) from problem
    finally:
        for beside, _ in written:
            with suppress(OSError):
                Path(beside).unlink()


def csv_text(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A whole CSV as text, the same bytes as a file of csv_files."""
    held = io.StringIO(newline="")
    writer = CsvWriter(held, columns)
    for row in rows:
        writer.row(row)
    return held.getvalue()
