"""A lesion of an earlier scan found and outlined again on a later one: a proposal, never a value."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from measure.geometry import Grid, Point
from measure.outline import MaskBox
from measure.pyramid import Pyramid
from measure.read import Mark
from measure.refusal import Refused
from measure.register import Found, Quality, Registration, find_again, proposal_quality
from measure.segment.candidate import Candidate, best_of
from measure.segment.click import segment_click


@dataclass(frozen=True, eq=False)
class Carried:
    """What is proposed on the later scan: the place with its match, and sizes outlined there.

    quality: the worse of match and outline (reading-room 4); `failed` has no candidates, the place stays as a hint.
    best: index of the candidate to show first.
    """

    found: Found
    candidates: tuple[Candidate, ...]
    best: int
    quality: Quality

    @property
    def proposed(self) -> Candidate | None:
        """The candidate shown first."""
        return self.candidates[self.best] if self.candidates else None


def carry_over(earlier: Pyramid, later: Pyramid, place: Point, start: Registration) -> Carried:
    """Find a place (LPS mm on the earlier scan) on the later one and outline what lies there.

    start: rigid registration of the two. Nothing is raised: what cannot be found or outlined is `failed`.
    """
    found = find_again(earlier, later, place, start=start)
    if found.quality == "failed":
        return Carried(found, (), -1, "failed")
    try:
        candidates = segment_click(later.volume, found.point)
    except Refused:
        return Carried(found, (), -1, "failed")
    best = best_of(candidates)
    quality = proposal_quality(found.error_mm, candidates[best].quality_q)
    return Carried(found, candidates, best, quality) if quality != "failed" else Carried(found, (), -1, quality)


def place_of_mark(mark: Mark, grid: Grid) -> Point:
    """Where a mark lies in its body: the middle of its mask, else of its axes; LPS mm on its own scan."""
    if mark.mask_bits:
        k, j, i, nk, nj, ni = mark.mask_box
        stored = MaskBox((k, j, i, nk, nj, ni), mark.mask_bits)
        at = np.argwhere(stored.inside()).mean(axis=0) + np.array([k, j, i])
        x, y, z = (float(v) for v in grid.to_patient([at[2], at[1], at[0]]))
        return x, y, z
    (ax, ay, az), (bx, by, bz) = mark.long_axis or mark.short_axis
    return (ax + bx) / 2, (ay + by) / 2, (az + bz) / 2
