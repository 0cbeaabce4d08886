"""What lies on the images: frozen marks in patient mm, ready to be painted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from measure.diameters import Axes, Ends
from measure.geometry import Floats, Grid, Point


class MarkStyle(Enum):
    """How a mark is drawn; hue is said apart, so that it never carries the role alone."""

    SOLID = "solid"
    NODE = "node"
    DASHED = "dashed"
    DOUBLE = "double"
    ZONE = "zone"
    PROPOSAL = "proposal"
    REFORMATTED = "reformatted"
    EXPECTED = "expected"


@dataclass(frozen=True, slots=True)
class MarkAxes:
    """Ends of the drawn axes in LPS mm on one slice; short_ends None where only a length was drawn."""

    slice: int
    long_ends: Ends
    short_ends: Ends | None = None

    @classmethod
    def of(cls, axes: Axes) -> MarkAxes:
        """From measured axes."""
        return cls(axes.slice, axes.long_ends, axes.short_ends)

    def moved(self, offset: Point) -> MarkAxes:
        """Both axes shifted by an offset in mm."""
        ends = [_shifted(end, offset) for end in (*self.long_ends, *(self.short_ends or ()))]
        return MarkAxes(self.slice, (ends[0], ends[1]), (ends[2], ends[3]) if self.short_ends else None)


@dataclass(frozen=True, slots=True)
class MarkLabel:
    """Name in bold, values behind it, a second line; tag `A` or `B` where two sets lie over one picture."""

    name: str = ""
    values: str = ""
    second: str = ""
    tag: str = ""
    tag_filled: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class ViewMark:
    """One mark of one stack.

    outlines: closed pieces by slice index, each of shape (points, 3) in LPS mm; holes are pieces, too.
    colour: token of the theme. editable: has handles and can be moved; locked: signed, paler, never editable.
    """

    key: str
    style: MarkStyle
    colour: str
    outlines: Mapping[int, tuple[Floats, ...]] = field(default_factory=dict)
    axes: MarkAxes | None = None
    label: MarkLabel = MarkLabel()
    selected: bool = False
    editable: bool = False
    locked: bool = False
    show_axes: bool = True

    @property
    def changeable(self) -> bool:
        """Its ends can be pulled and it can be moved."""
        return self.editable and not self.locked

    @property
    def home_slice(self) -> int | None:
        """The slice of its axes, else the middle one of its outlines."""
        if self.axes is not None:
            return self.axes.slice
        slices = sorted(self.outlines)
        return slices[len(slices) // 2] if slices else None

    def lies_on(self, slice_index: int) -> bool:
        """Something of it is drawn on the slice."""
        return slice_index in self.outlines or (self.axes is not None and self.axes.slice == slice_index)


def circle_on_slice(grid: Grid, slice_index: int, centre: Point, radius_mm: float, steps: int = 64) -> Floats:
    """A circle in the plane of a slice, shape (steps + 1, 3), LPS mm; for expected places."""
    index = grid.to_index(centre)
    middle = grid.to_patient([float(index[0]), float(index[1]), float(slice_index)])
    return ellipse_on_slice(grid, middle, radius_mm, radius_mm, steps)


def ellipse_on_slice(grid: Grid, centre: Floats | Point, across_mm: float, down_mm: float, steps: int = 64) -> Floats:
    """An ellipse with half axes along the rows and columns of the grid, shape (steps + 1, 3), LPS mm."""
    turn = np.linspace(0.0, 2.0 * np.pi, steps + 1)[:, None]
    row, column = np.asarray(grid.row_axis, float), np.asarray(grid.column_axis, float)
    ring = np.asarray(centre, float) + across_mm * np.cos(turn) * row + down_mm * np.sin(turn) * column
    return np.asarray(ring, float)


def _shifted(point: Point, offset: Point) -> Point:
    return point[0] + offset[0], point[1] + offset[1], point[2] + offset[2]
