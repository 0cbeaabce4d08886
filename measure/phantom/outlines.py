"""Closed outlines as splines, kept as radius over angle, and solids interpolated between key levels.

Millimetres, x to the patient's left, y to the back, z to the head; angles run from +x towards +y.
Every outline is star-shaped about its centre, which makes its soft coverage one look-up a pixel.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Floats = NDArray[np.float64]
Outline = Sequence[tuple[float, float]]

ANGLES = 256
STEP = 2.0 * np.pi / ANGLES


def mirrored(half: Outline) -> list[tuple[float, float]]:
    """Close a half outline (given on the patient's left) with its mirror image."""
    return [*half, *((-x, y) for x, y in reversed(half) if x != 0)]


def closed_spline(points: Outline, between: int = 24) -> Floats:
    """Closed Catmull-Rom spline through the points, shape (points * between, 2)."""
    p1 = np.asarray(points, float)
    p0, p2, p3 = np.roll(p1, 1, 0), np.roll(p1, -1, 0), np.roll(p1, -2, 0)
    t = np.linspace(0.0, 1.0, between, endpoint=False)[None, :, None]
    a, b, c, d = (p[:, None, :] for p in (p0, p1, p2, p3))
    curve = 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)
    return np.asarray(curve.reshape(-1, 2), float)


def polar_radii(points: Outline, centre: tuple[float, float]) -> Floats:
    """Radius of the outline over ANGLES even angles about the centre, shape (ANGLES,)."""
    curve = closed_spline(points) - np.asarray(centre, float)
    angle = np.mod(np.arctan2(curve[:, 1], curve[:, 0]), 2 * np.pi)
    order = np.argsort(angle)
    even = np.arange(ANGLES) * STEP
    away = np.hypot(curve[order, 0], curve[order, 1])
    return np.asarray(np.interp(even, angle[order], away, period=2 * np.pi), float)


def ellipse_radii(half_x: float, half_y: float, turn: float = 0.0) -> Floats:
    """Radius over angle of an ellipse turned by `turn` radians, shape (ANGLES,)."""
    angle = np.arange(ANGLES) * STEP - turn
    return np.asarray(1.0 / np.hypot(np.cos(angle) / half_x, np.sin(angle) / half_y), float)


def look_up(radii: Floats, angle: Array) -> Array:
    """Radius at the given angles (any sign), linear between the table's entries."""
    count = len(radii)
    table = np.concatenate([radii, radii[:2]]).astype(np.float32)
    place = angle * np.float32(count / (2.0 * np.pi))
    np.add(place, np.float32(count), out=place, where=place < 0)
    low = np.minimum(place.astype(np.int32), count)
    place -= low
    rise = np.diff(table, append=table[-1:])
    return np.asarray(table[low] + rise[low] * place, np.float32)


def lean_of(radii: Floats) -> Floats:
    """Cosine between the outline's normal and the radius, over angle: turns radial into normal distance."""
    slope = (np.roll(radii, -1) - np.roll(radii, 1)) / (4 * np.pi / len(radii))
    return np.asarray(radii / np.hypot(radii, slope), float)


def soft(distance: Array, width: float) -> Array:
    """Coverage 0..1 from the signed distance (inside positive), rising smoothly over +-width mm."""
    t = np.clip(distance * np.float32(0.5 / width) + np.float32(0.5), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), np.float32)


@dataclass(frozen=True)
class Solid:
    """One organ: a star-shaped outline at key levels, smooth between them, capped at both ends.

    levels: shape (n,), increasing z. centres: (n, 2). radii: (n, ANGLES). caps: height in mm over which the
    lower and the upper end close like an ellipsoid.
    """

    levels: Floats
    centres: Floats
    radii: Floats
    caps: tuple[float, float]

    @classmethod
    def between(
        cls,
        levels: Sequence[tuple[float, tuple[float, float], Outline | Floats]],
        caps: tuple[float, float] = (0.0, 0.0),
        swell: float = 1.0,
    ) -> Solid:
        """Make a solid from (z, centre, outline or radii) triples; swell scales every radius."""
        ordered = sorted(levels, key=lambda level: level[0])
        tables = [
            level[2] if isinstance(level[2], np.ndarray) else polar_radii(level[2], level[1]) for level in ordered
        ]
        return cls(
            np.array([level[0] for level in ordered]),
            np.array([level[1] for level in ordered]),
            np.array(tables) * swell,
            caps,
        )

    @cached_property
    def _knots(self) -> Floats:
        return np.hstack([self.centres, self.radii])

    @cached_property
    def _between(self) -> Callable[[float], Floats]:
        from scipy.interpolate import PchipInterpolator

        curve: Callable[[float], Floats] = PchipInterpolator(self.levels, self._knots)
        return curve

    def at(self, z: float) -> tuple[Floats, Floats] | None:
        """Centre (2,) and radii (ANGLES,) in the plane z, or None outside the organ."""
        low, high = self.levels[0], self.levels[-1]
        if not low < z < high:
            return None
        if len(self.levels) > 2:
            both = np.asarray(self._between(z), float)
        else:
            part = (z - low) / (high - low)
            both = self._knots[0] + part * (self._knots[1] - self._knots[0])
        centre, radii = both[:2], both[2:]
        shrink = 1.0
        for depth, cap in ((z - low, self.caps[0]), (high - z, self.caps[1])):
            if depth < cap:
                shrink *= float(np.sqrt(max(1.0 - (1.0 - depth / cap) ** 2, 1e-4)))
        return np.asarray(centre, float), np.asarray(radii * shrink, float)
