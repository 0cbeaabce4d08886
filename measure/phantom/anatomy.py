"""A patient's anatomy on the reference grid: organs painted in the order in which they cover each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from measure.phantom.canvas import SPACING, STEP, Canvas
from measure.phantom.circulation import Circulation
from measure.phantom.tissues import CT_PORTAL, MR_PORTAL, Textures
from measure.phantom.trunk import Trunk
from measure.phantom.viscera import Viscera


@dataclass(frozen=True)
class Habitus:
    """What makes one patient's anatomy differ from another's.

    seed: vessels, bowel, texture. fat: subcutaneous layer against the standard. domes: heights of the two
    halves of the diaphragm, mm. liver: size against the standard. fluid_level: y above which the stomach
    holds gas, mm. scale: patient against reference along x, y, z.
    """

    seed: int
    fat: float = 1.0
    domes: tuple[float, float] = (62.0, 56.0)
    liver: float = 1.0
    fluid_level: float = -50.0
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0)


@dataclass(frozen=True, eq=False)
class Anatomy:
    """Noise-free values on the reference grid, shape (slices, rows, columns), averaged over the thickness."""

    values: NDArray[np.int16]
    modality: str


@lru_cache(maxsize=1)
def _textures() -> Textures:
    return Textures.made(SPACING, STEP, 20)


def build_anatomy(habitus: Habitus, modality: str = "CT", report: Callable[[float], None] | None = None) -> Anatomy:
    """Paint one patient. report receives the share done, 0 to 1; what it raises ends the work."""
    rng = np.random.default_rng(habitus.seed)
    roll = (int(rng.integers(40)), int(rng.integers(192)), int(rng.integers(192)))
    canvas = Canvas(CT_PORTAL if modality == "CT" else MR_PORTAL, _textures(), roll)
    trunk = Trunk.of(habitus.fat, habitus.domes)
    viscera = Viscera(habitus.seed, trunk, habitus.liver, habitus.fluid_level)
    circulation = Circulation(viscera)
    count = len(canvas.heights)
    for k in range(count):
        trunk.wall(canvas, k)
        trunk.back_muscles(canvas, k)
    circulation.strewn_vessels(canvas)
    for k in range(count):
        viscera.solid_organs(canvas, k)
        viscera.hollow_organs(canvas, k)
        _tell(report, 0.4 * k / count)
    viscera.bowel(canvas)
    _tell(report, 0.5)
    for k in range(count):
        trunk.lungs(canvas, k)
        trunk.mediastinum(canvas, k)
        trunk.ribs(canvas, k)
        trunk.spine(canvas, k)
        _tell(report, 0.5 + 0.3 * k / count)
    circulation.lung_vessels(canvas)
    circulation.vessels(canvas)
    _tell(report, 0.95)
    values = canvas.values
    blurred = 0.5 * values
    blurred[1:] += 0.25 * values[:-1]
    blurred[:-1] += 0.25 * values[1:]
    blurred[0] += 0.25 * values[0]
    blurred[-1] += 0.25 * values[-1]
    return Anatomy(np.rint(blurred).astype(np.int16), modality)


def _tell(report: Callable[[float], None] | None, share: float) -> None:
    if report is not None:
        report(share)
