"""Ellipse for statistics: pulled from corner to corner of its box."""

from __future__ import annotations

from math import pi

import numpy as np

from viewer.tools.events import DRAG_START_PX, Answer, Ellipse, Event, Place, Preview
from viewer.tools.two_points import Both, Idle, State, Stretching
from viewer.tools.two_points import step as two_points

DROPPED = "An ellipse lies on one slice. The one that was begun is dropped."


def step(state: State, event: Event) -> tuple[State, Answer]:
    """Advance by one event; an ellipse without area is never handed out."""
    fresh, said = two_points(state, event, DROPPED, _has_area)
    if isinstance(fresh, Both):
        return Idle(), between(fresh.start, fresh.end)
    return fresh, said


def _has_area(start: Place, end: Place) -> bool:
    drawn = between(start, end)
    return min(drawn.across_mm, drawn.down_mm) * 2.0 > DRAG_START_PX * end.px_mm


def between(start: Place, end: Place) -> Ellipse:
    """The ellipse that fills the box between two corners, along the rows and columns of the slice."""
    way = np.subtract(end.at, start.at)
    middle = np.add(end.at, start.at) / 2.0
    return Ellipse(
        start.slice,
        (float(middle[0]), float(middle[1]), float(middle[2])),
        abs(float(way @ np.asarray(start.row_axis, float))) / 2.0,
        abs(float(way @ np.asarray(start.column_axis, float))) / 2.0,
    )


def preview(state: State) -> Preview | None:
    """The ellipse so far with its area."""
    if not isinstance(state, Stretching):
        return None
    drawn = between(state.start, state.end)
    turn = np.linspace(0.0, 2.0 * pi, 65)[:, None]
    row, column = np.asarray(state.start.row_axis, float), np.asarray(state.start.column_axis, float)
    ring = np.asarray(drawn.centre) + drawn.across_mm * np.cos(turn) * row + drawn.down_mm * np.sin(turn) * column
    points = tuple((float(p[0]), float(p[1]), float(p[2])) for p in ring)
    area = pi * drawn.across_mm * drawn.down_mm
    return Preview(drawn.slice, closed=(points,), text=f"{area:.0f}\u2009mm²")
