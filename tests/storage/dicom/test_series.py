"""Assembly: what lies in a folder becomes ordered stacks, with everything wrong named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import UID

from measure.refusal import Refused
from storage.dicom import load
from storage.dicom.facts import ImageFacts
from storage.dicom.header import read_images
from storage.dicom.load import load_series, load_stack, scan
from storage.dicom.series import assemble
from storage.dicom.stack import Stack
from storage.dicom.write import seeded_uid
from tests.build.dicom import SECONDARY_CAPTURE, ct_series, ct_slice, enhanced_ct, pixels_of, write


def only(folder: Path) -> Stack:
    stacks = scan(folder).stacks
    assert len(stacks) == 1
    return stacks[0]


def codes(stack: Stack) -> set[str]:
    return {defect.code for defect in stack.defects}


def facts(count: int, tmp_path: Path) -> list[ImageFacts]:
    write(tmp_path, ct_series(count))
    return [image for stack in scan(tmp_path).stacks for image in stack.images]


def test_slices_are_sorted_by_position_and_not_by_name_or_number(tmp_path: Path) -> None:
    def backwards(ds: Dataset, k: int) -> None:
        ds.InstanceNumber = 99 - k

    volume = load_series(write(tmp_path, ct_series(7, backwards)))
    assert volume.measurable
    assert volume.array.dtype == np.int16
    assert volume.grid.positions_mm.tolist() == [0, 2, 4, 6, 8, 10, 12]
    for k in range(7):
        np.testing.assert_array_equal(volume.array[k], pixels_of(k) - 1024)


def test_distance_comes_from_positions_and_never_from_slice_thickness(tmp_path: Path) -> None:
    stack = only(write(tmp_path, ct_series(4, spacing=1.25)))
    assert stack.slice_mm == pytest.approx(1.25)
    assert stack.images[0].thickness_mm == 5


def test_a_missing_slice_is_named_by_its_neighbours(tmp_path: Path) -> None:
    made = ct_series(8)
    del made[3]
    stack = only(write(tmp_path, made))
    assert codes(stack) == {"gap"}
    assert not stack.measurable
    assert stack.in_plane_measurable
    assert stack.missing_after == (2,)
    assert "1 between slices 4 and 5 (counted from the head)" in str(stack.why_not)
    assert stack.slice_mm == pytest.approx(2.0)


def test_uneven_distances_are_refused_with_the_distances(tmp_path: Path) -> None:
    made = [ct_slice(k, z=z) for k, z in enumerate((0.0, 2.0, 4.0, 6.9, 9.0, 11.0))]
    stack = only(write(tmp_path, made))
    assert codes(stack) == {"irregular-spacing"}
    assert "2.9 mm (1 times)" in str(stack.why_not)
    assert stack.slice_mm is None


@pytest.mark.parametrize(("off_percent", "measurable"), [(1.5, True), (2.6, False)])
def test_distances_equal_within_two_percent_are_even(tmp_path: Path, off_percent: float, measurable: bool) -> None:
    places = [0.0, 5.0, 10.0, 15.0 + 5.0 * off_percent / 100, 20.0 + 5.0 * off_percent / 100]
    stack = only(write(tmp_path, [ct_slice(k, z=z) for k, z in enumerate(places)]))
    assert stack.measurable is measurable


@pytest.mark.parametrize(("degrees", "measurable"), [(0.3, True), (0.7, False), (15.0, False)])
def test_a_leaning_stack_is_gantry_tilt_from_half_a_degree(tmp_path: Path, degrees: float, measurable: bool) -> None:
    def lean(ds: Dataset, k: int) -> None:
        ds.ImagePositionPatient = [-5.0, -4.0 + 2.0 * k * np.tan(np.radians(degrees)), 2.0 * k]

    stack = only(write(tmp_path, ct_series(5, lean)))
    assert stack.measurable is measurable
    assert ("gantry-tilt" in codes(stack)) is not measurable


def test_another_image_at_the_same_position_is_refused(tmp_path: Path) -> None:
    made = [*ct_series(5), ct_slice(2, uid="1.2.3")]
    made[-1].PixelData = pixels_of(9).tobytes()
    stack = only(write(tmp_path, made))
    assert "duplicate-position" in codes(stack)
    assert not stack.measurable


def test_the_same_image_sent_twice_is_kept_once_and_named(tmp_path: Path) -> None:
    found = scan(write(tmp_path, [*ct_series(5), ct_slice(2), ct_slice(3, uid="1.2.3")]))
    assert [len(stack.images) for stack in found.stacks] == [5]
    assert found.stacks[0].measurable
    assert sorted(one.code for one in found.left_out) == ["duplicate", "duplicate"]


def test_one_uid_with_two_contents_is_refused(tmp_path: Path) -> None:
    made = [*ct_series(5), ct_slice(2)]
    made[-1].PixelData = pixels_of(9).tobytes()
    stack = only(write(tmp_path, made))
    assert "duplicate-position" in codes(stack)
    assert "instance UID" in str(stack.why_not)


def test_two_orientations_without_a_main_stack_are_refused(tmp_path: Path) -> None:
    def turn(ds: Dataset, k: int) -> None:
        if k >= 2:
            ds.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]

    stack = only(write(tmp_path, ct_series(4, turn)))
    assert codes(stack) == {"mixed-orientation"}
    assert not stack.measurable


def test_a_localizer_in_the_series_is_set_apart(tmp_path: Path) -> None:
    scout = ct_slice(0, uid="1.2.3")
    scout.ImageType = ["ORIGINAL", "PRIMARY", "LOCALIZER"]
    scout.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]
    main, apart = scan(write(tmp_path, [scout, *ct_series(6)])).stacks
    assert (main.kind, main.measurable, len(main.images)) == ("volume", True, 6)
    assert (apart.kind, apart.measurable) == ("localizer", False)


@pytest.mark.parametrize(
    ("code", "keyword", "value"),
    [
        ("mixed-frame-of-reference", "FrameOfReferenceUID", UID("1.2.9")),
        ("mixed-size", "PixelSpacing", [0.9, 0.9]),
        ("missing-spacing", "PixelSpacing", None),
        ("missing-position", "ImageOrientationPatient", None),
    ],
)
def test_one_slice_of_another_kind_makes_the_series_unmeasurable(
    tmp_path: Path, code: str, keyword: str, value: object
) -> None:
    def change(ds: Dataset, k: int) -> None:
        if k == 5:
            setattr(ds, keyword, value)

    stacks = scan(write(tmp_path, ct_series(6, change))).stacks
    assert code in {c for stack in stacks for c in codes(stack)}
    assert not any(stack.measurable for stack in stacks)


def test_a_slice_of_another_size_makes_the_series_unmeasurable(tmp_path: Path) -> None:
    stacks = scan(write(tmp_path, [*ct_series(6), ct_slice(6, rows=4)])).stacks
    assert all("mixed-size" in codes(stack) and not stack.measurable for stack in stacks)
    assert sum(len(stack.images) for stack in stacks) == 7


def test_without_pixel_spacing_there_are_no_millimetres_not_from_the_detector_either(tmp_path: Path) -> None:
    def change(ds: Dataset, _: int) -> None:
        del ds.PixelSpacing
        ds.ImagerPixelSpacing = [0.5, 0.5]

    stack = only(write(tmp_path, ct_series(4, change)))
    assert {"missing-spacing", "imager-spacing-only"} <= codes(stack)
    assert not stack.measurable
    assert not stack.in_plane_measurable


def test_without_positions_there_is_no_volume_but_lengths_in_the_slice(tmp_path: Path) -> None:
    def change(ds: Dataset, _: int) -> None:
        del ds.ImagePositionPatient

    stack = only(write(tmp_path, ct_series(4, change)))
    assert codes(stack) == {"missing-position"}
    assert (stack.measurable, stack.in_plane_measurable, stack.grid) == (False, True, None)
    assert not load_stack(stack).measurable


@pytest.mark.parametrize("count", [1, 2])
def test_one_or_two_slices_are_no_volume(tmp_path: Path, count: int) -> None:
    stack = only(write(tmp_path, ct_series(count)))
    assert codes(stack) == {"single-slice"}
    assert (stack.kind, stack.measurable, stack.in_plane_measurable) == ("single", False, True)


def test_two_phases_told_apart_by_acquisition_number_are_two_volumes(tmp_path: Path) -> None:
    def second(ds: Dataset, k: int) -> None:
        ds.AcquisitionNumber = 2
        ds.SOPInstanceUID = UID(seeded_uid("second", str(k)))
        ds.PixelData = (pixels_of(k) + 7).tobytes()

    stacks = scan(write(tmp_path, ct_series(5) + ct_series(5, second))).stacks
    assert [(s.kind, len(s.images), s.measurable) for s in stacks] == [("multi-volume", 5, True)] * 2
    assert {s.split_by for s in stacks} == {"acquisition number 1", "acquisition number 2"}
    with pytest.raises(Refused, match="2 series found"):
        load_series(tmp_path)
    assert load_series(tmp_path, f"{stacks[1].series_uid}#2").array[0, 0, 0] in (-1024, -1017)


def test_phases_told_apart_by_number_alone_are_dealt_and_wait_for_a_decision(tmp_path: Path) -> None:
    def second(ds: Dataset, k: int) -> None:
        ds.InstanceNumber = 100 + k
        ds.SOPInstanceUID = UID(seeded_uid("second", str(k)))
        ds.PixelData = (pixels_of(k) + 7).tobytes()

    stacks = scan(write(tmp_path, ct_series(5) + ct_series(5, second))).stacks
    assert [len(s.images) for s in stacks] == [5, 5]
    assert all("inferred" in s.split_by and not s.measurable for s in stacks)
    passes = {s.split_by: load_stack(s).array[0, 0, 0] for s in stacks}
    assert passes == {"pass 1 (inferred)": -1024, "pass 2 (inferred)": -1017}


def test_patients_are_never_mixed_into_one_series(tmp_path: Path) -> None:
    def other(ds: Dataset, k: int) -> None:
        ds.PatientID = "TP-2"
        ds.SOPInstanceUID = UID(seeded_uid("other", str(k)))

    assert len(scan(write(tmp_path, ct_series(4) + ct_series(4, other))).stacks) == 2


def test_frames_of_a_multi_frame_file_are_sorted_and_rescaled_each_for_itself(tmp_path: Path) -> None:
    volume = load_series(write(tmp_path, [enhanced_ct(5, order=[3, 0, 4, 1, 2])]))
    assert volume.measurable
    assert volume.grid.spacing_mm == (0.8, 0.7)
    for k in range(5):
        expected = pixels_of(k).astype(int) * (1 + k % 2) - 1024
        np.testing.assert_array_equal(volume.array[k], expected)


def test_one_frame_with_sequences_of_undefined_length_has_its_position(tmp_path: Path) -> None:
    ds = enhanced_ct(1)
    for keyword in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        ds[keyword].is_undefined_length = True
    (stack,) = scan(write(tmp_path, [ds])).stacks
    assert stack.images[0].position == (-5.0, -4.0, 0.0)
    assert stack.images[0].spacing_mm == (0.7, 0.8)


def test_more_frames_than_the_header_says_are_not_cut_off_silently(tmp_path: Path) -> None:
    ds = ct_slice(0)
    ds.PixelData = ds.PixelData * 3
    (left_out,) = scan(write(tmp_path, [ds])).left_out
    assert "holds 3 frames, the header says 1" in left_out.reason


def test_values_behind_a_modality_lut_are_not_shown_without_it(tmp_path: Path) -> None:
    ds = ct_slice(0)
    del ds.RescaleSlope
    lut = Dataset()
    lut.LUTDescriptor, lut.ModalityLUTType = [2, 0, 16], "HU"
    ds.ModalityLUTSequence = [lut]
    (left_out,) = scan(write(tmp_path, [ds])).left_out
    assert "Modality LUT" in left_out.reason


def test_a_dynamic_series_in_one_file_is_taken_apart_by_its_temporal_index(tmp_path: Path) -> None:
    ds = enhanced_ct(8, order=[0, 1, 2, 3, 0, 1, 2, 3])
    for turn, frame in enumerate(ds.PerFrameFunctionalGroupsSequence):
        content = Dataset()
        content.TemporalPositionIndex = 1 + turn // 4
        frame.FrameContentSequence = [content]
    ds.PixelData = b"".join((pixels_of(k % 4) + 3 * (k // 4)).tobytes() for k in range(8))
    stacks = scan(write(tmp_path, [ds])).stacks
    assert [(s.kind, len(s.images), s.measurable) for s in stacks] == [("multi-volume", 4, True)] * 2
    assert [load_stack(s).array[0, 0, 0] for s in stacks] == [-1024, -1021]


def test_a_truncated_file_is_left_out_and_its_series_not_measurable(tmp_path: Path) -> None:
    write(tmp_path, ct_series(6))
    victim = sorted(tmp_path.iterdir())[-1]
    victim.write_bytes(victim.read_bytes()[:-20])
    found = scan(tmp_path)
    assert [(Path(one.path), one.code) for one in found.left_out] == [(victim, "truncated")]
    assert "truncated" in codes(found.stacks[0])
    assert not found.stacks[0].measurable


def test_a_secondary_capture_is_never_measured(tmp_path: Path) -> None:
    def capture(ds: Dataset, _: int) -> None:
        ds.SOPClassUID = UID(SECONDARY_CAPTURE)

    stack = only(write(tmp_path, ct_series(4, capture)))
    assert (stack.measurable, stack.in_plane_measurable) == (False, False)


def test_numbers_written_oddly_are_understood(tmp_path: Path) -> None:
    write(tmp_path, ct_series(1))
    file = next(tmp_path.iterdir())
    content = file.read_bytes()
    at = content.index(b"0.7\\0.8 ")
    file.write_bytes(content[:at] + b"0,7\\0.8\0" + content[at + 8 :])
    found = read_images(file)
    assert isinstance(found, tuple)
    assert found[0].spacing_mm == (0.7, 0.8)


def test_what_is_not_dicom_is_left_out_with_a_reason(tmp_path: Path) -> None:
    (tmp_path / "readme.txt").write_text("not an image")
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "garbage.dcm").write_bytes(b"\0" * 128 + b"DICM" + bytes(range(256)) * 4)
    found = scan(tmp_path)
    assert not found.stacks
    assert len(found.left_out) == 3
    assert all(one.reason for one in found.left_out)


def test_a_link_does_not_lead_out_of_the_folder(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside", ct_series(1))
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.dcm").symlink_to(next(outside.iterdir()))
    assert not scan(inside).stacks


def test_cancelling_a_scan_is_an_exception_from_its_report(tmp_path: Path) -> None:
    def report(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scan(write(tmp_path, ct_series(3)), report)


@pytest.fixture(scope="module")
def twenty(tmp_path_factory: pytest.TempPathFactory) -> list[ImageFacts]:
    return facts(20, tmp_path_factory.mktemp("twenty"))


@settings(max_examples=60, deadline=None)
@given(order=st.permutations(range(20)))
def test_any_order_of_files_gives_the_same_stack(twenty: list[ImageFacts], order: list[int]) -> None:
    assert assemble([twenty[k] for k in order]) == assemble(twenty)


@settings(max_examples=80, deadline=None)
@given(kept=st.sets(st.integers(0, 19), min_size=3))
def test_a_thinned_stack_is_measurable_only_when_its_distances_are_equal(
    twenty: list[ImageFacts], kept: set[int]
) -> None:
    (stack,) = assemble([twenty[k] for k in kept])
    steps = np.diff(sorted(kept))
    assert stack.measurable is bool((steps == steps[0]).all())
    for k in stack.missing_after:
        assert steps[k] >= 2


@settings(max_examples=40, deadline=None)
@given(angles=st.tuples(*[st.floats(-3.1, 3.1)] * 3), spacing=st.floats(0.3, 12), flip=st.booleans())
def test_oblique_stacks_are_as_even_as_axial_ones(
    twenty: list[ImageFacts], angles: tuple[float, float, float], spacing: float, flip: bool
) -> None:
    from scipy.spatial.transform import Rotation

    turn = Rotation.from_euler("xyz", angles).as_matrix()
    row, column, normal = turn[:, 0], turn[:, 1], turn[:, 2] * (-1 if flip else 1)
    turned = [
        replace(one, row_axis=tuple(row), column_axis=tuple(column), position=tuple(k * spacing * normal + 100))
        for k, one in enumerate(twenty)
    ]
    (stack,) = assemble(turned)
    assert stack.measurable
    assert stack.grid is not None
    np.testing.assert_allclose(np.diff(stack.grid.positions_mm), spacing, atol=1e-9)


@pytest.mark.parametrize("axes", [[1, 0, 0, 0, 1, 0], [-1, 0, 0, 0, 1, 0], [0, 1, 0, 0, 0, -1], [1, 0, 0, 0, 0, -1]])
def test_defects_call_slices_as_the_viewer_numbers_them(tmp_path: Path, axes: list[int]) -> None:
    from storage.dicom.slice_names import SliceNames
    from viewer.slice_geometry import SliceOrder

    def turn(ds: Dataset, k: int) -> None:
        normal = np.cross(axes[:3], axes[3:])
        ds.ImageOrientationPatient, ds.ImagePositionPatient = axes, [float(v) for v in 2.0 * k * normal]

    stack = only(write(tmp_path, ct_series(6, turn)))
    order, names = SliceOrder.of(load_stack(stack).grid), SliceNames.of(stack.images, placed=True)
    assert [names.number(k) for k in range(6)] == [order.number(k) for k in range(6)]
    unplaced = SliceNames.of(stack.images, placed=False)
    assert unplaced.from_last is SliceOrder.of(load._unplaced_grid(stack.images)).from_last
