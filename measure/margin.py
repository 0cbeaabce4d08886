"""The margin of an ablation: from the tumour's surface before to the zone's after, under a registration.

Exploratory by nature: never shown without the registration's error, the voxel size and the method's name.
Limits and figures: central-reading practice, section on margins by registration (minimal ablative margin,
shares of the surface below 0, 3, 5 and 10 mm, share of a 5 mm shell inside the zone).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats, Grid, Point
from measure.refusal import Refused
from measure.register import Registration
from measure.surface import Surface, surface_of
from measure.volume import Mask

METHOD = "signed distance of the tumour's surface to the zone's surface, sub-voxel, rigid registration"
COARSEST_VOXEL_MM = 3.0
WORST_REGISTRATION_MM = 5.0
STEPS_MM = (0.0, 3.0, 5.0, 10.0)
SHELL_MM = 5.0


@dataclass(frozen=True, slots=True, eq=False)
class Margin:
    """Margins over the tumour's surface, mm, negative where tumour lies outside the zone.

    minimum_at: place of the least margin on the scan after, LPS mm; minimum_slice: slice of that scan nearest to
    it; minimum_towards: unit vector from the tumour's middle to it (LPS). covered_percent: share of the tumour's
    volume within the zone. below_percent: share of the tumour's surface with a margin below each limit of
    STEPS_MM. shell_percent: share of a shell of SHELL_MM round the tumour that lies within the zone.
    points (n, 3), triangles (m, 3): the tumour's surface on the scan after, LPS mm; distances_mm (n,): the margin
    at each point, for colouring. evaluable: False with why_not where voxels or registration are too coarse for
    the number to mean anything.
    """

    minimum_mm: float
    minimum_at: Point
    minimum_slice: int
    minimum_towards: Point
    covered_percent: float
    below_percent: tuple[tuple[float, float], ...]
    shell_percent: float
    registration_error_mm: float
    voxel_mm: tuple[float, float, float]
    evaluable: bool
    why_not: str | None = None
    method: str = METHOD
    points: Floats = field(default_factory=lambda: np.empty((0, 3)), repr=False)
    triangles: NDArray[np.int64] = field(default_factory=lambda: np.empty((0, 3), np.int64), repr=False)
    distances_mm: Floats = field(default_factory=lambda: np.empty(0), repr=False)


def ablation_margin(tumour: Mask, before: Grid, zone: Mask, after: Grid, registration: Registration) -> Margin:
    """Measure the margin. registration: fixed = scan before, moving = scan after. Refused: an empty mask."""
    if not tumour.any() or not zone.any():
        raise Refused("the margin needs a tumour mask on the scan before and a zone mask on the scan after")
    tumour_surface, zone_surface = surface_of(tumour, before), surface_of(zone, after)
    points = tumour_surface.moved(registration.matrix)
    signed = zone_surface.distances(points)
    lowest = int(np.argmin(signed))
    where = points[lowest]
    towards = where - points.mean(axis=0)
    area = tumour_surface.corner_areas
    within, shell = _voxels_round(tumour_surface)
    coarsest, reasons = _too_coarse((before, after), registration)
    return Margin(
        minimum_mm=float(signed[lowest]),
        minimum_at=_point(where),
        minimum_slice=after.nearest_slice(_point(where)),
        minimum_towards=_point(towards / max(float(np.linalg.norm(towards)), 1e-9)),
        covered_percent=_inside_percent(within, zone_surface, registration),
        below_percent=tuple((step, 100.0 * float(area[signed < step].sum() / area.sum())) for step in STEPS_MM),
        shell_percent=_inside_percent(shell, zone_surface, registration),
        registration_error_mm=registration.error_mm,
        voxel_mm=coarsest,
        evaluable=not reasons,
        why_not="; ".join(reasons) or None,
        points=points,
        triangles=tumour_surface.triangles,
        distances_mm=signed,
    )


def _voxels_round(surface: Surface) -> tuple[Floats, Floats]:
    """Centres (LPS mm) of the voxels within a surface, and of those in a shell of SHELL_MM round it."""
    grid, depth = surface.grid, surface.depth
    reach = np.ceil(SHELL_MM / np.array([grid.slice_step_mm, grid.spacing_mm[1], grid.spacing_mm[0]])).astype(int) + 1
    index = np.stack(
        np.meshgrid(*(np.arange(-r, n + r) for r, n in zip(reach, depth.shape, strict=True)), indexing="ij"), axis=-1
    ).reshape(-1, 3)
    centres = grid.to_patient((index + np.asarray(surface.start))[:, ::-1])
    held = surface.holds(centres)
    outside = centres[~held]
    far = np.abs(_corner_distances(surface, outside))
    return centres[held], outside[far <= SHELL_MM]


def _corner_distances(surface: Surface, points: Floats) -> Floats:
    """Distance to the nearest corner of a surface: a shell needs no more."""
    from scipy.spatial import cKDTree

    found, _ = cKDTree(surface.points).query(points, distance_upper_bound=2.0 * SHELL_MM)
    return np.asarray(found, float)


def _inside_percent(points: Floats, zone: Surface, registration: Registration) -> float:
    """Share of points of the scan before that lie within the zone after, per cent; 0 for none."""
    if not len(points):
        return 0.0
    over = points @ registration.matrix[:3, :3].T + registration.matrix[:3, 3]
    return 100.0 * float(zone.holds(over).mean())


def _too_coarse(grids: tuple[Grid, Grid], registration: Registration) -> tuple[tuple[float, float, float], list[str]]:
    """The larger voxel of both scans, and why its margin would mean nothing."""
    sizes = [(*grid.spacing_mm, grid.slice_step_mm) for grid in grids]
    coarsest = max(sizes, key=max)
    reasons = []
    if max(coarsest) > COARSEST_VOXEL_MM:
        reasons.append(f"voxels of {max(coarsest):.1f} mm, at most {COARSEST_VOXEL_MM:g} mm")
    if registration.error_mm > WORST_REGISTRATION_MM:
        found = registration.error_mm
        reasons.append(f"registration error {found:.1f} mm, at most {WORST_REGISTRATION_MM:g} mm")
    return coarsest, reasons


def _point(values: Floats) -> Point:
    return float(values[0]), float(values[1]), float(values[2])
