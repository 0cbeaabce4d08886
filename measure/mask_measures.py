"""What a mask says about a lesion: size in voxels, millilitres and millimetres, and the values within it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from measure.diameters import Axes, axes_of_pieces, farthest_pair, hull_points
from measure.geometry import Floats, Grid
from measure.outline import bounding_box, pieces_in_box, plane_to_patient, within
from measure.refusal import Refused
from measure.volume import Mask, Volume


@dataclass(frozen=True, slots=True)
class MaskMeasures:
    """Measures of one mask.

    volume_ml and diameter_3d_mm are None where the stack does not allow them (see Volume.why_not); mean and
    sd (of the population) are taken over the mask's voxels without padding, None where nothing is left.
    """

    voxels: int
    volume_ml: float | None
    axes: Axes
    diameter_3d_mm: float | None
    mean: float | None
    sd: float | None
    unit: str


def measure_mask(volume: Volume, mask: Mask) -> MaskMeasures:
    """Measure a mask of the volume's shape. Refused: an empty mask, another shape, a spacing not known."""
    if mask.shape != volume.array.shape:
        raise Refused(f"the mask has {mask.shape} voxels, the series {volume.array.shape}; expected the same")
    if not volume.in_plane_measurable:
        raise Refused(f"lengths cannot be measured on this series: {volume.why_not or 'spacing not known'}")
    box = bounding_box(mask)
    inside = within(mask, box)
    pieces = pieces_in_box(inside, box[:3], volume.grid)
    axes = axes_of_pieces(pieces, volume.grid)
    if axes is None:
        raise Refused("the mask is empty; nothing to measure")
    values = within_values(volume, mask)
    return MaskMeasures(
        voxels=int(inside.sum()),
        volume_ml=int(inside.sum()) * volume.grid.voxel_ml if volume.measurable else None,
        axes=axes,
        diameter_3d_mm=longest_3d_mm(pieces, volume.grid) if volume.measurable else None,
        mean=float(values.mean()) if values.size else None,
        sd=float(values.std()) if values.size else None,
        unit=volume.unit,
    )


def within_values(volume: Volume, mask: Mask) -> Floats:
    """Values of the mask's voxels without padding, shape (n,)."""
    values = volume.array[mask]
    if volume.padding is not None:
        values = values[values != volume.padding]
    return values.astype(np.float64)


def longest_3d_mm(pieces: dict[int, list[Floats]], grid: Grid) -> float:
    """Greatest distance of two points of the outlines, any two slices, in mm."""
    corners = [plane_to_patient(hull_points(piece), k, grid) for k, of_slice in pieces.items() for piece in of_slice]
    first, second = farthest_pair(np.concatenate(corners))
    return float(np.linalg.norm(second - first))
