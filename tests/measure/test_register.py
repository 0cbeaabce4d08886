"""The same place found again in a moved, warped or foreign scan."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from measure.geometry import Floats, Grid
from measure.pyramid import pyramid_of
from measure.register import find_again, proposal_quality, quality_of, register_rigid
from measure.volume import Volume
from tests.build.masks import rotation, voxel_centres

GRID = Grid.regular((110, 90, 44), (3.0, 3.0, 5.0), (-163.5, -133.5, -107.5))
BLOBS = np.random.default_rng(12).uniform([-90, -60, -90], [90, 60, 90], (40, 3))
SIZES = np.random.default_rng(13).uniform(8, 22, 40)
VALUES = np.random.default_rng(14).choice([-90, 20, 60, 150, 220], 40)
BODY_CENTRE = np.array([4.0, -3.0, 0.0])


def seen_at(place: Floats, seed: int) -> Volume:
    """A made trunk with organs, seen where `place` (LPS mm of the patient) says each voxel lies."""
    array = np.full(place.shape[:-1], -1000.0)
    body = np.linalg.norm((place - BODY_CENTRE)[..., :2] / [130, 100], axis=-1) < 1
    array[body] = 40
    for centre, size, value in zip(BLOBS, SIZES, VALUES, strict=True):
        array[np.linalg.norm(place - centre, axis=-1) < size] = value
    array += np.random.default_rng(seed).normal(0, 10, array.shape)
    return Volume(array.astype(np.int16), GRID)


STILL = seen_at(voxel_centres(GRID), 1)
TURN = rotation(4, (0.2, 0.4, 1.0))
SHIFT = np.array([11.0, -8.0, 14.0])


def moved(points: Floats) -> Floats:
    """Where a patient point lies in the second scan."""
    return np.asarray(points @ TURN.T + SHIFT)


def bent_back(points: Floats) -> Floats:
    """Which patient point lies at a place of the second scan, breathing included."""
    rigid = (points - SHIFT) @ TURN
    breath = 6.0 * np.exp(-(((rigid[..., 1] + 20) / 60) ** 2))
    return np.asarray(rigid + np.stack([0 * breath, 0 * breath, breath], axis=-1))


MOVED = seen_at((voxel_centres(GRID) - SHIFT) @ TURN, 2)


def test_a_known_rigid_move_is_recovered_within_2_mm_and_a_half() -> None:
    found = register_rigid(STILL, MOVED)
    points = BLOBS[(np.abs(BLOBS) < 60).all(axis=1)]
    errors = [np.linalg.norm(np.subtract(found.to_moving(p), moved(p))) for p in points]
    assert max(errors) < 2.5
    assert found.quality == "good"
    assert np.allclose(found.matrix[:3, :3] @ found.matrix[:3, :3].T, np.eye(3), atol=1e-6)
    assert found.to_fixed(found.to_moving((10, 20, 30))) == pytest.approx((10, 20, 30), abs=1e-6)


def test_a_point_is_found_again_though_the_patient_breathes() -> None:
    bent = pyramid_of(seen_at(bent_back(voxel_centres(GRID)), 3))
    still = pyramid_of(STILL)
    start = register_rigid(still, bent)
    for place in ([20.0, -20.0, 10.0], [-30.0, 25.0, -20.0]):
        found = find_again(still, bent, place, start=start)
        assert np.linalg.norm(bent_back(np.asarray(found.point)) - place) < 2.5
        assert found.quality == "good"
        assert found.error_mm < 3.0


def test_the_same_question_gets_the_same_answer() -> None:
    one, other = (find_again(STILL, MOVED, (20.0, -20.0, 10.0)) for _ in range(2))
    assert one.point == pytest.approx(other.point, abs=1e-3)
    assert one.quality == other.quality


def test_a_scan_of_somebody_else_is_not_called_good() -> None:
    other = np.random.default_rng(99)
    array = np.where(STILL.array > -500, 40, -1000) + other.normal(0, 10, STILL.array.shape)
    place = voxel_centres(GRID)
    for _ in range(40):
        centre, size = other.uniform([-90, -60, -90], [90, 60, 90]), other.uniform(8, 22)
        array[np.linalg.norm(place - centre, axis=-1) < size] = other.choice([-90, 20, 60, 150, 220])
    found = find_again(STILL, Volume(array.astype(np.int16), GRID), (20.0, -20.0, 10.0))
    assert found.quality != "good"
    assert found.note


def test_a_place_cut_off_the_second_scan_is_said_to_be_outside() -> None:
    cut = replace(
        STILL,
        array=STILL.array[:28],
        grid=replace(GRID, size=(110, 90, 28), slice_origins=GRID.slice_origins[:28]),
    )
    found = find_again(STILL, cut, (0.0, 0.0, 90.0))
    assert found.quality == "failed"
    assert "outside" in found.note


def test_a_point_outside_the_first_scan_is_refused_as_a_value() -> None:
    found = find_again(STILL, MOVED, (0.0, 0.0, 900.0))
    assert (found.quality, found.error_mm) == ("failed", 99.0)


@pytest.mark.parametrize(
    ("error_mm", "registration"),
    [(0.0, "good"), (3.0, "good"), (3.1, "doubtful"), (8.0, "doubtful"), (8.1, "failed")],
)
def test_quality_goes_by_the_estimated_error(error_mm, registration) -> None:
    assert quality_of(error_mm) == registration
    assert proposal_quality(error_mm, 1.0) == registration
    assert proposal_quality(error_mm, 0.69) == "failed"
    assert proposal_quality(error_mm, 0.7) == ("doubtful" if registration == "good" else registration)
