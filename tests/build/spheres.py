"""Round nodules of exactly known diameter in even tissue: what a measured length is checked against."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from measure.geometry import Floats, Grid
from measure.volume import Volume

PIXEL_MM, STEP_MM, BLUR_MM = 0.74, 2.5, 0.5
PARTS = (5, 4, 4)  # of a voxel, to mix its content exactly enough


@dataclass(frozen=True)
class MadeSphere:
    """A volume with one sphere: its centre (LPS mm), and the diameter of its largest slice in mm."""

    volume: Volume
    centre: Floats
    section_mm: float


def made_sphere(diameter_mm: float, inside: float, outside: float, *, noise: float = 0.0, seed: int = 0) -> MadeSphere:
    """One sphere, averaged over voxels and blurred in plane as a scanner does; noise is correlated in plane."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng([seed, round(diameter_mm * 100)])
    half = 0.5 * diameter_mm + 16.0
    columns, slices = int(2 * half / PIXEL_MM), int(2 * half / STEP_MM)
    grid = Grid.regular((columns, columns, slices), (PIXEL_MM, PIXEL_MM, STEP_MM), (-half, -half, -half))
    centre = rng.uniform(-0.4, 0.4, 3)
    square = []
    for axis, count, step, parts in zip(
        (2, 1, 0), (slices, columns, columns), (STEP_MM, PIXEL_MM, PIXEL_MM), PARTS, strict=True
    ):
        whole = -half + np.arange(count) * step
        part = ((np.arange(parts) + 0.5) / parts - 0.5) * step
        square.append((whole[:, None] + part - centre[axis]) ** 2)
    cover = np.zeros((slices, columns, columns))
    for a in range(PARTS[0]):
        for b in range(PARTS[1]):
            for c in range(PARTS[2]):
                off = square[0][:, a, None, None] + square[1][:, b, None] + square[2][:, c]
                cover += off <= (diameter_mm / 2) ** 2
    cover = gaussian_filter(cover / np.prod(PARTS), (0, BLUR_MM / PIXEL_MM, BLUR_MM / PIXEL_MM))
    image = outside + (inside - outside) * cover
    if noise > 0:
        field = gaussian_filter(rng.normal(size=image.shape), (0, 0.7, 0.7))
        image = image + field / field.std() * noise
    miss = float(np.abs(-half + np.arange(slices) * STEP_MM - centre[2]).min())
    section = 2 * float(np.sqrt((diameter_mm / 2) ** 2 - miss**2))
    return MadeSphere(Volume(np.rint(image).astype(np.int16), grid), centre, section)
