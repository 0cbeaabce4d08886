"""Looking and measuring on the fly, through the window."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.command_line import run
from app.command_line.view import take_theme
from app.windows.view_window import NO_SPACING, ViewWindow
from tests.build.hands import drag, settle, turn
from tests.build.stacks import TELLING_WINDOW, coded_stack
from viewer.viewport import Viewport

pytestmark = pytest.mark.gui


@pytest.fixture
def window(qtbot: QtBot) -> ViewWindow:
    take_theme()
    shown = ViewWindow(2)
    qtbot.addWidget(shown)
    shown.resize(820, 480)
    shown.show()
    qtbot.waitExposed(shown)
    shown.set_volume(0, coded_stack(slices=80))
    shown.set_volume(1, coded_stack(slices=40, spacing_mm=(1.0, 1.0, 4.0)))
    settle()
    return shown


def place(viewport: Viewport, x: float, y: float) -> tuple[float, float]:
    at = viewport.placement.to_screen((x, y, 0.0))
    return float(at[0]), float(at[1])


def test_it_opens_at_the_first_slice_with_the_whole_field_in_view(window: ViewWindow) -> None:
    for viewport in window.shown:
        assert viewport.order.number(viewport.slice) == 1
        left, _, width, _ = viewport.placement.picture()
        assert left >= -0.5
        assert left + width <= viewport.width() + 0.5


def test_the_wheel_scrolls_both_and_the_pixels_say_so(window: ViewWindow) -> None:
    first, second = window.shown
    first.set_window(TELLING_WINDOW)
    turn(first, 39)
    middle = first.width() // 2
    assert first.grab().toImage().pixelColor(middle, 250).red() == 40
    assert second.grab().toImage().pixelColor(middle, 250).red() == 20


def test_a_length_is_measured_and_deleted(window: ViewWindow) -> None:
    first = window.shown[0]
    drag(first, place(first, -10, 0), place(first, 0, 0), place(first, 10, 0))
    assert [mark.label.values for mark in first.marks] == ["20.0\u2009mm"]
    QTest.keyClick(first, Qt.Key.Key_Delete)
    assert first.marks == ()


def test_an_ellipse_tells_the_stored_values(window: ViewWindow) -> None:
    first = window.shown[0]
    QTest.keyClick(first, Qt.Key.Key_E)
    drag(first, place(first, -10, -10), place(first, 0, 0), place(first, 10, 10))
    assert first.marks[0].label.values.startswith("79 ± 0\u2009HU")


@pytest.mark.parametrize(("key", "name"), [(Qt.Key.Key_3, "lung"), (Qt.Key.Key_8, "percentiles")])
def test_digits_choose_the_window_of_both(window: ViewWindow, key: Qt.Key, name: str) -> None:
    QTest.keyClick(window.shown[0], key)
    assert [viewport.grey_window.name for viewport in window.shown] == [name, name]


def test_without_spacing_nothing_is_measured_and_it_is_said(window: ViewWindow) -> None:
    bare = replace(coded_stack(), in_plane_measurable=False, measurable=False, why_not="no spacing")
    window.set_volume(0, bare)
    first = window.shown[0]
    drag(first, (100, 150), (200, 200))
    assert first.marks == ()
    assert window.message == NO_SPACING


def test_series_that_lie_apart_are_linked_by_their_first_slices(window: ViewWindow) -> None:
    window.set_volume(1, coded_stack(slices=40, origin=(0.0, 0.0, 5000.0)))
    first, second = window.shown
    turn(first, 7)
    assert second.order.number(second.slice) == 8


def test_the_window_says_nothing_but_coread(window: ViewWindow) -> None:
    assert window.windowTitle() == "coread"


def test_what_is_not_there_is_refused_with_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["view", str(tmp_path / "nothing")]) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len([line for line in said if "nothing" in line]) == 1


def test_f6_shows_three_planes_at_the_slice_shown_and_f3_goes_back(window: ViewWindow) -> None:
    window.grid.active.set_slice(20)
    QTest.keyClick(window, Qt.Key.Key_F6)
    assert window.planes is not None
    assert window.planes.acquired.slice == 20
    assert window.planes.viewports[1].grey_window == window.grid.active.grey_window
    QTest.keyClick(window, Qt.Key.Key_2)
    assert {one.grey_window.name for one in window.planes.viewports} == {"liver"}
    QTest.keyClick(window, Qt.Key.Key_F3)
    assert window.planes is None
    assert window.grid.isVisible()


def test_a_length_on_the_acquired_plane_of_three_is_a_mark_there(window: ViewWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_F6)
    assert window.planes is not None
    QTest.keyClick(window, Qt.Key.Key_L)
    settle()
    drag(window.planes.acquired, (100, 100), (150, 100))
    assert len(window.planes.acquired.marks) == 1
    assert window.planes.viewports[1].marks == ()
