"""What lies under the pointer, and what pulling an end or moving a mark makes of its axes: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, cast

import numpy as np

from measure.diameters import AxisEnd, axes_from_ends, perpendicular_kept
from measure.geometry import Floats, Point
from viewer.marks import MarkAxes, MarkStyle, ViewMark
from viewer.slice_geometry import Placement

Part: TypeAlias = AxisEnd | Literal["outline", "inside", "label"]
ENDS: tuple[AxisEnd, ...] = ("long-first", "long-second", "short-first", "short-second")


@dataclass(frozen=True, slots=True)
class Hit:
    """A mark and the part of it that was hit."""

    key: str
    part: Part

    @property
    def is_end(self) -> bool:
        """An end point of an axis."""
        return self.part in ENDS


def ends_of(axes: MarkAxes) -> dict[AxisEnd, Point]:
    """The end points by name."""
    ends = dict(zip(ENDS[:2], axes.long_ends, strict=True))
    if axes.short_ends is not None:
        ends |= dict(zip(ENDS[2:], axes.short_ends, strict=True))
    return ends


def hit_mark(
    marks: Iterable[ViewMark], placement: Placement, x: float, y: float, *, end_px: float, line_px: float
) -> Hit | None:
    """What lies under a screen point on the slice shown: ends before outline before inside; the nearer wins.

    Ends count for marks that can be changed; the inside for those alone, too, and never for a proposal, where
    a press inside draws anew.
    """
    here = [mark for mark in marks if mark.lies_on(placement.slice)]
    pointer = np.array([x, y])
    best: tuple[float, Hit] | None = None
    for mark in here:
        if mark.changeable and mark.axes is not None and mark.axes.slice == placement.slice:
            for end, point in ends_of(mark.axes).items():
                off = np.abs(placement.to_screen(point) - pointer)
                if float(off.max()) <= end_px / 2.0 and (best is None or float(np.hypot(*off)) < best[0]):
                    best = float(np.hypot(*off)), Hit(mark.key, end)
    if best is not None:
        return best[1]
    for mark in here:
        for line in _lines(mark, placement):
            far = _distance_px(line, pointer)
            if far <= line_px and (best is None or far < best[0]):
                best = far, Hit(mark.key, "outline")
    if best is not None:
        return best[1]
    for mark in here:
        if mark.changeable and mark.style is not MarkStyle.PROPOSAL:
            pieces = [placement.to_screen(piece) for piece in mark.outlines.get(placement.slice, ())]
            if sum(_encloses(piece, pointer) for piece in pieces) % 2:
                return Hit(mark.key, "inside")
    return None


def pulled(axes: MarkAxes, end: AxisEnd, to: Point, normal: Floats) -> MarkAxes:
    """Axes after an end was pulled to a point: the right angle is kept in mm, the roles swap when needed.

    The same ends with another role after a swap are found by `end_nearest`.
    """
    if axes.short_ends is None:
        first, second = axes.long_ends
        return MarkAxes(axes.slice, (to, second) if end == "long-first" else (first, to))
    measured = axes_from_ends(axes.long_ends, axes.short_ends, axes.slice)
    return MarkAxes.of(perpendicular_kept(measured, end, to, normal))


def end_nearest(axes: MarkAxes, point: Point) -> AxisEnd:
    """The end that lies nearest to a point."""
    ends = ends_of(axes)
    return min(ends, key=lambda end: float(np.linalg.norm(np.subtract(ends[end], point))))


def lengths_text(axes: MarkAxes) -> str:
    """The live value of axes: `35.3 × 27.8 mm`, or one length."""
    long_mm = float(np.linalg.norm(np.subtract(*axes.long_ends)))
    if axes.short_ends is None:
        return f"{long_mm:.1f}\u2009mm"
    return f"{long_mm:.1f} × {float(np.linalg.norm(np.subtract(*axes.short_ends))):.1f}\u2009mm"


def _lines(mark: ViewMark, placement: Placement) -> list[Floats]:
    lines = [placement.to_screen(piece) for piece in mark.outlines.get(placement.slice, ())]
    axes = mark.axes
    if not lines and axes is not None and axes.slice == placement.slice:
        lines = [placement.to_screen(ends) for ends in (axes.long_ends, axes.short_ends) if ends]
    return lines


def _distance_px(line: Floats, pointer: Floats) -> float:
    starts, ends = line[:-1], line[1:]
    if len(starts) == 0:
        return float(np.inf)
    way = ends - starts
    length = np.maximum((way**2).sum(axis=1), 1e-12)
    share = np.clip(((pointer - starts) * way).sum(axis=1) / length, 0.0, 1.0)
    nearest = starts + share[:, None] * way
    return float(np.sqrt(((nearest - pointer) ** 2).sum(axis=1).min()))


def _encloses(piece: Floats, pointer: Floats) -> bool:
    x, y = piece[:, 0], piece[:, 1]
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    crosses = (y > pointer[1]) != (next_y > pointer[1])
    with np.errstate(divide="ignore", invalid="ignore"):
        at = (next_x - x) * (pointer[1] - y) / (next_y - y) + x
    return bool(np.count_nonzero(crosses & (pointer[0] < at)) % 2)


def as_end(part: Part) -> AxisEnd:
    """The part as an end; the caller has asked `Hit.is_end`."""
    return cast(AxisEnd, part)
