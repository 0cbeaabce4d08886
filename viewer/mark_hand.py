"""Marks under the hand: what is hovered, taken, pulled, moved, nudged."""

from __future__ import annotations

from math import hypot
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF

from measure.diameters import AxisEnd
from measure.geometry import Point
from viewer.axis_editing import Hit, as_end, end_nearest, ends_of, hit_mark, pulled
from viewer.in_hand import Editing, InHand, LabelDrag
from viewer.marks import ViewMark
from viewer.paint_marks import HANDLES_FROM_PX, SMALL_HANDLES_BELOW_PX, longest_px
from viewer.theme import theme
from viewer.tools.events import DRAG_START_PX, Place
from viewer.tools.registry import Cursor

if TYPE_CHECKING:
    from viewer.viewport import Viewport

ZOOM_IN_TO_EDIT = "Zoom in to edit (Ctrl + wheel)."


class MarkHand:
    """What the pointer does to the marks of one viewport. hovered: what lies under it."""

    def __init__(self, view: Viewport) -> None:
        self._view = view
        self.hovered: Hit | None = None
        self._handle: tuple[str, AxisEnd] | None = None

    def drop(self) -> None:
        """Another stack is shown."""
        self.hovered = self._handle = None

    def let_handle_go(self) -> None:
        """No handle is selected any more."""
        self._handle = None

    def marks_changed(self) -> None:
        """Marks were replaced: what points at one that is gone is dropped."""
        keys = {mark.key for mark in self._view.marks}
        if self.hovered is not None and self.hovered.key not in keys:
            self.hovered = None
        if self._handle is not None and self._handle[0] not in keys:
            self._handle = None

    def hit(self, at: QPointF) -> Hit | None:
        """What of the marks lies under a screen point: ends, outlines, labels, insides."""
        view, look = self._view, theme()
        if view.marks_hidden or view.volume is None:
            return None
        placement = view.placement
        ends = look.px("handle-hit-large") if look.scale >= 1.25 else look.px("handle-hit")
        hit = hit_mark(view.marks, placement, at.x(), at.y(), end_px=ends, line_px=look.px("outline-hit"))
        if hit is not None and hit.part != "inside":
            return hit
        own = {mark.key for mark in view.marks}
        for key, place in view.label_areas().items():
            inside = place.left <= at.x() <= place.left + place.width
            if key in own and inside and place.top <= at.y() <= place.top + place.height:
                return Hit(key, "label")
        return hit

    def hover(self, at: QPointF) -> None:
        """Note what is under the pointer; paint when it changed."""
        hit = self.hit(at) if at.y() >= theme().px("viewport-head") else None
        if hit != self.hovered or self._small_handles_near():
            self.hovered = hit
            self._view.update()

    def cursor(self) -> Cursor | None:
        """The pointer over what is hovered; None over nothing."""
        if self.hovered is None:
            return None
        if self.hovered.is_end:
            return Cursor.PULL
        mark = self._mark(self.hovered.key)
        movable = mark is not None and (mark.changeable or self.hovered.part == "label")
        return Cursor.HAND if movable else Cursor.ARROW

    def take(self, hit: Hit, at: QPointF, origin: Point) -> InHand:
        """Take the mark that was hit in hand; origin: the patient point under the hand."""
        view = self._view
        mark = next(one for one in view.marks if one.key == hit.key)
        if hit.part == "label":
            place = view.label_areas()[hit.key]
            x, y = self._middle_on_screen(mark)
            view.mark_pressed.emit(hit.key)
            return LabelDrag(hit.key, at, (place.left - x, place.top - y))
        if hit.is_end and longest_px(mark, view.placement) < HANDLES_FROM_PX:
            view.said.emit(ZOOM_IN_TO_EDIT)
            return None
        view.mark_pressed.emit(hit.key)
        if not mark.changeable:
            return None
        end = as_end(hit.part) if hit.is_end else None
        self._handle = (mark.key, end) if end is not None else None
        return Editing(mark, end, at, origin, mark.axes)

    def edit_to(self, held: Editing, at: QPointF, place: Place) -> None:
        """Pull or move what is held to a place."""
        way = at - held.start
        if not held.far and hypot(way.x(), way.y()) <= DRAG_START_PX:
            return
        held.far = True
        if place.slice != held.mark.home_slice and held.end is not None:
            return
        axes = held.mark.axes
        if held.end is not None and axes is not None:
            held.axes = pulled(axes, held.end, place.at, place.normal)
        else:
            held.offset = _between(held.origin, place.at)
            held.axes = axes.moved(held.offset) if axes is not None else None
        self._view.update()

    def commit(self, held: Editing, pointer: QPointF | None) -> None:
        """Tell what was changed."""
        view = self._view
        view.update()
        if held.end is not None and held.axes is not None:
            to = view.placement.to_patient(pointer.x(), pointer.y()) if pointer else held.origin
            self._handle = (held.mark.key, end_nearest(held.axes, to))
            view.mark_edited.emit(held.mark.key, held.axes)
        elif held.offset != (0.0, 0.0, 0.0):
            view.mark_moved.emit(held.mark.key, held.offset, held.axes)

    def nudge(self, way: tuple[int, int], pixels: float) -> bool:
        """Move the selected handle by a part of a pixel of the picture; False where there is none."""
        if self._handle is None:
            return False
        key, end = self._handle
        mark = self._mark(key)
        if mark is None or mark.axes is None or not mark.changeable or mark.axes.slice != self._view.slice:
            return False
        grid = self._view.placement.grid
        across = np.asarray(grid.row_axis) * way[0] * pixels * grid.spacing_mm[0]
        down = np.asarray(grid.column_axis) * way[1] * pixels * grid.spacing_mm[1]
        to = np.asarray(ends_of(mark.axes)[end]) + across + down
        point = (float(to[0]), float(to[1]), float(to[2]))
        axes = pulled(mark.axes, end, point, grid.normal)
        self._handle = (key, end_nearest(axes, point))
        self._view.mark_edited.emit(key, axes)
        return True

    def _mark(self, key: str) -> ViewMark | None:
        return next((one for one in self._view.marks if one.key == key), None)

    def _middle_on_screen(self, mark: ViewMark) -> tuple[float, float]:
        """Middle of the box of what is painted of a mark, as labels count it."""
        placement = self._view.placement
        points = [placement.to_screen(piece) for piece in mark.outlines.get(placement.slice, ())]
        if mark.axes is not None and mark.axes.slice == placement.slice and mark.show_axes:
            points.append(placement.to_screen(list(ends_of(mark.axes).values())))
        every = np.concatenate(points)
        x, y = (every.min(axis=0) + every.max(axis=0)) / 2.0
        return float(x), float(y)

    def _small_handles_near(self) -> bool:
        """A selected mark is so small that its handles come and go with the pointer."""
        view = self._view
        return any(
            mark.selected
            and mark.changeable
            and mark.lies_on(view.slice)
            and longest_px(mark, view.placement) < SMALL_HANDLES_BELOW_PX
            for mark in view.marks
        )


def _between(start: Point, end: Point) -> Point:
    return end[0] - start[0], end[1] - start[1], end[2] - start[2]
