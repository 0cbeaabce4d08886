"""How the patient lies differently at each time point: table, posture, breath; with the exact way back.

A point of the patient at rest (reference mm) goes to scanner mm (LPS) by: habitus scale, a smooth posture
field of a millimetre or two, breathing (organs move down and a little forward, wall and spine hardly), table.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from measure.phantom.outlines import Floats

Triple = tuple[float, float, float]


@dataclass(frozen=True)
class Motion:
    """Position of one patient at one time point.

    scale: habitus, along x, y, z. table: shift of the whole patient, LPS mm. breath: downward shift of the
    freely moving organs in mm (0 = as at rest). posture: amplitude of the sine field in mm; phase: where its
    waves start.
    """

    scale: Triple = (1.0, 1.0, 1.0)
    table: Triple = (0.0, 0.0, 0.0)
    breath: float = 0.0
    posture: float = 0.0
    phase: float = 0.0

    def bend(self, at_rest: Floats) -> Floats:
        """Displacement in mm of reference points, shape (..., 3)."""
        x, y, z = at_rest[..., 0], at_rest[..., 1], at_rest[..., 2]
        wall = (x / 150.0) ** 2 + ((y - 5.0) / 105.0) ** 2
        spine = np.exp(-((x / 42.0) ** 2) - ((y - 70.0) / 34.0) ** 2)
        free = np.exp(-((wall / 0.72) ** 3)) * (1.0 - 0.97 * spine)
        a = self.posture
        across = a * np.sin(y / 61.0 + z / 83.0 + self.phase)
        back = 0.8 * a * np.sin(x / 71.0 - z / 67.0 + 1.7 * self.phase) - 0.16 * self.breath * free
        up = 0.6 * a * np.sin(x / 66.0 + y / 58.0 + 2.3 * self.phase) - self.breath * free
        return np.stack([across, back, up], axis=-1)

    def to_scanner(self, at_rest: ArrayLike) -> Floats:
        """Reference points (..., 3) to scanner LPS mm."""
        p = np.asarray(at_rest, float)
        return np.asarray((p + self.bend(p)) * np.asarray(self.scale) + np.asarray(self.table), float)

    def to_rest(self, scanner: ArrayLike, rounds: int = 14) -> Floats:
        """Scanner LPS mm (..., 3) back to reference points, by fixed-point iteration (to about 1 µm)."""
        q: Floats = (np.asarray(scanner, float) - np.asarray(self.table)) / np.asarray(self.scale)
        p: Floats = q
        for _ in range(rounds):
            p = np.asarray(q - self.bend(p), float)
        return p


def matching_point(point: ArrayLike, before: Motion, after: Motion) -> Floats:
    """Where the tissue at `point` (scanner mm, (..., 3)) of one time point lies at the other."""
    return after.to_scanner(before.to_rest(point))
