"""New lesions of iRECIST: their own sum, and when known ones count again (rules IR-03, IR-11; D26)."""

from __future__ import annotations

from decimal import Decimal

from measure.criteria.recist11.newlesion import NewLesionStatus
from measure.criteria.recist11.thresholds import ZERO, Thresholds
from measure.rules import Rules

FURTHER_MM = Decimal(5)  # IR-05, IR-07: additive, no new 20 %


def new_sum(new: NewLesionStatus) -> Decimal | None:
    """IR-03: sum of the new target lesions in mm, never added to the target sum; None without or when incomplete."""
    if not new.sizes:
        return None
    total = ZERO
    for value in new.sizes.values():
        if value is None:
            return None
        total += value
    return total


class KnownNewLesions:
    """The new lesions seen so far, and the lowest size in mm of each that was measured."""

    def __init__(self, rules: Rules, thresholds: Thresholds) -> None:
        self.rules, self.thresholds = rules, thresholds
        self.labels: set[str] = set()
        self._lowest: dict[str, Decimal] = {}

    def remember(self, new: NewLesionStatus) -> None:
        """Bring forward what a time point showed, after it was judged."""
        self.labels.update(new.fresh)
        for label, value in new.sizes.items():
            if value is not None:
                self._lowest[label] = min(value, self._lowest.get(label, value))

    def worse(self, new: NewLesionStatus) -> bool:
        """D26: new lesions already known progress again by growth over their lowest sum, or by the reader's word."""
        if self.labels.intersection(new.increased):
            return True
        low = now = ZERO
        for label, value in new.sizes.items():
            if value is not None and label in self._lowest:
                low += self._lowest[label]
                now += value
        rule = self.rules.irecist_new_lesion_progression
        if rule == "20pct-5mm":
            return self.thresholds.grown(now, low)
        return now > low if rule == "any" else now - low >= FURTHER_MM
