"""The viewport through its widget: real wheel, mouse and key events, and what is then on the screen."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from measure.diameters import axes_from_ends, is_perpendicular
from tests.build.hands import click, drag, settle, turn
from tests.build.stacks import TELLING_WINDOW, coded_stack
from viewer.frame import Head
from viewer.marks import MarkAxes, MarkLabel, MarkStyle, ViewMark, circle_on_slice
from viewer.tools.events import Click, Discs, LengthLine, Stroke, TwoAxes
from viewer.viewport import Viewport

pytestmark = pytest.mark.gui

ALT = Qt.KeyboardModifier.AltModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
CTRL = Qt.KeyboardModifier.ControlModifier
MIDDLE = Qt.MouseButton.MiddleButton
RIGHT = Qt.MouseButton.RightButton


@pytest.fixture
def shown(viewport: Viewport) -> Viewport:
    """A stack of 120 slices, slice k painted in grey k; the first of them up, at 6.5 px a mm."""
    viewport.fit_to = "field"
    viewport.set_volume(coded_stack(slices=120))
    viewport.set_window(TELLING_WINDOW)
    settle()
    return viewport


def on_screen(viewport: Viewport, x: int = 300, y: int = 100) -> int:
    """Index of the slice that is really painted, read back from a pixel."""
    return viewport.grab().toImage().pixelColor(x, y).red()


def heard(signal: Any) -> list[Any]:
    """Everything a signal says from now on."""
    said: list[Any] = []
    signal.connect(lambda *words: said.append(words[0] if len(words) == 1 else words))
    return said


def a_cross(viewport: Viewport, **changes: Any) -> ViewMark:
    """A mark in the middle of the slice shown, with both axes: 20 by 12 mm."""
    k = viewport.slice
    assert viewport.volume is not None
    grid = viewport.volume.grid
    z = float(grid.origins[k][2])
    axes = MarkAxes(k, ((-10.0, 0.0, z), (10.0, 0.0, z)), ((0.0, -6.0, z), (0.0, 6.0, z)))
    ring = circle_on_slice(grid, k, (0.0, 0.0, z), 11.0)
    asked = {"outlines": {k: (ring,)}, "axes": axes, "editable": True, "selected": True, **changes}
    return ViewMark("M1", MarkStyle.SOLID, "target", label=MarkLabel("M1", "20.0 × 12.0"), **asked)


def place_of(viewport: Viewport, x: float, y: float) -> tuple[float, float]:
    """Screen point of a point in the plane of the slice shown."""
    at = viewport.placement.to_screen((x, y, 0.0))
    return float(at[0]), float(at[1])


# --- wheel and slices -------------------------------------------------------------------------------------


def test_it_opens_at_the_head(shown: Viewport) -> None:
    assert shown.slice == 119
    assert on_screen(shown) == 119


def test_one_notch_is_one_slice_in_every_tool(shown: Viewport) -> None:
    for number, tool in enumerate(("segment", "length", "brush", "polygon"), start=1):
        shown.set_tool(tool)
        turn(shown, 1)
        assert on_screen(shown) == 119 - number


def test_shift_makes_five(shown: Viewport) -> None:
    turn(shown, 1, keys=SHIFT)
    assert shown.slice == 114


def test_a_hundred_notches_at_once_lose_none_and_are_painted_once(shown: Viewport) -> None:
    painted = heard(shown.slice_painted)
    for _ in range(100):
        turn(shown, 1)
    settle()
    assert on_screen(shown) == 19
    assert painted == [19]
    assert shown.painted_slices() == (19, 119)


def test_fractions_of_a_fine_wheel_add_up(shown: Viewport) -> None:
    for _ in range(8):
        turn(shown, 0.25)
    assert shown.slice == 117
    turn(shown, 0.5)
    turn(shown, -0.75)
    assert shown.slice == 117


def test_the_wheel_stops_at_the_ends(shown: Viewport) -> None:
    turn(shown, -3)
    assert shown.slice == 119
    turn(shown, 500)
    assert shown.slice == 0


def test_ctrl_wheel_zooms_at_the_pointer_and_keeps_the_slice(shown: Viewport) -> None:
    before, zoom = shown.placement.to_patient(120, 200), shown.placement.px_per_mm
    turn(shown, -2, (120, 200), CTRL)
    assert shown.slice == 119
    assert shown.placement.px_per_mm > zoom
    assert shown.placement.to_patient(120, 200) == pytest.approx(before)


def test_over_the_rail_the_wheel_goes_by_ten(shown: Viewport) -> None:
    turn(shown, 1, (412, 200))
    assert shown.slice == 109


def test_keys_go_through_the_slices(shown: Viewport) -> None:
    steps = ((Qt.Key.Key_Down, 118), (Qt.Key.Key_PageDown, 108), (Qt.Key.Key_End, 0), (Qt.Key.Key_Home, 119))
    for key, expected in steps:
        QTest.keyClick(shown, key)
        assert shown.slice == expected


def test_a_click_on_the_rail_goes_there_and_a_tick_to_its_mark(shown: Viewport) -> None:
    pressed = heard(shown.tick_pressed)
    rail = shown.rail()
    click(shown, (415, rail.y_of(60)))
    assert shown.slice == 60
    shown.set_marks([a_cross(shown)])
    click(shown, (415, rail.y_of(100)))
    click(shown, (403, rail.y_of(60)))
    assert shown.slice == 60
    assert pressed == ["M1"]


def test_what_was_not_on_the_screen_does_not_count_as_shown(qtbot: QtBot) -> None:
    hidden = Viewport()
    qtbot.addWidget(hidden)
    hidden.resize(420, 446)
    hidden.set_volume(coded_stack())
    hidden.grab()
    hidden.set_slice(3)
    hidden.grab()
    assert hidden.painted_slices() == ()


def test_slices_seen_earlier_are_taken_over(shown: Viewport) -> None:
    shown.set_volume(coded_stack(), painted=(3, 4))
    assert shown.painted_slices() == (3, 4)


# --- window, zoom, pan ------------------------------------------------------------------------------------


def test_middle_drag_pans_with_the_hand(shown: Viewport) -> None:
    point = shown.placement.to_patient(200, 200)
    drag(shown, (200, 200), (230, 190), (260, 180), button=MIDDLE)
    assert shown.placement.to_patient(260, 180) == pytest.approx(point)


def test_right_drag_windows_and_a_right_click_asks(shown: Viewport) -> None:
    shown.set_preset(1)
    asked = heard(shown.context_asked)
    drag(shown, (100, 200), (110, 200), (150, 180), button=RIGHT)
    assert shown.grey_window.width > 380
    assert shown.grey_window.centre < 60
    assert asked == []
    shown.set_marks([a_cross(shown)])
    click(shown, place_of(shown, 4, 4), RIGHT)
    assert asked[0][0].hit.key == "M1"
    assert asked[0][0].pointer.value == 119


def test_reset_fits_again_and_a_new_size_keeps_the_fit(shown: Viewport) -> None:
    fit = shown.placement
    turn(shown, -3, (50, 50), CTRL)
    shown.reset_look()
    assert shown.placement == fit
    shown.resize(620, 646)
    settle()
    assert shown.placement.px_per_mm == pytest.approx(620 / 64)


def test_invert_swaps_black_and_white(shown: Viewport) -> None:
    shown.invert()
    assert on_screen(shown) == 255 - 119


def test_pixels_that_are_not_square_keep_their_shape(viewport: Viewport) -> None:
    viewport.fit_to = "field"
    viewport.set_volume(coded_stack(slices=255, spacing_mm=(0.5, 1.0, 1.0)))
    viewport.set_window(TELLING_WINDOW)
    picture = viewport.grab().toImage()
    lit = [x for x in range(400) if picture.pixelColor(x, 300).red() > 200]
    assert (lit[0], lit[-1]) == (pytest.approx(105, abs=1), pytest.approx(314, abs=1))


# --- tools through the widget -----------------------------------------------------------------------------


def test_a_click_hands_out_the_patient_point(shown: Viewport) -> None:
    drawn = heard(shown.drawn)
    click(shown, place_of(shown, 5.0, -7.0))
    assert isinstance(drawn[0], Click)
    assert drawn[0].at == pytest.approx((5.0, -7.0, 238.0), abs=0.15)
    assert drawn[0].slice == 119


def test_a_stroke_follows_the_hand(shown: Viewport) -> None:
    drawn = heard(shown.drawn)
    drag(shown, (100, 100), (120, 130), (160, 150))
    assert isinstance(drawn[0], Stroke)
    assert len(drawn[0].points) == 3


def test_a_length_is_right_in_mm(shown: Viewport) -> None:
    shown.set_tool("length")
    drawn = heard(shown.drawn)
    drag(shown, place_of(shown, -20, 0), place_of(shown, 0, 0), place_of(shown, 20, 0))
    assert isinstance(drawn[0], LengthLine)
    assert np.linalg.norm(np.subtract(*drawn[0].ends)) == pytest.approx(40, abs=0.3)


def test_two_axes_by_hand(shown: Viewport) -> None:
    shown.set_tool("two-axes")
    drawn = heard(shown.drawn)
    drag(shown, place_of(shown, -20, 0), place_of(shown, 20, 0))
    assert drawn == []
    drag(shown, place_of(shown, 1, -8), place_of(shown, 5, 9))
    assert isinstance(drawn[0], TwoAxes)
    assert drawn[0].short_ends is not None
    assert is_perpendicular(axes_from_ends(drawn[0].long_ends, drawn[0].short_ends, 119))


def test_escape_drops_what_is_being_drawn(shown: Viewport) -> None:
    shown.set_tool("length")
    drawn = heard(shown.drawn)
    drag(shown, (100, 100), (150, 150), release=False)
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    QTest.mouseRelease(shown, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(150, 150))
    assert drawn == []


def test_a_blocked_tool_draws_nothing(shown: Viewport) -> None:
    shown.set_tool("segment", forbidden=True)
    drawn = heard(shown.drawn)
    drag(shown, (100, 100), (150, 150))
    click(shown, (100, 100))
    assert drawn == []


def test_the_brush_grows_by_bracket_and_by_wheel_while_its_key_is_held(shown: Viewport) -> None:
    shown.set_tool("brush")
    drawn = heard(shown.drawn)
    size = shown.hands.brush_radius_mm
    QTest.keyClick(shown, Qt.Key.Key_BracketRight)
    bracket = shown.hands.brush_radius_mm
    QTest.keyPress(shown, Qt.Key.Key_P)
    turn(shown, -1)
    QTest.keyRelease(shown, Qt.Key.Key_P)
    assert size < bracket < shown.hands.brush_radius_mm
    assert shown.slice == 119
    turn(shown, 1)
    assert shown.slice == 118
    drag(shown, (100, 100), (150, 150))
    assert isinstance(drawn[0], Discs)
    assert drawn[0].radius_mm == shown.hands.brush_radius_mm


def test_a_double_click_takes_its_click_back(shown: Viewport) -> None:
    drawn, back, alone = heard(shown.drawn), heard(shown.click_withdrawn), heard(shown.double_clicked)
    click(shown, (100, 100))
    QTest.mouseDClick(shown, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    assert (len(drawn), len(back), len(alone)) == (1, 1, 1)


# --- marks ------------------------------------------------------------------------------------------------


def test_pressing_on_a_mark_wins_over_the_tool_but_not_with_alt(shown: Viewport) -> None:
    shown.set_marks([a_cross(shown)])
    drawn, pressed = heard(shown.drawn), heard(shown.mark_pressed)
    click(shown, place_of(shown, 4, 4))
    assert (len(drawn), pressed) == (0, ["M1"])
    click(shown, place_of(shown, 4, 4), keys=ALT)
    assert len(drawn) == 1


def test_pulling_an_end_tells_once_on_release_with_the_right_angle_kept(shown: Viewport) -> None:
    shown.set_marks([a_cross(shown)])
    edited = heard(shown.mark_edited)
    drag(shown, place_of(shown, 10, 0), place_of(shown, 14, 2), place_of(shown, 18, 6))
    assert len(edited) == 1
    key, axes = edited[0]
    assert key == "M1"
    assert axes.long_ends[1][:2] == pytest.approx((18, 6), abs=0.2)
    assert is_perpendicular(axes_from_ends(axes.long_ends, axes.short_ends, 119))


def test_escape_puts_a_pulled_end_back(shown: Viewport) -> None:
    shown.set_marks([a_cross(shown)])
    edited = heard(shown.mark_edited)
    drag(shown, place_of(shown, 10, 0), place_of(shown, 18, 6), release=False)
    assert shown.hands.marks_in_hand()[0].axes != shown.marks[0].axes
    QTest.keyClick(shown, Qt.Key.Key_Escape)
    assert shown.hands.marks_in_hand()[0].axes == shown.marks[0].axes
    assert edited == []


def test_moving_a_mark_tells_its_way_in_mm(shown: Viewport) -> None:
    shown.set_marks([a_cross(shown)])
    moved = heard(shown.mark_moved)
    drag(shown, place_of(shown, 4, 4), place_of(shown, 8, 4), place_of(shown, 12, 10))
    key, way, axes = moved[0]
    assert key == "M1"
    assert way[:2] == pytest.approx((8, 6), abs=0.3)
    assert axes.long_ends[0][:2] == pytest.approx((-2, 6), abs=0.3)


def test_three_px_are_no_drag(shown: Viewport) -> None:
    shown.set_marks([a_cross(shown)])
    x, y = place_of(shown, 10, 0)
    edited = heard(shown.mark_edited)
    drag(shown, (x, y), (x + 2, y + 2))
    assert edited == []


def test_a_locked_mark_cannot_be_pulled(shown: Viewport) -> None:
    shown.set_marks([a_cross(shown, locked=True)])
    edited = heard(shown.mark_edited)
    drag(shown, place_of(shown, 10, 0), place_of(shown, 18, 6))
    assert edited == []


def test_arrows_move_a_pulled_handle_by_a_quarter_pixel_and_shift_by_one(shown: Viewport) -> None:
    shown.set_marks([a_cross(shown)])
    click(shown, place_of(shown, 10, 0))
    edited = heard(shown.mark_edited)
    QTest.keyClick(shown, Qt.Key.Key_Right)
    assert edited[0][1].long_ends[1][0] == pytest.approx(10.25)
    QTest.keyClick(shown, Qt.Key.Key_Right, SHIFT)
    assert edited[1][1].long_ends[1][0] == pytest.approx(11.0)
    assert shown.slice == 119


def test_a_mark_too_small_to_edit_says_so(shown: Viewport) -> None:
    shown.set_marks([a_cross(shown)])
    turn(shown, 18, place_of(shown, 0, 0), CTRL)
    said, edited = heard(shown.said), heard(shown.mark_edited)
    x, y = place_of(shown, 10, 0)
    drag(shown, (x, y), (x + 30, y))
    assert said == ["Zoom in to edit (Ctrl + wheel)."]
    assert edited == []


def test_hidden_marks_are_not_painted_and_the_head_says_it(shown: Viewport) -> None:
    bare = shown.grab().toImage()
    shown.set_marks([a_cross(shown)])
    assert shown.grab().toImage() != bare
    shown.set_marks_hidden(True)
    hidden = shown.grab().toImage()
    below = QPoint(0, 26)
    assert hidden.copy(below.x(), below.y(), 398, 420) == bare.copy(below.x(), below.y(), 398, 420)
    assert hidden.copy(0, 0, 420, 26) != bare.copy(0, 0, 420, 26)


@pytest.mark.parametrize("style", list(MarkStyle))
def test_every_style_paints_its_hue_on_its_own_slice_only(shown: Viewport, style: MarkStyle) -> None:
    bare = shown.grab().toImage()
    k = shown.slice
    assert shown.volume is not None
    ring = circle_on_slice(shown.volume.grid, k, (0.0, 0.0, 0.0), 10.0)
    shown.set_marks([ViewMark("Z", style, "zone", {k: (ring,)})])
    picture = shown.grab().toImage()
    hues = {picture.pixelColor(x, y).name() for x in range(100, 320) for y in range(130, 340)}
    assert "#d9a8ff" in hues
    shown.set_slice(k - 1)
    shown.set_slice(k)
    shown.set_slice(k - 1)
    off = shown.grab().toImage()
    assert off.pixelColor(210, 236) == off.pixelColor(300, 100)
    assert bare.pixelColor(210, 236).red() == 119


def test_zoom_does_not_thicken_lines(shown: Viewport) -> None:
    k = shown.slice
    assert shown.volume is not None
    ring = circle_on_slice(shown.volume.grid, k, (0.0, 0.0, 0.0), 12.0)
    shown.set_marks([ViewMark("Z", MarkStyle.SOLID, "target", {k: (ring,)})])

    def lit() -> int:
        picture = shown.grab().toImage()
        x, y = place_of(shown, 0, 0)
        return sum(picture.pixelColor(round(x), row).blue() > 160 for row in range(round(y) - 190, round(y)))

    before = lit()
    turn(shown, -2, place_of(shown, 0, 0), CTRL)
    assert 1 <= before <= 3
    assert lit() == pytest.approx(before, abs=1)


def test_the_head_tells_title_and_series(shown: Viewport) -> None:
    pressed = heard(shown.series_pressed)
    empty = shown.grab().toImage()
    shown.set_head(Head("day 113", "", "CT portal venous", (), series_menu=True))
    assert shown.grab().toImage() != empty
    click(shown, (shown.series_area().center().x(), 12))
    assert len(pressed) == 1


def test_cine_runs_from_the_last_slice_to_the_first_again(shown: Viewport, qtbot: QtBot) -> None:
    shown.set_slice(0)
    shown.start_cine()
    qtbot.waitUntil(lambda: shown.slice in (119, 118), timeout=2000)
    shown.stop_cine()
    assert not shown.cine_runs


def test_a_taken_wheel_turns_no_slices(shown: Viewport) -> None:
    taken: list[int] = []
    shown.wheel_taken = lambda notches: bool(taken.append(notches)) or True
    turn(shown, 1)
    assert taken == [-1]
    assert shown.slice == 119


def test_the_pointer_tells_point_and_stored_value(shown: Viewport) -> None:
    told = heard(shown.pointer_moved)
    at, none = QPointF(200.0, 200.0), Qt.MouseButton.NoButton  # sent straight: other windows may lie over this one
    event = QMouseEvent(
        QEvent.Type.MouseMove, at, QPointF(shown.mapToGlobal(at)), none, none, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(shown, event)
    assert told[-1].value == 119
    assert told[-1].slice == 119


@pytest.mark.slow
def test_twenty_thousand_repaints_keep_the_references_of_none(shown: Viewport) -> None:
    shown.set_marks([a_cross(shown)])
    shown.resize(160, 186)
    watched = (None, True, False)
    shown.repaint()
    before = [sys.getrefcount(one) for one in watched]
    for turned in range(20_000):
        shown.set_slice(turned % 120)
        shown.repaint()
    after = [sys.getrefcount(one) for one in watched]
    assert [abs(a - b) < 2_000 for a, b in zip(after, before, strict=True)] == [True] * 3
