"""Simon's two-stage designs by exact search (Simon R, Control Clin Trials 1989;10:1-10).

Stop after `n1` patients with at most `r1` responders; after `n` the uninteresting rate is rejected with more than `r`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.stats import binom


@dataclass(frozen=True)
class TwoStage:
    """A design; en0: patients expected when the rate is the uninteresting one."""

    r1: int
    n1: int
    r: int
    n: int
    en0: float


@cache
def optimal_design(p0: float, p1: float, alpha: float, power: float, longest: int = 110) -> TwoStage | None:
    """The design of at most `longest` patients with the fewest expected ones, the shorter of equals; None without."""
    best: TwoStage | None = None
    for n1 in range(1, longest):
        if best is not None and n1 >= best.en0:  # from here on the first stage alone is longer
            break
        for design in _designs(n1, p0, p1, alpha, power, longest, best):
            if best is None or (design.en0, design.n) < (best.en0, best.n):
                best = design
    return best


@cache
def minimax_design(p0: float, p1: float, alpha: float, power: float, longest: int = 110) -> TwoStage | None:
    """The design with the fewest patients, of equals the one with the fewest expected; None up to `longest`."""
    for n in range(2, longest + 1):
        found = [design for n1 in range(1, n) for design in _designs(n1, p0, p1, alpha, power, n, None, shortest=n)]
        if found:
            return min(found, key=lambda one: one.en0)
    return None


def _designs(
    n1: int,
    p0: float,
    p1: float,
    alpha: float,
    power: float,
    longest: int,
    best: TwoStage | None,
    shortest: int = 0,
) -> Iterator[TwoStage]:
    """The designs with this first stage that keep both errors; none that cannot beat the best one."""
    counts = np.arange(n1 + 1)
    first0, first1 = binom.pmf(counts, n1, p0), binom.pmf(counts, n1, p1)
    stop0, stop1 = np.cumsum(first0), np.cumsum(first1)
    for r1 in range(n1):
        if 1.0 - stop1[r1] <= power:  # the first stage alone loses too much power, and more so with every r1
            return
        going_on = 1.0 - stop0[r1]
        until = longest
        if best is not None:
            until = min(longest, int(n1 + (best.en0 - n1) / max(going_on, 1e-12)) + 1)
        for n in range(max(n1 + 1, shortest), until + 1):
            second = np.arange(n - n1 + 1)
            beyond0 = _beyond(first0, r1, binom.pmf(second, n - n1, p0))
            r = r1 + int(np.argmax(beyond0[r1:] < alpha))  # the smallest r that keeps alpha has the greatest power
            if _beyond(first1, r1, binom.pmf(second, n - n1, p1))[r] > power:
                yield TwoStage(r1, n1, r, n, float(n1 + going_on * (n - n1)))


def _beyond(first: np.ndarray, r1: int, second: np.ndarray) -> np.ndarray:
    """For every r from 0 to n: the chance of going on after the first stage and ending with more than r."""
    passed = first.copy()
    passed[: r1 + 1] = 0.0
    ended = np.convolve(passed, second)
    return np.asarray(ended.sum() - np.cumsum(ended))
