"""What every click and stroke stands on: a point in the picture, on tissue, in a series of known spacing."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from measure.geometry import Floats
from measure.refusal import Refused
from measure.segment.rays import Rays, ring_rays, sphere_rays
from measure.volume import Volume

FEW_SLICES = 3
AIR_HU = -900.0
DARK_SHARE = 0.01
OUTSIDE = "That point is outside the picture."
AIR = "Nothing to outline here: air. Click inside the lesion."


def rays_for(volume: Volume, flat: bool | None) -> Rays:
    """A sphere of rays, or a ring in the slice where there are too few slices for a body."""
    if flat is None:
        flat = volume.grid.size[2] <= FEW_SLICES or not volume.measurable
    return ring_rays() if flat else sphere_rays()


def checked_point(volume: Volume, point: Sequence[float]) -> Floats:
    """The point as an array, LPS mm. Refused: not in the picture, or no lengths on this series."""
    if not volume.in_plane_measurable:
        raise Refused(f"Nothing can be outlined in millimetres here: {volume.why_not or 'spacing not known'}.")
    where = np.asarray(point, float)
    if where.shape != (3,) or not np.all(np.isfinite(where)) or not volume.grid.contains(where.tolist()):
        raise Refused(OUTSIDE)
    return where


def sure_of_tissue(volume: Volume, point: Floats) -> None:
    """Refuse air (CT), the black round the body (MR), padding, and a place where every pixel is the same."""
    index = np.rint(volume.grid.to_index(point)).astype(int)
    low = np.clip(index - np.array([2, 2, 0]), 0, None)
    high = index + np.array([3, 3, 1])
    patch = np.asarray(volume.array[low[2] : high[2], low[1] : high[1], low[0] : high[0]], float)
    middle = float(np.median(patch))
    if volume.padding is not None and middle == volume.padding:
        raise Refused(AIR)
    if volume.unit == "HU":
        if middle < AIR_HU:
            raise Refused(AIR)
        return
    bright = float(np.percentile(volume.array[:, ::4, ::4].astype(np.float32), 99.5))
    if middle <= DARK_SHARE * bright:
        raise Refused(AIR)
