"""Layouts of a reading by their keys: three planes, 3-D and back, with the right picture in hand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from app.background import Jobs
from app.desktop import key_map, organs, set_look
from app.models.reading import ReadingModel
from app.windows.planes_page import PlanesPage
from app.windows.reading_screen import ReadingScreen
from app.windows.scene_page import ScenePage
from app.workflow.reading import open_case
from tests.build.workspace import small_workspace
from tests.gui.hands import key, until

pytestmark = pytest.mark.gui


@pytest.fixture
def reading(tmp_path: Path, qapp: QApplication) -> Iterator[ReadingScreen]:
    """The baseline of a small case, its picture there."""
    set_look(qapp)
    small = small_workspace(tmp_path)
    session = small.sessions["reader.one"]
    opened = open_case(small.ports, session, small.subject("01-001").id)
    assert opened is not None
    jobs = Jobs()
    model = ReadingModel(small.ports, session, jobs, opened)
    screen = ReadingScreen(model, jobs, key_map(), organs(), demo=True, user="reader.one")
    screen.resize(1366, 768)
    screen.show()
    until(lambda: screen.images.active.volume is not None, "the picture")
    yield screen
    screen.stop()
    screen.close()
    small.workspace.close()


def page(reading: ReadingScreen) -> object:
    return reading.images._pages.currentWidget()


def test_three_planes_and_back(reading: ReadingScreen) -> None:
    before = reading.images.active.slice
    key(reading.images.active, Qt.Key.Key_F6)
    planes = page(reading)
    assert isinstance(planes, PlanesPage)
    assert planes.view.acquired.slice == before, "about where one was"
    assert reading.images.active in planes.view.viewports
    key(reading.images.active, Qt.Key.Key_Down)
    assert planes.view.acquired.slice != before, "the keys go to the plane in hand"
    key(reading.images.active, Qt.Key.Key_Tab)
    assert reading.images.active is planes.view.viewports[1]
    key(reading.images.active, Qt.Key.Key_B)
    assert planes.view.tool == "two-axes", "a drawing tool is taken there, too, for the acquired plane"
    key(reading.images.active, Qt.Key.Key_F2)
    assert page(reading) is reading.images.grid
    assert reading.images.active is reading.images.grid.active


def test_slices_seen_in_three_planes_count_for_the_sweep(reading: ReadingScreen) -> None:
    key(reading.images.active, Qt.Key.Key_F6)
    planes = page(reading)
    assert isinstance(planes, PlanesPage)
    series = reading.model.reading.now.series_hung_as("main")
    assert series is not None
    for _ in range(series.slices):
        QApplication.processEvents()
        key(planes.view.acquired, Qt.Key.Key_Down)
    for _ in range(series.slices):
        QApplication.processEvents()
        key(planes.view.acquired, Qt.Key.Key_Up)
    QApplication.processEvents()
    assert reading.model.seen(series) == set(range(series.slices))


def test_3d_comes_or_says_why_not(reading: ReadingScreen) -> None:
    key(reading.images.active, Qt.Key.Key_F6, Qt.KeyboardModifier.ShiftModifier)
    shown = page(reading)
    assert isinstance(shown, ScenePage) or reading.line.text
    key(reading, Qt.Key.Key_F2)
    assert page(reading) is reading.images.grid
