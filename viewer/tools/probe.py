"""Probe: a click asks for the stored value under it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from viewer.tools.events import Answer, Escape, Event, Place, Press, Preview, Probe, Release


@dataclass(frozen=True, slots=True)
class Idle:
    """The button is up."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """The button is down."""

    start: Place


State: TypeAlias = Idle | Pressed


def step(state: State, event: Event) -> tuple[State, Answer]:
    """Advance by one event; the value is asked where the button went down."""
    match state, event:
        case _, Press(place=place):
            return Pressed(place), None
        case Pressed(start), Release():
            return Idle(), Probe(start.slice, start.at)
        case _, Escape():
            return Idle(), None
        case _:
            return state, None


def preview(state: State) -> Preview | None:
    """Nothing of its own is seen."""
    return None
