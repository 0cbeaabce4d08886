"""A mask given as DICOM slices on the positions of a series: pixel above zero is mask."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from measure.refusal import Refused
from measure.volume import Mask, Volume
from storage.dicom.load import scan
from storage.dicom.pixels import Undecodable, stored_values

_SAME_MM = 0.05
_SAME_COSINE = 1e-3
_SAME_SPACING = 1e-3


def load_mask_folder(folder: str | Path, volume: Volume) -> Mask:
    """Mask on the voxels of a volume, shape (slices, rows, columns), from a folder of DICOM slices.

    Each slice of the folder must lie on a slice of the volume: same position within 0.05 mm, orientation,
    size and pixel spacing; slices of the volume without a mask slice are empty. The stored value counts,
    before rescale. Raises Refused when there is no slice, one lies elsewhere, or two lie on the same slice.
    """
    found = scan(folder)
    images = [image for stack in found.stacks for image in stack.images]
    if not images:
        raise Refused(f"{folder}: no DICOM slices of a mask there")
    if len({image.series_uid for image in images}) > 1:
        raise Refused(f"{folder}: slices of more than one series; a folder with one mask is expected")
    grid = volume.grid
    mask = np.zeros(grid.size[::-1], bool)
    taken: set[int] = set()
    for image in images:
        if image.position is None or image.row_axis is None or image.column_axis is None or not image.spacing_mm:
            raise Refused(f"{image.path}: the mask slice has no position, orientation or spacing")
        axes = np.abs(np.subtract(image.row_axis + image.column_axis, grid.row_axis + grid.column_axis)).max()
        rows, columns = image.spacing_mm
        apart = max(abs(columns / grid.spacing_mm[0] - 1), abs(rows / grid.spacing_mm[1] - 1))
        k = int(np.argmin(np.linalg.norm(grid.origins - np.asarray(image.position), axis=1)))
        away = float(np.linalg.norm(grid.origins[k] - np.asarray(image.position)))
        if axes > _SAME_COSINE or apart > _SAME_SPACING or (image.columns, image.rows) != grid.size[:2]:
            raise Refused(f"{image.path}: the mask slice has another orientation, spacing or size than the series")
        if away > _SAME_MM:
            raise Refused(f"{image.path}: the mask slice lies {away:.2f} mm off the nearest slice of the series")
        if k in taken:
            raise Refused(f"{image.path}: two mask slices lie on slice {k + 1} of the series")
        taken.add(k)
        try:
            mask[k] = stored_values(image) > 0
        except Undecodable as problem:
            raise Refused(f"{image.path}: {problem}") from problem
    return mask
