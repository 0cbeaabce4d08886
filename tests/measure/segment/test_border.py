"""The half level of a step, the curvature of a surface, and which sizes are offered."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measure.geometry import Floats, Grid
from measure.segment.border import at_half_level
from measure.segment.candidate import DOUBTFUL_Q, GOOD_Q, best_of
from measure.segment.click import segment_click
from measure.segment.crop import crop_round
from measure.segment.rays import Rays, ring_rays, sphere_rays
from measure.segment.surface import Surface
from measure.volume import Volume
from tests.build.lesions import click_in, made_lesion
from tests.build.spheres import PIXEL_MM, made_sphere


def ellipsoid(rays: Rays, semi: Floats) -> Floats:
    return np.asarray(1 / np.sqrt(((rays.directions / semi) ** 2).sum(axis=1)), float)


@settings(max_examples=15, deadline=None)
@given(away=st.floats(-1.5, 1.5), outside=st.sampled_from([-860.0, -100.0, 105.0, 400.0]))
def test_the_half_level_is_found_from_a_cut_on_either_side_of_it(away, outside) -> None:
    made = made_sphere(16.0, 50, outside)
    crop = crop_round(made.volume, made.centre, 22.0)
    rays = sphere_rays()
    drawn = at_half_level(crop, Surface(np.zeros(3), np.full(rays.count, 8.0 + away), rays))
    in_plane = np.abs(rays.directions[:, 2]) < 0.3  # across the slices a border is known to a slice's share
    assert np.abs(drawn.radii[in_plane] - 8.0).max() < PIXEL_MM / 2
    assert drawn.radii[in_plane].mean() == pytest.approx(8.0, abs=0.15)


def test_without_a_clean_step_the_surface_stays() -> None:
    even = Volume(np.full((12, 60, 60), 40, np.int16), Grid.regular((60, 60, 12), (1.0, 1.0, 2.5)))
    crop = crop_round(even, even.grid.to_patient([30, 30, 6]), 20.0)
    rays = sphere_rays()
    surface = Surface(np.zeros(3), np.full(rays.count, 7.0), rays)
    assert at_half_level(crop, surface) is surface


def test_where_one_side_shows_no_step_it_moves_as_the_others_do() -> None:
    made = made_sphere(16.0, 50, -100)
    x = made.volume.grid.to_patient(np.stack(np.meshgrid(
        *(np.arange(n) for n in made.volume.grid.size), indexing="ij"), axis=-1))[..., 0].T  # fmt: skip
    array = np.where(x > made.centre[0] + 6.5, 50, made.volume.array).astype(np.int16)
    crop = crop_round(Volume(array, made.volume.grid), made.centre, 22.0)
    rays = sphere_rays()
    drawn = at_half_level(crop, Surface(np.zeros(3), np.full(rays.count, 7.0), rays))
    assert drawn.radii.max() < 9.0
    assert drawn.radii[rays.directions[:, 0] > 0.9] == pytest.approx(8.0, abs=0.5)


@given(radius=st.floats(1, 60))
def test_a_sphere_is_curved_alike_everywhere(radius) -> None:
    for rays, along in ((sphere_rays(), 2), (ring_rays(), 1)):
        found = rays.curvature(np.full(rays.count, radius))[:, :along]
        assert found == pytest.approx(1 / radius, rel=1e-6)


def test_an_ellipsoid_is_curved_most_at_its_tips() -> None:
    rays = sphere_rays()
    found = rays.curvature(ellipsoid(rays, np.array([12.0, 9.0, 9.0])))
    tip, side = int(np.argmax(rays.directions[:, 0])), int(np.argmax(rays.directions[:, 1]))
    assert found[tip] == pytest.approx([12 / 81, 12 / 81], rel=0.08)
    assert found[side] == pytest.approx([9 / 144, 9 / 81], rel=0.08)


def test_tips_between_rays_are_not_flattened() -> None:
    rays = sphere_rays()
    semi = np.array([12.0, 8.0, 9.0])
    turn = np.linalg.qr(np.random.default_rng(4).normal(size=(3, 3)))[0]
    radii = np.asarray(1 / np.sqrt((((rays.directions @ turn) / semi) ** 2).sum(axis=1)), float)
    found = rays.radius_towards(radii, turn.T)
    assert found == pytest.approx(semi, rel=0.01)


@pytest.mark.parametrize("kind", ["plain", "vessel", "necrotic"])
def test_beside_a_trustworthy_size_no_failed_one_is_offered(kind) -> None:
    made = made_lesion(kind, 1)
    found = segment_click(made.volume, click_in(made, 1).tolist())
    assert found[best_of(found)].quality_q >= GOOD_Q
    assert all(one.quality_q >= DOUBTFUL_Q for one in found)
    side = min(n * mm for n, mm in zip(made.volume.grid.size, made.volume.grid.spacing_mm, strict=False))
    assert all(one.axes.long_mm < side for one in found)
