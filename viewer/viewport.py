"""One picture of one stack: painted once an event-loop turn, however many steps the wheel made meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from measure.volume import Volume
from viewer.cine import Cine
from viewer.cursors import cursor_of
from viewer.frame import Head
from viewer.hands import Hands
from viewer.marks import ViewMark
from viewer.paint_viewport import ViewportPainter
from viewer.rail import RailGeometry, Tick, ticks_of
from viewer.seen_slices import SeenSlices
from viewer.slice_geometry import Area
from viewer.slice_view import SliceView
from viewer.theme import theme
from viewer.tools.registry import TOOLS, Cursor


class Viewport(SliceView):
    """Shows one stack with marks and hands what is done to it on as signals, all in patient points."""

    slice_painted = Signal(int)  # the slice was really on the screen
    activated = Signal()
    drawn = Signal(object)  # tools.events.Drawn
    click_withdrawn = Signal()  # the click just handed out was the first half of a double click
    said = Signal(str)  # one line for the message line
    mark_pressed = Signal(str)
    mark_edited = Signal(str, object)  # key, MarkAxes: an end was pulled
    mark_moved = Signal(str, object, object)  # key, offset (Point, mm), MarkAxes or None
    tick_pressed = Signal(str)
    pointer_moved = Signal(object)  # PointerAt, or None when it left
    context_asked = Signal(object, QPoint)  # UnderPointer, global position
    double_clicked = Signal()
    series_pressed = Signal(QPoint)  # global position below the series name

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        self.marks: tuple[ViewMark, ...] = ()
        self.ghosts: tuple[ViewMark, ...] = ()
        self.marks_hidden = False
        self.ticks: tuple[Tick, ...] = ()
        self.magnified = False
        self.head = Head()
        self.active = False
        self.no_partner = False
        self.message = ""
        self.wheel_taken: Callable[[int], bool] | None = None
        self.hands = Hands(self)
        self._painter = ViewportPainter(self)
        self._seen = SeenSlices(self)
        self._seen.painted.connect(self.slice_painted)
        self.cine = Cine(self)

    def _stack_changes(self, volume: Volume | None, painted: Sequence[int]) -> None:
        self.hands.drop()
        self.cine.stop()
        self.no_partner = self.magnified = False
        self.marks, self.ghosts, self.ticks = (), (), ()
        self._seen.start(0 if volume is None else volume.grid.size[2], painted)

    def zoom(self, factor: float, at: QPointF) -> None:
        """Enlarge about a point of the screen; labels choose their places anew."""
        super().zoom(factor, at)
        self._painter.labels.forget_directions()

    def set_magnifier(self, on: bool) -> None:
        """A lens about the pointer; off again when another stack is shown."""
        if on != self.magnified:
            self.magnified = on
            self.update()

    def shown_slices(self) -> NDArray[np.bool_]:
        """Which slices were really on the screen, shape (slices,)."""
        return self._seen.shown

    def painted_slices(self) -> tuple[int, ...]:
        """Array indices of all slices that were really on the screen, sorted."""
        return self._seen.slices()

    # --- marks and words ----------------------------------------------------------------------------------

    def set_marks(self, marks: Sequence[ViewMark], ghosts: Sequence[ViewMark] = ()) -> None:
        """Show marks; ghosts: marks of another stack brought here, without ticks and out of reach."""
        self.marks, self.ghosts = tuple(marks), tuple(ghosts)
        self.ticks = ticks_of(self.marks)
        self._painter.forget_outlines((*self.marks, *self.ghosts))
        self.hands.marks_changed()
        self.update()

    def set_marks_hidden(self, hidden: bool) -> None:
        """Hide all marks; the head says so."""
        self.marks_hidden = hidden
        self.update()

    def set_head(self, head: Head) -> None:
        """Words of the head bar."""
        self.head = head
        self.update()

    def set_message(self, text: str) -> None:
        """A line on the picture itself; empty: none."""
        self.message = text
        self.update()

    def set_active(self, active: bool) -> None:
        """Frame it: keys, presets and cine go here."""
        if active != self.active:
            self.active = active
            self.update()

    def set_no_partner(self, missing: bool) -> None:
        """Say that no slice here lies at the place of the linked one."""
        if missing != self.no_partner:
            self.no_partner = missing
            self.update()

    # --- tools --------------------------------------------------------------------------------------------

    def set_tool(self, name: str, *, forbidden: bool = False, why: str = "") -> None:
        """Take a tool of `viewer.tools.registry`; forbidden: looking only, with the forbidden pointer.

        why: the line said when the hand tries it all the same.
        """
        self.hands.set_tool(name, TOOLS[name], forbidden=forbidden, why=why)

    @property
    def tool(self) -> str:
        """Name of the tool in hand."""
        return self.hands.tool_name

    def accept_drawing(self) -> bool:
        """`Enter`: what is drawn is enough. False when nothing was being drawn."""
        return self.hands.accept()

    def escape(self) -> bool:
        """Drop what is being drawn or dragged. False when there was nothing."""
        return self.hands.escape()

    def start_cine(self) -> None:
        """Run through the slices, from the last to the first again."""
        if self.volume is not None:
            self.cine.start()

    def stop_cine(self) -> None:
        """Stand still."""
        self.cine.stop()

    @property
    def cine_runs(self) -> bool:
        """Slices run by themselves."""
        return self.cine.isActive()

    # --- places on the screen -----------------------------------------------------------------------------

    def rail(self) -> RailGeometry:
        """Where the rail lies."""
        look, area = theme(), self.image_area()
        wide = look.px("rail")
        top = area.top + 8.0
        return RailGeometry(Area(self.width() - wide, top, wide, max(self.height() - top - 8.0, 1.0)), self.order)

    def series_area(self) -> QRectF:
        """Where the series stands in the head."""
        return self._painter.series_area

    def label_areas(self) -> dict[str, Area]:
        """Where labels of marks were last painted, by key."""
        return self._painter.label_areas

    def drag_label(self, key: str, dx: float, dy: float) -> None:
        """Put a label at an offset in px from the middle of its mark."""
        self._painter.labels.dragged[key] = (dx, dy)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything; a slice that went to a window that can be seen counts as shown."""
        painter = QPainter(self)
        self._painter.paint(painter)
        painter.end()
        if self.volume is not None and self._on_screen(event):
            self._seen.note(self.slice)

    def _on_screen(self, event: QPaintEvent) -> bool:
        """The paint went to a window that can be seen and held most of the picture."""
        if not self.isVisible() or self.window().isMinimized():
            return False
        seen = event.region().boundingRect()
        return seen.width() * seen.height() >= 0.5 * self.width() * self.height()

    # --- hands --------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """One notch is one slice, always; see `viewer.hands`."""
        self.hands.wheel(event)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """See `viewer.hands`."""
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.activated.emit()
        self.hands.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """See `viewer.hands`."""
        self.hands.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """See `viewer.hands`."""
        self.hands.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """See `viewer.hands`."""
        self.hands.double_click(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Slices by arrows, paging and ends; a selected handle by arrows; the rest goes to the window."""
        if not self.hands.key(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Held keys end here."""
        self.hands.key_released(event)
        super().keyReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer is gone."""
        self.hands.leave()
        super().leaveEvent(event)

    def focusInEvent(self, event: object) -> None:
        """Keys go here from now on."""
        self.activated.emit()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The right button windows; its menu comes from `context_asked`."""
        event.accept()

    def show_cursor(self, kind: Cursor) -> None:
        """Change the pointer."""
        self.setCursor(cursor_of(kind))
