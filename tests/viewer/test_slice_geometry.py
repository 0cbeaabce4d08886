from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from measure.geometry import Grid
from tests.build.stacks import coded_stack
from viewer.slice_geometry import (
    Area,
    Placement,
    SliceOrder,
    body_box,
    edge_letters,
    fitted,
    letters_towards,
    panned,
    zoomed_at,
)

AREA = Area(0.0, 26.0, 708.0, 986.0)
mm = st.floats(-300.0, 300.0)
spacing = st.floats(0.2, 5.0)
screen = st.tuples(st.floats(0.0, 708.0), st.floats(26.0, 1012.0))


@st.composite
def placements(draw: st.DrawFn) -> Placement:
    """Any slice of any stack, turned any way in space, at any zoom and pan."""
    angles = draw(st.tuples(*[st.floats(-3.0, 3.0)] * 3))
    turn = np.eye(3)
    for axis, angle in enumerate(angles):
        c, s = np.cos(angle), np.sin(angle)
        step = np.eye(3)
        a, b = [(1, 2), (0, 2), (0, 1)][axis]
        step[a, a], step[a, b], step[b, a], step[b, b] = c, -s, s, c
        turn = step @ turn
    grid = Grid.regular(
        (draw(st.integers(2, 600)), draw(st.integers(2, 600)), draw(st.integers(1, 30))),
        (draw(spacing), draw(spacing), draw(spacing)),
        draw(st.tuples(mm, mm, mm)),
        row_axis=tuple(turn[:, 0].tolist()),
        column_axis=tuple(turn[:, 1].tolist()),
    )
    k = draw(st.integers(0, grid.size[2] - 1))
    return Placement(grid, k, AREA, draw(st.floats(0.2, 30.0)), draw(st.tuples(mm, mm, mm)))


@given(placements(), screen)
def test_a_screen_point_goes_to_the_patient_and_back(placement: Placement, at: tuple[float, float]) -> None:
    point = placement.to_patient(*at)
    assert placement.to_screen(point) == pytest.approx(at, abs=1e-3)
    assert placement.grid.to_index(point)[2] == pytest.approx(placement.slice, abs=1e-4)


@given(placements(), screen, screen)
def test_a_distance_in_mm_is_px_by_zoom_in_every_direction(
    placement: Placement, a: tuple[float, float], b: tuple[float, float]
) -> None:
    px = np.hypot(a[0] - b[0], a[1] - b[1])
    away = np.linalg.norm(np.subtract(placement.to_patient(*a), placement.to_patient(*b)))
    assert float(away) * placement.px_per_mm == pytest.approx(px, abs=1e-3)


@given(placements(), screen)
def test_the_pixel_under_a_point_is_the_one_whose_centre_is_nearest(
    placement: Placement, at: tuple[float, float]
) -> None:
    i, j, _ = placement.grid.to_index(placement.to_patient(*at))
    assume(abs(i % 1.0 - 0.5) > 1e-3)
    assume(abs(j % 1.0 - 0.5) > 1e-3)
    columns, rows, _ = placement.grid.size
    inside = 0 <= round(i) < columns and 0 <= round(j) < rows
    assert placement.pixel_at(*at) == ((round(i), round(j)) if inside else None)


@given(placements(), screen, st.floats(0.5, 2.0))
def test_zoom_keeps_what_is_under_the_pointer(placement: Placement, at: tuple[float, float], factor: float) -> None:
    assume(0.2 <= placement.px_per_mm * factor <= 50)
    enlarged = zoomed_at(placement, factor, *at)
    assert enlarged.px_per_mm == pytest.approx(placement.px_per_mm * factor)
    assert enlarged.to_patient(*at) == pytest.approx(placement.to_patient(*at), abs=1e-3)


@given(placements(), screen, st.floats(-300, 300), st.floats(-300, 300))
def test_panning_moves_the_picture_with_the_hand(
    placement: Placement, at: tuple[float, float], dx: float, dy: float
) -> None:
    point = placement.to_patient(*at)
    moved = panned(placement, dx, dy).to_screen(point)
    assert moved == pytest.approx((at[0] + dx, at[1] + dy), abs=1e-3)


@given(placements())
def test_the_whole_field_fits_and_touches_two_edges(placement: Placement) -> None:
    whole = fitted(placement.grid, placement.slice, AREA)
    left, top, width, height = whole.picture()
    assert left >= AREA.left - 1e-3
    assert top >= AREA.top - 1e-3
    assert left + width <= AREA.left + AREA.width + 1e-3
    assert top + height <= AREA.top + AREA.height + 1e-3
    limited = whole.px_per_mm in (0.1, 60.0)
    assert limited or width == pytest.approx(AREA.width) or height == pytest.approx(AREA.height)


def test_pixels_twice_as_high_as_wide_are_painted_so() -> None:
    grid = Grid.regular((100, 100, 1), (0.5, 1.0, 1.0))
    width, height = fitted(grid, 0, AREA).pixel_px
    assert height == pytest.approx(2 * width)


@pytest.mark.parametrize(
    ("direction", "letters"),
    [
        ((1, 0, 0), "L"),
        ((-1, 0, 0), "R"),
        ((0, 1, 0), "P"),
        ((0, -1, 0), "A"),
        ((0, 0, 1), "S"),
        ((0, 0, -1), "I"),
        ((0.8, 0.6, 0), "LP"),
        ((0.95, -0.3, 0), "L"),
    ],
)
def test_letters_name_the_side_a_direction_points_to(direction: tuple[float, float, float], letters: str) -> None:
    assert letters_towards(direction) == letters


def test_an_axial_picture_has_front_above_and_the_right_side_at_the_left() -> None:
    assert edge_letters(coded_stack().grid) == ("A", "R")


def test_axial_stacks_are_looked_at_from_the_head_down() -> None:
    order = SliceOrder.of(coded_stack(slices=40).grid)
    assert order.number(39) == 1
    assert order.index(1) == 39
    assert order.index(40) == 0
    assert [order.index(order.number(k)) for k in range(40)] == list(range(40))


def test_coronal_stacks_keep_their_own_order() -> None:
    coronal = coded_stack(slices=10, plane=((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)))
    assert SliceOrder.of(coronal.grid).number(0) == 1


def test_a_number_beyond_the_stack_stays_within() -> None:
    order = SliceOrder.of(coded_stack(slices=40).grid)
    assert (order.index(-5), order.index(99)) == (39, 0)


def test_the_body_is_found_without_the_table() -> None:
    volume = coded_stack(slices=9, size=(200, 200))
    volume.array[:] = -1000
    volume.array[:, 60:140, 40:160] = 40
    volume.array[:, 170:173, 20:180] = 100  # a table top
    left, top, columns, rows = body_box(volume)
    assert left <= 40
    assert left + columns >= 160
    assert top <= 60
    assert 140 <= top + rows <= 170


def test_a_picture_without_body_is_shown_whole() -> None:
    volume = coded_stack(slices=3, size=(64, 48))
    volume.array[:] = -1000
    assert body_box(volume) == (0, 0, 64, 48)
