"""Two stacks on the planes of the first: before in blue, after in orange, grey where they agree."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PySide6.QtGui import QImage

from measure.geometry import Floats, Grid
from measure.volume import Volume
from viewer.theme import theme
from viewer.window_level import Window, grey, percentile_window, picture_of

KEPT_SLICES = 48


class Fusion:
    """Blended pictures on the grid of `before`; each slice of `after` is brought there when it is shown.

    transform: 4 x 4, rigid, LPS mm, takes points of `after` to `before`. Usable by `Viewport.set_fused`.
    """

    def __init__(self, before: Volume, after: Volume, transform: ArrayLike | None = None) -> None:
        self.before, self.after = before, after
        self.only: str = ""
        back = np.linalg.inv(np.eye(4) if transform is None else np.asarray(transform, float))
        self._back: Floats = np.asarray(back, float)
        self._kept: OrderedDict[int, NDArray[np.float32]] = OrderedDict()
        self._buffer: NDArray[np.uint32] = np.zeros(0, np.uint32)

    def show_only(self, which: str) -> None:
        """Flicker: `before`, `after`, or both blended (empty)."""
        if which not in ("", "before", "after"):
            raise ValueError(f"before, after or nothing, not {which!r}")
        self.only = which

    def after_on(self, slice_index: int) -> NDArray[np.float32]:
        """Values of `after` on a slice of `before`, shape (rows, columns); its least value outside."""
        if slice_index in self._kept:
            self._kept.move_to_end(slice_index)
        else:
            self._kept[slice_index] = resampled(self.before.grid, slice_index, self.after, self._back)
            if len(self._kept) > KEPT_SLICES:
                self._kept.popitem(last=False)
        return self._kept[slice_index]

    def image(self, slice_index: int, window: Window, *, invert: bool = False) -> QImage:
        """The blended picture of one slice of `before`."""
        first = grey(self.before.array[slice_index], window)
        second = self._after_grey(slice_index, window)
        if self.only:
            first = second = first if self.only == "before" else second
        red_share, green_share, blue_share = theme().fusion
        red = _mixed(first, second, red_share)
        green = _mixed(first, second, green_share)
        blue = _mixed(first, second, blue_share)
        self._buffer = np.uint32(0xFF000000) | red << np.uint32(16) | green << np.uint32(8) | blue
        if invert:
            self._buffer ^= np.uint32(0x00FFFFFF)
        return picture_of(self._buffer)

    def _after_grey(self, slice_index: int, window: Window) -> NDArray[np.uint8]:
        """`after` with the same window where both are of one kind, else with its own percentiles."""
        values = np.rint(self.after_on(slice_index)) if self.after.unit == "HU" else self.after_on(slice_index)
        if self.after.unit == self.before.unit and self.after.modality == self.before.modality:
            whole = values.astype(np.int32) if self.after.unit == "HU" else values
            return grey(whole, window)
        return grey(values, percentile_window(self.after))

    def legend(self) -> tuple[tuple[str, str], ...]:
        """What the hues mean."""
        if self.only:
            return ((f"{self.only} alone", "text"),)
        return (("brighter before: blue", "reading-a"), ("brighter after: orange", "reading-b"))


def resampled(grid: Grid, slice_index: int, volume: Volume, back: Floats) -> NDArray[np.float32]:
    """Values of a volume on one slice of another grid, linear, shape (rows, columns) of that grid.

    back: 4 x 4, takes points of the grid's space to the volume's. Slices of the volume may lie unevenly;
    positions between them are interpolated as in `Grid.to_index`. Outside: the volume's least value.
    """
    from scipy.ndimage import affine_transform, map_coordinates

    other = volume.grid
    stack: Any = volume.array
    outside = float(stack[:: max(1, len(stack) // 8), ::8, ::8].min())
    columns, rows = grid.size[:2]
    corners = np.array([[0, 0, slice_index], [1, 0, slice_index], [0, 1, slice_index]], float)
    points = grid.to_patient(corners) @ back[:3, :3].T + back[:3, 3]
    if _even(other):
        # A rigid transform between even grids is affine in index space: three points fix it.
        index = other.to_index(points)[:, ::-1]  # (k, j, i)
        across, down = index[1] - index[0], index[2] - index[0]
        matrix = np.column_stack([np.zeros(3), down, across])
        found: Any = affine_transform(
            stack,
            matrix,
            index[0],
            output_shape=(1, rows, columns),
            output=np.float32,
            order=1,
            cval=outside,
        )
        return np.asarray(found[0], np.float32)
    i, j = np.meshgrid(np.arange(columns, dtype=float), np.arange(rows, dtype=float))
    plane = points[0] + i[..., None] * (points[1] - points[0]) + j[..., None] * (points[2] - points[0])
    index = other.to_index(plane)
    where = np.stack([index[..., 2], index[..., 1], index[..., 0]])
    plane_values: Any = map_coordinates(stack, where, output=np.float32, order=1, cval=outside)
    return np.asarray(plane_values, np.float32)


def _even(grid: Grid) -> bool:
    if grid.size[2] < 3:
        return grid.size[2] > 1
    steps = np.diff(grid.origins, axis=0)
    return bool(np.allclose(steps, steps[0], atol=0.01))


def _mixed(first: NDArray[np.uint8], second: NDArray[np.uint8], share: float) -> NDArray[np.uint32]:
    """share of the first and the rest of the second, in whole 256ths."""
    weight = round(share * 256)
    both = first.astype(np.uint16) * np.uint16(weight) + second.astype(np.uint16) * np.uint16(256 - weight)
    return (both >> np.uint16(8)).astype(np.uint32)
