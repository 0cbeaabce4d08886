"""One click and one stroke on made lesions whose truth is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from measure.diameters import axes_of_mask
from measure.geometry import Grid
from measure.mask_measures import measure_mask
from measure.refusal import Refused
from measure.segment.candidate import best_of
from measure.segment.click import segment_click
from measure.segment.rays import ring_rays, sphere_rays
from measure.segment.solver import SAMPLES, inside_counts, sample_places
from measure.segment.stroke import segment_stroke
from measure.volume import Volume
from tests.build.lesions import MadeLesion, click_in, dice, made_lesion, stroke_over
from tests.build.masks import rotation


@pytest.mark.parametrize("kind", ["plain", "faint", "bright", "rim", "edge", "thick", "mr", "vessel"])
def test_a_stroke_outlines_the_lesion_and_its_diameter(kind) -> None:
    made = made_lesion(kind, 7)
    a, b = stroke_over(made, 7)
    found = segment_stroke(made.volume, a.tolist(), b.tolist())
    best = found[best_of(found)]
    true_axes = axes_of_mask(made.truth, made.volume.grid)
    assert true_axes is not None
    assert dice(best.mask, made.truth) > 0.88
    assert best.axes.long_mm == pytest.approx(true_axes.long_mm, abs=2.5)


@pytest.mark.parametrize("kind", ["plain", "faint", "edge", "twin", "mr"])
def test_a_click_finds_the_lesion_whatever_its_size(kind) -> None:
    made = made_lesion(kind, 11)
    found = segment_click(made.volume, click_in(made, 11).tolist())
    best = found[best_of(found)]
    assert dice(best.mask, made.truth) > 0.85
    assert best.quality_q >= 1.0
    assert best.quality == "good"


def test_sizes_are_offered_smallest_first_with_one_best() -> None:
    made = made_lesion("necrotic", 2)
    found = segment_click(made.volume, click_in(made, 2).tolist())
    assert 1 <= len(found) <= 3
    assert [c.volume_ml for c in found] == sorted(c.volume_ml for c in found)
    assert sum(c.best for c in found) == 1
    assert found[best_of(found)].quality_q == max(c.quality_q for c in found)


def test_a_candidate_says_what_measuring_its_mask_says() -> None:
    made = made_lesion("plain", 3)
    found = segment_click(made.volume, click_in(made, 3).tolist())
    for candidate in found:
        measured = measure_mask(made.volume, candidate.mask)
        assert measured.axes == candidate.axes
        assert measured.volume_ml == pytest.approx(candidate.volume_ml)
        assert set(candidate.outlines) == set(np.flatnonzero(candidate.mask.any(axis=(1, 2))))


def test_the_same_click_gives_the_same_mask() -> None:
    made = made_lesion("lobulated", 5)
    point = click_in(made, 5).tolist()
    one, other = segment_click(made.volume, point), segment_click(made.volume, point)
    assert [c.stored for c in one] == [c.stored for c in other]


def test_turning_the_patient_turns_the_outline_with_him() -> None:
    made = made_lesion("plain", 4)
    grid = made.volume.grid
    turn = rotation(33, (0.3, 1, 0.6))
    origins = grid.origins @ turn.T + [12.0, -7.0, 30.0]
    turned = Grid(
        grid.size,
        grid.spacing_mm,
        tuple((turn @ grid.row_axis).tolist()),
        tuple((turn @ grid.column_axis).tolist()),
        tuple(tuple(o) for o in origins.tolist()),
    )
    point = click_in(made, 4)
    straight = segment_click(made.volume, point.tolist())
    found = segment_click(replace(made.volume, grid=turned), (turn @ point + [12.0, -7.0, 30.0]).tolist())
    assert dice(found[best_of(found)].mask, straight[best_of(straight)].mask) > 0.99


def one_slice_of(made: MadeLesion) -> MadeLesion:
    axes = axes_of_mask(made.truth, made.volume.grid)
    assert axes is not None
    k = axes.slice
    grid = replace(made.volume.grid, size=(*made.volume.grid.size[:2], 1),
                   slice_origins=(made.volume.grid.slice_origins[k],))  # fmt: skip
    volume = replace(made.volume, array=made.volume.array[k : k + 1], grid=grid, measurable=False)
    return MadeLesion(volume, made.truth[k : k + 1], made.kind)


def test_a_single_slice_is_outlined_in_its_plane() -> None:
    made = one_slice_of(made_lesion("plain", 9))
    a, b = stroke_over(made, 9)
    stroke = segment_stroke(made.volume, a.tolist(), b.tolist())
    assert dice(stroke[best_of(stroke)].mask, made.truth) > 0.85
    click = segment_click(made.volume, ((a + b) / 2).tolist())
    assert dice(click[best_of(click)].mask, made.truth) > 0.85
    assert np.array_equal(click[0].mask.any(axis=(1, 2)), [True])


def test_a_flat_outline_keeps_to_the_slice_of_the_stroke() -> None:
    made = made_lesion("plain", 6)
    a, b = stroke_over(made, 6)
    found = segment_stroke(made.volume, a.tolist(), b.tolist(), flat=True)
    assert np.flatnonzero(found[0].mask.any(axis=(1, 2))).tolist() == [made.volume.grid.nearest_slice(a)]


def air_and_tissue() -> Volume:
    array = np.full((8, 64, 64), -1000, np.int16)
    array[:, :, 32:] = 50
    return Volume(array, Grid.regular((64, 64, 8), (1.0, 1.0, 2.0)), padding=-2000)


def test_a_click_on_air_is_refused_in_one_line() -> None:
    with pytest.raises(Refused, match=r"^Nothing to outline here: air\. Click inside the lesion\.$"):
        segment_click(air_and_tissue(), (10, 30, 8))
    with pytest.raises(Refused, match="air"):
        segment_stroke(air_and_tissue(), (5, 30, 8), (15, 30, 8))


def test_a_point_outside_the_picture_is_refused() -> None:
    for point in ((-20, 10, 4), (10, 10, 400), (float("nan"), 0, 0)):
        with pytest.raises(Refused, match=r"^That point is outside the picture\.$"):
            segment_click(air_and_tissue(), point)


def test_a_stroke_that_is_no_stroke_is_refused() -> None:
    with pytest.raises(Refused, match="shorter"):
        segment_stroke(air_and_tissue(), (50, 30, 8), (50.5, 30, 8))


def test_an_image_without_contrast_ends_in_a_proposal_or_a_refusal_but_never_in_an_error() -> None:
    flat = Volume(np.full((10, 40, 40), 40, np.int16), Grid.regular((40, 40, 10), (1, 1, 2)))
    try:
        found = segment_click(flat, (20, 20, 10))
    except Refused:
        return
    assert all(c.quality_q < 1.0 for c in found)


def test_a_lesion_at_the_border_of_the_picture_stays_within_it() -> None:
    made = made_lesion("plain", 8)
    axes = axes_of_mask(made.truth, made.volume.grid)
    assert axes is not None
    k = axes.slice
    volume = replace(
        made.volume,
        array=made.volume.array[k:],
        grid=replace(
            made.volume.grid,
            size=(*made.volume.grid.size[:2], made.volume.grid.size[2] - k),
            slice_origins=made.volume.grid.slice_origins[k:],
        ),
    )
    found = segment_stroke(volume, *axes.long_ends)
    assert dice(found[best_of(found)].mask, made.truth[k:]) > 0.85


@pytest.mark.parametrize("rays", [sphere_rays(), ring_rays()], ids=["sphere", "ring"])
def test_the_cut_finds_a_surface_that_pays_everywhere(rays) -> None:
    t = sample_places()
    wanted = 0.9 + 0.08 * rays.directions[:, :1]
    counts = inside_counts(rays, np.where(t < wanted, 0.3, -0.3))
    assert np.abs(t[counts - 1] - wanted[:, 0]).max() < 0.06
    assert counts.shape == (rays.count,)
    assert (inside_counts(rays, np.full((rays.count, SAMPLES), 0.1)) == SAMPLES).all()
    assert (inside_counts(rays, np.full((rays.count, SAMPLES), -0.1)) == 1).all()


def test_neighbouring_rays_differ_by_three_steps_at_most() -> None:
    rays = sphere_rays()
    gain = np.random.default_rng(1).normal(0, 3, (rays.count, SAMPLES))
    counts = inside_counts(rays, gain)
    assert np.abs(counts[rays.pairs[:, 0]] - counts[rays.pairs[:, 1]]).max() <= 3


def test_rays_look_evenly_in_all_directions() -> None:
    rays = sphere_rays()
    assert rays.count == 162
    assert len(rays.pairs) == 480
    assert np.abs(rays.directions.mean(axis=0)).max() < 1e-9
    assert rays.radius_towards(np.full(162, 7.0), np.eye(3)) == pytest.approx([7.0] * 3)
