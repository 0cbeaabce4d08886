"""A stack of empty slices on which organs are painted with soft edges, later ones over earlier ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from measure.phantom.outlines import Array, Floats, lean_of, look_up, soft
from measure.phantom.tissues import Textures, Tissue

Path = NDArray[np.float64]  # (n, 4): x, y, z, radius in mm along a tube
Box = tuple[slice, slice]

SIZE = 512
SPACING = 0.75
STEP = 2.0
BOTTOM = -82.0
SLICES = 84
EDGE = 0.8
HALF_FIELD = SPACING * (SIZE - 1) / 2


class Canvas:
    """Values, shape (slices, rows, columns), on the reference grid: x, y from the middle, z upwards."""

    def __init__(self, palette: Mapping[str, Tissue], textures: Textures, roll: tuple[int, int, int]) -> None:
        self.palette = palette
        self.values: Array = np.full((SLICES, SIZE, SIZE), palette["air"].value, np.float32)
        self.across: Array = (np.arange(SIZE, dtype=np.float32) * SPACING - HALF_FIELD).astype(np.float32)
        self.heights: Floats = np.asarray(BOTTOM + STEP * np.arange(SLICES), float)
        repeats = (1, -(-SIZE // textures.fine.shape[1]), -(-SIZE // textures.fine.shape[2]))
        self._coarse = np.roll(textures.coarse, roll, (0, 1, 2))
        self._fine = np.roll(textures.fine, roll, (0, 1, 2))
        self._repeats = repeats[1:]
        self._tiled: tuple[int, Array, Array] | None = None

    def _texture(self, k: int) -> tuple[Array, Array]:
        if self._tiled is None or self._tiled[0] != k:
            at = k % len(self._fine)
            coarse, fine = (np.tile(field[at], self._repeats)[:SIZE, :SIZE] for field in (self._coarse, self._fine))
            self._tiled = (k, coarse, fine)
        return self._tiled[1], self._tiled[2]

    def box(self, low: Floats | Sequence[float], high: Floats | Sequence[float]) -> Box:
        """Rows and columns that hold the rectangle low..high (x, y in mm)."""
        left, top, right, bottom = (
            (float(value) + HALF_FIELD) / SPACING for value in (low[0], low[1], high[0], high[1])
        )
        return (
            slice(min(max(floor(top) - 1, 0), SIZE), min(max(ceil(bottom) + 2, 0), SIZE)),
            slice(min(max(floor(left) - 1, 0), SIZE), min(max(ceil(right) + 2, 0), SIZE)),
        )

    def paint(self, k: int, box: Box, coverage: Array, tissue: str) -> None:
        """Mix the tissue into slice k where coverage (0..1, the box's shape) says so."""
        kind = self.palette[tissue]
        part = self.values[k][box]
        if kind.coarse or kind.fine:
            coarse, fine = self._texture(k)
            wanted: Array | float = kind.value + kind.coarse * coarse[box] + kind.fine * fine[box]
        else:
            wanted = kind.value
        part += coverage * (wanted - part)

    def star(self, centre: Floats, radii: Floats, edge: float = EDGE) -> tuple[Box, Array]:
        """Box and coverage of a star-shaped outline; edge is the half width of its softness in mm."""
        reach = float(radii.max()) + 2.0
        box = self.box(centre - reach, centre + reach)
        dx = (self.across[box[1]] - np.float32(centre[0]))[None, :]
        dy = (self.across[box[0]] - np.float32(centre[1]))[:, None]
        away = np.hypot(dx, dy)
        distance = look_up(radii, np.arctan2(dy, dx)) - away
        # the mean lean would blur corners unevenly; the local one is cheap because it varies slowly
        distance *= lean_of(radii).astype(np.float32).mean()
        return box, soft(distance, edge)

    def paint_star(self, k: int, centre: Floats, radii: Floats, tissue: str, edge: float = EDGE) -> None:
        """Paint one star-shaped outline into slice k."""
        box, coverage = self.star(centre, radii, edge)
        self.paint(k, box, coverage, tissue)

    def ellipse(
        self, centre: tuple[float, float], half: tuple[float, float], turn: float = 0.0, edge: float = EDGE
    ) -> tuple[Box, Array]:
        """Box and coverage of an ellipse with half axes `half`, turned by `turn` radians."""
        middle, reach = np.asarray(centre, float), max(half) + 2.0
        box = self.box(middle - reach, middle + reach)
        dx = (self.across[box[1]] - np.float32(centre[0]))[None, :]
        dy = (self.across[box[0]] - np.float32(centre[1]))[:, None]
        u = (dx * np.cos(turn) + dy * np.sin(turn)).astype(np.float32)
        v = (dy * np.cos(turn) - dx * np.sin(turn)).astype(np.float32)
        q = np.hypot(u / half[0], v / half[1])
        gradient = np.hypot(u / half[0] ** 2, v / half[1] ** 2) / np.maximum(q, 1e-3)
        return box, soft((1 - q) / np.maximum(gradient, 1e-3), edge)

    def paint_ellipse(
        self,
        k: int,
        centre: tuple[float, float],
        half: tuple[float, float],
        tissue: str,
        turn: float = 0.0,
        edge: float = EDGE,
    ) -> None:
        """Paint one ellipse into slice k."""
        box, coverage = self.ellipse(centre, half, turn, edge)
        self.paint(k, box, coverage, tissue)

    def capsule(
        self, start: tuple[float, float], end: tuple[float, float], radius: float, edge: float = EDGE
    ) -> tuple[Box, Array]:
        """Box and coverage of a thick straight line with round ends."""
        a, b = np.asarray(start, float), np.asarray(end, float)
        box = self.box(np.minimum(a, b) - radius - 2, np.maximum(a, b) + radius + 2)
        dx = (self.across[box[1]] - np.float32(a[0]))[None, :]
        dy = (self.across[box[0]] - np.float32(a[1]))[:, None]
        line = b - a
        part = np.clip((dx * line[0] + dy * line[1]) / float(line @ line), 0, 1)
        away = np.hypot(dx - part * line[0], dy - part * line[1])
        return box, soft((np.float32(radius) - away).astype(np.float32), edge)

    def paint_capsule(
        self, k: int, start: tuple[float, float], end: tuple[float, float], radius: float, tissue: str
    ) -> None:
        """Paint one thick straight line into slice k."""
        box, coverage = self.capsule(start, end, radius)
        self.paint(k, box, coverage, tissue)

    def paint_tubes(self, paths: list[Path], layers: tuple[tuple[float, str], ...], edge: float = EDGE) -> None:
        """Paint tubes in three dimensions; a layer is (share of the radius, tissue), outermost first."""
        for share, tissue in layers:
            for path in paths:
                self._paint_tube(path, share, tissue, edge)

    def _paint_tube(self, path: Path, share: float, tissue: str, edge: float) -> None:
        """Cover a swept ball, slice by slice, then mix the tissue in once (no seams at the joints)."""
        radius = path[:, 3] * share
        low = (path[:, :3] - radius[:, None]).min(0)
        high = (path[:, :3] + radius[:, None]).max(0)
        for k in np.flatnonzero((self.heights > low[2] - edge) & (self.heights < high[2] + edge)):
            height = self.heights[k] - path[:, 2]
            near = np.abs(height) < radius + edge
            if not near.any():
                continue
            points, lift, reach = path[near, :2], height[near], radius[near]
            margin = (reach + edge)[:, None]
            box = self.box((points - margin).min(0), (points + margin).max(0))
            xs, ys = self.across[box[1]], self.across[box[0]]
            if not len(xs) or not len(ys):
                continue
            best = np.full((len(ys), len(xs)), -10.0, np.float32)
            for (x, y), h, r in zip(points.tolist(), lift.tolist(), reach.tolist(), strict=True):
                inner = self.box((x - r - edge, y - r - edge), (x + r + edge, y + r + edge))
                rows = slice(inner[0].start - box[0].start, inner[0].stop - box[0].start)
                columns = slice(inner[1].start - box[1].start, inner[1].stop - box[1].start)
                dx, dy = xs[columns] - np.float32(x), ys[rows] - np.float32(y)
                away = np.sqrt((dx * dx)[None, :] + (dy * dy)[:, None] + np.float32(h * h))
                np.maximum(best[rows, columns], np.float32(r) - away, out=best[rows, columns])
            self.paint(int(k), box, soft(best, edge), tissue)
