"""How credible a surface is: difference of what is inside and outside, and how many starts agree on it.

1.0 and above is trustworthy, below 0.7 more than half are wrong.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats
from measure.segment.crop import Crop
from measure.segment.surface import Surface

BINS = 32
AGREEMENT = 0.75


def separation(crop: Crop, surface: Surface) -> tuple[float, float]:
    """Bhattacharyya distance (0 to 1) of inside and shell; their contrast in units of the shell's noise."""
    inside_at = surface.radii[:, None] * np.linspace(0.15, 0.95, 9)
    near = np.maximum(surface.radii * 1.08, surface.radii + 1.0)
    far = np.maximum(surface.radii * 1.4, surface.radii + 4.0)
    shell_at = near[:, None] + (far - near)[:, None] * np.linspace(0, 1, 7)
    inside, inside_weight = _sampled(crop, surface, inside_at)
    shell, shell_weight = _sampled(crop, surface, shell_at)
    if inside.size < 8 or shell.size < 8:
        return 0.0, 0.0
    a, b = float(np.median(inside)), float(np.median(shell))
    noise = 1.4826 * float(np.median(np.abs(inside - a)))
    shell_noise = 1.4826 * float(np.median(np.abs(shell - b)))
    span = 5 * max(abs(a - b), 1.5 * noise, 1e-6)
    edges = np.linspace(a - span, a + span, BINS + 1)
    shares = []
    for values, weight in ((inside, inside_weight), (shell, shell_weight)):
        counted, _ = np.histogram(np.clip(values, edges[0], edges[-1]), edges, weights=weight)
        shares.append(counted / counted.sum())
    overlap = float(np.sqrt(shares[0] * shares[1]).sum())
    return 1.0 - overlap, abs(a - b) / max(shell_noise, 1e-6)


def agree(one: Surface, other: Surface) -> bool:
    """Say whether two starts ended in the same surface."""
    sizes = sorted([one.size, other.size])
    apart = float(np.linalg.norm(one.centroid - other.centroid))
    larger = max(one.mean_radius, other.mean_radius)
    return sizes[0] / sizes[1] * (1 - apart / larger) > AGREEMENT


def qualities(crops: Sequence[Crop], surfaces: Sequence[Surface], starts_mm: Sequence[float]) -> list[float]:
    """Quality Q of every surface among all of them; starts_mm: mean radius each one began with."""
    found = []
    for crop, surface, start_mm in zip(crops, surfaces, starts_mm, strict=True):
        distance, contrast = separation(crop, surface)
        votes = sum(agree(surface, other) for other in surfaces) / len(surfaces)
        drift = abs(float(np.log(surface.mean_radius / start_mm)))
        found.append(distance + 0.6 * votes + 0.05 * min(contrast, 4.0) - 0.15 * drift)
    return found


def _sampled(crop: Crop, surface: Surface, radii: Floats) -> tuple[NDArray[np.float32], Floats]:
    """Values at radii of shape (rays, n) that lie in the picture, with their weight by volume."""
    values, within = crop.sample(surface.centre + radii[..., None] * surface.rays.directions[:, None, :])
    weight = radii ** (surface.rays.dimension - 1)
    return values[within], weight[within]
