"""Polygon: a click for each corner; closed by a click on the first, `Enter` or a double click."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from measure.geometry import Point
from viewer.tools.events import (
    CLOSE_PX,
    Accept,
    Answer,
    Escape,
    Event,
    Move,
    Polygon,
    Press,
    Preview,
    Said,
)


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing is drawn."""


@dataclass(frozen=True, slots=True)
class Cornering:
    """Some corners stand, the next follows the pointer."""

    slice: int
    points: tuple[Point, ...]
    pointer: Point


State: TypeAlias = Idle | Cornering


def step(state: State, event: Event) -> tuple[State, Answer]:
    """Advance by one event; fewer than three corners close nothing."""
    match state, event:
        case Idle(), Press(place=place):
            return Cornering(place.slice, (place.at,), place.at), None
        case Cornering(slice_index), Press(place=place) if place.slice != slice_index:
            return state, Said("A polygon lies on one slice. Go back to it, or Esc drops it.")
        case Cornering(slice_index, points), Press(place=place):
            if len(points) > 2 and place.px_from(points[0]) <= CLOSE_PX:
                return Idle(), Polygon(slice_index, points)
            if place.px_from(points[-1]) <= 1.0:
                return state, None
            return Cornering(slice_index, (*points, place.at), place.at), None
        case Cornering(slice_index, points), Move(place) if place.slice == slice_index:
            return Cornering(slice_index, points, place.at), None
        case Cornering(slice_index, points), Accept() if len(points) > 2:
            return Idle(), Polygon(slice_index, points)
        case Cornering(), Accept():
            return state, Said("A polygon has three corners or more.")
        case Cornering(), Escape():
            return Idle(), None
        case _:
            return state, None


def preview(state: State) -> Preview | None:
    """The corners so far and the side that follows the pointer."""
    if not isinstance(state, Cornering):
        return None
    return Preview(state.slice, lines=((*state.points, state.pointer),))
