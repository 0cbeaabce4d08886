"""The margin map on the slice: colours by margin, lines, the least place, and never without its caveats."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor

from measure.geometry import Grid
from measure.margin import Margin, ablation_margin
from measure.register import Registration
from measure.volume import Volume
from tests.build.masks import ellipsoid
from viewer.margin_map import MarginMap, _free_corner, legend_lines, margin_colours, margin_scene, millimetres
from viewer.theme import theme
from viewer.viewport import Viewport

pytestmark = pytest.mark.gui
GRID = Grid.regular((60, 60, 30), (1.0, 1.0, 1.5), (-30.0, -30.0, -21.75))


def ball(centre: tuple[float, float, float], radius: float) -> np.ndarray:
    return ellipsoid(GRID, np.array(centre), (radius,) * 3, np.eye(3))


@pytest.fixture(scope="module")
def margin() -> Margin:
    """Least margin 2 mm at the patient's left, 12 mm at the right."""
    same = Registration(np.eye(4), 1.9, 1.0, "good")
    return ablation_margin(ball((0, 0, 0), 7), GRID, ball((-5, 0, 0), 14), GRID, same)


@pytest.fixture
def shown(viewport: Viewport, margin: Margin) -> Viewport:
    viewport.fit_to = "field"
    viewport.set_volume(Volume(np.full((30, 60, 60), -1000, np.int16), GRID))
    viewport.go_to(margin.minimum_at, centre=False)
    viewport.set_overlays([MarginMap(margin)])
    return viewport


def colour_at(viewport: Viewport, x: float, y: float) -> QColor:
    at = viewport.placement.to_screen((x, y, 0.0))
    return viewport.grab().toImage().pixelColor(round(float(at[0])), round(float(at[1])))


def test_near_margins_are_dark_blue_and_far_ones_yellow(shown: Viewport, margin: Margin) -> None:
    shown.set_slice(GRID.nearest_slice((0.0, 0.0, 4.0)))
    assert shown.slice != GRID.nearest_slice(margin.minimum_at)
    cut = MarginMap(margin).cut(shown.placement)
    values, places = cut.read(margin.distances_mm).mean(axis=1), cut.ends.mean(axis=1)
    near, far = places[values.argmin()], places[values.argmax()]
    assert near[0] > 0 > far[0]
    dark, light = colour_at(shown, near[0], near[1]), colour_at(shown, far[0], far[1])
    assert dark.blue() > dark.red()
    assert light.red() > light.blue() + 60


def test_the_least_place_is_ringed_on_its_own_slice_only(shown: Viewport, margin: Margin) -> None:
    x, y = shown.placement.to_screen(margin.minimum_at)
    ring = [(round(float(x) + 5 * np.cos(a)), round(float(y) + 5 * np.sin(a))) for a in np.linspace(0, 6.2, 24)]

    def white() -> int:
        picture = shown.grab().toImage()
        return sum(min(picture.pixelColor(*at).getRgb()[:3]) > 150 for at in ring)  # type: ignore[type-var]

    assert white() > 12
    shown.set_slice(shown.slice + 2)
    assert white() < 6


def test_a_slice_beside_the_tumour_has_the_legend_alone(shown: Viewport, margin: Margin) -> None:
    shown.set_slice(0)
    assert len(MarginMap(margin).cut(shown.placement).ends) == 0
    picture = shown.grab().toImage()
    hues = {picture.pixelColor(x, y).name() for x in range(14, 196) for y in range(300, 394)}
    assert len(hues) > 60


def test_the_legend_goes_where_it_hides_no_margin() -> None:
    plate, free = QRectF(0, 0, 190, 100), QRectF(14, 40, 400, 350)
    assert _free_corner(plate, free, QRectF()) == QPointF(14, 290)
    assert _free_corner(plate, free, QRectF(10, 280, 100, 100)) == QPointF(224, 290)
    assert _free_corner(plate, free, QRectF(10, 280, 400, 100)) == QPointF(14, 40)


def test_the_map_takes_nothing_with_it_when_another_stack_is_shown(shown: Viewport) -> None:
    assert shown.volume is not None
    shown.set_volume(shown.volume)
    assert shown.overlays == ()


def test_the_words_hold_error_voxel_and_method(margin: Margin) -> None:
    words = " ".join(text for text, _ in legend_lines(margin))
    assert "registration ± 1.9\u2009mm" in words
    assert "1 × 1 × 1.5\u2009mm" in words
    assert "rigid" in words
    assert f"least margin {millimetres(margin.minimum_mm)}" in words


def test_what_is_not_evaluable_has_no_number_no_colour_and_its_reason(shown: Viewport, margin: Margin) -> None:
    coarse = replace(margin, evaluable=False, why_not="registration error 6.0 mm, at most 5 mm")
    words = [text for text, _ in legend_lines(coarse)]
    assert words[:2] == ["Margin not evaluable:", "registration error 6.0 mm, at most 5 mm"]
    assert not any("least" in text for text in words)
    surface, lines, spots = margin_scene(coarse)
    assert (surface.colours, lines, spots) == (None, (), ())
    shown.set_overlays([MarginMap(coarse)])
    picture = shown.grab().toImage()
    area = range(100, 320)
    hues = {picture.pixelColor(x, y).getRgb() for x in area for y in range(100, 290)}
    assert all(abs(red - blue) < 12 for red, _, blue, _ in hues)


def test_the_scene_has_a_colour_a_point_lines_and_the_least_place(margin: Margin) -> None:
    surface, lines, spots = margin_scene(margin)
    assert surface.colours is not None
    assert surface.colours.shape == surface.points.shape
    assert len(lines) == 2
    assert spots[0].at == margin.minimum_at
    assert spots[0].text.startswith("least ")


def test_the_colours_run_from_0_to_12_and_stand_still_beyond() -> None:
    names = theme().ramps["margin"]
    found = margin_colours(np.array([-4.0, 0.0, 12.0, 20.0]))
    ends = [(QColor(names[k]).red(), QColor(names[k]).green(), QColor(names[k]).blue()) for k in (0, 0, -1, -1)]
    assert [tuple(int(p) for p in row) for row in found] == ends
    grey = margin_colours(np.linspace(0, 12, 49)).astype(float) @ (0.299, 0.587, 0.114)
    assert (np.diff(grey) >= -1.0).all()  # reads in grey, too


def test_a_margin_has_a_true_minus_and_no_noise() -> None:
    assert millimetres(-2.3999999) == "\u22122.4\u2009mm"
    assert millimetres(-0.04) == "0.0\u2009mm"
