"""The three planes through their widgets: wheel, press, drag and window with real events."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from measure.refusal import Refused
from measure.volume import Volume
from tests.build.hands import click, drag, settle, turn
from tests.build.masks import oblique_grid, rotation
from tests.build.stacks import TELLING_WINDOW, coded_stack
from viewer.marks import MarkStyle
from viewer.mpr import ACROSS_GAP, MprView
from viewer.tools.events import LengthLine, Pointed
from viewer.viewport import Viewport

pytestmark = pytest.mark.gui


@pytest.fixture
def mpr(qtbot: QtBot) -> MprView:
    shown = MprView()
    qtbot.addWidget(shown)
    shown.resize(900, 700)
    shown.show()
    qtbot.waitExposed(shown)
    shown.set_volume(coded_stack(slices=100), window=TELLING_WINDOW)
    settle()
    return shown


def heard(signal: Any) -> list[Any]:
    said: list[Any] = []
    signal.connect(said.append)
    return said


def gapped() -> Volume:
    """Fifty slices of 2 mm with 30 mm missing behind the 25th."""
    stack = coded_stack(slices=50)
    grid = stack.grid
    origins = tuple((x, y, z + (30.0 if k > 24 else 0.0)) for k, (x, y, z) in enumerate(grid.slice_origins))
    moved = type(grid)(grid.size, grid.spacing_mm, grid.row_axis, grid.column_axis, origins)
    return Volume(stack.array, moved, missing_after=(24,))


def spot(viewport: Viewport, point: tuple[float, float, float]) -> tuple[float, float]:
    x, y = viewport.placement.to_screen(point)
    return float(x), float(y)


def away_from_slice(viewport: Viewport, point: tuple[float, float, float]) -> float:
    grid = viewport.volume.grid if viewport.volume is not None else None
    assert grid is not None
    return abs(float(grid.positions_mm[viewport.slice]) - float(np.dot(point, grid.normal)))


def test_it_opens_in_the_middle_of_all_three(mpr: MprView) -> None:
    assert mpr.point == pytest.approx((-1.0, -1.0, 98.0))
    assert [viewport.slice for viewport in mpr.viewports] == [49, 31, 32]


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(-40.0, 40.0), st.floats(0.5, 1.4), st.floats(0.8, 5.0), st.tuples(*[st.floats(0.1, 0.9)] * 3))
def test_a_point_lies_under_the_same_millimetre_in_all_three(
    mpr: MprView, degrees: float, pixel: float, step: float, share: tuple[float, float, float]
) -> None:
    grid = oblique_grid((40, 36, 30), (pixel, pixel * 1.3, step), rotation(degrees, (1.0, 0.4, 0.2)), np.zeros(3))
    mpr.set_volume(Volume(np.zeros((30, 36, 40), np.int16), grid))
    x, y, z = (float(c) for c in grid.to_patient([s * (n - 1) for s, n in zip(share, grid.size, strict=True)]))
    mpr.set_point((x, y, z))
    for viewport in mpr.viewports:
        assert viewport.volume is not None
        own = viewport.volume.grid
        back = viewport.placement.to_patient(*spot(viewport, (x, y, z)))
        off = np.subtract(back, (x, y, z))
        assert abs(float(off @ np.asarray(own.row_axis))) < 1e-6
        assert abs(float(off @ np.asarray(own.column_axis))) < 1e-6
        assert np.linalg.norm(off) <= own.slice_step_mm / 2.0 + 1e-6


def test_the_wheel_moves_the_point_along_the_normal_of_its_plane_only(mpr: MprView) -> None:
    axial, coronal, sagittal = mpr.viewports
    before = mpr.point
    turn(axial, 3)
    assert mpr.point == pytest.approx((before[0], before[1], before[2] - 6.0))
    assert (coronal.slice, sagittal.slice) == (31, 32)
    turn(coronal, 2)
    assert np.subtract(mpr.point, before) == pytest.approx((0.0, 2.0, -6.0))
    assert (axial.slice, sagittal.slice) == (46, 32)


def test_a_click_moves_the_crosshair_in_all(mpr: MprView) -> None:
    axial, coronal, sagittal = mpr.viewports
    told = heard(mpr.point_changed)
    click(axial, spot(axial, (10.0, -12.0, 0.0)))
    assert told[-1] == pytest.approx((10.0, -12.0, 98.0), abs=0.2)
    for viewport in (coronal, sagittal):
        assert away_from_slice(viewport, mpr.point) <= 0.5 + 1e-6
    click(coronal, spot(coronal, (-5.0, 0.0, 40.0)))
    assert mpr.point == pytest.approx((-5.0, -12.0, 40.0), abs=0.6)
    assert axial.slice == 20
    assert axial.grab().toImage().pixelColor(100, 520).red() == 20


def test_a_drag_carries_the_crosshair_along_and_never_runs_in_circles(mpr: MprView) -> None:
    axial = mpr.viewports[0]
    told = heard(mpr.point_changed)
    drag(axial, spot(axial, (0.0, 0.0, 0.0)), spot(axial, (4.0, 2.0, 0.0)), spot(axial, (9.0, 5.0, 0.0)))
    assert len(told) == 3
    assert mpr.point == pytest.approx((9.0, 5.0, 98.0), abs=0.2)


def test_the_window_is_one_for_all(mpr: MprView) -> None:
    coronal = mpr.viewports[1]
    drag(coronal, (100, 200), (110, 200), (140, 190), button=Qt.MouseButton.RightButton)
    assert len({viewport.grey_window for viewport in mpr.viewports}) == 1
    assert mpr.viewports[0].grey_window != TELLING_WINDOW


def test_the_reference_lines_cross_at_the_point(mpr: MprView) -> None:
    axial = mpr.viewports[0]
    x, y = spot(axial, (12.0, -8.0, 0.0))
    click(axial, (x, y))
    settle()
    picture = axial.grab().toImage()
    bare = picture.pixelColor(round(x) - 100, round(y) - 70)
    assert picture.pixelColor(round(x), round(y) - 70).red() != bare.red()
    assert picture.pixelColor(round(x) - 100, round(y)).red() != bare.red()
    assert picture.pixelColor(round(x), round(y)) == bare


def test_a_length_on_a_reformatted_plane_says_not_for_criteria_and_goes_to_nobody(mpr: MprView) -> None:
    mpr.set_tool("length")
    drawn, said = heard(mpr.drawn), heard(mpr.said)
    coronal = mpr.viewports[1]
    drag(coronal, spot(coronal, (-10.0, 0.0, 60.0)), spot(coronal, (10.0, 0.0, 60.0)))
    assert drawn == []
    assert "not for criteria" in said[-1]
    assert coronal.marks[0].style is MarkStyle.REFORMATTED
    assert coronal.marks[0].label.values.startswith("20.")
    assert coronal.marks[0].label.second == "not for criteria"


def test_a_length_on_the_acquired_plane_is_handed_on(mpr: MprView) -> None:
    mpr.set_tool("length")
    drawn = heard(mpr.drawn)
    axial = mpr.viewports[0]
    drag(axial, spot(axial, (-10.0, 0.0, 0.0)), spot(axial, (10.0, 0.0, 0.0)))
    assert isinstance(drawn[0], LengthLine)
    assert not isinstance(drawn[0], Pointed)


@pytest.mark.parametrize("tool", ["segment", "two-axes", "brush", "polygon"])
def test_drawing_tools_refuse_a_reformatted_plane_in_one_line(mpr: MprView, tool: str) -> None:
    mpr.set_tool(tool)
    drawn, said = heard(mpr.drawn), heard(mpr.said)
    sagittal = mpr.viewports[2]
    drag(sagittal, (100, 100), (150, 150))
    assert drawn == []
    assert said == ["Draw on the axial plane, as it was acquired; a reformatted plane is not for criteria."]


def test_missing_slices_are_a_black_band_without_values_and_lengths_across_are_refused(mpr: MprView) -> None:
    mpr.set_volume(gapped(), window=TELLING_WINDOW)
    settle()
    coronal = mpr.viewports[1]
    picture = coronal.grab().toImage()
    x, top = spot(coronal, (8.0, 0.0, 77.0))
    _, bottom = spot(coronal, (8.0, 0.0, 51.0))
    reds = {picture.pixelColor(round(x), y).red() for y in range(round(top) + 3, round(bottom) - 3)}
    blues = {picture.pixelColor(round(x), y).blue() for y in range(round(top) + 3, round(bottom) - 3)}
    assert 0 in reds
    assert max(blues) < 100  # black and its hatching, no picture
    inside = coronal.pointer_at(*spot(coronal, (8.0, 0.0, 64.0)))
    assert inside.value is None
    assert coronal.pointer_at(*spot(coronal, (8.0, 0.0, 40.0))).value == 20
    mpr.set_tool("length")
    said = heard(mpr.said)
    drag(coronal, spot(coronal, (8.0, 0.0, 30.0)), spot(coronal, (8.0, 0.0, 100.0)))
    assert said == [ACROSS_GAP]
    assert coronal.marks == ()


def test_only_slices_of_the_acquired_plane_count_as_seen(mpr: MprView) -> None:
    settle()
    seen = heard(mpr.slice_painted)
    turn(mpr.viewports[1], 1)
    settle()
    assert 32 not in seen
    turn(mpr.viewports[0], 1)
    settle()
    assert seen[-1] == 48


def test_a_double_click_shows_one_plane_alone_and_back(mpr: MprView) -> None:
    mpr.toggle_alone(mpr.viewports[1])
    assert [viewport.isVisible() for viewport in mpr.viewports] == [False, True, False]
    mpr.toggle_alone(mpr.viewports[1])
    assert all(viewport.isVisible() for viewport in mpr.viewports)


def test_a_single_slice_is_refused_and_what_was_shown_stays(mpr: MprView) -> None:
    with pytest.raises(Refused, match="single slice"):
        mpr.set_volume(coded_stack(slices=1))
    assert mpr.viewports[0].slice == 49


def test_a_coronal_acquisition_is_drawn_on_in_its_coronal_plane(mpr: MprView) -> None:
    mpr.set_volume(coded_stack(plane=((1.0, 0.0, 0.0), (0.0, 0.0, -1.0))))
    assert mpr.acquired is mpr.viewports[1]
    mpr.set_tool("segment")
    said = heard(mpr.said)
    click(mpr.viewports[0], (100, 100))
    assert said[0].startswith("Draw on the coronal plane")


def test_a_thousand_slices_open_without_a_copy(mpr: MprView) -> None:
    stack = coded_stack(slices=1000, size=(32, 32), spacing_mm=(1.0, 1.0, 0.5))
    mpr.set_volume(stack)
    settle()
    turn(mpr.viewports[0], 700)
    assert mpr.viewports[0].slice == 0
    assert all(np.shares_memory(v.volume.array, stack.array) for v in mpr.viewports if v.volume is not None)
