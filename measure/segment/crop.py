"""The part of a volume round a lesion, gently smoothed, sampled in millimetres of the slice's own frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats, Grid
from measure.volume import Mask, Volume

SMOOTHING_MM = 0.7
TOO_COARSE_TO_SMOOTH_MM = 1.75
COARSE_MM = 1.5


def is_even(grid: Grid) -> bool:
    """Say whether the slices lie evenly and straight above each other."""
    if grid.size[2] < 2:
        return True
    steps = np.diff(grid.origins, axis=0)
    return bool(np.abs(steps - steps.mean(axis=0)).max() < 0.02 * grid.slice_step_mm) and bool(
        np.linalg.norm(np.cross(steps.mean(axis=0), grid.normal)) < 0.01 * grid.slice_step_mm
    )


def frame_of(grid: Grid) -> Floats:
    """The slice's own frame as columns, shape (3, 3): along the rows, along the columns, the normal."""
    return np.stack([np.asarray(grid.row_axis), np.asarray(grid.column_axis), grid.normal], axis=1)


@dataclass(frozen=True, eq=False)
class Crop:
    """Values round a centre; local coordinates are mm from that centre in the slice's own frame.

    values: shape (slices, rows, columns), float32. first_voxel: (i, j, k) of values[0, 0, 0] in the volume;
    block: volume voxels a value stands for, in (i, j, k). smoothing_mm: standard deviation along (x, y, z).
    """

    values: NDArray[np.float32]
    first_voxel: Floats
    block: Floats
    centre: Floats
    grid: Grid
    even: bool
    smoothing_mm: Floats

    def index_of(self, local: Floats) -> Floats:
        """Volume index (i, j, k) of local points, shape (..., 3)."""
        if self.even:
            return np.asarray(local / _spacing(self.grid) + self.grid.to_index(self.centre), float)
        return self.grid.to_index(self.patient_of(local))

    def patient_of(self, local: Floats) -> Floats:
        """LPS mm of local points."""
        return np.asarray(self.centre + local @ frame_of(self.grid).T, float)

    def local_of(self, patient: Floats) -> Floats:
        """Local mm of LPS points."""
        return np.asarray((patient - self.centre) @ frame_of(self.grid), float)

    def sample(self, local: Floats) -> tuple[NDArray[np.float32], Mask]:
        """Values between voxels at local points of shape (..., 3), and which of them lie in the picture."""
        from scipy.ndimage import map_coordinates

        index = self.index_of(local)
        within = np.all((index > -0.75) & (index < np.asarray(self.grid.size) - 0.25), axis=-1)
        here = self._place(index)
        values = map_coordinates(
            self.values, np.moveaxis(here[..., ::-1], -1, 0), order=1, mode="nearest", prefilter=False
        )
        return values, within

    def blur_mm2(self, local: Floats) -> Floats:
        """Variance along (x, y, z), mm2, by which values at local points are blurred beyond the picture.

        Block means, smoothing, and the interpolation: half-way between two voxels it is their mean.
        """
        here = self._place(self.index_of(local))
        between = here - np.floor(here)
        step = _spacing(self.grid)
        blocks = step**2 * (self.block**2 - 1) / 12
        return np.asarray(between * (1 - between) * (step * self.block) ** 2 + blocks + self.smoothing_mm**2, float)

    def _place(self, index: Floats) -> Floats:
        """Place among the values, (i, j, k), of volume indices."""
        return np.asarray((index - self.first_voxel - (self.block - 1) / 2) / self.block, float)


def crop_round(volume: Volume, centre: Floats, half_mm: float, *, coarse: bool = False) -> Crop:
    """Cut out half_mm to every side of a centre (LPS mm) and smooth it; coarse: means of about 1.5 mm."""
    from scipy.ndimage import gaussian_filter

    grid = volume.grid
    spacing = _spacing(grid)
    corners = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]) * half_mm
    index = grid.to_index(centre + corners @ frame_of(grid).T)
    size = np.asarray(grid.size)
    low = np.clip(np.floor(index.min(axis=0)), 0, size - 1).astype(int)
    high = np.clip(np.ceil(index.max(axis=0)), 0, size - 1).astype(int) + 1
    part: Any = volume.array[low[2] : high[2], low[1] : high[1], low[0] : high[0]]
    values = part.astype(np.float32)
    block = np.ones(3, int)
    if coarse:
        block = np.clip(np.round(COARSE_MM / spacing).astype(int), 1, None)
        values = _block_means(values, block)
    step = spacing * block
    sigma = np.where(step > TOO_COARSE_TO_SMOOTH_MM, 0.0, SMOOTHING_MM / step)
    values = gaussian_filter(values, sigma[::-1], mode="nearest")
    return Crop(values, low.astype(float), block.astype(float), centre, grid, is_even(grid), sigma * step)


def _block_means(values: NDArray[np.float32], block: NDArray[np.int_]) -> NDArray[np.float32]:
    """Means of blocks of (i, j, k) voxels; an incomplete block at the far side repeats the last voxel."""
    short = [int(-n % b) for n, b in zip(values.shape, block[::-1], strict=True)]
    padded = np.pad(values, [(0, n) for n in short], mode="edge")
    k, j, i = (n // int(b) for n, b in zip(padded.shape, block[::-1], strict=True))
    shaped = padded.reshape(k, int(block[2]), j, int(block[1]), i, int(block[0]))
    return np.asarray(shaped.mean(axis=(1, 3, 5), dtype=np.float32))


def _spacing(grid: Grid) -> Floats:
    return np.array([*grid.spacing_mm, grid.slice_step_mm or 1.0])
