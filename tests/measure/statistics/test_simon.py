"""Simon's two-stage designs, against published ones and those of an independent program."""

from __future__ import annotations

import json

import pytest

from measure.statistics.simon import TwoStage, minimax_design, optimal_design
from tests.build.shared import shared

# Simon R, Control Clin Trials 1989;10:1-10, tables 1 and 2: (p0, p1, alpha, power), optimal, minimax
PUBLISHED = [
    ((0.05, 0.25, 0.10, 0.90), (0, 9, 2, 24), (0, 13, 2, 20)),
    ((0.10, 0.30, 0.05, 0.80), (1, 10, 5, 29), (1, 15, 5, 25)),
    ((0.30, 0.50, 0.05, 0.80), (5, 15, 18, 46), (6, 19, 16, 39)),
    ((0.20, 0.40, 0.10, 0.90), (3, 17, 10, 37), (3, 19, 10, 36)),
]


def _numbers(design: TwoStage | None) -> tuple[int, int, int, int]:
    assert design is not None
    return design.r1, design.n1, design.r, design.n


@pytest.mark.parametrize(("asked", "optimal", "minimax"), PUBLISHED)
def test_published_designs(
    asked: tuple[float, float, float, float],
    optimal: tuple[int, int, int, int],
    minimax: tuple[int, int, int, int],
) -> None:
    assert _numbers(optimal_design(*asked)) == optimal
    assert _numbers(minimax_design(*asked)) == minimax


def test_expected_patients() -> None:
    design = optimal_design(0.1, 0.25, 0.05, 0.8)
    assert design is not None
    assert design.en0 == pytest.approx(24.6551, abs=1e-4)


def test_no_design_where_none_is_short_enough() -> None:
    assert optimal_design(0.1, 0.15, 0.05, 0.8, 20) is None
    assert minimax_design(0.1, 0.15, 0.05, 0.8, 20) is None


def test_designs_beside_the_checkout() -> None:
    cases = json.loads(shared("cases", "endpoints.json").read_text("utf-8"))
    for case in (one for one in cases if one["method"] == "simon_design"):
        asked = case["input"]
        rates = (asked["p0"], asked["p1"], asked["alpha"], 1 - asked["beta"])
        for search, name in ((optimal_design, "optimal"), (minimax_design, "minimax")):
            want = case["expected"].get(name)
            if want:
                assert _numbers(search(*rates)) == (want["r1"], want["n1"], want["r"], want["n"])
