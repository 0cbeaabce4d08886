"""Every tool in one table: where it starts, how it goes on, what is seen meanwhile, which cursor it has.

Key, label and help come from the key table of the program.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from viewer.tools import angle, brush, crosshair, ellipse, length, polygon, probe, segment, two_axes, two_points
from viewer.tools.events import Answer, Event, Preview


class Cursor(Enum):
    """Shape of the pointer."""

    CROSS = "fine cross with open centre"
    DISC = "circle of true size"
    HAND = "open hand"
    HAND_CLOSED = "closed hand"
    PULL = "four arrows"
    WINDOW = "half disc"
    FORBIDDEN = "forbidden"
    ARROW = "arrow"


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool. start: its resting state; step and preview: pure functions over its own states."""

    start: Any
    step: Callable[[Any, Event], tuple[Any, Answer]]
    preview: Callable[[Any], Preview | None]
    cursor: Cursor


TOOLS: Mapping[str, Tool] = {
    "crosshair": Tool(crosshair.Idle(), crosshair.step, crosshair.preview, Cursor.CROSS),
    "segment": Tool(segment.Idle(), segment.step, segment.preview, Cursor.CROSS),
    "two-axes": Tool(two_points.Idle(), two_axes.step, two_axes.preview, Cursor.CROSS),
    "length": Tool(two_points.Idle(), length.step, length.preview, Cursor.CROSS),
    "ellipse": Tool(two_points.Idle(), ellipse.step, ellipse.preview, Cursor.CROSS),
    "angle": Tool(two_points.Idle(), angle.step, angle.preview, Cursor.CROSS),
    "probe": Tool(probe.Idle(), probe.step, probe.preview, Cursor.CROSS),
    "brush": Tool(brush.Idle(erase=False), brush.step, brush.preview, Cursor.DISC),
    "eraser": Tool(brush.Idle(erase=True), brush.step, brush.preview, Cursor.DISC),
    "polygon": Tool(polygon.Idle(), polygon.step, polygon.preview, Cursor.CROSS),
}
