"""Two axes by hand: the longest first, then across it; the second is kept at right angles in mm.

The perpendicular goes through the foot of its first point on the long axis. Nothing is guessed: until it
is drawn there is none; `Enter` hands out the long axis alone. When it outgrows that, the roles swap.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from measure.diameters import Ends, axes_from_ends, swap_if_needed
from measure.geometry import Point, distance_mm
from viewer.tools.events import (
    DRAG_START_PX,
    Accept,
    Answer,
    Escape,
    Event,
    Move,
    Place,
    Press,
    Preview,
    Release,
    Said,
    TwoAxes,
)
from viewer.tools.two_points import Both, Idle, Stretching
from viewer.tools.two_points import step as two_points


@dataclass(frozen=True, slots=True)
class LongDrawn:
    """The long axis stands, the perpendicular is awaited."""

    slice: int
    long_ends: Ends


@dataclass(frozen=True, slots=True)
class ShortStretching:
    """The perpendicular follows the pointer."""

    slice: int
    long_ends: Ends
    start: Place
    end: Place


State: TypeAlias = Idle | Stretching | LongDrawn | ShortStretching

_DROPPED = "An axis lies on one slice. The line that was begun is dropped."
_OTHER_SLICE = "Both axes lie on one slice. Go back to it, or Esc drops the long axis."


def step(state: State, event: Event) -> tuple[State, Answer]:
    """Advance by one event."""
    match state:
        case Idle() | Stretching():
            fresh, said = two_points(state, event, _DROPPED)
            if isinstance(fresh, Both):
                return LongDrawn(fresh.end.slice, (fresh.start.at, fresh.end.at)), None
            return fresh, said
        case _ if isinstance(event, Escape):
            return Idle(), None
        case LongDrawn():
            return _between(state, event)
        case ShortStretching():
            return _short(state, event)


def preview(state: State) -> Preview | None:
    """The axes so far with their lengths."""
    match state:
        case Idle():
            return None
        case Stretching(start, end):
            ends = (start.at, end.at)
            return Preview(start.slice, (ends,), text=f"{distance_mm(*ends):.1f}\u2009mm")
        case LongDrawn(slice_index, long_ends):
            text = f"{distance_mm(*long_ends):.1f}\u2009mm · now across"
            return Preview(slice_index, (long_ends,), text=text)
        case ShortStretching(slice_index, long_ends, start, end):
            axes = swap_if_needed(axes_from_ends(long_ends, across(long_ends, start, end), slice_index))
            text = f"{axes.long_mm:.1f} × {axes.short_mm:.1f}\u2009mm"
            return Preview(slice_index, (axes.long_ends, axes.short_ends), text=text)


def across(long_ends: Ends, start: Place, end: Place) -> Ends:
    """Ends of the perpendicular drawn from place to place: through the foot of the first."""
    first, second = np.asarray(long_ends[0], float), np.asarray(long_ends[1], float)
    length = float(np.linalg.norm(second - first))
    along = (second - first) / length
    aside = np.cross(start.normal, along)
    foot = first + float(np.clip((np.asarray(start.at) - first) @ along, 0.0, length)) * along
    ends = [foot + float((np.asarray(place.at) - first) @ aside) * aside for place in (start, end)]
    return _point(ends[0]), _point(ends[1])


def _between(state: LongDrawn, event: Event) -> tuple[State, Answer]:
    match event:
        case Press(place=place) if place.slice != state.slice:
            return state, Said(_OTHER_SLICE)
        case Press(place=place):
            return ShortStretching(state.slice, state.long_ends, place, place), None
        case Accept():
            return Idle(), TwoAxes(state.slice, state.long_ends, None)
        case _:
            return state, None


def _short(state: ShortStretching, event: Event) -> tuple[State, Answer]:
    match event:
        case Press(place=place) | Move(place) | Release(place) if place.slice != state.slice:
            return LongDrawn(state.slice, state.long_ends), Said(_OTHER_SLICE)
        case Move(place):
            return ShortStretching(state.slice, state.long_ends, state.start, place), None
        case Press(place=place) | Release(place) if place.px_from(state.start.at) > DRAG_START_PX:
            short_ends = across(state.long_ends, state.start, place)
            if distance_mm(*short_ends) <= DRAG_START_PX * place.px_mm:
                return state, None  # drawn along the long axis: there is no width in it
            axes = swap_if_needed(axes_from_ends(state.long_ends, short_ends, state.slice))
            return Idle(), TwoAxes(state.slice, axes.long_ends, axes.short_ends)
        case _:
            return state, None


def _point(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Point:
    return float(values[0]), float(values[1]), float(values[2])
