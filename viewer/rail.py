"""The slice rail at the right edge: what was shown, where marks lie, what is missing, which slice is up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from viewer.marks import MarkStyle, ViewMark
from viewer.slice_geometry import Area, SliceOrder
from viewer.theme import Theme, theme

TICK_REACH_PX = 4.0


@dataclass(frozen=True, slots=True)
class RailGeometry:
    """Slices of a stack along a groove, the first number at the top."""

    area: Area
    order: SliceOrder

    @property
    def slice_px(self) -> float:
        """Height of one slice."""
        return self.area.height / max(self.order.count, 1)

    def y_of(self, slice_index: int) -> float:
        """Middle of a slice in px."""
        return self.area.top + (self.order.number(slice_index) - 0.5) * self.slice_px

    def slice_at(self, y: float) -> int:
        """The slice under a height, kept within the stack."""
        return self.order.index(int((y - self.area.top) // self.slice_px) + 1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the rail."""

    key: str
    slice: int
    style: MarkStyle
    colour: str
    first: int
    last: int


def ticks_of(marks: Sequence[ViewMark]) -> tuple[Tick, ...]:
    """One tick a mark, at its home slice; a zone spans all its slices."""
    ticks = []
    for mark in marks:
        home = mark.home_slice
        if home is not None:
            slices = mark.outlines.keys() or (home,)
            ticks.append(Tick(mark.key, home, mark.style, mark.colour, min(slices), max(slices)))
    return tuple(ticks)


def tick_at(ticks: Sequence[Tick], rail: RailGeometry, y: float) -> Tick | None:
    """The nearest tick within reach of a height."""
    near = [(abs(rail.y_of(tick.slice) - y), tick.key, tick) for tick in ticks]
    best = min(near, default=None, key=lambda one: one[:2])
    return best[2] if best is not None and best[0] <= TICK_REACH_PX else None


def runs(shown: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """First and last index of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], shown, [False])).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def paint_rail(
    painter: QPainter,
    rail: RailGeometry,
    shown: NDArray[np.bool_],
    ticks: Sequence[Tick],
    missing_after: Sequence[int],
    current: int,
) -> None:
    """Paint groove, slices shown, ticks, red boxes of missing slices, handle."""
    look = theme()
    wide = look.px("rail-groove")
    x = rail.area.left + rail.area.width - look.px("rail") / 2.0 + 1.0
    groove = QRectF(x - wide / 2.0, rail.area.top, wide, rail.area.height)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(groove, look.colour("rail-edge"))
    painter.fillRect(groove.adjusted(1.0, 1.0, -1.0, -1.0), look.colour("rail-groove"))
    half = rail.slice_px / 2.0
    for first, last in runs(shown):
        ends = sorted((rail.y_of(first), rail.y_of(last)))
        painter.fillRect(
            QRectF(groove.left() + 1, ends[0] - half, wide - 2, max(ends[1] - ends[0] + 2 * half, 1.0)),
            look.colour("rail-shown"),
        )
    for tick in ticks:
        _paint_tick(painter, tick, rail, groove.left() - 3.0, look)
    for slice_index in missing_after:
        if slice_index + 1 < rail.order.count:
            y = (rail.y_of(slice_index) + rail.y_of(slice_index + 1)) / 2.0
            box = QRectF(x - wide, y - 4.0, 2.0 * wide, 8.0)
            painter.setPen(QPen(look.colour("blocked"), 1.4))
            painter.setBrush(look.colour("blocked-dim"))
            painter.drawRect(box)
    long = look.px("rail-handle")
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setPen(QPen(look.colour("image"), 1.0))
    painter.setBrush(look.colour("rail-handle"))
    painter.drawRoundedRect(QRectF(x - long / 2.0, rail.y_of(current) - 3.5, long, 7.0), 2.0, 2.0)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_tick(painter: QPainter, tick: Tick, rail: RailGeometry, right: float, look: Theme) -> None:
    y, long = rail.y_of(tick.slice), look.px("rail-tick")
    hue = look.colour(tick.colour)
    pen = QPen(hue, 2.0)
    match tick.style:
        case MarkStyle.ZONE:
            ends = sorted((rail.y_of(tick.first), rail.y_of(tick.last)))
            high = max(ends[1] - ends[0], 6.0)
            box = QRectF(right - 6.0, (ends[0] + ends[1] - high) / 2.0, 6.0, high)
            painter.fillRect(box, look.colour(tick.colour, "zone-fill"))
            painter.fillRect(QRectF(box.left(), box.top(), 6.0, 1.0), hue)
            painter.fillRect(QRectF(box.left(), box.bottom() - 1.0, 6.0, 1.0), hue)
            painter.fillRect(QRectF(box.left(), box.top(), 1.0, high), hue)
            painter.fillRect(QRectF(box.right() - 1.0, box.top(), 1.0, high), hue)
            return
        case MarkStyle.PROPOSAL | MarkStyle.EXPECTED:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(hue)
            painter.drawEllipse(QPointF(right - 3.0, y), 2.5, 2.5)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            return
        case MarkStyle.DASHED:
            pen.setDashPattern([1.5, 1.0])
            pen.setCapStyle(Qt.PenCapStyle.FlatCap)
        case MarkStyle.DOUBLE:
            pen.setWidthF(1.0)
            painter.setPen(pen)
            painter.drawLine(QPointF(right - long, y - 2.0), QPointF(right, y - 2.0))
            y += 1.0
        case _:
            pass
    painter.setPen(pen)
    painter.drawLine(QPointF(right - long, y), QPointF(right, y))
