"""The dates of a time point whose scans were made on several days (R11-36, R11-37; D17)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from measure.criteria.findings import TimePoint
from measure.criteria.recist11.newlesion import NewLesionStatus
from measure.criteria.recist11.nontarget import NonTargetResponse
from measure.criteria.recist11.target import TargetReading, TargetResponse
from measure.criteria.scopes import Scoped
from measure.rules import Rules

OF_TARGETS, OF_NON_TARGETS, OF_NEW = "target", "non-target", "new lesion"
"""The categories that may progress."""


def _days_of(point: TimePoint, labels: Sequence[str]) -> list[date]:
    days: list[date] = []
    for label in labels:
        found = [row for row in (point.found.get(label), *point.fragments.get(label, ())) if row is not None]
        days.extend(row.date for row in found if row.date is not None)
    return days


def response_date(point: TimePoint, scoped: Scoped, rules: Rules) -> date | None:
    """R11-36: the last scan that the response needed, or the first of the time point."""
    if rules.response_date_rule == "earliest-scan" or point.first_date == point.last_date:
        return point.first_date
    needed = [lesion.label for lesion in (*scoped.targets, *scoped.non_targets)]
    return max(_days_of(point, needed), default=point.last_date)


def progression_date(
    point: TimePoint,
    causes: Sequence[str],
    reading: TargetReading | None,
    target: TargetResponse,
    non_target: NonTargetResponse,
    new: NewLesionStatus,
    rules: Rules,
) -> date | None:
    """R11-37: the first scan that contributed to the progression of these categories."""
    if rules.progression_date_rule == "earliest-scan" or point.first_date == point.last_date:
        return point.first_date
    days: list[date] = []
    if OF_NEW in causes:
        days += _days_of(point, new.fresh or new.unequivocal)
    if OF_NON_TARGETS in causes:
        days += _days_of(point, non_target.drivers)
    if OF_TARGETS in causes and reading is not None:
        returned = target.drivers if "R11-20" in target.rules else ()  # the lesions that came back, not the sum
        measured = [label for label, mm in reading.values.items() if mm is not None]
        of_targets = _days_of(point, returned or measured)
        if rules.progression_date_rule == "fda":  # the last target scan
            of_targets = [max(of_targets)]
        days += of_targets
    return min(days, default=point.first_date)
