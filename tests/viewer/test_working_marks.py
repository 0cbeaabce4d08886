"""What measuring tools draw becomes a mark with the right value; drawn with the hand on the screen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from measure.refusal import Refused
from measure.volume import Volume
from tests.build.hands import click, drag, turn
from tests.build.stacks import coded_stack
from viewer.region_statistics import polygon_statistics
from viewer.tools.events import Angle, Click, Polygon, Probe
from viewer.viewport import Viewport
from viewer.working_marks import as_working_mark


def ramp() -> Volume:
    """Value = column index, minus 30."""
    stack = coded_stack(slices=5)
    stack.array[:] = np.arange(64, dtype=np.int16)[None, None, :] - 30
    return stack


@given(st.floats(0.0, 180.0), st.floats(1.0, 50.0), st.floats(1.0, 50.0), st.floats(-180.0, 180.0))
def test_an_angle_is_that_between_its_arms(degrees: float, first: float, second: float, turned: float) -> None:
    a, b = np.radians(turned), np.radians(turned + degrees)
    ends = [(r * np.cos(w), r * np.sin(w), 7.0) for r, w in ((first, a), (second, b))]
    found = Angle(3, (ends[0], (0.0, 0.0, 7.0), ends[1]))
    assert found.degrees == pytest.approx(degrees, abs=1e-4)


def test_a_polygon_tells_mean_spread_and_area() -> None:
    volume = ramp()
    corners = tuple((x - 0.5, y - 0.5, 4.0) for x, y in ((0.0, 0.0), (4.0, 0.0), (4.0, 6.0), (0.0, 6.0)))
    found = polygon_statistics(volume, Polygon(2, corners))
    inside = np.arange(32, 36) - 30.0
    assert found.mean == pytest.approx(inside.mean())
    assert found.deviation == pytest.approx(inside.std())
    assert found.area_mm2 == pytest.approx(24.0)
    assert found.pixels == 24
    with pytest.raises(Refused, match="no pixel"):
        polygon_statistics(volume, Polygon(2, tuple((x + 900.0, y, z) for x, y, z in corners)))


def test_a_probe_tells_the_stored_value_and_refuses_outside() -> None:
    volume = ramp()
    mark = as_working_mark("P", Probe(2, (-12.2, 3.0, 4.0)), volume)
    assert mark is not None
    assert mark.label.values == "\u221210\u2009HU"
    for outside in ((60.0, 0.0, 4.0), (0.0, -33.0, 4.0)):
        with pytest.raises(Refused, match="outside the picture"):
            as_working_mark("P", Probe(2, outside), volume)


def test_what_is_no_measurement_is_no_mark() -> None:
    assert as_working_mark("P", Click(2, (0.0, 0.0, 4.0)), ramp()) is None


@pytest.fixture
def shown(viewport: Viewport) -> Viewport:
    viewport.fit_to = "field"
    viewport.set_volume(ramp())
    return viewport


def spot(viewport: Viewport, x: float, y: float) -> tuple[float, float]:
    at = viewport.placement.to_screen((x, y, 0.0))
    return float(at[0]), float(at[1])


@pytest.mark.gui
@pytest.mark.parametrize("clicked", [True, False])
def test_an_angle_is_drawn_by_hand_with_its_live_value(shown: Viewport, clicked: bool) -> None:
    shown.set_tool("angle")
    drawn: list[object] = []
    shown.drawn.connect(drawn.append)
    first, corner, last = spot(shown, 20.0, 0.0), spot(shown, 0.0, 0.0), spot(shown, 0.0, -20.0)
    if clicked:
        click(shown, first)
        click(shown, corner)
    else:
        drag(shown, first, corner)
    drag(shown, (corner[0] + 40, corner[1] - 40), last, release=False)
    assert shown.hands.drawing().text.endswith("°")
    assert drawn == []
    drag(shown, last, last)
    assert isinstance(drawn[0], Angle)
    assert drawn[0].degrees == pytest.approx(90.0, abs=0.6)
    bare = shown.grab().toImage()
    mark = as_working_mark("A", drawn[0], ramp())
    assert mark is not None
    shown.set_marks([mark])
    assert shown.grab().toImage() != bare


@pytest.mark.gui
def test_an_angle_on_two_slices_is_dropped_in_words(shown: Viewport) -> None:
    shown.set_tool("angle")
    said: list[str] = []
    shown.said.connect(said.append)
    drag(shown, spot(shown, 20.0, 0.0), spot(shown, 0.0, 0.0))
    turn(shown, 1)
    click(shown, spot(shown, 0.0, -20.0))
    assert said == ["An angle lies on one slice. The line that was begun is dropped."]


@pytest.mark.gui
def test_a_probe_is_a_click(shown: Viewport) -> None:
    shown.set_tool("probe")
    drawn: list[object] = []
    shown.drawn.connect(drawn.append)
    click(shown, spot(shown, 5.0, 5.0))
    assert isinstance(drawn[0], Probe)
    assert drawn[0].at[:2] == pytest.approx((5.0, 5.0), abs=0.15)
