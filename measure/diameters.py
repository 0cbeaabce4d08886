"""The two axes of a lesion in the plane of acquisition, from the sub-voxel outline, and their editing.

Longest = farthest pair of points of the outline of a slice; the slice with the greatest wins. Perpendicular:
widest continuous chord of the same outline at 90 degrees to it. Where a mask falls into several pieces on a
slice the longest spans them, holes and specks left out; a chord never leaps from piece to piece. All is
computed in mm of the patient, so that pixels that are not square change nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats, Grid, Point, distance_mm
from measure.outline import measured_pieces, pieces_by_slice, plane_to_patient
from measure.volume import Mask, Volume

Ends: TypeAlias = tuple[Point, Point]
AxisEnd: TypeAlias = Literal["long-first", "long-second", "short-first", "short-second"]


@dataclass(frozen=True, slots=True)
class Axes:
    """Longest diameter and perpendicular of one slice: ends in LPS mm, lengths in mm, not rounded."""

    long_ends: Ends
    short_ends: Ends
    long_mm: float
    short_mm: float
    slice: int


def axes_from_ends(long_ends: Ends, short_ends: Ends, slice_index: int) -> Axes:
    """Axes whose lengths are computed from their ends."""
    return Axes(long_ends, short_ends, distance_mm(*long_ends), distance_mm(*short_ends), slice_index)


def axes_of_mask(mask: Mask, space: Volume | Grid) -> Axes | None:
    """Longest in-plane diameter over all slices and its perpendicular; None for an empty mask.

    mask: shape (slices, rows, columns) on the grid of the volume.
    """
    grid = space.grid if isinstance(space, Volume) else space
    return axes_of_pieces(pieces_by_slice(mask, grid), grid)


def axes_of_pieces(pieces: dict[int, list[Floats]], grid: Grid) -> Axes | None:
    """The same from the in-plane contours of `measure.outline.pieces_by_slice`."""
    best_mm, best_slice = -1.0, -1
    for k, of_slice in pieces.items():
        first, second = farthest_pair(np.concatenate(measured_pieces(of_slice)))
        length = float(np.linalg.norm(second - first))
        if length > best_mm:
            best_mm, best_slice = length, k
    return axes_of_outline(pieces[best_slice], best_slice, grid) if best_slice >= 0 else None


def axes_of_outline(pieces: Sequence[Floats], slice_index: int, grid: Grid) -> Axes:
    """Both axes of one slice's closed contours, each of shape (n, 2), in-plane mm (see `measure.outline`)."""
    counted = measured_pieces(pieces)
    first, second = farthest_pair(np.concatenate(counted))
    chords = [widest_chord_across(piece, first, second) for piece in counted]
    third, fourth = max(chords, key=lambda chord: float(np.linalg.norm(chord[1] - chord[0])))
    ends = plane_to_patient(np.array([first, second, third, fourth]), slice_index, grid)
    a, b, c, d = (_point(end) for end in ends)
    return axes_from_ends((a, b), (c, d), slice_index)


def farthest_pair(points: Floats) -> tuple[Floats, Floats]:
    """The two points farthest from each other, of points of shape (n, 2) or (n, 3)."""
    corners = hull_points(points)
    best, pair = -1.0, (0, 0)
    for start in range(0, len(corners), 512):  # rows of the distance table, a bounded part at a time
        gap = ((corners[start : start + 512, None, :] - corners[None, :, :]) ** 2).sum(axis=2)
        at = int(np.argmax(gap))
        row, column = divmod(at, len(corners))
        if gap[row, column] > best:
            best, pair = float(gap[row, column]), (start + row, column)
    return corners[pair[0]], corners[pair[1]]


def hull_points(points: Floats) -> Floats:
    """Corners of the convex hull; all points where they span no area (or volume)."""
    from scipy.spatial import ConvexHull, QhullError

    if len(points) <= points.shape[1] + 1:
        return points
    try:
        return np.asarray(points[ConvexHull(points).vertices], float)
    except QhullError:
        return points


def widest_chord_across(piece: Floats, first: Floats, second: Floats) -> tuple[Floats, Floats]:
    """Ends of the widest continuous chord of a closed contour at right angles to the line first-second.

    Between two corners of the contour a chord's length changes linearly, so looking just before and behind
    every corner finds the widest exactly.
    """
    length = float(np.linalg.norm(second - first))
    if length == 0.0:
        return first, first
    along = (second - first) / length
    across = np.array([-along[1], along[0]])
    s, h = (piece - first) @ along, (piece - first) @ across
    places = np.unique(np.concatenate([s - 1e-7, s + 1e-7]))
    start_s, end_s, start_h, end_h = s[:-1], s[1:], h[:-1], h[1:]
    best, ends = -1.0, (0.0, 0.0, 0.0)
    for place in places:
        crossed = (start_s < place) != (end_s < place)
        if not crossed.any():
            continue
        share = (place - start_s[crossed]) / (end_s[crossed] - start_s[crossed])
        heights = np.sort(start_h[crossed] + share * (end_h[crossed] - start_h[crossed]))
        widths = heights[1::2] - heights[::2]
        at = int(np.argmax(widths))
        if widths[at] > best:
            best, ends = float(widths[at]), (float(place), float(heights[2 * at]), float(heights[2 * at + 1]))
    place, low, high = ends
    return first + place * along + low * across, first + place * along + high * across


# --- editing ------------------------------------------------------------------------------------------


def swap_if_needed(axes: Axes) -> Axes:
    """Let the axes change roles where the perpendicular has outgrown the longest."""
    if axes.short_mm <= axes.long_mm:
        return axes
    return Axes(axes.short_ends, axes.long_ends, axes.short_mm, axes.long_mm, axes.slice)


def perpendicular_kept(axes: Axes, moved_end: AxisEnd, to: Sequence[float], normal: Floats) -> Axes:
    """Axes after one end was dragged to a point (LPS mm); the right angle is kept, roles swap if needed.

    A dragged end of the long axis turns and stretches it about the other end; the short axis turns with it,
    keeps its length and crosses at the same fraction. A dragged end of the short axis changes that half alone
    and moves the crossing along the long axis. normal: of the slice, unit vector; the point is brought onto
    the plane.
    """
    first, second, third, fourth = (np.asarray(end, float) for end in (*axes.long_ends, *axes.short_ends))
    point = np.asarray(to, float)
    point = point - normal * float((point - first) @ normal)
    along = _unit(second - first)
    if along is None:
        short_way = _unit(fourth - third)
        along = np.cross(short_way if short_way is not None else _any_across(normal), normal)
    across = np.cross(normal, along)
    place, low, high = _crossing(first, along, across, third, fourth)
    length = float((second - first) @ along)
    if moved_end in ("long-first", "long-second"):
        fixed = second if moved_end == "long-first" else first
        way = _unit(point - fixed)
        if way is None:
            way = along if moved_end == "long-second" else -along
        first, second = (point, fixed) if moved_end == "long-first" else (fixed, point)
        turned = way if moved_end == "long-second" else -way
        across = np.cross(normal, turned)
        place = place / length * float(np.linalg.norm(point - fixed)) if length > 0 else 0.0
        along = turned
    else:
        place = float(np.clip((point - first) @ along, 0.0, length))
        height = float((point - first) @ across)
        if moved_end == "short-first":
            low = height
        else:
            high = height
    crossing = first + place * along
    long_ends = (_point(first), _point(second))
    short_ends = (_point(crossing + low * across), _point(crossing + high * across))
    return swap_if_needed(axes_from_ends(long_ends, short_ends, axes.slice))


def is_perpendicular(axes: Axes, tolerance_degrees: float = 0.1) -> bool:
    """Say whether the axes stand at right angles in mm."""
    if axes.long_mm == 0 or axes.short_mm == 0:
        return True
    long_way = np.subtract(axes.long_ends[1], axes.long_ends[0]) / axes.long_mm
    short_way = np.subtract(axes.short_ends[1], axes.short_ends[0]) / axes.short_mm
    return bool(abs(float(long_way @ short_way)) <= np.sin(np.radians(tolerance_degrees)))


def on_slice(axes: Axes, slice_index: int) -> Axes:
    """The same axes said to belong to another slice index (after a series was loaded again)."""
    return replace(axes, slice=slice_index)


def _crossing(
    first: Floats, along: Floats, across: Floats, third: Floats, fourth: Floats
) -> tuple[float, float, float]:
    """Where the short axis crosses the long one (mm from its first end), and its reach to both sides."""
    place = float(((third + fourth) / 2 - first) @ along)
    return place, float((third - first) @ across), float((fourth - first) @ across)


def _unit(vector: Floats) -> Floats | None:
    length = float(np.linalg.norm(vector))
    return vector / length if length > 1e-9 else None


def _any_across(normal: Floats) -> Floats:
    start = np.eye(3)[int(np.argmin(np.abs(normal)))]
    across = start - normal * float(start @ normal)
    return np.asarray(across / np.linalg.norm(across), float)


def _point(values: NDArray[np.float64]) -> Point:
    return float(values[0]), float(values[1]), float(values[2])
