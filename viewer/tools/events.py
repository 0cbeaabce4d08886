"""What the hand does, in patient points, and what a tool hands out; no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from measure.diameters import Ends
from measure.geometry import Floats, Point

DRAG_START_PX = 3.0
CLOSE_PX = 8.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where the pointer is: LPS mm on the plane of a slice, that plane's axes, and mm per screen px there."""

    at: Point
    slice: int
    row_axis: Point = (1.0, 0.0, 0.0)
    column_axis: Point = (0.0, 1.0, 0.0)
    px_mm: float = 1.0

    @property
    def normal(self) -> Floats:
        """Unit normal of the plane, shape (3,)."""
        return np.cross(np.asarray(self.row_axis, float), np.asarray(self.column_axis, float))

    def px_from(self, point: Sequence[float]) -> float:
        """Distance to a patient point in screen px."""
        return float(np.linalg.norm(np.subtract(self.at, point))) / self.px_mm


# --- events -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Press:
    """The left button went down. radius_mm: of the brush."""

    place: Place
    radius_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Move:
    """The pointer moved, button down or not."""

    place: Place


@dataclass(frozen=True, slots=True)
class Release:
    """The left button went up."""

    place: Place


@dataclass(frozen=True, slots=True)
class Accept:
    """`Enter` or a double click: what is drawn is enough."""


@dataclass(frozen=True, slots=True)
class Escape:
    """What is being drawn is dropped."""


Event: TypeAlias = Press | Move | Release | Accept | Escape

# --- results ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Click:
    """One point to segment from."""

    slice: int
    at: Point


@dataclass(frozen=True, slots=True)
class Stroke:
    """A line drawn through what is to be segmented, in the order it was drawn."""

    slice: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class TwoAxes:
    """Two axes drawn by hand; short_ends None when the perpendicular was left out."""

    slice: int
    long_ends: Ends
    short_ends: Ends | None


@dataclass(frozen=True, slots=True)
class LengthLine:
    """One length."""

    slice: int
    ends: Ends


@dataclass(frozen=True, slots=True)
class Ellipse:
    """Centre and half axes (mm along the rows and down the columns)."""

    slice: int
    centre: Point
    across_mm: float
    down_mm: float


@dataclass(frozen=True, slots=True)
class Discs:
    """A brush or eraser stroke: discs of one radius round every point, in the plane of the slice."""

    slice: int
    points: tuple[Point, ...]
    radius_mm: float
    erase: bool


@dataclass(frozen=True, slots=True)
class Polygon:
    """A closed outline by its corners; the first is not repeated."""

    slice: int
    points: tuple[Point, ...]


@dataclass(frozen=True, slots=True)
class Angle:
    """Two arms that meet in the middle one of three points."""

    slice: int
    points: tuple[Point, Point, Point]

    @property
    def degrees(self) -> float:
        """Angle at the corner, 0 to 180."""
        first, second = (np.subtract(end, self.points[1]) for end in (self.points[0], self.points[2]))
        return float(np.degrees(np.arctan2(np.linalg.norm(np.cross(first, second)), float(first @ second))))

    @property
    def text(self) -> str:
        """The angle to a tenth."""
        return f"{self.degrees:.1f}°"


@dataclass(frozen=True, slots=True)
class Probe:
    """One point whose stored value is wanted."""

    slice: int
    at: Point


@dataclass(frozen=True, slots=True)
class Pointed:
    """One point that other planes are to show; nothing is drawn."""

    slice: int
    at: Point


@dataclass(frozen=True, slots=True)
class Said:
    """Nothing was drawn; one line says why."""

    text: str


Drawn: TypeAlias = Click | Stroke | TwoAxes | LengthLine | Ellipse | Discs | Polygon | Angle | Probe | Pointed
Answer: TypeAlias = Drawn | Said | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What is seen while drawing: open lines and closed outlines in LPS mm, live value, a brush's swath."""

    slice: int
    lines: tuple[tuple[Point, ...], ...] = ()
    closed: tuple[tuple[Point, ...], ...] = ()
    text: str = ""
    swath_mm: float = 0.0
    erase: bool = False
