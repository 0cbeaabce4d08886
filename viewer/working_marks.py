"""What a measuring tool drew, as a mark with its value: for looking, kept by nobody."""

from __future__ import annotations

import numpy as np

from measure.diameters import axes_from_ends
from measure.geometry import Point
from measure.refusal import Refused
from measure.volume import Volume
from viewer.axis_editing import lengths_text
from viewer.marks import MarkAxes, MarkLabel, MarkStyle, ViewMark, circle_on_slice, ellipse_on_slice
from viewer.region_statistics import ellipse_statistics, polygon_statistics
from viewer.tools.events import Angle, Ellipse, LengthLine, Polygon, Probe, TwoAxes

PROBE_PIXELS = 2.5  # radius of the ring about a probed point


def as_working_mark(key: str, drawn: object, volume: Volume) -> ViewMark | None:
    """A mark with the value as its label; None for what is no measurement.

    Refused: a region without pixels, a point outside the picture.
    """
    match drawn:
        case LengthLine(slice_index, ends):
            return measured(key, MarkAxes(slice_index, ends))
        case TwoAxes(slice_index, long_ends, short_ends):
            return measured(key, MarkAxes(slice_index, long_ends, short_ends))
        case Ellipse() as ellipse:
            label = MarkLabel("", ellipse_statistics(volume, ellipse).text())
            ring = ellipse_on_slice(volume.grid, ellipse.centre, ellipse.across_mm, ellipse.down_mm)
            return ViewMark(key, MarkStyle.SOLID, "target", {ellipse.slice: (ring,)}, None, label)
        case Polygon() as polygon:
            label = MarkLabel("", polygon_statistics(volume, polygon).text())
            ring = np.asarray((*polygon.points, polygon.points[0]), float)
            return ViewMark(key, MarkStyle.SOLID, "target", {polygon.slice: (ring,)}, None, label)
        case Angle(slice_index, (first, corner, last)) as angle:
            arms = MarkAxes(slice_index, (first, corner), (corner, last))
            return ViewMark(key, MarkStyle.SOLID, "target", {}, arms, MarkLabel("", angle.text))
        case Probe(slice_index, at):
            ring = circle_on_slice(volume.grid, slice_index, at, PROBE_PIXELS * max(volume.grid.spacing_mm))
            label = MarkLabel("", value_text(volume, slice_index, at))
            return ViewMark(key, MarkStyle.SOLID, "target", {slice_index: (ring,)}, None, label)
        case _:
            return None


def value_text(volume: Volume, slice_index: int, at: Point) -> str:
    """The stored value of the voxel that holds a point: `52 HU`. Refused: outside the picture, or padding."""
    i, j = (int(part) for part in np.rint(volume.grid.to_index(at)[:2]))
    if not (0 <= i < volume.grid.size[0] and 0 <= j < volume.grid.size[1]):
        raise Refused("That point is outside the picture.")
    value = volume.value_at(i, j, slice_index)
    if volume.padding is not None and value == volume.padding:
        raise Refused("Nothing was imaged there.")
    whole = volume.unit == "HU" or value == int(value)
    return (f"{round(value)}" if whole else f"{value:.3g}").replace("-", "\u2212") + f"\u2009{volume.unit}"


def measured(key: str, axes: MarkAxes) -> ViewMark:
    """A mark of one or two axes with its own lengths as label, shown to a tenth."""
    if axes.short_ends is not None:
        axes = MarkAxes.of(axes_from_ends(axes.long_ends, axes.short_ends, axes.slice))
    return ViewMark(key, MarkStyle.SOLID, "target", {}, axes, MarkLabel("", lengths_text(axes)), editable=True)
