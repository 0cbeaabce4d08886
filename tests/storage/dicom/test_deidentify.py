"""The de-identified copy: nothing of the original's texts, the same pixels, stable and keyed identifiers."""

from __future__ import annotations

from contextlib import suppress
from io import BytesIO
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.datadict import dictionary_VR, keyword_for_tag, repeater_has_tag
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, JPEGLSLossless

from measure.refusal import Refused
from storage.dicom import deidentify
from storage.dicom.deidentify import deidentified
from storage.dicom.header import read_images
from storage.dicom.keyed import keyed_uid, shift_days, shifted_date
from storage.dicom.pixels import stored_values
from tests.build.dicom import ct_series, ct_slice, enhanced_ct, write

KEY = b"a secret of this trial, 32 bytes"
CANARY = "CANARYBIRD"
_TEXT_VRS = ("LO", "LT", "PN", "SH", "ST", "UC", "UT", "AE")
_SPARED = ("SpecificCharacterSet",)


def canaries() -> Dataset:
    """A slice with a marker in every text attribute, in private ones, sequences and overlays."""
    from pydicom._dicom_dict import DicomDictionary

    ds = ct_slice(0)
    for tag in sorted(DicomDictionary):
        vr = dictionary_VR(tag)
        group = tag >> 16
        plain = group >= 8 and group % 2 == 0 and group != 0xFFFA and not repeater_has_tag(tag)
        if vr in _TEXT_VRS and plain and keyword_for_tag(tag) not in _SPARED:
            ds.add_new(tag, vr, CANARY if vr != "PN" else f"{CANARY}^X")
    ds.PatientName, ds.PatientID = f"{CANARY}^NAME", f"{CANARY}1"
    ds.ConvolutionKernel = f"{CANARY}40f"
    ds.ImageType = ["ORIGINAL", "PRIMARY", CANARY]
    ds.BodyPartExamined = CANARY
    ds.Modality = "CT"
    for keyword in ("StudyDate", "SeriesDate", "AcquisitionDate", "ContentDate", "PatientBirthDate"):
        setattr(ds, keyword, "19431224")
    ds.AcquisitionDateTime = "19431224101112"
    ds.StudyTime = "101112.345"
    ds.add_new(0x00091001, "LO", CANARY)
    ds.add_new(0x00090010, "LO", f"{CANARY} MAKER")
    ds.add_new(0x60003000, "OW", CANARY.encode())
    ds.add_new(0x60000022, "LO", CANARY)
    inner = Dataset()
    inner.CodeMeaning, inner.PatientName = CANARY, f"{CANARY}^DEEP"
    inner.add_new(0x00111001, "UT", CANARY)
    outer = Dataset()
    outer.RequestedProcedureDescription = CANARY
    outer.RequestedProcedureCodeSequence = Items([inner])
    ds.RequestAttributesSequence = Items([outer])
    content = Dataset()
    content.FrameComments, content.StackID = CANARY, CANARY
    content.FrameReferenceDateTime = "19431224101112"
    frame = Dataset()
    frame.FrameContentSequence = Items([content])
    frame.add_new(0x00211001, "LO", CANARY)
    ds.PerFrameFunctionalGroupsSequence = Items([frame])
    ds.ModalityLUTSequence = Items([_lut()])
    return ds


def _lut() -> Dataset:
    item = Dataset()
    item.LUTExplanation = CANARY
    item.LUTDescriptor = [4, 0, 16]
    return item


def test_no_canary_of_any_text_attribute_reaches_the_copy(tmp_path: Path) -> None:
    folder = write(tmp_path, [canaries()])
    (file,) = folder.iterdir()
    before = file.read_bytes()
    file.write_bytes(CANARY.encode().ljust(128, b"\0") + before[128:])
    assert before.count(CANARY.encode()) > 300
    copy = deidentified(file, key=KEY, subject="S-01", pseudonym="R7K2")
    for marker in (CANARY.encode(), b"19431224", b"101112", b"TP-1"):
        assert marker not in copy.content
    again = pydicom.dcmread(BytesIO(copy.content))
    assert (again.PatientName, again.PatientID, again.PatientBirthDate) == ("R7K2", "R7K2", "")
    assert again.PatientIdentityRemoved == "YES"
    assert not any(element.tag.is_private for element in again.iterall())


def test_pixels_geometry_and_rescale_are_those_of_the_original(tmp_path: Path) -> None:
    write(tmp_path / "from", [enhanced_ct(4, order=[2, 0, 3, 1])])
    (file,) = (tmp_path / "from").iterdir()
    stored = tmp_path / "stored.dcm"
    stored.write_bytes(deidentified(file, key=KEY, subject="S-01").content)
    before, after = read_images(file), read_images(stored)
    assert isinstance(before, tuple)
    assert isinstance(after, tuple)
    for a, b in zip(before, after, strict=True):
        assert (a.position, a.row_axis, a.spacing_mm, a.slope, a.intercept) == (
            b.position, b.row_axis, b.spacing_mm, b.slope, b.intercept,
        )  # fmt: skip
        np.testing.assert_array_equal(stored_values(a), stored_values(b))


def test_identifiers_are_the_same_in_every_delivery_and_other_ones_in_another_trial(tmp_path: Path) -> None:
    write(tmp_path, ct_series(2))
    first, second = sorted(tmp_path.iterdir())
    one, two = (deidentified(file, key=KEY, subject="S-01") for file in (first, second))
    assert one == deidentified(first, key=KEY, subject="S-01")
    assert one.series_uid == two.series_uid
    assert one.sop_uid != two.sop_uid
    assert deidentified(first, key=KEY[::-1], subject="S-01").sop_uid != one.sop_uid
    for uid in (one.sop_uid, one.series_uid, one.study_uid):
        assert uid.startswith("2.25.")
        assert len(uid) <= 44
        assert UID(uid).is_valid
    assert keyed_uid(KEY, "1.2.840.10008.1.4.1.1") == "1.2.840.10008.1.4.1.1"


def test_dates_are_shifted_by_whole_weeks_and_intervals_survive(tmp_path: Path) -> None:
    def later(ds: Dataset, k: int) -> None:
        ds.StudyDate = ("20240110", "20240306")[k]

    write(tmp_path, ct_series(2, later))
    dates = sorted(
        str(pydicom.dcmread(BytesIO(deidentified(f, key=KEY, subject="S-01").content)).StudyDate)
        for f in tmp_path.iterdir()
    )
    days = (np.datetime64(f"{dates[1][:4]}-{dates[1][4:6]}-{dates[1][6:]}")) - np.datetime64(
        f"{dates[0][:4]}-{dates[0][4:6]}-{dates[0][6:]}"
    )
    assert int(days.astype(int)) == 56
    assert shift_days(KEY, "S-01") % 7 == 0
    assert shift_days(KEY, "S-01") <= -364
    assert shift_days(KEY, "S-01") != shift_days(KEY, "S-02")
    assert shifted_date("1993.04.30", 1) == "19930501"
    assert shifted_date("no date", 1) == ""


def test_compressed_pixels_keep_their_bytes(tmp_path: Path) -> None:
    from jpeg_ls import encode_array

    ds = ct_slice(0)
    frame = bytes(encode_array(np.frombuffer(ds.PixelData, np.uint16).reshape(8, 10)))
    ds.PixelData = encapsulate([frame])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    write(tmp_path, [ds], syntax=JPEGLSLossless)
    (file,) = tmp_path.iterdir()
    copy = deidentified(file, key=KEY, subject="S-01")
    assert frame in copy.content
    assert pydicom.dcmread(BytesIO(copy.content)).PixelData == pydicom.dcmread(file).PixelData


def test_a_name_hidden_in_the_code_stream_is_found(tmp_path: Path) -> None:
    ds = ct_slice(0)
    ds.PatientName = "Hiddenname^Anna"
    ds.PixelData = encapsulate([b"\xff\xd8\xff\xfe\x00\x0chiddenname\xff\xd9"])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    write(tmp_path, [ds], syntax=JPEGLSLossless)
    with pytest.raises(Refused, match="compressed pixels"):
        deidentified(next(tmp_path.iterdir()), key=KEY, subject="S-01")


def test_the_search_stops_what_the_list_would_let_through(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, ct_series(1))
    (file,) = tmp_path.iterdir()
    honest = deidentify._cleaned

    def leaky(source: Dataset, key: bytes, days: int) -> Dataset:
        clean = honest(source, key, days)
        if "PatientName" in source:
            clean.SeriesDescription = "for " + str(source.PatientName)
        return clean

    monkeypatch.setattr(deidentify, "_cleaned", leaky)
    with pytest.raises(Refused, match="not allowed"):
        deidentified(file, key=KEY, subject="S-01")
    monkeypatch.setattr(deidentify, "_ALLOWED", deidentify._ALLOWED | {0x0008103E})
    with pytest.raises(Refused, match="still holds a text"):
        deidentified(file, key=KEY, subject="S-01")


def test_bytes_behind_the_last_pixel_are_not_kept(tmp_path: Path) -> None:
    ds = ct_slice(0)
    ds.PixelData = ds.PixelData + b"secret text!"
    write(tmp_path, [ds])
    assert b"secret text!" not in deidentified(next(tmp_path.iterdir()), key=KEY, subject="S-01").content


def test_files_that_are_no_images_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "text.dcm"
    file.write_text("nothing")
    with pytest.raises(Refused):
        deidentified(file, key=KEY, subject="S-01")
    with pytest.raises(Refused):
        deidentified(tmp_path / "absent.dcm", key=KEY, subject="S-01")


def test_odd_texts_of_a_header_reach_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    ds = ct_slice(0)
    ds.PatientName = f"{CANARY}^NAME"
    write(tmp_path, [ds])
    (file,) = tmp_path.iterdir()
    file.write_bytes(file.read_bytes().replace(b"ISO_IR 192", b"ISO_XX 192").replace(b"BIRD^NAME", b"\xff\x1b^(NAME"))
    read_images(file)
    with suppress(Refused):
        deidentified(file, key=KEY, subject="S-01")
    assert "CANARY" not in caplog.text
    assert not caplog.records
