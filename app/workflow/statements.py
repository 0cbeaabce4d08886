"""What the reader states beside the derived response, or alone where that is hidden (CR-36)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.workflow.reading import Reading
    from measure.protocol import Criterion

TITLES = {"recist11": "RECIST 1.1", "irecist": "iRECIST", "mrecist": "mRECIST"}
BEFORE_SHEET, ON_SHEET = "before-sheet", "on-sheet"


@dataclass(frozen=True)
class Statement:
    """One response to state: criterion, rule set, its title, what was stated so far and why."""

    criterion: str
    standard: str
    title: str
    overall: str
    reason: str


def title_of(standard: str, scope: str) -> str:
    """A criterion as the screens name it: RECIST 1.1 · all."""
    return f"{TITLES.get(standard, standard)} · {scope}"


def statements(reading: Reading) -> tuple[Statement, ...]:
    """The responses this time point asks the reader to state; none at baseline or where the protocol asks for none."""
    if reading.at_baseline or reading.protocol.reading.stated_response == "off":
        return ()
    said = reading.form.stated if reading.form else {}
    return tuple(_statement(one, said.get(one.id, {})) for one in reading.protocol.criteria if _has_response(one))


def missing_statements(reading: Reading) -> tuple[Statement, ...]:
    """Those that are not stated yet."""
    return tuple(one for one in statements(reading) if not one.overall)


def asked_before_the_sheet(reading: Reading) -> bool:
    """The statement is part of the time point form, given before any derived response is seen."""
    return reading.protocol.reading.stated_response == BEFORE_SHEET


def _has_response(criterion: Criterion) -> bool:
    return criterion.standard in TITLES


def _statement(criterion: Criterion, said: dict[str, str]) -> Statement:
    title = title_of(criterion.standard, criterion.scope)
    overall, reason = str(said.get("overall", "")), str(said.get("reason", ""))
    return Statement(criterion.id, criterion.standard, title, overall, reason)
