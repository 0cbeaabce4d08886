from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measure.diameters import axes_from_ends, is_perpendicular
from tests.build.stacks import coded_stack
from viewer.axis_editing import ENDS, end_nearest, ends_of, hit_mark, lengths_text, pulled
from viewer.marks import MarkAxes, MarkStyle, ViewMark, circle_on_slice
from viewer.slice_geometry import Area, Placement

GRID = coded_stack().grid
PLACEMENT = Placement(GRID, 5, Area(0, 0, 400, 400), 5.0, (0.0, 0.0, 10.0))
CROSS = MarkAxes(5, ((-10.0, 0.0, 10.0), (10.0, 0.0, 10.0)), ((0.0, -6.0, 10.0), (0.0, 6.0, 10.0)))


def a_mark(**changes: object) -> ViewMark:
    ring = circle_on_slice(GRID, 5, (0.0, 0.0, 10.0), 11.0)
    asked = {"outlines": {5: (ring,)}, "axes": CROSS, "editable": True, **changes}
    return ViewMark("M", MarkStyle.SOLID, "target", **asked)  # type: ignore[arg-type]


def hit(mark: ViewMark, x: float, y: float) -> str | None:
    found = hit_mark([mark], PLACEMENT, x, y, end_px=12.0, line_px=5.0)
    return None if found is None else found.part


def test_an_end_is_taken_within_its_hit_area_and_before_the_outline() -> None:
    x, y = PLACEMENT.to_screen((10.0, 0.0, 10.0))
    assert hit(a_mark(), float(x) + 5.5, float(y) - 5.5) == "long-second"
    assert hit(a_mark(), float(x) + 7.0, float(y)) == "outline"


def test_inside_comes_after_the_outline_and_only_for_what_can_be_moved() -> None:
    assert hit(a_mark(), 225.0, 225.0) == "inside"
    assert hit(a_mark(locked=True), 225.0, 225.0) is None
    assert hit(a_mark(editable=False), 225.0, 225.0) is None


def test_a_press_inside_a_proposal_draws_anew() -> None:
    ring = circle_on_slice(GRID, 5, (0.0, 0.0, 10.0), 11.0)
    proposal = ViewMark("P", MarkStyle.PROPOSAL, "proposal", {5: (ring,)}, CROSS, editable=True)
    assert hit(proposal, 225.0, 225.0) is None
    x, y = PLACEMENT.to_screen((10.0, 0.0, 10.0))
    assert hit(proposal, float(x), float(y)) == "long-second"


def test_a_locked_mark_has_no_ends_but_an_outline() -> None:
    x, y = PLACEMENT.to_screen((10.0, 0.0, 10.0))
    assert hit(a_mark(locked=True), float(x) + 5.0, float(y)) == "outline"


def test_a_hole_is_not_inside() -> None:
    outer = circle_on_slice(GRID, 5, (0.0, 0.0, 10.0), 20.0)
    hole = circle_on_slice(GRID, 5, (0.0, 0.0, 10.0), 10.0)
    mark = ViewMark("M", MarkStyle.ZONE, "zone", {5: (outer, hole)}, editable=True)
    assert hit(mark, 200.0, 200.0) is None
    assert hit(mark, 200.0, 275.0) == "inside"


def test_on_other_slices_nothing_is_hit() -> None:
    placed = PLACEMENT.on_slice(6)
    assert hit_mark([a_mark()], placed, 225.0, 225.0, end_px=12.0, line_px=5.0) is None


@given(st.sampled_from(ENDS), st.floats(-30, 30), st.floats(-30, 30))
def test_a_pulled_end_keeps_the_right_angle_and_the_longer_axis_first(end: str, x: float, y: float) -> None:
    changed = pulled(CROSS, end, (x, y, 10.0), GRID.normal)  # type: ignore[arg-type]
    assert changed.short_ends is not None
    axes = axes_from_ends(changed.long_ends, changed.short_ends, 5)
    assert is_perpendicular(axes, tolerance_degrees=0.5)
    assert axes.long_mm >= axes.short_mm - 1e-9


def test_after_a_swap_the_pulled_end_is_found_under_its_new_name() -> None:
    to = (0.0, 40.0, 10.0)
    changed = pulled(CROSS, "short-second", to, GRID.normal)
    assert end_nearest(changed, to).startswith("long")
    assert np.allclose(ends_of(changed)[end_nearest(changed, to)], to)


def test_a_single_length_is_pulled_freely() -> None:
    line = MarkAxes(5, ((0.0, 0.0, 10.0), (10.0, 0.0, 10.0)))
    assert pulled(line, "long-first", (0.0, 3.0, 10.0), GRID.normal).long_ends[0] == (0.0, 3.0, 10.0)


def test_moving_a_mark_moves_all_ends_alike() -> None:
    moved = CROSS.moved((1.0, 2.0, 0.0))
    assert moved.long_ends == ((-9.0, 2.0, 10.0), (11.0, 2.0, 10.0))
    assert moved.short_ends == ((1.0, -4.0, 10.0), (1.0, 8.0, 10.0))


@pytest.mark.parametrize(
    ("axes", "text"), [(CROSS, "20.0 × 12.0\u2009mm"), (MarkAxes(5, CROSS.long_ends), "20.0\u2009mm")]
)
def test_the_live_value_names_both_axes(axes: MarkAxes, text: str) -> None:
    assert lengths_text(axes) == text
