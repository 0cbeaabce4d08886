"""Slabs: the values of all slices within a thickness, on the screen and by themselves."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PySide6.QtCore import Qt

from measure.volume import Volume
from tests.build.hands import click, drag, settle, turn
from tests.build.stacks import TELLING_WINDOW, coded_stack
from viewer.slab import LEAST_MM, MOST_MM, Slab, SlabKind, slab_range, slab_values
from viewer.viewport import Viewport


def stack(array: np.ndarray, step_mm: float = 2.0) -> Volume:
    count, rows, columns = array.shape
    made = coded_stack(slices=count, size=(columns, rows), spacing_mm=(1.0, 1.0, step_mm))
    return replace(made, array=array)


values = arrays(np.int16, (7, 3, 4), elements=st.integers(-1024, 3000))


@given(values, st.integers(0, 6), st.floats(1.0, 30.0), st.floats(0.5, 5.0))
def test_a_slab_is_the_slices_within_half_its_thickness(
    array: np.ndarray, k: int, thickness: float, step_mm: float
) -> None:
    volume = stack(array, step_mm)
    inside = [n for n in range(7) if abs(n - k) * step_mm <= thickness / 2.0 + 1e-6]
    part = array[inside].astype(float)
    exact = {
        SlabKind.MIP: part.max(axis=0),
        SlabKind.MINIP: part.min(axis=0),
        SlabKind.MEAN: np.rint(part.mean(axis=0)),
    }
    for kind, expected in exact.items():
        shown = slab_values(volume, k, Slab(kind, thickness))
        assert shown.dtype == np.int16
        assert np.abs(shown.astype(float) - expected).max() <= (1.0 if kind is SlabKind.MEAN else 0.0)


def test_padding_plays_no_part_and_stays_where_nothing_else_is() -> None:
    array = np.full((3, 1, 3), -2000, np.int16)
    array[:, 0, 1] = (10, -2000, 40)
    array[1, 0, 2] = -500
    volume = replace(stack(array), padding=-2000)
    found = {kind: slab_values(volume, 1, Slab(kind, 10.0))[0].tolist() for kind in SlabKind}
    assert found == {
        SlabKind.MIP: [-2000, 40, -500],
        SlabKind.MINIP: [-2000, 10, -500],
        SlabKind.MEAN: [-2000, 25, -500],
    }


def test_a_slab_never_reaches_across_missing_slices() -> None:
    volume = coded_stack(slices=20, missing_after=(9,))
    assert slab_range(volume, 9, 12.0) == (6, 9)
    assert slab_range(volume, 10, 12.0) == (10, 13)
    assert slab_range(volume, 15, 12.0) == (12, 18)


@given(st.floats(LEAST_MM, MOST_MM), st.integers(-40, 40))
def test_the_thickness_stays_within_its_limits(thickness: float, notches: int) -> None:
    assert LEAST_MM <= Slab(SlabKind.MIP, thickness).resized(notches).thickness_mm <= MOST_MM


@pytest.fixture
def shown(viewport: Viewport) -> Viewport:
    viewport.fit_to = "field"
    viewport.set_volume(coded_stack(slices=100))
    viewport.set_window(TELLING_WINDOW)
    viewport.set_slice(50)
    return viewport


def on_screen(viewport: Viewport) -> int:
    return viewport.grab().toImage().pixelColor(300, 100).red()


@pytest.mark.gui
def test_a_slab_is_painted_scrolls_and_goes(shown: Viewport) -> None:
    for kind, grey in ((SlabKind.MIP, 52), (SlabKind.MINIP, 48), (SlabKind.MEAN, 50)):
        shown.set_slab(Slab(kind, 10.0))
        assert on_screen(shown) == grey
    shown.set_slab(Slab(SlabKind.MIP, 10.0))
    turn(shown, 1)
    assert on_screen(shown) == 51
    assert ("MIP 10\u2009mm", "text", 1, True) in shown._painter._corner_lines()
    shown.set_slab(None)
    assert on_screen(shown) == 49


@pytest.mark.gui
@pytest.mark.parametrize("tool", ["segment", "two-axes", "length", "brush"])
def test_nothing_is_drawn_on_a_slab_and_it_is_said(shown: Viewport, tool: str) -> None:
    shown.set_tool(tool)
    shown.set_slab(Slab(SlabKind.MIP, 10.0))
    drawn: list[object] = []
    said: list[str] = []
    shown.drawn.connect(drawn.append)
    shown.said.connect(said.append)
    drag(shown, (100, 100), (150, 150))
    assert drawn == []
    assert said == ["A slab is shown. Draw on single slices: a point of a slab has no depth."]


@pytest.mark.gui
def test_the_value_under_the_pointer_is_the_stored_one(shown: Viewport) -> None:
    shown.set_slab(Slab(SlabKind.MIP, 10.0))
    assert shown.pointer_at(200.0, 200.0).value == 50


@pytest.mark.gui
def test_the_magnifier_enlarges_about_the_pointer_and_follows_it(viewport: Viewport) -> None:
    array = np.zeros((3, 64, 64), np.int16)
    array[:, :, ::2] = 200
    viewport.fit_to = "field"
    viewport.set_volume(stack(array))
    viewport.set_window(TELLING_WINDOW)

    def stripes(y: int) -> int:
        picture = viewport.grab().toImage()
        lit = [picture.pixelColor(x, y).red() > 100 for x in range(140, 280)]
        return sum(a != b for a, b in pairwise(lit))

    bare = stripes(200)
    click(viewport, (210, 200))
    drag(viewport, (205, 200), (210, 200), button=Qt.MouseButton.MiddleButton)
    viewport.set_magnifier(True)
    settle()
    assert stripes(200) < bare / 2 + 1
    viewport.set_magnifier(False)
    assert stripes(200) == bare
