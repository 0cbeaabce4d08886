"""Margins of spheres within spheres, whose answers are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from measure.geometry import Grid
from measure.margin import SHELL_MM, STEPS_MM, ablation_margin
from measure.refusal import Refused
from measure.register import Registration
from tests.build.masks import ellipsoid, rotation

GRID = Grid.regular((90, 90, 60), (0.8, 0.8, 1.2), (-36, -36, -36))
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)  # shrinking whole scans takes minutes
SAME = Registration(np.eye(4), 1.0, 1.0, "good")


def ball(centre: tuple[float, float, float], radius: float, grid: Grid = GRID) -> np.ndarray:
    return ellipsoid(grid, np.array(centre), (radius, radius, radius), np.eye(3))


def a_grid(step: tuple[float, float, float], half_mm: float = 20.0) -> Grid:
    size = tuple(int(2 * half_mm / one) + 1 for one in step)
    return Grid.regular(size, step, (-half_mm, -half_mm, -half_mm))  # type: ignore[arg-type]


steps = st.tuples(st.floats(0.7, 1.0), st.floats(0.7, 1.0), st.floats(0.9, 2.5))
offsets = st.tuples(*[st.floats(-6.0, 6.0)] * 3)


def test_a_tumour_in_the_middle_of_its_zone_has_the_difference_of_the_radii() -> None:
    found = ablation_margin(ball((0, 0, 0), 8), GRID, ball((0, 0, 0), 15), GRID, SAME)
    assert found.minimum_mm == pytest.approx(7.0, abs=0.5)
    assert found.covered_percent == 100.0
    assert dict(found.below_percent)[5.0] == 0.0
    assert dict(found.below_percent)[10.0] == 100.0
    assert found.shell_percent == 100.0
    assert found.evaluable
    assert found.distances_mm == pytest.approx(7.0, abs=0.6)


@settings(deadline=None, max_examples=12, phases=PHASES)
@given(steps, steps, st.floats(5.0, 8.0), st.floats(9.0, 14.0), offsets)
def test_the_least_margin_is_that_of_the_spheres_whatever_the_voxels(
    before: tuple[float, float, float],
    after: tuple[float, float, float],
    small: float,
    large: float,
    off: tuple[float, float, float],
) -> None:
    first, second = a_grid(before), a_grid(after)
    found = ablation_margin(ball(off, small, first), first, ball((0, 0, 0), large, second), second, SAME)
    away = float(np.linalg.norm(off))
    coarse = max(*before, *after)
    known = 0.2 + 0.5 * (max(before) + max(after))  # a mask tells its pole to half a slice, and there are two masks
    assert found.minimum_mm == pytest.approx(large - away - small, abs=known)
    exact = large - np.linalg.norm(found.points, axis=1)
    assert np.abs(found.distances_mm - exact).max() < known
    assert found.distances_mm.min() == found.minimum_mm
    assert float(np.linalg.norm(np.asarray(found.minimum_at) - off)) == pytest.approx(small, abs=0.4 + 0.5 * coarse)
    if away > 3.0:
        assert float(np.dot(found.minimum_towards, np.asarray(off) / away)) > 0.8
    assert found.minimum_slice == second.nearest_slice(found.minimum_at)
    shares = [share for _, share in found.below_percent]
    assert shares == sorted(shares)
    assert max(found.voxel_mm) == pytest.approx(max(*before, *after))


@settings(deadline=None, max_examples=8, phases=PHASES)
@given(st.floats(-25.0, 25.0), st.tuples(*[st.floats(-8.0, 8.0)] * 3))
def test_the_registration_carries_the_tumour_over(degrees: float, shift: tuple[float, float, float]) -> None:
    matrix = np.eye(4)
    matrix[:3, :3] = rotation(degrees, (0.3, 0.2, 1.0))
    matrix[:3, 3] = shift
    here = np.array([5.0, -4.0, 3.0])
    there = matrix[:3, :3] @ here + matrix[:3, 3]
    place = tuple(float(part) for part in there)
    found = ablation_margin(
        ball((5.0, -4.0, 3.0), 7),
        GRID,
        ball(place, 13),
        GRID,
        Registration(matrix, 2.0, 0.9, "good"),  # type: ignore[arg-type]
    )
    assert found.minimum_mm == pytest.approx(6.0, abs=0.8)
    assert np.linalg.norm(found.points - there, axis=1) == pytest.approx(7.0, abs=0.6)


def test_the_minimum_lies_where_the_zone_was_missed() -> None:
    found = ablation_margin(ball((0, 0, 0), 8), GRID, ball((-10, 0, 0), 15), GRID, SAME)
    assert found.minimum_mm == pytest.approx(-3.0, abs=0.5)
    assert found.minimum_at == pytest.approx((8, 0, 0), abs=3.5)
    assert found.minimum_towards[0] > 0.85
    assert found.minimum_slice == GRID.nearest_slice(found.minimum_at)
    assert 80 < found.covered_percent < 100
    assert dict(found.below_percent)[0.0] > 5


@settings(deadline=None, max_examples=8, phases=PHASES)
@given(st.floats(0.0, 14.0))
def test_the_covered_share_is_that_of_two_spheres(apart: float) -> None:
    """Lens of two spheres (radii 8 and 10, `apart` mm): its share of the smaller one."""
    found = ablation_margin(ball((apart, 0, 0), 8), GRID, ball((0, 0, 0), 10), GRID, SAME)
    r, s, d = 8.0, 10.0, apart
    if d <= s - r:
        exact = 100.0
    else:
        lens = np.pi * (r + s - d) ** 2 * (d * d + 2 * d * (r + s) - 3 * (r - s) ** 2) / (12 * d)
        exact = 100.0 * lens / (4 / 3 * np.pi * r**3)
    assert found.covered_percent == pytest.approx(exact, abs=3.0)


def test_the_shell_counts_what_lies_round_the_tumour() -> None:
    tumour, zone = 8.0, 10.0
    found = ablation_margin(ball((0, 0, 0), tumour), GRID, ball((0, 0, 0), zone), GRID, SAME)
    exact = 100 * (zone**3 - tumour**3) / ((tumour + SHELL_MM) ** 3 - tumour**3)
    assert found.shell_percent == pytest.approx(exact, abs=4.0)


def test_what_is_too_coarse_for_a_number_says_so_with_its_reasons() -> None:
    coarse = a_grid((0.8, 0.8, 5.0))
    doubtful = Registration(np.eye(4), 6.0, 0.7, "doubtful")
    found = ablation_margin(ball((0, 0, 0), 8), GRID, ball((0, 0, 0), 15, coarse), coarse, doubtful)
    assert not found.evaluable
    assert found.why_not == "voxels of 5.0 mm, at most 3 mm; registration error 6.0 mm, at most 5 mm"
    assert found.registration_error_mm == 6.0
    assert found.voxel_mm == (0.8, 0.8, 5.0)
    assert "registration" in found.method
    assert [step for step, _ in found.below_percent] == list(STEPS_MM)


def test_without_a_zone_or_a_tumour_there_is_no_margin() -> None:
    nothing = np.zeros((60, 90, 90), bool)
    with pytest.raises(Refused, match="zone mask"):
        ablation_margin(ball((0, 0, 0), 8), GRID, nothing, GRID, SAME)
    with pytest.raises(Refused, match="tumour mask"):
        ablation_margin(nothing, GRID, ball((0, 0, 0), 8), GRID, SAME)
