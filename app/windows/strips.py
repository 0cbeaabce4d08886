"""The two strips of the reading: stages at the top, tools at the left; small painted parts with names and keys."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.models.reading import STAGE_WORDS
from app.windows.parts import icon_pixmap, key_words
from app.workflow.reading import Reading
from viewer.theme import theme


class StageStrip(QWidget):
    """The protocol's stages with what is open in each; click goes there."""

    chosen = Signal(str)

    def __init__(self, stages: Sequence[str]) -> None:
        super().__init__()
        self._stages = list(stages)
        self._counts: dict[str, str] = {}
        self._current = self._stages[0]
        self.setFixedHeight(theme().whole_px("top-bar"))
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def show_reading(self, reading: Reading) -> None:
        """Count what is open."""
        items = reading.open_items()
        counts: dict[str, str] = {}
        for stage in self._stages:
            here = [item for item in items if item.stage == stage]
            if not here:
                counts[stage] = ""
            elif stage == "sweep":
                counts[stage] = here[0].text.split(": ")[-1].rstrip(".")
            else:
                counts[stage] = str(len(here))
        self._counts = counts
        self.setAccessibleName(", ".join(f"{STAGE_WORDS[s]} {counts[s] or 'done'}" for s in self._stages))
        self.updateGeometry()
        self.update()

    def set_current(self, stage: str) -> None:
        """Underline a stage."""
        self._current = stage
        self.update()

    def _cells(self) -> list[QRectF]:
        metrics = self.fontMetrics()
        cells, x = [], 0.0
        for stage in self._stages:
            count = self._counts.get(stage, "")
            width = (
                metrics.horizontalAdvance(STAGE_WORDS[stage])
                + 24
                + (metrics.horizontalAdvance(count) + 16 if count else 20)
            )
            cells.append(QRectF(x, 0, width, self.height()))
            x += width
        return cells

    def sizeHint(self) -> QSize:
        """As wide as its stages."""
        return QSize(int(self._cells()[-1].right()) + 2, self.height())

    def minimumSizeHint(self) -> QSize:
        """Never elided."""
        return self.sizeHint()

    def stage_centre(self, stage: str) -> QPointF:
        """Middle of a stage's cell."""
        return self._cells()[self._stages.index(stage)].center()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to a stage."""
        for stage, cell in zip(self._stages, self._cells(), strict=True):
            if cell.contains(event.position()):
                self.chosen.emit(stage)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Words, count or tick, underline."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        for stage, cell in zip(self._stages, self._cells(), strict=True):
            current, count = stage == self._current, self._counts.get(stage, "")
            if current:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.colour("act-dim"))
                painter.drawRoundedRect(cell.adjusted(1, 6, -1, -6), 4, 4)
                painter.fillRect(QRectF(cell.left() + 1, cell.bottom() - 2, cell.width() - 2, 2), look.colour("act"))
            font = self.font()
            font.setWeight(font.Weight.DemiBold if current else font.Weight.Normal)
            painter.setFont(font)
            painter.setPen(look.colour("text-strong" if current else "text-second"))
            words = QRectF(cell.left() + 10, 0, cell.width(), cell.height())
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, STAGE_WORDS[stage])
            x = cell.left() + 10 + metrics.horizontalAdvance(STAGE_WORDS[stage]) + 6
            if not count:
                painter.drawPixmap(QPointF(x, cell.center().y() - 7), icon_pixmap("check", "text-second", 14))
                continue
            box = QRectF(x, cell.center().y() - 8, metrics.horizontalAdvance(count) + 10, 16)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(look.colour("needs"))
            painter.drawRoundedRect(box, 8, 8)
            small = look.font("small", weight=600)
            small.setFamily(self.font().family())
            painter.setFont(small)
            painter.setPen(look.colour("needs-text"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, count)
        painter.end()


class ToolCell(QWidget):
    """One tool: icon and key."""

    pressed = Signal(str)

    def __init__(self, action: str, icon_name: str, key: str, tip: str) -> None:
        super().__init__()
        self.action, self._icon, self._tip = action, icon_name, tip
        self.active = False
        self._hover = False
        self.setFixedSize(theme().whole_px("tools") - 2, 40)
        self.set_key(key)

    def set_key(self, key: str) -> None:
        """Show another key."""
        self._key = key_words(key).replace("Ctrl Z", "^Z").replace("Shift ", "⇧")
        self.setToolTip(f"{self._tip}  {key_words(key)}")
        self.setAccessibleName(f"{self._tip}, {key_words(key)}")
        self.update()

    def set_icon(self, name: str) -> None:
        """Another picture (the layout in force)."""
        self._icon = name
        self.update()

    def set_active(self, active: bool) -> None:
        """The tool in force."""
        if active != self.active:
            self.active = active
            self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose."""
        self.pressed.emit(self.action)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Hover."""
        self._hover = True
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Hover ends."""
        self._hover = False
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Icon above, key below."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(3, 1, -3, -1)
        if self.active or self._hover:
            painter.setBrush(look.colour("act-dim" if self.active else "control"))
            painter.setPen(QPen(look.colour("act"), 1) if self.active else Qt.PenStyle.NoPen)
            painter.drawRoundedRect(box, 4, 4)
        token = "text-strong" if self.active else "text-second"
        painter.drawPixmap(QPointF((self.width() - 17) / 2, 4), icon_pixmap(self._icon, token, 17))
        font = look.font("key")
        font.setFamily(self.font().family())
        painter.setFont(font)
        painter.setPen(look.colour(token))
        painter.drawText(QRectF(0, 23, self.width(), 14), Qt.AlignmentFlag.AlignCenter, self._key)
        painter.end()


class ToolStrip(QFrame):
    """The strip at the left: drawing tools, then what changes the look."""

    pressed = Signal(str)

    def __init__(
        self, cells: Sequence[tuple[str, str] | None], keys: Mapping[str, str], tips: Mapping[str, str]
    ) -> None:
        super().__init__()
        self.setObjectName("tools")
        self.setFixedWidth(theme().whole_px("tools"))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(2)
        self.cells: dict[str, ToolCell] = {}
        for cell in cells:
            if cell is None:
                line = QFrame()
                line.setFixedHeight(1)
                line.setStyleSheet(f"background: {theme().hexes['line']}; margin: 0 8px;")
                layout.addSpacing(4)
                layout.addWidget(line)
                layout.addSpacing(4)
                continue
            action, icon_name = cell
            one = ToolCell(action, icon_name, keys[action], tips[action])
            one.pressed.connect(self.pressed.emit)
            self.cells[action] = one
            layout.addWidget(one)
        layout.addStretch(1)

    def set_active(self, action: str) -> None:
        """Show the tool in force."""
        for name, cell in self.cells.items():
            cell.set_active(name == action)

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Show the keys of all tools again."""
        for action, cell in self.cells.items():
            cell.set_key(keys[action])
