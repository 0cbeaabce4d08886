"""The tool in hand: what it has begun, what it hands out, and whether it may be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF

from viewer import slab
from viewer.tools import brush
from viewer.tools.events import Accept, Answer, Escape, Event, Place, Preview, Said
from viewer.tools.registry import TOOLS, Cursor, Tool

if TYPE_CHECKING:
    from viewer.viewport import Viewport


class ToolHand:
    """Feeds one tool with what the hand does on one viewport."""

    def __init__(self, view: Viewport) -> None:
        self._view = view
        self.name = "segment"
        self.tool: Tool = TOOLS["segment"]
        self.forbidden = False
        self.brush_radius_mm = 4.0
        self.last_answer: Answer = None
        self._why_forbidden = ""
        self._state: Any = self.tool.start

    @property
    def is_brush(self) -> bool:
        """Brush or eraser: the pointer is a circle of true size."""
        return self.tool.cursor is Cursor.DISC

    @property
    def begun(self) -> bool:
        """The tool has something unfinished."""
        return bool(self._state != self.tool.start)

    def take(self, name: str, tool: Tool, *, forbidden: bool, why: str) -> bool:
        """Take a tool; what another one had begun is dropped. False when it was in hand already."""
        self._why_forbidden = why
        if name == self.name and forbidden == self.forbidden:
            return False
        self.name, self.tool, self.forbidden = name, tool, forbidden
        self.drop()
        return True

    def drop(self) -> None:
        """Forget what was begun."""
        self._state = self.tool.start

    def resize_brush(self, radius_mm: float) -> None:
        """Radius of brush and eraser in mm, within limits."""
        self.brush_radius_mm = min(max(radius_mm, brush.LEAST_RADIUS_MM), brush.MOST_RADIUS_MM)
        self._view.update()

    def preview(self) -> Preview | None:
        """What is seen of it now."""
        return self.tool.preview(self._state)

    def place(self, at: QPointF) -> Place:
        """A screen point as tools know it."""
        placement = self._view.placement
        return Place(
            placement.to_patient(at.x(), at.y()),
            placement.slice,
            placement.grid.row_axis,
            placement.grid.column_axis,
            1.0 / placement.px_per_mm,
        )

    def why_not(self) -> str | None:
        """Why the tool may not be used now, empty for no words; None where it may."""
        if self.forbidden:
            return self._why_forbidden
        if self._view.slab is not None and self.name not in slab.LOOKING_TOOLS:
            return slab.DRAWN_ON_SINGLE_SLICES
        return None

    def feed(self, event: Event) -> None:
        """Let the tool have an event; its answer is told."""
        self._state, answer = self.tool.step(self._state, event)
        self._view.update()
        if isinstance(answer, Said):
            self._view.said.emit(answer.text)
        elif answer is not None:
            self.last_answer = answer
            self._view.drawn.emit(answer)

    def accept(self) -> bool:
        """Tell the tool that what is drawn is enough. False when nothing was begun."""
        return self._feed_begun(Accept())

    def escape(self) -> bool:
        """Drop what is drawn. False when nothing was begun."""
        return self._feed_begun(Escape())

    def _feed_begun(self, event: Event) -> bool:
        if not self.begun:
            return False
        self.feed(event)
        return True
