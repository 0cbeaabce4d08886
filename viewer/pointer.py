"""What lies under the pointer, as it is told to others."""

from __future__ import annotations

from dataclasses import dataclass

from measure.geometry import Point
from viewer.axis_editing import Hit


@dataclass(frozen=True, slots=True)
class PointerAt:
    """What the pointer is over: LPS mm, slice index, stored value (None outside the picture)."""

    at: Point
    slice: int
    value: float | None


@dataclass(frozen=True, slots=True)
class UnderPointer:
    """What a right click met: the point, and the mark and its part if there is one."""

    pointer: PointerAt
    hit: Hit | None
