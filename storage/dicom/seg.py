"""Read a DICOM Segmentation onto the voxels of a volume, with pydicom alone.

Frames are placed by their position in the patient, never by their order (PS3.3 A.51, C.8.20); binary and
fractional kinds, with empty frames left out as usual.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats
from measure.refusal import Refused
from measure.volume import Mask, Volume

SEG_STORAGE = "1.2.840.10008.5.1.4.1.1.66.4"
_SAME_VOXEL = 0.05
_SAME_SLICE = 0.2


def is_seg(path: str | Path) -> bool:
    """Say whether a file is a DICOM Segmentation."""
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        header = dcmread(path, stop_before_pixels=True, specific_tags=["SOPClassUID"])
    except (InvalidDicomError, OSError, ValueError, KeyError):
        return False
    return str(header.get("SOPClassUID", "")) == SEG_STORAGE


def load_seg_mask(path: str | Path, volume: Volume, label: int | None = None) -> Mask:
    """Mask of one segment (label: its number) on the volume's voxels; all segments together without label.

    Raises Refused: not a segmentation, no such segment, or frames that do not lie on the series' voxels.
    """
    from pydicom import dcmread
    from pydicom.errors import InvalidDicomError

    try:
        found = dcmread(path)
    except (InvalidDicomError, OSError) as problem:
        raise Refused(f"{path}: cannot be read as DICOM ({problem})") from problem
    if str(found.get("SOPClassUID", "")) != SEG_STORAGE:
        raise Refused(f"{path}: not a DICOM segmentation")
    numbers = [int(s.SegmentNumber) for s in found.get("SegmentSequence", [])]
    if label is not None and label not in numbers:
        raise Refused(f"{path}: no segment {label}; there are {', '.join(map(str, numbers)) or 'none'}")
    _same_frame(path, found, volume)
    pixels = _frames(path, found)
    mask = np.zeros(volume.array.shape, bool)
    per_frame = found.get("PerFrameFunctionalGroupsSequence", [])
    if len(per_frame) != len(pixels):
        raise Refused(f"{path}: {len(pixels)} frames but {len(per_frame)} descriptions of frames")
    for pixel, groups in zip(pixels, per_frame, strict=True):
        segment = _in_groups(found, groups, "SegmentIdentificationSequence", "ReferencedSegmentNumber")
        if label is not None and segment is not None and int(segment) != label:
            continue
        if pixel.any():
            _place(path, mask, pixel, found, groups, volume)
    return mask


def _same_frame(path: str | Path, found: Any, volume: Volume) -> None:
    theirs, ours = str(found.get("FrameOfReferenceUID", "")), volume.grid.frame_of_reference
    if theirs and ours and theirs != ours:
        raise Refused(f"{path}: drawn in another frame of reference than the series; expected {ours}")


def _frames(path: str | Path, found: Any) -> NDArray[np.bool_]:
    """Frames as booleans, shape (frames, rows, columns); fractional ones from half up."""
    try:
        pixels = np.asarray(found.pixel_array)
    except Exception as problem:
        raise Refused(f"{path}: the segmentation's pixels cannot be decoded ({problem})") from problem
    if pixels.ndim == 2:
        pixels = pixels[None]
    if str(found.get("SegmentationType", "BINARY")).upper() == "FRACTIONAL":
        return np.asarray(pixels >= 0.5 * float(found.get("MaximumFractionalValue", 255)))
    return np.asarray(pixels > 0)


def _in_groups(found: Any, groups: Any, sequence: str, attribute: str) -> Any:
    """An attribute of a frame's own functional group, or of the one shared by all; None where absent."""
    shared = found.get("SharedFunctionalGroupsSequence", [])
    for place in (groups, *shared):
        items = place.get(sequence)
        if items:
            value = items[0].get(attribute)
            if value is not None:
                return value
    return None


def _place(path: str | Path, mask: Mask, pixel: NDArray[np.bool_], found: Any, groups: Any, volume: Volume) -> None:
    """Write one frame onto the slice and pixels it lies on; axes may be turned."""
    position = _in_groups(found, groups, "PlanePositionSequence", "ImagePositionPatient")
    orientation = _in_groups(found, groups, "PlaneOrientationSequence", "ImageOrientationPatient")
    spacing = _in_groups(found, groups, "PixelMeasuresSequence", "PixelSpacing")
    if position is None or orientation is None or spacing is None:
        raise Refused(f"{path}: a frame without position, orientation or spacing")
    across, down = np.asarray(orientation[:3], float), np.asarray(orientation[3:], float)
    rows, columns = np.nonzero(pixel)
    points: Floats = (
        np.asarray(position, float)
        + columns[:, None] * float(spacing[1]) * across
        + rows[:, None] * float(spacing[0]) * down
    )
    index = volume.grid.to_index(points)
    whole = np.rint(index).astype(int)
    off = np.abs(index - whole).max(axis=0)
    size = np.asarray(volume.grid.size)
    if off[0] > _SAME_VOXEL or off[1] > _SAME_VOXEL or off[2] > _SAME_SLICE:
        raise Refused(f"{path}: a frame lies {off.max():.2f} voxels off the series; expected the same grid")
    if (whole < 0).any() or (whole >= size).any():
        raise Refused(f"{path}: a frame reaches outside the series")
    mask[whole[:, 2], whole[:, 1], whole[:, 0]] = True
