"""The course of one scope: what each time point shows, before any criterion carries or confirms anything.

Sums, nadir, target, non-target and new-lesion status are the same for RECIST 1.1 and iRECIST; both read this
course.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from measure.criteria.dates import response_date
from measure.criteria.findings import Read, TimePoint
from measure.criteria.recist11.newlesion import (
    NewLesionHistory,
    NewLesionSizes,
    NewLesionStatus,
    later_confirmed,
    new_lesions,
)
from measure.criteria.recist11.nontarget import NO_NON_TARGETS, NonTargetResponse, non_target_response
from measure.criteria.recist11.target import (
    NO_TARGETS,
    Before,
    TargetReading,
    TargetResponse,
    read_targets,
    target_response,
)
from measure.criteria.recist11.thresholds import Thresholds
from measure.criteria.recist11.timepoint import overall_response
from measure.criteria.scopes import Scoped
from measure.criteria.table import CR, NE, NOT_ASSESSED, PD, PR, SD, YES
from measure.rules import Rules


@dataclass(slots=True)
class Assessed:
    """One follow-up time point of one scope, judged by itself (Tables 1 and 2), sums in mm.

    response_date: of this time point as a response (D17), None without any date.
    """

    point: TimePoint
    reading: TargetReading | None
    baseline_sum: Decimal | None
    nadir: Decimal | None
    target: TargetResponse
    non_target: NonTargetResponse
    new: NewLesionStatus
    overall: str
    rules: tuple[str, ...]
    response_date: date | None


@dataclass(slots=True)
class Course:
    """Baseline and follow-ups of one scope."""

    scoped: Scoped
    baseline: TargetReading | None
    baseline_sum: Decimal | None
    start: date
    follow_ups: list[Assessed]


def confirmed_by(
    responses: Sequence[str], days: Sequence[date | None], now: int, good: frozenset[str], rules: Rules
) -> int | None:
    """The earliest time point that the one at `now` confirms, None if it confirms none (R11-32, R11-33; D2, D3).

    Between the two lie only responses of `good`, at most `confirmation.max_ne_between` not evaluable ones,
    and stable disease where the protocol accepts it.
    """
    day = days[now]
    if responses[now] not in good or day is None:
        return None
    missing, earliest = 0, None
    for then in range(now - 1, -1, -1):
        response, before = responses[then], days[then]
        if response == NE:
            missing += 1
            if missing > rules.confirmation_max_ne_between:
                break
        elif response in good and before is not None:
            apart = (day - before).days
            late = rules.confirmation_max_days is not None and apart > rules.confirmation_max_days
            if apart >= rules.confirmation_min_days and not late:
                earliest = then
        elif not (response == SD and rules.confirmation_allow_sd_between):
            break
    return earliest


RESPONDED = frozenset({CR, PR})
COMPLETE = frozenset({CR})


def follow(read: Read, scoped: Scoped, rules: Rules, thresholds: Thresholds, sizes: NewLesionSizes) -> Course:
    """Judge every time point of a read in one scope, in order.

    A later time point never changes an earlier one.
    """
    start = read.baseline
    baseline = read_targets(start, scoped, rules) if scoped.targets else None
    walk = _Walk(scoped, rules, thresholds, sizes, baseline)
    if rules.new_lesion_backdate == "rewrite":
        walk.rewritten = later_confirmed(read.timepoints, scoped, sizes, rules)
    baseline_sum = walk.before.baseline_sum if walk.before is not None else None
    course = Course(scoped, baseline, baseline_sum, start.first_date or date.min, [])
    for point in read.timepoints[1:]:
        course.follow_ups.append(walk.next(point))
    return course


class _Walk:
    """What is carried from one time point to the next: nadir, established response, overall CR, new lesions."""

    def __init__(
        self,
        scoped: Scoped,
        rules: Rules,
        thresholds: Thresholds,
        sizes: NewLesionSizes,
        baseline: TargetReading | None,
    ) -> None:
        self.scoped, self.rules, self.thresholds, self.sizes = scoped, rules, thresholds, sizes
        self.history = NewLesionHistory()
        self.rewritten: frozenset[tuple[str, str]] = frozenset()
        self.targets: list[str] = []
        self.overalls: list[str] = []
        self.days: list[date | None] = []
        self.before: Before | None = None
        self.cleared = False
        self.nadir_is_baseline = True
        if baseline is not None:  # every target was measured, or arrange() had refused it: the partial sum is whole
            total = baseline.partial_mm
            self.before = Before(baseline, total, total, baseline.values, responding=False)

    def next(self, point: TimePoint) -> Assessed:
        """Judge one time point and bring everything forward."""
        scoped, rules, before = self.scoped, self.rules, self.before
        new = new_lesions(point, scoped, rules, self.sizes, self.history, self.rewritten)
        reading: TargetReading | None = None
        target, baseline_sum, nadir = NO_TARGETS, None, None
        if before is not None:
            baseline_sum, nadir = before.baseline_sum, before.nadir
            reading = read_targets(point, scoped, rules)
            target = target_response(reading, before, self.thresholds, rules, cleared=self.cleared)
        non_target = (
            non_target_response(point, scoped, rules, cleared=self.cleared) if scoped.non_targets else NO_NON_TARGETS
        )
        is_new = new.status == YES
        overall, table_rule = overall_response(target.response, non_target.response, new_lesion=is_new)
        cited = (*target.rules, *non_target.rules, *new.rules, table_rule)
        if reading is not None:
            cited = (*reading.rules, *cited)
        if new.status == NOT_ASSESSED and rules.new_lesion_not_evaluable == "ne" and overall not in (PD, "NA"):
            overall = NE
        responded = response_date(point, scoped, rules)
        self._bring_forward(target.response, overall, responded, reading)
        return Assessed(
            point,
            reading,
            baseline_sum,
            nadir,
            target,
            non_target,
            new,
            overall,
            cited,
            responded,
        )

    def _bring_forward(self, target: str, overall: str, day: date | None, reading: TargetReading | None) -> None:
        rules = self.rules
        self.targets.append(target)
        self.overalls.append(overall)
        self.days.append(day)
        now = len(self.targets) - 1
        if overall == CR and not self.cleared and rules.cr_reappearance != "arithmetic":
            self.cleared = (
                rules.cr_reappearance == "pd"
                or confirmed_by(self.overalls, self.days, now, COMPLETE, rules) is not None
            )
        before = self.before
        if before is None or reading is None:
            return
        if target == PD:
            before.responding = False
        elif target in RESPONDED and not before.responding:
            before.responding = (
                not rules.confirmation_required
                or confirmed_by(self.targets, self.days, now, RESPONDED, rules) is not None
            )
        total = reading.sum_mm
        if total is not None:  # R11-13: only complete sums, after this time point was judged
            first = self.nadir_is_baseline and not rules.nadir_includes_baseline
            if first or total < before.nadir:
                before.nadir, before.nadir_values = total, reading.values
            self.nadir_is_baseline = False
