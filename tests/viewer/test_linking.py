from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from tests.build.hands import click, drag, settle, turn
from tests.build.stacks import TELLING_WINDOW, coded_stack
from viewer.layouts import LAYOUTS, ViewportGrid
from viewer.linking import Link, offset_between, partner_slice
from viewer.viewport import Viewport


@given(st.floats(0.6, 8.0), st.floats(0.6, 8.0), st.floats(-50, 50), st.integers(0, 39))
def test_a_partner_lies_within_half_a_step(here: float, there: float, start: float, k: int) -> None:
    leader = coded_stack(spacing_mm=(1, 1, here)).grid
    follower = coded_stack(spacing_mm=(1, 1, there), origin=(0.0, 0.0, start)).grid
    partner = partner_slice(leader, k, follower, 0.0)
    away = abs(float(follower.positions_mm[partner.slice] - leader.positions_mm[k]))
    assert partner.there == (away <= max(here, there, 1.0) / 2 + 1e-6)


@given(st.integers(0, 39), st.integers(0, 39))
def test_slices_linked_here_are_partners(ours: int, theirs: int) -> None:
    leader = coded_stack(spacing_mm=(1, 1, 2.5)).grid
    follower = coded_stack(spacing_mm=(1, 1, 4.0), origin=(3.0, 3.0, 1000.0)).grid
    offset = offset_between(leader, ours, follower, theirs)
    partner = partner_slice(leader, ours, follower, offset)
    assert (partner.slice, partner.there) == (theirs, True)


def test_in_a_gap_there_is_no_partner() -> None:
    leader = coded_stack(slices=40).grid
    whole = coded_stack(slices=40).grid
    kept = tuple(origin for k, origin in enumerate(whole.slice_origins) if not 10 <= k < 16)
    follower = replace(whole, size=(64, 64, 34), slice_origins=kept)
    assert not partner_slice(leader, 12, follower, 0.0).there
    assert partner_slice(leader, 20, follower, 0.0).there


def test_stacks_across_each_other_have_no_partners() -> None:
    coronal = coded_stack(plane=((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))).grid
    assert not partner_slice(coded_stack().grid, 20, coronal, 0.0).there


# --- through widgets --------------------------------------------------------------------------------------


@pytest.fixture
def grid(qtbot: QtBot) -> ViewportGrid:
    shown = ViewportGrid(layout="1x2")
    qtbot.addWidget(shown)
    shown.resize(800, 446)
    shown.show()
    qtbot.waitExposed(shown)
    return shown


@pytest.fixture
def pair(grid: ViewportGrid) -> tuple[Viewport, Viewport, Link]:
    """Slices of 2 mm at the left, of 4 mm at the right, over the same 160 mm."""
    first, second = grid.viewports[:2]
    first.set_volume(coded_stack(slices=80))
    second.set_volume(coded_stack(slices=40, spacing_mm=(1.0, 1.0, 4.0)))
    link = Link((first, second))
    first.set_window(TELLING_WINDOW)
    settle()
    return first, second, link


def test_the_wheel_takes_the_partner_along_by_position(pair: tuple[Viewport, Viewport, Link]) -> None:
    first, second, _ = pair
    for _ in range(39):
        turn(first, 1)
    assert first.slice == 40  # 80 mm
    assert second.slice == 20


def test_both_are_painted_in_the_same_event_turn(pair: tuple[Viewport, Viewport, Link]) -> None:
    first, second, _ = pair
    painted: list[tuple[str, int]] = []
    first.slice_painted.connect(lambda k: painted.append(("first", k)))
    second.slice_painted.connect(lambda k: painted.append(("second", k)))
    for _ in range(39):
        turn(first, 1)
    settle()
    assert sorted(painted) == [("first", 40), ("second", 20)]


def test_a_linked_slice_is_really_on_the_screen(pair: tuple[Viewport, Viewport, Link]) -> None:
    first, second, _ = pair
    turn(first, 39)
    assert second.grab().toImage().pixelColor(300, 100).red() == 20


def test_without_partner_the_other_stays_and_says_so(pair: tuple[Viewport, Viewport, Link]) -> None:
    first, second, _ = pair
    second.set_volume(coded_stack(slices=5, origin=(-32.0, -32.0, 100.0)))
    turn(first, 39)
    kept = second.slice
    assert second.no_partner
    first.set_slice(52)
    assert not second.no_partner
    first.set_slice(10)
    assert second.no_partner
    assert kept == 4


def test_link_here_keeps_an_offset_both_ways(pair: tuple[Viewport, Viewport, Link]) -> None:
    first, second, link = pair
    link.switch()
    first.set_slice(40)
    second.set_slice(25)
    link.link_here()
    first.set_slice(44)
    assert second.slice == 27
    second.set_slice(25)
    assert first.slice == 40
    assert link.offset_mm(second) == pytest.approx(20.0)


def test_link_off_leaves_the_other_where_it_is(pair: tuple[Viewport, Viewport, Link]) -> None:
    first, second, link = pair
    assert link.switch() is False
    before = second.slice
    turn(first, 30)
    assert second.slice == before


def test_zoom_and_pan_are_the_same_in_both(pair: tuple[Viewport, Viewport, Link]) -> None:
    first, second, _ = pair
    turn(first, -3, (100, 100), Qt.KeyboardModifier.ControlModifier)
    drag(first, (100, 100), (150, 120), button=Qt.MouseButton.MiddleButton)
    assert second.placement.px_per_mm == first.placement.px_per_mm
    assert second.placement.centre == first.placement.centre


def test_the_window_follows_unless_the_stacks_differ_in_kind(pair: tuple[Viewport, Viewport, Link]) -> None:
    first, second, _ = pair
    first.set_preset(2)
    assert second.grey_window == first.grey_window
    second.set_volume(coded_stack(modality="MR"))
    own = second.grey_window
    first.set_preset(3)
    assert second.grey_window == own


# --- layouts ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_a_layout_shows_its_number_of_viewports(grid: ViewportGrid, name: str) -> None:
    rows, columns = LAYOUTS[name]
    assert grid.set_layout(name)
    assert sum(viewport.isVisible() for viewport in grid.viewports) == rows * columns


def test_an_unknown_layout_changes_nothing(grid: ViewportGrid) -> None:
    assert not grid.set_layout("3x3")
    assert grid.layout_name == "1x2"


def test_a_press_makes_a_viewport_active_and_its_frame_moves(grid: ViewportGrid) -> None:
    second = grid.viewports[1]
    click(second, (100, 100))
    assert grid.active is second
    assert [viewport.active for viewport in grid.viewports[:2]] == [False, True]
    act = second.grab().toImage().pixelColor(0, 200).name()
    assert act == "#5cb3ff"


def test_a_double_click_shows_one_alone_and_back(grid: ViewportGrid) -> None:
    first, second = grid.viewports[:2]
    grid.toggle_alone(second)
    assert (first.isVisible(), second.isVisible()) == (False, True)
    grid.toggle_alone(second)
    assert (first.isVisible(), second.isVisible()) == (True, True)


def test_tab_goes_round_the_shown_viewports(grid: ViewportGrid) -> None:
    first, second = grid.viewports[:2]
    grid.activate_next()
    assert grid.active is second
    grid.activate_next()
    assert grid.active is first


def test_a_late_picture_takes_its_place_and_moves_no_other(grid: ViewportGrid) -> None:
    first, second = grid.shown()
    first.set_volume(coded_stack())
    link = Link(grid.shown())
    first.set_slice(25)
    second.set_volume(coded_stack(origin=(-32.0, -32.0, -6.0)))
    link.set_shift(second, (0.0, 0.0, 4.0))
    settle()
    link.bring(second, first)
    assert first.slice == 25
    assert second.slice == 30  # 25 slices of 2 mm, 4 mm on, its stack begins 6 mm lower
    assert link.shift_between(first, second) == (0.0, 0.0, 4.0)
    assert link.shift_between(second, first) == (0.0, 0.0, -4.0)
