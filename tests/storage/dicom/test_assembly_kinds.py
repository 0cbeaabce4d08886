"""Every kind of series the standard knows for CT and MR, against the readers of others: dcm2niix and SimpleITK."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID

from measure.resample import resampled
from measure.volume import Volume
from storage.dicom.load import load_series, load_stack, scan
from storage.dicom.stack import Stack
from storage.dicom.write import seeded_uid
from storage.nifti import affine_ras, read_nifti
from tests.build.dicom import ct_series, ct_slice, write

ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
LEGACY_CT = "1.2.840.10008.5.1.4.1.1.2.2"
SIZE = {"rows": 24, "columns": 20}


def pixels(k: int, phase: int = 0) -> NDArray[np.int16]:
    y, x = np.mgrid[0:24, 0:20]
    return (x * 3 + y * 5 + 40 * k + 1000 * phase).astype(np.int16)


def slices(count: int, *, series: str = "series", phase: int = 0, **same: float) -> list[Dataset]:
    made = ct_series(count, series=series, **SIZE, **same)
    for k, ds in enumerate(made):
        ds.PixelData = pixels(k, phase).tobytes()
        ds.SOPInstanceUID = UID(seeded_uid(series, str(phase), str(k)))
        ds.InstanceNumber = 1 + k + 100 * phase
    return made


def as_mr(ds: Dataset) -> None:
    ds.SOPClassUID, ds.Modality = UID("1.2.840.10008.5.1.4.1.1.4"), "MR"
    del ds.RescaleIntercept, ds.RescaleSlope


def by_dcm2niix(folder: Path, out: Path) -> list[tuple[NDArray[np.generic], NDArray[np.float64]]]:
    """What dcm2niix makes of a folder: arrays [slice, row, column] and their affines."""
    if shutil.which("dcm2niix") is None:
        pytest.skip("needs dcm2niix (Debian package)")
    out.mkdir()
    done = subprocess.run(
        ["dcm2niix", "-z", "n", "-b", "n", "-f", "%s_%e_%p", "-o", str(out), str(folder)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    made = sorted(out.glob("*.nii"))
    assert made, done.stdout + done.stderr
    return [read_nifti(file) for file in made]


def agree(volume: Volume, array: NDArray[np.generic], affine: NDArray[np.float64]) -> None:
    """Every voxel has the same place in the patient and the same value."""
    columns, rows, count = volume.grid.size
    own = affine_ras(volume.grid)
    index = np.stack(np.meshgrid(range(columns), range(rows), range(count), indexing="ij"), -1).reshape(-1, 3)
    there = np.linalg.solve(affine, own @ np.c_[index, np.ones(len(index))].T).T[:, :3]
    np.testing.assert_allclose(there, np.rint(there), atol=2e-3)
    i, j, k = np.rint(there).astype(int).T
    np.testing.assert_allclose(array[k, j, i], volume.array[index[:, 2], index[:, 1], index[:, 0]], atol=1e-3)


def stacks_of(folder: Path) -> tuple[Stack, ...]:
    return scan(folder).stacks


def test_a_plain_ct_lies_where_dcm2niix_puts_it(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", slices(6))
    ((array, affine),) = by_dcm2niix(folder, tmp_path / "out")
    agree(load_series(folder), array, affine)


@pytest.mark.parametrize("axes", [[0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1], [0.8, 0.6, 0, 0, 0, -1]])
def test_sagittal_coronal_and_oblique_stacks_lie_where_dcm2niix_puts_them(tmp_path: Path, axes: list[float]) -> None:
    made = slices(6)
    for k, ds in enumerate(made):
        ds.ImageOrientationPatient = axes
        place = np.array([11.0, -7.0, 30.0]) + 2.5 * k * np.cross(axes[:3], axes[3:])
        ds.ImagePositionPatient = [float(f"{v:.4f}") for v in place]
    folder = write(tmp_path / "in", made)
    ((array, affine),) = by_dcm2niix(folder, tmp_path / "out")
    agree(load_series(folder), array, affine)


def test_a_tilted_stack_resampled_holds_the_straight_line_that_was_scanned(tmp_path: Path) -> None:
    """A rod along the body's axis, scanned at 15 degrees, runs straight again and keeps its place."""
    made = slices(12)
    tilt = np.radians(15)
    row, column = np.array([1.0, 0, 0]), np.array([0.0, np.cos(tilt), -np.sin(tilt)])
    rod = np.array([2.0, 3.0])
    for k, ds in enumerate(made):
        first = np.array([-5.0, -5.0, 2.0 * k])
        ds.ImagePositionPatient = [float(v) for v in first]
        ds.ImageOrientationPatient = [float(v) for v in (*row, *column)]
        ds.PixelSpacing = [0.5, 0.5]
        y, x = np.mgrid[0:24, 0:20]
        point = first[:, None, None] + row[:, None, None] * x * 0.5 + column[:, None, None] * y * 0.5
        away = np.hypot(point[0] - rod[0], point[1] - rod[1])
        ds.PixelData = np.clip(1000 - 400 * away, 0, 1000).astype(np.int16).tobytes()
    volume = load_series(write(tmp_path, made))
    assert {d.code for d in volume.defects} == {"gantry-tilt"}
    even = resampled(volume)
    assert even.measurable
    assert "resampled" in even.defects[-1].text
    inside = [k for k in range(even.grid.size[2]) if (even.array[k] > -324).any()]
    assert len(inside) > 4
    for k in inside:
        weight = np.clip(even.array[k].astype(float) + 424, 0, None)
        j, i = (np.average(np.indices(weight.shape)[a], weights=weight) for a in (0, 1))
        place = even.grid.to_patient((i, j, k))
        assert abs(place[0] - rod[0]) < 0.25
    ((array, _),) = [read_nifti(file) for file in [written(even, tmp_path / "even.nii")]]
    assert array.shape == even.array.shape


def written(volume: Volume, place: Path) -> Path:
    from storage.nifti import write_nifti

    write_nifti(place, volume.array, volume.grid)
    return place


def test_an_uneven_stack_is_resampled_between_its_true_positions(tmp_path: Path) -> None:
    places = [0.0, 2.0, 4.0, 7.0, 9.0, 11.0, 12.5]
    made = [ct_slice(k, z=z, **SIZE) for k, z in enumerate(places)]  # type: ignore[arg-type]
    for ds, z in zip(made, places, strict=True):
        ds.PixelData = np.full((24, 20), round(100 * z), np.int16).tobytes()
    even = resampled(load_series(write(tmp_path, made)))
    for k in range(even.grid.size[2]):
        assert even.array[k, 5, 5] == pytest.approx(100 * even.grid.positions_mm[k] - 1024, abs=1)


# --- several volumes in one series ------------------------------------------------------------------------


def test_echoes_are_two_volumes_as_for_dcm2niix(tmp_path: Path) -> None:
    made = slices(5, phase=0) + slices(5, phase=1)
    for k, ds in enumerate(made):
        as_mr(ds)
        ds.EchoTime, ds.EchoNumbers = ("2.3", 1) if k < 5 else ("4.6", 2)
        ds.RepetitionTime, ds.ScanningSequence, ds.SequenceVariant = "100", "GR", "SP"
    folder = write(tmp_path / "in", made)
    stacks = stacks_of(folder)
    assert [stack.kind for stack in stacks] == ["multi-volume", "multi-volume"]
    assert all(stack.measurable for stack in stacks)
    theirs = by_dcm2niix(folder, tmp_path / "out")
    assert len(theirs) == 2
    means = sorted(float(array.mean()) for array, _ in theirs)
    assert means == pytest.approx(sorted(float(load_stack(stack).array.mean()) for stack in stacks))
    for stack in stacks:
        volume = load_stack(stack)
        array, affine = min(theirs, key=lambda one: abs(float(one[0].mean()) - float(volume.array.mean())))
        agree(volume, array, affine)


def test_phases_of_unequal_length_are_taken_apart_by_their_acquisition(tmp_path: Path) -> None:
    made = slices(6, phase=0) + slices(8, phase=1)
    for k, ds in enumerate(made):
        ds.AcquisitionNumber = 1 if k < 6 else 2
    stacks = stacks_of(write(tmp_path, made))
    assert sorted(len(stack.images) for stack in stacks) == [6, 8]
    assert all(stack.measurable for stack in stacks)
    assert {stack.split_by for stack in stacks} == {"acquisition number 1", "acquisition number 2"}


def test_phases_of_unequal_length_without_any_mark_are_refused(tmp_path: Path) -> None:
    made = slices(6, phase=0) + slices(8, phase=1)
    (stack,) = stacks_of(write(tmp_path, made))
    assert not stack.measurable
    assert "duplicate-position" in {d.code for d in stack.defects}


def test_diffusion_weights_are_taken_apart_by_b_value(tmp_path: Path) -> None:
    made = [ds for phase in range(3) for ds in slices(4, phase=phase)]
    for k, ds in enumerate(made):
        as_mr(ds)
        ds.add_new(0x00189087, "FD", (0.0, 50.0, 800.0)[k // 4])
    stacks = stacks_of(write(tmp_path, made))
    assert [len(stack.images) for stack in stacks] == [4, 4, 4]
    assert all(stack.split_by.startswith("b-value") for stack in stacks)


def test_a_dynamic_series_is_taken_apart_by_temporal_position(tmp_path: Path) -> None:
    made = [ds for phase in range(4) for ds in slices(4, phase=phase)]
    for k, ds in enumerate(made):
        as_mr(ds)
        ds.TemporalPositionIdentifier, ds.AcquisitionTime = 1 + k // 4, f"1015{k // 4:02d}.{k:02d}"
    stacks = stacks_of(write(tmp_path, made))
    assert [stack.measurable for stack in stacks] == [True] * 4
    assert sorted(int(load_stack(s).array[0, 0, 0]) for s in stacks) == [0, 1000, 2000, 3000]


def enhanced(kind: str, places: list[tuple[int, int]], **more: object) -> Dataset:
    """A multi-frame object of (slice, phase) frames; `more` are elements of the object itself."""
    ds = slices(1)[0]
    del ds.ImagePositionPatient, ds.ImageOrientationPatient, ds.PixelSpacing, ds.RescaleSlope, ds.RescaleIntercept
    ds.SOPClassUID, ds.NumberOfFrames = UID(kind), len(places)
    shared, measures, plane, value = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = [0.7, 0.8], "2"
    plane.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    value.RescaleIntercept, value.RescaleSlope, value.RescaleType = "-1024", "1", "HU"
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence = Items([measures]), Items([plane])
    shared.PixelValueTransformationSequence = Items([value])
    frames = []
    for k, phase in places:
        frame, place, content, echo = Dataset(), Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = [-5.0, -4.0, 2.0 * k]
        content.TemporalPositionIndex, content.DimensionIndexValues = phase + 1, [phase + 1, k + 1]
        echo.EffectiveEchoTime = 2.5 * (phase + 1)
        frame.PlanePositionSequence, frame.FrameContentSequence = Items([place]), Items([content])
        if kind == ENHANCED_MR:
            frame.MREchoSequence = Items([echo])
            del content.TemporalPositionIndex
        frames.append(frame)
    ds.SharedFunctionalGroupsSequence, ds.PerFrameFunctionalGroupsSequence = Items([shared]), Items(frames)
    ds.PixelData = b"".join(pixels(k, phase).tobytes() for k, phase in places)
    if kind == ENHANCED_MR:
        ds.Modality = "MR"
    for keyword, content_of in more.items():
        setattr(ds, keyword, content_of)
    return ds


def test_an_enhanced_mr_of_two_echoes_in_one_file_is_two_volumes(tmp_path: Path) -> None:
    places = [(k, phase) for k in range(4) for phase in range(2)]
    stacks = stacks_of(write(tmp_path, [enhanced(ENHANCED_MR, places)]))
    assert [(stack.kind, len(stack.images), stack.measurable) for stack in stacks] == [("multi-volume", 4, True)] * 2
    assert all(stack.split_by.startswith("echo time") for stack in stacks)


def test_a_legacy_converted_ct_lies_where_its_classic_twin_lies(tmp_path: Path) -> None:
    classic = load_series(write(tmp_path / "classic", slices(5)))
    converted = enhanced(LEGACY_CT, [(k, 0) for k in (3, 0, 4, 1, 2)])
    volume = load_series(write(tmp_path / "converted", [converted]))
    np.testing.assert_array_equal(volume.array, classic.array)
    assert volume.grid.slice_origins == classic.grid.slice_origins
    assert volume.unit == "HU"


def parts_of_three(*places: list[tuple[int, int]]) -> list[Dataset]:
    """The first parts of a concatenation of three, each with its (slice, phase) places."""
    return [
        enhanced(
            "1.2.840.10008.5.1.4.1.1.2.1",
            held,
            ConcatenationUID=UID("2.25.77"),
            InConcatenationNumber=number,
            InConcatenationTotalNumber=3,
            SOPInstanceUID=UID(seeded_uid("part", str(number))),
        )
        for number, held in enumerate(places, 1)
    ]


def test_a_concatenation_is_one_volume_whatever_the_order_of_its_parts(tmp_path: Path) -> None:
    whole = load_series(write(tmp_path / "classic", slices(7)))
    parts = parts_of_three([(0, 0), (1, 0), (2, 0)], [(3, 0), (4, 0)], [(5, 0), (6, 0)])
    volume = load_series(write(tmp_path / "parts", parts[::-1]))
    np.testing.assert_array_equal(volume.array, whole.array)
    assert volume.measurable


def test_a_concatenation_without_one_of_its_parts_is_not_a_whole_volume(tmp_path: Path) -> None:
    parts = parts_of_three([(0, 0), (1, 0), (2, 0)], [(3, 0), (4, 0)])
    (stack,) = stacks_of(write(tmp_path, parts))
    assert not stack.measurable
    assert "2 of 3 parts" in str(stack.why_not)


# --- values -----------------------------------------------------------------------------------------------


def test_pet_slices_of_differing_slopes_have_the_values_of_dcm2niix(tmp_path: Path) -> None:
    made = slices(6)
    for k, ds in enumerate(made):
        ds.SOPClassUID, ds.Modality, ds.Units = UID("1.2.840.10008.5.1.4.1.1.128"), "PT", "BQML"
        ds.RescaleSlope, ds.RescaleIntercept = f"{0.5 + 0.25 * k}", "0"
    folder = write(tmp_path / "in", made)
    ((array, affine),) = by_dcm2niix(folder, tmp_path / "out")
    agree(load_series(folder), array, affine)


@pytest.mark.parametrize(
    ("keyword", "value"), [("RescaleSlope", "0"), ("RescaleSlope", "NaN"), ("RescaleIntercept", "x")]
)
def test_a_rescale_that_is_no_number_leaves_the_file_out(tmp_path: Path, keyword: str, value: str) -> None:
    from pydicom import config
    from pydicom.dataelem import DataElement

    ds = ct_slice(0)
    tag = {"RescaleSlope": 0x00281053, "RescaleIntercept": 0x00281052}[keyword]
    ds[tag] = DataElement(tag, "LO", value, validation_mode=config.IGNORE)
    (file,) = write(tmp_path, [ds], syntax=UID("1.2.840.10008.1.2")).iterdir()
    (left_out,) = scan(file).left_out
    assert left_out.code == "corrupt"
    assert "mean nothing" in left_out.reason


@pytest.mark.parametrize("kind", ["none", "US", "Z_EFF"])
def test_a_ct_without_hounsfield_units_does_not_claim_them(tmp_path: Path, kind: str) -> None:
    made = slices(4)
    for ds in made:
        if kind == "none":
            del ds.RescaleIntercept, ds.RescaleSlope
        else:
            ds.RescaleType = kind
    assert load_series(write(tmp_path, made)).unit == "a.u."


@pytest.mark.parametrize("text", ["1_0", "0x10", "nan", "1e999", "١٢", "--1", ""])
def test_what_python_would_take_for_a_number_is_none_in_a_header(text: str) -> None:
    from storage.dicom.written_numbers import number

    assert number(text) is None
