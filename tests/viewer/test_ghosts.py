"""Marks of one scan laid on another: at the matched place, once a slice, never changeable."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from measure.geometry import Grid
from tests.build.stacks import coded_stack
from viewer.ghosts import ghosts_of
from viewer.marks import MarkAxes, MarkLabel, MarkStyle, ViewMark, circle_on_slice


def ball(grid: Grid, slices: range) -> ViewMark:
    middle = slices[len(slices) // 2]
    z = float(grid.positions_mm[middle])
    return ViewMark(
        "t1",
        MarkStyle.SOLID,
        "target",
        {k: (circle_on_slice(grid, k, (0.0, 0.0, float(grid.positions_mm[k])), 5.0),) for k in slices},
        MarkAxes(middle, ((-5.0, 0.0, z), (5.0, 0.0, z)), ((0.0, -5.0, z), (0.0, 5.0, z))),
        MarkLabel("T1", "10.0 × 10.0"),
        editable=True,
    )


@given(st.integers(-5, 5), st.floats(-20, 20), st.floats(-20, 20))
def test_a_shift_by_whole_slices_moves_every_outline_by_as_many(steps: int, x: float, y: float) -> None:
    grid = coded_stack(slices=40).grid
    (ghost,) = ghosts_of([ball(grid, range(15, 22))], grid, grid, (x, y, 2.0 * steps), "day 77")
    assert sorted(ghost.outlines) == [k + steps for k in range(15, 22)]
    centre = ghost.outlines[18 + steps][0].mean(axis=0)
    assert np.hypot(centre[0] - x, centre[1] - y) < 0.2  # the ring is closed: its first point counts twice
    assert ghost.axes is not None
    assert ghost.axes.slice == 18 + steps
    assert (ghost.label.name, ghost.changeable) == ("T1 day 77", False)


def test_thick_slices_show_on_every_thin_one_they_cover() -> None:
    thick, thin = (
        coded_stack(slices=20, spacing_mm=(1, 1, 5.0)).grid,
        coded_stack(slices=80, spacing_mm=(1, 1, 1.25)).grid,
    )
    (ghost,) = ghosts_of([ball(thick, range(5, 8))], thick, thin, (0.0, 0.0, 0.0), "baseline")
    covered = sorted(ghost.outlines)
    assert covered == list(range(covered[0], covered[-1] + 1)), "no gap between them"
    assert 12 <= len(covered) <= 13  # 15 mm in steps of 1.25


def test_stacks_across_each_other_have_no_ghosts() -> None:
    coronal = coded_stack(plane=((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))).grid
    grid = coded_stack().grid
    assert ghosts_of([ball(grid, range(15, 22))], grid, coronal, (0.0, 0.0, 0.0), "day 77") == []
