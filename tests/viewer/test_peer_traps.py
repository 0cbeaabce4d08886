"""Traps that other viewers fell into: each stays shut here, seen on the screen where it showed on theirs."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from measure.geometry import Grid, Point
from measure.segment.brush import brushed
from measure.volume import Volume
from tests.build.hands import drag, settle, turn
from tests.build.stacks import TELLING_WINDOW, coded_stack
from viewer.axis_editing import lengths_text
from viewer.layouts import ViewportGrid
from viewer.linking import Link
from viewer.marks import MarkAxes, MarkLabel, MarkStyle, ViewMark, circle_on_slice
from viewer.paint_viewport import window_numbers
from viewer.region_statistics import RegionStatistics
from viewer.slice_geometry import SliceOrder
from viewer.tools.events import Angle, Discs, Stroke
from viewer.viewport import Viewport
from viewer.window_level import Window, first_window, preset_window

pytestmark = pytest.mark.gui

USELESS = [Window(0.0, 0.0), Window(-1.0, 40.0), None]


# --- a window of 0/0 in the header ------------------------------------------------------------------------


def a_body(modality: str) -> Volume:
    """Tissue of 40 with a lesion of 70 in it, air round it."""
    stack = coded_stack(slices=5, modality=modality)
    stack.array[:] = -1000 if modality == "CT" else 10
    stack.array[:, 10:54, 10:54] = 40 if modality == "CT" else 400
    stack.array[:, 28:36, 28:36] = 70 if modality == "CT" else 520
    return stack


@pytest.mark.parametrize("stored", USELESS)
@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_a_useless_stored_window_shows_the_lesion_all_the_same(
    viewport: Viewport, modality: str, stored: Window | None
) -> None:
    viewport.fit_to = "field"
    for preset in (None, 7):
        viewport.set_volume(a_body(modality), stored_window=stored)
        if preset is not None:
            viewport.set_preset(preset)
        picture = viewport.grab().toImage()
        air, tissue, lesion = (picture.pixelColor(*at).red() for at in ((40, 60), (120, 150), (200, 236)))
        assert air < tissue < lesion  # neither white, nor black, nor inverted
        if preset is None:
            assert lesion - tissue > 15


@given(st.one_of(st.none(), st.builds(Window, st.floats(-5.0, 5.0), st.floats(-100.0, 100.0))))
def test_no_stored_window_makes_a_window_without_width(stored: Window | None) -> None:
    for volume in (a_body("CT"), a_body("MR")):
        assert first_window(volume, stored).width > 0
        assert preset_window(7, volume, stored).width > 0


# --- float noise in labels --------------------------------------------------------------------------------

NOISE = re.compile(r"\d\.\d\d|e[-+]|nan|inf|[\u2212-]0(\.0)?(?![.\d])")
mm = st.floats(-400.0, 400.0)


@given(st.tuples(mm, mm, mm), st.tuples(mm, mm, mm), st.tuples(mm, mm, mm), st.tuples(mm, mm, mm))
def test_lengths_and_angles_have_one_decimal(a: Point, b: Point, c: Point, d: Point) -> None:
    for text in (
        lengths_text(MarkAxes(0, (a, b))),
        lengths_text(MarkAxes(0, (a, b), (c, d))),
        Angle(0, (a, b, c)).text,
    ):
        assert not NOISE.search(text), text
        assert len(re.findall(r"\d+\.\d(?!\d)", text)) in (1, 2)


@given(mm, st.floats(0.0, 300.0), st.floats(0.1, 5000.0))
def test_statistics_have_no_noise(mean: float, deviation: float, area: float) -> None:
    text = RegionStatistics(mean, deviation, mean, mean, area, 9, "HU").text()
    assert not NOISE.search(text), text


@given(st.floats(1e-4, 4000.0), st.floats(-1500.0, 1500.0))
def test_the_corner_text_of_a_window_has_no_noise(width: float, centre: float) -> None:
    for text, value in zip(window_numbers(Window(width, centre)), (width, centre), strict=True):
        assert not re.search(r"e[-+]|nan|[\u2212-]0(\.0*)?$", text), text
        assert float(text.replace("\u2212", "-")) == pytest.approx(
            value, abs=max(0.06 * width, 0.5 if width >= 10 else 0)
        )


@pytest.mark.parametrize(
    ("window", "text"),
    [
        (Window(380.0, 60.0), ("380", "60")),
        (Window(1500.0000001, -600.0), ("1500", "\u2212600")),
        (Window(3.5, 0.02), ("3.5", "0.0")),
        (Window(0.0025, 0.0012), ("0.0025", "0.0012")),
        (Window(40.0, -0.2), ("40", "0")),
    ],
)
def test_window_numbers_have_the_digits_that_the_width_has_use_for(window: Window, text: tuple[str, str]) -> None:
    assert window_numbers(window) == text


# --- labels over the lesion -------------------------------------------------------------------------------


@pytest.mark.parametrize("radius_mm", [1.5, 6.0, 14.0])
def test_no_label_lies_on_any_lesion_of_the_slice(viewport: Viewport, radius_mm: float) -> None:
    stack = coded_stack(slices=3, size=(128, 128), origin=(-64.0, -64.0, 0.0))
    viewport.fit_to = "field"
    viewport.set_volume(stack)
    k = viewport.slice
    z = float(stack.grid.origins[k][2])
    marks = []
    for number, (x, y) in enumerate([(-28.0, -28.0), (28.0, -24.0), (-22.0, 26.0), (26.0, 28.0)]):
        ring = circle_on_slice(stack.grid, k, (x, y, z), radius_mm)
        label = MarkLabel(f"T{number}", f"{2 * radius_mm:.1f} × {2 * radius_mm:.1f}")
        marks.append(ViewMark(f"T{number}", MarkStyle.SOLID, "target", {k: (ring,)}, label=label, selected=True))
    viewport.set_marks(marks)
    viewport.grab()
    places = viewport.label_areas()
    assert len(places) == 4
    for mark in marks:
        outline = viewport.placement.to_screen(mark.outlines[k][0])
        (left, top), (right, bottom) = outline.min(axis=0), outline.max(axis=0)
        for place in places.values():
            wide = min(place.left + place.width, right) - max(place.left, left)
            high = min(place.top + place.height, bottom) - max(place.top, top)
            assert min(wide, high) <= 0


# --- opening at the wrong end -----------------------------------------------------------------------------

axial = st.tuples(st.sampled_from([1.0, -1.0]), st.sampled_from([1.0, -1.0]), st.floats(-10.0, 10.0))


@given(axial, st.integers(2, 300))
def test_an_axial_stack_opens_at_the_head_however_it_is_stored(way: tuple[float, float, float], count: int) -> None:
    tilt = np.radians(way[2])
    row = (way[0], 0.0, 0.0)
    column = (0.0, way[1] * float(np.cos(tilt)), float(np.sin(tilt)))
    grid = Grid.regular((8, 8, count), (1.0, 1.0, 2.0), row_axis=row, column_axis=column)
    first = SliceOrder.of(grid).index(1)
    heights = grid.origins[:, 2]
    assert heights[first] == heights.max()


# --- feedback in links ------------------------------------------------------------------------------------


@pytest.fixture
def linked(qtbot: QtBot) -> Iterator[tuple[tuple[Viewport, ...], Link]]:
    """Three linked stacks with other steps, offsets and directions of storage."""
    grid = ViewportGrid(layout="1x3")
    qtbot.addWidget(grid)
    grid.resize(900, 400)
    grid.show()
    qtbot.waitExposed(grid)
    shown = grid.shown()
    stacks = (
        coded_stack(slices=120, spacing_mm=(1.0, 1.0, 1.0)),
        coded_stack(slices=48, spacing_mm=(0.8, 0.8, 2.5), origin=(-30.0, -30.0, 3.3)),
        coded_stack(
            slices=40,
            spacing_mm=(0.9, 0.9, 3.0),
            origin=(-30.0, 30.0, 118.0),
            plane=((1.0, 0.0, 0.0), (0.0, -1.0, 0.0)),
        ),
    )
    for viewport, stack in zip(shown, stacks, strict=True):
        viewport.set_volume(stack)
    link = Link(shown)
    link.set_shift(shown[1], (0.0, 0.0, 0.7))
    yield shown, link
    link.set_viewports(())


def test_each_step_leads_once_and_comes_to_rest(linked: tuple[tuple[Viewport, ...], Link]) -> None:
    viewports, link = linked
    told: Counter[str] = Counter()
    for number, viewport in enumerate(viewports):
        for name in ("slice_changed", "look_changed", "window_changed"):
            getattr(viewport, name).connect(lambda *_, key=f"{name} {number}": told.update([key]))
    link.follow(viewports[0])
    for step in range(30):
        turn(viewports[step % 3], 1 if step % 4 else -2)
    settle()
    assert sum(told[f"slice_changed {n}"] for n in range(3)) <= 30
    resting = [viewport.slice for viewport in viewports]
    settle()
    assert [viewport.slice for viewport in viewports] == resting
    told.clear()
    turn(viewports[1], -3, keys=Qt.KeyboardModifier.ControlModifier)
    drag(viewports[2], (100, 100), (120, 100), (140, 110), button=Qt.MouseButton.RightButton)
    settle()
    assert {key for key, number in told.items() if number > 3} == set()
    assert told["look_changed 0"] == told["look_changed 2"] == 0
    assert told["window_changed 0"] == told["window_changed 1"] == 0


def test_there_and_back_again_ends_where_it_began(linked: tuple[tuple[Viewport, ...], Link]) -> None:
    viewports, link = linked
    viewports[0].set_slice(60)
    link.follow(viewports[0])
    before = [viewport.slice for viewport in viewports]
    for way in (1, -1):
        for _ in range(20):
            turn(viewports[0], way)
    assert [viewport.slice for viewport in viewports] == before


# --- a thousand slices ------------------------------------------------------------------------------------


def test_a_thousand_slices_scroll_one_by_one_and_by_the_rail(viewport: Viewport) -> None:
    viewport.fit_to = "field"
    stack = coded_stack(slices=1000, size=(32, 32), spacing_mm=(1.0, 1.0, 0.5), origin=(-16.0, -16.0, 0.0))
    viewport.set_volume(replace(stack, missing_after=(500,)))
    viewport.set_window(Window(1000.0, 500.0))
    for _ in range(999):
        turn(viewport, 1)
    assert viewport.slice == 0
    turn(viewport, -999)
    assert viewport.slice == 999
    rail = viewport.rail()
    for k in (0, 1, 499, 998, 999):
        assert rail.slice_at(rail.y_of(k)) == k
    drag(viewport, (415, rail.y_of(900)), (415, rail.y_of(500)), (415, rail.y_of(100)))
    assert abs(viewport.slice - 100) <= 2  # a px of the rail is more than two slices
    settle()
    assert viewport.slice in viewport.painted_slices()


# --- strokes outside the picture --------------------------------------------------------------------------


@pytest.mark.parametrize(("tool", "kind"), [("segment", Stroke), ("brush", Discs), ("eraser", Discs)])
def test_a_stroke_that_leaves_the_picture_and_the_window_is_handed_out_whole(
    viewport: Viewport, tool: str, kind: type
) -> None:
    stack = coded_stack(slices=5)
    viewport.fit_to = "field"
    viewport.set_volume(stack)
    viewport.set_tool(tool)
    drawn: list[Stroke | Discs] = []
    viewport.drawn.connect(drawn.append)
    drag(viewport, (200, 200), (390, 200), (900, 200), (900, -500), (-300, -500))
    assert isinstance(drawn[0], kind)
    points = np.asarray(drawn[0].points)
    assert np.isfinite(points).all()
    assert not all(stack.grid.contains(point) for point in points)
    viewport.grab()
    mask = brushed(np.zeros(stack.array.shape, bool), stack.grid, points.tolist(), 4.0)
    assert mask.any()
    assert mask.shape == stack.array.shape


@given(st.lists(st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)), min_size=1, max_size=6))
def test_painting_anywhere_touches_only_pixels_of_its_slice(ways: list[tuple[float, float]]) -> None:
    stack = coded_stack(slices=5)
    points = [(x, y, 4.0) for x, y in ways]
    mask = brushed(np.zeros(stack.array.shape, bool), stack.grid, points, 3.0)
    assert set(np.flatnonzero(mask.any(axis=(1, 2)))) <= {2}
    if not any(_near_field(a, b) for a, b in pairwise([*points, points[-1]])):
        assert not mask.any()


def _near_field(a: Point, b: Point) -> bool:
    """The box round two points comes near the field of view."""
    low, high = np.minimum(a, b)[:2], np.maximum(a, b)[:2]
    return bool(np.all(high >= -36.0) and np.all(low <= 36.0))


def test_a_mark_wholly_outside_the_picture_is_painted_nowhere_and_breaks_nothing(viewport: Viewport) -> None:
    stack = coded_stack(slices=5)
    viewport.fit_to = "field"
    viewport.set_volume(stack)
    viewport.set_window(TELLING_WINDOW)
    k = viewport.slice
    ring = circle_on_slice(stack.grid, k, (4000.0, -4000.0, 0.0), 10.0)
    viewport.set_marks([ViewMark("T1", MarkStyle.SOLID, "target", {k: (ring,)}, selected=True, editable=True)])
    picture = viewport.grab().toImage()
    assert picture.pixelColor(210, 236).red() == 4
    turn(viewport, 1)
    viewport.set_marks([])
    viewport.set_slice(k)
    assert viewport.slice == k
