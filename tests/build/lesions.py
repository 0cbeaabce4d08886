"""Synthetic pieces of abdomen with one lesion of known shape: what outlining is tried on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from measure.geometry import Floats, Grid
from measure.volume import Mask, Volume
from tests.build.masks import rotation, voxel_centres

KINDS = ("plain", "faint", "bright", "rim", "necrotic", "lobulated", "vessel", "edge", "small", "large",
         "thick", "mr", "twin")  # fmt: skip


@dataclass(frozen=True)
class MadeLesion:
    """A volume, the true mask of its lesion, and the kind it is of."""

    volume: Volume
    truth: Mask
    kind: str


def made_lesion(kind: str, seed: int) -> MadeLesion:
    """One lesion in liver-like tissue with vessels, fat and lung beside it, blurred like a scanner does."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng([seed, KINDS.index(kind)])
    radius = {"small": rng.uniform(5, 7), "large": rng.uniform(28, 38)}.get(kind, rng.uniform(8, 20))
    step = 5.0 if kind == "thick" else float(rng.choice([1.25, 2.0, 3.0]))
    pixel = float(rng.uniform(0.65, 0.85))
    half = min(radius * 2.2 + 14, 80.0)
    counts = [int(2 * half / pixel)] * 2 + [int(2 * half / step)]
    grid = Grid.regular((counts[0], counts[1], counts[2]), (pixel, pixel, step), (-half, -half, -half))
    place = voxel_centres(grid)
    semi = radius * np.array([1.0, rng.uniform(0.6, 0.95), rng.uniform(0.65, 1.0)])
    turn = rotation(rng.uniform(0, 180), (0, 0, 1)) @ rotation(rng.uniform(-25, 25), (1, 0.4, 0))
    inside = _bumpy(place, rng.uniform(-3, 3, 3), semi, turn, rng, 0.16 if kind == "lobulated" else 0.05)
    truth = inside <= 1.0
    liver = 105.0 + 4 * gaussian_filter(rng.normal(size=truth.shape), 6 / pixel) * 6 / pixel
    image = np.array(liver)
    _vessels(image, place, rng, 6 if kind == "vessel" else 3, radius)
    lesion = 105 + {"faint": -24, "bright": 38, "large": -35}.get(kind, float(rng.uniform(-58, -32)))
    image[truth] = lesion + (liver[truth] - 105) * 0.5
    if kind == "rim":
        image[truth & (inside > 0.82)] = 135
        truth = truth.copy()
    if kind == "necrotic":
        image[inside < 0.55] = 22
    if kind == "twin":
        other = _bumpy(place, np.array([radius * 2.05, 4, 2]), semi * 0.7, turn, rng, 0.05) <= 1
        image[other & ~truth] = lesion
    border = place @ np.array([0.8, -0.6, 0.1])
    far = radius * (0.75 if kind == "edge" else 1.7)
    image[border > far] = -95
    image[border > far + 14] = -820
    truth = truth & (border <= far)
    image = gaussian_filter(image, (0.5 * min(step, 2.5) / step, 0.65 / pixel, 0.65 / pixel))
    noise = gaussian_filter(rng.normal(size=truth.shape), (0, 0.7, 0.7))
    image = image + noise / noise.std() * rng.uniform(9, 14)
    if kind == "mr":
        shading = 1 + 0.0015 * (place @ np.array([1.0, 0.5, 0.2]))
        image = np.clip((image + 1000) * 0.4, 0, None) * shading
        return MadeLesion(Volume(image.astype(np.float32), grid, "MR", "a.u."), truth, kind)
    return MadeLesion(Volume(np.rint(image).astype(np.int16), grid), truth, kind)


def click_in(made: MadeLesion, seed: int) -> Floats:
    """A random point of the lesion's inner part, LPS mm."""
    from scipy.ndimage import distance_transform_edt

    grid = made.volume.grid
    spacing = (grid.slice_step_mm, grid.spacing_mm[1], grid.spacing_mm[0])
    depth = distance_transform_edt(made.truth, spacing)
    places = np.argwhere(depth > 0.6 * depth.max())
    k, j, i = places[np.random.default_rng(seed).integers(len(places))]
    return grid.to_patient([i, j, k])


def stroke_over(made: MadeLesion, seed: int) -> tuple[Floats, Floats]:
    """The true longest diameter with ends that miss by 1.2 mm in both axes, LPS mm."""
    from measure.diameters import axes_of_mask

    axes = axes_of_mask(made.truth, made.volume.grid)
    assert axes is not None
    missed = np.random.default_rng(seed).normal(0, 1.2, (2, 3)) * [1, 1, 0]
    return np.asarray(axes.long_ends[0]) + missed[0], np.asarray(axes.long_ends[1]) + missed[1]


def dice(one: Mask, other: Mask) -> float:
    """Twice the common part over the sum."""
    return 2.0 * float((one & other).sum()) / float(one.sum() + other.sum())


def _bumpy(place: Floats, centre: Floats, semi: Floats, turn: Floats, rng: np.random.Generator, bumps: float) -> Floats:
    """1 on the border of an ellipsoid with smooth bumps, less inside."""
    local = (place - centre) @ turn
    scaled = local / semi
    length = np.linalg.norm(scaled, axis=-1)
    way = scaled / np.maximum(length, 1e-6)[..., None]
    wave = np.zeros(length.shape)
    for _ in range(5):
        axis = rng.normal(size=3)
        wave += np.sin(way @ (axis / np.linalg.norm(axis)) * rng.uniform(2, 4.5) + rng.uniform(0, 6))
    return np.asarray(length / (1 + bumps * wave / 2.2))


def _vessels(image: Floats, place: Floats, rng: np.random.Generator, count: int, radius: float) -> None:
    """Bright tubes past the lesion."""
    for _ in range(count):
        way = rng.normal(size=3)
        way /= np.linalg.norm(way)
        through = rng.normal(size=3) * radius
        through *= max(1.0, radius * 1.05 / np.linalg.norm(through))
        offset = place - through
        off = np.linalg.norm(offset - (offset @ way)[..., None] * way, axis=-1)
        image[off < rng.uniform(2, 4)] = 165
