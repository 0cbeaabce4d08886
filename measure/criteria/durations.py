"""Dates and lengths that follow from responses alone: response, stable disease, time to imaging progression.

Rules R11-36 to R11-39, R11-41, IR-21; D17, D18, D30. Survival without progression needs deaths and lives
elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from measure.criteria.course import Assessed
from measure.criteria.dates import OF_NEW, OF_NON_TARGETS, OF_TARGETS, progression_date
from measure.criteria.results import Span
from measure.criteria.table import NA, NE, PD, YES
from measure.rules import Rules

PROGRESSION, CENSORED = "progression", "censored"
DUE_TO_PROGRESSION = "progression"
NO_ASSESSMENT = "no_postbaseline"
NO_PROGRESSION = "last_assessment"
NEW_THERAPY = "new_therapy"
MISSED_VISITS = "missed_visits"
OPEN_IUPD = "iupd_open"


@dataclass(slots=True)
class Progression:
    """Progression of a read: index of the time point that showed it, its date (back-dated where D12 says so)."""

    at: int
    on: date | None
    cause: str
    back_dated: bool


def progression_at(at: int, one: Assessed, rules: Rules, causes: Sequence[str] = ()) -> Progression:
    """The progression that a time point shows; causes: its categories, those of RECIST 1.1 if not given.

    R11-37, R11-26: an equivocal new lesion of an earlier scan that is certain now dates it back to that scan.
    """
    causes = causes or progressed_categories(one)
    day = progression_date(one.point, causes, one.reading, one.target, one.non_target, one.new, rules)
    on = day
    if day is not None and rules.new_lesion_backdate != "none":
        on = min([day, *one.new.onsets.values()])
    return Progression(at, on, "; ".join(causes), on != day)


def days_between(start: date, end: date, rules: Rules) -> int:
    """D30: end - start, plus one where the protocol counts both ends."""
    return (end - start).days + (1 if rules.duration_plus_one_day else 0)


def progressed_categories(one: Assessed) -> tuple[str, ...]:
    """Which categories progressed at a time point by RECIST 1.1."""
    progressed = {
        OF_TARGETS: one.target.response == PD,
        OF_NON_TARGETS: one.non_target.response == PD,
        OF_NEW: one.new.status == YES,
    }
    return tuple(category for category, worse in progressed.items() if worse)


def span(start: date, end: date, ended_by: str, rules: Rules) -> Span:
    """A stretch of time; an end before its start (back-dated progression) makes it empty, not negative."""
    return Span(start, max(start, end), ended_by, days_between(start, max(start, end), rules))


def last_evaluable(course: Sequence[Assessed], overalls: Sequence[str]) -> date | None:
    """Date of the last time point that could be evaluated, None without one."""
    for one, overall in zip(reversed(course), reversed(overalls), strict=True):
        if overall not in (NE, NA) and one.response_date is not None:
            return one.response_date
    return None


def missed_before(overalls: Sequence[str], at: int) -> int:
    """How many visits directly before a time point were missed or could not be evaluated."""
    missed = 0
    while missed < at and overalls[at - 1 - missed] == NE:
        missed += 1
    return missed


def time_to_progression(
    course: Sequence[Assessed],
    overalls: Sequence[str],
    progression: Progression | None,
    reference: date,
    rules: Rules,
    *,
    missed_visits_censor: bool,
    censored_by: str = NO_PROGRESSION,
) -> tuple[Span, str]:
    """Time from the reference date to progression on imaging, or to where it is censored, and why it ends there.

    course: the time points that count. censored_by: the reason where none of them progressed.
    """
    if progression is not None and progression.on is not None:
        missed = missed_before(overalls, progression.at)
        if not (missed_visits_censor and 0 < rules.pfs_missed_visits <= missed):
            return span(reference, progression.on, PROGRESSION, rules), DUE_TO_PROGRESSION
        last = last_evaluable(course[: progression.at], overalls[: progression.at])
        return span(reference, last or reference, CENSORED, rules), MISSED_VISITS
    last = last_evaluable(course, overalls)
    if last is None:
        return span(reference, reference, CENSORED, rules), NO_ASSESSMENT
    return span(reference, last, CENSORED, rules), censored_by
