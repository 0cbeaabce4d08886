"""Vessels: the great ones, the trees of the liver, the small ones of lungs and mesentery."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from measure.phantom.canvas import Canvas, Path
from measure.phantom.organs import CAVITY, TRUNK_CENTRE
from measure.phantom.outlines import STEP, Floats
from measure.phantom.vessels import grown_tree, smooth_path
from measure.phantom.viscera import Viscera


@dataclass(frozen=True)
class Circulation:
    """The vessels of the patient to whom these viscera belong."""

    viscera: Viscera

    def vessels(self, canvas: Canvas) -> None:
        """Paint aorta, vena cava, their branches and the trees within liver, lungs, spleen and mesentery."""
        rng = np.random.default_rng([self.viscera.seed, 3])
        self._liver_trees(canvas)
        small = [
            smooth_path(
                [
                    (-24, -4, -34, 6.5),
                    (-16, -14, -26, 6),
                    (20, -4, -14, 4.5),
                    (60, 12, 2, 4.2),
                    (86, 34, 12, 3.2),
                ]
            ),
            smooth_path([(-10, -14, -36, 5.5), (-6, -14, -60, 5), (-4, -18, -92, 4.5)]),
        ]
        canvas.paint_tubes(small, ((1.0, "spleen vessel"),))
        cava = smooth_path(
            [
                (-20, 30, -98, 11),
                (-22, 28, -50, 11.5),
                (-25, 22, 0, 12),
                (-27, 20, 34, 12),
                (-22, 10, 56, 13),
                (-14, 0, 78, 14),
            ]
        )
        renal = [
            smooth_path([(-22, 27, -34, 5), (-42, 38, -36, 4), (-50, 46, -37, 3)]),
            smooth_path([(-20, 24, -26, 4), (8, 12, -27, 4), (34, 30, -30, 4.5), (52, 44, -30, 3)]),
        ]
        canvas.paint_tubes([*renal, cava], ((1.0, "cava"),))
        aorta = smooth_path([(6, 27, -98, 9.5), (7, 29, -40, 10.5), (9, 31, 20, 11.8), (12, 33, 92, 12.2)])
        arteries = [
            smooth_path([(8, 20, 6, 4), (8, 8, 8, 3.6), (-2, 2, 6, 2.8), (-20, -4, 0, 2.4)]),
            smooth_path([(8, 6, 8, 3.2), (30, 8, 12, 2.8), (60, 20, 10, 2.6), (88, 36, 16, 2.2)]),
            smooth_path([(8, 20, -8, 4.2), (7, 6, -20, 3.8), (6, -6, -50, 3.6), (4, -12, -92, 3.2)]),
            smooth_path([(8, 30, -29, 3.2), (-20, 44, -31, 2.6), (-48, 48, -34, 2.2)]),
            smooth_path([(8, 30, -24, 3.2), (34, 42, -26, 2.6), (52, 46, -28, 2.2)]),
            aorta,
        ]
        canvas.paint_tubes(arteries, ((1.0, "aorta"),))
        chalk = []
        for _ in range(int(rng.integers(2, 14))):
            at = aorta[int(rng.integers(0, len(aorta)))]
            turn = rng.uniform(0, 2 * np.pi)
            rim = at[:2] + (at[3] - 0.8) * np.array([np.cos(turn), np.sin(turn)])
            chalk.append(np.array([[*rim, at[2], rng.uniform(0.9, 1.9)]]))
        canvas.paint_tubes(chalk, ((1.0, "calcification"),))
        canvas.paint_tubes(
            [smooth_path([(16, 8, 40, 7), (10, 12, 66, 8), (6, 16, 94, 8)])],
            ((1.0, "oesophagus"), (0.3, "stomach fluid")),
        )

    def _liver_trees(self, canvas: Canvas) -> None:
        veins = [
            [(-24, 16, 46, 6.5), (-52, 12, 40, 5.5), (-84, 4, 26, 4), (-108, -8, 2, 2.4)],
            [(-24, 12, 46, 6), (-40, -14, 38, 5), (-58, -38, 20, 3.6), (-68, -52, -8, 2)],
            [(-20, 10, 46, 5.5), (-6, -18, 40, 4.4), (4, -42, 32, 3), (28, -60, 22, 1.8)],
        ]
        portal = [
            [
                (-20, -10, -24, 7),
                (-32, -12, -12, 7),
                (-46, -16, -4, 6.5),
                (-62, -12, 0, 5.5),
                (-84, 6, 4, 4),
                (-98, 20, 14, 2.4),
            ],
            [(-52, -16, -2, 5.5), (-76, -28, 4, 4.6), (-92, -40, 12, 3), (-100, -40, 24, 1.8)],
            [(-44, -16, -4, 6), (-30, -30, 6, 5), (-14, -46, 12, 4.2), (0, -58, 12, 3), (26, -68, 14, 1.8)],
            [(-84, 6, 4, 4), (-96, 10, -16, 3.4), (-104, 4, -40, 2.2), (-108, 0, -58, 1.2)],
        ]
        box = ((-134.0, -84.0, -66.0), (64.0, 62.0, 56.0))
        for trunks, seed, count in ((veins, 11, 95), (portal, 12, 130)):
            tree = grown_tree(trunks, self.viscera.inside_liver, box, count, self.viscera.seed * 100 + seed)
            canvas.paint_tubes(tree, ((1.0, "liver vessel"),), 1.0)

    def strewn_vessels(self, canvas: Canvas) -> None:
        """Paint small mesenteric and gastric vessels, seen as dots and commas; organs cover them later."""
        canvas.paint_tubes(self._strewn(np.random.default_rng([self.viscera.seed, 9])), ((1.0, "small vessel"),), 0.9)

    def _strewn(self, rng: np.random.Generator) -> list[Path]:
        twigs = []
        for low, high, count in (
            ((-10, -70, -92), (112, 20, -20), 80),
            ((22, -30, -16), (84, 44, 46), 46),
            ((-60, 0, -90), (-10, 40, -40), 14),
        ):
            for _ in range(count):
                start = rng.uniform(low, high)
                way = rng.normal(0, 1, 3) * (6, 6, 12)
                twigs.append(
                    smooth_path([(*start, 1.6), (*(start + way), 1.2), (*(start + (1.6, 1.2, 2.0) * way), 0.7)])
                )
        return twigs

    def lung_vessels(self, canvas: Canvas) -> None:
        """Paint the vessels of the lung bases, running down and outwards."""
        rng = np.random.default_rng([self.viscera.seed, 5])
        twigs = []
        for _ in range(900):
            side = rng.choice((-1.0, 1.0))
            x, y, z = side * rng.uniform(34, 124), rng.uniform(-60, 84), rng.uniform(-30, 92)
            end = np.array([x * 1.06, y + 0.06 * (y - 10), z - rng.uniform(14, 26)])
            radius = 0.6 + 1.5 * rng.uniform() ** 2 * (1.3 - 0.007 * np.hypot(x, y - 10))
            if self._in_lung(np.array([x, y, z])) and self._in_lung(end):
                middle = 0.5 * (np.array([x, y, z]) + end) + rng.normal(0, 1.5, 3)
                twigs.append(smooth_path([(x, y, z, radius), (*middle, radius * 0.8), (*end, 0.4)]))
        canvas.paint_tubes(twigs, ((1.0, "lung vessel"),), 0.7)

    def _in_lung(self, point: Floats) -> bool:
        dx, dy = point[0] - TRUNK_CENTRE[0], point[1] - TRUNK_CENTRE[1]
        angle = np.mod(np.arctan2(dy, dx), 2 * np.pi)
        wall = CAVITY[int(angle / STEP) % len(CAVITY)] * self.viscera.trunk.shrink(float(point[2])) - 5
        return bool(
            np.hypot(dx, dy) < wall and point[2] > self.viscera.dome(point) + 3 and np.hypot(dx / 50, dy / 75) > 1
        )
