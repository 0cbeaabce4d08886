"""Ellipse for statistics: pulled from corner to corner of its box."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi
from typing import TypeAlias

import numpy as np

from viewer.tools.events import (
    DRAG_START_PX,
    Answer,
    Ellipse,
    Escape,
    Event,
    Move,
    Place,
    Press,
    Preview,
    Release,
    Said,
)


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing is drawn."""


@dataclass(frozen=True, slots=True)
class Stretching:
    """One corner of the box stands, the other follows."""

    start: Place
    end: Place


State: TypeAlias = Idle | Stretching


def step(state: State, event: Event) -> tuple[State, Answer]:
    """Advance by one event; an ellipse without area is never handed out."""
    match state, event:
        case Idle(), Press(place=place):
            return Stretching(place, place), None
        case Stretching(start), (Press(place=place) | Move(place) | Release(place)) if place.slice != start.slice:
            return Idle(), Said("An ellipse lies on one slice. The one that was begun is dropped.")
        case Stretching(start), Move(place):
            return Stretching(start, place), None
        case Stretching(start), (Press(place=place) | Release(place)):
            drawn = between(start, place)
            if min(drawn.across_mm, drawn.down_mm) * 2.0 > DRAG_START_PX * place.px_mm:
                return Idle(), drawn
            return state, None
        case Stretching(), Escape():
            return Idle(), None
        case _:
            return state, None


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
