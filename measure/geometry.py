"""The one module that converts between voxels and the patient.

Patient space is DICOM's LPS in millimetres: points are `(x, y, z)`. Arrays are `[slice, row, column]`.
Index coordinates are `(i, j, k)` = (column, row, slice), continuous, voxel centres at whole numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
AXIAL_COSINE = 0.9659
"""Cosine of 15 degrees: slices that near to the body's cross-section are axial."""
Point = tuple[float, float, float]


@dataclass(frozen=True)
class Grid:
    """Where the voxels of one stack lie in the patient.

    size: (columns, rows, slices). spacing_mm: (between columns, between rows) in the slice.
    row_axis: unit vector along which the column index grows; column_axis: along which the row index grows.
    slice_origins: shape (slices, 3), centre of the first pixel of each slice, LPS mm, sorted along the normal;
    every slice has its own, so gaps, uneven steps and gantry tilt are represented, never averaged away.
    """

    size: tuple[int, int, int]
    spacing_mm: tuple[float, float]
    row_axis: Point
    column_axis: Point
    slice_origins: tuple[Point, ...]
    frame_of_reference: str = ""

    @classmethod
    def regular(
        cls,
        size: tuple[int, int, int],
        spacing_mm: tuple[float, float, float],
        origin: Point = (0.0, 0.0, 0.0),
        *,
        row_axis: Point = (1.0, 0.0, 0.0),
        column_axis: Point = (0.0, 1.0, 0.0),
        frame_of_reference: str = "",
    ) -> Grid:
        """Make an even stack; spacing_mm is (column, row, slice) distance."""
        normal = np.cross(row_axis, column_axis)
        start = np.asarray(origin, float)
        places = [start + k * spacing_mm[2] * normal for k in range(size[2])]
        origins = tuple((float(p[0]), float(p[1]), float(p[2])) for p in places)
        return cls(size, (spacing_mm[0], spacing_mm[1]), row_axis, column_axis, origins, frame_of_reference)

    @cached_property
    def normal(self) -> Floats:
        """Unit vector along which the slice index grows, shape (3,)."""
        return np.cross(np.asarray(self.row_axis, float), np.asarray(self.column_axis, float))

    @cached_property
    def origins(self) -> Floats:
        """Slice origins as an array, shape (slices, 3)."""
        return np.asarray(self.slice_origins, float).reshape(-1, 3)

    @cached_property
    def positions_mm(self) -> Floats:
        """Signed distance of each slice along the normal, shape (slices,), increasing."""
        return np.asarray(self.origins @ self.normal, float)

    @cached_property
    def slice_step_mm(self) -> float:
        """Median distance of neighbouring slices along the normal; 0.0 for a single slice."""
        return float(np.median(np.diff(self.positions_mm))) if self.size[2] > 1 else 0.0

    @property
    def voxel_ml(self) -> float:
        """Volume of one voxel in ml; only meaningful for an even stack."""
        return self.spacing_mm[0] * self.spacing_mm[1] * self.slice_step_mm / 1000.0

    def to_patient(self, ijk: ArrayLike) -> Floats:
        """Index coordinates, shape (..., 3), to LPS mm; between slices the origins are interpolated."""
        index = np.asarray(ijk, float)
        k = index[..., 2]
        whole = np.arange(self.size[2])
        start = np.stack([np.interp(k, whole, self.origins[:, a]) for a in range(3)], axis=-1)
        if self.size[2] > 1:  # beyond the ends, straight on
            step_low = self.origins[1] - self.origins[0]
            step_high = self.origins[-1] - self.origins[-2]
            start = start + np.minimum(k, 0.0)[..., None] * step_low
            start = start + np.maximum(k - (self.size[2] - 1), 0.0)[..., None] * step_high
        else:
            start = start + k[..., None] * self.normal
        across = index[..., 0, None] * self.spacing_mm[0] * np.asarray(self.row_axis, float)
        down = index[..., 1, None] * self.spacing_mm[1] * np.asarray(self.column_axis, float)
        return np.asarray(start + across + down, float)

    def to_index(self, xyz: ArrayLike) -> Floats:
        """LPS mm, shape (..., 3), to continuous index coordinates (i, j, k)."""
        point = np.asarray(xyz, float)
        along = point @ self.normal
        positions = self.positions_mm
        count = self.size[2]
        if count > 1:
            k = np.interp(along, positions, np.arange(count))
            low, high = positions[1] - positions[0], positions[-1] - positions[-2]
            k = np.where(along < positions[0], (along - positions[0]) / low, k)
            k = np.where(along > positions[-1], count - 1 + (along - positions[-1]) / high, k)
        else:
            k = along - positions[0]
        base = self.to_patient(np.stack([np.zeros_like(k), np.zeros_like(k), k], axis=-1))
        offset = point - base
        i = offset @ np.asarray(self.row_axis, float) / self.spacing_mm[0]
        j = offset @ np.asarray(self.column_axis, float) / self.spacing_mm[1]
        return np.stack([i, j, k], axis=-1)

    def nearest_slice(self, xyz: Sequence[float]) -> int:
        """Index of the slice whose plane is nearest to the point."""
        return int(np.argmin(np.abs(self.positions_mm - float(np.dot(xyz, self.normal)))))

    def contains(self, xyz: Sequence[float]) -> bool:
        """Say whether the point lies in the stack, half a voxel of border included."""
        index = self.to_index(xyz)
        return bool(np.all(index >= -0.5) and np.all(index <= np.asarray(self.size) - 0.5))

    @property
    def is_axial(self) -> bool:
        """The slices are axial: the normal lies within 15 degrees of the body's long axis."""
        return abs(float(self.normal[2])) > AXIAL_COSINE


def distance_mm(a: Sequence[float], b: Sequence[float]) -> float:
    """Straight distance of two patient points in mm."""
    return float(np.linalg.norm(np.asarray(a, float) - np.asarray(b, float)))
