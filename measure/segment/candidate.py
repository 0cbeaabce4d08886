"""What a click or a stroke proposes: up to three sizes of mask with axes, volume and quality."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from measure.diameters import Axes, axes_of_pieces
from measure.geometry import Floats, Grid
from measure.outline import MaskBox, boxed, pieces_in_box, plane_to_patient, restored
from measure.refusal import Refused
from measure.segment.crop import Crop
from measure.segment.surface import StrokeHold, Surface, with_capsule
from measure.volume import Mask, Volume

ANOTHER_SIZE = 0.12
OFFERED = 3
CAPSULE_PREFERRED = 0.03
GOOD_Q, DOUBTFUL_Q = 1.0, 0.7
CUT_OFF_SHARE = 0.1
LARGEST_SHARE = 1 / 3  # mean radius in units of the picture's smaller side


@dataclass(frozen=True, eq=False)
class Candidate:
    """One proposed mask. quality_q: from 1.0 trustworthy, below 0.7 ask for a stroke; best: shown first."""

    stored: MaskBox
    grid: Grid
    axes: Axes
    volume_ml: float
    quality_q: float
    best: bool = False

    @property
    def mask(self) -> Mask:
        """The mask at full size, shape (slices, rows, columns); made anew at every call."""
        columns, rows, slices = self.grid.size
        return restored(self.stored.box, self.stored.bits, (slices, rows, columns))

    @cached_property
    def outlines(self) -> dict[int, list[Floats]]:
        """Closed outlines by slice index, LPS mm."""
        pieces = pieces_in_box(self.stored.inside(), self.stored.box[:3], self.grid)
        return {k: [plane_to_patient(piece, k, self.grid) for piece in found] for k, found in pieces.items()}

    @property
    def quality(self) -> str:
        """The score in words: good, doubtful or failed."""
        if self.quality_q >= GOOD_Q:
            return "good"
        return "doubtful" if self.quality_q >= DOUBTFUL_Q else "failed"


@dataclass(frozen=True, eq=False)
class Scored:
    """A surface in its crop with its quality, before it becomes a candidate."""

    crop: Crop
    surface: Surface
    quality_q: float


def with_and_without_capsule(
    crop: Crop, surface: Surface, quality_q: float, stroke: StrokeHold | None = None
) -> list[Scored]:
    """The surface moved out over its capsule or rim, where it has one; and as it was, as a further size."""
    moved = with_capsule(crop, surface, stroke)
    if moved is surface:
        return [Scored(crop, surface, quality_q)]
    return [Scored(crop, moved, quality_q), Scored(crop, surface, quality_q - CAPSULE_PREFERRED)]


def best_of(candidates: Sequence[Candidate]) -> int:
    """Index of the candidate to show first."""
    return next(index for index, candidate in enumerate(candidates) if candidate.best)


def three_sizes(volume: Volume, scored: Sequence[Scored]) -> tuple[Candidate, ...]:
    """The best and up to two others of clearly another size, ordered by size.

    Beside a trustworthy one no failed one is offered, nor a larger one that the picture cuts off.
    """
    taken: list[tuple[Scored, Candidate]] = []
    extent = min(n * step for n, step in zip(volume.grid.size, volume.grid.spacing_mm, strict=False))
    ordered = sorted(scored, key=lambda s: -s.quality_q)
    sane = [one for one in ordered if one.surface.mean_radius <= LARGEST_SHARE * extent] or ordered[:1]
    trusted = sane[0].quality_q >= GOOD_Q
    for one in sane:
        if trusted and one.quality_q < DOUBTFUL_Q:
            break
        larger = one.surface.mean_radius > sane[0].surface.mean_radius
        if larger and _left_out(one) > CUT_OFF_SHARE:
            continue
        mean = one.surface.mean_radius
        if any(abs(np.log(mean / other.surface.mean_radius)) < np.log1p(ANOTHER_SIZE) for other, _ in taken):
            continue
        candidate = candidate_of(volume, one, best=not taken)
        if candidate is not None:
            taken.append((one, candidate))
        if len(taken) == OFFERED:
            break
    if not taken:
        raise Refused("Nothing found to outline here. Draw a stroke across the lesion.")
    taken.sort(key=lambda pair: pair[0].surface.mean_radius)
    return tuple(candidate for _, candidate in taken)


def _left_out(scored: Scored) -> float:
    """Share of the surface that is not seen, because the picture ends there."""
    surface = scored.surface
    places = surface.centre + 1.05 * surface.radii[:, None] * surface.rays.directions
    _, within = scored.crop.sample(places)
    return 1.0 - float(within.mean())


def candidate_of(volume: Volume, scored: Scored, *, best: bool) -> Candidate | None:
    """Turn a surface into a mask with measurements; None where it encloses no voxel."""
    drawn = drawn_surface(scored.crop, scored.surface)
    if drawn is None:
        return None
    inside, start = drawn
    stored = boxed(inside, start)
    axes = axes_of_pieces(pieces_in_box(stored.inside(), stored.box[:3], volume.grid), volume.grid)
    if axes is None:
        return None
    return Candidate(
        stored,
        volume.grid,
        axes,
        int(inside.sum()) * volume.grid.voxel_ml,
        scored.quality_q,
        best,
    )


def drawn_surface(crop: Crop, surface: Surface) -> tuple[Mask, tuple[int, int, int]] | None:
    """Voxels within the surface, and the (k, j, i) where this part of the volume begins."""
    grid = crop.grid
    reach = float(surface.radii.max()) * 1.02
    size = np.asarray(grid.size)
    centre_index = crop.index_of(surface.centre)
    if surface.rays.dimension == 2:
        slice_index = int(np.clip(round(float(centre_index[2])), 0, size[2] - 1))
        offsets = np.array([[a, b, 0.0] for a in (-1, 1) for b in (-1, 1)]) * reach
    else:
        slice_index = -1
        offsets = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]) * reach
    index = crop.index_of(surface.centre + offsets)
    low = np.clip(np.floor(index.min(axis=0)), 0, size - 1).astype(int)
    high = np.clip(np.ceil(index.max(axis=0)), 0, size - 1).astype(int)
    if slice_index >= 0:
        low[2] = high[2] = slice_index
    # rows and columns of a slice are straight: one origin a slice is enough to know where its voxels lie
    origins = crop.local_of(grid.origins[low[2] : high[2] + 1]) - surface.centre
    if slice_index >= 0:
        origins[:, 2] = 0.0
    x = origins[:, 0, None, None] + np.arange(low[0], high[0] + 1) * grid.spacing_mm[0]
    y = origins[:, 1, None, None] + np.arange(low[1], high[1] + 1)[:, None] * grid.spacing_mm[1]
    z = origins[:, 2, None, None]
    distance = np.sqrt(x**2 + y**2 + z**2)
    inside = distance <= surface.radii.min() * 0.98
    unsure = ~inside & (distance <= reach)
    k, j, i = np.nonzero(unsure)
    places = np.stack([x[k, 0, i], y[k, j, 0], z[k, 0, 0]], axis=1)
    inside[unsure] = distance[unsure] <= surface.rays.radius_towards(surface.radii, places)
    if not inside.any():
        return None
    return inside, (int(low[2]), int(low[1]), int(low[0]))
