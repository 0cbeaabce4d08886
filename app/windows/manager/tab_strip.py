"""The tabs in the top bar: words, an amber count where somebody is needed, blue under the one shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from viewer.theme import theme


@dataclass(frozen=True)
class TabWords:
    """A tab by its key: words, and shorter words for small screens."""

    key: str
    words: str
    short: str


class TabStrip(QWidget):
    """Painted tabs; `chosen` with the tab's key. Arrow keys go to the next tab."""

    chosen = Signal(str)

    def __init__(self, tabs: Sequence[TabWords]) -> None:
        super().__init__()
        self.tabs = tuple(tabs)
        self._at = 0
        self._over = -1
        self._counts: dict[str, int] = {}
        self.short = False
        self.setFixedHeight(theme().whole_px("top-bar") - 1)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Tabs")

    @property
    def key(self) -> str:
        """The tab shown."""
        return self.tabs[self._at].key if self.tabs else ""

    def set_key(self, key: str) -> None:
        """Show another tab, without telling."""
        self._at = next((k for k, tab in enumerate(self.tabs) if tab.key == key), self._at)
        self.update()

    def set_count(self, key: str, count: int) -> None:
        """How many things of a tab need somebody."""
        if self._counts.get(key, 0) != count:
            self._counts[key] = count
            self._grown()

    def count(self, key: str) -> int:
        """The amber number of a tab."""
        return self._counts.get(key, 0)

    def set_short(self, short: bool) -> None:
        """Use the shorter words."""
        if short != self.short:
            self.short = short
            self._grown()

    def _grown(self) -> None:
        self.updateGeometry()
        self.update()

    def _font_metrics(self) -> QFontMetrics:
        font = theme().font("base", weight=600)
        font.setFamily(self.font().family())
        return QFontMetrics(font)

    def _count_width(self, key: str) -> float:
        count = self._counts.get(key, 0)
        return 0.0 if not count else max(16.0, 8.0 + 7.0 * len(str(count))) + 6.0

    def areas(self) -> list[QRectF]:
        """Where each tab lies."""
        metrics, made, x = self._font_metrics(), [], 0.0
        padding = 7.0 if self.short else 13.0
        for tab in self.tabs:
            words = tab.short if self.short else tab.words
            width = metrics.horizontalAdvance(words) + self._count_width(tab.key) + 2 * padding
            made.append(QRectF(x, 0.0, width, self.height()))
            x += width
        return made

    def sizeHint(self) -> QSize:
        """All tabs side by side."""
        areas = self.areas()
        return QSize(round(areas[-1].right()) + 1 if areas else 0, self.height())

    def minimumSizeHint(self) -> QSize:
        """Never cut."""
        return self.sizeHint()

    def _find(self, x: float) -> int:
        return next((k for k, area in enumerate(self.areas()) if area.left() <= x < area.right()), -1)

    def _go(self, at: int) -> None:
        if 0 <= at < len(self.tabs) and at != self._at:
            self._at = at
            self.update()
            self.chosen.emit(self.key)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to a tab."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._go(self._find(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hover."""
        self._over = self._find(event.position().x())
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Hover ends."""
        self._over = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go(self._at + (1 if event.key() == Qt.Key.Key_Right else -1))
            return
        super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the tabs."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        padding = 7.0 if self.short else 13.0
        for k, (tab, area) in enumerate(zip(self.tabs, self.areas(), strict=True)):
            shown = k == self._at
            font = look.font("base", weight=600 if shown else 400)
            font.setFamily(self.font().family())
            painter.setFont(font)
            ink = "text-strong" if shown else "text" if k == self._over else "text-second"
            painter.setPen(look.colour(ink))
            inner = area.adjusted(padding, 0, -padding, 0)
            words = tab.short if self.short else tab.words
            painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
            if self._counts.get(tab.key, 0):
                self._paint_count(painter, inner, tab.key)
            if shown:
                painter.fillRect(QRectF(area.left(), area.bottom() - 2, area.width(), 2), look.colour("act"))
            if shown and self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(look.colour("act"), 1))
                painter.drawRoundedRect(area.adjusted(2, 6, -2, -6), 4, 4)
        painter.end()

    def _paint_count(self, painter: QPainter, inner: QRectF, key: str) -> None:
        look = theme()
        width = self._count_width(key) - 6.0
        box = QRectF(inner.right() - width, inner.center().y() - 8, width, 16)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("needs"))
        painter.drawRoundedRect(box, 8, 8)
        font = look.font("small", weight=600)
        font.setFamily(self.font().family())
        painter.setFont(font)
        painter.setPen(look.colour("needs-text"))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(self._counts[key]))

    def centre(self, key: str) -> QPointF:
        """Middle of a tab, in the strip's own coordinates."""
        return self.areas()[[tab.key for tab in self.tabs].index(key)].center()
