"""What an assessment gives: one row a time point, one best response a criterion, warnings about the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

BASELINE = "BL"


@dataclass(slots=True)
class TimePointResponse:
    """The response of one time point under one criterion; lengths are exact mm, percentages for display only.

    overall of the baseline row is `BL`. mixed is empty where the protocol does not ask for it.
    """

    timepoint: str
    date: date | None
    baseline_sum_mm: Decimal | None = None
    nadir_mm: Decimal | None = None
    sum_mm: Decimal | None = None
    change_from_baseline_pct: Decimal | None = None
    change_from_nadir_mm: Decimal | None = None
    change_from_nadir_pct: Decimal | None = None
    new_sum_mm: Decimal | None = None
    target: str = ""
    non_target: str = ""
    new_lesion: str = ""
    overall: str = BASELINE
    mixed: str = ""
    rules: tuple[str, ...] = ()
    drivers: tuple[str, ...] = ()
    explanation: str = ""


@dataclass(slots=True)
class Span:
    """A stretch of time: its ends, what ended it (`progression` or `censored`), its length in days."""

    start: date
    end: date
    ended_by: str
    days: int


@dataclass(slots=True)
class BestResponse:
    """The best response of one read under one criterion, with its dates.

    confirmed: True for a confirmed CR or PR (iCR, iPR), else None. best_date: first date of the best CR or
    PR, or the progression date when the best response is PD or iCPD. time_to_progression: imaging alone, from
    the reference date; reason says why it ended.
    """

    best: str
    best_date: date | None = None
    confirmed: bool | None = None
    unconfirmed_best: str = ""
    confirmation_date: date | None = None
    response: Span | None = None
    stable: Span | None = None
    progression_date: date | None = None
    progression_cause: str = ""
    time_to_progression: Span | None = None
    time_to_progression_reason: str = ""
    mixed_occurred: bool | None = None
    n_timepoints: int = 0
    rules: tuple[str, ...] = ()
    explanation: str = ""


@dataclass(frozen=True, slots=True)
class BaselineIssue:
    """A warning about the baseline selection: which lesion, which issue (R11-01, R11-03 to R11-05)."""

    lesion: str
    issue: str


@dataclass(slots=True)
class CriterionAssessment:
    """Everything one criterion says about one read: the baseline row first, then the follow-ups in order."""

    criterion: str
    standard: str
    scope: str
    timepoints: list[TimePointResponse]
    best: BestResponse
    baseline_issues: tuple[BaselineIssue, ...] = ()


@dataclass(slots=True)
class ReadAssessment:
    """All criteria of a protocol applied to one read, in the protocol's order."""

    criteria: list[CriterionAssessment]
