"""What is written as truth is what stands in the pixels."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.measure import find_contours

from measure.geometry import distance_mm
from measure.phantom import Subject, demo_cast, lesion_truths, render, true_match, truth_mask
from measure.phantom.anatomy import Anatomy, build_anatomy
from measure.phantom.lesions import FINE, Shape, axes_of
from measure.phantom.motion import Motion, matching_point
from measure.phantom.scanner import sampled_anatomy
from measure.phantom.truth import Section


def subject_of(number: str) -> Subject:
    return next(subject for subject in demo_cast() if subject.number == number)


@pytest.fixture(scope="module")
def mixed_anatomy() -> Anatomy:
    subject = subject_of("04-001")
    return build_anatomy(subject.habitus, subject.modality)


@pytest.mark.parametrize("visit", ["BL", "W8", "W16"])
def test_diameters_on_noise_free_pixels_are_the_true_ones(mixed_anatomy: Anatomy, visit: str) -> None:
    subject = subject_of("04-001")
    timepoint = subject.timepoint(visit)
    grid = timepoint.grid
    half_way = {"liver": 86.0, "lung": -410.0, "lymph-node": 0.0}
    for truth in lesion_truths(subject, timepoint):
        for section in truth.sections:
            k = section.slice
            volume = render(subject, timepoint, slices=range(k, k + 1), noise=0, anatomy=mixed_anatomy)
            contour = contour_around(volume.array[k], grid.to_index(section.centre), half_way[truth.organ])
            axes = axes_of(contour[:, ::-1] * np.asarray(grid.spacing_mm))
            if truth.nodal:
                assert axes.short_mm == pytest.approx(section.short_axis_mm, abs=1.0)
            else:
                assert axes.long_mm == pytest.approx(section.long_axis_mm, abs=0.8)


def contour_around(picture: np.ndarray, centre: np.ndarray, level: float) -> np.ndarray:
    """The closed contour at the level round the centre, found from half to one and a half times outwards."""
    column, row = round(float(centre[0])), round(float(centre[1]))
    reach = 44
    part = picture[row - reach : row + reach, column - reach : column + reach].astype(float)
    middle = np.array([reach, reach])
    around = []
    for contour in find_contours(part, level):
        closed = np.allclose(contour[0], contour[-1])
        turn = np.unwrap(np.arctan2(*(contour - middle).T))
        if closed and abs(turn[-1] - turn[0]) > 6:
            around.append(contour)
    assert around, "no closed contour round the lesion's centre"
    return max(around, key=len)


def test_axes_are_drawn_between_their_end_points_on_the_slice() -> None:
    for subject in demo_cast():
        for timepoint in subject.timepoints:
            for section in sections(subject, timepoint.visit):
                assert distance_mm(*section.long_ends) == pytest.approx(section.long_axis_mm, abs=1e-6)
                assert distance_mm(*section.short_ends) == pytest.approx(section.short_axis_mm, abs=1e-6)
                long, short = (np.subtract(*ends) for ends in (section.long_ends, section.short_ends))
                assert abs(float(np.dot(long, short))) < 1e-6 * section.long_axis_mm * section.short_axis_mm + 1e-6
                assert all(
                    timepoint.grid.nearest_slice(end) == section.slice
                    for end in (*section.long_ends, *section.short_ends)
                )


def test_every_lesion_lies_whole_within_the_stack() -> None:
    for subject in demo_cast():
        for timepoint in subject.timepoints:
            for truth in lesion_truths(subject, timepoint):
                if truth.sections:
                    mask = truth_mask(subject, timepoint, truth.label)
                    assert mask.any()
                    assert not mask[0].any(), (subject.number, timepoint.visit, truth.label)
                    assert not mask[-1].any(), (subject.number, timepoint.visit, truth.label)


def test_volume_of_the_mask_is_the_true_volume() -> None:
    subject = subject_of("02-003")
    timepoint = subject.timepoint("W24")
    for truth in lesion_truths(subject, timepoint):
        counted = truth_mask(subject, timepoint, truth.label).sum() * timepoint.grid.voxel_ml
        assert counted == pytest.approx(sum(section.volume_ml for section in truth.sections), rel=0.06)


def sections(subject: Subject, visit: str) -> list[Section]:
    return [s for truth in lesion_truths(subject, subject.timepoint(visit)) for s in truth.sections]


@given(ratio=st.floats(0.6, 1.0), turn=st.floats(0, 3.1))
def test_axes_of_an_ellipse_are_its_axes(ratio: float, turn: float) -> None:
    angle = np.arange(FINE) * (2 * np.pi / FINE)
    u, v = 10 * np.cos(angle), 10 * ratio * np.sin(angle)
    curve = np.stack([u * np.cos(turn) - v * np.sin(turn), u * np.sin(turn) + v * np.cos(turn)], axis=1)
    axes = axes_of(curve)
    assert axes.long_mm == pytest.approx(20, abs=0.02)
    assert axes.short_mm == pytest.approx(20 * ratio, abs=0.05)


def test_outlines_of_lesions_are_rough_but_never_cross_themselves() -> None:
    for seed in range(12):
        radii = Shape(seed=seed, roughness=0.06).unit()
        assert radii.min() > 0.5
        assert np.abs(np.diff(radii)).max() < 0.02


@given(
    x=st.floats(-130, 130), y=st.floats(-80, 100), z=st.floats(-70, 70),
    breath=st.floats(-8, 8), posture=st.floats(0, 2), phase=st.floats(0, 6.3),
)  # fmt: skip
def test_the_way_back_from_the_scanner_is_exact(
    x: float, y: float, z: float, breath: float, posture: float, phase: float
) -> None:
    motion = Motion((0.97, 1.02, 1.0), (5.0, -3.0, 31.0), breath, posture, phase)
    back = motion.to_rest(motion.to_scanner((x, y, z)))
    assert back == pytest.approx((x, y, z), abs=1e-3)
    assert matching_point(motion.to_scanner((x, y, z)), motion, Motion()) == pytest.approx((x, y, z), abs=1e-3)


def test_breathing_moves_the_liver_down_and_leaves_the_spine() -> None:
    still, breathing = Motion(), Motion(breath=6.0)
    liver = matching_point((-70.0, -20.0, 20.0), still, breathing)
    spine = matching_point((0.0, 70.0, 20.0), still, breathing)
    assert -6.0 < liver[2] - 20.0 < -4.5
    assert abs(spine[2] - 20.0) < 0.4


def test_a_lesions_centre_is_where_the_breathing_shift_says() -> None:
    for subject in demo_cast():
        visits = [timepoint.visit for timepoint in subject.timepoints]
        for visit in visits[1:]:
            before = {t.label: t.place for t in lesion_truths(subject, subject.timepoint("BL"))}
            after = {t.label: t.place for t in lesion_truths(subject, subject.timepoint(visit))}
            for label, place in before.items():
                assert true_match(subject, "BL", visit, place) == pytest.approx(after[label], abs=1e-3)


def test_organs_have_the_densities_of_a_portal_venous_ct(mixed_anatomy: Anatomy) -> None:
    timepoint = subject_of("04-001").timepoints[0]
    at = {
        "liver": ((-105.0, -5.0, 20.0), 108, 8), "spleen": ((104.0, 40.0, 20.0), 126, 8),
        "aorta": ((9.0, 31.0, 20.0), 166, 6), "cava": ((-25.0, 22.0, 4.0), 150, 10),
        "fat": ((0.0, -104.0, 0.0), -102, 20), "muscle": ((40.0, 92.0, 20.0), 56, 24),
        "lung": ((-112.0, 20.0, 66.0), -862, 40), "cord": ((0.0, 81.5, 20.0), 42, 12),
    }  # fmt: skip
    for organ, (place, value, within) in at.items():
        index = timepoint.grid.to_index(timepoint.motion.to_scanner(place))
        k = round(float(index[2]))
        picture = sampled_anatomy(mixed_anatomy, timepoint.grid, timepoint.motion, k)
        column, row = round(float(index[0])), round(float(index[1]))
        mean = float(picture[row - 2 : row + 3, column - 2 : column + 3].mean())
        assert mean == pytest.approx(value, abs=within), organ


def test_the_same_subject_gives_the_same_bytes(mixed_anatomy: Anatomy) -> None:
    subject = subject_of("04-001")
    first, again = (
        render(subject, subject.timepoints[1], slices=range(20, 23), anatomy=mixed_anatomy) for _ in range(2)
    )
    assert first.array.tobytes() == again.array.tobytes()
    assert first.array.dtype == np.int16


def test_noise_lies_in_the_body_and_not_in_the_air_outside(mixed_anatomy: Anatomy) -> None:
    subject = subject_of("04-001")
    timepoint = subject.timepoints[0]
    noisy, clean = (
        render(subject, timepoint, slices=range(30, 31), noise=noise, anatomy=mixed_anatomy).array[30].astype(float)
        for noise in (None, 0)
    )
    column, row = (round(float(v)) for v in timepoint.grid.to_index(timepoint.motion.to_scanner((-80, 0, 0)))[:2])
    box = (slice(row - 15, row + 15), slice(column - 15, column + 15))
    assert 8 < (noisy - clean)[box].std() < 13
    assert (noisy - clean)[:20].std() == 0


def test_progress_is_told_and_a_cancel_ends_the_work(mixed_anatomy: Anatomy) -> None:
    class Cancelled(Exception):  # noqa: N818 -- what a caller raises to stop
        pass

    told: list[float] = []

    def report(share: float) -> None:
        told.append(share)
        if len(told) == 2:
            raise Cancelled

    subject = subject_of("04-001")
    with pytest.raises(Cancelled):
        render(subject, subject.timepoints[0], report, slices=range(20, 26), anatomy=mixed_anatomy)
    assert told == pytest.approx([1 / 6, 2 / 6])


@pytest.mark.slow
def test_the_anatomy_of_a_subject_is_always_the_same(mixed_anatomy: Anatomy) -> None:
    subject = subject_of("04-001")
    assert np.array_equal(build_anatomy(subject.habitus, subject.modality).values, mixed_anatomy.values)
