"""The numbers of target response, compared exactly: by cross-multiplication of decimals, never by a float (R11-42)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from measure.rules import Rules

HUNDRED = Decimal(100)
ZERO = Decimal(0)
_STEPS = {"exact": None, "round0": Decimal(1), "round1": Decimal("0.1"), "round2": Decimal("0.01")}


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a sum is a partial response or progression: percentages, mm, a rounding step for percentages or None."""

    pr_percent: Decimal
    pd_percent: Decimal
    pd_absolute_mm: Decimal | None
    step: Decimal | None

    @classmethod
    def of(cls, rules: Rules, *, mrecist: bool = False) -> Thresholds:
        """The thresholds of these rules; mRECIST has an absolute minimum only where a protocol says so."""
        return cls(
            rules.pr_relative_percent,
            rules.pd_relative_percent,
            rules.mrecist_pd_absolute_mm if mrecist else rules.pd_absolute_mm,
            _STEPS[rules.arithmetic_percent],
        )

    def shrunk(self, now: Decimal, before: Decimal) -> bool:
        """R11-15: now is at least 30 % below before, `10 * now <= 7 * before`."""
        if self.step is None or not before:
            return HUNDRED * now <= (HUNDRED - self.pr_percent) * before
        return percent_change(now, before, self.step) <= -self.pr_percent

    def grown(self, now: Decimal, nadir: Decimal) -> bool:
        """R11-16: now is at least 20 % and at least 5 mm above the nadir; over 0 any growth meets the 20 %."""
        if now <= nadir or (self.pd_absolute_mm is not None and now - nadir < self.pd_absolute_mm):
            return False
        if self.step is None or not nadir:
            return HUNDRED * now >= (HUNDRED + self.pd_percent) * nadir
        return percent_change(now, nadir, self.step) >= self.pd_percent


def percent_change(now: Decimal, before: Decimal, step: Decimal = Decimal("0.01")) -> Decimal:
    """Change in per cent of before, rounded half up (away from zero) to the step; before must not be 0."""
    return (HUNDRED * (now - before) / before).quantize(step, ROUND_HALF_UP)
