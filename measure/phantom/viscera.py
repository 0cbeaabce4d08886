"""Solid and hollow organs of the abdomen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from measure.phantom.canvas import HALF_FIELD, SPACING, Canvas, Path
from measure.phantom.organs import GALLBLADDER, KIDNEYS, LIVER, SPLEEN, STOMACH
from measure.phantom.outlines import STEP, Array, Floats
from measure.phantom.trunk import Trunk
from measure.phantom.vessels import smooth_path


def _folded(value: float, low: float, high: float) -> float:
    """Reflect a value at the ends of its range, so that nothing piles up there."""
    value = low + abs(value - low)
    return float(high - abs(high - value))


@dataclass(frozen=True)
class Viscera:
    """What differs from patient to patient: the seed, the size of the liver, how the stomach is filled."""

    seed: int
    trunk: Trunk
    liver_swell: float
    fluid_level: float

    def inside_liver(self, point: Floats, depth: float = 6.0) -> bool:
        """Say whether a point lies in the liver, at least depth mm from its surface (roughly)."""
        found = LIVER.at(float(point[2]))
        if found is None:
            return False
        centre, radii = found
        dx, dy = point[0] - centre[0], point[1] - centre[1]
        angle = np.mod(np.arctan2(dy, dx), 2 * np.pi)
        radius = radii[int(angle / STEP) % len(radii)] * self.liver_swell
        return bool(np.hypot(dx, dy) < radius - depth and self.dome(point) - depth > point[2])

    def dome(self, point: Floats) -> float:
        """Height of the diaphragm over (x, y)."""
        column, row = (round(float(c + HALF_FIELD) / SPACING) for c in point[:2])
        return float(self.trunk.diaphragm[row, column])

    def solid_organs(self, canvas: Canvas, k: int) -> None:
        """Paint kidneys, spleen and liver where they cross this slice."""
        z = float(canvas.heights[k])
        for side, kidney in KIDNEYS.items():
            found = kidney.at(z)
            if found is not None:
                self._kidney(canvas, k, found[0], found[1], -1.0 if side == "right" else 1.0)
        for solid, tissue, swell in ((SPLEEN, "spleen", 1.0), (LIVER, "liver", self.liver_swell)):
            found = solid.at(z)
            if found is not None:
                box, coverage = canvas.star(found[0], found[1] * swell)
                inside = self.trunk.inside("cavity", self.trunk.shrink(z) * 0.984, box)
                canvas.paint(k, box, coverage * inside, tissue)
        if -14 < z < 24:
            fade = min(1.0, (24 - z) / 6, (z + 14) / 6)
            bend = 4.0 * np.sin(0.09 * z + self.seed)
            for start, end, radius in (
                ((7.0, -84.0), (1.0 + bend, -68.0), 2.2),
                ((1.0 + bend, -68.0), (-6.0, -52.0 + 0.2 * z), 1.2),
            ):
                box, coverage = canvas.capsule(start, end, radius, 1.6)
                canvas.paint(k, box, coverage * (0.85 * fade), "fissure")

    def _kidney(self, canvas: Canvas, k: int, centre: Floats, radii: Floats, side: float) -> None:
        """Paint cortex, pyramids and the sinus that opens towards the midline."""
        canvas.paint_star(k, centre, radii, "cortex")
        angle = np.arange(len(radii)) * STEP
        lobes = radii * (0.70 + 0.09 * np.cos(9 * angle + 0.15 * k))
        canvas.paint_star(k, centre, lobes, "medulla", 2.0)
        size = float(radii.mean())
        if size > 16:
            opening = min(1.0, (size - 16) / 6)
            hilum = np.array([-side, -0.55]) / np.hypot(1, 0.55)
            across = np.array([-hilum[1], hilum[0]])
            deep, mouth = centre + 0.10 * size * hilum, centre + 1.25 * size * hilum
            self._strip(canvas, k, deep, mouth, 0.26 * size * opening, "sinus", 1.8)
            for spread in (-0.42, 0.0, 0.42):
                calyx = centre + size * (-0.16 * hilum + spread * across)
                self._strip(canvas, k, deep + 0.2 * size * hilum, calyx, 1.9 * opening, "sinus", 1.5)
                if abs(float(canvas.heights[k]) + 32) < 13 and (k // 2 + int(10 * spread)) % 2:
                    self._strip(canvas, k, mouth, calyx + 0.3 * size * hilum, 1.2, "cava", 1.2)

    @staticmethod
    def _strip(canvas: Canvas, k: int, start: Floats, end: Floats, radius: float, tissue: str, edge: float) -> None:
        box, coverage = canvas.capsule((float(start[0]), float(start[1])), (float(end[0]), float(end[1])), radius, edge)
        canvas.paint(k, box, coverage, tissue)

    def hollow_organs(self, canvas: Canvas, k: int) -> None:
        """Paint stomach (wall, fluid, gas above the level), gallbladder and adrenals."""
        z = float(canvas.heights[k])
        found = STOMACH.at(z)
        if found is not None:
            centre, radii = found
            canvas.paint_star(k, centre, radii, "stomach wall")
            angle = np.arange(len(radii)) * STEP
            folds = radii - 3.6 - 0.9 * np.sin(13 * angle + 0.2 * z) - 0.6 * np.sin(7 * angle - 0.1 * z)
            box, coverage = canvas.star(centre, np.maximum(folds, 2.0))
            canvas.paint(k, box, coverage, "stomach fluid")
            rows = canvas.across[box[0]]
            gas: Array = np.clip((self.fluid_level - rows) / 1.2 + 0.5, 0, 1)[:, None] * coverage
            canvas.paint(k, box, gas, "gas")
        found = GALLBLADDER.at(z)
        if found is not None:
            canvas.paint_star(k, found[0], found[1] + 1.4, "bowel wall")
            canvas.paint_star(k, *found, "bile")
        taper = min(1.0, (27 - z) / 8, (z + 2) / 8)
        if taper > 0.15:
            for side, x, y in ((1.0, 36.0, 32.0), (-1.0, -38.0, 34.0)):
                self._strip(
                    canvas,
                    k,
                    np.array([x, y]),
                    np.array([x + side * (2 - 0.1 * z), y + 12]),
                    2.2 * taper,
                    "gland",
                    1.2,
                )
                self._strip(
                    canvas,
                    k,
                    np.array([x, y]),
                    np.array([x + side * 10, y + 9 + 0.1 * z]),
                    1.9 * taper,
                    "gland",
                    1.2,
                )
                self._strip(canvas, k, np.array([x, y]), np.array([x + side, y - 7]), 1.8 * taper, "gland", 1.2)
        if -40 < z < 52:
            size = min(1.0, (z + 46) / 30)
            self._strip(canvas, k, np.array([-7.0, 43.0]), np.array([-12.0, 25.0 - 0.12 * z]), 3.4 * size, "crus", 1.0)
            self._strip(canvas, k, np.array([21.0, 44.0]), np.array([22.0, 27.0 - 0.12 * z]), 3.0 * size, "crus", 1.0)

    def bowel(self, canvas: Canvas) -> None:
        """Paint pancreas, jejunum, duodenum and colon."""
        rng = np.random.default_rng([self.seed, 7])
        pancreas = smooth_path(
            [
                (-26, -14, -46, 13),
                (-18, -20, -30, 12),
                (2, -24, -18, 8),
                (28, -16, -10, 8.5),
                (56, 0, 0, 9),
                (80, 12, 6, 6),
            ],
            1.5,
        )
        pancreas[:, 3] += rng.normal(0, 0.5, len(pancreas))
        canvas.paint_tubes([pancreas], ((1.0, "pancreas"),), 1.2)
        duodenum = smooth_path(
            [
                (-14, -46, -32, 10),
                (-40, -24, -40, 11),
                (-46, -6, -58, 11),
                (-38, 4, -74, 11),
                (-10, 2, -84, 10),
            ],
            1.5,
        )
        canvas.paint_tubes([duodenum], ((1.0, "bowel wall"), (0.72, "bowel content")))
        loops = []
        for row in range(16):
            x, y = 20 + 18 * (row % 4) + rng.normal(0, 3), -56 + 17 * (row // 4) + rng.normal(0, 2)
            z = -90 + 13 * ((row * 3) % 5)
            top = -46 if y < -28 else -14
            z = min(z + 8, top)
            points: list[tuple[float, float, float, float]] = [(x, y, z, 11.0)]
            for step in range(4):
                points.append(
                    (
                        _folded(points[-1][0] + rng.normal(4, 14), 22 if top > -20 else 12, 98),
                        _folded(y + rng.normal(0, 10), -68, 12),
                        _folded(z - 7 * (step % 2) + rng.normal(0, 6), -104, top),
                        float(rng.uniform(9.0, 12.5)),
                    )
                )
            loops.append(smooth_path(points, 1.5))
        for loop in loops:
            canvas.paint_tubes([loop], ((1.0, "bowel wall"), (0.66, "bowel content")))
        self._colon(canvas, rng)

    def _colon(self, canvas: Canvas, rng: np.random.Generator) -> None:
        """Paint the colon's flexures: pouched, with stool and gas bubbles on top of it."""
        courses = [
            [
                (118, -26, 2, 15),
                (114, -34, -14, 17),
                (118, -14, -30, 16),
                (122, 8, -52, 15),
                (118, 22, -92, 14),
            ],
            [
                (112, -36, -12, 16),
                (92, -54, -34, 16),
                (60, -72, -56, 15),
                (10, -76, -66, 15),
                (-40, -70, -70, 17),
                (-62, -52, -72, 19),
                (-66, -40, -94, 19),
            ],
        ]
        for course in courses:
            path = smooth_path(course, 1.5)
            path[:, 3] *= 0.9 + 0.08 * np.sin(np.arange(len(path)) * 0.28 + rng.uniform(0, 6))
            canvas.paint_tubes([path], ((1.0, "colon wall"), (0.84, "stool")))
            bubbles: list[Path] = []
            for point in path[::5]:
                for _ in range(3):
                    spot = point.copy()
                    spot[:3] += rng.normal(0, 0.32, 3) * point[3] + (0, -0.28 * point[3], 0)
                    away = float(np.linalg.norm(spot[:3] - point[:3]))
                    spot[3] = min(rng.uniform(1.5, 7.0), 0.8 * point[3] - away)
                    if spot[3] > 1.0:
                        bubbles.append(spot[None, :])
            canvas.paint_tubes(bubbles, ((1.0, "gas"),), 1.0)
