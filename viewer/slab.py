"""Thick slabs for looking: greatest, least or mean value over some millimetres about a slice."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from measure.volume import Volume

LEAST_MM, MOST_MM = 1.0, 100.0
DRAWN_ON_SINGLE_SLICES = "A slab is shown. Draw on single slices: a point of a slab has no depth."
LOOKING_TOOLS = ("crosshair", "probe")


class SlabKind(Enum):
    """What is shown of the values along the slab."""

    MIP = "MIP"
    MINIP = "MinIP"
    MEAN = "mean"


@dataclass(frozen=True, slots=True)
class Slab:
    """A kind and a thickness in mm."""

    kind: SlabKind
    thickness_mm: float = 10.0

    @property
    def text(self) -> str:
        """For the corner of the picture: `MIP 10 mm`."""
        return f"{self.kind.value} {self.thickness_mm:g}\u2009mm"

    def resized(self, notches: int) -> Slab:
        """A quarter thicker or thinner a notch, to half a millimetre, within limits."""
        wanted = round(2.0 * self.thickness_mm * 1.25**notches) / 2.0
        return Slab(self.kind, min(max(wanted, LEAST_MM), MOST_MM))


def slab_range(volume: Volume, slice_index: int, thickness_mm: float) -> tuple[int, int]:
    """First and last slice whose centre lies within half the thickness of a slice's.

    Always the slice itself; never past a place where slices are missing.
    """
    places = volume.grid.positions_mm
    within = np.abs(places - places[slice_index]) <= thickness_mm / 2.0 + 1e-6
    first, last = int(np.argmax(within)), len(places) - 1 - int(np.argmax(within[::-1]))
    for k in volume.missing_after:
        if first <= k < slice_index:
            first = k + 1
        elif slice_index <= k < last:
            last = k
    return first, last


def slab_values(volume: Volume, slice_index: int, slab: Slab) -> NDArray[np.generic]:
    """Values of a slab about a slice, shape (rows, columns), in the volume's own data type; padding plays no part."""
    first, last = slab_range(volume, slice_index, slab.thickness_mm)
    part = volume.array[first : last + 1]
    if len(part) == 1:
        return np.asarray(part[0])
    if slab.kind is SlabKind.MEAN:
        return _mean(part, volume.padding)
    if volume.padding is None:
        return np.asarray(part.max(axis=0) if slab.kind is SlabKind.MIP else part.min(axis=0))
    empty = part == volume.padding
    ends = np.iinfo(part.dtype) if part.dtype.kind in "iu" else np.finfo(part.dtype)  # type: ignore[type-var]
    if slab.kind is SlabKind.MIP:
        found = np.where(empty, part.dtype.type(ends.min), part).max(axis=0)
    else:
        found = np.where(empty, part.dtype.type(ends.max), part).min(axis=0)
    return np.asarray(np.where(empty.all(axis=0), part.dtype.type(volume.padding), found))


def _mean(part: NDArray[np.generic], padding: int | None) -> NDArray[np.generic]:
    values = part.astype(np.float32)
    if padding is None:
        mixed = values.mean(axis=0)
    else:
        kept = part != padding
        number = kept.sum(axis=0)
        mixed = np.where(number > 0, (values * kept).sum(axis=0) / np.maximum(number, 1), np.float32(padding))
    whole = np.rint(mixed) if part.dtype.kind in "iu" else mixed
    return np.asarray(whole.astype(part.dtype))
