"""Outline icons in the hue of the text beside them; the drawings come from outside as SVG bytes."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QPainter, QPixmap

from viewer.theme import theme

_SOURCE: list[Callable[[str], bytes]] = []


def set_icon_source(read: Callable[[str], bytes]) -> None:
    """Say how the SVG of an icon is read by its name; without a source no icon is painted."""
    _SOURCE[:] = [read]
    _drawn.cache_clear()


def icon(name: str, colour: str, side: int) -> QPixmap | None:
    """An icon in the hue of a theme token, side px wide; None where no source was set."""
    return _drawn(name, theme().colour(colour).name(), side) if _SOURCE else None


@cache
def _drawn(name: str, hue: str, side: int) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    drawing = _SOURCE[0](name).replace(b"currentColor", hue.encode())
    pixmap = QPixmap(2 * side, 2 * side)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    QSvgRenderer(QByteArray(drawing)).render(painter, QRectF(0, 0, 2 * side, 2 * side))
    painter.end()
    pixmap.setDevicePixelRatio(2.0)
    return pixmap
