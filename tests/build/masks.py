"""Analytic bodies drawn on grids, for tests of measuring and outlining."""

from __future__ import annotations

import numpy as np

from measure.geometry import Floats, Grid
from measure.volume import Mask


def voxel_centres(grid: Grid) -> Floats:
    """LPS mm of every voxel, shape (slices, rows, columns, 3)."""
    columns, rows, slices = grid.size
    k, j, i = np.meshgrid(np.arange(slices), np.arange(rows), np.arange(columns), indexing="ij")
    return grid.to_patient(np.stack([i, j, k], axis=-1))


def rotation(degrees: float, axis: tuple[float, float, float]) -> Floats:
    """Rotation matrix about an axis, shape (3, 3)."""
    x, y, z = np.asarray(axis, float) / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def ellipsoid(grid: Grid, centre: Floats, semi_axes: tuple[float, float, float], turn: Floats) -> Mask:
    """Voxels whose centre lies in the ellipsoid; turn: shape (3, 3), columns are its axes in LPS."""
    local = (voxel_centres(grid) - centre) @ turn / np.asarray(semi_axes)
    return np.asarray((local**2).sum(axis=-1) <= 1.0)


def oblique_grid(size: tuple[int, int, int], spacing: tuple[float, float, float], turn: Floats, origin: Floats) -> Grid:
    """A regular stack whose axes are the first two columns of turn."""
    row, column = turn[:, 0], turn[:, 1]
    return Grid.regular(
        size,
        spacing,
        (float(origin[0]), float(origin[1]), float(origin[2])),
        row_axis=(float(row[0]), float(row[1]), float(row[2])),
        column_axis=(float(column[0]), float(column[1]), float(column[2])),
    )
