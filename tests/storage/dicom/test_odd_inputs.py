"""What sites send: one odd value in every slice, and what becomes of the series. Nothing stops, nothing is guessed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom import config
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID

from storage.dicom.deidentify import deidentified
from storage.dicom.load import load_stack, scan
from tests.build.dicom import ct_series, ct_slice, pixels_of, write

Change = Callable[[Dataset, int], None]


@pytest.fixture(autouse=True)
def whatever_a_site_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(config.settings, "writing_validation_mode", config.IGNORE)
    monkeypatch.setattr(config.settings, "reading_validation_mode", config.IGNORE)


def has(**values: Any) -> Change:
    def change(ds: Dataset, k: int) -> None:
        for keyword, value in values.items():
            setattr(ds, keyword, value)

    return change


def lacks(*keywords: str) -> Change:
    def change(ds: Dataset, k: int) -> None:
        for keyword in keywords:
            delattr(ds, keyword)

    return change


def element(tag: int, vr: str, value: Any) -> Change:
    return lambda ds, k: ds.add_new(tag, vr, value)


MEASURABLE = {
    "no frame of reference": has(FrameOfReferenceUID=""),
    "no modality, but a CT object": has(Modality=""),
    "modality in small letters": has(Modality="ct"),
    "no study, series or image number": lacks("InstanceNumber", "AcquisitionNumber"),
    "number of frames empty": element(0x00280008, "IS", ""),
    "number of frames zero": has(NumberOfFrames=0),
    "a padding value outside the range": element(0x00280120, "US", 65535),
    "an unknown character set": has(SpecificCharacterSet="ISO_IR 9999", PatientName="M^A"),
    "two character sets": has(SpecificCharacterSet=["ISO 2022 IR 6", "ISO 2022 IR 87"]),
    "a date that is none": has(StudyDate="99999999", AcquisitionDate="2026-01-01"),
    "a date in words": has(StudyDate="today"),
    "a window of no width": has(WindowCenter=0, WindowWidth=0),
    "image type empty": has(ImageType=""),
    "no slice thickness": lacks("SliceThickness"),
    "no patient": has(PatientName="", PatientID=""),
    "an icon with pixels of its own": lambda ds, k: ds.add_new(0x00880200, "SQ", Items([ct_slice(9)])),
    "a referenced image with pixels": lambda ds, k: ds.add_new(0x00081140, "SQ", Items([ct_slice(8)])),
    "instance UIDs that are paths": lambda ds, k: setattr(ds, "SOPInstanceUID", UID(f"../../../tmp/evil{k}")),
    "a series UID beyond all length": has(SeriesInstanceUID="1." * 200 + "1"),
    "an ID that is a path": has(PatientID="../../../etc/x"),
    "an ID that steers a terminal": has(PatientID="A\x1b[2J"),
}


@pytest.mark.filterwarnings("ignore:Unknown encoding")  # pydicom while it writes the file
@pytest.mark.parametrize("change", MEASURABLE.values(), ids=MEASURABLE.keys())
def test_what_says_nothing_of_the_pixels_does_not_stop_the_series(tmp_path: Path, change: Change) -> None:
    (stack,) = scan(write(tmp_path, ct_series(5, change))).stacks
    assert stack.measurable, stack.why_not
    volume = load_stack(stack)
    for k in range(5):
        np.testing.assert_array_equal(volume.array[k], pixels_of(k) - 1024)
    copy = deidentified(stack.images[0].path, key=b"k" * 32, subject="S-01")
    assert copy.sop_uid.startswith("2.25.")
    assert b"evil" not in copy.content
    assert b"etc/x" not in copy.content


NO_VOLUME = {
    "spacing of zero": (has(PixelSpacing=[0, 0]), "missing-spacing"),
    "spacing below zero": (has(PixelSpacing=[-0.7, 0.7]), "missing-spacing"),
    "one spacing": (has(PixelSpacing=0.7), "missing-spacing"),
    "three spacings": (has(PixelSpacing=[0.7, 0.7, 0.7]), "missing-spacing"),
    "directions of zero": (has(ImageOrientationPatient=[0] * 6), "missing-position"),
    "directions not at right angles": (has(ImageOrientationPatient=[1, 0, 0, 0.5, 1, 0]), "missing-position"),
    "a position of two numbers": (has(ImagePositionPatient=[1, 2]), "missing-position"),
    "one position for all": (has(ImagePositionPatient=["1e30", "1e30", "1e30"]), "duplicate-position"),
    "one instance UID for all": (has(SOPInstanceUID=UID("1.2.3")), "duplicate-position"),
}


@pytest.mark.parametrize(("change", "code"), NO_VOLUME.values(), ids=NO_VOLUME.keys())
def test_geometry_that_means_nothing_is_never_measured(tmp_path: Path, change: Change, code: str) -> None:
    (stack,) = scan(write(tmp_path, ct_series(5, change))).stacks
    assert not stack.measurable
    assert code in {defect.code for defect in stack.defects}
    assert load_stack(stack).array.shape[0] == 5


LEFT_OUT = {
    "no bits stored": has(BitsStored=0),
    "more bits stored than there are": has(BitsStored=17),
    "a sign that is neither": has(PixelRepresentation=7),
    "three samples": has(SamplesPerPixel=3),
    "colours": has(PhotometricInterpretation="RGB"),
    "a palette": has(PhotometricInterpretation="PALETTE COLOR"),
    "frames below zero": has(NumberOfFrames=-1),
    "more frames than there are": has(NumberOfFrames=2),
    "an intercept beyond measure": has(RescaleIntercept="1e30"),
    "a slope beyond measure": has(RescaleSlope="1e-30"),
    "twelve bits a pixel": has(BitsAllocated=12, BitsStored=12, HighBit=11),
    "no rows": has(Rows=0),
}


@pytest.mark.parametrize("change", LEFT_OUT.values(), ids=LEFT_OUT.keys())
def test_pixels_that_mean_nothing_are_left_out_with_the_reason(tmp_path: Path, change: Change) -> None:
    found = scan(write(tmp_path, ct_series(3, change)))
    assert not found.stacks
    assert len(found.left_out) == 3
    assert all(one.reason and one.code in ("corrupt", "truncated", "not-an-image") for one in found.left_out)
