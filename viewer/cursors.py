"""Pointers: white with a black edge, made when first shown."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QCursor, QPainter, QPen, QPixmap

from viewer.theme import theme
from viewer.tools.registry import Cursor

_SIDE = 32

_SHAPES = {
    Cursor.HAND: Qt.CursorShape.OpenHandCursor,
    Cursor.HAND_CLOSED: Qt.CursorShape.ClosedHandCursor,
    Cursor.PULL: Qt.CursorShape.SizeAllCursor,
    Cursor.FORBIDDEN: Qt.CursorShape.ForbiddenCursor,
    Cursor.ARROW: Qt.CursorShape.ArrowCursor,
    Cursor.DISC: Qt.CursorShape.BlankCursor,  # the circle of true size is painted by the viewport
}


@cache
def cursor_of(kind: Cursor) -> QCursor:
    """The pointer of a kind."""
    return QCursor(_SHAPES[kind]) if kind in _SHAPES else _drawn(kind)


def _drawn(kind: Cursor) -> QCursor:
    pixmap = QPixmap(_SIDE, _SIDE)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    middle = _SIDE / 2.0
    look = theme()
    for token, width in (("image", 3.0), ("text-strong", 1.0)):
        painter.setPen(QPen(look.colour(token), width))
        if kind is Cursor.CROSS:
            for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                start, end = (middle + 4.0 * dx, middle + 4.0 * dy), (middle + 11.0 * dx, middle + 11.0 * dy)
                painter.drawLine(QLineF(*start, *end))
        else:
            disc = QRectF(middle - 8.0, middle - 8.0, 16.0, 16.0)
            painter.drawEllipse(disc)
            painter.setBrush(look.colour("text-strong"))
            painter.drawPie(disc, 90 * 16, 180 * 16)
            painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.end()
    return QCursor(pixmap, _SIDE // 2, _SIDE // 2)
