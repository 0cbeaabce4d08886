"""DICOM segmentations laid on the voxels of a series."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.pixels.utils import pack_bits
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID

from measure.refusal import Refused
from storage.dicom.load import load_series
from storage.dicom.seg import SEG_STORAGE, is_seg, load_seg_mask
from tests.build.dicom import ct_series, ct_slice, write
from tests.build.image_sets import image_set


def seg_of(frames: list[tuple[int, int, np.ndarray]], *, fractional: bool = False, shift_mm: float = 0.0) -> Dataset:
    """A segmentation of the made CT: (slice, segment, pixels) a frame."""
    ds = ct_slice(0, uid="1.2.3.4")
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope",
                    "RescaleIntercept"):  # fmt: skip
        delattr(ds, keyword)
    ds.SOPClassUID, ds.Modality = UID(SEG_STORAGE), "SEG"
    ds.SegmentationType = "FRACTIONAL" if fractional else "BINARY"
    bits = 8 if fractional else 1
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = bits, bits, bits - 1, 0
    ds.NumberOfFrames = len(frames)
    segments = []
    for number in sorted({segment for _, segment, _ in frames}):
        item = Dataset()
        item.SegmentNumber, item.SegmentLabel = number, f"part {number}"
        segments.append(item)
    ds.SegmentSequence = Items(segments)
    measures, plane, shared = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, plane.ImageOrientationPatient = [0.7, 0.8], [1, 0, 0, 0, 1, 0]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Items([measures]), Items([plane])
    groups = []
    for k, segment, _ in frames:
        place, identity, frame = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [-5.0 + shift_mm, -4.0, 2.0 * k]
        identity.ReferencedSegmentNumber = segment
        frame.PlanePositionSequence, frame.SegmentIdentificationSequence = Items([place]), Items([identity])
        groups.append(frame)
    ds.SharedFunctionalGroupsSequence = Items([shared])
    ds.PerFrameFunctionalGroupsSequence = Items(groups)
    pixels = np.stack([pixel for _, _, pixel in frames])
    if fractional:
        ds.MaximumFractionalValue = 200
        ds.PixelData = (pixels * 200).astype(np.uint8).tobytes()
        ds["PixelData"].VR = "OB"
    else:
        ds.PixelData = pack_bits(pixels.astype(np.uint8), pad=True)
        ds["PixelData"].VR = "OB"
    return ds


def drawn(rows: slice, columns: slice) -> np.ndarray:
    pixel = np.zeros((8, 10), bool)
    pixel[rows, columns] = True
    return pixel


FRAMES = [
    (4, 1, drawn(slice(2, 6), slice(3, 8))),
    (1, 2, drawn(slice(0, 2), slice(0, 3))),
    (3, 1, drawn(slice(1, 3), slice(1, 4))),
]


@pytest.mark.parametrize("fractional", [False, True])
def test_frames_go_where_their_position_says_not_where_they_stand(tmp_path: Path, fractional) -> None:
    volume = load_series(write(tmp_path / "ct", ct_series(6)))
    file = write(tmp_path / "seg", [seg_of(FRAMES, fractional=fractional)]) / "00000.dcm"
    assert is_seg(file)
    whole = load_seg_mask(file, volume)
    for k, _, pixel in FRAMES:
        assert np.array_equal(whole[k], pixel)
    assert whole.sum() == sum(pixel.sum() for _, _, pixel in FRAMES)
    assert np.flatnonzero(load_seg_mask(file, volume, 1).any(axis=(1, 2))).tolist() == [3, 4]
    assert np.flatnonzero(load_seg_mask(file, volume, 2).any(axis=(1, 2))).tolist() == [1]


def test_a_segment_that_is_not_there_is_refused(tmp_path: Path) -> None:
    volume = load_series(write(tmp_path / "ct", ct_series(6)))
    file = write(tmp_path / "seg", [seg_of(FRAMES)]) / "00000.dcm"
    with pytest.raises(Refused, match="no segment 7; there are 1, 2"):
        load_seg_mask(file, volume, 7)


def test_frames_off_the_series_voxels_are_refused(tmp_path: Path) -> None:
    volume = load_series(write(tmp_path / "ct", ct_series(6)))
    file = write(tmp_path / "seg", [seg_of(FRAMES, shift_mm=0.3)]) / "00000.dcm"
    with pytest.raises(Refused, match="off the series"):
        load_seg_mask(file, volume)
    far = write(tmp_path / "far", [seg_of(FRAMES, shift_mm=800.0)]) / "00000.dcm"
    with pytest.raises(Refused, match="outside the series"):
        load_seg_mask(far, volume)


def test_what_is_no_segmentation_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "ct", ct_series(6))
    volume = load_series(folder)
    other = next(folder.iterdir())
    assert not is_seg(other)
    with pytest.raises(Refused, match="not a DICOM segmentation"):
        load_seg_mask(other, volume)
    text = tmp_path / "text.dcm"
    text.write_text("no DICOM")
    assert not is_seg(text)
    with pytest.raises(Refused, match="cannot be read"):
        load_seg_mask(text, volume)


def test_the_liver_of_the_public_example() -> None:
    volume = load_series(image_set("seg-sr-liver", "segmentations", "ct-3slice"))
    mask = load_seg_mask(image_set("seg-sr-liver", "segmentations", "liver.dcm"), volume, 1)
    assert mask.sum() == 107098
    assert mask.sum() * volume.grid.voxel_ml == pytest.approx(70.3619, abs=1e-3)
