"""Uneven or leaning stacks brought onto an even, upright grid: true geometry, and said so."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Grid, Point
from measure.refusal import Refused
from measure.volume import Defect, Volume

_CURABLE = frozenset(("gap", "irregular-spacing", "gantry-tilt"))
_HARMLESS = frozenset(("lossy", "padding"))
_MOST_VOXELS = 1 << 31
_OUTSIDE = {"HU": -1024}


def resampled(volume: Volume, step_mm: float | None = None) -> Volume:
    """Interpolate linearly along the slice normal onto even, upright slices.

    step_mm: distance of the new slices; by default the smallest distance of two neighbours. The field grows
    by what a tilt shifts the slices; outside them the value is that of air (CT) or 0. The result is int16
    or float32 as the source and its defects keep what was wrong before. Raises Refused for defects that no
    resampling can cure: unknown positions or spacing, repeated positions, mixed series, slices that could
    not be decoded.
    """
    grid = volume.grid
    incurable = [d.text for d in volume.defects if d.code not in _CURABLE | _HARMLESS]
    positions = grid.positions_mm
    if incurable or grid.size[2] < 2 or not volume.in_plane_measurable:
        raise Refused(f"resampling cannot make a volume of it: {'; '.join(incurable) or volume.why_not}")
    steps = np.diff(positions)
    step = float(steps.min()) if step_mm is None else step_mm
    count = int(np.floor((positions[-1] - positions[0]) / step + 1e-6)) + 1
    row, column = np.asarray(grid.row_axis), np.asarray(grid.column_axis)
    shift_u = (grid.origins - grid.origins[0]) @ row / grid.spacing_mm[0]  # columns
    shift_v = (grid.origins - grid.origins[0]) @ column / grid.spacing_mm[1]  # rows
    left, top = float(np.floor(shift_u.min() + 1e-6)), float(np.floor(shift_v.min() + 1e-6))
    columns = grid.size[0] + int(np.ceil(shift_u.max() - left - 1e-6))
    rows = grid.size[1] + int(np.ceil(shift_v.max() - top - 1e-6))
    if columns * rows * count > _MOST_VOXELS:
        raise Refused(f"the resampled volume would have {columns} x {rows} x {count} voxels")
    start = grid.origins[0] + left * grid.spacing_mm[0] * row + top * grid.spacing_mm[1] * column
    outside = _OUTSIDE.get(volume.unit, 0)
    array = np.full((count, rows, columns), outside, volume.array.dtype)
    placed: dict[int, NDArray[np.float64]] = {}
    for k in range(count):
        along = positions[0] + k * step
        low = min(max(int(np.searchsorted(positions, along, "right")) - 1, 0), grid.size[2] - 2)
        weight = min(max(float((along - positions[low]) / (positions[low + 1] - positions[low])), 0.0), 1.0)
        for old in [key for key in placed if key < low]:
            del placed[old]
        for index in (low, low + 1):
            if index not in placed:
                away = (shift_v[index] - top, shift_u[index] - left)
                placed[index] = _placed(volume.array[index], away, (rows, columns), outside)
        mixed = (1 - weight) * placed[low] + weight * placed[low + 1]
        array[k] = np.rint(mixed) if array.dtype.kind == "i" else mixed
    origin: Point = (float(start[0]), float(start[1]), float(start[2]))
    even = Grid.regular(
        (columns, rows, count),
        (grid.spacing_mm[0], grid.spacing_mm[1], step),
        origin,
        row_axis=grid.row_axis,
        column_axis=grid.column_axis,
        frame_of_reference=grid.frame_of_reference,
    )
    note = f"resampled to {step:g} mm slices; before: " + "; ".join(d.text for d in volume.defects)
    return replace(
        volume,
        array=array,
        grid=even,
        instance_uids=(),
        defects=(*(d for d in volume.defects if d.code in _HARMLESS), Defect("irregular-spacing", note)),
        measurable=count > 2,
        why_not=None if count > 2 else "fewer than three slices",
        missing_after=(),
    )


def _placed(
    plane: NDArray[np.generic], away: tuple[float, float], shape: tuple[int, int], outside: float
) -> NDArray[np.float64]:
    """One slice on the larger field, shifted by (rows, columns), linear between pixels."""
    from scipy import ndimage

    field = np.full(shape, float(outside))
    field[: plane.shape[0], : plane.shape[1]] = plane
    if all(abs(part - round(part)) < 1e-6 for part in away):
        whole = (round(away[0]), round(away[1]))
        moved = np.full(shape, float(outside))
        moved[whole[0] : whole[0] + plane.shape[0], whole[1] : whole[1] + plane.shape[1]] = plane
        return moved
    return np.asarray(ndimage.shift(field, away, order=1, mode="constant", cval=outside), np.float64)
