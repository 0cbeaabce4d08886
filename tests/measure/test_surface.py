"""Surfaces of analytic bodies: where they lie, how large they are, how far points are from them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measure.geometry import Grid
from measure.refusal import Refused
from measure.surface import _to_triangles, crossing, surface_of
from tests.build.masks import ellipsoid, oblique_grid, rotation

steps = st.tuples(st.floats(0.6, 1.1), st.floats(0.6, 1.1), st.floats(0.6, 2.0))


def around(step: tuple[float, float, float], half_mm: float, degrees: float = 0.0) -> Grid:
    size = tuple(int(2 * half_mm / one) + 1 for one in step)
    turn = rotation(degrees, (1.0, 0.5, 0.2))
    away = turn @ (-0.5 * (np.asarray(size) - 1) * np.asarray(step))
    return oblique_grid(size, step, turn, away)  # type: ignore[arg-type]


@settings(deadline=None, max_examples=20)
@given(steps, st.floats(6.0, 16.0), st.floats(-40.0, 40.0))
def test_the_surface_of_a_sphere_lies_on_the_sphere(
    step: tuple[float, float, float], radius: float, degrees: float
) -> None:
    grid = around(step, radius + 6.0, degrees)
    surface = surface_of(ellipsoid(grid, np.zeros(3), (radius,) * 3, np.eye(3)), grid)
    away = np.linalg.norm(surface.points, axis=1) - radius
    assert abs(float(np.average(away, weights=surface.corner_areas))) < 0.2 * max(step)
    assert float(np.abs(away).max()) < 0.8 * max(step)
    assert surface.volume_ml == pytest.approx(4 / 3 * np.pi * radius**3 / 1000, rel=0.1)


@settings(deadline=None, max_examples=20)
@given(steps, st.floats(8.0, 14.0), st.lists(st.tuples(*[st.floats(-1.0, 1.0)] * 3), min_size=3, max_size=20))
def test_distances_are_those_to_the_sphere_and_signed(
    step: tuple[float, float, float], radius: float, ways: list[tuple[float, float, float]]
) -> None:
    grid = around(step, radius + 6.0)
    surface = surface_of(ellipsoid(grid, np.zeros(3), (radius,) * 3, np.eye(3)), grid)
    points = np.asarray(ways) * 1.7 * radius
    exact = radius - np.linalg.norm(points, axis=1)
    found = surface.distances(points)
    kept = np.linalg.norm(points, axis=1) > 0.3 * radius  # near the centre every part of the surface is nearest
    assert np.abs(found - exact)[kept].max(initial=0.0) < 0.8 * max(step)
    clear = np.abs(exact) > max(step)
    assert (np.sign(found[clear]) == np.sign(exact[clear])).all()


def test_no_candidate_is_missed_beside_all_triangles() -> None:
    grid = around((0.9, 0.9, 1.7), 14.0)
    surface = surface_of(ellipsoid(grid, np.array([0.3, -0.2, 0.4]), (8.0, 5.0, 6.0), np.eye(3)), grid)
    rng = np.random.default_rng(5)
    points = rng.uniform(-12, 12, (40, 3))
    every = np.stack(
        [
            _to_triangles(np.repeat(p[None], len(surface.triangles), 0), surface.points[surface.triangles])
            for p in points
        ]
    ).min(axis=1)
    assert np.abs(np.abs(surface.distances(points)) - every).max() < 0.15


def test_triangles_without_area_are_lines() -> None:
    """Points 3, 4 and 5 mm from a triangle that is a line, a point, and a real one."""
    corners = np.array(
        [
            [[0.0, 0, 0], [2, 0, 0], [1, 0, 0]],
            [[0.0, 0, 0], [0, 0, 0], [0, 0, 0]],
            [[0.0, 0, 0], [4, 0, 0], [0, 4, 0]],
        ]
    )
    points = np.array([[1.0, 0, 3], [0, 4, 0], [1, 1, 5]])
    assert _to_triangles(points, corners) == pytest.approx([3.0, 4.0, 5.0])


def test_a_plane_cuts_a_sphere_in_a_circle_and_reads_another_field_there() -> None:
    grid = around((0.8, 0.8, 1.2), 16.0)
    surface = surface_of(ellipsoid(grid, np.zeros(3), (10.0,) * 3, np.eye(3)), grid)
    cut = crossing(surface.points, surface.triangles, surface.points[:, 2], 4.0)
    assert np.abs(cut.ends[..., 2] - 4.0).max() < 1e-9
    assert np.linalg.norm(cut.ends[..., :2], axis=-1) == pytest.approx(np.sqrt(84.0), abs=0.6)
    assert np.allclose(cut.read(surface.points[:, 0]), cut.ends[..., 0])
    assert len(crossing(surface.points, surface.triangles, surface.points[:, 2], 30.0).ends) == 0


def test_a_single_voxel_has_a_surface_and_nothing_has_none() -> None:
    grid = Grid.regular((5, 5, 5), (1.0, 1.0, 1.0))
    mask = np.zeros((5, 5, 5), bool)
    with pytest.raises(Refused, match="empty"):
        surface_of(mask, grid)
    mask[2, 2, 2] = True
    assert surface_of(mask, grid).centre == pytest.approx((2.0, 2.0, 2.0), abs=1e-6)


def test_a_mask_at_the_edge_of_the_picture_is_closed() -> None:
    grid = Grid.regular((9, 9, 6), (1.0, 1.0, 2.0))
    mask = np.zeros((6, 9, 9), bool)
    mask[:3, :4, :] = True
    surface = surface_of(mask, grid)
    sides = np.sort(surface.triangles[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    assert set(np.unique(sides, axis=0, return_counts=True)[1]) == {2}
    assert surface.points[:, 1].min() == pytest.approx(-0.5, abs=0.3)
