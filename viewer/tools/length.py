"""A length: press, pull, let go; or click both ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from measure.geometry import distance_mm
from viewer.tools.events import (
    DRAG_START_PX,
    Answer,
    Escape,
    Event,
    LengthLine,
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
    """One end stands, the other follows the pointer."""

    start: Place
    end: Place


State: TypeAlias = Idle | Stretching


def step(state: State, event: Event) -> tuple[State, Answer]:
    """Advance by one event; a line of no length is never handed out."""
    match state, event:
        case Idle(), Press(place=place):
            return Stretching(place, place), None
        case Stretching(start), (Press(place=place) | Move(place) | Release(place)) if place.slice != start.slice:
            return Idle(), Said("A length lies on one slice. The line that was begun is dropped.")
        case Stretching(start), Move(place):
            return Stretching(start, place), None
        case Stretching(start), (Press(place=place) | Release(place)) if _far(start, place):
            return Idle(), LengthLine(start.slice, (start.at, place.at))
        case Stretching(), Escape():
            return Idle(), None
        case _:
            return state, None


def preview(state: State) -> Preview | None:
    """The line so far with its length."""
    if not isinstance(state, Stretching):
        return None
    ends = (state.start.at, state.end.at)
    return Preview(state.start.slice, lines=(ends,), text=f"{distance_mm(*ends):.1f}\u2009mm")


def _far(start: Place, place: Place) -> bool:
    return place.px_from(start.at) > DRAG_START_PX
