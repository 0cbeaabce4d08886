"""The lesion table: a row a lesion or zone, a column a time point up to now; numbers keep their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from app.models.lesion_cells import CellText, lesion_cell, zone_cell
from app.windows.parts import paint_letter
from app.workflow.reading import Reading
from viewer.theme import theme

Index = QModelIndex | QPersistentModelIndex
FOLDED = "⋯"


@dataclass(frozen=True)
class TableRow:
    """One row: what it is about, its shape, name, site and cells."""

    about: str
    shape: str  # target, non-target, new, zone
    name: str
    site: str
    cells: tuple[CellText, ...]
    nodal: bool = False


@dataclass(frozen=True)
class TableColumn:
    """One time point: its name and what it is to the reader; index of the time point, -1 for folded ones."""

    name: str
    below: str
    timepoint: int


def table_rows(reading: Reading, proposed: Mapping[str, str] = MappingProxyType({})) -> list[TableRow]:
    """Rows of a reading: lesions, then zones; proposed: values carried over to open lesions, by lesion id."""
    last = len(reading.timepoints) - 1
    rows = [
        TableRow(
            r.lesion.lesion_id,
            "new" if r.lesion.role.startswith("new") else r.lesion.role,
            r.lesion.label,
            r.lesion.site.replace("-", " "),
            tuple(
                lesion_cell(r.lesion, f, m, now=k == last, proposed=proposed.get(r.lesion.lesion_id, ""))
                for k, (f, m) in enumerate(zip(r.findings, r.marks, strict=True))
            ),
            r.lesion.nodal,
        )
        for r in reading.lesions
    ]
    rows += [
        TableRow(
            z.zone.id,
            "zone",
            z.zone.label,
            z.zone.site,
            tuple(zone_cell(f, now=k == last, imaged=k >= z.first) for k, f in enumerate(z.forms)),
        )
        for z in reading.zones
    ]
    return rows


def table_columns(reading: Reading, most: int) -> list[TableColumn]:
    """Time points as columns; when there are too many the middle ones fold, baseline, prior and now stay."""
    names = [p.name for p in reading.timepoints]
    last = len(names) - 1
    below = {last: "now"}
    if last >= 1:
        below[last - 1] = "prior"
    below[0] = "baseline" if last else "now"
    columns = [
        TableColumn(name if name != "baseline" else "day 0", below.get(k, ""), k) for k, name in enumerate(names)
    ]
    if len(columns) <= most or most < 3:
        return columns
    kept = columns[-(most - 2) :]
    return [columns[0], TableColumn(FOLDED, "", -1), *kept]


class _Model(QAbstractTableModel):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[TableRow] = []
        self.columns: list[TableColumn] = []

    def show(self, rows: list[TableRow], columns: list[TableColumn]) -> None:
        self.beginResetModel()
        self.rows, self.columns = rows, columns
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 -- Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 -- Qt's signature
        return 0 if parent.isValid() else 1 + len(self.columns)

    def cell(self, index: Index) -> CellText:
        column = self.columns[index.column() - 1]
        return CellText() if column.timepoint < 0 else self.rows[index.row()].cells[column.timepoint]

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        if role == Qt.ItemDataRole.AccessibleTextRole:
            cell = CellText(row.name) if index.column() == 0 else self.cell(index)
            return f"{row.name}, {row.site}, {row.shape}, {cell.text or cell.letter}"
        if index.column() == 0:
            if role == Qt.ItemDataRole.DisplayRole:
                return f"{row.name}  {row.site}"
            if role == Qt.ItemDataRole.ToolTipRole:
                return f"{row.name}, {row.site}" + (", node: the short axis counts" if row.nodal else "")
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self.cell(index).text
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.cell(index).tip or None
        return None


def paint_shape(painter: QPainter, centre: QPointF, shape: str) -> None:
    """The role's shape in the line style of the image."""
    look = theme()
    token = {"target": "target", "non-target": "non-target", "new": "new", "zone": "zone"}.get(shape, "text-second")
    pen = QPen(look.colour(token), 1.6)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    radius = 4.5
    if shape == "non-target":
        pen.setDashPattern([2.0, 1.3])
    elif shape == "zone":
        fill = look.colour(token)
        fill.setAlphaF(0.4)
        painter.setBrush(fill)
    elif shape == "new":
        thin = QPen(look.colour(token), 1.1)
        painter.setPen(thin)
        painter.drawEllipse(centre, 2.6, 2.6)
        pen = QPen(look.colour(token), 1.1)
        radius = 5.4
    painter.setPen(pen)
    painter.drawEllipse(centre, radius, radius)


class _Delegate(QStyledItemDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, _Model)  # noqa: S101 -- the view's own model
        view = option.widget
        look = theme()
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(option.rect)
        row = model.rows[index.row()]
        selected = isinstance(view, LesionTable) and view.selection == row.about
        is_now = index.column() == len(model.columns)
        if selected:
            painter.fillRect(box, look.colour("act-dim"))
            if index.column() == 0:
                painter.fillRect(QRectF(box.left(), box.top(), look.px("row-edge"), box.height()), look.colour("act"))
        elif is_now:
            painter.fillRect(box, look.colour("current-column"))
        painter.fillRect(QRectF(box.left(), box.bottom() - 0.5, box.width(), 1), look.colour("hair"))
        if index.column() == 0:
            self._head(painter, box, row, selected, option)
        else:
            self._cell(painter, box, model.cell(index), selected, is_now, option)
        painter.restore()

    def _head(
        self, painter: QPainter, box: QRectF, row: TableRow, selected: bool, option: QStyleOptionViewItem
    ) -> None:
        look = theme()
        paint_shape(painter, QPointF(box.left() + 19, box.center().y()), row.shape)
        font = option.font
        font.setWeight(font.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(look.colour("text"))
        name = QRectF(box.left() + 32, box.top(), 38, box.height())
        painter.drawText(name, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, row.name)
        font.setWeight(font.Weight.Normal)
        painter.setFont(font)
        painter.setPen(look.colour("text" if selected else "text-second"))
        site = QRectF(box.left() + 72, box.top(), box.width() - 76, box.height())
        text = painter.fontMetrics().elidedText(row.site, Qt.TextElideMode.ElideRight, int(site.width()))
        painter.drawText(site, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _cell(
        self,
        painter: QPainter,
        box: QRectF,
        cell: CellText,
        selected: bool,
        is_now: bool,
        option: QStyleOptionViewItem,
    ) -> None:
        look = theme()
        slot = 20.0
        if cell.letter:
            side = look.px("letter")
            right = box.right() - 4
            paint_letter(painter, QRectF(right - side, box.center().y() - side / 2, side, side), cell.letter)
        font = option.font
        font.setItalic(cell.proposal)
        if cell.is_word:
            font.setPixelSize(look.font("label").pixelSize())
        painter.setFont(font)
        painter.setPen(look.colour("text-strong" if is_now else "text"))
        inner = box.adjusted(2, 0, -(6 if cell.is_word and not cell.letter else slot + 2), 0)
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, cell.text)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(10, theme().whole_px("row"))


class _Header(QHeaderView):
    """Time points: the name, below it baseline, prior, now; the current column has its blue edge."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setFixedHeight(40)
        self.setSectionsClickable(True)

    def paintSection(self, painter: QPainter, rect: Any, section: int) -> None:
        model = self.model()
        assert isinstance(model, _Model)  # noqa: S101 -- the view's own model
        look = theme()
        painter.save()
        box = QRectF(rect)
        is_now = section == len(model.columns)
        painter.fillRect(box, look.colour("current-column-head" if is_now else "panel"))
        painter.fillRect(QRectF(box.left(), box.bottom() - 0.5, box.width(), 1), look.colour("line"))
        if is_now:
            painter.fillRect(QRectF(box.left(), box.top(), box.width(), 2), look.colour("act"))
        if section == 0:
            painter.setFont(_small(self, "label"))
            painter.setPen(look.colour("text-second"))
            at = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom
            painter.drawText(box.adjusted(12, 0, 0, -5), at, "Lesion")
        else:
            column = model.columns[section - 1]
            font = _small(self, "label")
            font.setWeight(font.Weight.DemiBold)
            painter.setFont(font)
            painter.setPen(look.colour("text-strong" if is_now else "text"))
            inner = box.adjusted(2, 5, -8, -4)
            painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, column.name)
            painter.setFont(_small(self, "small"))
            painter.setPen(look.colour("text" if is_now else "text-second"))
            painter.drawText(inner, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom, column.below)
        painter.restore()


def _small(widget: QWidget, role: str):  # type: ignore[no-untyped-def]
    font = theme().font(role)
    font.setFamily(widget.font().family())
    return font


class LesionTable(QTableView):
    """`picked` when a row is clicked or reached by arrow key, `hang` when a time point's head is clicked."""

    picked = Signal(str)
    hang = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.selection = ""
        self._table = _Model()
        self.setModel(self._table)
        self.setItemDelegate(_Delegate(self))
        self.setHorizontalHeader(_Header(self))
        self.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.setAccessibleName("Lesions")
        self.clicked.connect(self._clicked)
        self.horizontalHeader().sectionClicked.connect(self._head_clicked)

    @property
    def rows(self) -> list[TableRow]:
        """The rows as shown."""
        return self._table.rows

    @property
    def timepoints(self) -> list[int]:
        """Index of the time point of each column, -1 for folded ones."""
        return [column.timepoint for column in self._table.columns]

    def show_reading(self, reading: Reading, proposed: Mapping[str, str] = MappingProxyType({})) -> None:
        """Show a reading with its proposals; the height follows the rows, up to twelve."""
        width = self.width() or theme().whole_px("panel")
        most = max(3, (width - 176) // 70)
        self._table.show(table_rows(reading, proposed), table_columns(reading, most))
        row = theme().whole_px("row")
        self.verticalHeader().setDefaultSectionSize(row)
        head = self.horizontalHeader()
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        for k in range(len(self._table.columns)):
            head.setSectionResizeMode(k + 1, QHeaderView.ResizeMode.Fixed)
            is_now = k == len(self._table.columns) - 1
            head.resizeSection(k + 1, 84 if is_now else 30 if self._table.columns[k].timepoint < 0 else 72)
        shown = min(max(len(self._table.rows), 4), 12)
        self.setFixedHeight(40 + shown * row + 2)

    def set_selection(self, about: str) -> None:
        """Show which row is selected everywhere."""
        self.selection = about
        for k, row in enumerate(self._table.rows):
            if row.about == about:
                self.scrollTo(self._table.index(k, 0))
        self.viewport().update()

    def _clicked(self, index: QModelIndex) -> None:
        self.picked.emit(self._table.rows[index.row()].about)

    def _head_clicked(self, section: int) -> None:
        if section > 0 and self._table.columns[section - 1].timepoint >= 0:
            self.hang.emit(self._table.columns[section - 1].timepoint)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrow keys go from row to row; all else is the screen's."""
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._table.rows:
            ids = [row.about for row in self._table.rows]
            step = 1 if event.key() == Qt.Key.Key_Down else -1
            at = ids.index(self.selection) + step if self.selection in ids else 0
            self.picked.emit(ids[at % len(ids)])
            return
        event.ignore()
