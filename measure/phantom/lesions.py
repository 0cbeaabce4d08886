"""Analytic lesions: an outline with harmonics, swollen to an ellipsoid; exact axes, areas and volumes.

Every axial section is the same outline, scaled by sqrt(1 - (height / half height)^2).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from measure.phantom.outlines import Array, Floats, Outline, look_up, soft

FINE = 1440


@dataclass(frozen=True, slots=True)
class Layer:
    """One density of a lesion: share of the outline it fills, value by tissue key, softness in mm."""

    share: float
    tissue: str
    edge: float


LAYERS: dict[str, tuple[Layer, ...]] = {
    "metastasis": (Layer(1.0, "rim", 0.8), Layer(0.72, "core", 2.8)),
    "pale": (Layer(1.0, "pale", 2.6),),
    "lung nodule": (Layer(1.0, "nodule", 0.8),),
    "node": (Layer(1.0, "node", 0.8),),
    "adrenal": (Layer(1.0, "adrenal", 0.8), Layer(0.6, "adrenal core", 1.4)),
    "zone": (Layer(1.05, "zone rim", 0.9), Layer(1.0, "zone", 0.9), Layer(0.55, "zone centre", 2.2)),
    "recurrence": (Layer(1.0, "recurrence", 0.8),),
}
CT_VALUES = {
    "rim": 64.0, "core": 48.0, "pale": 90.0, "nodule": 35.0,
    "node": 86.0, "adrenal": 74.0, "adrenal core": 56.0, "zone rim": 122.0, "zone": 34.0, "zone centre": 60.0,
    "recurrence": 72.0,
}  # fmt: skip
MR_VALUES = {
    "rim": 305.0, "core": 272.0, "pale": 410.0, "nodule": 240.0,
    "node": 360.0, "adrenal": 330.0, "adrenal core": 290.0, "zone rim": 540.0, "zone": 300.0,
    "zone centre": 420.0, "recurrence": 360.0,
}  # fmt: skip


@lru_cache(maxsize=256)
def _unit_outline(ratio: float, roughness: float, turn: float, seed: int) -> Floats:
    """Radius over FINE angles of an outline of mean radius about 1; ratio is short by long axis."""
    rng = np.random.default_rng([seed, 17])
    angle = np.arange(FINE) * (2 * np.pi / FINE)
    radius = 1.0 / np.hypot(np.cos(angle - turn) * np.sqrt(ratio), np.sin(angle - turn) / np.sqrt(ratio))
    for order in (2, 3, 4, 5):
        radius = radius * (
            1 + roughness * rng.uniform(0.3, 1.0) / (order - 0.7) * np.cos(order * angle + rng.uniform(0, 2 * np.pi))
        )
    return np.asarray(radius, float)


@dataclass(frozen=True, slots=True)
class Axes:
    """Longest diameter of a section and the longest one square to it, with end points, mm."""

    long_mm: float
    short_mm: float
    long_ends: tuple[tuple[float, float], tuple[float, float]]
    short_ends: tuple[tuple[float, float], tuple[float, float]]


def axes_of(points: Outline | Floats) -> Axes:
    """Measure a closed outline given as dense points (n, 2); good to about 0.01 mm for n = FINE."""
    curve = np.asarray(points, float)
    gaps = np.linalg.norm(curve[:, None, ::1] - curve[None, :, :], axis=2) if len(curve) <= 360 else None
    if gaps is None:  # coarse pairs first, then the neighbourhood of the best
        step = len(curve) // 180
        some = curve[::step]
        far = np.linalg.norm(some[:, None] - some[None], axis=2)
        i, j = np.unravel_index(int(far.argmax()), far.shape)
        near_i = (np.arange(-2 * step, 2 * step + 1) + int(i) * step) % len(curve)
        near_j = (np.arange(-2 * step, 2 * step + 1) + int(j) * step) % len(curve)
        local = np.linalg.norm(curve[near_i][:, None] - curve[near_j][None], axis=2)
        a, b = np.unravel_index(int(local.argmax()), local.shape)
        start, end = curve[near_i[a]], curve[near_j[b]]
    else:
        a, b = np.unravel_index(int(gaps.argmax()), gaps.shape)
        start, end = curve[a], curve[b]
    length = float(np.linalg.norm(end - start))
    along = (end - start) / length
    across = np.array([-along[1], along[0]])
    u, v = (curve - start) @ along, (curve - start) @ across
    places = np.linspace(0.02, 0.98, 481) * length
    upper, lower = v >= 0, v <= 0
    top = np.interp(places, *_sorted(u[upper], v[upper]))
    bottom = np.interp(places, *_sorted(u[lower], v[lower]))
    best = int((top - bottom).argmax())
    foot = start + places[best] * along
    ends = (foot + top[best] * across, foot + bottom[best] * across)
    return Axes(
        length,
        float(top[best] - bottom[best]),
        ((float(start[0]), float(start[1])), (float(end[0]), float(end[1]))),
        ((float(ends[0][0]), float(ends[0][1])), (float(ends[1][0]), float(ends[1][1]))),
    )


def _sorted(u: Floats, v: Floats) -> tuple[Floats, Floats]:
    order = np.argsort(u)
    return u[order], v[order]


@dataclass(frozen=True)
class Shape:
    """Form of a lesion apart from its size: axis ratio, roughness, direction, height by long axis."""

    ratio: float = 0.82
    roughness: float = 0.045
    turn: float = 0.4
    height: float = 0.9
    seed: int = 0

    def unit(self) -> Floats:
        """Radius over FINE angles."""
        return _unit_outline(self.ratio, self.roughness, self.turn, self.seed)


@dataclass(frozen=True)
class Body:
    """One piece of a lesion in one series: centre (scanner LPS mm), radius over FINE angles, half height."""

    kind: str
    centre: tuple[float, float, float]
    radii: Floats
    half_height: float

    @classmethod
    def sized(
        cls,
        kind: str,
        shape: Shape,
        centre: tuple[float, float, float],
        size_mm: float,
        planes: Floats,
        *,
        by_short_axis: bool = False,
    ) -> Body:
        """Scale the shape so that the axis that counts is size_mm in the plane nearest to its middle."""
        unit = shape.unit()
        axes = axes_of(_curve(unit))
        half_height = 0.5 * size_mm * shape.height
        if by_short_axis:
            half_height *= axes.long_mm / axes.short_mm
        miss = float(np.abs(np.asarray(planes) - centre[2]).min())
        section = float(np.sqrt(max(1.0 - (miss / half_height) ** 2, 0.05)))
        length = axes.short_mm if by_short_axis else axes.long_mm
        return cls(kind, centre, unit * (size_mm / (length * section)), half_height)

    def section(self, z: float) -> float:
        """Scale of the outline in the plane z; 0 outside."""
        return float(np.sqrt(max(1.0 - ((z - self.centre[2]) / self.half_height) ** 2, 0.0)))

    def outline(self, z: float) -> Floats:
        """Outline in the plane z as (FINE, 2) scanner x, y in mm; shrinks to a point outside."""
        return np.asarray(_curve(self.radii * self.section(z)) + np.asarray(self.centre[:2]), float)

    @property
    def volume_ml(self) -> float:
        """Volume of the analytic body in ml."""
        area = 0.5 * float(np.sum(self.radii**2)) * 2 * np.pi / FINE
        return area * self.half_height * 4 / 3 / 1000.0

    def coverage(self, x: Array, y: Array, z: float, share: float, edge: float) -> Array:
        """Soft coverage of pixel centres (rows from y, columns from x) in the plane z, without thickness."""
        scale = self.section((z - self.centre[2]) / share + self.centre[2]) * share
        dx, dy = (x - self.centre[0])[None, :], (y - self.centre[1])[:, None]
        away = np.hypot(dx, dy)
        # the core of a lesion follows its outline loosely
        radii = self.radii if share >= 1 else 0.5 * (self.radii + np.roll(self.radii, FINE // 3))
        radius = look_up(radii[:: FINE // 240], np.arctan2(dy, dx)) * np.float32(scale)
        return soft((radius - away).astype(np.float32), edge) if scale > 0 else np.zeros_like(away)


def _curve(radii: Floats) -> Floats:
    angle = np.arange(len(radii)) * (2 * np.pi / len(radii))
    return np.stack([radii * np.cos(angle), radii * np.sin(angle)], axis=1)
