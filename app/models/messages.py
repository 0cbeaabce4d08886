"""What a model says to the person: one line at a time, by kind."""

from __future__ import annotations

from dataclasses import dataclass

INFO, NEEDS, BLOCKED = "info", "needs", "blocked"


@dataclass(frozen=True)
class Message:
    """One line for the message line: info goes with the next action, needs until answered, blocked until read."""

    text: str
    kind: str = INFO
