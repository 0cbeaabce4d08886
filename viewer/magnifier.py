"""A lens about the pointer: the picture larger, without marks, so that nothing hides what is looked at."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen

from viewer.slice_geometry import Placement, zoomed_at
from viewer.theme import theme

MAGNIFIED = 2.5
RADIUS_PX = 90.0


def paint_lens(painter: QPainter, picture: QImage, placement: Placement, pointer: QPointF) -> None:
    """Paint it; what lies under the pointer stays under it."""
    look = theme()
    radius = RADIUS_PX * look.scale
    larger = zoomed_at(placement, MAGNIFIED, pointer.x(), pointer.y())
    lens = QPainterPath()
    lens.addEllipse(pointer, radius, radius)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setClipPath(lens, Qt.ClipOperation.IntersectClip)
    painter.fillPath(lens, look.colour("image"))
    painter.drawImage(QRectF(*larger.picture()), picture, QRectF(picture.rect()))
    painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for token, opacity, width in (("halo", "halo", 4.0), ("text-second", None, 1.5)):
        painter.setPen(QPen(look.colour(token, opacity), look.line_px(width)))
        painter.drawEllipse(pointer, radius, radius)
