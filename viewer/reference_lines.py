"""Where the other planes cut the one shown, and where slices are missing: painted over a reformatted view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from measure.geometry import Floats, Point
from measure.planes import Plane
from viewer.frame import outlined_text
from viewer.overlay import Overlay
from viewer.slice_geometry import Placement
from viewer.theme import theme

OPEN_CENTRE_PX = 14.0
HATCH_PX = 8.0
NAME_PX = 80.0


@dataclass(frozen=True, slots=True)
class CutLine:
    """The line in which another plane cuts the one shown: a point on it, unit normal of the other, its name."""

    at: Point
    normal: Floats
    name: str


class ReferenceLines(Overlay):
    """Lines of the other planes with an open centre at the shared point; words at their ends say which plane it is."""

    def __init__(self) -> None:
        self.lines: tuple[CutLine, ...] = ()

    def paint(self, painter: QPainter, placement: Placement) -> None:
        """Halo first, then the line, then the name of its plane at the upper or right end."""
        look = theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        width = look.lines["crosshair"].width
        drawn = [_on_screen(line, placement) for line in self.lines]
        for token, opacity, wide in (("halo", "halo", width + 2.0), ("text-second", None, width)):
            painter.setPen(QPen(look.colour(token, opacity), look.line_px(wide)))
            for parts in drawn:
                for start, end in parts:
                    painter.drawLine(start, end)
        for line, parts in zip(self.lines, drawn, strict=True):
            if parts:
                outlined_text(painter, _name_box(parts, placement), _flags(parts), line.name, "text-second")


class GapBands(Overlay):
    """Black, hatched bands where slices are missing; there is no value under the pointer there."""

    def __init__(self, plane: Plane) -> None:
        self.plane = plane

    def empty_at(self, point: Point) -> bool:
        """The point lies where slices are missing."""
        return self.plane.in_band(point)

    def paint(self, painter: QPainter, placement: Placement) -> None:
        """From edge to edge of the picture; nothing on the plane that was acquired."""
        if self.plane.acquired:
            return
        look = theme()
        picture = QRectF(*placement.picture())
        for low, high in self.plane.bands:
            band = _band(self.plane.along, low, high, placement, picture)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.fillRect(band, look.colour("image"))
            painter.save()
            painter.setClipRect(band, Qt.ClipOperation.IntersectClip)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            painter.setPen(QPen(look.colour("blocked-box-edge"), look.px("line")))
            reach = band.height()
            for start in np.arange(band.left() - reach, band.right(), HATCH_PX * look.scale):
                painter.drawLine(QPointF(start, band.bottom()), QPointF(start + reach, band.top()))
            painter.restore()
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(QPen(look.colour("blocked"), look.px("line")))
            if band.height() <= band.width():
                painter.drawLine(band.topLeft(), band.topRight())
                painter.drawLine(band.bottomLeft(), band.bottomRight())
            else:
                painter.drawLine(band.topLeft(), band.bottomLeft())
                painter.drawLine(band.topRight(), band.bottomRight())


def _on_screen(line: CutLine, placement: Placement) -> Sequence[tuple[QPointF, QPointF]]:
    """The two parts of a line on the screen, from the edge of the area to the open centre and on."""
    way = np.cross(line.normal, placement.grid.normal)
    length = float(np.linalg.norm(way))
    if length < 1e-6:
        return ()
    x, y = (float(part) for part in placement.to_screen(line.at))
    dx, dy = (float(part) for part in placement.to_screen(np.asarray(line.at) + way / length) - (x, y))
    size = float(np.hypot(dx, dy))
    if size < 1e-9:
        return ()
    dx, dy = dx / size, dy / size
    if dx < -1e-6 or (abs(dx) <= 1e-6 and dy < 0):
        dx, dy = -dx, -dy
    area = placement.area
    far = area.width + area.height + abs(x - area.left) + abs(y - area.top)
    gap = OPEN_CENTRE_PX * theme().scale
    before = QPointF(x - far * dx, y - far * dy), QPointF(x - gap * dx, y - gap * dy)
    after = QPointF(x + gap * dx, y + gap * dy), QPointF(x + far * dx, y + far * dy)
    return before, after


def _name_box(parts: Sequence[tuple[QPointF, QPointF]], placement: Placement) -> QRectF:
    """Where a lying line leaves the area at the right, or a standing one comes into it from above."""
    area, look = placement.area, theme()
    high = look.line_height("label") + 2.0
    start, end = parts[0][0], parts[1][1]
    if _lies(parts):
        right = area.left + area.width - look.px("rail") - 8.0
        share = (right - start.x()) / (end.x() - start.x())
        y = start.y() + share * (end.y() - start.y())
        return QRectF(right - NAME_PX, y - high - 1.0, NAME_PX, high)
    top = area.top + 26.0
    share = (top - start.y()) / (end.y() - start.y())
    x = start.x() + share * (end.x() - start.x())
    return QRectF(x + 5.0, top, NAME_PX, high)


def _lies(parts: Sequence[tuple[QPointF, QPointF]]) -> bool:
    way = parts[1][1] - parts[0][0]
    return abs(way.x()) >= abs(way.y())


def _flags(parts: Sequence[tuple[QPointF, QPointF]]) -> int:
    side = Qt.AlignmentFlag.AlignRight if _lies(parts) else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


def _band(along: Floats, low: float, high: float, placement: Placement, picture: QRectF) -> QRectF:
    """The band between two places along the stack on the screen, over the whole picture."""
    grid = placement.grid
    row, column = np.asarray(grid.row_axis, float), np.asarray(grid.column_axis, float)
    down = abs(float(along @ column)) >= abs(float(along @ row))
    axis = column if down else row
    origin = grid.origins[placement.slice]
    ends = []
    for place in (low, high):
        point = origin + axis * (place - float(origin @ along)) / float(axis @ along)
        ends.append(float(placement.to_screen(point)[1 if down else 0]))
    first, last = min(ends), max(ends)
    if down:
        return QRectF(picture.left(), first, picture.width(), last - first)
    return QRectF(first, picture.top(), last - first, picture.height())
