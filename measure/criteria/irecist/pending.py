"""A pending iUPD of iRECIST and what confirms it: further worsening, in time (rules IR-04 to IR-09, IR-14).

Every category has its own reference for "further": the last time point of the run that showed it, or the first
(D22). What was not evaluable at one time point is compared with what was seen before it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from measure.criteria.course import Assessed
from measure.criteria.dates import OF_NEW, OF_NON_TARGETS, OF_TARGETS
from measure.criteria.irecist.newsum import FURTHER_MM, KnownNewLesions
from measure.criteria.recist11.thresholds import ZERO
from measure.criteria.table import NA, PD
from measure.rules import Rules


@dataclass(slots=True)
class Run:
    """A pending iUPD. first, began: index and date of its first time point; base: response of the old disease there.

    categories: what progressed there. first_sum_mm: the sum of targets there. The references for further growth:
    sum_mm, new_sizes by label (mm), progressed non-targets; last_date: date of the reference time point.
    """

    first: int
    began: date
    base: str
    categories: frozenset[str]
    first_sum_mm: Decimal | None
    sum_mm: Decimal | None
    new_sizes: dict[str, Decimal]
    progressed: set[str]
    last_date: date

    @classmethod
    def begun(cls, number: int, one: Assessed, categories: Sequence[str], base: str) -> Run:
        """The run that begins with this time point."""
        day, total = one.point.first_date or date.min, _sum(one)  # what progressed has findings, and so a date
        sizes = {label: mm for label, mm in one.new.sizes.items() if mm is not None}
        progressed = set(one.non_target.progressed)
        return cls(number, day, base, frozenset(categories), total, total, sizes, progressed, day)

    def outside_window(self, day: date | None, rules: Rules) -> tuple[bool, bool]:
        """IR-04: earlier than four weeks (less the tolerance) after the first iUPD; later than the protocol allows."""
        on = day or self.began  # a missed visit without a date shows nothing that could confirm
        least = rules.irecist_confirm_min_days - rules.irecist_confirm_tolerance_days
        most = rules.irecist_confirm_max_days
        return (on - self.began).days < least, most is not None and (on - self.last_date).days > most

    def worsened(self, one: Assessed, known: KnownNewLesions, rules: Rules) -> tuple[list[str], tuple[str, ...]]:
        """The categories whose further worsening confirms progression now, and the rules that say so."""
        found = [
            (OF_TARGETS, self._targets_worse(one, rules), "IR-05"),
            (OF_NON_TARGETS, self._non_targets_worse(one), "IR-06"),
            (OF_NEW, bool(one.new.fresh) or self._known_new_worse(one, known), "IR-07"),
        ]
        causes = [category for category, worse, _ in found if worse]
        cited = [rule if category in self.categories else "IR-08" for category, worse, rule in found if worse]
        return causes, tuple(cited)

    def _targets_worse(self, one: Assessed, rules: Rules) -> bool:
        """IR-05: still progressed and a further 5 mm; IR-08: progressed for the first time in this run."""
        if OF_TARGETS not in self.categories or one.target.response != PD:
            return one.target.response == PD
        now = one.reading
        if now is None or self.sum_mm is None or (now.sum_mm is None and not rules.not_evaluable_partial_pd):
            return False
        return now.partial_mm - self.sum_mm >= FURTHER_MM  # of a partial sum only what is proven

    def _non_targets_worse(self, one: Assessed) -> bool:
        """IR-06: any further increase, or one more that progressed; IR-08: progressed for the first time."""
        if OF_NON_TARGETS not in self.categories:
            return one.non_target.response == PD
        return bool(one.non_target.increased) or not self.progressed.issuperset(one.non_target.progressed)

    def _known_new_worse(self, one: Assessed, known: KnownNewLesions) -> bool:
        """IR-07: together 5 mm larger, or one called larger; IR-08: worse by the rule for known new lesions (D26)."""
        if OF_NEW not in self.categories:
            return known.worse(one.new)
        if known.labels.intersection(one.new.increased):
            return True
        # what is missing now counts 0, so the growth is a minimum
        grown = sum(((one.new.sizes.get(label) or ZERO) - then for label, then in self.new_sizes.items()), ZERO)
        return grown >= FURTHER_MM

    def shrunk_since_first(self, one: Assessed) -> bool:
        """D23: the sum of targets is smaller than at the first iUPD of the run."""
        now = _sum(one)
        return now is not None and self.first_sum_mm is not None and now < self.first_sum_mm

    def remember(self, one: Assessed, rules: Rules) -> None:
        """D22: what further growth is measured against next time: this time point, for what it showed."""
        latest = rules.irecist_reference == "previous-evaluable"
        total = _sum(one)
        if total is not None and (latest or self.sum_mm is None):
            self.sum_mm = total
        for label, mm in one.new.sizes.items():
            if mm is not None and (latest or label not in self.new_sizes):
                self.new_sizes[label] = mm
        if latest:
            unseen = self.progressed.intersection(one.non_target.unknown)
            self.progressed = unseen.union(one.non_target.progressed)
            if total is not None or one.target.response == NA:
                self.last_date = one.point.first_date or self.last_date


def _sum(one: Assessed) -> Decimal | None:
    return one.reading.sum_mm if one.reading is not None else None
