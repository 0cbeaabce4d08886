"""A volume written as a DICOM series of CT or MR: for the demo trial and for tests, the same input the same
bytes.

UIDs are made from the seed; nothing of the clock or the machine enters. The pixels are stored unsigned, 12
bits where they fit, losslessly compressed (JPEG-LS) unless native ones are asked for.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import date
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Grid
from measure.volume import Volume
from storage.atomic import refused_write

_SOP_CLASS = {"CT": "1.2.840.10008.5.1.4.1.1.2", "MR": "1.2.840.10008.5.1.4.1.1.4"}
_EXPLICIT = "1.2.840.10008.1.2.1"
_JPEG_LS = "1.2.840.10008.1.2.4.80"
_IMPLEMENTATION = "2.25.281577362953063346310146427211417153537"
_LOWEST_HU = -1024


def seeded_uid(*seed: str) -> str:
    """A `2.25.` UID (PS3.5 B.2) made of texts: the same texts, the same UID."""
    digest = hashlib.sha256("\x1f".join(seed).encode()).digest()
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=4).int}"


def write_series(
    volume: Volume,
    folder: str | Path,
    *,
    seed: str,
    patient_id: str,
    study_date: date,
    description: str = "",
    phase: str = "",
    thickness_mm: float | None = None,
    kernel: str = "",
    body_part: str = "ABDOMEN",
    series_number: int = 1,
    acquisition_number: int = 1,
    acquisition_time: str = "120000",
    patient_name: str = "",
    patient_position: str = "HFS",
    window: tuple[float, float] = (50.0, 400.0),
    compressed: bool = True,
) -> tuple[Path, ...]:
    """Write one file a slice into a folder (made if absent); returns the files in the order of the slices.

    volume: int16 in HU (modality CT) or whole, not negative signal values (MR); its grid may be uneven or
    leaning. seed names the series: with patient and date it makes all UIDs; series of one patient and date
    share the study and, unless the grid names one, the frame of reference. phase becomes the contrast agent
    text and part of the series description. Raises ValueError for values that cannot be stored exactly,
    Refused when the disk refuses.
    """
    if volume.modality not in _SOP_CLASS:
        raise ValueError(f"only CT and MR are written, not {volume.modality}")
    stored, intercept, bits = _stored(volume)
    study = (patient_id, study_date.isoformat())
    series_uid = seeded_uid("series", *study, seed)
    header = _header(volume, intercept, bits, thickness_mm)
    header.PatientID, header.PatientName = patient_id, patient_name or patient_id
    header.StudyDate = header.SeriesDate = header.AcquisitionDate = header.ContentDate = f"{study_date:%Y%m%d}"
    header.StudyTime = header.SeriesTime = acquisition_time
    header.AcquisitionTime = header.ContentTime = acquisition_time
    header.StudyInstanceUID = seeded_uid("study", *study)
    header.SeriesInstanceUID = series_uid
    header.FrameOfReferenceUID = volume.grid.frame_of_reference or seeded_uid("frame", *study)
    header.SeriesDescription = " ".join(part for part in (description, phase) if part)[:64]
    header.SeriesNumber, header.AcquisitionNumber = series_number, acquisition_number
    header.BodyPartExamined, header.PatientPosition = body_part, patient_position
    header.WindowCenter, header.WindowWidth = _text(window[0]), _text(window[1])
    if phase and phase != "unenhanced":
        header.ContrastBolusAgent = f"contrast, {phase} phase"
    if kernel and volume.modality == "CT":
        header.ConvolutionKernel = kernel
    place = Path(folder)
    written: list[Path] = []
    try:
        place.mkdir(parents=True, exist_ok=True)
        for k in range(volume.grid.size[2]):
            path = place / f"IM{k + 1:04d}.dcm"
            path.write_bytes(
                _file(header, volume, k, stored[k], bits, seeded_uid("instance", series_uid, str(k)), compressed)
            )
            written.append(path)
    except OSError as problem:
        raise refused_write(place, problem) from problem
    return tuple(written)


def _stored(volume: Volume) -> tuple[NDArray[np.uint16], int, int]:
    """Stored values, Rescale Intercept and Bits Stored."""
    if volume.array.dtype.kind not in "iu":
        raise ValueError(f"whole numbers are expected, not {volume.array.dtype}")
    lowest, highest = int(volume.array.min()), int(volume.array.max())
    intercept = min(_LOWEST_HU, lowest) if volume.modality == "CT" else 0
    if lowest < intercept or highest - intercept > 65535:
        raise ValueError(f"values from {lowest} to {highest} cannot be stored exactly")
    stored = (volume.array.astype(np.int32) - intercept).astype(np.uint16)
    return stored, intercept, 12 if highest - intercept < 4096 else 16


def _text(value: float) -> str:
    """A decimal string of at most 16 characters (PS3.5, VR DS)."""
    for digits in range(12, 0, -1):
        text = f"{value + 0.0:.{digits}g}"
        if len(text) <= 16:
            return text
    raise ValueError(f"{value} does not fit in a decimal string")


def _header(volume: Volume, intercept: int, bits: int, thickness_mm: float | None):  # type: ignore[no-untyped-def]
    """Everything that is the same in every slice."""
    from pydicom.dataset import Dataset

    grid: Grid = volume.grid
    header = Dataset()
    header.SpecificCharacterSet = "ISO_IR 192"
    header.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL" if volume.modality == "CT" else "M"]
    header.SOPClassUID = _SOP_CLASS[volume.modality]
    header.AccessionNumber = header.ReferringPhysicianName = header.StudyID = ""
    header.Modality, header.Manufacturer = volume.modality, "coread demonstration"
    header.PatientBirthDate, header.PatientSex = "", "O"
    header.SliceThickness = _text(thickness_mm or grid.slice_step_mm or 1.0)
    if grid.size[2] > 1:
        header.SpacingBetweenSlices = _text(grid.slice_step_mm)
    header.PositionReferenceIndicator = ""
    header.ImageOrientationPatient = [_text(v) for v in (*grid.row_axis, *grid.column_axis)]
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.Rows, header.Columns = grid.size[1], grid.size[0]
    header.PixelSpacing = [_text(grid.spacing_mm[1]), _text(grid.spacing_mm[0])]
    header.BitsAllocated, header.BitsStored, header.HighBit, header.PixelRepresentation = (
        16,
        bits,
        bits - 1,
        0,
    )
    if volume.modality == "CT":
        header.KVP = "120"
        header.RescaleIntercept, header.RescaleSlope, header.RescaleType = str(intercept), "1", "HU"
    else:
        header.ScanningSequence, header.SequenceVariant, header.ScanOptions = "GR", "SP", ""
        header.MRAcquisitionType, header.EchoTime, header.RepetitionTime = "3D", "2", "5"
        header.EchoTrainLength = 1
    return header


def _file(  # type: ignore[no-untyped-def]
    header, volume: Volume, k: int, stored: NDArray[np.uint16], bits: int, sop_uid: str, compressed: bool
) -> bytes:
    """The Part 10 file of slice k."""
    from pydicom.dataset import FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import UID

    header.SOPInstanceUID = UID(sop_uid)
    header.InstanceNumber = k + 1
    header.ImagePositionPatient = [_text(v) for v in volume.grid.slice_origins[k]]
    header.SliceLocation = _text(float(volume.grid.positions_mm[k]))
    if compressed:
        from jpeg_ls import encode_pixel_data

        frame = encode_pixel_data(
            np.ascontiguousarray(stored, "<u2").tobytes(),
            rows=header.Rows,
            columns=header.Columns,
            samples_per_pixel=1,
            bits_stored=bits,
            photometric_interpretation="MONOCHROME2",
        )
        header.PixelData = encapsulate([bytes(frame)])
        header["PixelData"].VR = "OB"
        header["PixelData"].is_undefined_length = True
    else:
        header.PixelData = np.ascontiguousarray(stored, "<u2").tobytes()
        header["PixelData"].VR = "OW"
        header["PixelData"].is_undefined_length = False
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = header.SOPClassUID
    meta.MediaStorageSOPInstanceUID = UID(sop_uid)
    meta.TransferSyntaxUID = UID(_JPEG_LS if compressed else _EXPLICIT)
    meta.ImplementationClassUID = UID(_IMPLEMENTATION)
    header.file_meta = meta
    buffer = BytesIO()
    header.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
