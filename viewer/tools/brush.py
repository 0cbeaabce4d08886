"""Brush and eraser: a stroke of discs of one radius in the plane of the slice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from measure.geometry import Point
from viewer.tools.events import Answer, Discs, Escape, Event, Move, Press, Preview, Release

LEAST_RADIUS_MM = 0.5
MOST_RADIUS_MM = 40.0


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing is painted; erase tells brush and eraser apart."""

    erase: bool = False


@dataclass(frozen=True, slots=True)
class Painting:
    """The button is down."""

    slice: int
    points: tuple[Point, ...]
    radius_mm: float
    erase: bool


State: TypeAlias = Idle | Painting


def step(state: State, event: Event) -> tuple[State, Answer]:
    """Advance by one event; points closer than a fifth of the radius add nothing."""
    match state, event:
        case Idle(erase), Press(place, radius_mm):
            return Painting(place.slice, (place.at,), radius_mm, erase), None
        case Painting(slice_index, points, radius, erase), Move(place):
            if place.slice == slice_index and place.px_from(points[-1]) * place.px_mm >= radius / 5.0:
                return Painting(slice_index, (*points, place.at), radius, erase), None
            return state, None
        case Painting(slice_index, points, radius, erase), Release():
            return Idle(erase), Discs(slice_index, points, radius, erase)
        case Painting(), Escape():
            return Idle(state.erase), None
        case _:
            return state, None


def preview(state: State) -> Preview | None:
    """The swath so far."""
    if not isinstance(state, Painting):
        return None
    return Preview(state.slice, lines=(state.points,), swath_mm=2.0 * state.radius_mm, erase=state.erase)


def resized(radius_mm: float, notches: int) -> float:
    """Radius after some notches of the wheel or strokes of `[` and `]`: an eighth each, within limits."""
    return float(min(max(radius_mm * 1.125**notches, LEAST_RADIUS_MM), MOST_RADIUS_MM))
