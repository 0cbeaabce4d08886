"""How far two readers agree beyond chance: Cohen's kappa (1960), large-sample interval by Fleiss (1969)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist


@dataclass(frozen=True)
class Kappa:
    """Kappa of `pairs` pairs with its interval; None where there is one class only."""

    pairs: int
    value: float | None
    low: float | None
    high: float | None


def cohen_kappa(pairs: Sequence[tuple[Hashable, Hashable]], level: float = 0.95) -> Kappa:
    """Unweighted kappa of two readers' classes, one pair a case; limits stay within -1 and 1."""
    n = len(pairs)
    if n == 0:
        return Kappa(0, None, None, None)
    first = Counter(a for a, _ in pairs)
    second = Counter(b for _, b in pairs)
    cells = Counter(pairs)
    classes = sorted({*first, *second}, key=repr)
    agree = sum(cells[c, c] for c in classes) / n
    chance = sum(first[c] * second[c] for c in classes) / n**2
    if chance == 1.0:
        return Kappa(n, None, None, None)
    value = (agree - chance) / (1.0 - chance)
    left = 1.0 - value
    same = sum(cells[c, c] / n * (1.0 - (first[c] + second[c]) / n * left) ** 2 for c in classes)
    other = left**2 * sum(count / n * ((first[b] + second[a]) / n) ** 2 for (a, b), count in cells.items() if a != b)
    variance = (same + other - (value - chance * left) ** 2) / (n * (1.0 - chance) ** 2)
    half = NormalDist().inv_cdf(0.5 + level / 2.0) * sqrt(max(variance, 0.0))
    return Kappa(n, value, max(value - half, -1.0), min(value + half, 1.0))
