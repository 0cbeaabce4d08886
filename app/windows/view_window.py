"""One or two series in linked viewports: looking and measuring on the fly, nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from measure.refusal import Refused
from measure.volume import Volume
from viewer.frame import Head, HeadItem
from viewer.layouts import ViewportGrid
from viewer.linking import Link, partner_slice
from viewer.marks import MarkAxes
from viewer.mpr import MprView
from viewer.pointer import PointerAt
from viewer.theme import theme
from viewer.viewport import Viewport
from viewer.working_marks import as_working_mark, measured

NO_SPACING = "This series carries no pixel spacing. It can be looked at; nothing is measured in mm."
_TOOL_KEYS = {
    Qt.Key.Key_L: "length",
    Qt.Key.Key_B: "two-axes",
    Qt.Key.Key_E: "ellipse",
    Qt.Key.Key_G: "polygon",
}
_LAYOUT_KEYS = {
    Qt.Key.Key_F2: "1x1",
    Qt.Key.Key_F3: "1x2",
    Qt.Key.Key_F4: "1x3",
    Qt.Key.Key_F5: "2x2",
}
_FIRST_DIGIT_SCAN_CODE = 10  # of physical key 1 under X11 and Wayland, whatever the keyboard's layout


class ViewWindow(QWidget):
    """Two linked viewports and a message line."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.setWindowTitle("coread")
        self.grid = ViewportGrid(self, layout="1x2" if count > 1 else "1x1")
        self.shown: tuple[Viewport, ...] = self.grid.viewports[:count]
        self.link = Link(self.shown)
        self.planes: MprView | None = None
        self._pictures = QStackedWidget(self)
        self._counted = 0
        self._message, self._facts = QLabel(self), QLabel(self)
        self._lay_out()
        self._keys = self._key_table()
        for viewport in self.shown:
            viewport.fit_to = "field"
            viewport.set_tool("length")
            viewport.drawn.connect(lambda drawn, of=viewport: self._drawn(of, drawn))
            viewport.mark_edited.connect(lambda key, axes, of=viewport: self._edited(of, key, axes))
            viewport.mark_moved.connect(lambda key, way, axes, of=viewport: self._moved(of, key, way, axes))
            viewport.mark_pressed.connect(lambda key, of=viewport: self._select(of, key))
            viewport.said.connect(self.say)
            viewport.pointer_moved.connect(lambda at, of=viewport: self._tell_place(of, at))
            viewport.set_message("Reading the series.")

    def _lay_out(self) -> None:
        look = theme()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._pictures.addWidget(self.grid)
        column.addWidget(self._pictures, 1)
        line = QWidget(self)
        line.setFixedHeight(look.whole_px("message-line"))
        row = QHBoxLayout(line)
        row.setContentsMargins(look.whole_px("panel-padding"), 0, look.whole_px("panel-padding"), 0)
        row.addWidget(self._message, 1)
        row.addWidget(self._facts)
        column.addWidget(line)
        palette = self.palette()
        palette.setColor(self.backgroundRole(), look.colour("panel"))
        palette.setColor(self.foregroundRole(), look.colour("text"))
        self.setPalette(palette)
        self.setAutoFillBackground(True)
        for label in (self._message, self._facts):
            label.setFont(look.font("label"))

    # --- series -------------------------------------------------------------------------------------------

    def set_volume(self, place: int, volume: Volume) -> None:
        """Show a series in the first or second viewport; the first slice is up, the whole field fits."""
        viewport = self.shown[place]
        viewport.set_message("")
        viewport.set_volume(volume)
        step = f" · {volume.grid.slice_step_mm:.1f} mm" if volume.grid.size[2] > 1 else ""
        notes = tuple(HeadItem(one.text, "triangle-alert", "needs") for one in volume.defects[:1])
        title = "AB"[place] if len(self.shown) > 1 else ""
        viewport.set_head(Head(title, "", f"{volume.modality}{step}", notes))
        viewport.set_tool(viewport.tool, forbidden=not volume.in_plane_measurable)
        if not volume.in_plane_measurable:
            self.say(NO_SPACING)
        self.link.clear_offsets()
        if all(one.volume is not None for one in self.shown) and len(self.shown) > 1:
            self._link_apart()
        if place == 0:
            viewport.setFocus()

    def _link_apart(self) -> None:
        """Where the two stacks do not lie over each other their first slices are partners."""
        first, second = (one.volume.grid for one in self.shown if one.volume is not None)
        middle = first.size[2] // 2
        if not partner_slice(first, middle, second, 0.0).there:
            self.link.link_here()
            self.say("The series lie apart. Linked by their first slices; Shift + D sets another offset.")

    @property
    def message(self) -> str:
        """The line at the bottom."""
        return self._message.text()

    def say(self, text: str) -> None:
        """One line at the bottom."""
        self._message.setText(text)

    def _tell_place(self, viewport: Viewport, at: PointerAt | None) -> None:
        if at is None or viewport.volume is None:
            self._facts.clear()
            return
        letters = zip(("L", "P", "S"), ("R", "A", "I"), at.at, strict=True)
        place = "  ".join(f"{plus if value >= 0 else minus}\u2009{abs(value):.1f}" for plus, minus, value in letters)
        value = "" if at.value is None else f"   {at.value:.0f} {viewport.volume.unit}".replace("-", "\u2212")
        spacing = viewport.volume.grid.spacing_mm
        self._facts.setText(
            f"{place}{value}   slice {viewport.order.number(at.slice)}   "
            f"{spacing[0]:.2f}\u2009mm pixels   zoom {viewport.placement.px_per_mm:.1f}"
        )

    # --- measuring on the fly -----------------------------------------------------------------------------

    def _drawn(self, viewport: Viewport, drawn: object) -> None:
        self._counted += 1
        key = f"M{self._counted}"
        volume = viewport.volume
        if volume is None:
            return
        try:
            mark = as_working_mark(key, drawn, volume)
        except Refused as refused:
            self.say(str(refused))
            return
        if mark is None:
            return
        viewport.set_marks([*(replace(one, selected=False) for one in viewport.marks), mark])
        self._select(viewport, key)

    def _edited(self, viewport: Viewport, key: str, axes: MarkAxes) -> None:
        viewport.set_marks(
            [replace(measured(key, axes), selected=True) if one.key == key else one for one in viewport.marks]
        )

    def _moved(self, viewport: Viewport, key: str, _way: object, axes: MarkAxes | None) -> None:
        if axes is not None:
            self._edited(viewport, key, axes)

    def _select(self, viewport: Viewport, key: str) -> None:
        viewport.set_marks([replace(one, selected=one.key == key) for one in viewport.marks])

    def _delete_selected(self) -> None:
        active = self.grid.active
        active.set_marks([one for one in active.marks if not one.selected])

    # --- keys ---------------------------------------------------------------------------------------------

    def _key_table(self) -> dict[tuple[int, bool], Callable[[], object]]:
        """(key, with Shift) to what it does."""
        table: dict[tuple[int, bool], Callable[[], object]] = {
            (Qt.Key.Key_I, True): self._invert,
            (Qt.Key.Key_C, False): self._cine,
            (Qt.Key.Key_R, False): self._reset_look,
            (Qt.Key.Key_H, False): self._hide_marks,
            (Qt.Key.Key_D, False): self._switch_link,
            (Qt.Key.Key_D, True): self._link_here,
            (Qt.Key.Key_Delete, False): self._delete_selected,
        }
        for key, tool in _TOOL_KEYS.items():
            table[key, False] = lambda tool=tool: self._take_tool(tool)  # type: ignore[misc]
        table[Qt.Key.Key_F6, False] = self.show_planes
        for key, layout in _LAYOUT_KEYS.items():
            table[key, False] = lambda layout=layout: self._set_layout(layout)  # type: ignore[misc]
        return table

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Presets by physical digit, everything else by the table."""
        digit = _digit_of(event)
        if digit is not None and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._active.set_preset(digit)
            return
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        action = self._keys.get((event.key(), shift))
        if action is None:
            super().keyPressEvent(event)
            return
        action()

    def focusNextPrevChild(self, following: bool) -> bool:
        """Tab is the next viewport."""
        (self.grid if self.planes is None else self.planes).activate_next(1 if following else -1)
        return True

    @property
    def _active(self) -> Viewport:
        return self.grid.active if self.planes is None else self.planes.active

    def _take_tool(self, name: str) -> None:
        if self.planes is not None:
            self.planes.set_tool(name)
            return
        for viewport in self.shown:
            allowed = viewport.volume is None or viewport.volume.in_plane_measurable
            viewport.set_tool(name, forbidden=not allowed)

    def _invert(self) -> None:
        self._active.invert()

    def _reset_look(self) -> None:
        self._active.reset_look()

    def _cine(self) -> None:
        active = self._active
        if active.cine_runs:
            active.stop_cine()
        else:
            active.start_cine()

    def _hide_marks(self) -> None:
        hidden = not self.grid.active.marks_hidden
        for viewport in self.shown:
            viewport.set_marks_hidden(hidden)

    def _switch_link(self) -> None:
        self.say("Link on." if self.link.switch() else "Link off. D links again.")

    def _link_here(self) -> None:
        self.link.link_here()
        self.say("Linked here: the slices shown are partners now.")

    def show_planes(self) -> None:
        """Axial, coronal and sagittal of the active series, opened at the slice shown."""
        shown = self.grid.active
        if shown.volume is None:
            return
        planes = MprView(self)
        planes.said.connect(self.say)
        planes.drawn.connect(lambda drawn: self._drawn(planes.acquired, drawn))
        planes.pointer_moved.connect(lambda at: self._tell_place(planes.active, at))
        middle = shown.placement.to_patient(*shown.image_area().middle)
        try:
            planes.set_volume(shown.volume, title=shown.head.title, window=shown.grey_window, point=middle)
        except Refused as refused:
            planes.deleteLater()
            self.say(str(refused))
            return
        self._leave_planes()
        self.planes = planes
        self._pictures.addWidget(planes)
        self._pictures.setCurrentWidget(planes)
        planes.active.setFocus()
        self.say("Three planes. A press moves the crosshair; F3 goes back.")

    def _leave_planes(self) -> None:
        if self.planes is not None:
            self._pictures.removeWidget(self.planes)
            self.planes.deleteLater()
            self.planes = None

    def _set_layout(self, name: str) -> None:
        if self.planes is not None:
            self._leave_planes()
            self.grid.active.setFocus()
            if name == self.grid.layout_name:
                return
        rows_columns = {"1x1": 1, "1x2": 2}
        if rows_columns.get(name, 9) > len(self.shown) or not self.grid.set_layout(name):
            self.say("There is nothing to show in more viewports.")


def _digit_of(event: QKeyEvent) -> int | None:
    """Digit 1 to 8 of a key, by its place on the keyboard where the system tells it."""
    if Qt.Key.Key_1 <= event.key() <= Qt.Key.Key_8:
        return int(event.key()) - int(Qt.Key.Key_0)
    if QGuiApplication.platformName() not in ("xcb", "wayland"):
        return None
    place = event.nativeScanCode() - _FIRST_DIGIT_SCAN_CODE
    return place + 1 if 0 <= place < 8 and not event.modifiers() else None
