"""Wheel, buttons and keys of one viewport: who gets what, and what is in hand at the moment.

Pressing on a mark wins over the tool (with Alt the tool wins); middle drag pans, right drag windows; the
wheel is slices in every tool, always.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import hypot
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from measure.diameters import AxisEnd
from measure.geometry import Point
from viewer import slab
from viewer.axis_editing import Hit, as_end, end_nearest, ends_of, hit_mark, lengths_text, pulled
from viewer.marks import MarkAxes, ViewMark
from viewer.paint_drawing import Drawing
from viewer.paint_marks import HANDLES_FROM_PX, SMALL_HANDLES_BELOW_PX, longest_px
from viewer.pointer import UnderPointer
from viewer.rail import tick_at
from viewer.theme import theme
from viewer.tools import brush
from viewer.tools.events import (
    DRAG_START_PX,
    Accept,
    Answer,
    Click,
    Escape,
    Event,
    Move,
    Place,
    Press,
    Release,
    Said,
)
from viewer.tools.registry import TOOLS, Cursor, Tool
from viewer.window_level import Window, moved_window

if TYPE_CHECKING:
    from viewer.viewport import Viewport

NOTCH = 120
MANY_SLICES = 5
RAIL_SLICES = 10
PAGE_SLICES = 10
ZOOM_STEP = 1.15
NUDGE_PX = 0.25
ZOOM_IN_TO_EDIT = "Zoom in to edit (Ctrl + wheel)."


@dataclass(slots=True)
class _Pan:
    last: QPointF


@dataclass(slots=True)
class _Windowing:
    start: QPointF
    window: Window
    far: bool = False


@dataclass(slots=True)
class _RailDrag:
    pass


@dataclass(slots=True)
class _LabelDrag:
    key: str
    start: QPointF
    offset: tuple[float, float]


@dataclass(slots=True)
class _Editing:
    """A mark in hand: as it was, which part, its axes and shift as they are now."""

    mark: ViewMark
    end: AxisEnd | None
    start: QPointF
    origin: Point
    axes: MarkAxes | None
    offset: Point = (0.0, 0.0, 0.0)
    far: bool = False


@dataclass(slots=True)
class _Drawing:
    pass


_InHand: TypeAlias = _Pan | _Windowing | _RailDrag | _LabelDrag | _Editing | _Drawing | None


class Hands:
    """State of the hands on one viewport."""

    def __init__(self, viewport: Viewport) -> None:
        self._view = viewport
        self.tool_name = "segment"
        self.tool: Tool = TOOLS["segment"]
        self.forbidden = False
        self._why_forbidden = ""
        self.brush_radius_mm = 4.0
        self.hovered: Hit | None = None
        self.pointer: QPointF | None = None
        self._state: Any = self.tool.start
        self._in_hand: _InHand = None
        self._wheel_rest = 0
        self._look_due = False
        self._held: set[int] = set()
        self._handle: tuple[str, AxisEnd] | None = None
        self._last_answer: Answer = None

    # --- for painting -------------------------------------------------------------------------------------

    @property
    def hovered_key(self) -> str | None:
        """Key of the mark under the pointer."""
        return self.hovered.key if self.hovered is not None else None

    def marks_in_hand(self) -> Sequence[ViewMark]:
        """The marks of the viewport, the one in hand as it is now."""
        held = self._in_hand
        if not isinstance(held, _Editing) or not held.far:
            return self._view.marks
        return [_as_held(held) if mark.key == held.mark.key else mark for mark in self._view.marks]

    def drawing(self) -> Drawing:
        """What is being drawn."""
        held = self._in_hand
        if isinstance(held, _Editing) and held.far and held.end is not None and held.axes is not None:
            return Drawing(text=lengths_text(held.axes), pointer=self.pointer)
        preview = self.tool.preview(self._state)
        disc = self.brush_radius_mm if self.tool.cursor is Cursor.DISC and not self.forbidden else None
        text = preview.text if preview is not None and preview.slice == self._view.slice else ""
        return Drawing(preview, text, self.pointer, disc)

    # --- tool ---------------------------------------------------------------------------------------------

    def set_tool(self, name: str, tool: Tool, *, forbidden: bool, why: str = "") -> None:
        """Take a tool; what another one had begun is dropped. why: said when a forbidden one is tried."""
        self._why_forbidden = why
        if name == self.tool_name and forbidden == self.forbidden:
            return
        self.tool_name, self.tool, self.forbidden = name, tool, forbidden
        self._state = tool.start
        self._set_cursor()
        self._view.update()

    def set_brush_radius(self, radius_mm: float) -> None:
        """Radius of brush and eraser in mm."""
        self.brush_radius_mm = min(max(radius_mm, brush.LEAST_RADIUS_MM), brush.MOST_RADIUS_MM)
        self._view.update()

    @property
    def drawing_begun(self) -> bool:
        """The tool has something unfinished."""
        return bool(self._state != self.tool.start)

    def accept(self) -> bool:
        """Tell the tool that what is drawn is enough."""
        if not self.drawing_begun:
            return False
        self._feed(Accept())
        return True

    def escape(self) -> bool:
        """Put back what is dragged, drop what is drawn."""
        if isinstance(self._in_hand, _Editing):
            self._in_hand = None
            self._view.update()
            return True
        if not self.drawing_begun:
            return False
        self._feed(Escape())
        return True

    def drop(self) -> None:
        """Forget everything in hand (another stack is shown)."""
        self._in_hand, self._state, self.hovered, self._handle = None, self.tool.start, None, None

    def marks_changed(self) -> None:
        """Marks were replaced: what is held of one that is gone is dropped."""
        keys = {mark.key for mark in self._view.marks}
        if isinstance(self._in_hand, _Editing) and self._in_hand.mark.key not in keys:
            self._in_hand = None
        if self.hovered is not None and self.hovered.key not in keys:
            self.hovered = None
        if self._handle is not None and self._handle[0] not in keys:
            self._handle = None

    def _feed(self, event: Event) -> None:
        self._state, answer = self.tool.step(self._state, event)
        self._view.update()
        if isinstance(answer, Said):
            self._view.said.emit(answer.text)
        elif answer is not None:
            self._last_answer = answer
            self._view.drawn.emit(answer)

    def _place(self, at: QPointF) -> Place:
        placement = self._view.placement
        return Place(
            placement.to_patient(at.x(), at.y()),
            placement.slice,
            placement.grid.row_axis,
            placement.grid.column_axis,
            1.0 / placement.px_per_mm,
        )

    # --- wheel --------------------------------------------------------------------------------------------

    def wheel(self, event: QWheelEvent) -> None:
        """Add the notches up; none is lost, fractions of fine wheels wait for the rest."""
        view = self._view
        if view.volume is None:
            return
        delta = event.angleDelta()
        turned = delta.y() or delta.x()  # Alt and, on some systems, Shift turn it sideways
        if (self._wheel_rest > 0) != (turned > 0):
            self._wheel_rest = 0
        notches, self._wheel_rest = _whole_notches(self._wheel_rest + turned)
        if notches == 0:
            return
        modifiers = event.modifiers()
        if view.wheel_taken is not None and view.wheel_taken(notches):
            return
        if self.tool.cursor is Cursor.DISC and Qt.Key.Key_P.value in self._held:
            self.set_brush_radius(brush.resized(self.brush_radius_mm, notches))
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            view.zoom(ZOOM_STEP**notches, event.position())
        elif event.position().x() >= view.rail().area.left:
            view.step_slices(-notches * RAIL_SLICES)
        else:
            many = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
            view.step_slices(-notches * (MANY_SLICES if many else 1))
        self._after_scroll(event.position())

    def _after_scroll(self, at: QPointF) -> None:
        """What is under the pointer is looked up once the new slice is painted, not at every notch."""
        self.pointer = at
        if not self._look_due:
            self._look_due = True
            QTimer.singleShot(0, self._view, self._look_again)

    def _look_again(self) -> None:
        self._look_due = False
        if self.pointer is not None and self._view.volume is not None:
            if self._in_hand is None:
                self._hover(self.pointer)
            self._tell_pointer(self.pointer)

    # --- buttons ------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> None:
        """Take something in hand."""
        view, at = self._view, event.position()
        self._last_answer = None
        if at.y() < theme().px("viewport-head"):
            area = view.series_area()
            if view.head.series_menu and area.contains(at):
                view.series_pressed.emit(view.mapToGlobal(area.bottomLeft()).toPoint())
            return
        if view.volume is None or (self._in_hand is not None and not isinstance(self._in_hand, _Drawing)):
            return
        match event.button():
            case Qt.MouseButton.MiddleButton:
                self._in_hand = _Pan(at)
                view.show_cursor(Cursor.HAND_CLOSED)
            case Qt.MouseButton.RightButton:
                self._in_hand = _Windowing(at, view.grey_window)
            case Qt.MouseButton.LeftButton:
                self._press_left(at, tool_wins=bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
            case _:
                pass

    def _press_left(self, at: QPointF, *, tool_wins: bool) -> None:
        view = self._view
        if at.x() >= view.rail().area.left:
            self._press_rail(at)
            return
        hit = None if tool_wins or self.drawing_begun else self._hit(at)
        if hit is not None and self._take_mark(hit, at):
            return
        self._handle = None
        why = self._why_not()
        if why is not None:
            if why:
                view.said.emit(why)
            return
        self._in_hand = _Drawing()
        self._feed(Press(self._place(at), self.brush_radius_mm))

    def _why_not(self) -> str | None:
        """Why the tool may not be used now, empty for no words; None where it may."""
        if self.forbidden:
            return self._why_forbidden
        if self._view.slab is not None and self.tool_name not in slab.LOOKING_TOOLS:
            return slab.DRAWN_ON_SINGLE_SLICES
        return None

    def _press_rail(self, at: QPointF) -> None:
        view, rail = self._view, self._view.rail()
        tick = None if view.marks_hidden else tick_at(view.ticks, rail, at.y())
        if tick is not None and at.x() < rail.area.left + rail.area.width / 2.0:
            view.set_slice(tick.slice)
            view.tick_pressed.emit(tick.key)
            return
        self._in_hand = _RailDrag()
        view.set_slice(rail.slice_at(at.y()))

    def _take_mark(self, hit: Hit, at: QPointF) -> bool:
        """Take the mark that was hit; False where the tool should have it."""
        view = self._view
        mark = next(one for one in view.marks if one.key == hit.key)
        if hit.part == "label":
            place = view.label_areas()[hit.key]
            self._in_hand = _LabelDrag(hit.key, at, self._label_offset(mark, place.left, place.top))
            view.mark_pressed.emit(hit.key)
            return True
        if hit.is_end and longest_px(mark, view.placement) < HANDLES_FROM_PX:
            view.said.emit(ZOOM_IN_TO_EDIT)
            return True
        view.mark_pressed.emit(hit.key)
        if mark.changeable:
            end = as_end(hit.part) if hit.is_end else None
            self._handle = (mark.key, end) if end is not None else None
            self._in_hand = _Editing(mark, end, at, self._place(at).at, mark.axes)
        return True

    def _label_offset(self, mark: ViewMark, left: float, top: float) -> tuple[float, float]:
        x, y = self._middle_on_screen(mark)
        return left - x, top - y

    def _middle_on_screen(self, mark: ViewMark) -> tuple[float, float]:
        """Middle of the box of what is painted of a mark, as labels count it."""
        placement = self._view.placement
        points = [placement.to_screen(piece) for piece in mark.outlines.get(placement.slice, ())]
        if mark.axes is not None and mark.axes.slice == placement.slice and mark.show_axes:
            points.append(placement.to_screen(list(ends_of(mark.axes).values())))
        every = np.concatenate(points)
        x, y = (every.min(axis=0) + every.max(axis=0)) / 2.0
        return float(x), float(y)

    def move(self, event: QMouseEvent) -> None:
        """Go on with what is in hand, or show what is under the pointer."""
        view, at = self._view, event.position()
        if view.volume is None:
            return
        self.pointer = at
        match self._in_hand:
            case _Pan() as held:
                view.pan(at.x() - held.last.x(), at.y() - held.last.y())
                held.last = at
            case _Windowing() as held:
                self._window_to(held, at)
            case _RailDrag():
                view.set_slice(view.rail().slice_at(at.y()))
            case _LabelDrag() as held:
                way = at - held.start
                view.drag_label(held.key, held.offset[0] + way.x(), held.offset[1] + way.y())
            case _Editing() as held:
                self._edit_to(held, at)
            case _:
                if self.drawing_begun:
                    self._feed(Move(self._place(at)))
                else:
                    self._hover(at)
        if self.tool.cursor is Cursor.DISC or view.magnified:
            view.update()
        self._tell_pointer(at)

    def _window_to(self, held: _Windowing, at: QPointF) -> None:
        way = at - held.start
        if not held.far and hypot(way.x(), way.y()) <= DRAG_START_PX:
            return
        held.far = True
        self._view.show_cursor(Cursor.WINDOW)
        whole = self._view.volume is not None and self._view.volume.unit == "HU"
        self._view.set_window(moved_window(held.window, way.x(), way.y(), whole=whole))

    def _edit_to(self, held: _Editing, at: QPointF) -> None:
        way = at - held.start
        if not held.far and hypot(way.x(), way.y()) <= DRAG_START_PX:
            return
        held.far = True
        place = self._place(at)
        if place.slice != held.mark.home_slice and held.end is not None:
            return
        axes = held.mark.axes
        if held.end is not None and axes is not None:
            held.axes = pulled(axes, held.end, place.at, place.normal)
        else:
            held.offset = _between(held.origin, place.at)
            held.axes = axes.moved(held.offset) if axes is not None else None
        self._view.update()

    def release(self, event: QMouseEvent) -> None:
        """Let go; what was drawn or changed is told."""
        view, at, held = self._view, event.position(), self._in_hand
        if view.volume is None or not _belongs(held, event.button()):
            return
        self._in_hand = None
        match held:
            case _Windowing(far=False):
                hit = self._hit(at)
                under = UnderPointer(view.pointer_at(at.x(), at.y()), hit)
                view.context_asked.emit(under, event.globalPosition().toPoint())
            case _Editing(far=True):
                self._commit(held)
            case _Drawing():
                self._feed(Release(self._place(at)))
            case _:
                pass
        self._hover(at)

    def _commit(self, held: _Editing) -> None:
        view = self._view
        view.update()
        if held.end is not None and held.axes is not None:
            to = view.placement.to_patient(self.pointer.x(), self.pointer.y()) if self.pointer else held.origin
            self._handle = (held.mark.key, end_nearest(held.axes, to))
            view.mark_edited.emit(held.mark.key, held.axes)
        elif held.offset != (0.0, 0.0, 0.0):
            view.mark_moved.emit(held.mark.key, held.offset, held.axes)

    def double_click(self, event: QMouseEvent) -> None:
        """Close a polygon; else the viewport alone, and the first click does not count."""
        view = self._view
        if event.button() != Qt.MouseButton.LeftButton:
            self.press(event)
            return
        if self.drawing_begun:
            self._feed(Accept())
            return
        if event.position().x() >= view.rail().area.left:
            self.press(event)
            return
        if isinstance(self._last_answer, Click):
            view.click_withdrawn.emit()
        self._last_answer = None
        view.double_clicked.emit()

    # --- keys ---------------------------------------------------------------------------------------------

    def key(self, event: QKeyEvent) -> bool:
        """Arrows, paging, ends, brush size, Esc; False for a key that is not the viewport's."""
        view, code = self._view, event.key()
        if not event.isAutoRepeat():
            self._held.add(int(code))
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        way = _ARROWS.get(code)
        if way is not None and self._nudge(way, 1.0 if shift else NUDGE_PX):
            return True
        if code in _STEPS:
            view.step_slices(_STEPS[code])
        elif code == Qt.Key.Key_Home:
            view.set_slice(view.order.index(1))
        elif code == Qt.Key.Key_End:
            view.set_slice(view.order.index(view.order.count))
        elif self.tool.cursor is Cursor.DISC and code in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            notches = 1 if code == Qt.Key.Key_BracketRight else -1
            self.set_brush_radius(brush.resized(self.brush_radius_mm, notches))
        elif code == Qt.Key.Key_Escape:
            return self.escape()
        elif code in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return self.accept()
        else:
            return False
        return True

    def key_released(self, event: QKeyEvent) -> None:
        """A key is no longer held."""
        if not event.isAutoRepeat():
            self._held.discard(int(event.key()))

    def _nudge(self, way: tuple[int, int], pixels: float) -> bool:
        """Move the selected handle by a part of a pixel of the picture."""
        if self._handle is None:
            return False
        key, end = self._handle
        mark = next((one for one in self._view.marks if one.key == key), None)
        if mark is None or mark.axes is None or not mark.changeable or mark.axes.slice != self._view.slice:
            return False
        grid = self._view.placement.grid
        across = np.asarray(grid.row_axis) * way[0] * pixels * grid.spacing_mm[0]
        down = np.asarray(grid.column_axis) * way[1] * pixels * grid.spacing_mm[1]
        to = np.asarray(ends_of(mark.axes)[end]) + across + down
        point = (float(to[0]), float(to[1]), float(to[2]))
        axes = pulled(mark.axes, end, point, grid.normal)
        self._handle = (key, end_nearest(axes, point))
        self._view.mark_edited.emit(key, axes)
        return True

    # --- pointer ------------------------------------------------------------------------------------------

    def leave(self) -> None:
        """The pointer left the viewport."""
        self.pointer = None
        self._held.clear()
        if self.hovered is not None or self.tool.cursor is Cursor.DISC or self._view.magnified:
            self.hovered = None
            self._view.update()
        self._view.pointer_moved.emit(None)

    def _tell_pointer(self, at: QPointF) -> None:
        if at.y() >= theme().px("viewport-head"):
            self._view.pointer_moved.emit(self._view.pointer_at(at.x(), at.y()))

    def _hit(self, at: QPointF) -> Hit | None:
        view, look = self._view, theme()
        if view.marks_hidden or view.volume is None:
            return None
        placement = view.placement
        ends = look.px("handle-hit-large") if look.scale >= 1.25 else look.px("handle-hit")
        hit = hit_mark(view.marks, placement, at.x(), at.y(), end_px=ends, line_px=look.px("outline-hit"))
        if hit is not None and hit.part != "inside":
            return hit
        own = {mark.key for mark in view.marks}
        for key, place in view.label_areas().items():
            inside = place.left <= at.x() <= place.left + place.width
            if key in own and inside and place.top <= at.y() <= place.top + place.height:
                return Hit(key, "label")
        return hit

    def _hover(self, at: QPointF) -> None:
        hit = self._hit(at) if at.y() >= theme().px("viewport-head") else None
        if hit != self.hovered or self._small_handles_near():
            self.hovered = hit
            self._view.update()
        self._set_cursor(at)

    def _small_handles_near(self) -> bool:
        """A selected mark is so small that its handles come and go with the pointer."""
        view = self._view
        return any(
            mark.selected
            and mark.changeable
            and mark.lies_on(view.slice)
            and longest_px(mark, view.placement) < SMALL_HANDLES_BELOW_PX
            for mark in view.marks
        )

    def _set_cursor(self, at: QPointF | None = None) -> None:
        view = self._view
        kind = Cursor.FORBIDDEN if self.forbidden else self.tool.cursor
        if at is not None and (at.x() >= view.rail().area.left or at.y() < theme().px("viewport-head")):
            kind = Cursor.ARROW
        elif self.hovered is not None:
            mark = next((one for one in view.marks if one.key == self.hovered.key), None)
            if self.hovered.is_end:
                kind = Cursor.PULL
            elif mark is not None and (mark.changeable or self.hovered.part == "label"):
                kind = Cursor.HAND
            else:
                kind = Cursor.ARROW
        view.show_cursor(kind)


_ARROWS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
_STEPS: dict[int, int] = {
    Qt.Key.Key_Left: -1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_Right: 1,
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_PageUp: -PAGE_SLICES,
    Qt.Key.Key_PageDown: PAGE_SLICES,
}


def _belongs(held: _InHand, button: Qt.MouseButton) -> bool:
    """The button that went up is the one that holds it."""
    if isinstance(held, _Pan):
        return button == Qt.MouseButton.MiddleButton
    if isinstance(held, _Windowing):
        return button == Qt.MouseButton.RightButton
    return held is not None and button == Qt.MouseButton.LeftButton


def _as_held(held: _Editing) -> ViewMark:
    """The mark as it is while it is pulled or moved."""
    mark = held.mark
    if held.end is not None:
        return replace(mark, axes=held.axes)
    shift = np.asarray(held.offset)
    outlines = {k: tuple(piece + shift for piece in pieces) for k, pieces in mark.outlines.items()}
    return replace(mark, axes=held.axes, outlines=outlines)


def _whole_notches(turned: int) -> tuple[int, int]:
    """Whole notches (towards zero) and what is left of the turn."""
    notches = int(turned / NOTCH)
    return notches, turned - notches * NOTCH


def _between(start: Point, end: Point) -> Point:
    return end[0] - start[0], end[1] - start[1], end[2] - start[2]
