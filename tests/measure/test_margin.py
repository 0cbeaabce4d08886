"""Margins of spheres within spheres, whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest

from measure.geometry import Grid
from measure.margin import ablation_margin
from measure.refusal import Refused
from measure.register import Registration
from tests.build.masks import ellipsoid

GRID = Grid.regular((90, 90, 60), (0.8, 0.8, 1.2), (-36, -36, -36))
SAME = Registration(np.eye(4), 1.0, 1.0, "good")


def ball(centre: tuple[float, float, float], radius: float) -> np.ndarray:
    return ellipsoid(GRID, np.array(centre), (radius, radius, radius), np.eye(3))


def test_a_tumour_in_the_middle_of_its_zone_has_the_difference_of_the_radii() -> None:
    found = ablation_margin(ball((0, 0, 0), 8), GRID, ball((0, 0, 0), 15), GRID, SAME)
    assert found.minimum_mm == pytest.approx(7.0, abs=1.2)  # one slice
    assert found.covered_percent == 100.0
    assert dict(found.below_percent)[5.0] == 0.0
    assert dict(found.below_percent)[10.0] == 100.0
    assert found.evaluable


def test_the_minimum_lies_where_the_zone_was_missed() -> None:
    found = ablation_margin(ball((0, 0, 0), 8), GRID, ball((-10, 0, 0), 15), GRID, SAME)
    assert found.minimum_mm == pytest.approx(-3.0, abs=0.9)
    assert found.minimum_at == pytest.approx((8, 0, 0), abs=1.5)
    assert 80 < found.covered_percent < 100
    assert dict(found.below_percent)[0.0] > 5


def test_the_registration_carries_the_tumour_over() -> None:
    shift = np.eye(4)
    shift[:3, 3] = (10.0, 4.0, -6.0)
    found = ablation_margin(
        ball((0, 0, 0), 8), GRID, ball((10, 4, -6), 15), GRID, Registration(shift, 6.0, 0.7, "doubtful")
    )
    assert found.minimum_mm == pytest.approx(7.0, abs=1.2)  # one slice
    assert not found.evaluable
    assert found.why_not is not None
    assert "registration error 6.0 mm" in found.why_not


def test_without_a_zone_there_is_no_margin() -> None:
    with pytest.raises(Refused, match="zone mask"):
        ablation_margin(ball((0, 0, 0), 8), GRID, np.zeros((60, 90, 90), bool), GRID, SAME)
