"""Correcting a mask by hand: paint and erase along the pointer's way, fill between slices, drop islands.

All sizes are mm of the patient; masks are changed in copies, what was handed in stays as it was.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats, Grid
from measure.segment.crop import frame_of
from measure.volume import Mask

Shape = Literal["disc", "sphere"]


def brushed(
    mask: Mask,
    grid: Grid,
    points: Sequence[Sequence[float]],
    radius_mm: float,
    *,
    erase: bool = False,
    shape: Shape = "disc",
) -> Mask:
    """Paint (or erase) along points, LPS mm, without gaps between them.

    A disc paints the slice each point is nearest to, a sphere all slices it reaches. One point is a dab; a
    brush smaller than a pixel still takes the pixel it stands on.
    """
    way = np.asarray(points, float).reshape(-1, 3)
    painted = mask.copy()
    legs = pairwise(way) if len(way) > 1 else [(way[0], way[0])]
    for start, end in legs:
        _paint_leg(painted, grid, start, end, radius_mm, shape, not erase)
    return painted


def _paint_leg(mask: Mask, grid: Grid, start: Floats, end: Floats, radius_mm: float, shape: Shape, value: bool) -> None:
    """Set the voxels within radius_mm of the line start-end."""
    frame = frame_of(grid)
    corners = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]) * radius_mm
    around = grid.to_index(np.concatenate([start + corners @ frame.T, end + corners @ frame.T]))
    size = np.asarray(grid.size)
    low = np.clip(np.floor(around.min(axis=0)), 0, size).astype(int)
    high = np.clip(np.ceil(around.max(axis=0)) + 1, 0, size).astype(int)
    if shape == "disc":
        slices = sorted((grid.nearest_slice(start.tolist()), grid.nearest_slice(end.tolist())))
        low[2], high[2] = slices[0], slices[1] + 1
    if (high <= low).any():
        return
    k, j, i = np.meshgrid(*(np.arange(low[a], high[a]) for a in (2, 1, 0)), indexing="ij")
    places = (grid.to_patient(np.stack([i, j, k], axis=-1)) - start) @ frame
    leg = (end - start) @ frame
    if shape == "disc":
        places, leg = places * [1, 1, 0], leg * np.array([1, 1, 0])
    length = float(leg @ leg)
    along = np.clip(places @ leg / length, 0, 1) if length > 0 else np.zeros(places.shape[:-1])
    near = np.linalg.norm(places - along[..., None] * leg, axis=-1) <= radius_mm
    mask[low[2] : high[2], low[1] : high[1], low[0] : high[0]][near] = value
    for point in (start, end):
        at = np.rint(grid.to_index(point)).astype(int)
        if shape == "disc":
            at[2] = grid.nearest_slice(point.tolist())
        if np.all(at >= 0) and np.all(at < size):
            mask[at[2], at[1], at[0]] = value


def filled_between_slices(mask: Mask, grid: Grid) -> Mask:
    """Fill empty slices between painted ones by the distance to the border, weighted with their position."""
    from scipy.ndimage import distance_transform_edt

    painted = np.flatnonzero(mask.any(axis=(1, 2)))
    filled = mask.copy()
    spacing = (grid.spacing_mm[1], grid.spacing_mm[0])

    def depth(k: int) -> NDArray[np.float64]:
        inner = distance_transform_edt(mask[k], spacing)
        outer = distance_transform_edt(~mask[k], spacing)
        return np.asarray(inner - outer, float)

    for below, above in pairwise(painted.tolist()):
        if above - below < 2:
            continue
        low, high = depth(below), depth(above)
        positions = grid.positions_mm
        for k in range(below + 1, above):
            share = (positions[k] - positions[below]) / (positions[above] - positions[below])
            filled[k] = (1 - share) * low + share * high > 0
    return filled


def without_islands(mask: Mask, grid: Grid, keep_lps: Sequence[float] | None = None) -> Mask:
    """Keep one connected piece: the one nearest to a point, or the largest without a point."""
    from scipy.ndimage import label

    pieces, count = label(mask, np.ones((3, 3, 3)))
    if count < 2:
        return mask.copy()
    if keep_lps is None:
        kept = 1 + int(np.argmax(np.bincount(pieces.ravel())[1:]))
    else:
        voxels = np.argwhere(mask)
        places = grid.to_patient(voxels[:, ::-1])
        k, j, i = voxels[int(np.argmin(np.linalg.norm(places - np.asarray(keep_lps), axis=1)))]
        kept = int(pieces[k, j, i])
    return np.asarray(pieces == kept)
