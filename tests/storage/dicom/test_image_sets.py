"""Real images: geometry, voxels and outcome as `expected.json` of each set knows them."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from storage.dicom.load import Scan, chosen_stack, load_series, load_stack, scan
from storage.dicom.mask_folder import load_mask_folder
from storage.dicom.pixels import stored_values
from storage.dicom.stack import Stack
from storage.nifti import affine_ras, read_nifti, read_nifti_mask
from tests.build.image_sets import expected, image_set

SMALL = (
    "mr-ct-enhanced-multiframe",
    "seg-sr-liver",
    "dicomdir-folder",
    "ct-prior-current-slices",
    "series-to-refuse",
)
LARGE = ("ct-tilt-variable-spacing", "ct-lung-tumour-ibsi1", "ct-mr-pet-sarcoma", "ct-liver-tumours-ircadb17")
ALL = (
    *SMALL, *LARGE, "odd-files", "ct-transfer-syntaxes", "ct-lesions-deeplesion",
    "mr-longitudinal-glioblastoma", "mr-tumour-masks-pyradiomics",
)  # fmt: skip


def digest(stack: Stack) -> str:
    whole = hashlib.sha256()
    for image in stack.images:
        whole.update(stored_values(image).astype("<i4").tobytes())
    return whole.hexdigest()


def known(name: str) -> list[dict[str, Any]]:
    """Series of a set whose sorted voxels are known and which have one orientation."""
    return [
        entry
        for entry in expected(name)["series"]
        if "sha256_of_sorted_stored_int32" in entry and entry.get("orientations") == 1
    ]


def matching(found: Scan, entry: dict[str, Any]) -> Stack:
    """The stack with the voxels that are expected."""
    for stack in found.stacks:
        as_many = len(stack.images) in (entry["files"], entry.get("frames"))
        if as_many and digest(stack) == entry["sha256_of_sorted_stored_int32"]:
            return stack
    raise AssertionError(f"no stack with the voxels of {entry['folder']}")


def check_set(name: str) -> None:
    scans: dict[str, Scan] = {}
    for entry in known(name):
        folder = entry["folder"]
        if folder not in scans:
            scans[folder] = scan(image_set(name, folder))
        stack = matching(scans[folder], entry)
        assert stack.measurable is entry.get("regular", False), folder
        assert (stack.images[0].rows, stack.images[0].columns) == (entry["rows"], entry["columns"])
        assert stack.images[0].spacing_mm == pytest.approx(entry["pixel_spacing"], rel=1e-6)
        assert stack.grid is not None
        first = stack.grid.origins[0]
        assert first == pytest.approx(entry["first_position"], abs=1e-3) or len(stack.images) == 1
        steps: dict[float, int] = {}
        for step in np.round(np.diff([stack.grid.normal @ f.position for f in stack.images]), 3):
            steps[float(step) + 0.0] = steps.get(float(step) + 0.0, 0) + 1
        for written, times in entry.get("step_along_normal_mm", {}).items():
            close = sum(count for step, count in steps.items() if abs(step - float(written)) < 2e-3)
            assert close == times, (folder, steps)


@pytest.mark.parametrize("name", SMALL)
def test_stacks_have_the_geometry_and_the_voxels_that_are_known(name: str) -> None:
    check_set(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", LARGE)
def test_whole_series_have_the_geometry_and_the_voxels_that_are_known(name: str) -> None:
    check_set(name)


@pytest.mark.parametrize("name", ALL)
def test_every_file_of_a_set_is_in_a_stack_or_left_out_with_a_reason(name: str) -> None:
    folder = image_set(name)
    found = scan(folder)
    used = {image.path for stack in found.stacks for image in stack.images}
    reasons = {one.path: one.reason for one in found.left_out}
    for file in folder.rglob("*"):
        if file.is_file():
            assert str(file) in used or reasons.get(str(file)), file
    for stack in found.stacks:
        assert stack.measurable or stack.why_not


@pytest.mark.parametrize(
    ("part", "codes"),
    [
        ("notavolume", {"duplicate-position"}),
        ("slicecount", {"single-slice"}),
        ("sliceincrement", {"gap", "gantry-tilt"}),
        ("sliceorientation", {"mixed-orientation"}),
    ],
)
def test_series_to_refuse_are_refused_for_the_right_reason(part: str, codes: set[str]) -> None:
    (stack,) = scan(image_set("series-to-refuse", part)).stacks
    assert not stack.measurable
    assert codes <= {defect.code for defect in stack.defects}


def test_tilt_and_uneven_distances_are_both_found_in_one_series() -> None:
    (stack,) = scan(image_set("ct-tilt-variable-spacing", "In")).stacks
    assert {defect.code for defect in stack.defects} == {"irregular-spacing", "gantry-tilt"}
    assert "18.5 degrees" in str(stack.why_not)
    assert stack.in_plane_measurable


ODD = {
    "fo-dicom/FreezePattern.dcm": "colour",
    "fo-dicom/GH178.dcm": "no pixel data",
    "fo-dicom/GH223.dcm": "no pixel data",
    "fo-dicom/GH177_D_CLUNIE_CT1_IVRLE_BigEndian_undefined_length.dcm": "damaged",
    "fo-dicom/DICOMDIR": "directory",
    "pydicom/MR_truncated.dcm": "8130 of 8192",
    "pydicom/badVR.dcm": "RTDOSE",
    "pydicom/meta_missing_tsyntax.dcm": "no transfer syntax",
    "pydicom/rtdose.dcm": "RTDOSE",
    "pydicom/rtstruct.dcm": "RTSTRUCT",
    "pydicom/test-SR.dcm": "structured report",
    "pydicom/SC_rgb_small_odd.dcm": "colour",
    "pydicom/liver_1frame.dcm": "SEG",
}
OPEN = {
    "fo-dicom/IM-0001-0001-0001.dcm": (0, 2480),
    "fo-dicom/D_CLUNIE_CT1_RLE_FRAGS.dcm": (-2000, 2278),
    "pydicom/CT_small.dcm": (128, 2191),
    "pydicom/MR_small_padded.dcm": (127, 2145),
}


def test_odd_files_are_opened_right_or_left_out_for_the_right_reason() -> None:
    folder = image_set("odd-files")
    found = scan(folder)
    reasons = {str(Path(one.path).relative_to(folder)): one.reason for one in found.left_out}
    for name, words in ODD.items():
        assert words in reasons[name]
    images = {str(Path(f.path).relative_to(folder)): (f, s) for s in found.stacks for f in s.images}
    for name, (lowest, highest) in OPEN.items():
        stored = stored_values(images[name][0])
        assert (stored.min(), stored.max()) == (lowest, highest)
        assert images[name][1].in_plane_measurable
    for name in ("fo-dicom/CT-MONO2-16-ankle", "pydicom/image_dfl.dcm"):
        assert not images[name][1].in_plane_measurable


def test_transfer_syntax_twins_have_the_values_of_the_uncompressed_slice() -> None:
    folder = image_set("ct-transfer-syntaxes")
    known_differences = {"4.91": 5, "4.81": 1, "4.55": 35.63, "4.50": 64.22, "4.51": 35.63, "4.53": 35.63}
    reference = load_series(folder / "CTImage.dcm").array.astype(float)
    assert (reference.min(), reference.max()) == (-3024, 1378)
    twins = sorted(folder.glob("CTImage.dcm_*.dcm"))
    assert len(twins) == 15
    for twin in twins:
        volume = load_series(twin)
        most = next((mm for end, mm in known_differences.items() if f"1.2.{end}.dcm" in twin.name), 0)
        assert np.abs(volume.array - reference).max() == pytest.approx(most, abs=0.01), twin.name
        assert ("lossy" in {d.code for d in volume.defects}) is (most > 0), twin.name


def test_sixteen_forms_of_one_slice_are_not_sixteen_slices() -> None:
    stacks = [s for s in scan(image_set("ct-transfer-syntaxes")).stacks if s.images[0].frames == 1]
    assert len(stacks) == 1
    assert not stacks[0].measurable


def test_a_multi_frame_file_and_its_single_files_give_equal_volumes() -> None:
    folder = image_set("mr-ct-enhanced-multiframe", "ct-24x38x3")
    single, multi = load_series(folder / "image"), load_series(folder / "multiframe")
    np.testing.assert_array_equal(single.array, multi.array)
    np.testing.assert_allclose(single.grid.origins, multi.grid.origins)


def test_per_frame_rescale_gives_the_values_of_the_twin() -> None:
    folder = image_set("mr-ct-enhanced-multiframe", "philips_enhanced", "anatomical", "001")
    volume = load_series(folder)
    assert volume.array.dtype == np.float32
    assert volume.array.max() == pytest.approx(1081.7, abs=0.1)


@pytest.mark.parametrize("kind", ["CT", "MR_T1", "PET"])
def test_values_and_place_are_those_of_the_nifti_twin(kind: str) -> None:
    series = image_set("ct-mr-pet-sarcoma", "dicom", "STS_003", kind, "image")
    twin = image_set("ct-mr-pet-sarcoma", "nifti", "STS_003", f"{kind}_image.nii.gz")
    volume = load_stack(chosen_stack(scan(series)))
    values, affine = read_nifti(twin)
    way = np.linalg.inv(affine_ras(volume.grid)) @ affine
    for axis in range(3):  # the twin may run the other way
        if way[axis, axis] < 0:
            values = np.flip(values, 2 - axis)
    assert np.abs(np.abs(np.diag(way))[:3] - 1).max() < 1e-3
    np.testing.assert_allclose(volume.array, values, atol=1e-2, rtol=1e-5)
    mask = read_nifti_mask(twin.with_name(f"{kind}_mask.nii.gz"), volume)
    assert int(mask.sum()) == expected("ct-mr-pet-sarcoma")["masks"][f"STS_003 {kind}"]["voxels"]


def test_a_mask_folder_lands_on_the_slices_of_its_series() -> None:
    folder = image_set("ct-liver-tumours-ircadb17")
    volume = load_series(folder / "PATIENT_DICOM")
    mask = load_mask_folder(folder / "MASKS_DICOM" / "livertumor1", volume)
    assert int(mask.sum()) == expected("ct-liver-tumours-ircadb17")["masks"]["livertumor1"]["voxels"]


def test_two_visits_of_a_patient_keep_their_spacings_apart() -> None:
    stacks = scan(image_set("ct-prior-current-slices", "A027284", "axial")).stacks
    spacings = sorted(s.images[0].spacing_mm[0] for s in stacks if s.images[0].spacing_mm)
    assert spacings == pytest.approx([0.878906, 0.9375], abs=1e-4)
    assert not any(stack.measurable for stack in stacks)
