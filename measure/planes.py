"""Axial, coronal and sagittal planes of one stack, each as a volume of its own that can be scrolled.

The planes are those of the stack: the acquired one and the two at right angles to it, named after the body
plane that is nearest. So the acquired pixels stay as they are, and the others are views of the same array:
nothing is copied, nothing is interpolated. Only a stack whose slices lie unevenly or lean (gap, gantry tilt)
is laid out once more, in its own data type, each row from the nearest slice; where slices are missing the
rows stay empty and are named as bands.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats, Grid, Point
from measure.refusal import Refused
from measure.volume import Volume

PlaneName: TypeAlias = Literal["axial", "coronal", "sagittal"]
PLANES: tuple[PlaneName, PlaneName, PlaneName] = ("axial", "coronal", "sagittal")
EVEN_MM = 0.05  # slices nearer to their even place than that are even: headers round positions
EMPTY = -32768
MOST_ROWS = 4096

_NORMALS: dict[PlaneName, int] = {"axial": 2, "coronal": 1, "sagittal": 0}
# Directions (LPS) along which columns and rows grow, as pictures are hung: left of the patient at the right,
# front at the left, feet below.
_HUNG: dict[PlaneName, tuple[Point, Point]] = {
    "axial": ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
    "coronal": ((1.0, 0.0, 0.0), (0.0, 0.0, -1.0)),
    "sagittal": ((0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
}


@dataclass(frozen=True, eq=False)
class Plane:
    """One plane of a stack. acquired: as the scanner made it, else reformatted: not valid for criteria.

    bands: (from, to) along `along` in mm, where slices are missing; along: unit normal of the stack, shape (3,).
    """

    name: PlaneName
    volume: Volume
    acquired: bool
    bands: tuple[tuple[float, float], ...]
    along: Floats

    def in_band(self, point: Floats | Point) -> bool:
        """Nothing was imaged at a patient point, because slices are missing there."""
        place = float(np.dot(point, self.along))
        return any(low < place < high for low, high in self.bands)

    def crosses_band(self, first: Floats | Point, second: Floats | Point) -> bool:
        """The straight line between two points touches a place where slices are missing."""
        low, high = sorted(float(np.dot(point, self.along)) for point in (first, second))
        return any(low < end and high > start for start, end in self.bands)


def planes_of(volume: Volume) -> tuple[Plane, Plane, Plane]:
    """Axial, coronal and sagittal plane of a stack, in this order.

    Raises Refused where the place of the slices or the pixel spacing is not known, or for a single slice.
    """
    grid = volume.grid
    if not volume.in_plane_measurable:
        raise Refused(f"Other planes need the spacing: {volume.why_not or 'it is not known'}.")
    if grid.size[2] < 2:
        raise Refused("A single slice has no other planes.")
    if float(np.diff(grid.positions_mm).min()) <= 0.0:
        raise Refused("Two slices lie at the same place; other planes cannot be made of it.")
    names = _names(grid)
    bands = _bands(volume)
    even = volume if is_even(grid) and not volume.missing_after else _laid_even(volume)
    found = {names[2]: Plane(names[2], volume, True, bands, grid.normal)}
    for axis in (0, 1):
        found[names[axis]] = Plane(names[axis], _turned(even, names[axis], axis), False, bands, grid.normal)
    return found["axial"], found["coronal"], found["sagittal"]


def is_even(grid: Grid) -> bool:
    """Slices lie in even steps straight above each other, from the first to the last."""
    straight = grid.origins[0] + np.arange(grid.size[2])[:, None] * _mean_step_mm(grid) * grid.normal
    return bool(np.abs(grid.origins - straight).max() <= EVEN_MM)


def _mean_step_mm(grid: Grid) -> float:
    return float(grid.positions_mm[-1] - grid.positions_mm[0]) / (grid.size[2] - 1)


def _names(grid: Grid) -> dict[int, PlaneName]:
    """Name of the plane across each axis of the array: 0 the columns, 1 the rows, 2 the slices."""
    axes = (np.asarray(grid.row_axis, float), np.asarray(grid.column_axis, float), grid.normal)
    free = list(PLANES)
    names: dict[int, PlaneName] = {}
    for axis in (2, 0, 1):
        best = max(free, key=lambda name: abs(float(axes[axis][_NORMALS[name]])))
        free.remove(best)
        names[axis] = best
    return names


def _bands(volume: Volume) -> tuple[tuple[float, float], ...]:
    """Where slices are missing: from half a step above the one before to half a step below the next, mm."""
    places, half = volume.grid.positions_mm, volume.grid.slice_step_mm / 2.0
    wide = (k for k in volume.missing_after if k + 1 < len(places) and places[k + 1] - places[k] > 2.0 * half)
    return tuple((float(places[k] + half), float(places[k + 1] - half)) for k in wide)


def _turned(even: Volume, name: PlaneName, across: int) -> Volume:
    """The plane across one axis of an even, upright stack: a view of its array with the grid that belongs to it."""
    grid = even.grid
    axes = (np.asarray(grid.row_axis, float), np.asarray(grid.column_axis, float), grid.normal)
    spacing = (*grid.spacing_mm, _mean_step_mm(grid))
    wanted_row, wanted_column = (np.asarray(way) for way in _HUNG[name])
    first, second = (axis for axis in range(3) if axis != across)
    straight = abs(float(axes[first] @ wanted_row)) + abs(float(axes[second] @ wanted_column))
    swapped = abs(float(axes[second] @ wanted_row)) + abs(float(axes[first] @ wanted_column))
    row, column = (first, second) if straight >= swapped else (second, first)
    row_sign = 1 if float(axes[row] @ wanted_row) >= 0 else -1
    column_sign = 1 if float(axes[column] @ wanted_column) >= 0 else -1
    row_way, column_way = row_sign * axes[row], column_sign * axes[column]
    normal = np.cross(row_way, column_way)
    signs = {row: row_sign, column: column_sign, across: 1 if float(normal @ axes[across]) > 0 else -1}
    start = [0.0 if signs[axis] > 0 else grid.size[axis] - 1.0 for axis in range(3)]
    array = even.array.transpose(*(2 - axis for axis in (across, column, row)))
    flips = tuple(slice(None, None, signs[axis]) for axis in (across, column, row))
    turned = Grid.regular(
        (grid.size[row], grid.size[column], grid.size[across]),
        (spacing[row], spacing[column], spacing[across]),
        _point(grid.to_patient(start)),
        row_axis=_point(row_way),
        column_axis=_point(column_way),
        frame_of_reference=grid.frame_of_reference,
    )
    return replace(even, array=array[flips], grid=turned, instance_uids=(), missing_after=())


def _laid_even(volume: Volume) -> Volume:
    """Slices laid straight above each other in even steps, each row of the stack from the nearest slice.

    Rows in a band of missing slices are empty (`padding`). What a tilt shifts is brought back in the plane of
    the slice, linear between its pixels; nothing is ever mixed from two slices.
    """
    grid = volume.grid
    places = grid.positions_mm
    step = max(float(np.diff(places).min()), float(places[-1] - places[0]) / MOST_ROWS)
    count = int(np.ceil((places[-1] - places[0]) / step - 1e-6)) + 1  # the last row reaches the last slice
    shift_u = (grid.origins - grid.origins[0]) @ np.asarray(grid.row_axis, float) / grid.spacing_mm[0]
    shift_v = (grid.origins - grid.origins[0]) @ np.asarray(grid.column_axis, float) / grid.spacing_mm[1]
    left, top = float(np.floor(shift_u.min() + 1e-6)), float(np.floor(shift_v.min() + 1e-6))
    columns = grid.size[0] + int(np.ceil(shift_u.max() - left - 1e-6))
    rows = grid.size[1] + int(np.ceil(shift_v.max() - top - 1e-6))
    empty = EMPTY if volume.padding is None else volume.padding
    array = np.full((count, rows, columns), empty, volume.array.dtype)
    bands = _bands(volume)
    nearest, filled = -1, array[0]
    for row in range(count):
        place = places[0] + row * step
        if any(low < place < high for low, high in bands):
            continue
        k = int(np.argmin(np.abs(places - place)))
        if k != nearest:
            filled, nearest = array[row], k
            _lay(volume.array[k], filled, float(shift_v[k]) - top, float(shift_u[k]) - left)
        else:
            array[row] = filled
    start = grid.origins[0] + left * grid.spacing_mm[0] * np.asarray(grid.row_axis, float)
    start = start + top * grid.spacing_mm[1] * np.asarray(grid.column_axis, float)
    even = Grid.regular(
        (columns, rows, count),
        (*grid.spacing_mm, step),
        _point(start),
        row_axis=grid.row_axis,
        column_axis=grid.column_axis,
        frame_of_reference=grid.frame_of_reference,
    )
    return replace(volume, array=array, grid=even, padding=empty, instance_uids=(), missing_after=())


def _lay(plane: NDArray[np.generic], field: NDArray[np.generic], down: float, across: float) -> None:
    """Put one slice on a larger field, (down, across) pixels from its corner, linear between pixels."""
    j, i = int(np.floor(down + 1e-6)), int(np.floor(across + 1e-6))
    share_j, share_i = max(down - j, 0.0), max(across - i, 0.0)
    rows, columns = plane.shape
    if share_j < 1e-3 and share_i < 1e-3:
        field[j : j + rows, i : i + columns] = plane
        return
    values = plane.astype(np.float32)
    for axis, share in ((0, share_j), (1, share_i)):
        before = values.take([0, *range(values.shape[axis] - 1)], axis)
        values += np.float32(share) * (before - values)
    mixed = np.rint(values) if field.dtype.kind in "iu" else values
    field[j : j + rows, i : i + columns] = mixed.astype(field.dtype)


def _point(values: Floats) -> Point:
    return float(values[0]), float(values[1]), float(values[2])
