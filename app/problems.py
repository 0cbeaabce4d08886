"""Errors: one message for the person, one log record for the developer, the same number in both."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

log = logging.getLogger("coread")


class CoreadError(Exception):
    """Something outside coread is wrong and can be said in one sentence (disk full, file locked)."""


def report(problem: BaseException, tell: Callable[[str], None]) -> str:
    """End an error: one log record, one message with the same number; returns the number."""
    number = uuid.uuid4().hex[:8]
    log.error("problem %s", number, exc_info=problem)
    if isinstance(problem, CoreadError):
        tell(str(problem))
    else:
        tell(f"coread made a mistake (number {number}). Nothing stored was changed; tell your administrator.")
    return number
