"""Outlines where another plane cuts them: closed steps in the right place."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytestqt.qtbot import QtBot

from measure.geometry import Grid
from measure.outline import outlines_of_mask
from tests.build.hands import settle
from tests.build.masks import ellipsoid
from tests.build.stacks import TELLING_WINDOW, coded_stack
from viewer.cut_marks import cut_lines
from viewer.marks import MarkStyle, ViewMark
from viewer.mpr import MprView
from viewer.viewport import Viewport


def a_ball(grid: Grid, radius: float) -> ViewMark:
    mask = ellipsoid(grid, np.zeros(3), (radius,) * 3, np.eye(3))
    outlines = {k: tuple(pieces) for k, pieces in outlines_of_mask(mask, grid).items()}
    return ViewMark("T1", MarkStyle.SOLID, "target", outlines)


GRID = Grid.regular((60, 60, 40), (1.0, 1.0, 2.0), (-30.0, -30.0, -39.0))


@given(st.floats(-7.0, 7.0), st.sampled_from([(0.0, 1.0, 0.0), (1.0, 0.0, 0.0), (0.6, 0.8, 0.0)]))
def test_the_cut_lies_in_the_plane_closes_and_is_the_sphere_s(level: float, way: tuple[float, float, float]) -> None:
    normal = np.asarray(way)
    lines = cut_lines(a_ball(GRID, 12.0), GRID, normal, level)
    assert np.abs(lines @ normal - level).max() < 1e-6
    away = np.linalg.norm(lines.reshape(-1, 3), axis=1)
    assert away.max() < 12.0 + 2.5
    assert away.min() > np.hypot(12.0, 0.0) - 4.5
    ends, counts = np.unique(lines.reshape(-1, 3).round(4), axis=0, return_counts=True)
    assert len(ends) > 10
    assert (counts % 2 == 0).mean() > 0.95  # each piece ends where others begin


def test_beside_the_lesion_there_is_nothing() -> None:
    assert len(cut_lines(a_ball(GRID, 12.0), GRID, np.array([0.0, 1.0, 0.0]), 14.0)) == 0


def blue_pixels(viewport: Viewport, across: range, down: range) -> int:
    picture = viewport.grab().toImage()
    places = [picture.pixelColor(x, y) for x in across for y in down]
    return sum(one.blue() > one.red() + 60 for one in places)


@pytest.mark.gui
def test_marks_are_seen_on_the_reformatted_planes(qtbot: QtBot) -> None:
    mpr = MprView()
    qtbot.addWidget(mpr)
    mpr.resize(900, 700)
    mpr.show()
    qtbot.waitExposed(mpr)
    stack = coded_stack(slices=40, size=(60, 60), origin=(-30.0, -30.0, -39.0))
    mpr.set_volume(stack, window=TELLING_WINDOW, point=(4.0, 3.0, 2.0))
    mpr.set_marks([a_ball(stack.grid, 12.0)])
    settle()
    for viewport in mpr.viewports:
        x, y = (int(part) for part in viewport.placement.to_screen((0.0, 0.0, 0.0)))
        assert blue_pixels(viewport, range(x - 110, x + 110), range(y - 110, y + 110)) > 100
    coronal = mpr.viewports[1]
    mpr.set_marks_hidden(True)
    assert blue_pixels(coronal, range(40, 400), range(30, 340)) == 0
    mpr.set_marks_hidden(False)
    coronal.set_slice(2)
    assert coronal.marks == ()
    assert blue_pixels(coronal, range(40, 400), range(30, 340)) == 0
