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
LETTER_PX = 16.0


@dataclass(frozen=True, slots=True)
class CutLine:
    """The line in which another plane cuts the one shown: a point on it, unit normal of the other, its letter."""

    at: Point
    normal: Floats
    letter: str


class ReferenceLines(Overlay):
    """Lines of the other planes with an open centre at the shared point; letters say which plane a line is."""

    def __init__(self) -> None:
        self.lines: tuple[CutLine, ...] = ()

    def paint(self, painter: QPainter, placement: Placement) -> None:
        """Halo first, then the line, then its letter at the upper or left end."""
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
                outlined_text(painter, _letter_box(parts[0][0], placement), _MIDDLE, line.letter, "text")


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


_MIDDLE = int(Qt.AlignmentFlag.AlignCenter)


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


def _letter_box(start: QPointF, placement: Placement) -> QRectF:
    """Beside the line, where it comes into the area from the left or from above."""
    area, side = placement.area, LETTER_PX * theme().scale
    inside_x = min(max(start.x(), area.left + 22.0), area.left + area.width - side)
    inside_y = min(max(start.y(), area.top + 22.0), area.top + area.height - side)
    from_left = start.x() < area.left
    box = QRectF(0.0, 0.0, side, side)
    box.moveTopLeft(QPointF(inside_x, inside_y - side) if from_left else QPointF(inside_x + 3.0, inside_y))
    return box


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
