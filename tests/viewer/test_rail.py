from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.build.stacks import coded_stack
from viewer.marks import MarkAxes, MarkStyle, ViewMark
from viewer.rail import RailGeometry, runs, tick_at, ticks_of
from viewer.slice_geometry import Area, SliceOrder


def a_rail(count: int, *, from_last: bool = True) -> RailGeometry:
    return RailGeometry(Area(688, 34, 20, 970), SliceOrder(count, from_last=from_last))


@given(st.integers(1, 900), st.booleans(), st.data())
def test_every_slice_has_its_place_on_the_rail(count: int, from_last: bool, draw: st.DataObject) -> None:
    rail = a_rail(count, from_last=from_last)
    k = draw.draw(st.integers(0, count - 1))
    assert rail.slice_at(rail.y_of(k)) == k


def test_the_rail_ends_at_the_first_and_last_slice() -> None:
    rail = a_rail(40)
    assert rail.slice_at(-100) == 39
    assert rail.slice_at(5000) == 0


@given(st.lists(st.booleans(), max_size=60))
def test_runs_cover_exactly_what_was_shown(shown: list[bool]) -> None:
    covered = np.zeros(len(shown), bool)
    for first, last in runs(np.array(shown, bool)):
        assert not covered[max(first - 1, 0) : last + 1].any()
        covered[first : last + 1] = True
    assert covered.tolist() == shown


def test_a_tick_is_met_within_reach() -> None:
    grid = coded_stack().grid
    points = tuple(map(tuple, grid.to_patient([[3, 3, 12], [9, 3, 12]]).tolist()))
    mark = ViewMark("T1", MarkStyle.SOLID, "target", {}, MarkAxes(12, points))  # type: ignore[arg-type]
    rail, ticks = a_rail(40), ticks_of([mark])
    assert [tick.slice for tick in ticks] == [12]
    found = tick_at(ticks, rail, rail.y_of(12) + 3)
    assert found is not None
    assert found.key == "T1"
    assert tick_at(ticks, rail, rail.y_of(12) + 9) is None


@pytest.mark.parametrize("style", list(MarkStyle))
def test_a_mark_of_any_style_stands_at_its_middle_slice(style: MarkStyle) -> None:
    ring = np.zeros((4, 3))
    mark = ViewMark("Z1", style, "zone", {4: (ring,), 5: (ring,), 6: (ring,)})
    tick = ticks_of([mark])[0]
    assert (tick.first, tick.slice, tick.last) == (4, 5, 6)
