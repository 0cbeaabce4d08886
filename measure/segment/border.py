"""The last step of every outline: from the cut, which knows whole samples, to the half level of the step.

A reader draws a border half-way between the density inside and the density outside. The cut finds which step
it is; where exactly it lies is then read along each ray, sub-voxel, from the plateaus at both sides of it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats
from measure.segment.crop import Crop
from measure.segment.rays import Rays
from measure.segment.solver import T_STEP
from measure.segment.surface import Surface

PROFILE_STEP_MM = 0.25
PLATEAU_MM = (1.25, 3.75)  # from the border; nearer lies the blur of scanner and smoothing
PLATEAU_SHARE = 0.7  # of the radius: how deep towards the centre the inner plateau may be read
NEAREST_MM, FARTHEST_MM = 2.0, 3.0  # how far the border may lie from the cut
UNEVEN = 0.4  # spread of a plateau in units of the step, above which it is no plateau
WEAK = 0.4  # of the typical step
ROUNDS = 2
RECEDES = 0.15  # of the radius at most


def at_half_level(crop: Crop, surface: Surface) -> Surface:
    """The surface moved onto the half level of the step it follows, ray by ray.

    A ray without one clean step (another structure within millimetres, noise, the picture's edge) moves as
    its neighbours do; a surface without clean steps stays.
    """
    reach = float(np.clip(2 * T_STEP * surface.mean_radius, NEAREST_MM, FARTHEST_MM))
    cut = surface.radii
    for _ in range(ROUNDS):
        shift, clean = _shifts(crop, surface, reach)
        if clean.mean() < 0.1:
            return surface
        moved = surface.radii + _filled(surface.rays, shift, clean)
        moved = np.clip(moved, cut - reach, cut + reach)  # another step, farther off, is not this one
        surface = Surface(surface.centre, _calmed(surface.rays, moved), surface.rays)
    return _unblurred(crop, surface)


def _unblurred(crop: Crop, surface: Surface) -> Surface:
    """Give back what smoothing and interpolation took: a blurred border recedes where it is curved.

    The half level of a border with curvature 1/R, blurred along it with variance v, recedes by v / (2 R).
    """
    rays = surface.rays
    blur = crop.blur_mm2(surface.centre + surface.radii[:, None] * rays.directions)
    along = (rays.tangents**2 * blur[:, None, :]).sum(axis=2)
    receded = 0.5 * (along * rays.curvature(rays.smoothed(surface.radii, 1))).sum(axis=1)
    return Surface(surface.centre, surface.radii + np.minimum(receded, RECEDES * surface.radii), rays)


def _shifts(crop: Crop, surface: Surface, reach: float) -> tuple[Floats, NDArray[np.bool_]]:
    """How far the half level lies beyond the surface, mm a ray, and which rays show it cleanly."""
    near, far = PLATEAU_MM
    count = round((reach + far) / PROFILE_STEP_MM)
    steps = np.arange(-count, count + 1) * PROFILE_STEP_MM
    radii = surface.radii[:, None]
    places = np.maximum(radii + steps, 0.0)
    values, within = crop.sample(surface.centre + places[..., None] * surface.rays.directions[:, None, :])
    inner = (steps <= -near) & (steps >= -far) & (radii + steps >= (1 - PLATEAU_SHARE) * radii)
    none_deep = inner.sum(axis=1, keepdims=True) == 0
    inner |= none_deep & (np.abs(steps + PLATEAU_SHARE * radii) <= PROFILE_STEP_MM)
    outer = np.broadcast_to((steps >= near) & (steps <= far), inner.shape)
    inside, inner_spread = _plateau(values, inner & within)
    outside, outer_spread = _plateau(values, outer & within)
    step = outside - inside
    seen = np.isfinite(step)
    if not seen.any():
        return np.zeros(len(radii)), seen
    typical = float(np.median(np.abs(step[seen])))
    clean = seen & (np.abs(step) >= max(WEAK * typical, 1e-6))
    with np.errstate(invalid="ignore"):
        clean &= np.maximum(inner_spread, outer_spread) <= UNEVEN * np.abs(step)
    height = np.where(clean, step, 1.0)[:, None]
    rise = (values - np.where(clean, (inside + outside) / 2, 0.0)[:, None]) / height
    crossed = (rise[:, :-1] < 0) & (rise[:, 1:] >= 0) & within[:, :-1] & within[:, 1:]
    share = -rise[:, :-1] / np.where(crossed, rise[:, 1:] - rise[:, :-1], 1.0)
    where = np.where(crossed, steps[:-1] + share * PROFILE_STEP_MM, np.inf)
    at = np.argmin(np.abs(where), axis=1)
    shift = where[np.arange(len(where)), at]
    clean &= np.abs(shift) <= reach
    return np.where(clean, shift, 0.0), clean


def _plateau(values: NDArray[np.float32], chosen: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Median and half the 10-90 % range of the chosen samples of each ray; NaN where there are none."""
    ordered = np.sort(np.where(chosen, values, np.inf), axis=1)
    number = chosen.sum(axis=1)
    row = np.arange(len(values))

    def quantile(share: float) -> Floats:
        place = np.maximum((number - 1) * share, 0.0)
        low = np.floor(place).astype(int)
        high = np.minimum(low + 1, np.maximum(number - 1, 0))
        lower, upper = ordered[row, low].astype(float), ordered[row, high].astype(float)
        lower, upper = np.where(number > 0, lower, np.nan), np.where(number > 0, upper, np.nan)
        return np.asarray(lower + (place - low) * (upper - lower), float)

    return quantile(0.5), (quantile(0.9) - quantile(0.1)) / 2


def _filled(rays: Rays, shift: Floats, clean: NDArray[np.bool_]) -> Floats:
    """The shift of every ray: its own where clean, else the mean of clean ones around it."""
    weight = clean.astype(float)
    total, number = rays.smoothed(shift * weight, 4), rays.smoothed(weight, 4)
    around = total / np.maximum(number, 1e-9)
    return np.where(clean, shift, np.where(number > 1e-3, around, 0.0))


def _calmed(rays: Rays, radii: Floats) -> Floats:
    """Radii without the noise of single rays; what several rays share, as a tip does, is kept.

    Smoothed, and what that took away smoothed and given back. Left in, noise would lengthen the longest of
    many diameters.
    """
    smooth = rays.smoothed(radii, 2)
    return smooth + rays.smoothed(radii - smooth, 2)
