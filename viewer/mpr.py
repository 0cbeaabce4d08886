"""Three planes of one stack about one shared point: axial, coronal, sagittal.

The wheel moves the point along the normal of the plane under the pointer, a press of the crosshair puts it
there; the other planes follow by patient mm. Only the acquired plane may be drawn on: what is measured on a
reformatted one is shown with `not for criteria` and is handed to nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QWidget

from measure.geometry import Floats, Point
from measure.planes import Plane, planes_of
from measure.refusal import Refused
from measure.volume import Volume
from viewer.cut_marks import CutMarks
from viewer.frame import Head, HeadItem
from viewer.layouts import cells_with_seams
from viewer.marks import MarkLabel, MarkStyle, ViewMark
from viewer.reference_lines import CutLine, GapBands, ReferenceLines
from viewer.tools.events import Pointed
from viewer.viewport import Viewport
from viewer.window_level import Window
from viewer.working_marks import as_working_mark

NOT_FOR_CRITERIA = "not for criteria"
DRAW_ON_ACQUIRED = "Draw on the {plane} plane, as it was acquired; a reformatted plane is not for criteria."
MEASURED_HERE = "Measured on a reformatted plane: not for criteria, and not kept."
ACROSS_GAP = "Slices are missing there. A length across the gap is not measured."
LOOKING_TOOLS = ("crosshair", "length", "ellipse", "angle", "probe")


class MprView(QWidget):
    """Axial at the left, coronal and sagittal at the right; the acquired plane hands out what is drawn on it."""

    point_changed = Signal(object)  # Point, LPS mm
    drawn = Signal(object)  # tools.events.Drawn, on the acquired plane only
    slice_painted = Signal(int)  # a slice of the acquired plane was really on the screen
    pointer_moved = Signal(object)  # PointerAt, or None
    context_asked = Signal(object, QPoint)
    said = Signal(str)
    active_changed = Signal(object)  # the active Viewport

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._cells = cells_with_seams(self)
        self.viewports: tuple[Viewport, Viewport, Viewport] = (Viewport(self), Viewport(self), Viewport(self))
        for place, viewport in enumerate(self.viewports):
            if place == 0:
                self._cells.addWidget(viewport, 0, 0, 2, 1)
            else:
                self._cells.addWidget(viewport, place - 1, 1)
            self._connect(viewport, place)
        for stretch in (self._cells.setRowStretch, self._cells.setColumnStretch):
            stretch(0, 1)
            stretch(1, 1)
        self.planes: tuple[Plane, Plane, Plane] | None = None
        self.point: Point = (0.0, 0.0, 0.0)
        self.tool = "crosshair"
        self.active: Viewport = self.viewports[0]
        self.active.set_active(True)
        self._lines = tuple(ReferenceLines() for _ in self.viewports)
        self._marks: tuple[ViewMark, ...] = ()
        self._counted = 0

    def _connect(self, viewport: Viewport, place: int) -> None:
        viewport.drawn.connect(partial(self._drawn, place))
        viewport.slice_changed.connect(partial(self._scrolled, place))
        viewport.window_changed.connect(partial(self._windowed, viewport))
        viewport.slice_painted.connect(partial(self._painted, place))
        viewport.activated.connect(partial(self.set_active, viewport))
        viewport.double_clicked.connect(partial(self.toggle_alone, viewport))
        viewport.pointer_moved.connect(self.pointer_moved)
        viewport.context_asked.connect(self.context_asked)
        viewport.said.connect(self.said)

    # --- what is shown ------------------------------------------------------------------------------------

    def set_volume(
        self,
        volume: Volume,
        *,
        title: str = "",
        series: str = "",
        stored_window: Window | None = None,
        window: Window | None = None,
        point: Point | None = None,
        planes: tuple[Plane, Plane, Plane] | None = None,
    ) -> None:
        """Show the planes of a stack about a point (by default its middle); raises Refused as `planes_of`.

        planes: of `planes_of`, where they were made in the background: uneven stacks take a moment.
        """
        self.planes = planes_of(volume) if planes is None else planes
        for viewport, plane in zip(self.viewports, self.planes, strict=True):
            viewport.fit_to = "body" if plane.name == "axial" else "field"
            viewport.set_volume(plane.volume, stored_window=stored_window)
            viewport.set_head(_head(plane, title, series))
            viewport.set_message("")
            if window is not None:
                viewport.set_window(window, leads=False)
        self._marks = ()
        self._lay_over()
        if window is None:
            self._windowed(self.acquired)
        self.set_tool(self.tool)
        size = volume.grid.size
        self.set_point(_middle(volume, size) if point is None else point)

    @property
    def acquired(self) -> Viewport:
        """The viewport that shows the stack as it was acquired."""
        planes = self._planes()
        return next(one for one, plane in zip(self.viewports, planes, strict=True) if plane.acquired)

    def set_point(self, point: Point, *, centre: bool = False) -> None:
        """Let all planes show a patient point (LPS mm); centre: bring it to the middle of each."""
        self.point = point
        for viewport in self.viewports:
            if viewport.volume is not None:
                if centre:
                    viewport.set_placement(replace(viewport.placement, centre=point))
                viewport.set_slice(viewport.volume.grid.nearest_slice(point), leads=False)
        self._move_lines()
        self.point_changed.emit(point)

    def set_marks(self, marks: Sequence[ViewMark]) -> None:
        """Marks of the stack: on the acquired plane as ever, on the others where those cut them."""
        self._marks = tuple(marks)
        self.acquired.set_marks(self._marks)
        self._lay_over()

    def set_marks_hidden(self, hidden: bool) -> None:
        """Hide all marks; the heads say so."""
        for viewport in self.viewports:
            viewport.set_marks_hidden(hidden)
        self._lay_over()

    def _lay_over(self) -> None:
        """Bands, marks that are cut, reference lines, in this order from below."""
        planes = self._planes()
        grid = next(plane.volume.grid for plane in planes if plane.acquired)
        for viewport, plane, lines in zip(self.viewports, planes, self._lines, strict=True):
            cut = () if plane.acquired or viewport.marks_hidden else (CutMarks(self._marks, grid),)
            viewport.set_overlays((GapBands(plane), *cut, lines))

    def set_tool(self, name: str) -> None:
        """Take a tool; drawing tools work on the acquired plane alone, and a press elsewhere says so."""
        self.tool = name
        for viewport, plane in zip(self.viewports, self._planes(), strict=True):
            blocked = not plane.acquired and name not in LOOKING_TOOLS
            acquired = next(one.name for one in self._planes() if one.acquired)
            viewport.set_tool(name, forbidden=blocked, why=DRAW_ON_ACQUIRED.format(plane=acquired))

    def set_active(self, viewport: Viewport) -> None:
        """Make one the active: presets and cine go there."""
        if viewport is not self.active:
            self.active.set_active(False)
            self.active = viewport
            viewport.set_active(True)
            self.active_changed.emit(viewport)

    def activate_next(self, steps: int = 1) -> None:
        """Go to the next plane."""
        place = (self.viewports.index(self.active) + steps) % len(self.viewports)
        self.set_active(self.viewports[place])
        self.active.setFocus()

    def toggle_alone(self, viewport: Viewport) -> None:
        """One plane alone, or all three again."""
        alone = sum(one.isVisibleTo(self) for one in self.viewports) == 1
        for one in self.viewports:
            one.setVisible(alone or one is viewport)

    # --- the hand -----------------------------------------------------------------------------------------

    def _planes(self) -> tuple[Plane, Plane, Plane]:
        if self.planes is None:
            raise RuntimeError("no volume is shown")
        return self.planes

    def _scrolled(self, place: int, slice_index: int) -> None:
        """The point goes along the normal of the plane that was scrolled; the others keep their slices."""
        grid = self._planes()[place].volume.grid
        way = float(grid.positions_mm[slice_index]) - float(np.dot(self.point, grid.normal))
        self.point = _moved(self.point, way * grid.normal)
        self._move_lines()
        self.point_changed.emit(self.point)

    def _windowed(self, leader: Viewport) -> None:
        for follower in self.viewports:
            if follower is not leader:
                follower.set_window(leader.grey_window, leads=False)

    def _painted(self, place: int, slice_index: int) -> None:
        if self._planes()[place].acquired:
            self.slice_painted.emit(slice_index)

    def _drawn(self, place: int, drawn: object) -> None:
        plane, viewport = self._planes()[place], self.viewports[place]
        if isinstance(drawn, Pointed):
            self.set_point(drawn.at)
            return
        if plane.acquired:
            self.drawn.emit(drawn)
            return
        self._counted += 1
        try:
            mark = as_working_mark(f"reformatted-{self._counted}", drawn, plane.volume)
        except Refused as refused:
            self.said.emit(str(refused))
            return
        if mark is None:
            return
        ends = [] if mark.axes is None else [mark.axes.long_ends, *filter(None, [mark.axes.short_ends])]
        if any(plane.crosses_band(*pair) for pair in ends):
            self.said.emit(ACROSS_GAP)
            return
        label = MarkLabel(mark.label.name, mark.label.values, NOT_FOR_CRITERIA)
        viewport.set_marks((replace(mark, style=MarkStyle.REFORMATTED, label=label, editable=False, selected=True),))
        self.said.emit(MEASURED_HERE)

    def _move_lines(self) -> None:
        planes = self._planes()
        for place, (viewport, lines) in enumerate(zip(self.viewports, self._lines, strict=True)):
            lines.lines = tuple(
                CutLine(self.point, plane.volume.grid.normal, plane.name)
                for other, plane in enumerate(planes)
                if other != place
            )
            viewport.update()


def _head(plane: Plane, title: str, series: str) -> Head:
    words = "as acquired" if plane.acquired else NOT_FOR_CRITERIA
    missing = (HeadItem("slices missing", "octagon-x", "blocked"),) if plane.bands else ()
    name = plane.name.capitalize()
    return Head(title or name, name if title else "", series, (*missing, HeadItem(words)))


def _middle(volume: Volume, size: tuple[int, int, int]) -> Point:
    x, y, z = (float(part) for part in volume.grid.to_patient([(count - 1) // 2 for count in size]))
    return x, y, z


def _moved(point: Point, way: Floats) -> Point:
    return point[0] + float(way[0]), point[1] + float(way[1]), point[2] + float(way[2])
