"""Stacks whose slices can be told apart by a single pixel on the screen."""

from __future__ import annotations

import numpy as np

from measure.geometry import Grid, Point
from measure.volume import Volume
from viewer.window_level import Window

TELLING_WINDOW = Window(256.0, 128.0)  # stored value k is painted as grey k


def coded_stack(
    slices: int = 40,
    size: tuple[int, int] = (64, 64),
    spacing_mm: tuple[float, float, float] = (1.0, 1.0, 2.0),
    origin: Point = (-32.0, -32.0, 0.0),
    *,
    modality: str = "CT",
    missing_after: tuple[int, ...] = (),
    plane: tuple[Point, Point] = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),
) -> Volume:
    """A stack in which every voxel of slice k holds k; size is (columns, rows)."""
    array = np.empty((slices, size[1], size[0]), np.int16)
    array[:] = np.arange(slices, dtype=np.int16)[:, None, None]
    row_axis, column_axis = plane
    grid = Grid.regular((*size, slices), spacing_mm, origin, row_axis=row_axis, column_axis=column_axis)
    unit = "HU" if modality == "CT" else "a.u."
    return Volume(array, grid, modality=modality, unit=unit, missing_after=missing_after)
