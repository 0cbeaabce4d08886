"""Body wall, ribs, spine, lungs and mediastinum."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from measure.phantom.canvas import HALF_FIELD, SIZE, SPACING, Canvas
from measure.phantom.organs import BODY, CAVITY, HEART, MEDIASTINUM, TRUNK_CENTRE, VERTEBRA, WALL
from measure.phantom.outlines import ANGLES, STEP, Array, lean_of, look_up, soft

VERTEBRA_MM, DISC_MM, FIRST_DISC = 30.0, 6.0, -83.0
RIB_RISE = 46.0
"""Millimetres by which a rib falls for each radian it runs around the trunk."""


@dataclass(frozen=True)
class Trunk:
    """Polar coordinates about the trunk's centre, and the diaphragm as a height over (x, y)."""

    angle: Array
    edges: dict[str, tuple[Array, Array]]
    """For body, wall and cavity: normal distance is scale * first - second, in mm, inside positive."""
    diaphragm: Array
    steepness: Array

    @classmethod
    def of(cls, fat: float, domes: tuple[float, float]) -> Trunk:
        """Make the trunk; fat scales the subcutaneous layer, domes are the right and left heights in mm."""
        axis = (np.arange(SIZE, dtype=np.float32) * SPACING - HALF_FIELD).astype(np.float32)
        dx = (axis - np.float32(TRUNK_CENTRE[0]))[None, :]
        dy = (axis - np.float32(TRUNK_CENTRE[1]))[:, None]
        angle, away = np.arctan2(dy, dx).astype(np.float32), np.hypot(dx, dy)
        outward = away / look_up(CAVITY, angle)
        side = 1 / (1 + np.exp(-np.broadcast_to(dx, angle.shape) / 16.0))
        apex = domes[0] + (domes[1] - domes[0]) * side
        # over its middle the dome is a blunt cap; at the wall it dives, deepest at the back, and ends bluntly
        back = 0.5 * (1 + np.sin(angle))
        depth = 10.0 + 76.0 * back**0.9
        diaphragm = apex - 9.0 * outward**2 - depth * np.clip(outward / 0.965, 0, 1) ** 11
        by_row, by_column = np.gradient(diaphragm, SPACING)
        steepness = np.sqrt(1 + by_row**2 + by_column**2)
        edges = {}
        for name, radii in (("body", WALL + (BODY - WALL) * fat), ("wall", WALL), ("cavity", CAVITY)):
            lean = lean_of(radii)
            edges[name] = (look_up(radii * lean, angle), away * look_up(lean, angle))
        return cls(angle, edges, diaphragm.astype(np.float32), steepness.astype(np.float32))

    def shrink(self, z: float) -> float:
        """Scale of the trunk at a height: a little narrower towards the chest's upper part and the waist."""
        return 1.0 - 0.05 * float(max(0.0, (z - 20) / 60) ** 1.5) - 0.03 * max(0.0, (-z) / 80) ** 2

    def inside(self, outline: str, scale: float, box: tuple[slice, slice], edge: float = 0.8) -> Array:
        """Coverage of body, wall or cavity, scaled about the trunk's centre."""
        reach, away = self.edges[outline]
        return soft(reach[box] * np.float32(scale) - away[box], edge)

    def wall(self, canvas: Canvas, k: int) -> None:
        """Paint table, skin, fat, muscle wall and the fat of the abdominal cavity."""
        z = float(canvas.heights[k])
        scale = self.shrink(z)
        whole = canvas.box((-185.0, -135.0), (185.0, 145.0))
        canvas.paint(k, whole, self.inside("body", scale, whole), "skin")
        canvas.paint(k, whole, self.inside("body", scale * 0.988, whole), "fat")
        canvas.paint(k, whole, self.inside("wall", scale, whole), "muscle")
        outer, inner = (self.inside("wall", scale * share, whole) for share in (0.972, 0.955))
        plane = np.clip(outer - inner, 0, 1)
        side = np.clip(1.35 - np.abs(np.sin(self.angle[whole])) * 1.2, 0, 0.8)
        canvas.paint(k, whole, plane * side, "fat plane")
        canvas.paint(k, whole, self.inside("cavity", scale, whole), "inner fat")

    def back_muscles(self, canvas: Canvas, k: int) -> None:
        """Paint the fat clefts of the back muscles and, below, the psoas."""
        z = float(canvas.heights[k])
        scale = self.shrink(z)
        if z > 30:
            canvas.paint_ellipse(k, (0, -88 * scale), (13, 4.2), "cartilage" if z < 60 else "spongy bone")
        for side in (-1.0, 1.0):
            canvas.paint_capsule(k, (side * 33, 84 * scale), (side * 38, 100 * scale), 0.7, "fat plane")
            canvas.paint_capsule(k, (side * 4, 104 * scale), (side * 30, 106 * scale), 0.9, "fat plane")
            canvas.paint_capsule(k, (side * 46, 88 * scale), (side * 58, 101 * scale), 0.8, "fat plane")
            canvas.paint_capsule(k, (side * 22, 96 * scale), (side * 27, 107 * scale), 0.7, "fat plane")
            canvas.paint_capsule(k, (side * 62, 95 * scale), (side * 92, 84 * scale), 1.0, "fat plane")
            if z < 2:
                size = 6 + 13 * min(1.0, -(z - 2) / 60)
                canvas.paint_ellipse(k, (side * (24 + 0.6 * size), 62), (size * 0.8, size), "muscle")

    def ribs(self, canvas: Canvas, k: int) -> None:
        """Paint where the ribs, running down and forward around the trunk, cross this slice."""
        z = float(canvas.heights[k])
        radii = WALL * self.shrink(z) * 0.957
        for side in (-1.0, 1.0):
            for number in range(10):
                run = (88 - 25.0 * number + 60 - z) / RIB_RISE
                longest = 2.35 if number < 6 else 2.35 - 0.34 * (number - 5)
                if not 0.32 < run < longest + 0.5:
                    continue
                angle = np.pi / 2 - side * run
                place = (angle % (2 * np.pi)) / STEP
                low = int(place) % ANGLES
                radius = radii[low]
                slope = (radii[(low + 2) % ANGLES] - radii[low - 2]) / (4 * STEP)
                centre = (
                    float(TRUNK_CENTRE[0] + radius * np.cos(angle)),
                    float(TRUNK_CENTRE[1] + radius * np.sin(angle)),
                )
                turn = angle + np.pi / 2 - np.arctan2(slope, radius)
                half = (10.5 + 2.5 * np.sin(2.3 * number + run), 4.2)
                if run > longest:
                    if number < 6:
                        canvas.paint_ellipse(k, centre, (half[0], 4.6), "cartilage", turn)
                    continue
                canvas.paint_ellipse(k, centre, half, "cortical bone", turn)
                canvas.paint_ellipse(k, centre, (half[0] - 2.0, 2.4), "spongy bone", turn)

    def spine(self, canvas: Canvas, k: int) -> None:
        """Paint the vertebra, or the disc, of this height with its arch and processes."""
        z = float(canvas.heights[k])
        phase = (z - FIRST_DISC) % VERTEBRA_MM
        centre = np.array([0.0, 58.0])
        shape = VERTEBRA * (1.0 + 0.06 * abs(phase / VERTEBRA_MM - 0.6))
        if phase < DISC_MM:
            canvas.paint_star(k, centre, shape * 0.98, "disc")
        else:
            plate = max(0.0, 1 - min(phase - DISC_MM, VERTEBRA_MM - phase) / 3.5)
            canvas.paint_star(k, centre, shape, "cortical bone")
            box, coverage = canvas.star(centre, shape - 1.9)
            canvas.paint(k, box, coverage * (1 - 0.55 * plate), "spongy bone")
        arch = phase > 0.5 * VERTEBRA_MM
        canvas.paint_ellipse(k, (0, 82), (16, 13), "inner fat" if not arch else "spongy bone")
        for side in (-1.0, 1.0):
            if arch:
                canvas.paint_capsule(k, (side * 14, 72), (side * 14, 84), 4.0, "cortical bone")
                canvas.paint_capsule(k, (side * 14, 73), (side * 14, 83), 2.2, "spongy bone")
                canvas.paint_capsule(k, (side * 15, 84), (side * 33, 89), 3.6, "cortical bone")
                canvas.paint_capsule(k, (side * 16, 84), (side * 31, 88.5), 2.0, "spongy bone")
            else:
                canvas.paint_ellipse(k, (side * 15, 87), (4.2, 6.5), "cortical bone", turn=side * 0.5)
                canvas.paint_ellipse(k, (side * 15, 87), (2.0, 4.0), "spongy bone", turn=side * 0.5)
            canvas.paint_capsule(k, (side * 13, 88), (side * 2, 95), 2.6, "cortical bone")
        reach = 110 if 6 < phase < 24 else 101
        canvas.paint_capsule(k, (0, 95), (0, reach), 2.9, "cortical bone")
        canvas.paint_capsule(k, (0, 96), (0, reach - 1), 1.4, "spongy bone")
        canvas.paint_ellipse(k, (0, 81.5), (10.5, 9.0), "canal")
        canvas.paint_ellipse(k, (0, 81.5), (6.0, 5.0), "cord", edge=1.2)

    def lungs(self, canvas: Canvas, k: int) -> None:
        """Paint the diaphragm and, above it, lung within the chest wall."""
        z = float(canvas.heights[k])
        whole = canvas.box((-150.0, -105.0), (150.0, 110.0))
        above = (z - self.diaphragm[whole]) / self.steepness[whole]
        if above.max() < -3:
            return
        chest = self.inside("cavity", self.shrink(z) * 0.99, whole)
        canvas.paint(k, whole, chest * soft((above + 2.2).astype(np.float32), 0.8), "crus")
        canvas.paint(k, whole, chest * soft(above.astype(np.float32), 0.9), "lung")

    def mediastinum(self, canvas: Canvas, k: int) -> None:
        """Paint the fat between the lungs and the heart on the diaphragm."""
        z = float(canvas.heights[k])
        for solid, tissue in ((MEDIASTINUM, "inner fat"), (HEART, "heart")):
            found = solid.at(z)
            if found is not None:
                if tissue == "heart":
                    canvas.paint_star(k, found[0], found[1] * 1.06 + 1.5, "inner fat", 1.6)
                canvas.paint_star(k, *found, tissue, 1.6)
                if tissue == "heart":
                    centre, radii = found
                    lobes = radii * (1 + 0.12 * np.sin(3 * np.arange(ANGLES) * STEP + 0.05 * z))
                    canvas.paint_star(k, centre + np.array([15, -2]), lobes * 0.52, "heart chamber", 5.0)
                    canvas.paint_star(k, centre + np.array([-24, -6]), lobes * 0.44, "heart chamber", 4.0)
