"""What is being drawn: the line so far, the live value beside the pointer, the brush at its true size."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF

from measure.geometry import Point
from viewer.slice_geometry import Placement
from viewer.theme import theme
from viewer.tools.events import Preview

BESIDE_POINTER_PX = 16.0


@dataclass(frozen=True, slots=True)
class Drawing:
    """preview of the tool; text beside the pointer; radius of the brush in mm where its circle is shown."""

    preview: Preview | None = None
    text: str = ""
    pointer: QPointF | None = None
    disc_mm: float | None = None


def paint_drawing(painter: QPainter, drawing: Drawing, placement: Placement) -> None:
    """Paint it over everything else on the picture."""
    look = theme()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    preview = drawing.preview
    if preview is not None and preview.slice == placement.slice:
        if preview.swath_mm > 0:
            _paint_swath(painter, preview, placement)
        else:
            for token, opacity, width in (("halo", "halo", 3.6), ("proposal", None, 1.6)):
                pen = QPen(look.colour(token, opacity), look.line_px(width))
                pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
                painter.setPen(pen)
                for line in preview.lines:
                    painter.drawPolyline(_polygon(line, placement))
                for line in preview.closed:
                    painter.drawPolygon(_polygon(line, placement))
    if drawing.disc_mm is not None and drawing.pointer is not None:
        radius = drawing.disc_mm * placement.px_per_mm
        for token, opacity, width in (("halo", "halo", 3.0), ("proposal", None, 1.2)):
            painter.setPen(QPen(look.colour(token, opacity), width))
            painter.drawEllipse(drawing.pointer, radius, radius)
    if drawing.text and drawing.pointer is not None:
        _paint_value(painter, drawing.text, drawing.pointer, placement)


def _paint_swath(painter: QPainter, preview: Preview, placement: Placement) -> None:
    look = theme()
    colour = look.colour("blocked" if preview.erase else "proposal")
    pen = QPen(colour, preview.swath_mm * placement.px_per_mm)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setOpacity(0.35)
    for line in preview.lines:
        points = _polygon(line if len(line) > 1 else (*line, *line), placement)
        painter.drawPolyline(points)
    painter.setOpacity(1.0)


def _paint_value(painter: QPainter, text: str, pointer: QPointF, placement: Placement) -> None:
    look = theme()
    font = look.font("base", weight=600)
    painter.setFont(font)
    box = QRectF(0, 0, QFontMetricsF(font).horizontalAdvance(text) + 12.0, look.line_height("base") + 4.0)
    box.moveBottomLeft(QPointF(pointer.x() + BESIDE_POINTER_PX, pointer.y() - BESIDE_POINTER_PX))
    area = placement.area
    if box.right() > area.left + area.width:
        box.moveRight(pointer.x() - BESIDE_POINTER_PX)
    if box.top() < area.top:
        box.moveTop(pointer.y() + BESIDE_POINTER_PX)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("plate", "plate"))
    painter.drawRoundedRect(box, look.px("radius-letter"), look.px("radius-letter"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(look.colour("text-strong"))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), text)


def _polygon(points: Sequence[Point], placement: Placement) -> QPolygonF:
    return QPolygonF([QPointF(x, y) for x, y in placement.to_screen(points).tolist()])
