"""Tiny DICOM series with chosen defects, written by pydicom: a test names only what it is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEGLSLossless

from storage.dicom.write import seeded_uid

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"
Change = Callable[[Dataset, int], None]


def pixels_of(k: int, rows: int = 8, columns: int = 10) -> NDArray[np.int16]:
    """Stored values of slice k: no two slices and no two pixels of a slice are alike."""
    return (np.arange(rows * columns, dtype=np.int16).reshape(rows, columns) + 100 * k).astype(np.int16)


def ct_slice(
    k: int,
    *,
    spacing: float = 2.0,
    rows: int = 8,
    columns: int = 10,
    series: str = "series",
    uid: str | None = None,
    z: float | None = None,
) -> Dataset:
    """Slice k of an axial CT with 2 mm between slices; Rescale Intercept -1024."""
    ds = Dataset()
    ds.SpecificCharacterSet = "ISO_IR 192"
    ds.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    ds.SOPClassUID = UID(CT)
    ds.SOPInstanceUID = UID(uid or seeded_uid(series, str(k)))
    ds.StudyDate, ds.StudyTime, ds.AccessionNumber = "20240110", "101500", ""
    ds.Modality = "CT"
    ds.PatientName, ds.PatientID, ds.PatientBirthDate, ds.PatientSex = "Test^Patient", "TP-1", "", ""
    ds.StudyInstanceUID, ds.SeriesInstanceUID = UID(seeded_uid("study")), UID(seeded_uid(series))
    ds.FrameOfReferenceUID = UID(seeded_uid("frame"))
    ds.SliceThickness = "5"
    ds.InstanceNumber = k + 1
    ds.AcquisitionNumber = 1
    ds.ImagePositionPatient = [-5.0, -4.0, spacing * k if z is None else z]
    ds.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    ds.PixelSpacing = [0.7, 0.8]
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.Rows, ds.Columns = rows, columns
    ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 16, 16, 15, 1
    ds.RescaleIntercept, ds.RescaleSlope = "-1024", "1"
    ds.PixelData = pixels_of(k, rows, columns).tobytes()
    ds["PixelData"].VR = "OW"
    return ds


def ct_series(count: int = 6, change: Change | None = None, **same: object) -> list[Dataset]:
    """An even series; change(dataset, k) alters slices."""
    made = [ct_slice(k, **same) for k in range(count)]  # type: ignore[arg-type]
    for k, ds in enumerate(made):
        if change is not None:
            change(ds, k)
    return made


def write(folder: Path, datasets: Sequence[Dataset], *, syntax: UID = ExplicitVRLittleEndian) -> Path:
    """Write data sets under names in no order; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for k, ds in enumerate(datasets):
        ds.file_meta = FileMetaDataset()
        ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID
        ds.file_meta.MediaStorageSOPInstanceUID = ds.SOPInstanceUID
        ds.file_meta.TransferSyntaxUID = syntax
        ds.save_as(folder / f"{(k * 7919) % 10007:05d}.dcm", enforce_file_format=True)
    return folder


def compressed(ds: Dataset, syntax: UID) -> Dataset:
    """The data set with its pixels compressed losslessly, its UID kept."""
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    plugin = "pyjpegls" if syntax == JPEGLSLossless else "pylibjpeg"
    ds.compress(syntax, encoding_plugin=plugin, generate_instance_uid=False)
    return ds


def enhanced_ct(count: int = 5, order: Sequence[int] | None = None) -> Dataset:
    """The same stack as `ct_series` in one multi-frame file, frames in any order, slope 1 and 2 by turns."""
    ds = ct_slice(0)
    for keyword in ("ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "RescaleSlope"):
        delattr(ds, keyword)
    ds.SOPClassUID = UID(ENHANCED_CT)
    order = list(order or range(count))
    ds.NumberOfFrames = count
    measures, plane = Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.7, 0.8], "5"
    plane.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    shared = Dataset()
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Items([measures]), Items([plane])
    frames = []
    for k in order:
        place, value, frame = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [-5.0, -4.0, 2.0 * k]
        value.RescaleIntercept, value.RescaleSlope, value.RescaleType = "-1024", str(1 + k % 2), "HU"
        frame.PlanePositionSequence, frame.PixelValueTransformationSequence = Items([place]), Items([value])
        frames.append(frame)
    ds.SharedFunctionalGroupsSequence = Items([shared])
    ds.PerFrameFunctionalGroupsSequence = Items(frames)
    ds.PixelData = b"".join(pixels_of(k).tobytes() for k in order)
    ds["PixelData"].VR = "OW"
    return ds
