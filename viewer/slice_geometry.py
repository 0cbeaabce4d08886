"""Where patient points lie on the screen and screen points in the patient: pure, one slice at a time.

Nothing is ever mirrored: the row axis runs to the right, the column axis downwards; letters say what that is.
Zoom is screen px per mm, the same both ways, so pixels that are not square come out in their true shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from measure.geometry import Floats, Grid, Point
from measure.volume import Volume

LEAST_PX_PER_MM = 0.1
MOST_PX_PER_MM = 60.0


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on the screen in px: left, top, width, height."""

    left: float
    top: float
    width: float
    height: float

    @property
    def middle(self) -> tuple[float, float]:
        """Its centre (x, y)."""
        return self.left + self.width / 2.0, self.top + self.height / 2.0


@dataclass(frozen=True, slots=True)
class Placement:
    """One slice of a grid as it lies in an area of the screen.

    centre: the patient point (LPS mm) in the middle of the area; its distance from the slice plays no part.
    px_per_mm: screen px per mm in the slice.
    """

    grid: Grid
    slice: int
    area: Area
    px_per_mm: float
    centre: Point

    def on_slice(self, slice_index: int) -> Placement:
        """The same look at another slice."""
        return replace(self, slice=slice_index)

    def to_screen(self, points: ArrayLike) -> Floats:
        """Patient points, shape (..., 3), to screen px, shape (..., 2)."""
        offset = np.asarray(points, float) - np.asarray(self.centre, float)
        x, y = self.area.middle
        across = offset @ np.asarray(self.grid.row_axis, float) * self.px_per_mm + x
        down = offset @ np.asarray(self.grid.column_axis, float) * self.px_per_mm + y
        return np.stack([across, down], axis=-1)

    def to_patient(self, x: float, y: float) -> Point:
        """The patient point (LPS mm) of the slice's plane under a screen point."""
        middle_x, middle_y = self.area.middle
        row, column = np.asarray(self.grid.row_axis, float), np.asarray(self.grid.column_axis, float)
        origin, centre = self.grid.origins[self.slice], np.asarray(self.centre, float)
        across = float((centre - origin) @ row) + (x - middle_x) / self.px_per_mm
        down = float((centre - origin) @ column) + (y - middle_y) / self.px_per_mm
        point = origin + across * row + down * column
        return float(point[0]), float(point[1]), float(point[2])

    def pixel_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Column and row of the voxel under a screen point, None outside the picture."""
        i, j = self._continuous(x, y)
        column, row = int(np.floor(i + 0.5)), int(np.floor(j + 0.5))
        if 0 <= column < self.grid.size[0] and 0 <= row < self.grid.size[1]:
            return column, row
        return None

    def picture(self) -> tuple[float, float, float, float]:
        """Left, top, width, height in px of the whole pixel matrix, outer edges of the outer pixels."""
        corner = self.to_screen(self.grid.origins[self.slice])
        wide, high = self.pixel_px
        return (
            float(corner[0]) - wide / 2.0,
            float(corner[1]) - high / 2.0,
            wide * self.grid.size[0],
            high * self.grid.size[1],
        )

    @property
    def pixel_px(self) -> tuple[float, float]:
        """Width and height of one pixel on the screen."""
        return self.grid.spacing_mm[0] * self.px_per_mm, self.grid.spacing_mm[1] * self.px_per_mm

    def plane_transform(self) -> tuple[float, float, float]:
        """(scale, dx, dy): in-plane mm (`plane_mm`) times scale plus (dx, dy) is screen px."""
        centre = np.asarray(self.centre, float)
        x, y = self.area.middle
        u = float(centre @ np.asarray(self.grid.row_axis, float))
        v = float(centre @ np.asarray(self.grid.column_axis, float))
        return self.px_per_mm, x - u * self.px_per_mm, y - v * self.px_per_mm

    def _continuous(self, x: float, y: float) -> tuple[float, float]:
        left, top, _, _ = self.picture()
        wide, high = self.pixel_px
        return (x - left) / wide - 0.5, (y - top) / high - 0.5


def plane_mm(grid: Grid, points: ArrayLike) -> Floats:
    """In-plane mm of patient points, shape (..., 3) to (..., 2): along the row axis and the column axis."""
    axes = np.stack([np.asarray(grid.row_axis, float), np.asarray(grid.column_axis, float)], axis=-1)
    return np.asarray(np.asarray(points, float) @ axes, float)


def panned(placement: Placement, dx: float, dy: float) -> Placement:
    """The picture moved by (dx, dy) px."""
    row, column = np.asarray(placement.grid.row_axis), np.asarray(placement.grid.column_axis)
    centre = np.asarray(placement.centre) - (dx * row + dy * column) / placement.px_per_mm
    return replace(placement, centre=_point(centre))


def zoomed_at(placement: Placement, factor: float, x: float, y: float) -> Placement:
    """The picture enlarged by a factor; the patient point under (x, y) stays under it."""
    zoom = float(np.clip(placement.px_per_mm * factor, LEAST_PX_PER_MM, MOST_PX_PER_MM))
    held = placement.to_patient(x, y)
    enlarged = replace(placement, px_per_mm=zoom)
    now_x, now_y = enlarged.to_screen(held)
    return panned(enlarged, x - float(now_x), y - float(now_y))


def fitted(grid: Grid, slice_index: int, area: Area, box: tuple[int, int, int, int] | None = None) -> Placement:
    """The whole field of view, or a box (first column, first row, columns, rows) of it, as large as fits."""
    i, j, columns, rows = (0, 0, grid.size[0], grid.size[1]) if box is None else box
    wide, high = columns * grid.spacing_mm[0], rows * grid.spacing_mm[1]
    zoom = min(max(area.width, 1.0) / max(wide, 1e-6), max(area.height, 1.0) / max(high, 1e-6))
    middle = grid.to_patient([i + (columns - 1) / 2.0, j + (rows - 1) / 2.0, float(slice_index)])
    return Placement(grid, slice_index, area, float(np.clip(zoom, LEAST_PX_PER_MM, MOST_PX_PER_MM)), _point(middle))


def body_box(volume: Volume) -> tuple[int, int, int, int]:
    """Columns and rows that the body takes in the middle of the stack, with 4 % of room.

    Seen from about 64 x 64 pixels of some slices, so it costs a few milliseconds. What is thinner from front
    to back than three of them is no body: so the table top is left out. The whole field where none is found.
    """
    count, rows, columns = volume.array.shape
    step = max(1, -(-min(rows, columns) // 64))
    some = np.unique(np.linspace(count * 0.2, count * 0.8, min(count, 9)).astype(int).clip(0, count - 1))
    sample = np.asarray(volume.array[some][:, ::step, ::step], np.float32)
    least = -300.0 if volume.unit == "HU" else 0.15 * float(np.percentile(sample, 99.0))
    body = sample > least
    thick = body[:, 1:-1] & body[:, :-2] & body[:, 2:]
    down = thick.mean(axis=2).max(axis=0) > 0.04
    across = thick.mean(axis=1).max(axis=0) > 0.04
    if not down.any() or not across.any():
        return 0, 0, columns, rows
    j, i = np.flatnonzero(down), np.flatnonzero(across)
    room_x, room_y = 0.04 * columns, 0.04 * rows
    left = max(0, int(i[0] * step - room_x))
    top = max(0, int(j[0] * step - room_y))
    right = min(columns, int((i[-1] + 1) * step + room_x))
    bottom = min(rows, int((j[-1] + 3) * step + room_y))
    return left, top, right - left, bottom - top


# --- order and letters ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SliceOrder:
    """The order in which slices are looked at: axial stacks from the head down, others as they are stored.

    Numbers shown begin at 1; indices are those of the array.
    """

    count: int
    from_last: bool

    @classmethod
    def of(cls, grid: Grid) -> SliceOrder:
        """The order for a grid."""
        return cls(grid.size[2], grid.is_axial and float(grid.normal[2]) > 0)

    def number(self, slice_index: int) -> int:
        """The number shown for an array index."""
        return self.count - slice_index if self.from_last else slice_index + 1

    def index(self, number: int) -> int:
        """The array index of a number shown, kept within the stack."""
        kept = min(max(number, 1), self.count)
        return self.count - kept if self.from_last else kept - 1


_LETTERS = (("L", "R"), ("P", "A"), ("S", "I"))


def letters_towards(direction: Sequence[float]) -> str:
    """Letters of the side a direction (LPS) points to, the larger part first; parts below 0.4 left out."""
    parts = sorted(range(3), key=lambda axis: -abs(direction[axis]))
    chosen = [axis for axis in parts if abs(direction[axis]) > 0.4] or parts[:1]
    return "".join(_LETTERS[axis][0 if direction[axis] > 0 else 1] for axis in chosen)


def edge_letters(grid: Grid) -> tuple[str, str]:
    """Letters at the top and at the left edge of the picture."""
    up = [-part for part in grid.column_axis]
    left = [-part for part in grid.row_axis]
    return letters_towards(up), letters_towards(left)


def _point(values: NDArray[np.float64]) -> Point:
    return float(values[0]), float(values[1]), float(values[2])
