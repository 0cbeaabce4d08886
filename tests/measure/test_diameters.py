"""Diameters against bodies whose axes are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measure.diameters import (
    Axes,
    AxisEnd,
    axes_from_ends,
    axes_of_mask,
    is_perpendicular,
    perpendicular_kept,
    swap_if_needed,
)
from measure.geometry import Grid, distance_mm
from measure.mask_measures import measure_mask
from measure.outline import cropped, outlines_of_mask, restored
from measure.refusal import Refused
from measure.volume import Volume
from tests.build.masks import ellipsoid, oblique_grid, rotation

AXIAL = np.eye(3)
SPACINGS = [(0.7, 0.7, 1.5), (1.0, 0.5, 2.0), (0.5, 1.0, 5.0), (0.8, 0.8, 5.0)]
SQUARE = Grid.regular((40, 40, 3), (0.8, 0.8, 5.0))


def grid_over(mm: float, spacing: tuple[float, float, float], turn: np.ndarray = AXIAL) -> Grid:
    """A stack that reaches mm to every side of the origin, with a slice through it."""
    counts = [2 * int(np.ceil(mm / step)) + 1 for step in spacing]
    half = [(n - 1) / 2 * step for n, step in zip(counts, spacing, strict=True)]
    return oblique_grid((counts[0], counts[1], counts[2]), spacing, turn, -turn @ np.array(half))


def tolerance(mm: float) -> float:
    return max(0.1, 0.005 * mm) + 0.35  # half a pixel of one drawing; on average it vanishes, see below


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("angle", [0.0, 30.0, 71.0])
def test_axes_of_an_ellipsoid_are_its_axes_whatever_the_pixels(spacing, angle) -> None:
    grid = grid_over(30, spacing)
    mask = ellipsoid(grid, np.array([0.13, -0.21, 0.0]), (22.0, 13.0, 18.0), rotation(angle, (0, 0, 1)))
    axes = axes_of_mask(mask, grid)
    assert axes is not None
    assert axes.long_mm == pytest.approx(44.0, abs=tolerance(44))
    assert axes.short_mm == pytest.approx(26.0, abs=tolerance(26))
    assert is_perpendicular(axes)
    way = np.subtract(*axes.long_ends) / axes.long_mm
    assert abs(way @ rotation(angle, (0, 0, 1))[:, 0]) > np.cos(np.radians(4))


def test_mean_error_over_many_lesions_is_within_a_tenth_of_a_millimetre() -> None:
    rng = np.random.default_rng(3)
    errors = []
    for _ in range(24):
        spacing = float(rng.uniform(0.6, 0.95))
        a, b = sorted(rng.uniform(4.5, 25, 2), reverse=True)
        grid = grid_over(a + 5, (spacing, spacing, 60.0))
        turn = rotation(float(rng.uniform(0, 180)), (0, 0, 1))
        axes = axes_of_mask(ellipsoid(grid, rng.uniform(-0.4, 0.4, 3) * [1, 1, 0], (a, b, 9), turn), grid)
        assert axes is not None
        errors.append((axes.long_mm - 2 * a, axes.short_mm - 2 * b))
    assert np.abs(np.mean(errors, axis=0)).max() < 0.1
    assert np.percentile(np.abs(errors), 90) < 0.3


def test_an_oblique_stack_measures_in_its_own_plane() -> None:
    turn = rotation(35, (1, 2, 0.5))
    grid = grid_over(25, (0.7, 0.7, 2.0), turn)
    mask = ellipsoid(grid, np.zeros(3), (18.0, 10.0, 12.0), turn)
    axes = axes_of_mask(mask, grid)
    assert axes is not None
    assert (axes.long_mm, axes.short_mm) == pytest.approx((36.0, 20.0), abs=0.35)
    assert abs(np.subtract(*axes.long_ends) @ turn[:, 2]) < 1e-6
    assert distance_mm(*axes.long_ends) == pytest.approx(axes.long_mm)


def test_volume_of_a_finely_sampled_ellipsoid_is_within_one_percent() -> None:
    grid = grid_over(20, (0.6, 0.6, 0.9))
    mask = ellipsoid(grid, np.array([0.1, 0.2, 0.3]), (15.0, 11.0, 9.0), rotation(20, (1, 1, 1)))
    array = np.where(mask, 55, -1000).astype(np.int16)
    found = measure_mask(Volume(array, grid, padding=-2000), mask)
    assert found.volume_ml == pytest.approx(4 / 3 * np.pi * 15 * 11 * 9 / 1000, rel=0.01)
    assert found.diameter_3d_mm == pytest.approx(30.0, abs=0.6)
    assert (found.mean, found.sd, found.unit) == (55.0, 0.0, "HU")


def test_padding_within_the_mask_is_not_averaged() -> None:
    mask = np.zeros((3, 40, 40), bool)
    mask[1, 10:20, 10:20] = True
    array = np.full(mask.shape, 40, np.int16)
    array[1, 10:15] = -2000
    found = measure_mask(Volume(array, SQUARE, padding=-2000), mask)
    assert (found.mean, found.voxels) == (40.0, 100)


def test_an_uneven_stack_gives_axes_but_no_volume() -> None:
    mask = np.zeros((3, 40, 40), bool)
    mask[1, 10:20, 10:20] = True
    found = measure_mask(Volume(mask.astype(np.int16), SQUARE, measurable=False, why_not="gap"), mask)
    assert (found.volume_ml, found.diameter_3d_mm) == (None, None)
    assert found.axes.long_mm > 9


@pytest.mark.parametrize("shape", [(3, 40, 40), (3, 40, 41)])
def test_an_empty_or_foreign_mask_is_refused(shape) -> None:
    with pytest.raises(Refused):
        measure_mask(Volume(np.zeros((3, 40, 40), np.int16), SQUARE), np.zeros(shape, bool))


def test_a_speck_beside_the_lesion_does_not_lengthen_it_but_its_other_half_does() -> None:
    mask = np.zeros((3, 40, 40), bool)
    mask[1, 4:16, 4:16] = True
    alone = axes_of_mask(mask, SQUARE)
    mask[1, 36:38, 36:38] = True
    with_speck = axes_of_mask(mask, SQUARE)
    mask[1, 24:36, 24:36] = True
    both = axes_of_mask(mask, SQUARE)
    assert alone is not None
    assert with_speck is not None
    assert both is not None
    assert with_speck.long_mm == pytest.approx(alone.long_mm)
    assert both.long_mm > 2 * alone.long_mm
    assert both.short_mm < 2 * alone.short_mm


def test_one_voxel_still_has_an_outline() -> None:
    mask = np.zeros((3, 40, 40), bool)
    mask[1, 7, 9] = True
    axes = axes_of_mask(mask, SQUARE)
    assert axes is not None
    assert 0 < axes.long_mm < 1.2
    assert list(outlines_of_mask(mask, SQUARE)) == [1]


def test_a_hole_is_outlined_but_changes_no_diameter() -> None:
    mask = np.zeros((3, 40, 40), bool)
    mask[1, 5:30, 5:30] = True
    full = axes_of_mask(mask, SQUARE)
    mask[1, 12:20, 12:20] = False
    assert len(outlines_of_mask(mask, SQUARE)[1]) == 2
    assert axes_of_mask(mask, SQUARE) == full


def test_the_chord_stays_within_a_crescent() -> None:
    grid = Grid.regular((100, 100, 1), (0.5, 0.5, 5.0))
    ring = ellipsoid(grid, np.array([25.0, 25.0, 0.0]), (20, 20, 20), AXIAL)
    ring &= ~ellipsoid(grid, np.array([25.0, 31.0, 0.0]), (18, 18, 18), AXIAL)
    axes = axes_of_mask(ring, grid)
    assert axes is not None
    assert axes.short_mm < 24  # it would be far more if it leapt over the mouth of the crescent


@settings(max_examples=25, deadline=None)
@given(
    angle=st.floats(0, 360),
    shift=st.tuples(st.floats(-500, 500), st.floats(-500, 500), st.floats(-500, 500)),
    seed=st.integers(0, 50),
)
def test_turning_and_moving_the_patient_changes_no_length(angle, shift, seed) -> None:
    mask = np.zeros((3, 24, 24), bool)
    mask[1, 4:20, 4:20] = np.random.default_rng(seed).random((16, 16)) > 0.3
    turn = rotation(angle, (1, 0.3, 2))
    plain = axes_of_mask(mask, Grid.regular((24, 24, 3), (1.0, 0.5, 5.0)))
    moved = axes_of_mask(mask, oblique_grid((24, 24, 3), (1.0, 0.5, 5.0), turn, np.array(shift)))
    assert plain is not None
    assert moved is not None
    assert (moved.long_mm, moved.short_mm) == pytest.approx((plain.long_mm, plain.short_mm), abs=1e-6)
    assert plain.short_mm <= plain.long_mm
    assert is_perpendicular(moved)


@given(
    box=st.tuples(st.integers(0, 4), st.integers(0, 6), st.integers(0, 8)),
    size=st.tuples(st.integers(1, 3), st.integers(1, 5), st.integers(1, 4)),
)
def test_a_stored_mask_comes_back_as_it_was(box, size) -> None:
    mask = np.zeros((7, 11, 12), bool)
    mask[tuple(slice(a, a + n) for a, n in zip(box, size, strict=True))] = True
    stored = cropped(mask)
    assert stored.box == (*box, *size)
    assert np.array_equal(restored(stored.box, stored.bits, mask.shape), mask)


def test_a_stored_mask_of_another_image_is_refused() -> None:
    stored = cropped(np.ones((4, 5, 6), bool))
    with pytest.raises(ValueError, match="does not fit"):
        restored(stored.box, stored.bits, (4, 5, 5))


# --- editing

coordinates = st.floats(-60, 60)
ENDS: list[AxisEnd] = ["long-first", "long-second", "short-first", "short-second"]


@given(
    angle=st.floats(0, 360),
    long_mm=st.floats(5, 80),
    share=st.floats(0.1, 1.0),
    place=st.floats(0.1, 0.9),
    end=st.sampled_from(ENDS),
    to=st.tuples(coordinates, coordinates, coordinates),
)
def test_dragging_any_end_keeps_the_right_angle_the_plane_and_the_roles(angle, long_mm, share, place, end, to) -> None:
    turn = rotation(angle, (0.2, 1.0, 0.4))
    origin = np.array([10.0, -20.0, 30.0])
    crossing = origin + turn[:, 0] * long_mm * place
    half = turn[:, 1] * long_mm * share / 2
    axes = axes_from_ends(
        (tuple(origin), tuple(origin + turn[:, 0] * long_mm)),
        (tuple(crossing - half), tuple(crossing + half)),
        4,
    )
    moved = perpendicular_kept(axes, end, to, turn[:, 2])
    assert moved.long_mm >= moved.short_mm
    assert moved.slice == 4
    long_way, short_way = np.subtract(*moved.long_ends), np.subtract(*moved.short_ends)
    assert abs(long_way @ short_way) <= 1e-6 * max(moved.long_mm * moved.short_mm, 1)
    for point in (*moved.long_ends, *moved.short_ends):
        assert abs((np.asarray(point) - origin) @ turn[:, 2]) < 1e-6
    assert moved.long_mm == pytest.approx(distance_mm(*moved.long_ends))


def test_a_dragged_end_of_the_long_axis_turns_the_short_one_with_it() -> None:
    axes = axes_from_ends(((0, 0, 0), (10, 0, 0)), ((4, -2, 0), (4, 2, 0)), 0)
    moved = perpendicular_kept(axes, "long-second", (0, 20, 0), np.array([0.0, 0.0, 1.0]))
    assert moved.long_ends == pytest.approx(np.array([[0, 0, 0], [0, 20, 0]]))
    assert np.allclose(moved.short_ends, [[2, 8, 0], [-2, 8, 0]])


def test_a_dragged_end_of_the_short_axis_stretches_one_side_and_slides() -> None:
    axes = axes_from_ends(((0, 0, 0), (10, 0, 0)), ((4, -2, 0), (4, 2, 0)), 0)
    moved = perpendicular_kept(axes, "short-second", (7, 5, 0), np.array([0.0, 0.0, 1.0]))
    assert np.allclose(moved.short_ends, [[7, -2, 0], [7, 5, 0]])


def test_roles_swap_when_the_short_axis_outgrows_the_long_one() -> None:
    axes = axes_from_ends(((0, 0, 0), (10, 0, 0)), ((4, -2, 0), (4, 9, 0)), 0)
    assert swap_if_needed(axes) == Axes(axes.short_ends, axes.long_ends, 11.0, 10.0, 0)
    assert swap_if_needed(swap_if_needed(axes)) == swap_if_needed(axes)
