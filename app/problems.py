"""Errors: one message for the person, one log record for the developer, the same number in both."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from measure.refusal import Refused

log = logging.getLogger("coread")


def report(problem: BaseException, tell: Callable[[str], None]) -> str:
    """End an error: one log record, one message with the same number; returns the number."""
    number = uuid.uuid4().hex[:8]
    if isinstance(problem, Refused):
        log.warning("refused %s: %s", number, problem)
        tell(str(problem))
    else:
        log.error("problem %s", number, exc_info=problem)
        tell(f"coread made a mistake (number {number}). What was saved is safe; tell your administrator.")
    return number
