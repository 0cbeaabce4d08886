"""Small versions of a volume for registration: block means in two sizes, and where the body is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats
from measure.resample import resampled
from measure.segment.crop import frame_of, is_even
from measure.volume import Volume

COARSE_MM, FINE_MM = 8.0, 5.0
CT_RANGE = (-160.0, 240.0)
BODY_HU = -150.0


@dataclass(frozen=True, eq=False)
class Pyramid:
    """Toolkit images of one volume with block means of about 8 and 5 mm, float32, in LPS mm.

    body: where the coarse image shows the patient and not air, same voxels as coarse.
    """

    coarse: Any
    fine: Any
    body: Any
    modality: str
    volume: Volume


def pyramid_of(volume: Volume) -> Pyramid:
    """Build the block means once. Uneven or leaning stacks are brought upright first; may raise Refused."""
    even = volume if is_even(volume.grid) else resampled(volume)
    if volume.unit == "HU":
        low, high = CT_RANGE
    else:
        low, high = (float(v) for v in np.percentile(even.array[::2, ::4, ::4].astype(np.float32), [1, 99.5]))
    coarse = _block_image(even, COARSE_MM, low, high)
    fine = _block_image(even, FINE_MM, low, high)
    import SimpleITK

    values = SimpleITK.GetArrayFromImage(coarse)
    above = BODY_HU if volume.unit == "HU" else low + 0.08 * (high - low)
    body = SimpleITK.GetImageFromArray((values > above).astype(np.uint8))
    body.CopyInformation(coarse)
    return Pyramid(coarse, fine, body, volume.modality, volume)


def _block_image(volume: Volume, step_mm: float, low: float, high: float) -> Any:
    import SimpleITK

    grid = volume.grid
    spacing = np.array([*grid.spacing_mm, grid.slice_step_mm or 1.0])
    block = np.clip(np.round(step_mm / spacing).astype(int), 1, np.asarray(grid.size))
    means = _block_means(volume.array, block, low, high)
    image = SimpleITK.GetImageFromArray(means)
    image.SetSpacing((spacing * block).tolist())
    image.SetOrigin(grid.to_patient((block - 1) / 2).tolist())
    image.SetDirection(frame_of(grid).ravel().tolist())
    return image


def _block_means(values: NDArray[np.generic], block: NDArray[np.int_], low: float, high: float) -> NDArray[np.float32]:
    """Means of whole blocks of (i, j, k) voxels, values clipped first; slice by slice to save memory."""
    i, j, k = (int(b) for b in block)
    slices, rows, columns = (n // b for n, b in zip(values.shape, (k, j, i), strict=True))
    means = np.zeros((slices, rows, columns), np.float32)
    for s in range(slices):
        part: Any = values[s * k : (s + 1) * k, : rows * j, : columns * i]
        clipped = np.clip(part, low, high).sum(axis=0, dtype=np.float32)
        means[s] = clipped.reshape(rows, j, columns, i).mean(axis=(1, 3)) / k
    return means


def corners_of(image: Any) -> Floats:
    """The eight corners of a toolkit image's voxel centres, LPS mm, shape (8, 3)."""
    size = np.asarray(image.GetSize()) - 1
    index = [[a * size[0], b * size[1], c * size[2]] for a in (0, 1) for b in (0, 1) for c in (0, 1)]
    return np.array([image.TransformIndexToPhysicalPoint([int(v) for v in one]) for one in index])
