"""The wheel over one viewport: notches add up, none is lost, one is one slice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent

from viewer.tool_hand import ToolHand
from viewer.tools import brush

if TYPE_CHECKING:
    from viewer.viewport import Viewport

NOTCH = 120
MANY_SLICES = 5
RAIL_SLICES = 10
ZOOM_STEP = 1.15


class Wheel:
    """Turns of the wheel; fractions of fine wheels wait for the rest."""

    def __init__(self, view: Viewport, tool: ToolHand) -> None:
        self._view, self._tool = view, tool
        self._rest = 0

    def turn(self, event: QWheelEvent, *, sizes_brush: bool) -> bool:
        """Go on by what an event turned; sizes_brush: the brush's key is held. False when nothing was done."""
        view, tool = self._view, self._tool
        if view.volume is None:
            return False
        delta = event.angleDelta()
        turned = delta.y() or delta.x()  # Alt and, on some systems, Shift turn it sideways
        if (self._rest > 0) != (turned > 0):
            self._rest = 0
        notches, self._rest = _whole_notches(self._rest + turned)
        if notches == 0 or (view.wheel_taken is not None and view.wheel_taken(notches)):
            return False
        modifiers = event.modifiers()
        if tool.is_brush and sizes_brush:
            tool.resize_brush(brush.resized(tool.brush_radius_mm, notches))
        elif modifiers & Qt.KeyboardModifier.ControlModifier:
            view.zoom(ZOOM_STEP**notches, event.position())
        elif event.position().x() >= view.rail().area.left:
            view.step_slices(-notches * RAIL_SLICES)
        else:
            many = bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
            view.step_slices(-notches * (MANY_SLICES if many else 1))
        return True


def _whole_notches(turned: int) -> tuple[int, int]:
    """Whole notches (towards zero) and what is left of the turn."""
    notches = int(turned / NOTCH)
    return notches, turned - notches * NOTCH
