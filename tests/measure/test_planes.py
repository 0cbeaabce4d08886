"""Planes of a stack: the same place in millimetres in all three, views and no copies, gaps left empty."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from measure.geometry import Grid, Point
from measure.planes import Plane, planes_of
from measure.refusal import Refused
from measure.volume import Volume
from tests.build.masks import rotation

spacings = st.tuples(st.floats(0.4, 1.5), st.floats(0.4, 1.5), st.floats(0.5, 6.0))
turns = st.tuples(
    st.floats(-180.0, 180.0), st.tuples(*[st.floats(-1.0, 1.0)] * 3).filter(lambda a: np.hypot(*a[:2]) > 0.1)
)
shares = st.tuples(*[st.floats(0.0, 1.0)] * 3)
SIZE = (11, 9, 7)


def numbered(grid: Grid) -> Volume:
    """Every voxel holds its own number."""
    columns, rows, slices = grid.size
    return Volume(np.arange(slices * rows * columns, dtype=np.int16).reshape(slices, rows, columns), grid)


def turned_grid(spacing: tuple[float, float, float], turn: tuple[float, tuple[float, float, float]]) -> Grid:
    axes = rotation(*turn)
    row, column = (tuple(float(part) for part in axes[:, c]) for c in (0, 1))
    return Grid.regular(SIZE, spacing, (-5.0, 3.0, 40.0), row_axis=row, column_axis=column)  # type: ignore[arg-type]


def at_share(grid: Grid, share: tuple[float, float, float]) -> np.ndarray:
    return grid.to_patient([part * (count - 1) for part, count in zip(share, grid.size, strict=True)])


def uneven(places: list[float], *, lean: float = 0.0, missing_after: tuple[int, ...] = ()) -> Volume:
    """Slice k holds k everywhere; each leans by lean mm a mm along the rows' direction."""
    origins: list[Point] = [(0.0, lean * z, z) for z in places]
    grid = Grid((8, 12, len(places)), (1.0, 1.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), tuple(origins))
    array = np.empty((len(places), 12, 8), np.int16)
    array[:] = np.arange(len(places), dtype=np.int16)[:, None, None]
    return Volume(array, grid, missing_after=missing_after)


def value_in(plane: Plane, point: np.ndarray) -> int:
    i, j, k = (int(part) for part in np.rint(plane.volume.grid.to_index(point)))
    return int(plane.volume.value_at(i, j, k))


@settings(deadline=None)
@given(spacings, turns, shares)
def test_a_point_has_the_same_value_in_all_three_planes(
    spacing: tuple[float, float, float],
    turn: tuple[float, tuple[float, float, float]],
    share: tuple[float, float, float],
) -> None:
    volume = numbered(turned_grid(spacing, turn))
    whole = tuple(round(part * (count - 1)) for part, count in zip(share, SIZE, strict=True))
    point = volume.grid.to_patient(whole)
    shown = {value_in(plane, point) for plane in planes_of(volume)}
    assert shown == {int(volume.value_at(*whole))}


@settings(deadline=None)
@given(spacings, turns, shares, shares)
def test_lengths_are_true_in_every_plane(
    spacing: tuple[float, float, float],
    turn: tuple[float, tuple[float, float, float]],
    first: tuple[float, float, float],
    second: tuple[float, float, float],
) -> None:
    grid = turned_grid(spacing, turn)
    a, b = at_share(grid, first), at_share(grid, second)
    for plane in planes_of(numbered(grid)):
        own = plane.volume.grid
        back = own.to_patient(own.to_index(np.stack([a, b])))
        assert np.abs(back - np.stack([a, b])).max() < 1e-6
        assert np.allclose(np.cross(own.row_axis, own.column_axis), own.normal, atol=1e-9)


@settings(deadline=None)
@given(spacings, turns)
def test_the_planes_are_named_each_once_and_stand_across_each_other(
    spacing: tuple[float, float, float], turn: tuple[float, tuple[float, float, float]]
) -> None:
    planes = planes_of(numbered(turned_grid(spacing, turn)))
    assert [plane.name for plane in planes] == ["axial", "coronal", "sagittal"]
    assert sum(plane.acquired for plane in planes) == 1
    normals = np.stack([plane.volume.grid.normal for plane in planes])
    assert np.allclose(np.abs(normals @ normals.T), np.eye(3), atol=1e-9)


def test_an_axial_stack_hangs_as_bodies_are_hung_and_is_copied_nowhere() -> None:
    volume = numbered(Grid.regular(SIZE, (0.7, 0.7, 2.5), (0.0, 0.0, 0.0)))
    axial, coronal, sagittal = planes_of(volume)
    assert axial.volume is volume
    assert (coronal.volume.grid.row_axis, coronal.volume.grid.column_axis) == ((1, 0, 0), (0, 0, -1))
    assert (sagittal.volume.grid.row_axis, sagittal.volume.grid.column_axis) == ((0, 1, 0), (0, 0, -1))
    assert coronal.volume.grid.spacing_mm == pytest.approx((0.7, 2.5))
    for plane in (coronal, sagittal):
        assert np.shares_memory(plane.volume.array, volume.array)
        assert plane.volume.array.dtype == np.int16


def test_missing_slices_are_bands_and_no_row_there_holds_a_value() -> None:
    places = [float(2 * k) for k in range(6)] + [float(2 * k + 8) for k in range(6, 12)]
    volume = uneven(places, missing_after=(5,))
    _, coronal, _ = planes_of(volume)
    assert coronal.bands == ((11.0, 19.0),)
    assert value_in(coronal, np.array([3.0, 4.0, 10.0])) == 5
    assert value_in(coronal, np.array([3.0, 4.0, 20.0])) == 6
    assert {value_in(coronal, np.array([3.0, 4.0, z])) for z in (12.0, 14.0, 18.0)} == {coronal.volume.padding}
    assert coronal.in_band((0.0, 0.0, 15.0))
    assert not coronal.in_band((0.0, 0.0, 10.9))
    assert coronal.crosses_band((0.0, 0.0, 5.0), (1.0, 0.0, 25.0))
    assert not coronal.crosses_band((0.0, 0.0, 2.0), (1.0, 0.0, 10.0))
    assert coronal.volume.array.dtype == np.int16


@settings(deadline=None, max_examples=40)
@given(st.lists(st.floats(0.7, 5.0), min_size=2, max_size=12), st.floats(0.0, 1.0))
@example([1.0, 1.5, 1.25], 1.0)
def test_uneven_slices_stay_where_they_are_and_are_never_mixed(steps: list[float], share: float) -> None:
    places = np.concatenate([[0.0], np.cumsum(steps)])
    volume = uneven([float(z) for z in places])
    _, coronal, sagittal = planes_of(volume)
    z = share * float(places[-1])
    distances = np.abs(places - z)
    step = coronal.volume.grid.spacing_mm[1]
    possible = set(np.flatnonzero(distances <= distances.min() + step + 1e-6))
    for plane in (coronal, sagittal):
        assert value_in(plane, np.array([3.0, 4.0, z])) in possible


def test_a_leaning_stack_stands_upright_in_the_other_planes() -> None:
    volume = uneven([3.0 * k for k in range(8)], lean=0.2)
    volume.array[:, 5, :] = 100  # row 5 of slice k lies at y = 5 + 0.6 k
    _, _, sagittal = planes_of(volume)
    for k in range(8):
        assert value_in(sagittal, np.array([3.0, 5.0 + 0.6 * k, 3.0 * k])) > 40
        assert value_in(sagittal, np.array([3.0, 8.0 + 0.6 * k, 3.0 * k])) == k


def test_a_small_drift_of_every_step_is_no_even_stack() -> None:
    places = [float(k + 0.0004 * k * k) for k in range(60)]
    volume = uneven(places)
    _, coronal, _ = planes_of(volume)
    assert value_in(coronal, np.array([3.0, 4.0, places[-1]])) == 59
    assert value_in(coronal, np.array([3.0, 4.0, places[30]])) == 30


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"in_plane_measurable": False, "why_not": "no pixel spacing"}, "no pixel spacing"),
        ({"grid": Grid.regular((8, 12, 1), (1.0, 1.0, 1.0)), "array": np.zeros((1, 12, 8), np.int16)}, "single slice"),
        ({"grid": uneven([0.0, 1.0, 1.0]).grid, "array": np.zeros((3, 12, 8), np.int16)}, "same place"),
    ],
)
def test_what_has_no_other_planes_is_refused_in_one_line(changed: dict[str, object], words: str) -> None:
    with pytest.raises(Refused, match=words):
        planes_of(replace(uneven([0.0, 1.0, 2.0]), **changed))  # type: ignore[arg-type]
