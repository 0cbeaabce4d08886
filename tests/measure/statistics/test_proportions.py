"""Intervals of proportions, against published examples and against the binomial itself."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from measure.statistics.proportions import clopper_pearson, wilson


@st.composite
def _counted(draw: st.DrawFn) -> tuple[int, int]:
    of = draw(st.integers(1, 200))
    return draw(st.integers(0, of)), of


def test_newcombe_s_first_example_81_of_263() -> None:
    # Newcombe, Stat Med 1998;17:857, table I.
    score, exact = wilson(81, 263), clopper_pearson(81, 263)
    assert (round(score.low, 4), round(score.high, 4)) == (0.2553, 0.3662)
    assert (round(exact.low, 4), round(exact.high, 4)) == (0.2527, 0.3676)


def test_newcombe_s_third_example_none_of_20() -> None:
    score, exact = wilson(0, 20), clopper_pearson(0, 20)
    assert (score.low, round(score.high, 4)) == (0.0, 0.1611)
    assert (exact.low, round(exact.high, 4)) == (0.0, 0.1684)


def test_nothing_counted_says_nothing() -> None:
    for interval in (wilson(0, 0), clopper_pearson(0, 0)):
        assert interval.share is None
        assert (interval.low, interval.high) == (0.0, 1.0)


@given(_counted())
def test_the_exact_interval_leaves_its_tails_to_the_binomial(pair: tuple[int, int]) -> None:
    count, of = pair
    found = clopper_pearson(count, of)
    if count:
        assert binom.sf(count - 1, of, found.low) == pytest.approx(0.025, abs=1e-6)
    if count < of:
        assert binom.cdf(count, of, found.high) == pytest.approx(0.025, abs=1e-6)


@given(_counted())
def test_intervals_hold_the_share_and_mirror(pair: tuple[int, int]) -> None:
    count, of = pair
    for interval in (wilson, clopper_pearson):
        found, mirrored = interval(count, of), interval(of - count, of)
        assert 0.0 <= found.low <= count / of <= found.high <= 1.0
        assert mirrored.low == pytest.approx(1.0 - found.high, abs=1e-9)
        assert mirrored.high == pytest.approx(1.0 - found.low, abs=1e-9)


@pytest.mark.parametrize(("count", "of", "level"), [(3, 2, 0.95), (-1, 2, 0.95), (1, 2, 1.0)])
def test_what_is_no_proportion_is_refused(count: int, of: int, level: float) -> None:
    for interval in (wilson, clopper_pearson):
        with pytest.raises(ValueError, match=r"proportion|level"):
            interval(count, of, level)
