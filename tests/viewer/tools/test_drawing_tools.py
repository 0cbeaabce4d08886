from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from measure.diameters import axes_from_ends, is_perpendicular
from measure.geometry import distance_mm
from viewer.tools.brush import LEAST_RADIUS_MM, MOST_RADIUS_MM, resized
from viewer.tools.events import (
    Accept,
    Answer,
    Click,
    Discs,
    Ellipse,
    Escape,
    Event,
    LengthLine,
    Move,
    Place,
    Polygon,
    Press,
    Release,
    Said,
    Stroke,
    TwoAxes,
)
from viewer.tools.registry import TOOLS


def at(x: float, y: float, slice_index: int = 5, px_mm: float = 0.5) -> Place:
    return Place((x, y, 10.0), slice_index, px_mm=px_mm)


def played(tool: str, events: Sequence[Event]) -> tuple[object, list[Answer]]:
    """The state after some events and what was handed out on the way."""
    state, answers = TOOLS[tool].start, []
    for event in events:
        state, answer = TOOLS[tool].step(state, event)
        if answer is not None:
            answers.append(answer)
    return state, answers


def dragged(*places: Place) -> list[Event]:
    return [Press(places[0], 3.0), *(Move(place) for place in places[1:]), Release(places[-1])]


mm = st.floats(-100.0, 100.0)
points = st.tuples(mm, mm)
EVENTS = st.lists(
    st.one_of(
        st.builds(lambda p, k: Press(at(*p, slice_index=k), 3.0), points, st.integers(4, 6)),
        st.builds(lambda p, k: Move(at(*p, slice_index=k)), points, st.integers(4, 6)),
        st.builds(lambda p, k: Release(at(*p, slice_index=k)), points, st.integers(4, 6)),
        st.just(Accept()),
        st.just(Escape()),
    ),
    max_size=25,
)


@pytest.mark.parametrize("tool", sorted(TOOLS))
@given(events=EVENTS)
def test_escape_brings_every_tool_to_rest_whatever_came_before(tool: str, events: list[Event]) -> None:
    state, _ = played(tool, [*events, Escape()])
    assert state == TOOLS[tool].start


@pytest.mark.parametrize("tool", sorted(TOOLS))
@given(events=EVENTS)
def test_what_is_handed_out_lies_on_the_slice_it_names(tool: str, events: list[Event]) -> None:
    pressed = {event.place.slice for event in events if isinstance(event, Press)}
    for answer in played(tool, events)[1]:
        if not isinstance(answer, Said):
            assert answer is not None
            assert answer.slice in pressed


@pytest.mark.parametrize("tool", sorted(TOOLS))
def test_at_rest_nothing_is_seen(tool: str) -> None:
    assert TOOLS[tool].preview(TOOLS[tool].start) is None


# --- segment ----------------------------------------------------------------------------------------------


def test_a_press_that_hardly_moves_is_a_click_where_it_began() -> None:
    _, answers = played("segment", dragged(at(0, 0), at(1.4, 0)))  # 2.8 px
    assert answers == [Click(5, (0, 0, 10.0))]


def test_more_than_three_px_make_a_stroke() -> None:
    _, answers = played("segment", dragged(at(0, 0), at(1.6, 0), at(5, 5)))
    assert answers == [Stroke(5, ((0, 0, 10.0), (1.6, 0, 10.0), (5, 5, 10.0)))]


# --- length -----------------------------------------------------------------------------------------------


def test_a_length_is_pulled() -> None:
    _, answers = played("length", dragged(at(0, 0), at(10, 0), at(20, 0)))
    assert answers == [LengthLine(5, ((0, 0, 10.0), (20, 0, 10.0)))]


def test_a_length_is_clicked() -> None:
    events = [*dragged(at(0, 0)), Move(at(9, 9)), *dragged(at(30, 0))]
    _, answers = played("length", events)
    assert answers == [LengthLine(5, ((0, 0, 10.0), (30, 0, 10.0)))]


def test_a_length_of_nothing_is_not_handed_out() -> None:
    _, answers = played("length", [*dragged(at(0, 0)), *dragged(at(0, 0))])
    assert answers == []


def test_a_length_never_leaves_its_slice() -> None:
    state, answers = played("length", [Press(at(0, 0)), Move(at(10, 0, slice_index=6))])
    assert state == TOOLS["length"].start
    assert isinstance(answers[0], Said)


def test_the_live_length_is_shown_to_a_tenth() -> None:
    state, _ = played("length", [Press(at(0, 0)), Move(at(3, 4))])
    preview = TOOLS["length"].preview(state)
    assert preview is not None
    assert preview.text == "5.0\u2009mm"


# --- two axes ---------------------------------------------------------------------------------------------


def test_the_perpendicular_is_drawn_second_and_set_upright() -> None:
    _, answers = played("two-axes", [*dragged(at(0, 0), at(40, 0)), *dragged(at(18, 9), at(23, -9))])
    assert answers == [TwoAxes(5, ((0, 0, 10.0), (40, 0, 10.0)), ((18, 9, 10.0), (18, -9, 10.0)))]


def test_no_perpendicular_is_guessed() -> None:
    events = dragged(at(0, 0), at(40, 0))
    assert played("two-axes", events)[1] == []
    assert played("two-axes", [*events, Accept()])[1] == [TwoAxes(5, ((0, 0, 10.0), (40, 0, 10.0)), None)]


def test_the_roles_swap_when_the_perpendicular_outgrows_the_long_axis() -> None:
    _, answers = played("two-axes", [*dragged(at(0, 0), at(20, 0)), *dragged(at(10, 15), at(10, -15))])
    assert answers == [TwoAxes(5, ((10, 15, 10.0), (10, -15, 10.0)), ((0, 0, 10.0), (20, 0, 10.0)))]


def test_a_perpendicular_on_another_slice_is_refused_and_the_long_axis_kept() -> None:
    events = [*dragged(at(0, 0), at(40, 0)), Press(at(18, 9, slice_index=6))]
    state, answers = played("two-axes", events)
    assert isinstance(answers[0], Said)
    assert TOOLS["two-axes"].preview(state) is not None


@given(points, points, points, points)
def test_drawn_axes_stand_at_right_angles_and_the_long_one_is_longer(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], d: tuple[float, float]
) -> None:
    assume(np.hypot(a[0] - b[0], a[1] - b[1]) > 5.0)
    _, answers = played("two-axes", [*dragged(at(*a), at(*b)), *dragged(at(*c), at(*d))])
    for drawn in answers:
        assert isinstance(drawn, TwoAxes)
        assert drawn.short_ends is not None
        axes = axes_from_ends(drawn.long_ends, drawn.short_ends, 5)
        assert is_perpendicular(axes)
        assert axes.long_mm >= axes.short_mm > 0


# --- ellipse ----------------------------------------------------------------------------------------------


def test_an_ellipse_fills_its_box_whichever_way_it_is_pulled() -> None:
    for start, end in ((at(0, 0), at(20, 10)), (at(20, 10), at(0, 0)), (at(0, 10), at(20, 0))):
        _, answers = played("ellipse", dragged(start, end))
        assert answers == [Ellipse(5, (10.0, 5.0, 10.0), 10.0, 5.0)]


def test_an_ellipse_without_height_is_not_handed_out() -> None:
    assert played("ellipse", dragged(at(0, 0), at(20, 0)))[1] == []


# --- brush and eraser -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tool", "erase"), [("brush", False), ("eraser", True)])
def test_a_brush_hands_out_discs_along_its_way(tool: str, erase: bool) -> None:
    _, answers = played(tool, dragged(at(0, 0), at(4, 0), at(8, 0)))
    assert answers == [Discs(5, ((0, 0, 10.0), (4, 0, 10.0), (8, 0, 10.0)), 3.0, erase)]


def test_a_dab_is_one_disc() -> None:
    assert played("brush", dragged(at(1, 2)))[1] == [Discs(5, ((1, 2, 10.0),), 3.0, False)]


@given(st.floats(LEAST_RADIUS_MM, MOST_RADIUS_MM), st.integers(-50, 50))
def test_the_brush_stays_within_its_sizes(radius: float, notches: int) -> None:
    assert LEAST_RADIUS_MM <= resized(radius, notches) <= MOST_RADIUS_MM


# --- polygon ----------------------------------------------------------------------------------------------

CORNERS = [(0.0, 0.0), (20.0, 0.0), (20.0, 20.0)]


@pytest.mark.parametrize("closing", [[Accept()], dragged(at(1, 1))])
def test_a_polygon_closes_by_enter_or_on_its_first_corner(closing: list[Event]) -> None:
    events = [event for corner in CORNERS for event in dragged(at(*corner))]
    _, answers = played("polygon", [*events, *closing])
    assert answers == [Polygon(5, tuple((x, y, 10.0) for x, y in CORNERS))]


def test_two_corners_close_nothing_and_it_is_said() -> None:
    events = [event for corner in CORNERS[:2] for event in dragged(at(*corner))]
    _, answers = played("polygon", [*events, Accept()])
    assert [type(answer) for answer in answers] == [Said]


def test_place_counts_screen_px_by_the_zoom() -> None:
    assert at(0, 0, px_mm=0.25).px_from((3, 4, 10.0)) == pytest.approx(distance_mm((0, 0, 0), (3, 4, 0)) * 4)
