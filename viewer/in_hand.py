"""What a pressed button holds until it is let go."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import hypot
from typing import TypeAlias

import numpy as np
from PySide6.QtCore import QPointF, Qt

from measure.diameters import AxisEnd
from measure.geometry import Point
from viewer.marks import MarkAxes, ViewMark
from viewer.tools.events import DRAG_START_PX
from viewer.window_level import Window, moved_window


@dataclass(slots=True)
class Panning:
    """The picture."""

    last: QPointF


@dataclass(slots=True)
class Windowing:
    """Width and centre of the window; far: it was moved and is no click."""

    start: QPointF
    window: Window
    far: bool = False

    def moved(self, at: QPointF, *, whole: bool) -> Window | None:
        """The window with the hand at a point; None as long as it has hardly moved. whole: steps of the unit."""
        way = at - self.start
        self.far = self.far or hypot(way.x(), way.y()) > DRAG_START_PX
        return moved_window(self.window, way.x(), way.y(), whole=whole) if self.far else None


@dataclass(slots=True)
class RailDrag:
    """The handle of the rail."""


@dataclass(slots=True)
class LabelDrag:
    """A label, by its offset in px from the middle of its mark."""

    key: str
    start: QPointF
    offset: tuple[float, float]


@dataclass(slots=True)
class Editing:
    """A mark: as it was, which part, its axes and shift as they are now."""

    mark: ViewMark
    end: AxisEnd | None
    start: QPointF
    origin: Point
    axes: MarkAxes | None
    offset: Point = (0.0, 0.0, 0.0)
    far: bool = False

    def shown(self) -> ViewMark:
        """The mark as it is while it is pulled or moved."""
        if self.end is not None:
            return replace(self.mark, axes=self.axes)
        shift = np.asarray(self.offset)
        outlines = {k: tuple(piece + shift for piece in pieces) for k, pieces in self.mark.outlines.items()}
        return replace(self.mark, axes=self.axes, outlines=outlines)


@dataclass(slots=True)
class Drawing:
    """The tool."""


InHand: TypeAlias = Panning | Windowing | RailDrag | LabelDrag | Editing | Drawing | None


def belongs(held: InHand, button: Qt.MouseButton) -> bool:
    """The button that went up is the one that holds it."""
    if isinstance(held, Panning):
        return button == Qt.MouseButton.MiddleButton
    if isinstance(held, Windowing):
        return button == Qt.MouseButton.RightButton
    return held is not None and button == Qt.MouseButton.LeftButton
