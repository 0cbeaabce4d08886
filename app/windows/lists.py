"""Tables of the screens around the reading: plain rows from values, a head, a selected row with its edge."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.windows.parts import paint_letter
from viewer.theme import theme

Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True)
class Column:
    """One column: head, width (0 = takes the rest), numbers right, and how its text looks."""

    head: str
    width: int = 0
    right: bool = False
    role: str = ""  # "", second, strong, letter, needs


@dataclass(frozen=True)
class Cell:
    """One cell whose look differs from its column's."""

    text: str
    role: str = ""
    tip: str = ""


class _Rows(QAbstractTableModel):
    def __init__(self, columns: Sequence[Column]) -> None:
        super().__init__()
        self.columns = list(columns)
        self.rows: list[Sequence[str | Cell]] = []

    def set_rows(self, rows: list[Sequence[str | Cell]]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 -- Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 -- Qt's signature
        return 0 if parent.isValid() else len(self.columns)

    def cell(self, index: Index) -> Cell:
        value = self.rows[index.row()][index.column()]
        return value if isinstance(value, Cell) else Cell(value)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.cell(index).text
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.cell(index).tip or None
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal:
            if role == Qt.ItemDataRole.DisplayRole:
                return self.columns[section].head
            if role == Qt.ItemDataRole.TextAlignmentRole:
                side = Qt.AlignmentFlag.AlignRight if self.columns[section].right else Qt.AlignmentFlag.AlignLeft
                return side | Qt.AlignmentFlag.AlignVCenter
        return None


class _Painter(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, _Rows)  # noqa: S101 -- the view's own model
        look, cell, column = theme(), model.cell(index), model.columns[index.column()]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect)
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        if selected:
            painter.fillRect(box, look.colour("act-dim"))
            if index.column() == 0:
                painter.fillRect(QRectF(box.left(), box.top(), look.px("row-edge"), box.height()), look.colour("act"))
        else:
            painter.fillRect(QRectF(box.left(), box.bottom() - 0.5, box.width(), 1), look.colour("hair"))
        role = cell.role or column.role
        if role == "letter":
            if cell.text:
                side = look.px("letter")
                middle = box.center()
                paint_letter(painter, QRectF(middle.x() - side / 2, middle.y() - side / 2, side, side), cell.text)
        else:
            font = option.font
            if role == "strong":
                font.setWeight(font.Weight.DemiBold)
            token = {
                "second": "text" if selected else "text-second",
                "needs": "needs",
                "blocked": "blocked",
            }.get(role, "text")
            painter.setFont(font)
            painter.setPen(look.colour(token))
            inner = box.adjusted(12 if index.column() == 0 else 8, 0, -8, 0)
            side_flag = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            text = painter.fontMetrics().elidedText(cell.text, Qt.TextElideMode.ElideRight, int(inner.width()))
            painter.drawText(inner, side_flag | Qt.AlignmentFlag.AlignVCenter, text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(10, theme().whole_px("row-list"))


class Rows(QTableView):
    """A table of rows; `chosen` on double click or Enter, `moved` when the selection goes."""

    chosen = Signal(int)
    moved = Signal(int)

    def __init__(self, columns: Sequence[Column], *, row_px: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = _Rows(columns)
        self.setModel(self._rows)
        self.setItemDelegate(_Painter(self))
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(row_px or theme().whole_px("row-list"))
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.setFixedHeight(theme().whole_px("row-list"))
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        for k, column in enumerate(columns):
            if column.width:
                head.setSectionResizeMode(k, QHeaderView.ResizeMode.Fixed)
                head.resizeSection(k, column.width)
            else:
                head.setSectionResizeMode(k, QHeaderView.ResizeMode.Stretch)
        self.doubleClicked.connect(lambda index: self.chosen.emit(index.row()))
        self.selectionModel().currentRowChanged.connect(lambda now, _: self.moved.emit(now.row()))

    def set_rows(self, rows: Sequence[Sequence[str | Cell]], *, keep: bool = True) -> None:
        """Show rows; the selection stays on its row number where it can."""
        at = self.currentIndex().row() if keep else -1
        self._rows.set_rows(list(rows))
        if rows:
            self.selectRow(min(max(at, 0), len(rows) - 1))

    @property
    def at(self) -> int:
        """Selected row, -1 for none."""
        return self.currentIndex().row()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter chooses; key repeat never does."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not event.isAutoRepeat() and self.at >= 0:
                self.chosen.emit(self.at)
            return
        super().keyPressEvent(event)
