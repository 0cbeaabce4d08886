"""One picture of one stack: painted once an event-loop turn, however many steps the wheel made meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from measure.geometry import Point
from measure.volume import Volume
from viewer.cursors import cursor_of
from viewer.frame import Head, paint_corner, paint_head, paint_letters, paint_message
from viewer.hands import Hands
from viewer.magnifier import paint_lens
from viewer.marks import ViewMark
from viewer.overlay import Overlay
from viewer.paint_drawing import paint_drawing
from viewer.paint_marks import MarkPainter
from viewer.pointer import PointerAt
from viewer.rail import RailGeometry, Tick, paint_rail, ticks_of
from viewer.slab import Slab, slab_values
from viewer.slice_geometry import (
    Area,
    Placement,
    SliceOrder,
    body_box,
    edge_letters,
    fitted,
    panned,
    zoomed_at,
)
from viewer.theme import theme
from viewer.tools.registry import TOOLS, Cursor
from viewer.window_level import GreyPicture, Window, first_window, preset_window

NO_PARTNER = "No linked slice here. Scroll by hand, or Shift + D sets an offset."
CINE_MS = 100


class PictureSource(Protocol):
    """Something that paints slices of the grid shown in other than grey, e.g. two stacks blended."""

    def image(self, slice_index: int, window: Window, *, invert: bool) -> QImage:
        """Picture of one slice, RGB32, one pixel a voxel."""

    def legend(self) -> tuple[tuple[str, str], ...]:
        """Lines for the lower left corner: text and colour token."""


class Viewport(QWidget):
    """Shows one stack with marks and hands what is done to it on as signals, all in patient points."""

    slice_changed = Signal(int)  # by hand or by call; linked viewports follow
    slice_painted = Signal(int)  # the slice was really on the screen
    look_changed = Signal()  # zoom or pan, by hand
    window_changed = Signal()  # by hand or preset
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
        self.volume: Volume | None = None
        self.order = SliceOrder(0, from_last=False)
        self.grey_window = Window(1.0, 0.0)
        self.inverted = False
        self.fit_to: Literal["body", "field"] = "body"
        self.marks: tuple[ViewMark, ...] = ()
        self.ghosts: tuple[ViewMark, ...] = ()
        self.marks_hidden = False
        self.ticks: tuple[Tick, ...] = ()
        self.overlays: tuple[Overlay, ...] = ()
        self.slab: Slab | None = None
        self.magnified = False
        self.head = Head()
        self.active = False
        self.no_partner = False
        self.message = ""
        self.wheel_taken: Callable[[int], bool] | None = None
        self.hands = Hands(self)
        self._stored_window: Window | None = None
        self._source: PictureSource | None = None
        self._slab_kept: tuple[tuple[int, Slab], NDArray[np.generic]] | None = None
        self._grey = GreyPicture()
        self._picture = QImage()
        self._mark_painter = MarkPainter()
        self._placement: Placement | None = None
        self._fitted = True
        self._shown: NDArray[np.bool_] = np.zeros(0, bool)
        self._just_painted: set[int] = set()
        self._series_area = QRectF()
        self._letters = ("", "")
        self._cine = QTimer(self)
        self._cine.timeout.connect(self._next_cine)

    # --- what is shown ------------------------------------------------------------------------------------

    def set_volume(
        self,
        volume: Volume | None,
        *,
        stored_window: Window | None = None,
        painted: Sequence[int] = (),
    ) -> None:
        """Show a stack from its first slice, window and fit at rest; painted: slices shown earlier."""
        self._source = None
        self._show(volume, stored_window, painted)

    def set_fused(self, volume: Volume, source: PictureSource) -> None:
        """Show blended pictures on the grid of a stack (see `viewer.fusion.Fusion`)."""
        self._show(volume, None, ())
        self._source = source

    def _show(self, volume: Volume | None, stored: Window | None, painted: Sequence[int]) -> None:
        self.hands.drop()
        self.stop_cine()
        self.volume = volume
        self._stored_window = stored
        self.no_partner = False
        self.marks, self.ghosts, self.ticks = (), (), ()
        self._shown = np.zeros(0 if volume is None else volume.grid.size[2], bool)
        self._placement = None
        self.overlays = ()
        self._slab_kept, self.magnified = None, False
        if volume is not None:
            self._shown[list(painted)] = True
            self.order = SliceOrder.of(volume.grid)
            self.grey_window = first_window(volume, stored)
            self._letters = edge_letters(volume.grid)
            self._fitted = True
            self._placement = fitted(volume.grid, self.order.index(1), self.image_area(), self._fit_box())
        self.update()

    @property
    def placement(self) -> Placement:
        """Where the slice shown lies on the screen; only with a volume."""
        if self._placement is None:
            raise RuntimeError("no volume is shown")
        return self._placement

    @property
    def slice(self) -> int:
        """Array index of the slice shown; -1 without a volume."""
        return -1 if self._placement is None else self._placement.slice

    def set_slice(self, slice_index: int, *, leads: bool = True) -> None:
        """Show a slice by its array index, kept within the stack; leads: linked viewports follow."""
        if self.volume is None:
            return
        kept = min(max(slice_index, 0), self.order.count - 1)
        if kept == self.placement.slice:
            return
        self._placement = self.placement.on_slice(kept)
        self.update()
        if leads:
            self.slice_changed.emit(kept)

    def step_slices(self, steps: int) -> None:
        """Go on by some slices in the order shown (down the rail); never past the ends."""
        if self.volume is not None:
            self.set_slice(self.order.index(self.order.number(self.slice) + steps))

    def go_to(self, point: Point, *, centre: bool = True) -> None:
        """Go to the slice nearest to a patient point and, if wanted, bring it to the middle; zoom is kept."""
        if self.volume is None:
            return
        if centre:
            self.set_placement(replace(self.placement, centre=point))
            self.look_changed.emit()
        self.set_slice(self.volume.grid.nearest_slice(point))

    def set_placement(self, placement: Placement) -> None:
        """Take zoom and centre of a placement; it is no longer fitted to the window."""
        self._fitted = False
        self._placement = replace(placement, area=self.image_area())
        self.update()

    def set_look(self, px_per_mm: float, centre: Point) -> None:
        """Take zoom and centre from a linked viewport."""
        if self.volume is not None:
            self.set_placement(replace(self.placement, px_per_mm=px_per_mm, centre=centre))

    def reset_look(self) -> None:
        """Fit the picture again."""
        if self.volume is not None:
            self._fitted = True
            self._placement = fitted(self.volume.grid, self.slice, self.image_area(), self._fit_box())
            self.update()
            self.look_changed.emit()

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by px."""
        self.set_placement(panned(self.placement, dx, dy))
        self.look_changed.emit()

    def zoom(self, factor: float, at: QPointF) -> None:
        """Enlarge about a point of the screen."""
        self.set_placement(zoomed_at(self.placement, factor, at.x(), at.y()))
        self._mark_painter.labels.forget_directions()
        self.look_changed.emit()

    def set_window(self, window: Window, *, leads: bool = True) -> None:
        """Use a window; leads: linked viewports follow."""
        if window != self.grey_window:
            self.grey_window = window
            self.update()
            if leads:
                self.window_changed.emit()

    def set_preset(self, number: int) -> None:
        """Use window preset 1 to 8."""
        if self.volume is not None:
            self.set_window(preset_window(number, self.volume, self._stored_window))

    def set_slab(self, slab: Slab | None) -> None:
        """Show a slab about each slice, or single slices again; nothing is drawn on a slab."""
        if slab != self.slab:
            self.slab = slab
            self.update()

    def set_magnifier(self, on: bool) -> None:
        """A lens about the pointer; off again when another stack is shown."""
        if on != self.magnified:
            self.magnified = on
            self.update()

    def values(self) -> NDArray[np.generic]:
        """Values shown, shape (rows, columns): of the slice, or of the slab about it."""
        if self.volume is None:
            raise RuntimeError("no volume is shown")
        if self.slab is None or self._source is not None:
            return np.asarray(self.volume.array[self.slice])
        key = (self.slice, self.slab)
        if self._slab_kept is None or self._slab_kept[0] != key:
            self._slab_kept = key, slab_values(self.volume, *key)
        return self._slab_kept[1]

    def invert(self) -> None:
        """Swap black and white."""
        self.inverted = not self.inverted
        self.update()

    def painted_slices(self) -> tuple[int, ...]:
        """Array indices of all slices that were really on the screen, sorted."""
        return tuple(int(k) for k in np.flatnonzero(self._shown))

    # --- marks and words ----------------------------------------------------------------------------------

    def set_marks(self, marks: Sequence[ViewMark], ghosts: Sequence[ViewMark] = ()) -> None:
        """Show marks; ghosts: marks of another stack brought here, without ticks and out of reach."""
        self.marks, self.ghosts = tuple(marks), tuple(ghosts)
        self.ticks = ticks_of(self.marks)
        self._mark_painter.forget_outlines((*self.marks, *self.ghosts))
        self.hands.marks_changed()
        self.update()

    def set_marks_hidden(self, hidden: bool) -> None:
        """Hide all marks; the head says so."""
        self.marks_hidden = hidden
        self.update()

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        """What lies between picture and marks, e.g. reference lines; another stack takes it away."""
        self.overlays = tuple(overlays)
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
            self._cine.start(CINE_MS)

    def stop_cine(self) -> None:
        """Stand still."""
        self._cine.stop()

    @property
    def cine_runs(self) -> bool:
        """Slices run by themselves."""
        return self._cine.isActive()

    def _next_cine(self) -> None:
        number = self.order.number(self.slice)
        self.set_slice(self.order.index(1 if number >= self.order.count else number + 1))

    # --- places on the screen -----------------------------------------------------------------------------

    def image_area(self) -> Area:
        """The screen below the head, rail included."""
        head = theme().whole_px("viewport-head")
        return Area(0.0, float(head), float(self.width()), max(float(self.height() - head), 1.0))

    def rail(self) -> RailGeometry:
        """Where the rail lies."""
        look, area = theme(), self.image_area()
        wide = look.px("rail")
        top = area.top + 8.0
        return RailGeometry(Area(self.width() - wide, top, wide, max(self.height() - top - 8.0, 1.0)), self.order)

    def series_area(self) -> QRectF:
        """Where the series stands in the head."""
        return self._series_area

    def label_areas(self) -> dict[str, Area]:
        """Where labels of marks were last painted, by key."""
        return self._mark_painter.label_areas

    def drag_label(self, key: str, dx: float, dy: float) -> None:
        """Put a label at an offset in px from the middle of its mark."""
        self._mark_painter.labels.dragged[key] = (dx, dy)
        self.update()

    def pointer_at(self, x: float, y: float) -> PointerAt:
        """What lies under a screen point."""
        placement = self.placement
        pixel = placement.pixel_at(x, y)
        at = placement.to_patient(x, y)
        value = None
        if pixel is not None and self.volume is not None and not any(one.empty_at(at) for one in self.overlays):
            value = self.volume.value_at(*pixel, placement.slice)
        return PointerAt(at, placement.slice, value)

    def _fit_box(self) -> tuple[int, int, int, int] | None:
        if self.volume is None or self.fit_to == "field":
            return None
        return body_box(self.volume)

    # --- painting -----------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint everything, in the order of the design."""
        painter = QPainter(self)
        look = theme()
        area = self.image_area()
        image = QRectF(area.left, area.top, area.width, area.height)
        if self.volume is None:
            painter.fillRect(image, look.colour("image"))
        else:
            painter.save()
            painter.setClipRect(image)
            self._paint_picture(painter, self.volume)
            self._paint_over(painter, image)
            painter.restore()
        if self.volume is None and self.message:
            paint_message(painter, self.message, image)
        self._series_area = paint_head(painter, self.head, self.width(), marks_hidden=self.marks_hidden)
        if self.volume is not None:
            paint_rail(painter, self.rail(), self._shown, self._rail_ticks(), self.volume.missing_after, self.slice)
        if self.active:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            wide = look.whole_px("active-frame")
            for edge in (
                QRectF(0, 0, self.width(), wide),
                QRectF(0, self.height() - wide, self.width(), wide),
                QRectF(0, 0, wide, self.height()),
                QRectF(self.width() - wide, 0, wide, self.height()),
            ):
                painter.fillRect(edge, look.colour("act"))
        painter.end()
        if self.volume is not None and self._on_screen(event):
            self._note_painted(self.slice)

    def _paint_picture(self, painter: QPainter, volume: Volume) -> None:
        placement = self.placement
        if self._source is not None:
            picture = self._source.image(placement.slice, self.grey_window, invert=self.inverted)
        else:
            picture = self._grey.image(self.values(), self.grey_window, invert=self.inverted)
        target = QRectF(*placement.picture())
        for band in _bands_around(target, painter.clipBoundingRect()):
            painter.fillRect(band, theme().colour("image"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(target, picture, QRectF(picture.rect()))
        self._picture = picture

    def _paint_over(self, painter: QPainter, image: QRectF) -> None:
        """Marks, what is being drawn, letters, corner texts, message."""
        rail = theme().px("rail")
        inner = image.adjusted(14.0, 0.0, -rail - 12.0, 0.0)
        corner_lines = self._corner_lines()
        paint_letters(painter, *self._letters, image)
        boxes = [
            paint_corner(painter, [line], inner.adjusted(0, 0, 0, -16.0 * below), right=right, colour=colour)
            for line, colour, below, right in corner_lines
        ]
        taken = [Area(b.left(), b.top(), b.width(), b.height()) for b in boxes]
        taken.append(Area(image.right() - rail, image.top(), rail, image.height()))
        for overlay in self.overlays:
            overlay.paint(painter, self.placement)
        if not self.marks_hidden:
            self._mark_painter.paint(
                painter,
                (*self.ghosts, *self.hands.marks_in_hand()),
                self.placement,
                hover=self.hands.hovered_key,
                pointer=self.hands.pointer,
                taken=taken,
                tissue=self._tissue,
            )
        paint_drawing(painter, self.hands.drawing(), self.placement)
        if self.magnified and self.hands.pointer is not None:
            paint_lens(painter, self._picture, self.placement, self.hands.pointer)
        if self.no_partner or self.message:
            paint_message(painter, self.message or NO_PARTNER, image)

    def _corner_lines(self) -> list[tuple[str, str, int, bool]]:
        """(text, colour token, lines above the bottom, at the right)."""
        lines: list[tuple[str, str, int, bool]]
        if self._source is not None:
            legend = self._source.legend()
            lines = [(text, token, len(legend) - 1 - row, False) for row, (text, token) in enumerate(legend)]
        else:
            width, centre = _number(self.grey_window.width), _number(self.grey_window.centre)
            name = self.grey_window.name + (" · inverted" if self.inverted else "")
            lines = [(f"W {width}  L {centre}", "text", 1 if name else 0, False)]
            if name:
                lines.append((name.removeprefix(" · "), "text", 0, False))
        if self.slab is not None and self._source is None:
            lines.append((self.slab.text, "needs", 1, True))
        lines.append((f"slice {self.order.number(self.slice)}", "text", 0, True))
        return lines

    def _rail_ticks(self) -> tuple[Tick, ...]:
        return () if self.marks_hidden else self.ticks

    def _tissue(self, area: Area) -> float:
        """Share of an area of the screen that is not dark in the window, from a few points of the slice."""
        if self.volume is None:
            return 0.0
        placement, array = self.placement, self.volume.array[self.slice]
        low = self.grey_window.centre - 0.45 * self.grey_window.width
        found = 0
        for across in (0.1, 0.3, 0.5, 0.7, 0.9):
            for down in (0.15, 0.5, 0.85):
                pixel = placement.pixel_at(area.left + across * area.width, area.top + down * area.height)
                found += pixel is not None and float(array[pixel[1], pixel[0]]) > low
        return found / 15.0

    def _on_screen(self, event: QPaintEvent) -> bool:
        """The paint went to a window that can be seen and held most of the picture."""
        if not self.isVisible() or self.window().isMinimized():
            return False
        seen = event.region().boundingRect()
        return seen.width() * seen.height() >= 0.5 * self.width() * self.height()

    def _note_painted(self, slice_index: int) -> None:
        self._shown[slice_index] = True
        if not self._just_painted:
            QTimer.singleShot(0, self, self._tell_painted)
        self._just_painted.add(slice_index)

    def _tell_painted(self) -> None:
        told, self._just_painted = self._just_painted, set()
        for slice_index in sorted(told):
            self.slice_painted.emit(slice_index)

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

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again, or keep zoom and centre."""
        if self._placement is not None and self.volume is not None:
            if self._fitted:
                self._placement = fitted(self.volume.grid, self.slice, self.image_area(), self._fit_box())
            else:
                self._placement = replace(self._placement, area=self.image_area())
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        """As in two by one on a full screen."""
        return QSize(708, 1012)

    def minimumSizeHint(self) -> QSize:
        """Below that a picture says nothing."""
        return QSize(160, 160)

    def show_cursor(self, kind: Cursor) -> None:
        """Change the pointer."""
        self.setCursor(cursor_of(kind))


def _number(value: float) -> str:
    text = f"{value:.0f}" if abs(value) >= 10 or value == int(value) else f"{value:.2g}"
    return text.replace("-", "\u2212")


def _bands_around(picture: QRectF, area: QRectF) -> list[QRectF]:
    """What of an area a picture leaves free; a pixel of overlap where its edge is a fraction."""
    inner = picture.intersected(area).adjusted(1.0, 1.0, -1.0, -1.0)
    if inner.isEmpty():
        return [area]
    bands = [
        QRectF(area.left(), area.top(), area.width(), inner.top() - area.top()),
        QRectF(area.left(), inner.bottom(), area.width(), area.bottom() - inner.bottom()),
        QRectF(area.left(), inner.top(), inner.left() - area.left(), inner.height()),
        QRectF(inner.right(), inner.top(), area.right() - inner.right(), inner.height()),
    ]
    return [band for band in bands if band.width() > 0 and band.height() > 0]
