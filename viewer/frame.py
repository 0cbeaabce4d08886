"""What stands round the picture: head bar, corner texts, letters, message; painted, no widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import ceil

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPixmap

from viewer.icons import icon
from viewer.theme import Theme, theme

_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
_CENTRE = int(Qt.AlignmentFlag.AlignCenter)


@dataclass(frozen=True, slots=True)
class HeadItem:
    """Words at the right of the head: icon name (or none), text, colour token."""

    text: str
    icon: str = ""
    colour: str = "text-second"


@dataclass(frozen=True, slots=True)
class Head:
    """Head bar: title in bold, what it is, the series (a menu opens on it), items at the right."""

    title: str = ""
    subtitle: str = ""
    series: str = ""
    right: tuple[HeadItem, ...] = ()
    series_menu: bool = False


def paint_head(painter: QPainter, head: Head, width: int, *, marks_hidden: bool) -> QRectF:
    """Paint the bar over the whole width; returns where the series stands (for a click)."""
    ratio = painter.device().devicePixelRatioF()
    bar, series = _head_bar(theme(), head, width, marks_hidden, ratio)
    painter.drawPixmap(QPointF(0.0, 0.0), bar)
    return series


@lru_cache(maxsize=32)
def _head_bar(look: Theme, head: Head, width: int, marks_hidden: bool, ratio: float) -> tuple[QPixmap, QRectF]:
    """The bar is drawn once for its words and width; scrolling only copies it."""
    bar = QPixmap(round(width * ratio), round(look.whole_px("viewport-head") * ratio))
    bar.setDevicePixelRatio(ratio)
    painter = QPainter(bar)
    series = _draw_head(painter, head, width, marks_hidden=marks_hidden)
    painter.end()
    return bar, series


def _draw_head(painter: QPainter, head: Head, width: int, *, marks_hidden: bool) -> QRectF:
    look = theme()
    high = look.whole_px("viewport-head")
    painter.fillRect(QRectF(0, 0, width, high), look.colour("viewport-head"))
    items = list(head.right)
    if marks_hidden:
        items.insert(0, HeadItem("marks hidden", "eye-off", "needs"))
    right = _paint_right(painter, items, width, high, look)
    x = look.px("card-padding") / 2.0 + 2.0
    x = _paint_words(painter, head.title, x, right, high, look, "base", 600, "text-strong")
    if head.subtitle:
        x = _paint_words(painter, head.subtitle, x + 8.0, right, high, look, "label", 400, "text-second")
    if not head.series:
        return QRectF()
    if x > 12.0:
        x += 10.0
        painter.fillRect(QRectF(x, high / 2.0 - 6.0, 1.0, 12.0), look.colour("line-control"))
        x += 10.0
    start = x
    x = _paint_words(painter, head.series, x, right - 16.0, high, look, "label", 400, "text-second")
    if head.series_menu and x + 16.0 < right:
        side = look.px("icon-bar") - 3.0
        _paint_icon(painter, "chevron-down", QPointF(x + 4.0, (high - side) / 2.0), side, "text-second")
        x += 4.0 + side
    return QRectF(start, 0.0, x - start, high)


def _paint_right(painter: QPainter, items: Sequence[HeadItem], width: int, high: int, look: Theme) -> float:
    """Items from the right edge inwards; returns where they begin."""
    x = float(width) - 8.0
    font = look.font("label")
    side = look.px("icon-bar")
    for item in reversed(items):
        x -= QFontMetricsF(font).horizontalAdvance(item.text)
        painter.setFont(font)
        painter.setPen(look.colour(item.colour))
        painter.drawText(QRectF(x, 0, width, high), _LEFT, item.text)
        if item.icon:
            x -= side + 4.0
            _paint_icon(painter, item.icon, QPointF(x, (high - side) / 2.0), side, item.colour)
        x -= 10.0
    return x


def _paint_words(
    painter: QPainter,
    text: str,
    x: float,
    right: float,
    high: int,
    look: Theme,
    role: str,
    weight: int,
    colour: str,
) -> float:
    font = look.font(role, weight=weight)
    metrics = QFontMetricsF(font)
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(right - x, 0.0))
    painter.setFont(font)
    painter.setPen(look.colour(colour))
    painter.drawText(QRectF(x, 0, max(right - x, 0.0) + 1.0, high), _LEFT, shown)
    return x + metrics.horizontalAdvance(shown)


def _paint_icon(painter: QPainter, name: str, at: QPointF, side: float, colour: str) -> None:
    pixmap = icon(name, colour, round(side))
    if pixmap is not None:
        painter.drawPixmap(at, pixmap)


def paint_corner(painter: QPainter, lines: Sequence[str], area: QRectF, *, right: bool, colour: str) -> QRectF:
    """Lines in a lower corner of the area, the last at the bottom; returns the box they take."""
    look = theme()
    font = look.font("label")
    metrics = QFontMetricsF(font)
    high = look.line_height("label")
    wide = max((metrics.horizontalAdvance(line) for line in lines), default=0.0)
    box = QRectF(0, 0, wide, high * len(lines))
    box.moveBottom(area.bottom() - 8.0)
    if right:
        box.moveRight(area.right())
    else:
        box.moveLeft(area.left())
    for row, line in enumerate(lines):
        rect = QRectF(box.left(), box.top() + row * high, wide, high)
        outlined_text(painter, rect, _RIGHT if right else _LEFT, line, colour)
    return box


def paint_letters(painter: QPainter, top: str, left: str, area: QRectF) -> None:
    """Orientation letters at the top and at the left edge."""
    look = theme()
    painter.setFont(look.font("label"))
    outlined_text(painter, QRectF(area.left(), area.top() + 4.0, area.width(), 18.0), _CENTRE, top, "text-second")
    middle = area.center().y()
    outlined_text(painter, QRectF(area.left() + 10.0, middle - 9.0, 40.0, 18.0), _LEFT, left, "text-second")


def paint_message(painter: QPainter, text: str, area: QRectF) -> None:
    """One line on a plate near the lower edge of the picture."""
    look = theme()
    font = look.font("label")
    painter.setFont(font)
    wide = min(QFontMetricsF(font).horizontalAdvance(text) + 24.0, area.width() - 8.0)
    box = QRectF(0, 0, wide, look.line_height("label") + 10.0)
    box.moveCenter(QPointF(area.center().x(), area.bottom() - 56.0))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("plate", "plate"))
    painter.drawRoundedRect(box, look.px("radius-letter"), look.px("radius-letter"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(look.colour("needs"))
    painter.drawText(box, _CENTRE, text)


def outlined_text(painter: QPainter, rect: QRectF, flags: int, text: str, colour: str) -> None:
    """Text of the label size that reads on any grey: a dark edge below it."""
    words = _outlined(theme(), text, colour, painter.device().devicePixelRatioF())
    size = words.deviceIndependentSize()
    x = rect.left()
    if flags & int(Qt.AlignmentFlag.AlignRight):
        x = rect.right() - size.width()
    elif flags & int(Qt.AlignmentFlag.AlignHCenter):
        x = rect.center().x() - size.width() / 2.0
    painter.drawPixmap(QPointF(round(x), round(rect.center().y() - size.height() / 2.0)), words)


@lru_cache(maxsize=1024)
def _outlined(look: Theme, text: str, colour: str, ratio: float) -> QPixmap:
    """The words with their edge, drawn once: corner texts come again with every slice."""
    font = look.font("label")
    wide = QFontMetricsF(font).horizontalAdvance(text) + 2.0
    words = QPixmap(ceil(wide * ratio), ceil((look.line_height("label") + 2.0) * ratio))
    words.setDevicePixelRatio(ratio)
    words.fill(Qt.GlobalColor.transparent)
    painter = QPainter(words)
    painter.setFont(font)
    rect = QRectF(1.0, 1.0, wide, look.line_height("label"))
    painter.setPen(look.colour("halo", "halo"))
    for dx, dy in ((-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)):
        painter.drawText(rect.translated(dx, dy), _LEFT, text)
    painter.setPen(look.colour(colour))
    painter.drawText(rect, _LEFT, text)
    painter.end()
    return words
