"""Wheel, buttons and keys of one viewport: who gets what.

Pressing on a mark wins over the tool (with Alt the tool wins); middle drag pans, right drag windows; the
wheel is slices in every tool, always. What a tool does stands in `tool_hand`, what happens to marks in
`mark_hand`, what a button holds in `in_hand`, keys and wheel in `key_hand` and `wheel`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from viewer.axis_editing import lengths_text
from viewer.in_hand import Drawing as ToolHeld
from viewer.in_hand import Editing, InHand, LabelDrag, Panning, RailDrag, Windowing, belongs
from viewer.key_hand import KeyHand
from viewer.mark_hand import MarkHand
from viewer.marks import ViewMark
from viewer.paint_drawing import Drawing
from viewer.pointer import UnderPointer
from viewer.rail import tick_at
from viewer.theme import theme
from viewer.tool_hand import ToolHand
from viewer.tools.events import Accept, Click, Move, Press, Release
from viewer.tools.registry import Cursor, Tool
from viewer.wheel import Wheel

if TYPE_CHECKING:
    from viewer.viewport import Viewport


class Hands:
    """State of the hands on one viewport."""

    def __init__(self, viewport: Viewport) -> None:
        self._view = viewport
        self.tool_hand = ToolHand(viewport)
        self.mark_hand = MarkHand(viewport)
        self.pointer: QPointF | None = None
        self._in_hand: InHand = None
        self._wheel = Wheel(viewport, self.tool_hand)
        self._keys = KeyHand(viewport, self.tool_hand, self.mark_hand)
        self._look_due = False

    # --- for painting -------------------------------------------------------------------------------------

    @property
    def hovered_key(self) -> str | None:
        """Key of the mark under the pointer."""
        hovered = self.mark_hand.hovered
        return hovered.key if hovered is not None else None

    def marks_in_hand(self) -> Sequence[ViewMark]:
        """The marks of the viewport, the one in hand as it is now."""
        held = self._in_hand
        if not isinstance(held, Editing) or not held.far:
            return self._view.marks
        return [held.shown() if mark.key == held.mark.key else mark for mark in self._view.marks]

    def drawing(self) -> Drawing:
        """What is being drawn."""
        held, tool = self._in_hand, self.tool_hand
        if isinstance(held, Editing) and held.far and held.end is not None and held.axes is not None:
            return Drawing(text=lengths_text(held.axes), pointer=self.pointer)
        preview = tool.preview()
        disc = tool.brush_radius_mm if tool.is_brush and not tool.forbidden else None
        text = preview.text if preview is not None and preview.slice == self._view.slice else ""
        return Drawing(preview, text, self.pointer, disc)

    # --- tool ---------------------------------------------------------------------------------------------

    @property
    def tool_name(self) -> str:
        """Name of the tool in hand."""
        return self.tool_hand.name

    @property
    def brush_radius_mm(self) -> float:
        """Radius of brush and eraser in mm."""
        return self.tool_hand.brush_radius_mm

    def set_tool(self, name: str, tool: Tool, *, forbidden: bool, why: str = "") -> None:
        """Take a tool; what another one had begun is dropped. why: said when a forbidden one is tried."""
        if self.tool_hand.take(name, tool, forbidden=forbidden, why=why):
            self._set_cursor()
            self._view.update()

    def accept(self) -> bool:
        """Tell the tool that what is drawn is enough."""
        return self.tool_hand.accept()

    def escape(self) -> bool:
        """Put back what is dragged, drop what is drawn."""
        if isinstance(self._in_hand, Editing):
            self._in_hand = None
            self._view.update()
            return True
        return self.tool_hand.escape()

    def drop(self) -> None:
        """Forget everything in hand (another stack is shown)."""
        self._in_hand = None
        self.tool_hand.drop()
        self.mark_hand.drop()

    def marks_changed(self) -> None:
        """Marks were replaced: what is held of one that is gone is dropped."""
        keys = {mark.key for mark in self._view.marks}
        if isinstance(self._in_hand, Editing) and self._in_hand.mark.key not in keys:
            self._in_hand = None
        self.mark_hand.marks_changed()

    # --- wheel --------------------------------------------------------------------------------------------

    def wheel(self, event: QWheelEvent) -> None:
        """Let the wheel turn slices, or what a held key makes of it."""
        if self._wheel.turn(event, sizes_brush=self._keys.holds(Qt.Key.Key_P)):
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
        self.tool_hand.last_answer = None
        if at.y() < theme().px("viewport-head"):
            area = view.series_area()
            if view.head.series_menu and area.contains(at):
                view.series_pressed.emit(view.mapToGlobal(area.bottomLeft()).toPoint())
            return
        if view.volume is None or (self._in_hand is not None and not isinstance(self._in_hand, ToolHeld)):
            return
        match event.button():
            case Qt.MouseButton.MiddleButton:
                self._in_hand = Panning(at)
                view.show_cursor(Cursor.HAND_CLOSED)
            case Qt.MouseButton.RightButton:
                self._in_hand = Windowing(at, view.grey_window)
            case Qt.MouseButton.LeftButton:
                self._press_left(at, tool_wins=bool(event.modifiers() & Qt.KeyboardModifier.AltModifier))
            case _:
                pass

    def _press_left(self, at: QPointF, *, tool_wins: bool) -> None:
        view, tool = self._view, self.tool_hand
        if at.x() >= view.rail().area.left:
            self._press_rail(at)
            return
        hit = None if tool_wins or tool.begun else self.mark_hand.hit(at)
        if hit is not None:
            self._in_hand = self.mark_hand.take(hit, at, tool.place(at).at)
            return
        self.mark_hand.let_handle_go()
        why = tool.why_not()
        if why is None:
            self._in_hand = ToolHeld()
            tool.feed(Press(tool.place(at), tool.brush_radius_mm))
        elif why:
            view.said.emit(why)

    def _press_rail(self, at: QPointF) -> None:
        view, rail = self._view, self._view.rail()
        tick = None if view.marks_hidden else tick_at(view.ticks, rail, at.y())
        if tick is not None and at.x() < rail.area.left + rail.area.width / 2.0:
            view.set_slice(tick.slice)
            view.tick_pressed.emit(tick.key)
            return
        self._in_hand = RailDrag()
        view.set_slice(rail.slice_at(at.y()))

    def move(self, event: QMouseEvent) -> None:
        """Go on with what is in hand, or show what is under the pointer."""
        view, at, tool = self._view, event.position(), self.tool_hand
        if view.volume is None:
            return
        self.pointer = at
        match self._in_hand:
            case Panning() as held:
                view.pan(at.x() - held.last.x(), at.y() - held.last.y())
                held.last = at
            case Windowing() as held:
                self._window_to(held, at)
            case RailDrag():
                view.set_slice(view.rail().slice_at(at.y()))
            case LabelDrag() as held:
                way = at - held.start
                view.drag_label(held.key, held.offset[0] + way.x(), held.offset[1] + way.y())
            case Editing() as held:
                self.mark_hand.edit_to(held, at, tool.place(at))
            case _ if tool.begun:
                tool.feed(Move(tool.place(at)))
            case _:
                self._hover(at)
        if tool.is_brush or view.magnified:
            view.update()
        self._tell_pointer(at)

    def _window_to(self, held: Windowing, at: QPointF) -> None:
        volume = self._view.volume
        window = held.moved(at, whole=volume is not None and volume.unit == "HU")
        if window is not None:
            self._view.show_cursor(Cursor.WINDOW)
            self._view.set_window(window)

    def release(self, event: QMouseEvent) -> None:
        """Let go; what was drawn or changed is told."""
        view, at, held = self._view, event.position(), self._in_hand
        if view.volume is None or not belongs(held, event.button()):
            return
        self._in_hand = None
        match held:
            case Windowing(far=False):
                under = UnderPointer(view.pointer_at(at.x(), at.y()), self.mark_hand.hit(at))
                view.context_asked.emit(under, event.globalPosition().toPoint())
            case Editing(far=True):
                self.mark_hand.commit(held, self.pointer)
            case ToolHeld():
                self.tool_hand.feed(Release(self.tool_hand.place(at)))
            case _:
                pass
        self._hover(at)

    def double_click(self, event: QMouseEvent) -> None:
        """Close a polygon; else the viewport alone, and the first click does not count."""
        view, tool = self._view, self.tool_hand
        if event.button() != Qt.MouseButton.LeftButton:
            self.press(event)
            return
        if tool.begun:
            tool.feed(Accept())
            return
        if event.position().x() >= view.rail().area.left:
            self.press(event)
            return
        if isinstance(tool.last_answer, Click):
            view.click_withdrawn.emit()
        tool.last_answer = None
        view.double_clicked.emit()

    # --- keys ---------------------------------------------------------------------------------------------

    def key(self, event: QKeyEvent) -> bool:
        """Arrows, paging, ends, brush size, Esc; False for a key that is not the viewport's."""
        match self._keys.pressed(event):
            case "escape":
                return self.escape()
            case "accept":
                return self.accept()
            case done:
                return done == "done"

    def key_released(self, event: QKeyEvent) -> None:
        """A key is no longer held."""
        self._keys.released(event)

    # --- pointer ------------------------------------------------------------------------------------------

    def leave(self) -> None:
        """The pointer left the viewport."""
        self.pointer = None
        self._keys.let_all_go()
        if self.mark_hand.hovered is not None or self.tool_hand.is_brush or self._view.magnified:
            self.mark_hand.hovered = None
            self._view.update()
        self._view.pointer_moved.emit(None)

    def _tell_pointer(self, at: QPointF) -> None:
        if at.y() >= theme().px("viewport-head"):
            self._view.pointer_moved.emit(self._view.pointer_at(at.x(), at.y()))

    def _hover(self, at: QPointF) -> None:
        self.mark_hand.hover(at)
        self._set_cursor(at)

    def _set_cursor(self, at: QPointF | None = None) -> None:
        view, tool = self._view, self.tool_hand
        kind = Cursor.FORBIDDEN if tool.forbidden else tool.tool.cursor
        if at is not None and (at.x() >= view.rail().area.left or at.y() < theme().px("viewport-head")):
            kind = Cursor.ARROW
        else:
            kind = self.mark_hand.cursor() or kind
        view.show_cursor(kind)
