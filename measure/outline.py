"""From a mask to its sub-voxel outline, and from a mask to its smallest stored form.

The outline of a slice is the 0.5 contour of the mask smoothed in the plane of acquisition, never across
slices. Smoothing takes the pixel steps away that would add half a millimetre to every diameter.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats, Grid
from measure.volume import Mask

SMOOTHING_MM = 0.8
SMALL_SMOOTHING_MM = 0.5
SMALL_LESION_MM = 8.0
SMOOTHING_PIXELS = 1.25  # never more: on pixels of 0.3 mm there are no steps to smooth, only corners to lose
SPECK_SHARE = 0.1

Box: TypeAlias = tuple[int, int, int, int, int, int]


@dataclass(frozen=True, slots=True)
class MaskBox:
    """A mask as stored: box (k0, j0, i0, slices, rows, columns) and the packed, compressed bits within it."""

    box: Box
    bits: bytes

    def inside(self) -> Mask:
        """The mask within the box, shape (slices, rows, columns) of the box."""
        shape = self.box[3:]
        count = shape[0] * shape[1] * shape[2]
        packed = np.frombuffer(zlib.decompress(self.bits), np.uint8)
        return np.unpackbits(packed, count=count).astype(bool).reshape(shape)


def bounding_box(mask: Mask) -> Box:
    """Smallest box round the mask: (k0, j0, i0, slices, rows, columns); all zero for an empty mask."""
    if not mask.any():
        return (0, 0, 0, 0, 0, 0)
    k, j, i = (np.flatnonzero(mask.any(axis=axes)) for axes in ((1, 2), (0, 2), (0, 1)))
    return (
        int(k[0]),
        int(j[0]),
        int(i[0]),
        int(k[-1] - k[0] + 1),
        int(j[-1] - j[0] + 1),
        int(i[-1] - i[0] + 1),
    )


def within(mask: Mask, box: Box) -> Mask:
    """The part of the mask within the box."""
    k, j, i, nk, nj, ni = box
    return mask[k : k + nk, j : j + nj, i : i + ni]


def boxed(inside: Mask, start: tuple[int, int, int]) -> MaskBox:
    """Store a part of a mask that begins at voxel (k, j, i); empty borders are cut off."""
    tight = bounding_box(inside)
    place = (start[0] + tight[0], start[1] + tight[1], start[2] + tight[2])
    bits = zlib.compress(np.packbits(within(inside, tight)).tobytes(), 6)
    return MaskBox((*place, *tight[3:]), bits)


def cropped(mask: Mask) -> MaskBox:
    """Store a mask of shape (slices, rows, columns) as its box and the bits within it."""
    return boxed(mask, (0, 0, 0))


def restored(box: Box, bits: bytes, shape: tuple[int, int, int]) -> Mask:
    """The full mask of the given shape; a box that does not fit raises ValueError."""
    starts, sizes = box[:3], box[3:]
    if any(a < 0 or n < 0 or a + n > full for a, n, full in zip(starts, sizes, shape, strict=True)):
        raise ValueError(f"the mask's box {box} does not fit an image of {shape} voxels")
    mask = np.zeros(shape, bool)
    within(mask, box)[...] = MaskBox(box, bits).inside()
    return mask


def smoothing_for(mask: Mask, spacing_mm: tuple[float, float]) -> float:
    """Standard deviation in mm: 0.8, but 0.5 where no slice of the mask reaches 8 mm; less on fine pixels."""
    columns = mask.any(axis=1).sum(axis=1).max() if mask.size else 0
    rows = mask.any(axis=2).sum(axis=1).max() if mask.size else 0
    extent = max(float(columns) * spacing_mm[0], float(rows) * spacing_mm[1])
    wanted = SMALL_SMOOTHING_MM if extent < SMALL_LESION_MM else SMOOTHING_MM
    return min(wanted, SMOOTHING_PIXELS * max(spacing_mm))


def closed_pieces(mask: NDArray[np.bool_], spacing_mm: tuple[float, float], smoothing_mm: float) -> list[Floats]:
    """Closed contours of one slice, each (n, 2): x along the rows, y along the columns, mm from pixel (0, 0).

    First point = last point. Holes are pieces too. What smoothing would make vanish is outlined unsmoothed.
    """
    from scipy.ndimage import gaussian_filter
    from skimage.measure import find_contours

    if not mask.any():
        return []
    sigma = (smoothing_mm / spacing_mm[1], smoothing_mm / spacing_mm[0])
    pad = int(np.ceil(4 * max(sigma))) + 2
    raw = np.pad(mask, pad).astype(np.float64)
    contours = find_contours(gaussian_filter(raw, sigma, truncate=4.0), 0.5)
    if not contours:
        contours = find_contours(raw, 0.5)
    scale = np.array([spacing_mm[0], spacing_mm[1]])
    return [np.asarray((c[:, ::-1] - pad) * scale, float) for c in contours]


def signed_area_mm2(piece: Floats) -> float:
    """Area within a closed contour, shape (n, 2); holes have the other sign than what they are in."""
    x, y = piece[:, 0], piece[:, 1]
    return float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])) / 2.0


def measured_pieces(pieces: Sequence[Floats]) -> list[Floats]:
    """Pieces of one slice that count for its diameters: no holes, no specks below a tenth of the largest."""
    areas = [signed_area_mm2(piece) for piece in pieces]
    largest = max(areas, key=abs)
    return [piece for piece, area in zip(pieces, areas, strict=True) if area / largest >= SPECK_SHARE]


def plane_to_patient(piece: Floats, k: int, grid: Grid) -> Floats:
    """In-plane mm of slice k, shape (n, 2), to LPS mm, shape (n, 3)."""
    index = np.column_stack(
        [piece[:, 0] / grid.spacing_mm[0], piece[:, 1] / grid.spacing_mm[1], np.full(len(piece), float(k))]
    )
    return grid.to_patient(index)


def pieces_by_slice(mask: Mask, grid: Grid) -> dict[int, list[Floats]]:
    """Closed in-plane contours of every slice that holds mask, mm from the slice's first pixel centre."""
    box = bounding_box(mask)
    return pieces_in_box(within(mask, box), box[:3], grid)


def pieces_in_box(inside: Mask, start: tuple[int, int, int], grid: Grid) -> dict[int, list[Floats]]:
    """The same for a part of a mask that begins at voxel (k, j, i) of the grid."""
    smoothing = smoothing_for(inside, grid.spacing_mm)
    offset = np.array([start[2] * grid.spacing_mm[0], start[1] * grid.spacing_mm[1]])
    found: dict[int, list[Floats]] = {}
    for k, of_slice in enumerate(inside):
        pieces = [piece + offset for piece in closed_pieces(of_slice, grid.spacing_mm, smoothing)]
        if pieces:
            found[start[0] + k] = pieces
    return found


def outlines_of_mask(mask: Mask, grid: Grid) -> dict[int, list[Floats]]:
    """Every closed piece of the sub-voxel outline by slice index, LPS mm, each of shape (n, 3)."""
    return {
        k: [plane_to_patient(piece, k, grid) for piece in pieces] for k, pieces in pieces_by_slice(mask, grid).items()
    }
