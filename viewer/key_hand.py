"""Keys of one viewport: slices by arrows, paging and ends; a selected handle by arrows; size of the brush."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

from viewer.mark_hand import MarkHand
from viewer.tool_hand import ToolHand
from viewer.tools import brush

if TYPE_CHECKING:
    from viewer.viewport import Viewport

PAGE_SLICES = 10
NUDGE_PX = 0.25

Outcome: TypeAlias = Literal["done", "escape", "accept", "not ours"]

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


class KeyHand:
    """Which keys are down, and what they do."""

    def __init__(self, view: Viewport, tool: ToolHand, marks: MarkHand) -> None:
        self._view, self._tool, self._marks = view, tool, marks
        self._held: set[int] = set()

    def holds(self, key: Qt.Key) -> bool:
        """The key is down."""
        return key.value in self._held

    def let_all_go(self) -> None:
        """Nothing is held any more, as far as this viewport knows."""
        self._held.clear()

    def released(self, event: QKeyEvent) -> None:
        """A key went up."""
        if not event.isAutoRepeat():
            self._held.discard(int(event.key()))

    def pressed(self, event: QKeyEvent) -> Outcome:
        """A key went down; Esc and Enter are left to the hands."""
        view, tool, code = self._view, self._tool, event.key()
        if not event.isAutoRepeat():
            self._held.add(int(code))
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        way = _ARROWS.get(code)
        if way is not None and self._marks.nudge(way, 1.0 if shift else NUDGE_PX):
            return "done"
        if code in _STEPS:
            view.step_slices(_STEPS[code])
        elif code == Qt.Key.Key_Home:
            view.set_slice(view.order.index(1))
        elif code == Qt.Key.Key_End:
            view.set_slice(view.order.index(view.order.count))
        elif tool.is_brush and code in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
            notches = 1 if code == Qt.Key.Key_BracketRight else -1
            tool.resize_brush(brush.resized(tool.brush_radius_mm, notches))
        elif code == Qt.Key.Key_Escape:
            return "escape"
        elif code in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            return "accept"
        else:
            return "not ours"
        return "done"
