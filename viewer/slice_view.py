"""One stack on the screen: which slice, where, how large, in which window; nothing is painted here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QSize, Signal
from PySide6.QtGui import QImage, QResizeEvent
from PySide6.QtWidgets import QWidget

from measure.geometry import Point
from measure.volume import Volume
from viewer.overlay import Overlay
from viewer.pointer import PointerAt
from viewer.slab import Slab, slab_values
from viewer.slice_geometry import Area, Placement, SliceOrder, body_box, fitted, panned, zoomed_at
from viewer.theme import theme
from viewer.window_level import Window, first_window, preset_window


class PictureSource(Protocol):
    """Something that paints slices of the grid shown in other than grey, e.g. two stacks blended."""

    def image(self, slice_index: int, window: Window, *, invert: bool) -> QImage:
        """Picture of one slice, RGB32, one pixel a voxel."""

    def legend(self) -> tuple[tuple[str, str], ...]:
        """Lines for the lower left corner: text and colour token."""


class SliceView(QWidget):
    """State of one stack as it is looked at; `Viewport` paints it and gives it hands."""

    slice_changed = Signal(int)  # by hand or by call; linked viewports follow
    look_changed = Signal()  # zoom or pan, by hand
    window_changed = Signal()  # by hand or preset

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.volume: Volume | None = None
        self.source: PictureSource | None = None
        self.order = SliceOrder(0, from_last=False)
        self.grey_window = Window(1.0, 0.0)
        self.inverted = False
        self.fit_to: Literal["body", "field"] = "body"
        self.overlays: tuple[Overlay, ...] = ()
        self.slab: Slab | None = None
        self._slab_kept: tuple[tuple[int, Slab], NDArray[np.generic]] | None = None
        self._stored_window: Window | None = None
        self._placement: Placement | None = None
        self._fitted = True

    # --- which stack --------------------------------------------------------------------------------------

    def set_volume(
        self,
        volume: Volume | None,
        *,
        stored_window: Window | None = None,
        painted: Sequence[int] = (),
    ) -> None:
        """Show a stack from its first slice, window and fit at rest; painted: slices shown earlier."""
        self.source = None
        self._show(volume, stored_window, painted)

    def set_fused(self, volume: Volume, source: PictureSource) -> None:
        """Show blended pictures on the grid of a stack (see `viewer.fusion.Fusion`)."""
        self._show(volume, None, ())
        self.source = source

    def _show(self, volume: Volume | None, stored: Window | None, painted: Sequence[int]) -> None:
        self._stack_changes(volume, painted)
        self.volume = volume
        self._stored_window = stored
        self.overlays = ()
        self._placement, self._slab_kept = None, None
        if volume is not None:
            self.order = SliceOrder.of(volume.grid)
            self.grey_window = first_window(volume, stored)
            self._fitted = True
            self._placement = fitted(volume.grid, self.order.index(1), self.image_area(), self._fit_box())
        self.update()

    def _stack_changes(self, volume: Volume | None, painted: Sequence[int]) -> None:
        """Another stack is about to be shown: what belongs to the one before goes."""

    # --- which slice, where, how ------------------------------------------------------------------------

    @property
    def placement(self) -> Placement:
        """Where the slice shown lies on the screen; only with a volume."""
        if self._placement is None:
            raise RuntimeError("no volume is shown")
        return self._placement

    @property
    def slice(self) -> int:
        """Array index of the slice shown; -1 without a volume."""
        return -1 if self._placement is None else self._placement.slice

    def set_slice(self, slice_index: int, *, leads: bool = True) -> None:
        """Show a slice by its array index, kept within the stack; leads: linked viewports follow."""
        if self.volume is None:
            return
        kept = min(max(slice_index, 0), self.order.count - 1)
        if kept == self.placement.slice:
            return
        self._placement = self.placement.on_slice(kept)
        self.update()
        if leads:
            self.slice_changed.emit(kept)

    def step_slices(self, steps: int) -> None:
        """Go on by some slices in the order shown (down the rail); never past the ends."""
        if self.volume is not None:
            self.set_slice(self.order.index(self.order.number(self.slice) + steps))

    def go_to(self, point: Point, *, centre: bool = True) -> None:
        """Go to the slice nearest to a patient point and, if wanted, bring it to the middle; zoom is kept."""
        if self.volume is None:
            return
        if centre:
            self.set_placement(replace(self.placement, centre=point))
            self.look_changed.emit()
        self.set_slice(self.volume.grid.nearest_slice(point))

    def set_placement(self, placement: Placement) -> None:
        """Take zoom and centre of a placement; it is no longer fitted to the window."""
        self._fitted = False
        self._placement = replace(placement, area=self.image_area())
        self.update()

    def set_look(self, px_per_mm: float, centre: Point) -> None:
        """Take zoom and centre from a linked viewport."""
        if self.volume is not None:
            self.set_placement(replace(self.placement, px_per_mm=px_per_mm, centre=centre))

    def reset_look(self) -> None:
        """Fit the picture again."""
        if self.volume is not None:
            self._fitted = True
            self._placement = fitted(self.volume.grid, self.slice, self.image_area(), self._fit_box())
            self.update()
            self.look_changed.emit()

    def pan(self, dx: float, dy: float) -> None:
        """Move the picture by px."""
        self.set_placement(panned(self.placement, dx, dy))
        self.look_changed.emit()

    def zoom(self, factor: float, at: QPointF) -> None:
        """Enlarge about a point of the screen."""
        self.set_placement(zoomed_at(self.placement, factor, at.x(), at.y()))
        self.look_changed.emit()

    def set_window(self, window: Window, *, leads: bool = True) -> None:
        """Use a window; leads: linked viewports follow."""
        if window != self.grey_window:
            self.grey_window = window
            self.update()
            if leads:
                self.window_changed.emit()

    def set_preset(self, number: int) -> None:
        """Use window preset 1 to 8."""
        if self.volume is not None:
            self.set_window(preset_window(number, self.volume, self._stored_window))

    def set_slab(self, slab: Slab | None) -> None:
        """Show a slab about each slice, or single slices again; nothing is drawn on a slab."""
        if slab != self.slab:
            self.slab = slab
            self.update()

    def values(self) -> NDArray[np.generic]:
        """Values shown, shape (rows, columns): of the slice, or of the slab about it."""
        if self.volume is None:
            raise RuntimeError("no volume is shown")
        if self.slab is None or self.source is not None:
            return np.asarray(self.volume.array[self.slice])
        key = (self.slice, self.slab)
        if self._slab_kept is None or self._slab_kept[0] != key:
            self._slab_kept = key, slab_values(self.volume, *key)
        return self._slab_kept[1]

    def invert(self) -> None:
        """Swap black and white."""
        self.inverted = not self.inverted
        self.update()

    def set_overlays(self, overlays: Sequence[Overlay]) -> None:
        """What lies between picture and marks, e.g. reference lines; another stack takes it away."""
        self.overlays = tuple(overlays)
        self.update()

    # --- places on the screen -----------------------------------------------------------------------------

    def image_area(self) -> Area:
        """The screen below the head, rail included."""
        head = theme().whole_px("viewport-head")
        return Area(0.0, float(head), float(self.width()), max(float(self.height() - head), 1.0))

    def pointer_at(self, x: float, y: float) -> PointerAt:
        """What lies under a screen point."""
        placement = self.placement
        pixel = placement.pixel_at(x, y)
        at = placement.to_patient(x, y)
        value = None
        if pixel is not None and self.volume is not None and not any(one.empty_at(at) for one in self.overlays):
            value = self.volume.value_at(*pixel, placement.slice)
        return PointerAt(at, placement.slice, value)

    def _fit_box(self) -> tuple[int, int, int, int] | None:
        if self.volume is None or self.fit_to == "field":
            return None
        return body_box(self.volume)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit again, or keep zoom and centre."""
        if self._placement is not None and self.volume is not None:
            if self._fitted:
                self._placement = fitted(self.volume.grid, self.slice, self.image_area(), self._fit_box())
            else:
                self._placement = replace(self._placement, area=self.image_area())
        super().resizeEvent(event)

    def sizeHint(self) -> QSize:
        """As in two by one on a full screen."""
        return QSize(708, 1012)

    def minimumSizeHint(self) -> QSize:
        """Below that a picture says nothing."""
        return QSize(160, 160)
