"""The grid of subjects and time points: one letter a cell, painted; arrows and clicks choose a cell."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.windows.parts import label, row
from app.workflow.subject_grid import GridCell, GridRow
from viewer.theme import theme

Index = QModelIndex | QPersistentModelIndex
NUMBER, CODE, FIRST_CELL = 0, 1, 2
_SIZE = (26.0, 20.0)
STATE_WORDS = (
    ("E", "expected"),
    ("N", "received"),
    ("O", "overdue"),
    ("C", "checked"),
    ("Q", "query"),
    ("X", "refused"),
    ("R", "released"),
    ("M", "missed"),
    ("U", "unscheduled"),
)
# By letter: ground, ink and edge as colour tokens, and whether the edge is dashed.
_LOOK = {
    "E": ("", "hint", "", False),
    "N": ("control", "text-strong", "", False),
    "O": ("needs", "needs-text", "", False),
    "C": ("", "act", "act", False),
    "Q": ("needs", "needs-text", "", False),
    "X": ("", "blocked", "blocked", False),
    "R": ("", "text", "line-control", False),
    "M": ("", "text-second", "", False),
    "U": ("", "text", "line-control", True),
}


def paint_state(painter: QPainter, middle: QRectF, letter: str) -> None:
    """One state letter, 26 x 20, in the middle of a box."""
    if not letter:
        return
    look = theme()
    ground, ink, edge, dashed = _LOOK[letter]
    centre = middle.center()
    box = QRectF(centre.x() - _SIZE[0] / 2, centre.y() - _SIZE[1] / 2, *_SIZE).adjusted(0.5, 0.5, -0.5, -0.5)
    radius = look.px("radius-letter")
    if ground:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour(ground))
        painter.drawRoundedRect(box, radius, radius)
    if edge:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        painter.setPen(QPen(look.colour(edge), 1, style))
        painter.drawRoundedRect(box, radius, radius)
    font = look.font("label", weight=400 if letter == "E" else 600)
    font.setFamily(painter.font().family())
    painter.setFont(font)
    painter.setPen(look.colour(ink))
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, letter)


class _Grid(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self.visits: tuple[str, ...] = ()
        self.rows: tuple[GridRow, ...] = ()

    def show(self, visits: tuple[str, ...], rows: tuple[GridRow, ...]) -> None:
        self.beginResetModel()
        self.visits, self.rows = visits, rows
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 -- Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 -- Qt's signature
        return 0 if parent.isValid() else len(self.visits) + 3

    def cell(self, line: int, column: int) -> GridCell | None:
        if not 0 <= line < len(self.rows) or column < FIRST_CELL:
            return None
        at = column - FIRST_CELL
        one = self.rows[line]
        if at < len(one.cells):
            return one.cells[at]
        return one.extra[-1] if one.extra else None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        one = self.rows[index.row()]
        cell = self.cell(index.row(), index.column())
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            if index.column() == NUMBER:
                return one.subject.number
            if index.column() == CODE:
                return one.subject.reading_code
            return cell.letter if cell else ""
        if role == Qt.ItemDataRole.ToolTipRole and cell is not None and cell.state:
            planned = f", planned {cell.planned}" if cell.planned else ""
            scanned = f", scanned {cell.timepoint.scan_date}" if cell.timepoint else ""
            name = self.headerData(index.column(), Qt.Orientation.Horizontal)
            return f"{one.subject.number} {name}: {cell.state}{planned}{scanned}"
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return (["Subject", "Code", *self.visits, "extra"])[section]
        if role == Qt.ItemDataRole.TextAlignmentRole and section >= FIRST_CELL:
            return Qt.AlignmentFlag.AlignCenter
        return None


class _Letters(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        view, model = self.parent(), index.model()
        assert isinstance(view, GridTable)  # noqa: S101 -- its own delegate
        assert isinstance(model, _Grid)  # noqa: S101 -- its own model
        look, box = theme(), QRectF(option.rect)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        now = view.currentIndex()
        if now.row() == index.row():
            painter.fillRect(box, look.colour("act-dim"))
            if index.column() == NUMBER:
                painter.fillRect(QRectF(box.left(), box.top(), look.px("row-edge"), box.height()), look.colour("act"))
        else:
            painter.fillRect(QRectF(box.left(), box.bottom() - 0.5, box.width(), 1), look.colour("hair"))
        if index.column() < FIRST_CELL:
            font = option.font
            if index.column() == NUMBER:
                font.setWeight(font.Weight.DemiBold)
            painter.setFont(font)
            selected = now.row() == index.row()
            ink = "text" if index.column() == NUMBER or selected else "text-second"
            painter.setPen(look.colour(ink))
            painter.drawText(
                box.adjusted(12 if index.column() == NUMBER else 4, 0, 0, 0),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                str(index.data()),
            )
        else:
            cell = model.cell(index.row(), index.column())
            paint_state(painter, box, cell.letter if cell else "")
            if now == index:
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(look.colour("act"), look.px("focus-ring")))
                frame = QRectF(0, 0, _SIZE[0] + 6, _SIZE[1] + 4)
                frame.moveCenter(box.center())
                painter.drawRoundedRect(frame, 4, 4)
        painter.restore()


class GridTable(QTableView):
    """`cell_chosen` with the GridCell under the cursor, or None."""

    cell_chosen = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._grid = _Grid()
        self.setModel(self._grid)
        self.setItemDelegate(_Letters(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(30)
        head = self.horizontalHeader()
        head.setHighlightSections(False)
        head.setSectionsClickable(False)
        head.setMinimumSectionSize(20)
        head.setFixedHeight(theme().whole_px("row-list"))
        head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        head.setStyleSheet(
            "QHeaderView::section { padding: 0 4px; } QHeaderView::section:first { padding-left: 12px; }"
        )
        head.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        head.setStretchLastSection(True)
        self.setAccessibleName("Subjects and time points")
        self.selectionModel().currentChanged.connect(lambda now, _: self._tell(now))
        self._quiet = False

    def show_rows(self, visits: tuple[str, ...], rows: tuple[GridRow, ...]) -> None:
        """Show subjects; the cursor stays on its subject and visit."""
        now = self.currentIndex()
        subject = self._grid.rows[now.row()].subject.id if now.isValid() else ""
        column = now.column() if now.isValid() else FIRST_CELL
        self._quiet = True
        self._grid.show(visits, rows)
        self._size_columns()
        line = next((k for k, one in enumerate(rows) if one.subject.id == subject), -1)
        if line >= 0:
            self.setCurrentIndex(self._grid.index(line, column))
        self._quiet = False

    def _size_columns(self) -> None:
        visits = len(self._grid.visits)
        for column in range(self._grid.columnCount()):
            width = {NUMBER: 78, CODE: 78}.get(column, 44 if column == FIRST_CELL + visits else 38)
            self.horizontalHeader().resizeSection(column, width)

    def choose(self, timepoint_id: str) -> None:
        """Put the cursor on a time point."""
        for line, one in enumerate(self._grid.rows):
            for k, cell in enumerate((*one.cells, *one.extra[-1:])):
                if cell.timepoint and cell.timepoint.id == timepoint_id:
                    self._quiet = True
                    self.setCurrentIndex(self._grid.index(line, FIRST_CELL + k))
                    self._quiet = False
                    self.viewport().update()

    def _tell(self, now: Index) -> None:
        self.viewport().update()
        if not self._quiet:
            self.cell_chosen.emit(self._grid.cell(now.row(), now.column()))


class _State(QWidget):
    def __init__(self, letter: str) -> None:
        super().__init__()
        self._letter = letter
        self.setFixedSize(28, 22)

    def paintEvent(self, event: object) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_state(painter, QRectF(self.rect()), self._letter)
        painter.end()


def legend(columns: int) -> QFrame:
    """What the letters mean."""
    frame = QFrame()
    cells = QGridLayout(frame)
    cells.setContentsMargins(10, 8, 10, 8)
    cells.setHorizontalSpacing(6)
    cells.setVerticalSpacing(4)
    for k, (letter, words) in enumerate(STATE_WORDS):
        line = row(_State(letter), label(words, "label"), None, spacing=5)
        cells.addLayout(line, k // columns, k % columns)
    return frame
