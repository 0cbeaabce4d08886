"""Crosshair: a press, or a drag, points at the place that the other planes show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from viewer.tools.events import Answer, Escape, Event, Move, Pointed, Press, Preview, Release


@dataclass(frozen=True, slots=True)
class Idle:
    """The button is up."""


@dataclass(frozen=True, slots=True)
class Pointing:
    """The button is down on a slice."""

    slice: int


State: TypeAlias = Idle | Pointing


def step(state: State, event: Event) -> tuple[State, Answer]:
    """Advance by one event; every move with the button down points anew."""
    match state, event:
        case _, Press(place=place):
            return Pointing(place.slice), Pointed(place.slice, place.at)
        case Pointing(slice_index), Move(place) if place.slice == slice_index:
            return state, Pointed(slice_index, place.at)
        case _, Release() | Escape():
            return Idle(), None
        case _:
            return state, None


def preview(state: State) -> Preview | None:
    """Nothing of its own is seen."""
    return None
