"""Kappa of two readers, against a worked example and its own rules."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measure.statistics.agreement import cohen_kappa

_CLASSES = st.sampled_from(["CR", "PR", "SD", "PD"])


def test_a_worked_two_by_two_table() -> None:
    # 20 yes-yes, 5 yes-no, 10 no-yes, 15 no-no: agreement 0.7, chance 0.5, kappa 0.4.
    pairs = [("y", "y")] * 20 + [("y", "n")] * 5 + [("n", "y")] * 10 + [("n", "n")] * 15
    found = cohen_kappa(pairs)
    assert found.value == pytest.approx(0.4)
    assert found.low is not None
    assert found.high is not None
    # The same standard error by the delta method, differences taken numerically.
    assert (found.high - found.low) / 2 / 1.959964 == pytest.approx(_numeric_error(pairs), rel=1e-3)


def _numeric_error(pairs: list[tuple[str, str]]) -> float:
    cells = {(a, b): pairs.count((a, b)) / len(pairs) for a in "yn" for b in "yn"}

    def kappa(share: dict[tuple[str, str], float]) -> float:
        agree = share["y", "y"] + share["n", "n"]
        rows = {a: share[a, "y"] + share[a, "n"] for a in "yn"}
        columns = {b: share["y", b] + share["n", b] for b in "yn"}
        chance = sum(rows[c] * columns[c] for c in "yn")
        return (agree - chance) / (1 - chance)

    step = 1e-6
    slopes = {
        cell: (kappa({**cells, cell: cells[cell] + step}) - kappa({**cells, cell: cells[cell] - step})) / (2 * step)
        for cell in cells
    }
    mean = sum(cells[c] * slopes[c] for c in cells)
    return float(np.sqrt((sum(cells[c] * slopes[c] ** 2 for c in cells) - mean**2) / len(pairs)))


def test_one_class_only_says_nothing() -> None:
    assert cohen_kappa([("SD", "SD")] * 7).value is None
    assert cohen_kappa([]).value is None


@given(st.lists(st.tuples(_CLASSES, _CLASSES), min_size=1, max_size=40))
def test_kappa_does_not_care_who_is_first_and_keeps_its_limits(pairs: list[tuple[str, str]]) -> None:
    found, turned = cohen_kappa(pairs), cohen_kappa([(b, a) for a, b in pairs])
    if found.value is None:
        assert turned.value is None
        return
    assert turned.value == pytest.approx(found.value)
    assert found.low is not None
    assert found.high is not None
    assert -1.0 <= found.low <= found.value <= found.high <= 1.0
    if all(a == b for a, b in pairs):
        assert found.value == pytest.approx(1.0)
