"""Segment: a click, or a stroke once the pointer has gone more than 3 px."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from measure.geometry import Point
from viewer.tools.events import (
    DRAG_START_PX,
    Answer,
    Click,
    Escape,
    Event,
    Move,
    Place,
    Press,
    Preview,
    Release,
    Stroke,
)


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing is drawn."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The button is down and has not gone far."""

    start: Place


@dataclass(frozen=True, slots=True)
class Stroking:
    """A stroke is being drawn."""

    slice: int
    points: tuple[Point, ...]


State: TypeAlias = Idle | Pressed | Stroking


def step(state: State, event: Event) -> tuple[State, Answer]:
    """Advance by one event."""
    match state, event:
        case _, Press(place=place):
            return Pressed(place), None
        case Pressed(start), Move(place) if place.px_from(start.at) > DRAG_START_PX:
            return Stroking(start.slice, (start.at, place.at)), None
        case Pressed(start), Release():
            return Idle(), Click(start.slice, start.at)
        case Stroking(slice_index, points), Move(place) if place.px_from(points[-1]) >= 1.0:
            return Stroking(slice_index, (*points, place.at)), None
        case Stroking(slice_index, points), Release():
            return Idle(), Stroke(slice_index, points)
        case _, Escape():
            return Idle(), None
        case _:
            return state, None


def preview(state: State) -> Preview | None:
    """The stroke so far."""
    return Preview(state.slice, lines=(state.points,)) if isinstance(state, Stroking) else None
