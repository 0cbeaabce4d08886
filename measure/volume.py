"""The one value in which pixels travel: array, geometry and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Grid

Mask = NDArray[np.bool_]  # shape (slices, rows, columns)

DEFECT_CODES = (
    "gap",
    "irregular-spacing",
    "duplicate-position",
    "gantry-tilt",
    "mixed-orientation",
    "mixed-size",
    "mixed-frame-of-reference",
    "missing-spacing",
    "missing-position",
    "truncated",
    "unsupported-syntax",
    "corrupt",
    "padding",
    "single-slice",
    "imager-spacing-only",
    "lossy",
)


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing wrong with a series: a code of DEFECT_CODES, one sentence, the slice indices concerned."""

    code: str
    text: str
    slices: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Volume:
    """Pixels of one stack with rescale applied, its geometry and its defects.

    array: shape (slices, rows, columns), int16 where the values allow it, else float32; sorted along the normal.
    unit: "HU" for CT, "a.u." for everything else. instance_uids: one a slice.
    measurable: lengths in mm and volumes are allowed; otherwise why_not says why.
    in_plane_measurable: lengths within one slice are allowed (spacing known), even where volumes are not.
    """

    array: NDArray[np.generic]
    grid: Grid
    modality: str = "CT"
    unit: str = "HU"
    series_uid: str = ""
    instance_uids: tuple[str, ...] = ()
    defects: tuple[Defect, ...] = ()
    measurable: bool = True
    in_plane_measurable: bool = True
    why_not: str | None = None
    padding: int | None = None
    missing_after: tuple[int, ...] = field(default=())
    """Slice indices after which at least one slice is missing."""

    def value_at(self, i: int, j: int, k: int) -> float:
        """Value of the voxel in column i, row j, slice k."""
        return float(self.array[k, j, i])
