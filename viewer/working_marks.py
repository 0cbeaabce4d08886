"""What a measuring tool drew, as a mark with its value: for looking, kept by nobody."""

from __future__ import annotations

import numpy as np

from measure.diameters import axes_from_ends
from measure.volume import Volume
from viewer.axis_editing import lengths_text
from viewer.marks import MarkAxes, MarkLabel, MarkStyle, ViewMark, ellipse_on_slice
from viewer.region_statistics import ellipse_statistics
from viewer.tools.events import Ellipse, LengthLine, Polygon, TwoAxes


def as_working_mark(key: str, drawn: object, volume: Volume) -> ViewMark | None:
    """A mark with the value as its label; None for what is no measurement. Refused: an ellipse without pixels."""
    match drawn:
        case LengthLine(slice_index, ends):
            return measured(key, MarkAxes(slice_index, ends))
        case TwoAxes(slice_index, long_ends, short_ends):
            return measured(key, MarkAxes(slice_index, long_ends, short_ends))
        case Ellipse() as ellipse:
            label = MarkLabel("", ellipse_statistics(volume, ellipse).text())
            ring = ellipse_on_slice(volume.grid, ellipse.centre, ellipse.across_mm, ellipse.down_mm)
            return ViewMark(key, MarkStyle.SOLID, "target", {ellipse.slice: (ring,)}, None, label)
        case Polygon(slice_index, points):
            ring = np.asarray((*points, points[0]), float)
            side = ring[1:] - ring[:-1]
            across = np.cross(ring[:-1] - ring[0], side).sum(axis=0) / 2.0
            label = MarkLabel("", f"{float(np.linalg.norm(across)):.0f}\u2009mm²")
            return ViewMark(key, MarkStyle.SOLID, "target", {slice_index: (ring,)}, None, label)
        case _:
            return None


def measured(key: str, axes: MarkAxes) -> ViewMark:
    """A mark of one or two axes with its own lengths as label, shown to a tenth."""
    if axes.short_ends is not None:
        axes = MarkAxes.of(axes_from_ends(axes.long_ends, axes.short_ends, axes.slice))
    return ViewMark(key, MarkStyle.SOLID, "target", {}, axes, MarkLabel("", lengths_text(axes)), editable=True)
