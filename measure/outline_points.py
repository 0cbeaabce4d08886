"""Axes of an outline drawn point by point in the plane of a slice."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from measure.diameters import Axes, axes_of_outline
from measure.geometry import Grid, Point


def axes_of_points(points: Sequence[Point], slice_index: int, grid: Grid) -> Axes:
    """Longest diameter and perpendicular of a closed outline; points: LPS mm on the plane of the slice."""
    origin = np.asarray(grid.slice_origins[slice_index], float)
    offset = np.asarray([*points, points[0]], float) - origin
    piece = np.stack([offset @ np.asarray(grid.row_axis, float), offset @ np.asarray(grid.column_axis, float)], axis=1)
    return axes_of_outline([piece], slice_index, grid)
