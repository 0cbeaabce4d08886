"""The 3-D view: what its process draws, how the hand turns it, and what is said where nothing can be drawn."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from measure.geometry import Grid
from measure.surface import surface_of
from tests.build.hands import drag, settle, turn
from tests.build.masks import ellipsoid
from viewer.scene_client import NO_3D, SceneClient
from viewer.scene_values import NamedSurface, SceneLines, Spot, View
from viewer.surface_view import NOTHING, SurfaceView
from viewer.turning import FROM_FRONT, seen_from, turned

pytestmark = pytest.mark.gui
GRID = Grid.regular((60, 60, 40), (1.0, 1.0, 1.5), (-30.0, -30.0, -29.0))


def a_ball(
    centre: tuple[float, float, float], radius: float, name: str, colour: str = "target", *, dim: bool = False
) -> NamedSurface:
    surface = surface_of(ellipsoid(GRID, np.array(centre), (radius,) * 3, np.eye(3)), GRID)
    return NamedSurface(surface.points, surface.triangles, colour, name, dim)


@pytest.fixture
def view(qtbot: QtBot) -> Iterator[SurfaceView]:
    shown = SurfaceView()
    qtbot.addWidget(shown)
    shown.resize(300, 326)
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    shown.close_scene()


def drawn(view: SurfaceView, qtbot: QtBot) -> QImage:
    """The view once the picture asked last is there; skips where no OpenGL is."""
    qtbot.waitUntil(lambda: bool(view.reason) or view._picture_of == view.view, timeout=40_000)
    if view.reason:
        pytest.skip("needs OpenGL")
    return view.grab().toImage()


def spot(view: SurfaceView, point: tuple[float, float, float]) -> tuple[int, int]:
    x, y = view.view.to_screen(np.asarray(point))
    return round(float(x)), round(float(y)) + 26


def test_a_lesion_is_drawn_in_its_hue_where_it_lies_and_turns_with_the_hand(view: SurfaceView, qtbot: QtBot) -> None:
    view.set_scene([a_ball((12.0, 0.0, 0.0), 8.0, "T1"), a_ball((-14.0, 0.0, 10.0), 6.0, "Z1", "zone")])
    picture = drawn(view, qtbot)
    left = picture.pixelColor(*spot(view, (12.0, 0.0, 0.0)))
    right = picture.pixelColor(*spot(view, (-14.0, 0.0, 10.0)))
    assert left.blue() > left.red() + 40  # the blue of a target
    assert right.red() > right.green() + 20  # the purple of a zone
    assert spot(view, (12.0, 0.0, 0.0))[0] > spot(view, (-14.0, 0.0, 10.0))[0]  # seen from the front: left is right
    front = spot(view, (0.0, -10.0, 0.0))[0]
    drag(view, (150, 170), (180, 170), (200, 170))
    assert spot(view, (0.0, -10.0, 0.0))[0] > front  # what faces the eye goes with the hand
    assert drawn(view, qtbot) != picture


def test_the_wheel_zooms_and_a_double_click_puts_back(view: SurfaceView, qtbot: QtBot) -> None:
    view.set_scene([a_ball((0.0, 0.0, 0.0), 10.0, "T1")])
    drawn(view, qtbot)
    before = view.view
    turn(view, -2)
    assert view.mm_per_px < before.mm_per_px
    drag(view, (100, 100), (160, 140))
    QTest.mouseDClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(100, 100))
    settle()
    assert view.view == before


def test_keys_turn_zoom_and_put_back(view: SurfaceView, qtbot: QtBot) -> None:
    view.set_scene([a_ball((0.0, 0.0, 0.0), 10.0, "T1")])
    drawn(view, qtbot)
    before = view.view
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Up, Qt.Key.Key_Plus):
        was = view.view
        QTest.keyClick(view, key)
        assert view.view != was
    QTest.keyClick(view, Qt.Key.Key_Home)
    settle()
    assert view.view == before


def test_colours_of_the_points_lines_and_spots_are_drawn(view: SurfaceView, qtbot: QtBot) -> None:
    ball = a_ball((0.0, 0.0, 0.0), 10.0, "")
    red = np.tile(np.array([200, 0, 0], np.uint8), (len(ball.points), 1))
    ball = NamedSurface(ball.points, ball.triangles, "target", colours=red)
    across = SceneLines(np.array([[[-9.0, -12.0, 5.0], [9.0, -12.0, 5.0]]]), (1.0, 1.0, 1.0), 3.0)
    view.set_scene([ball], lines=[across], spots=[Spot((0.0, -10.0, -4.0), "least 2.4")])
    picture = drawn(view, qtbot)
    assert picture.pixelColor(*spot(view, (3.0, -9.0, 0.0))).red() > 120
    assert picture.pixelColor(*spot(view, (3.0, -9.0, 0.0))).blue() < 40
    assert picture.pixelColor(*spot(view, (0.0, -12.0, 5.0))).green() > 150
    x, y = spot(view, (0.0, -10.0, -4.0))
    ring = {picture.pixelColor(x + 6, y + d).green() for d in (-1, 0, 1)}
    assert max(ring) > 150


def test_many_wishes_at_once_end_with_the_newest(view: SurfaceView, qtbot: QtBot) -> None:
    view.set_scene([a_ball((0.0, 0.0, 0.0), 10.0, "T1")])
    drawn(view, qtbot)
    pictures: list[View] = []
    view._client.drawn.connect(lambda _, of: pictures.append(of))
    for _ in range(50):
        turn(view, -0.2)
    drawn(view, qtbot)
    assert pictures[-1] == view.view
    assert len(pictures) < 20


@pytest.mark.parametrize(
    "command",
    [
        (sys.executable, "-c", "import os; os.kill(os.getpid(), 11)"),
        (sys.executable, "-c", "raise SystemExit(1)"),
        ("/nowhere/python",),
    ],
)
def test_where_nothing_can_be_drawn_it_says_so_in_one_line(qtbot: QtBot, command: tuple[str, ...]) -> None:
    shown = SurfaceView(client=SceneClient(command=command))
    qtbot.addWidget(shown)
    told: list[str] = []
    shown.unavailable.connect(told.append)
    shown.resize(300, 326)
    shown.show()
    shown.set_scene([a_ball((0.0, 0.0, 0.0), 10.0, "T1")])
    qtbot.waitUntil(lambda: bool(told), timeout=10_000)
    assert told == [NO_3D]
    assert shown.reason == NO_3D
    shown.grab()
    shown.set_scene([a_ball((0.0, 0.0, 0.0), 10.0, "T1")])
    settle()
    assert told == [NO_3D]


def test_an_empty_scene_starts_nothing(view: SurfaceView) -> None:
    view.set_scene([])
    settle()
    assert view._client._process is None
    assert view.grab().toImage().pixelColor(5, 300).red() == 0
    assert NOTHING.endswith(".")


@given(st.lists(st.tuples(st.floats(-3.0, 3.0), st.floats(-3.0, 3.0)), max_size=30))
def test_turning_never_warps(ways: list[tuple[float, float]]) -> None:
    axes = FROM_FRONT
    for across, down in ways:
        axes = turned(axes, across, down)
    assert np.allclose(axes @ axes.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(axes) > 0.99


def test_the_head_says_where_the_eye_is() -> None:
    assert seen_from(FROM_FRONT[2]) == "from the front"
    assert seen_from(np.array([-0.5, -0.8, 0.1])) == "from the front, right"
    assert seen_from(np.array([0.0, 0.2, 0.97])) == "from above"
