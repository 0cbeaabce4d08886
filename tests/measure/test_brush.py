"""Correcting a mask by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measure.geometry import Grid
from measure.segment.brush import brushed, filled_between_slices, without_islands

GRID = Grid.regular((60, 50, 9), (1.0, 0.5, 4.0), (-10.0, 5.0, 0.0))
EMPTY = np.zeros((9, 50, 60), bool)


@given(
    radius=st.floats(0.1, 6),
    ends=st.tuples(st.floats(0, 40), st.floats(8, 26), st.floats(0, 40), st.floats(8, 26)),
)
def test_a_fast_stroke_leaves_no_gap(radius, ends) -> None:
    from scipy.ndimage import label

    start, end = (ends[0], ends[1], 16.0), (ends[2], ends[3], 16.0)
    radius = max(radius, 0.75)
    painted = brushed(EMPTY, GRID, [start, end], radius)
    assert label(painted, np.ones((3, 3, 3)))[1] == 1
    assert np.flatnonzero(painted.any(axis=(1, 2))).tolist() == [4]
    assert not EMPTY.any()


def test_a_disc_has_its_area_in_mm() -> None:
    painted = brushed(EMPTY, GRID, [(15.0, 17.0, 16.0)], 8.0)
    assert painted.sum() * 0.5 == pytest.approx(np.pi * 64, rel=0.03)


def test_a_sphere_reaches_the_neighbouring_slices() -> None:
    painted = brushed(EMPTY, GRID, [(15.0, 17.0, 16.0)], 9.0, shape="sphere")
    assert painted.sum() * 2.0 == pytest.approx(4 / 3 * np.pi * 9**3, rel=0.06)


def test_erasing_takes_away_what_painting_brought() -> None:
    way = [(5.0, 12.0, 16.0), (25.0, 20.0, 16.0)]
    painted = brushed(EMPTY, GRID, way, 3.0)
    assert not brushed(painted, GRID, way, 3.0, erase=True).any()


def test_the_smallest_brush_takes_the_pixel_it_stands_on() -> None:
    assert brushed(EMPTY, GRID, [(15.4, 17.2, 16.0)], 0.01).sum() == 1


def test_painting_beyond_the_picture_changes_nothing() -> None:
    assert not brushed(EMPTY, GRID, [(500.0, 17.0, 16.0)], 3.0, shape="sphere").any()


def test_slices_between_two_painted_ones_are_filled() -> None:
    painted = brushed(EMPTY, GRID, [(15.0, 17.0, 8.0)], 4.0)
    painted = brushed(painted, GRID, [(15.0, 17.0, 24.0)], 8.0)
    filled = filled_between_slices(painted, GRID)
    areas = filled.sum(axis=(1, 2))
    assert (areas[2:7] > 0).all()
    assert (np.diff(areas[2:7]) > 0).all()
    assert areas[:2].sum() + areas[7:].sum() == 0


def test_islands_go_and_the_piece_asked_for_stays() -> None:
    painted = brushed(EMPTY, GRID, [(5.0, 12.0, 16.0)], 4.0)
    painted = brushed(painted, GRID, [(35.0, 24.0, 16.0)], 2.0)
    assert without_islands(painted, GRID).sum() == brushed(EMPTY, GRID, [(5.0, 12.0, 16.0)], 4.0).sum()
    kept = without_islands(painted, GRID, (34.0, 24.0, 16.0))
    assert kept.sum() == brushed(EMPTY, GRID, [(35.0, 24.0, 16.0)], 2.0).sum()
