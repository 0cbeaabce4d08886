"""The rays on which a star-shaped surface is sought: 162 of an icosphere, or 72 of a ring in one slice.

Directions are in the slice's own frame: x along the rows, y along the columns, z along the normal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats

Whole = NDArray[np.int64]

RING_RAYS = 72
BESIDE = 0.35  # radians, about the distance of two rays
TABLE_ROWS, TABLE_COLUMNS = 61, 121


@dataclass(frozen=True, eq=False)
class Rays:
    """Unit directions, shape (n, 3), and which of them are neighbours, shape (pairs, 2); dimension 3 or 2."""

    directions: Floats
    pairs: Whole
    dimension: int

    @property
    def count(self) -> int:
        """Number of rays."""
        return len(self.directions)

    @cached_property
    def _neighbour_count(self) -> Floats:
        return np.bincount(self.pairs.ravel(), minlength=self.count).astype(float)

    def smoothed(self, radii: Floats, rounds: int) -> Floats:
        """Average over neighbours so many times: half a ray's own radius, half the mean of its neighbours."""
        first, second = self.pairs.T
        for _ in range(rounds):
            total = np.bincount(first, radii[second], self.count) + np.bincount(second, radii[first], self.count)
            radii = 0.5 * radii + 0.5 * total / self._neighbour_count
        return radii

    @cached_property
    def _table(self) -> Floats:
        """What every ray adds to a lattice of directions (polar angle, azimuth), shape (lattice, rays)."""
        polar = np.linspace(0, np.pi, TABLE_ROWS)[:, None]
        azimuth = np.linspace(-np.pi, np.pi, TABLE_COLUMNS)[None, :]
        flat = np.sin(polar)
        lattice = np.stack(
            [flat * np.cos(azimuth), flat * np.sin(azimuth), np.cos(polar) * np.ones_like(azimuth)], axis=-1
        )
        return self._shares_towards(lattice.reshape(-1, 3))

    def prepare(self) -> None:
        """Build the tables now, a quarter of a second, rather than under the first click."""
        for table in ("_table", "_beside", "tangents"):
            getattr(self, table)

    @cached_property
    def tangents(self) -> Floats:
        """Two unit vectors square to each ray, shape (rays, 2, 3): the first one in the slice's plane."""
        x, y = self.directions[:, 0], self.directions[:, 1]
        flat = np.hypot(x, y)
        upright = flat < 1e-9
        first = np.stack([np.where(upright, 0.0, -y), np.where(upright, 1.0, x), np.zeros(self.count)], axis=1)
        first /= np.linalg.norm(first, axis=1, keepdims=True)
        return np.stack([first, np.cross(self.directions, first)], axis=1)

    @cached_property
    def _beside(self) -> Floats:
        """What every ray adds to the radius a little to both sides of each ray, shape (2, rays, rays)."""
        found = []
        for way in (0, 1):
            shares = np.zeros((self.count, self.count))
            for turn in (-BESIDE, BESIDE):
                aside = np.cos(turn) * self.directions + np.sin(turn) * self.tangents[:, way]
                shares += self._shares_towards(aside) / 2
            found.append(shares)
        return np.stack(found)

    def curvature(self, radii: Floats) -> Floats:
        """Curvature of the surface along both tangents of each ray, 1/mm, shape (rays, 2); hollows count as flat.

        On a ring the second, across the slice, is not known: 0.
        """
        if self.dimension == 2:
            steps = round(BESIDE * self.count / (2 * np.pi))
            mean = (np.roll(radii, steps) + np.roll(radii, -steps)) / 2
            beside = np.stack([mean, radii], axis=1)
            turn = steps * 2 * np.pi / self.count
        else:
            beside = np.einsum("wij,j->iw", self._beside, radii)
            turn = BESIDE
        second = 2 * (beside - radii[:, None]) / turn**2
        curved = 1 / radii[:, None] - second / radii[:, None] ** 2
        if self.dimension == 2:
            curved[:, 1] = 0.0
        return np.asarray(np.clip(curved, 0.0, 3 / radii[:, None]), float)

    def _shares_towards(self, directions: Floats) -> Floats:
        """What every ray adds to the radius in given unit directions of shape (n, 3), shape (n, rays).

        A smooth surface through all rays: a mean of the nearest ones would flatten the tips of long lesions.
        """
        from scipy.interpolate import RBFInterpolator

        through = RBFInterpolator(self.directions, np.eye(self.count), kernel="cubic", degree=1)
        return np.asarray(through(directions), float)

    def radius_towards(self, radii: Floats, offsets: Floats) -> Floats:
        """Radius of the surface in the direction of each offset from the centre, offsets of shape (n, 3)."""
        from scipy.ndimage import map_coordinates

        azimuth = np.arctan2(offsets[:, 1], offsets[:, 0])
        if self.dimension == 2:
            angle = np.arctan2(self.directions[:, 1], self.directions[:, 0])
            order = np.argsort(angle)
            return np.interp(azimuth, angle[order], radii[order], period=2 * np.pi)
        lattice = np.einsum("ij,j->i", self._table, radii).reshape(TABLE_ROWS, TABLE_COLUMNS)
        length = np.maximum(np.linalg.norm(offsets, axis=1), 1e-9)
        row = np.arccos(np.clip(offsets[:, 2] / length, -1, 1)) / np.pi * (TABLE_ROWS - 1)
        column = (azimuth + np.pi) / (2 * np.pi) * (TABLE_COLUMNS - 1)
        return np.asarray(map_coordinates(lattice, np.stack([row, column]), order=1, mode="nearest"))


@lru_cache(maxsize=1)
def sphere_rays() -> Rays:
    """The 162 corners of an icosahedron split twice, with the edges of its triangles."""
    from scipy.spatial import ConvexHull

    golden = (1 + np.sqrt(5)) / 2
    base = [(0, s, t * golden) for s in (-1, 1) for t in (-1, 1)]
    corners = np.array([p[i:] + p[:i] for p in base for i in range(3)], float)
    corners /= np.linalg.norm(corners[0])
    for _ in range(2):
        edges = _edges(ConvexHull(corners).simplices)
        middle = corners[edges[:, 0]] + corners[edges[:, 1]]
        corners = np.concatenate([corners, middle / np.linalg.norm(middle, axis=1, keepdims=True)])
    return Rays(corners, _edges(ConvexHull(corners).simplices), 3)


@lru_cache(maxsize=1)
def ring_rays() -> Rays:
    """72 even directions in the slice."""
    angle = np.arange(RING_RAYS) * 2 * np.pi / RING_RAYS
    directions = np.stack([np.cos(angle), np.sin(angle), np.zeros(RING_RAYS)], axis=1)
    here = np.arange(RING_RAYS)
    return Rays(directions, np.stack([here, (here + 1) % RING_RAYS], axis=1), 2)


def _edges(triangles: NDArray[np.integer]) -> Whole:
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    return np.unique(np.sort(sides.astype(np.int64), axis=1), axis=0)
