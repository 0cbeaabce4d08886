"""From one stroke across a lesion to its mask."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from measure.geometry import Floats
from measure.refusal import Refused
from measure.segment.border import at_half_level
from measure.segment.candidate import Candidate, Scored, three_sizes, with_and_without_capsule
from measure.segment.crop import Crop, crop_round
from measure.segment.ground import checked_point, rays_for, sure_of_tissue
from measure.segment.quality import qualities
from measure.segment.rays import Rays
from measure.segment.surface import StrokeHold, Surface, fitted_once
from measure.volume import Volume

STARTS = (0.5, 0.7, 0.9, 1.05)
FLAT_STARTS = (0.35, 0.5, 0.7, 0.9, 1.05)
FAVOURED = 0.9
ROUNDS = 4
LARGE_MM = 25.0
SHORTEST_MM = 2.0


def segment_stroke(
    volume: Volume, a_lps: Sequence[float], b_lps: Sequence[float], *, flat: bool | None = None
) -> tuple[Candidate, ...]:
    """Outline the lesion whose longest diameter is about the stroke a-b (LPS mm).

    Returns up to three sizes, smallest first, the likeliest marked best. flat: outline the stroke's slice
    only, as is done with series of three slices and fewer. Refused: points outside the picture or on air.
    """
    a, b = checked_point(volume, a_lps), checked_point(volume, b_lps)
    half = float(np.linalg.norm(b - a)) / 2
    if half * 2 < SHORTEST_MM:
        raise Refused(f"The stroke is shorter than {SHORTEST_MM:g} mm. Draw it across the whole lesion.")
    centre = (a + b) / 2
    sure_of_tissue(volume, centre)
    rays = rays_for(volume, flat)
    crop = crop_round(volume, centre, 1.6 * half + 8.0, coarse=half > LARGE_MM)
    way = crop.local_of(b) / half
    starts = FLAT_STARTS if rays.dimension == 2 else STARTS
    fits = [at_half_level(crop, _fitted(crop, rays, StrokeHold(way, half), share)) for share in starts]
    begun = [float(_ellipsoid(rays, way, half, share).mean()) for share in starts]
    scores = qualities([crop] * len(fits), fits, begun)
    scored: list[Scored] = []
    for fit, score, share in zip(fits, scores, starts, strict=True):
        quality = score + (0.05 if share == FAVOURED else 0.0)
        scored += with_and_without_capsule(crop, fit, quality, StrokeHold(way, half))
    return three_sizes(volume, scored)


def _ellipsoid(rays: Rays, way: Floats, half_mm: float, share: float) -> Floats:
    """Radii of an ellipsoid: half_mm along the stroke, share of it across."""
    along = (rays.directions @ way) ** 2
    return np.asarray(1 / np.sqrt(along / half_mm**2 + (1 - along) / (share * half_mm) ** 2), float)


def _fitted(crop: Crop, rays: Rays, stroke: StrokeHold, share: float) -> Surface:
    half = stroke.half_mm
    surface = Surface(np.zeros(3), _ellipsoid(rays, stroke.way, half, share), rays)
    for turn in range(ROUNDS):
        before = surface.radii
        surface = fitted_once(crop, surface, half, learnt=turn > 0, stroke=stroke)
        if turn > 0 and float(np.abs(surface.radii - before).mean()) < 0.012 * half:
            break
    move = surface.centroid - surface.centre
    move = move - 0.5 * stroke.way * float(move @ stroke.way)
    length = float(np.linalg.norm(move))
    if length > 0.35 * half:
        move *= 0.35 * half / length
    if length <= 0.05 * half:
        return surface
    surface = Surface(surface.centre + move, rays.smoothed(surface.radii, 30), rays)
    free = StrokeHold(stroke.way, half, ends_pull=False)
    for _ in range(2):
        surface = fitted_once(crop, surface, half, learnt=True, stroke=free)
    return surface
