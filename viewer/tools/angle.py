"""An angle: the first arm from its end to the corner, then the end of the second arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from measure.geometry import Point
from viewer.tools.events import Angle, Answer, Escape, Event, Move, Place, Press, Preview, Release, Said
from viewer.tools.two_points import Both, Idle, Stretching, far
from viewer.tools.two_points import step as two_points

DROPPED = "An angle lies on one slice. The line that was begun is dropped."


@dataclass(frozen=True, slots=True)
class Opening:
    """The first arm stands; the second follows the pointer. pressed: the button is down for its end."""

    first: Point
    corner: Place
    end: Place
    pressed: bool = False


State: TypeAlias = Idle | Stretching | Opening


def step(state: State, event: Event) -> tuple[State, Answer]:
    """Advance by one event; the second arm has an end before the angle is handed out."""
    if not isinstance(state, Opening):
        fresh, said = two_points(state, event, DROPPED)
        if isinstance(fresh, Both):
            return Opening(fresh.start.at, fresh.end, fresh.end), None
        return fresh, said
    match event:
        case Escape():
            return Idle(), None
        case Press(place=place) | Move(place) | Release(place) if place.slice != state.corner.slice:
            return Idle(), Said(DROPPED)
        case Press(place=place):
            return Opening(state.first, state.corner, place, pressed=True), None
        case Move(place):
            return Opening(state.first, state.corner, place, state.pressed), None
        case Release(place) if state.pressed and far(state.corner, place):
            return Idle(), Angle(place.slice, (state.first, state.corner.at, place.at))
        case _:
            return state, None


def preview(state: State) -> Preview | None:
    """The arms so far, and the angle once there are two."""
    match state:
        case Stretching(start, end):
            return Preview(start.slice, lines=((start.at, end.at),))
        case Opening(first, corner, end) if far(corner, end):
            drawn = Angle(corner.slice, (first, corner.at, end.at))
            return Preview(corner.slice, lines=(drawn.points,), text=drawn.text)
        case Opening(first, corner):
            return Preview(corner.slice, lines=((first, corner.at),))
        case _:
            return None
