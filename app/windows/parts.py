"""Small parts that all screens share: buttons with key caps, chips, letters, segmented rows, icons, labels."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QEnterEvent,
    QFont,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QAbstractButton, QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from viewer import icons as viewer_icons
from viewer.theme import theme

KEY_WORDS = {"Return": "Enter", "Ctrl+Return": "Ctrl Enter", "PgDown": "PgDn"}


def icon_pixmap(name: str, token: str, size: int, ratio: float = 1.0) -> QPixmap:
    """A Lucide icon tinted with a colour token (sharp up to twice the size, whatever the ratio)."""
    return viewer_icons.icon(name, token, size) or QPixmap()


def icon(name: str, token: str = "text", size: int = 16) -> QIcon:
    """The same as a QIcon."""
    return QIcon(icon_pixmap(name, token, size))


def label(text: str = "", role: str = "", *, wrap: bool = False, token: str = "") -> QLabel:
    """A label in one of the type roles (title, section, code, value, strong, second, label, hint, small, needs)."""
    made = QLabel(text)
    made.setTextFormat(Qt.TextFormat.PlainText)
    if role:
        made.setProperty("role", role)
    if wrap:
        made.setWordWrap(True)
    if token:
        made.setStyleSheet(f"color: {theme().hexes[token]};")
    return made


def with_minus(text: str) -> str:
    """A true minus before numbers, as on every screen."""
    return re.sub(r"(?<![\w.])-(?=\d)", "−", text)


def restyle(widget: QWidget, name: str, value: object) -> None:
    """Set a dynamic property and let the style sheet see it."""
    if widget.property(name) != value:
        widget.setProperty(name, value)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def seam() -> QFrame:
    """The line between two parts of the panel."""
    line = QFrame()
    line.setObjectName("seam")
    return line


def clear(layout: QHBoxLayout | QVBoxLayout) -> None:
    """Take everything out of a layout."""
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        elif item is not None and item.layout() is not None:
            clear(item.layout())  # type: ignore[arg-type]


def key_words(key: str) -> str:
    """A key as the caps show it: `Ctrl Enter`, `Shift X`."""
    return KEY_WORDS.get(key, key).replace("+", " ")


class Button(QAbstractButton):
    """A button with a key cap: normal, primary (one a view), quiet, danger; small ones are 24 high."""

    def __init__(
        self,
        text: str,
        *,
        key: str = "",
        kind: str = "normal",
        icon_name: str = "",
        small: bool = False,
        tip: str = "",
        action: str = "",
    ) -> None:
        super().__init__()
        self.setText(text)
        self.key, self.kind, self.icon_name, self.small = key, kind, icon_name, small
        self.action = action  # of the key table, so that the cap follows when the key is changed
        self._cap = key_words(key).replace("Shift ", "⇧") if small else key_words(key)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(f"{text}, {self._cap}" if key else text)
        if tip or key:
            self.setToolTip(f"{tip or text}  {self._cap}".strip())
        self._hover = False

    def set_key(self, key: str) -> None:
        """Show another key cap, or none."""
        if key != self.key:
            self.key = key
            self._cap = key_words(key).replace("Shift ", "⇧") if self.small else key_words(key)
            self.updateGeometry()
            self.update()

    def set_kind(self, kind: str) -> None:
        """Become normal, primary, quiet or danger."""
        self.kind = kind
        self.update()

    def _height(self) -> int:
        return theme().whole_px("button-small" if self.small else "button")

    def _cap_width(self) -> int:
        if not self._cap:
            return 0
        metrics = QFontMetrics(self._text_font())
        return max(metrics.horizontalAdvance(self._cap) + (6 if self.small else 8), 16)

    def _text_font(self) -> QFont:
        """Small buttons speak a size smaller, so that a row of answers fits the narrow panel."""
        font = theme().font("label" if self.small else "base")
        font.setFamily(self.font().family())
        if self.kind == "primary":
            font.setWeight(font.Weight.DemiBold)
        return font

    def _gap(self) -> int:
        return 5 if self.small else 8

    def sizeHint(self) -> QSize:
        """Text, icon and key cap side by side."""
        width = QFontMetrics(self._text_font()).horizontalAdvance(self.text()) + (12 if self.small else 24)
        if self.icon_name:
            width += 22
        if self._cap:
            width += self._cap_width() + self._gap()
        return QSize(width, self._height())

    def minimumSizeHint(self) -> QSize:
        """Never elided."""
        return self.sizeHint()

    def enterEvent(self, event: QEnterEvent) -> None:
        """Hover."""
        self._hover = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Hover ends."""
        self._hover = False
        self.update()
        super().leaveEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter presses the focused button, as the key cap says; key repeat never does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            if not event.isAutoRepeat():
                self.click()
            return
        super().keyPressEvent(event)

    def _colours(self) -> tuple[QColor | None, QColor | None, QColor]:
        look = theme()
        if not self.isEnabled():
            return None, look.colour("line"), look.colour("line-control")
        if self.kind == "primary":
            fill = look.colour("act-fill-edge" if self._hover else "act-fill")
            return fill, look.colour("act-fill-edge"), look.colour("text-strong")
        if self.kind == "danger":
            return None, look.colour("blocked"), look.colour("blocked")
        if self.kind == "quiet":
            return (look.colour("control") if self._hover else None), None, look.colour("text-second")
        ground = "control-pressed" if self.isDown() else "control-hover" if self._hover else "control"
        if self.isChecked():
            return look.colour("act-dim"), look.colour("act"), look.colour("text-strong")
        return look.colour(ground), look.colour("line-control"), look.colour("text")

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint fill, edge, icon, text, key cap and focus ring."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, edge, ink = self._colours()
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        if fill is not None:
            painter.setBrush(fill)
        painter.setPen(QPen(edge, 1) if edge is not None else Qt.PenStyle.NoPen)
        painter.drawRoundedRect(box, look.px("radius-control"), look.px("radius-control"))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("act"), look.px("focus-ring")))
            painter.drawRoundedRect(
                box.adjusted(0.5, 0.5, -0.5, -0.5), look.px("radius-control"), look.px("radius-control")
            )
        self._paint_content(painter, ink)
        painter.end()

    def _paint_content(self, painter: QPainter, ink: QColor) -> None:
        painter.setFont(self._text_font())
        metrics = painter.fontMetrics()
        text_width = metrics.horizontalAdvance(self.text())
        cap = self._cap_width()
        total = text_width + (22 if self.icon_name else 0) + (cap + self._gap() if cap else 0)
        x = (self.width() - total) / 2
        middle = self.height() / 2
        if self.icon_name:
            token = "text-strong" if self.kind == "primary" else "blocked" if self.kind == "danger" else "text-second"
            if not self.isEnabled():
                token = "line-control"
            painter.drawPixmap(QPointF(x, middle - 8), icon_pixmap(self.icon_name, token, 16, self.devicePixelRatioF()))
            x += 22
        painter.setPen(ink)
        painter.drawText(
            QRectF(x, 0, text_width + 2, self.height()),
            Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
            self.text(),
        )
        if cap:
            x += text_width + self._gap()
            paint_key_cap(painter, QRectF(x, middle - 8.5, cap, 17), self._cap, ink)


def paint_key_cap(painter: QPainter, box: QRectF, text: str, ink: QColor) -> None:
    """A key cap: the key in a small box."""
    look = theme()
    painter.setBrush(Qt.BrushStyle.NoBrush)
    edge = QColor(ink)
    edge.setAlphaF(0.55)
    painter.setPen(QPen(edge, 1))
    painter.drawRoundedRect(box, look.px("radius-letter"), look.px("radius-letter"))
    font = look.font("small")
    font.setFamily(painter.font().family())
    painter.setFont(font)
    painter.setPen(ink)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


class KeyCap(QWidget):
    """A key cap on its own."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.setFixedHeight(19)
        self.set_key(key)

    def set_key(self, key: str) -> None:
        """Show another key."""
        self._text = key_words(key)
        self.setFixedWidth(max(self.fontMetrics().horizontalAdvance(self._text) + 8, 18))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_key_cap(painter, QRectF(0.5, 1, self.width() - 1, 17), self._text, theme().colour("text-second"))
        painter.end()


class Chip(QLabel):
    """A small round tag: plain, needs, blocked or act; not clickable."""

    def __init__(self, text: str = "", kind: str = "plain") -> None:
        super().__init__(text)
        self.setFixedHeight(theme().whole_px("chip"))
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_kind(kind)

    def set_kind(self, kind: str) -> None:
        """Change what it says by its ground."""
        c = theme().hexes
        grounds = {
            "plain": ("transparent", c["text"], c["line-control"]),
            "needs": (c["needs-dim"], c["needs"], c["needs-dim"]),
            "blocked": (c["blocked-dim"], c["blocked"], c["blocked-dim"]),
            "act": (c["act-dim"], c["act-text"], c["act-dim"]),
        }
        ground, ink, edge = grounds[kind]
        self.setStyleSheet(
            f"background: {ground}; color: {ink}; border: 1px solid {edge};"
            f"border-radius: {theme().whole_px('radius-chip')}px;"
            f"padding: 0 7px; font-size: {theme().font('label').pixelSize()}px;"
        )


_LETTER_LOOK = {
    "O": ("needs", "needs-text", ""),
    "≠": ("needs", "needs-text", ""),
    "Q": ("needs", "needs-text", ""),
    "V": ("needs", "needs-text", ""),
    "P": ("", "act", "act"),
    "!": ("", "blocked", "blocked"),
    "W": ("", "text-second", ""),
}


def paint_letter(painter: QPainter, box: QRectF, letter: str) -> None:
    """A state letter (design 5) in a box of 16 px."""
    look = theme()
    ground, ink, edge = _LETTER_LOOK.get(letter, ("control", "text", ""))
    painter.setPen(Qt.PenStyle.NoPen)
    if ground:
        painter.setBrush(look.colour(ground))
        painter.drawRoundedRect(box, look.px("radius-letter"), look.px("radius-letter"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if edge:
        pen = QPen(look.colour(edge), 1)
        if letter == "P":
            pen.setStyle(Qt.PenStyle.DotLine)
        painter.setPen(pen)
        painter.drawRoundedRect(box.adjusted(0.5, 0.5, -0.5, -0.5), look.px("radius-letter"), look.px("radius-letter"))
    font = look.font("small", weight=600)
    font.setFamily(painter.font().family())
    painter.setFont(font)
    painter.setPen(look.colour(ink))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)


class Letter(QWidget):
    """A state letter on its own; empty paints nothing and keeps its place."""

    def __init__(self, letter: str = "") -> None:
        super().__init__()
        side = theme().whole_px("letter")
        self.setFixedSize(side, side)
        self._letter = letter

    def set_letter(self, letter: str) -> None:
        """Show another letter, or nothing."""
        self._letter = letter
        self.setAccessibleName(letter)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        if self._letter:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_letter(painter, QRectF(self.rect()), self._letter)
            painter.end()


class Segmented(QWidget):
    """A row of up to five short choices, one of which may be chosen; nothing chosen = open."""

    chosen = Signal(str)

    def __init__(self, choices: Sequence[tuple[str, str]], *, height: int = 26) -> None:
        super().__init__()
        self.choices = list(choices)
        self._value = ""
        self._disabled: dict[str, str] = {}
        self._over = -1
        self._focus = 0
        self.setFixedHeight(height)
        self.setMinimumWidth(40 * len(self.choices))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    @property
    def value(self) -> str:
        """The chosen value, empty when open."""
        return self._value

    def set_value(self, value: str) -> None:
        """Show a choice without telling anybody."""
        if value != self._value:
            self._value = value
            self.update()

    def disable(self, value: str, why: str) -> None:
        """Grey out one choice with its reason; an empty reason opens it."""
        self._disabled = (
            {**self._disabled, value: why} if why else {k: v for k, v in self._disabled.items() if k != value}
        )
        self.update()

    def _cells(self) -> list[QRectF]:
        metrics = self.fontMetrics()
        wants = [metrics.horizontalAdvance(text) + 16.0 for _, text in self.choices]
        spare = max(self.width() - 1 - sum(wants), 0.0) / len(wants)
        shrink = min(1.0, (self.width() - 1) / sum(wants))
        cells, x = [], 0.5
        for want in wants:
            width = want * shrink + spare
            cells.append(QRectF(x, 0.5, width, self.height() - 1))
            x += width
        return cells

    def _at(self, x: float) -> int:
        return next((k for k, cell in enumerate(self._cells()) if cell.left() <= x < cell.right()), -1)

    def cell_centre(self, value: str) -> QPointF:
        """Middle of a choice, in the widget's own coordinates."""
        at = [v for v, _ in self.choices].index(value)
        return self._cells()[at].center()

    def _choose(self, at: int) -> None:
        if 0 <= at < len(self.choices):
            value = self.choices[at][0]
            if value not in self._disabled:
                self._focus = at
                self.set_value(value)
                self.chosen.emit(value)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Hover and the reason of a closed choice."""
        self._over = self._at(event.position().x())
        if 0 <= self._over < len(self.choices):
            self.setToolTip(self._disabled.get(self.choices[self._over][0], ""))
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Hover ends."""
        self._over = -1
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows move, space or Enter chooses."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if event.key() == Qt.Key.Key_Right else -1
            self._focus = max(0, min(len(self.choices) - 1, self._focus + step))
            self.update()
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Return) and not event.isAutoRepeat():
            self._choose(self._focus)
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the row."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = look.px("radius-control")
        cells = self._cells()
        whole = QRectF(0.5, 0.5, self.width() - 1, self.height() - 1)
        painter.setBrush(look.colour("field"))
        painter.setPen(QPen(look.colour("line-control"), 1))
        painter.drawRoundedRect(whole, radius, radius)
        font = look.font("label")
        font.setFamily(self.font().family())
        for k, (cell, (value, text)) in enumerate(zip(cells, self.choices, strict=True)):
            is_chosen = value == self._value
            if is_chosen or (k == self._over and value not in self._disabled):
                painter.setBrush(look.colour("act-dim" if is_chosen else "control"))
                painter.setPen(QPen(look.colour("act" if is_chosen else "line-control"), 1))
                painter.drawRoundedRect(cell, radius, radius)
            elif k:
                painter.setPen(QPen(look.colour("line"), 1))
                painter.drawLine(QPointF(cell.left(), 4), QPointF(cell.left(), self.height() - 4))
            font.setWeight(font.Weight.DemiBold if is_chosen else font.Weight.Normal)
            painter.setFont(font)
            token = "line-control" if value in self._disabled else "text-strong" if is_chosen else "text"
            painter.setPen(look.colour(token))
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, text)
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.colour("act"), 1.5))
            painter.drawRoundedRect(cells[self._focus].adjusted(1.5, 1.5, -1.5, -1.5), radius, radius)
        painter.end()


def row(
    *items: QWidget | int | None, spacing: int = 8, margins: tuple[int, int, int, int] = (0, 0, 0, 0)
) -> QHBoxLayout:
    """A horizontal layout: widgets, int = fixed space, None = stretch."""
    layout = QHBoxLayout()
    layout.setContentsMargins(*margins)
    layout.setSpacing(spacing)
    for item in items:
        if item is None:
            layout.addStretch(1)
        elif isinstance(item, int):
            layout.addSpacing(item)
        else:
            layout.addWidget(item)
    return layout


def boxed(layout: QHBoxLayout | QVBoxLayout, name: str = "") -> QFrame:
    """A frame around a layout; name picks the look (card, well, needs, sheet, bar)."""
    frame = QFrame()
    if name:
        frame.setObjectName(name)
    frame.setLayout(layout)
    return frame


def on_click(button: QAbstractButton, action: Callable[[], object]) -> QAbstractButton:
    """Connect and return the button."""
    button.clicked.connect(lambda _=False: action())
    return button
