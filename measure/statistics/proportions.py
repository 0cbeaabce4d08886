"""Intervals of one proportion: exact (Clopper and Pearson 1934) and score (Wilson 1927), both two-sided."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True)
class Proportion:
    """`count` of `of`, with the limits of its interval as fractions from 0 to 1.

    With nothing counted (`of` = 0) nothing is known: the limits are 0 and 1 and the share is None.
    """

    count: int
    of: int
    low: float
    high: float

    @property
    def share(self) -> float | None:
        """The fraction, or None where there is nothing to divide by."""
        return self.count / self.of if self.of else None


def _checked(count: int, of: int, level: float) -> None:
    if not 0 <= count <= of:
        raise ValueError(f"{count} of {of} is no proportion")
    if not 0.0 < level < 1.0:
        raise ValueError(f"a confidence level lies between 0 and 1, not {level}")


def clopper_pearson(count: int, of: int, level: float = 0.95) -> Proportion:
    """The exact interval: each tail of the binomial keeps at most half of what the level leaves.

    Limits are beta quantiles: B(a/2; x, n - x + 1) and B(1 - a/2; x + 1, n - x).
    """
    _checked(count, of, level)
    if of == 0:
        return Proportion(0, 0, 0.0, 1.0)
    from scipy.stats import beta

    tail = (1.0 - level) / 2.0
    low = 0.0 if count == 0 else float(beta.ppf(tail, count, of - count + 1))
    high = 1.0 if count == of else float(beta.ppf(1.0 - tail, count + 1, of - count))
    return Proportion(count, of, low, high)


def wilson(count: int, of: int, level: float = 0.95) -> Proportion:
    """The score interval without continuity correction."""
    _checked(count, of, level)
    if of == 0:
        return Proportion(0, 0, 0.0, 1.0)
    z = NormalDist().inv_cdf(0.5 + level / 2.0)
    share, spread = count / of, z * z / of
    middle = share + spread / 2.0
    half = z * sqrt(share * (1.0 - share) / of + spread / (4.0 * of))
    low = 0.0 if count == 0 else (middle - half) / (1.0 + spread)
    high = 1.0 if count == of else (middle + half) / (1.0 + spread)
    return Proportion(count, of, max(low, 0.0), min(high, 1.0))
