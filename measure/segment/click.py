"""From one click inside a lesion to its mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from measure.geometry import Floats
from measure.segment.border import at_half_level
from measure.segment.candidate import Candidate, three_sizes, with_and_without_capsule
from measure.segment.crop import Crop, crop_round
from measure.segment.ground import checked_point, rays_for, sure_of_tissue
from measure.segment.quality import qualities
from measure.segment.rays import Rays
from measure.segment.surface import Surface, fitted_once
from measure.volume import Volume

START_RADII_MM = (3.5, 5.0, 7.0, 10.0, 14.0, 20.0, 28.0, 40.0, 56.0)
SMALLEST_PIXELS = 2.4
FINE_UP_TO_MM = 20.0
ROUNDS = 3


def segment_click(volume: Volume, point_lps: Sequence[float], *, flat: bool | None = None) -> tuple[Candidate, ...]:
    """Outline the lesion at a point inside it (LPS mm), whatever its size.

    Returns up to three sizes, smallest first, the likeliest marked best. flat: outline the point's slice
    only, as is done with series of three slices and fewer. Refused: a point outside the picture or on air.
    """
    point = checked_point(volume, point_lps)
    sure_of_tissue(volume, point)
    rays = rays_for(volume, flat)
    finest = SMALLEST_PIXELS * max(volume.grid.spacing_mm)
    extent = 0.75 * min(volume.grid.size[a] * volume.grid.spacing_mm[a] for a in (0, 1))
    sizes = [r for r in START_RADII_MM if r >= finest and r <= extent] or [finest]
    fine = crop_round(volume, point, 1.6 * min(FINE_UP_TO_MM, sizes[-1]) + 8.0)
    wide = fine if sizes[-1] <= FINE_UP_TO_MM else crop_round(volume, point, 1.6 * sizes[-1] + 8, coarse=True)
    crops = [fine if size <= FINE_UP_TO_MM else wide for size in sizes]
    fits = [at_half_level(crop, _fitted(crop, rays, size)) for crop, size in zip(crops, sizes, strict=True)]
    scores = qualities(crops, fits, sizes)
    scored = [
        one
        for crop, fit, score in zip(crops, fits, scores, strict=True)
        for one in with_and_without_capsule(crop, fit, score)
    ]
    holding = [one for one in scored if _holds(one.surface, np.zeros(3))]
    return three_sizes(volume, holding or scored)


def _fitted(crop: Crop, rays: Rays, start_mm: float) -> Surface:
    surface = Surface(np.zeros(3), np.full(rays.count, start_mm), rays)
    surface = _rested(crop, surface, ROUNDS, learnt=False)
    mean = surface.mean_radius
    move = surface.centroid - surface.centre
    length = float(np.linalg.norm(move))
    if length > 0.5 * mean:
        move *= 0.5 * mean / length
    centre = surface.centre + move
    if length > 0.15 * mean:
        return _rested(crop, Surface(centre, np.full(rays.count, mean), rays), 2, learnt=False)
    if length < 0.03 * mean:
        return surface
    return _rested(crop, Surface(centre, rays.smoothed(surface.radii, 30), rays), 1, learnt=True)


def _rested(crop: Crop, surface: Surface, rounds: int, *, learnt: bool) -> Surface:
    """Repeat the fit until it rests, at most so many rounds."""
    for turn in range(rounds):
        scale = surface.mean_radius
        before = surface.radii
        surface = fitted_once(crop, surface, scale, learnt=learnt or turn > 0)
        if float(np.abs(surface.radii - before).mean()) < 0.012 * scale:
            break
    return surface


def _holds(surface: Surface, local: Floats) -> bool:
    """Say whether a local point lies within the surface, a millimetre of doubt allowed."""
    offset = (local - surface.centre)[None, :]
    return bool(np.linalg.norm(offset) <= surface.rays.radius_towards(surface.radii, offset)[0] + 1.0)
