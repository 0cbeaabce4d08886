"""Vessel trees as tubes: each far point grows towards the nearest vessel, radii follow Murray's law."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from measure.phantom.canvas import Path
from measure.phantom.outlines import Floats

Point = tuple[float, float, float]


def smooth_path(points: Sequence[Sequence[float]], spacing_mm: float = 1.0) -> Path:
    """Spline through (x, y, z, radius) points, sampled about every spacing_mm."""
    from scipy.interpolate import PchipInterpolator

    knots = np.asarray(points, float)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(knots[:, :3], axis=0), axis=1))])
    count = max(int(along[-1] / spacing_mm) + 1, 2)
    return np.asarray(PchipInterpolator(along, knots)(np.linspace(0, along[-1], count)), float)


def grown_tree(
    trunks: Sequence[Sequence[Sequence[float]]],
    inside: Callable[[Floats], bool],
    box: tuple[Point, Point],
    count: int,
    seed: int,
    tip_mm: float = 1.0,
) -> list[Path]:
    """Grow a tree from given trunks ((x, y, z, radius) points) into the organ.

    inside says whether a point (3,) may hold a vessel's end; count ends are tried, far ones first.
    """
    rng = np.random.default_rng(seed)
    nodes = [smooth_path(trunk, 2.0) for trunk in trunks]
    paths = [smooth_path(trunk, 0.8) for trunk in trunks]
    known = np.concatenate(nodes)
    ends = rng.uniform(box[0], box[1], (count * 3, 3))
    ends = np.array([end for end in ends if inside(end)][:count])
    distance = np.array([np.linalg.norm(known[:, :3] - end, axis=1).min() for end in ends])
    for end in ends[np.argsort(-distance)]:
        gaps = np.linalg.norm(known[:, :3] - end, axis=1)
        # a branch leaves the thicker vessel near it rather than the very nearest twig
        start = known[int(np.argmin(gaps / (0.55 + 0.12 * known[:, 3])))]
        length = float(np.linalg.norm(end - start[:3]))
        if length < 6.0:
            continue
        radius = min(start[3] * 0.7, 0.95 + 0.036 * length)
        bend = rng.normal(0, 0.09 * length, (2, 3))
        points = [
            [*start[:3], radius],
            [*(start[:3] + 0.35 * (end - start[:3]) + bend[0]), radius * 0.86],
            [*(start[:3] + 0.7 * (end - start[:3]) + bend[1]), radius * 0.62 + 0.1],
            [*end, tip_mm * 0.7],
        ]
        paths.append(smooth_path(points, 0.8))
        known = np.concatenate([known, smooth_path(points, 2.0)])
    return paths
