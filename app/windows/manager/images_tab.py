"""Subjects and images: the grid, what is stored or was found, and the image check, side by side."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFileDialog, QFrame, QLineEdit, QStackedWidget, QVBoxLayout, QWidget

from app.models.manager.images import ImagesModel
from app.windows.lists import Cell, Column, Rows
from app.windows.manager.check_card import CheckCard
from app.windows.manager.found_card import FoundCard
from app.windows.manager.grid_table import GridTable, legend
from app.windows.manager.tab import Card, Tab, unselected
from app.windows.parts import Button, Chip, icon_pixmap, label, row, seam
from viewer.theme import theme

SERIES_COLUMNS = (
    Column("Kind", 52),
    Column("Series"),
    Column("slices", 56, right=True),
    Column("mm", 48, right=True),
    Column("pixel", 54, right=True),
    Column("measure", 150, role="second"),
    Column("hung as", 78),
)


class _Drop(QFrame):
    """Where folders are dropped."""

    def __init__(self, model: ImagesModel) -> None:
        super().__init__()
        self._model = model
        self.setAcceptDrops(True)
        self.setObjectName("drop")
        self.setMinimumHeight(96)
        edge = theme().hexes["line-control"]
        self.setStyleSheet(f"QFrame#drop {{ border: 1px dashed {edge}; border-radius: 6px; }}")
        column = QVBoxLayout(self)
        column.addStretch(1)
        picture = label()
        picture.setPixmap(icon_pixmap("upload", "text-second", 22))
        for widget in (
            picture,
            label("Drop a folder, files or a ZIP archive here"),
            label("They are looked at and proposed. Nothing is assigned without you.", "label"),
        ):
            widget.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(widget)
        column.addStretch(1)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files are welcome."""
        if event.mimeData().hasUrls() and not self._model.busy:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Look at what was dropped."""
        self._model.look([Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()])
        event.acceptProposedAction()


class _StoredCard(Card):
    """What is stored of the chosen time point, and the place where more comes in."""

    def __init__(self, model: ImagesModel) -> None:
        self.name = label("", "section")
        self.state = Chip("")
        self.facts = label("", "label")
        self.folder = Button("Import folder", icon_name="folder-open")
        super().__init__()
        self.column.addLayout(row(self.name, self.state, self.facts, None, self.folder, margins=(12, 8, 10, 8)))
        self._model = model
        self.series = unselected(Rows(SERIES_COLUMNS))
        self.quiet = label("Choose a time point in the grid, or import images.", "hint")
        self.quiet.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.add(self.series, 1)
        self.add(self.quiet, 1)
        self.drop = _Drop(model)
        self.add(self.drop, padded=True)
        self.drop.setVisible(model.rights.change)
        self.folder.setVisible(model.rights.change)
        self.folder.clicked.connect(self._ask_folder)
        model.changed.connect(self.show_now)

    def _ask_folder(self) -> None:
        folder = QFileDialog.getExistingDirectory(self, "coread")
        if folder:
            self._model.look([Path(folder)])

    def show_now(self) -> None:
        """Show the chosen time point."""
        chosen = self._model.selected
        for widget in (self.series, self.state):
            widget.setVisible(chosen is not None)
        self.quiet.setVisible(chosen is None)
        if chosen is None:
            self.name.setText("Images")
            self.facts.setText("")
            return
        timepoint = chosen.timepoint
        self.name.setText(f"{chosen.subject.number} · {timepoint.visit}")
        self.state.setText(timepoint.state)
        scanned = f"scanned {timepoint.scan_date}"
        self.facts.setText(f"{scanned} · {chosen.images} images")
        self.facts.setToolTip(f"received {timepoint.received_at[:16].replace('T', ' ')} UTC")
        rows = []
        for one in chosen.series:
            measure = "yes" if one.measurable else f"no · {one.why_not}"
            gaps = "; ".join(str(d["text"]) for d in one.defects)
            rows.append(
                (
                    one.modality,
                    one.name,
                    str(one.slices),
                    one.thickness_mm or "–",
                    f"{one.spacing_mm[0]:.2f}" if one.spacing_mm and one.spacing_mm[0] else "–",
                    Cell(f"{measure} · {gaps}" if gaps else measure, tip=gaps),
                    one.hang_as or Cell("not hung", "second"),
                )
            )
        self.series.set_rows(rows)


class ImagesTab(Tab):
    """The manager's first tab."""

    def __init__(self, model: ImagesModel) -> None:
        super().__init__(model)
        self.images = model
        self.search = QLineEdit()
        self.search.setPlaceholderText("subject or code")
        self.search.setAccessibleName("Search subject or code")
        self.needs = Button("needs you", icon_name="funnel")
        self.needs.setCheckable(True)
        self.grid = GridTable()
        self._left = Card("Time points", None, self.search, self.needs)
        self._left.add(self.grid, 1)
        self._left.add(seam())
        self._legend = QWidget()
        self._legend_place = QVBoxLayout(self._legend)
        self._legend_place.setContentsMargins(0, 0, 0, 0)
        self._left.add(self._legend)
        self.stored = _StoredCard(model)
        self.found = FoundCard(model)
        self._middle = QStackedWidget()
        self._middle.addWidget(self.stored)
        self._middle.addWidget(self.found)
        self.check = CheckCard(model)
        for widget, stretch in ((self._left, 0), (self._middle, 1), (self.check, 0)):
            self.outer.addWidget(widget, stretch)
        self.lay_out(False)
        self.search.textChanged.connect(lambda _: self._show())
        self.needs.toggled.connect(lambda _: self._show())
        self.grid.cell_chosen.connect(model.choose)
        model.changed.connect(self._show)
        model.import_changed.connect(self._show_import)

    def lay_out(self, narrow: bool) -> None:
        """Widths of the outer cards."""
        self._left.setFixedWidth(362 if narrow else 452)
        self.check.setFixedWidth(372 if narrow else 440)
        self.check.set_short(narrow)
        for column, width in ((0, 44), (5, 96 if narrow else 190)):
            self.stored.series.setColumnWidth(column, width)
        self.search.setFixedWidth(96 if narrow else 150)
        self.outer.setSpacing(10 if narrow else theme().whole_px("card-gap"))
        margin = 12 if narrow else theme().whole_px("screen-margin")
        self.outer.setContentsMargins(margin, margin, margin, margin)
        for one in self._legend.findChildren(QFrame, options=Qt.FindChildOption.FindDirectChildrenOnly):
            one.deleteLater()
        self._legend_place.addWidget(legend(3 if narrow else 4))

    def _show(self) -> None:
        wanted = self.search.text().strip().casefold()
        rows = tuple(
            one
            for one in self.images.grid.rows
            if wanted in f"{one.subject.number} {one.subject.reading_code}".casefold()
            and (one.needs or not self.needs.isChecked())
        )
        self.grid.show_rows(self.images.grid.visits, rows)
        if self.images.selected is not None:
            self.grid.choose(self.images.selected.timepoint.id)

    def _show_import(self) -> None:
        self._middle.setCurrentWidget(self.found if self.images.found else self.stored)
        self.stored.folder.setEnabled(not self.images.busy)
        self._show()
