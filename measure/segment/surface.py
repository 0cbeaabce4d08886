"""One star-shaped surface drawn to an image: what lies inside is learnt again round it until it rests.

Radii are relative to a smooth version of the lesion's own shape, so that an elongated lesion costs nothing.
There are no fixed windows, and the sign of the contrast is learnt, in every direction.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats
from measure.segment.crop import Crop
from measure.segment.rays import Rays
from measure.segment.solver import T_STEP, inside_counts, sample_places

BINS = 48
FORBIDDEN = -20.0
WIDEST_CONTRAST = 5.0  # in units of the noise: fat or lung beside a lesion must not coarsen the bins
CLEAR_NOISE = 2.0
CREST = 0.15  # in units of the contrast
CREST_WIDTH_MM = 2.5
HEIGHT_SHARE = 0.78
REFERENCE_SMOOTHING = 6


@dataclass(frozen=True, eq=False)
class Surface:
    """A star-shaped surface: centre in local mm of the crop, one radius in mm a ray."""

    centre: Floats
    radii: Floats
    rays: Rays

    @property
    def mean_radius(self) -> float:
        """Mean radius in mm."""
        return float(self.radii.mean())

    @property
    def size(self) -> float:
        """Volume (or area) up to a constant factor."""
        return float((self.radii**self.rays.dimension).sum())

    @property
    def centroid(self) -> Floats:
        """Centre of mass in local mm."""
        n = self.rays.dimension
        moment = (self.rays.directions * (self.radii ** (n + 1))[:, None]).sum(axis=0)
        return np.asarray(self.centre + n / (n + 1) * moment / self.size, float)


@dataclass(frozen=True, eq=False)
class StrokeHold:
    """What a stroke adds: its direction (local unit vector), half its length, and whether its ends pull."""

    way: Floats
    half_mm: float
    ends_pull: bool = True


def fitted_once(
    crop: Crop, start: Surface, scale_mm: float, *, learnt: bool, stroke: StrokeHold | None = None
) -> Surface:
    """One round: sample, learn, cut. start: the reference; learnt: its radii are a result, not a guess."""
    rays, reference = start.rays, start.radii
    if learnt:
        reference = rays.smoothed(reference, REFERENCE_SMOOTHING)
    t = sample_places()
    radius = reference[:, None] * t
    values, within = crop.sample(start.centre + radius[..., None] * rays.directions[:, None, :])
    if learnt:
        rho = start.radii[:, None]
        inside = radius < rho - 0.5
        outside = (radius > rho + 0.5) & (radius < rho + max(0.45 * scale_mm, 4.0))
    else:
        inside = np.broadcast_to(t < 0.72, radius.shape)
        outside = np.broadcast_to(t > 1.15, radius.shape)
    learning = _learnt(values, inside & within, outside & within)
    weight = radius ** (rays.dimension - 1)
    gain = 4 * T_STEP * t * _log_odds(values, inside & within, outside & within, weight, learning)
    cost = (
        _edge_cost(values, scale_mm, learning, _beyond(values, outside & within, rays, learning))
        + 0.15 * np.log(t) ** 2 / 0.09
    )
    if stroke is not None and stroke.ends_pull:
        near_end = np.clip((np.abs(rays.directions @ stroke.way) - 0.9) / 0.1, 0, 1)
        cost = cost + 2.0 * near_end[:, None] * np.abs(radius / stroke.half_mm - 1) / 0.1
    gain = gain - np.diff(cost, axis=1, prepend=0.0)
    gain[~within] = FORBIDDEN
    if stroke is not None:
        flattened = radius[..., None] * rays.directions[:, None, :] * np.array([1, 1, HEIGHT_SHARE])
        gain[np.linalg.norm(flattened, axis=-1) > 1.15 * stroke.half_mm] = FORBIDDEN
    gain[:, 0] = -FORBIDDEN
    counts = inside_counts(rays, gain)
    return Surface(start.centre, reference * (t[counts - 1] + T_STEP / 2), rays)


@dataclass(frozen=True, slots=True)
class _Learnt:
    """Medians inside and outside, robust noise inside, and the contrast by which values are clipped."""

    inside: float
    outside: float
    noise: float
    contrast: float


def _learnt(values: NDArray[np.float32], inside: NDArray[np.bool_], outside: NDArray[np.bool_]) -> _Learnt:
    within = values[inside] if inside.any() else values.ravel()
    beyond = values[outside] if outside.any() else values.ravel()
    a, b = float(np.median(within)), float(np.median(beyond))
    noise = 1.4826 * float(np.median(np.abs(within - a)))
    gap = abs(a - b)
    contrast = min(gap, max(WIDEST_CONTRAST * noise, 0.1 * gap))
    return _Learnt(a, b, noise, max(contrast, 1.5 * noise, 1e-6))


def _log_odds(
    values: NDArray[np.float32],
    inside: NDArray[np.bool_],
    outside: NDArray[np.bool_],
    weight: Floats,
    learnt: _Learnt,
) -> Floats:
    """Log-odds of every sample of being inside, clipped to +-2.5 (step 5)."""
    from scipy.ndimage import gaussian_filter1d

    width = 10 * learnt.contrast / BINS
    place = (values - (learnt.inside - 5 * learnt.contrast)) / width
    bins = np.clip(place, 0, BINS - 1).astype(np.int64)
    sigma = max(1.5, 0.35 * learnt.noise / width)
    shares = []
    for part in (inside, outside):
        counted = np.bincount(bins[part], weight[part], BINS).astype(float)
        counted = gaussian_filter1d(counted, sigma, mode="constant")
        shares.append(counted / max(counted.sum(), 1e-12) + 0.1 / BINS)
    return np.asarray(np.clip(np.log(shares[0] / shares[1]), -2.5, 2.5)[bins], float)


def _beyond(values: NDArray[np.float32], outside: NDArray[np.bool_], rays: Rays, learnt: _Learnt) -> Floats:
    """What lies outside in each direction, shape (rays, 1): fat on one side must not hide the other side.

    Where a direction shows nothing clearly different from the inside, the median of all directions stands.
    """
    low, high = learnt.inside - 5 * learnt.contrast, learnt.inside + 5 * learnt.contrast
    counted = np.where(outside, np.clip(values, low, high), 0.0).sum(axis=1)
    number = np.maximum(rays.smoothed(outside.sum(axis=1).astype(float), 2), 1e-6)
    beyond = rays.smoothed(counted.astype(float), 2) / number
    clear = np.abs(beyond - learnt.inside) > CLEAR_NOISE * learnt.noise
    return np.asarray(np.where(clear, beyond, learnt.outside)[:, None], float)


def _edge_cost(values: NDArray[np.float32], scale_mm: float, learnt: _Learnt, beyond: Floats) -> Floats:
    """Cost of ending after each sample: a step in the learnt direction is rewarded (step 7)."""
    contrast = np.maximum(np.abs(beyond - learnt.inside), max(learnt.noise, 1e-6))
    clipped = np.clip(values, learnt.inside - 2 * contrast, learnt.inside + 2 * contrast).astype(float)
    reach = max(1, round(max(1.5, 0.1 * scale_mm) / (T_STEP * scale_mm)))
    count = values.shape[1]
    total = np.concatenate([np.zeros((len(values), 1)), np.cumsum(clipped, axis=1)], axis=1)
    here = np.arange(1, count)
    before, behind = np.maximum(here - reach, 0), np.minimum(here + reach, count)
    step = (total[:, behind] - total[:, here]) / (behind - here)
    step -= (total[:, here] - total[:, before]) / (here - before)
    sign = np.where(beyond >= learnt.inside, 1.0, -1.0)
    reward = np.clip(sign * step / contrast, -0.3, 1.0)
    return np.concatenate([-1.5 * reward, np.zeros((len(values), 1))], axis=1)


def with_capsule(crop: Crop, surface: Surface, stroke: StrokeHold | None = None) -> Surface:
    """Move the surface out over a thin capsule or rim, where there is one and a stroke does not deny it."""
    reach = min(4.0, 0.35 * surface.mean_radius)
    steps = np.arange(0.0, reach + CREST_WIDTH_MM, 0.25)
    beyond = np.arange(reach + 1.0, reach + 3.01, 0.5)
    places = surface.radii[:, None] + np.concatenate([steps, beyond])
    values, within = crop.sample(surface.centre + places[..., None] * surface.rays.directions[:, None, :])
    if not within.any(axis=0).all():
        return surface
    profile = np.nanmedian(np.where(within, values, np.nan), axis=0)
    tissue = float(np.median(profile[len(steps) :]))
    middle = _middle_value(crop, surface)
    contrast = abs(middle - tissue)
    if contrast <= 1e-6:
        return surface
    raised = (1.0 if tissue >= middle else -1.0) * (profile[: len(steps)] - tissue) / contrast
    crest = int(np.argmax(raised))
    fallen = np.flatnonzero(raised[crest:] < 0.5 * raised[crest])
    if raised[crest] <= CREST or crest == 0 or steps[crest] > reach or not fallen.size:
        return surface
    out = float(steps[crest + int(fallen[0])])
    if stroke is not None:
        own_shape = surface.rays.smoothed(surface.radii, REFERENCE_SMOOTHING)  # ends drawn out by the stroke
        ends = surface.rays.radius_towards(own_shape, np.array([stroke.way, -stroke.way]))
        short_mm = 2 * stroke.half_mm - float(ends.sum())
        if abs(short_mm - 2 * out) > abs(short_mm):
            return surface
    return Surface(surface.centre, surface.radii + out, surface.rays)


def _middle_value(crop: Crop, surface: Surface) -> float:
    shares = np.linspace(0.15, 0.85, 6)
    places = surface.radii[:, None] * shares
    values, _ = crop.sample(surface.centre + places[..., None] * surface.rays.directions[:, None, :])
    return float(np.median(values))
