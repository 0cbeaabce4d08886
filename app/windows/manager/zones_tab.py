"""Zones and procedures: what was treated, when and how, and its place clicked on the baseline scan."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from app.models.manager.zones import ZonesModel
from app.models.organ import Organ
from app.windows.lists import Cell, Column, Rows
from app.windows.manager.tab import Card, Choice, Tab, field
from app.windows.parts import Button, label, row, seam
from measure.geometry import Point
from measure.volume import Volume
from viewer.frame import Head
from viewer.marks import MarkLabel, MarkStyle, ViewMark, circle_on_slice
from viewer.tools.events import Click, Stroke
from viewer.viewport import Viewport

SUBJECT_COLUMNS = (
    Column("Subject", 76, role="strong"),
    Column("Code", 84, role="second"),
    Column("proc.", 50, right=True),
    Column("zones", right=True),
)
PROCEDURE_COLUMNS = (
    Column("No", 44, right=True),
    Column("Technique", 92, role="strong"),
    Column("Date", 104),
    Column("Zones", role="second"),
)
ZONE_COLUMNS = (
    Column("Zone", 56, role="strong"),
    Column("Organ", 76),
    Column("Site", 96),
    Column("Place, mm", role="second"),
)
PLACE_MM = 12.0


class ZonesTab(Tab):
    """Subjects, the picture, the form AZ-0."""

    def __init__(self, model: ZonesModel, organs: Sequence[Organ]) -> None:
        super().__init__(model)
        self._organs = tuple(organs)
        self.zones = model
        self.subjects = Rows(SUBJECT_COLUMNS)
        self._left = Card("Subjects")
        self._left.add(self.subjects, 1)
        self.outer.addWidget(self._left)
        self.viewport = Viewport()
        self.viewport.set_tool("segment")
        self.viewport.set_active(True)
        self._picture = Card()
        self._picture.add(self.viewport, 1)
        self.outer.addWidget(self._picture, 1)
        self._right = QWidget()
        column = QVBoxLayout(self._right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        column.addWidget(self._procedure_card(), 2)
        column.addWidget(self._zone_card(), 3)
        self.outer.addWidget(self._right)
        self.lay_out(False)
        self.subjects.moved.connect(self._chosen)
        self.viewport.drawn.connect(self._drawn)
        model.changed.connect(self._show)
        model.opened.connect(self._opened)

    def lay_out(self, narrow: bool) -> None:
        """Widths of the outer cards."""
        self._left.setFixedWidth(270 if narrow else 340)
        self._right.setFixedWidth(390 if narrow else 460)

    def _procedure_card(self) -> Card:
        self.name = label("", "section")
        card = Card()
        card.column.addLayout(row(self.name, label("procedures", "second"), None, margins=(12, 8, 10, 4)))
        self.procedures = Rows(PROCEDURE_COLUMNS)
        card.add(self.procedures, 1)
        self.technique = Choice("choose")
        self.technique.setAccessibleName("Technique")
        self.day = QLineEdit()
        self.day.setPlaceholderText("2026-03-31")
        self.add_procedure = Button("Add procedure")
        self._procedure_form = QWidget()
        line = QVBoxLayout(self._procedure_form)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(0)
        line.addWidget(seam())
        cells = row(margins=(12, 8, 12, 10))
        cells.addLayout(field("Technique", self.technique), 1)
        cells.addLayout(field("Date", self.day), 1)
        cells.addWidget(self.add_procedure, 0, Qt.AlignmentFlag.AlignBottom)
        line.addLayout(cells)
        card.add(self._procedure_form)
        self.technique.activated.connect(lambda _: self._gates())
        self.day.textChanged.connect(lambda _: self._gates())
        self.day.returnPressed.connect(self._add_procedure)
        self.add_procedure.clicked.connect(self._add_procedure)
        return card

    def _zone_card(self) -> Card:
        card = Card("Zones", label("seen alike by every reader", "label"), None)
        self.table = Rows(ZONE_COLUMNS)
        card.add(self.table, 1)
        self.procedure = Choice("choose")
        self.organ = Choice("choose")
        self.organ.set_choices([(one.id, one.label) for one in self._organs if not one.nodal])
        self.site = Choice("segment or site", typed=True)
        self.place = label("Click into the treated lesion on the picture.", "second", wrap=True)
        self.add_zone = Button("Add zone", kind="primary")
        self._zone_form = QWidget()
        form = QVBoxLayout(self._zone_form)
        form.setContentsMargins(0, 0, 0, 0)
        form.setSpacing(8)
        form.addWidget(seam())
        cells = row(margins=(12, 0, 12, 0))
        cells.addLayout(field("Procedure", self.procedure), 1)
        cells.addLayout(field("Organ", self.organ), 1)
        form.addLayout(cells)
        below = row(margins=(12, 0, 12, 0))
        below.addLayout(field("Site", self.site), 1)
        form.addLayout(below)
        last = row(self.place, self.add_zone, margins=(12, 0, 12, 10))
        last.setStretch(0, 1)
        form.addLayout(last)
        card.add(self._zone_form)
        self.procedure.activated.connect(lambda _: self._gates())
        self.site.editTextChanged.connect(lambda _: self._gates())
        self.organ.activated.connect(lambda _: self._organ_chosen())
        self.add_zone.clicked.connect(self._add_zone)
        self.table.moved.connect(self._go_to_zone)
        return card

    # --- showing -------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Load; the first subject is taken up when the tab is really shown."""
        super().look()
        if self.isVisible() and self.zones.case is None and self.zones.subjects:
            self._chosen(max(self.subjects.at, 0))

    def _chosen(self, index: int) -> None:
        self.zones.choose(index)
        if self.isVisible():
            self.viewport.set_message("Reading the baseline.")
            self.zones.open_baseline()

    def _show(self) -> None:
        model = self.zones
        self.subjects.blockSignals(True)
        self.subjects.set_rows(
            [
                (s.number, s.reading_code, str(model.counts[s.id][0]), str(model.counts[s.id][1]))
                for s in model.subjects
                if s.id in model.counts
            ]
        )
        self.subjects.blockSignals(False)
        may = model.rights.change and bool(model.techniques)
        self._procedure_form.setVisible(may)
        self._zone_form.setVisible(may)
        if not self.technique.count():
            self.technique.set_choices([(one, one) for one in model.techniques])
        case = model.case
        if case is None:
            self.name.setText("")
            self.procedures.set_rows([])
            self.table.set_rows([])
            return
        self.name.setText(case.subject.number)
        number = {p.id: p.number for p in case.procedures}
        self.procedures.set_rows(
            [
                (
                    str(p.number),
                    p.technique,
                    p.date,
                    ", ".join(z.label for z in case.zones if z.procedure_id == p.id) or Cell("none yet", "needs"),
                )
                for p in case.procedures
            ]
        )
        self.table.blockSignals(True)
        self.table.set_rows([(z.label, z.organ, z.site, ", ".join(f"{c:.0f}" for c in z.place)) for z in case.zones])
        self.table.blockSignals(False)
        chosen = self.procedure.value
        words = [(p.id, f"{number[p.id]} · {p.technique} {p.date}") for p in case.procedures]
        self.procedure.set_choices(words, chosen if chosen in number else "")
        place = model.place
        self.place.setText(
            "Click into the treated lesion on the picture."
            if place is None
            else "Place: " + ", ".join(f"{c:.1f}" for c in place) + " mm"
        )
        self._gates()
        self._show_marks()

    def _gates(self) -> None:
        model = self.zones
        self.add_procedure.setEnabled(bool(model.case and self.technique.value and self.day.text().strip()))
        self.add_zone.setEnabled(bool(model.place and self.procedure.value and self.organ.value and self.site.value))

    def _opened(self, volume: Volume | None) -> None:
        if volume is None:
            self.viewport.set_message("No baseline images yet.")
            return
        self.viewport.set_message("")
        self.viewport.set_volume(volume)
        self.viewport.fit_to = "body"
        case = self.zones.case
        series = case.baseline if case else None
        number = case.subject.number if case else ""
        self.viewport.set_head(Head(number, "baseline", series.name if series else ""))
        self.viewport.set_slice(volume.grid.size[2] // 2)
        self._show_marks()
        self._go_to_zone(0)

    def _show_marks(self) -> None:
        volume, case = self.viewport.volume, self.zones.case
        if volume is None or case is None:
            return
        places = [
            (z.label, (z.place[0], z.place[1], z.place[2]))
            for z in case.zones
            if case.baseline and z.series_uid == case.baseline.uid
        ]
        marks = [_ring(volume, name, place, "zone") for name, place in places]
        if self.zones.place is not None:
            marks.append(_ring(volume, "new", self.zones.place, "proposal"))
        self.viewport.set_marks(marks)

    def _go_to_zone(self, index: int) -> None:
        case = self.zones.case
        if case and self.viewport.volume is not None and 0 <= index < len(case.zones):
            zone = case.zones[index]
            if case.baseline and zone.series_uid == case.baseline.uid:
                self.viewport.go_to((zone.place[0], zone.place[1], zone.place[2]), centre=False)

    def _organ_chosen(self) -> None:
        organ = next((one for one in self._organs if one.id == self.organ.value), None)
        self.site.set_choices([(site, site) for site in organ.sites] if organ else [], self.site.value)
        self._gates()

    # --- entering ------------------------------------------------------------------------------------------

    def _drawn(self, drawn: object) -> None:
        if not self.zones.rights.change:
            return
        if isinstance(drawn, Click):
            self.zones.pick(drawn.at)
        elif isinstance(drawn, Stroke):
            self.zones.pick(drawn.points[len(drawn.points) // 2])

    def _add_procedure(self) -> None:
        if self.add_procedure.isEnabled() and self.zones.add_procedure(self.technique.value, self.day.text()):
            self.day.clear()

    def _add_zone(self) -> None:
        if self.zones.add_zone(self.procedure.value, self.organ.value, self.site.value):
            self.site.set_choices([], "")


def _ring(volume: Volume, name: str, place: Point, colour: str) -> ViewMark:
    """A circle around a place on its slice and the slices beside it."""
    grid = volume.grid
    middle = grid.nearest_slice(place)
    reach = [k for k in (middle - 1, middle, middle + 1) if 0 <= k < grid.size[2]]
    rings = {k: (circle_on_slice(grid, k, place, PLACE_MM),) for k in reach}
    return ViewMark(name, MarkStyle.EXPECTED, colour, rings, None, MarkLabel(name, "place"), locked=True)
