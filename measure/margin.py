"""The margin of an ablation: from the tumour's surface before to the zone's after, under a registration.

Exploratory by nature: never shown without the registration's error, the voxel size and the method's name.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats, Grid, Point
from measure.outline import pieces_by_slice, plane_to_patient
from measure.refusal import Refused
from measure.register import Registration
from measure.volume import Mask

METHOD = "signed distance of tumour surface points to the zone's surface, rigid registration"
COARSEST_VOXEL_MM = 3.0
WORST_REGISTRATION_MM = 5.0
STEPS_MM = (0.0, 3.0, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Margin:
    """Margins over the tumour's surface, mm, negative where tumour lies outside the zone.

    minimum_at: place of the minimum on the scan after, LPS mm. covered_percent: share of the tumour's volume
    within the zone. below_percent: share of the tumour's surface with a margin below each limit of STEPS_MM.
    evaluable: False with why_not where voxels or registration are too coarse for the number to mean anything.
    """

    minimum_mm: float
    minimum_at: Point
    covered_percent: float
    below_percent: tuple[tuple[float, float], ...]
    registration_error_mm: float
    voxel_mm: tuple[float, float, float]
    evaluable: bool
    why_not: str | None = None
    method: str = METHOD


def ablation_margin(tumour: Mask, before: Grid, zone: Mask, after: Grid, registration: Registration) -> Margin:
    """Measure the margin. registration: fixed = scan before, moving = scan after. Refused: an empty mask."""
    if not tumour.any() or not zone.any():
        raise Refused("the margin needs a tumour mask on the scan before and a zone mask on the scan after")
    surface = _over(registration, _surface_points(tumour, before))
    signed = _signed_depth(zone, after, surface)
    lowest = int(np.argmin(signed))
    voxels = np.argwhere(tumour)[:, ::-1].astype(float)
    within = _signed_depth(zone, after, _over(registration, before.to_patient(voxels))) >= 0
    sizes = [(*grid.spacing_mm, grid.slice_step_mm) for grid in (before, after)]
    coarsest = max(sizes, key=max)
    reasons = []
    if max(coarsest) > COARSEST_VOXEL_MM:
        reasons.append(f"voxels of {max(coarsest):.1f} mm, at most {COARSEST_VOXEL_MM:g} mm")
    if registration.error_mm > WORST_REGISTRATION_MM:
        found = registration.error_mm
        reasons.append(f"registration error {found:.1f} mm, at most {WORST_REGISTRATION_MM:g} mm")
    x, y, z = (float(v) for v in surface[lowest])
    return Margin(
        minimum_mm=float(signed[lowest]),
        minimum_at=(x, y, z),
        covered_percent=100.0 * float(within.mean()),
        below_percent=tuple((step, 100.0 * float((signed < step).mean())) for step in STEPS_MM),
        registration_error_mm=registration.error_mm,
        voxel_mm=coarsest,
        evaluable=not reasons,
        why_not="; ".join(reasons) or None,
    )


def _over(registration: Registration, points: Floats) -> Floats:
    return np.asarray(points @ registration.matrix[:3, :3].T + registration.matrix[:3, 3], float)


def _surface_points(mask: Mask, grid: Grid) -> Floats:
    """Points of the sub-voxel outlines and of the faces at the upper and lower end, LPS mm, shape (n, 3)."""
    rims = [plane_to_patient(piece, k, grid) for k, pieces in pieces_by_slice(mask, grid).items() for piece in pieces]
    ends = []
    padded = np.pad(mask, ((1, 1), (0, 0), (0, 0)))
    for way in (-1, 1):
        open_end = mask & ~(padded[2:] if way > 0 else padded[:-2])
        voxels = np.argwhere(open_end)[:, ::-1].astype(float)
        voxels[:, 2] += 0.5 * way
        ends.append(grid.to_patient(voxels))
    return np.concatenate([*rims, *ends])


def _signed_depth(mask: Mask, grid: Grid, points: Floats) -> NDArray[np.float64]:
    """Depth of points within a mask's surface in mm, negative outside."""
    from scipy.spatial import cKDTree

    from measure.outline import bounding_box

    border = _surface_points(mask, grid)
    gap, _ = cKDTree(border).query(points)
    index = np.rint(grid.to_index(points)).astype(int)
    k, j, i, nk, nj, ni = bounding_box(mask)
    low, high = np.array([i, j, k]), np.array([i + ni, j + nj, k + nk])
    possible = np.all((index >= low) & (index < high), axis=1)
    inside = np.zeros(len(points), bool)
    at = index[possible]
    inside[possible] = mask[at[:, 2], at[:, 1], at[:, 0]]
    return np.asarray(np.where(inside, gap, -gap), float)
