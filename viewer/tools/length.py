"""A length: press, pull, let go; or click both ends."""

from __future__ import annotations

from measure.geometry import distance_mm
from viewer.tools.events import Answer, Event, LengthLine, Preview
from viewer.tools.two_points import Both, Idle, State, Stretching
from viewer.tools.two_points import step as two_points

DROPPED = "A length lies on one slice. The line that was begun is dropped."


def step(state: State, event: Event) -> tuple[State, Answer]:
    """Advance by one event; a line of no length is never handed out."""
    fresh, said = two_points(state, event, DROPPED)
    if isinstance(fresh, Both):
        return Idle(), LengthLine(fresh.start.slice, (fresh.start.at, fresh.end.at))
    return fresh, said


def preview(state: State) -> Preview | None:
    """The line so far with its length."""
    if not isinstance(state, Stretching):
        return None
    ends = (state.start.at, state.end.at)
    return Preview(state.start.slice, lines=(ends,), text=f"{distance_mm(*ends):.1f}\u2009mm")
