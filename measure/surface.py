"""The closed surface of a mask in patient mm: for drawing in 3-D and for distances between surfaces.

The mask's signed distance (mm, true with pixels that are not square and with thick slices) is smoothed a
little and cut at zero by marching cubes, so that voxel steps do not become ripples of half a millimetre.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats, Grid
from measure.outline import bounding_box, within
from measure.refusal import Refused
from measure.volume import Mask

SMOOTHING_MM = 0.7
SMOOTHING_VOXELS = (0.6, 1.0)  # at least, so that thick slices make no terraces; at most
PADDING = 3
NEAR_CORNERS = 3


@dataclass(frozen=True, eq=False)
class Surface:
    """Triangles round a mask.

    points: shape (n, 3), LPS mm; triangles: shape (m, 3), indices of points. depth: signed distance in mm on
    the voxels of a box that begins at voxel `start` (k, j, i) of the grid, positive inside.
    """

    points: Floats
    triangles: NDArray[np.int64]
    depth: NDArray[np.float32]
    start: tuple[int, int, int]
    grid: Grid

    @property
    def centre(self) -> Floats:
        """Middle of the box round it, LPS mm, shape (3,)."""
        return np.asarray((self.points.min(axis=0) + self.points.max(axis=0)) / 2.0, float)

    @cached_property
    def corner_areas(self) -> Floats:
        """Area in mm² that belongs to each point: a third of every triangle it is a corner of, shape (n,)."""
        a, b, c = (self.points[self.triangles[:, corner]] for corner in range(3))
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2.0
        found = np.zeros(len(self.points))
        for corner in range(3):
            np.add.at(found, self.triangles[:, corner], area / 3.0)
        return found

    @property
    def volume_ml(self) -> float:
        """Volume within the triangles in ml."""
        a, b, c = (self.points[self.triangles[:, corner]] for corner in range(3))
        return abs(float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum())) / 6000.0

    def moved(self, matrix: Floats) -> Floats:
        """Its points carried over by a 4 x 4 matrix, shape (n, 3)."""
        return np.asarray(self.points @ matrix[:3, :3].T + matrix[:3, 3], float)

    def holds(self, points: Floats) -> NDArray[np.bool_]:
        """Which points (LPS mm, shape (n, 3)) lie inside."""
        from scipy.ndimage import map_coordinates

        index = self.grid.to_index(points)[:, ::-1] - np.asarray(self.start)
        found: Any = map_coordinates(self.depth, index.T, order=1, mode="nearest")
        inside = np.all((index >= 0) & (index <= np.asarray(self.depth.shape) - 1), axis=1)
        return np.asarray((found > 0) & inside, bool)

    def distances(self, points: Floats) -> Floats:
        """Signed distance of points to the surface in mm, positive inside, shape (n,)."""
        from scipy.spatial import cKDTree

        many = min(NEAR_CORNERS, len(self.points))
        _, near = cKDTree(self.points).query(points, k=many)
        candidates = self._triangles_at[np.asarray(near).reshape(len(points), many)].reshape(len(points), -1)
        least = np.full(len(points), np.inf)
        for column in range(candidates.shape[1]):
            corners = self.points[self.triangles[candidates[:, column]]]
            least = np.minimum(least, _to_triangles(points, corners))
        return np.where(self.holds(points), least, -least)

    @cached_property
    def _triangles_at(self) -> NDArray[np.int64]:
        """Triangles at each point, shape (n, most); places left over repeat the first."""
        order = np.argsort(self.triangles.ravel(), kind="stable")
        owner = self.triangles.ravel()[order]
        starts = np.searchsorted(owner, np.arange(len(self.points)))
        counts = np.bincount(owner, minlength=len(self.points))
        found = np.repeat((order[starts.clip(0, len(order) - 1)] // 3)[:, None], int(counts.max()), axis=1)
        rank = np.arange(len(order)) - starts[owner]
        found[owner, rank] = order // 3
        return found


def surface_of(mask: Mask, grid: Grid) -> Surface:
    """The surface of a mask of the grid's shape. Refused: an empty mask, a single slice."""
    if not mask.any():
        raise Refused("An empty mask has no surface.")
    if grid.size[2] < 2:
        raise Refused("A single slice has no surface.")
    from skimage.measure import marching_cubes

    box = bounding_box(mask)
    inside = np.pad(within(mask, box), PADDING)
    depth = signed_depth(inside, (grid.slice_step_mm, grid.spacing_mm[1], grid.spacing_mm[0]))
    corners, triangles, _, _ = marching_cubes(depth, 0.0)
    start = (box[0] - PADDING, box[1] - PADDING, box[2] - PADDING)
    points = grid.to_patient((np.asarray(corners, float) + np.asarray(start))[:, ::-1])
    return Surface(points, np.asarray(triangles, np.int64), depth, start, grid)


def signed_depth(inside: Mask, step_mm: tuple[float, float, float]) -> NDArray[np.float32]:
    """Distance in mm to the border of a padded mask, positive inside; step_mm: (slice, row, column)."""
    from scipy.ndimage import distance_transform_edt, gaussian_filter

    depth: Any = distance_transform_edt(inside, sampling=step_mm)
    depth = np.where(inside, depth, -np.asarray(distance_transform_edt(~inside, sampling=step_mm)))
    least, most = SMOOTHING_VOXELS
    sigma = [min(max(SMOOTHING_MM / step, least), most) for step in step_mm]
    smooth: Any = gaussian_filter(depth.astype(np.float32), sigma)
    # Smoothing draws a round surface in by sigma² over its radius: cut where as many voxels lie inside as before.
    voxels = int(inside.sum())
    ranked = np.partition(smooth.ravel(), (smooth.size - voxels - 1, smooth.size - voxels))
    level = (float(ranked[smooth.size - voxels - 1]) + float(ranked[smooth.size - voxels])) / 2.0
    return np.asarray(smooth - level, np.float32)


@dataclass(frozen=True, eq=False)
class Crossing:
    """Where a field on a surface's points takes one value: pieces of a line.

    ends: shape (n, 2, 3), mm. along: for every end the share of the way between two points (first, second),
    shapes (n, 2); so any other field can be read there with `read`.
    """

    ends: Floats
    first: NDArray[np.int64]
    second: NDArray[np.int64]
    share: Floats

    def read(self, field: Floats) -> Floats:
        """Values of another field of the points at the ends, shape (n, 2)."""
        return np.asarray(field[self.first] * (1.0 - self.share) + field[self.second] * self.share, float)


def crossing(points: Floats, triangles: NDArray[np.int64], field: Floats, level: float) -> Crossing:
    """Pieces of the line on which a field of the points takes a level; empty where it never does."""
    above = field > level
    corners = above[triangles]
    mixed = triangles[(corners.any(axis=1)) & ~corners.all(axis=1)]
    odd_above = above[mixed].sum(axis=1) == 1
    odd = np.argmax(above[mixed] == odd_above[:, None], axis=1)
    rows = np.arange(len(mixed))
    lone = mixed[rows, odd]
    first = np.stack([lone, lone], axis=1)
    second = np.stack([mixed[rows, (odd + 1) % 3], mixed[rows, (odd + 2) % 3]], axis=1)
    share = (level - field[first]) / (field[second] - field[first])
    ends = points[first] * (1.0 - share[..., None]) + points[second] * share[..., None]
    return Crossing(np.asarray(ends, float), first, second, np.asarray(share, float))


def _to_triangles(points: Floats, corners: Floats) -> Floats:
    """Distance of each point to its own triangle, shapes (n, 3) and (n, 3, 3)."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    normal = np.cross(b - a, c - a)
    size = np.linalg.norm(normal, axis=1)
    normal = normal / np.maximum(size, 1e-12)[:, None]
    height = np.einsum("ij,ij->i", points - a, normal)
    foot = points - height[:, None] * normal
    inside = size > 1e-9  # marching cubes leaves triangles without area: those are lines
    least = np.full(len(points), np.inf)
    for start, end in ((a, b), (b, c), (c, a)):
        way = end - start
        inside &= np.einsum("ij,ij->i", np.cross(way, foot - start), normal) >= 0
        share = np.einsum("ij,ij->i", points - start, way) / np.maximum(np.einsum("ij,ij->i", way, way), 1e-12)
        off = points - (start + np.clip(share, 0.0, 1.0)[:, None] * way)
        least = np.minimum(least, np.linalg.norm(off, axis=1))
    return np.asarray(np.where(inside, np.abs(height), least), float)
