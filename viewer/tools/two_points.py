"""Two points on one slice: press, pull, let go; or click both. What is made of them is the tool's own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from viewer.tools.events import DRAG_START_PX, Answer, Escape, Event, Move, Place, Press, Release, Said


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing is drawn."""


@dataclass(frozen=True, slots=True)
class Stretching:
    """One point stands, the other follows the pointer."""

    start: Place
    end: Place


@dataclass(frozen=True, slots=True)
class Both:
    """Both points stand: the tool takes it from here."""

    start: Place
    end: Place


State: TypeAlias = Idle | Stretching


def far(start: Place, end: Place) -> bool:
    """The points are more than a slip of the hand apart."""
    return end.px_from(start.at) > DRAG_START_PX


def step(
    state: State, event: Event, dropped: str, enough: Callable[[Place, Place], bool] = far
) -> tuple[Idle | Stretching | Both, Answer]:
    """Advance by one event. dropped: said when the hand goes on on another slice; enough: the points will do."""
    match state, event:
        case Idle(), Press(place=place):
            return Stretching(place, place), None
        case Stretching(start), (Press(place=place) | Move(place) | Release(place)) if place.slice != start.slice:
            return Idle(), Said(dropped)
        case Stretching(start), Move(place):
            return Stretching(start, place), None
        case Stretching(start), (Press(place=place) | Release(place)) if enough(start, place):
            return Both(start, place), None
        case Stretching(), Escape():
            return Idle(), None
        case _:
            return state, None
