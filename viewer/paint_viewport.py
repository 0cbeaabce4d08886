"""Paints a viewport, in the order of the design: picture, overlays, marks, drawing, words, head, rail, frame."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor, log10
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter

from measure.volume import Volume
from viewer.frame import paint_corner, paint_head, paint_letters, paint_message
from viewer.label_places import LabelMemory
from viewer.magnifier import paint_lens
from viewer.marks import ViewMark
from viewer.paint_drawing import paint_drawing
from viewer.paint_marks import MarkPainter
from viewer.rail import Tick, paint_rail
from viewer.slice_geometry import Area, edge_letters
from viewer.theme import theme
from viewer.window_level import GreyPicture, Window

if TYPE_CHECKING:
    from viewer.viewport import Viewport

NO_PARTNER = "No linked slice here. Scroll by hand, or Shift + D sets an offset."


class ViewportPainter:
    """Keeps what painting needs from one time to the next: grey table, paths of marks, places of labels."""

    def __init__(self, view: Viewport) -> None:
        self._view = view
        self._grey = GreyPicture()
        self._picture = QImage()
        self._marks = MarkPainter()
        self.series_area = QRectF()

    @property
    def labels(self) -> LabelMemory:
        """Where labels were put."""
        return self._marks.labels

    @property
    def label_areas(self) -> dict[str, Area]:
        """Where labels were last painted, by key of their mark."""
        return self._marks.label_areas

    def forget_outlines(self, marks: Sequence[ViewMark]) -> None:
        """Drop the paths of marks that are gone."""
        self._marks.forget_outlines(marks)

    def paint(self, painter: QPainter) -> None:
        """Paint everything."""
        view = self._view
        look = theme()
        area = view.image_area()
        image = QRectF(area.left, area.top, area.width, area.height)
        if view.volume is None:
            painter.fillRect(image, look.colour("image"))
        else:
            painter.save()
            painter.setClipRect(image)
            self._paint_picture(painter, view.volume)
            self._paint_over(painter, image)
            painter.restore()
        if view.volume is None and view.message:
            paint_message(painter, view.message, image)
        self.series_area = paint_head(painter, view.head, view.width(), marks_hidden=view.marks_hidden)
        if view.volume is not None:
            paint_rail(
                painter, view.rail(), view.shown_slices(), self._rail_ticks(), view.volume.missing_after, view.slice
            )
        if view.active:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            wide = look.whole_px("active-frame")
            for edge in (
                QRectF(0, 0, view.width(), wide),
                QRectF(0, view.height() - wide, view.width(), wide),
                QRectF(0, 0, wide, view.height()),
                QRectF(view.width() - wide, 0, wide, view.height()),
            ):
                painter.fillRect(edge, look.colour("act"))

    def _paint_picture(self, painter: QPainter, volume: Volume) -> None:
        view = self._view
        placement = view.placement
        if view.source is not None:
            picture = view.source.image(placement.slice, view.grey_window, invert=view.inverted)
        else:
            picture = self._grey.image(view.values(), view.grey_window, invert=view.inverted)
        target = QRectF(*placement.picture())
        for band in _bands_around(target, painter.clipBoundingRect()):
            painter.fillRect(band, theme().colour("image"))
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, True)
        painter.drawImage(target, picture, QRectF(picture.rect()))
        self._picture = picture

    def _paint_over(self, painter: QPainter, image: QRectF) -> None:
        """Marks, what is being drawn, letters, corner texts, message."""
        view = self._view
        rail = theme().px("rail")
        inner = image.adjusted(14.0, 0.0, -rail - 12.0, 0.0)
        corner_lines = self._corner_lines()
        paint_letters(painter, *edge_letters(view.placement.grid), image)
        boxes = [
            paint_corner(painter, [line], inner.adjusted(0, 0, 0, -16.0 * below), right=right, colour=colour)
            for line, colour, below, right in corner_lines
        ]
        taken = [Area(b.left(), b.top(), b.width(), b.height()) for b in boxes]
        taken.append(Area(image.right() - rail, image.top(), rail, image.height()))
        for overlay in view.overlays:
            overlay.paint(painter, view.placement)
        if not view.marks_hidden:
            self._marks.paint(
                painter,
                (*view.ghosts, *view.hands.marks_in_hand()),
                view.placement,
                hover=view.hands.hovered_key,
                pointer=view.hands.pointer,
                taken=taken,
                tissue=self._tissue,
            )
        paint_drawing(painter, view.hands.drawing(), view.placement)
        if view.magnified and view.hands.pointer is not None:
            paint_lens(painter, self._picture, view.placement, view.hands.pointer)
        if view.no_partner or view.message:
            paint_message(painter, view.message or NO_PARTNER, image)

    def _corner_lines(self) -> list[tuple[str, str, int, bool]]:
        """(text, colour token, lines above the bottom, at the right)."""
        view = self._view
        lines: list[tuple[str, str, int, bool]]
        if view.source is not None:
            legend = view.source.legend()
            lines = [(text, token, len(legend) - 1 - row, False) for row, (text, token) in enumerate(legend)]
        else:
            width, centre = window_numbers(view.grey_window)
            name = view.grey_window.name + (" · inverted" if view.inverted else "")
            lines = [(f"W {width}  L {centre}", "text", 1 if name else 0, False)]
            if name:
                lines.append((name.removeprefix(" · "), "text", 0, False))
        if view.slab is not None and view.source is None:
            lines.append((view.slab.text, "text", 1, True))
        lines.append((f"slice {view.order.number(view.slice)}", "text", 0, True))
        return lines

    def _rail_ticks(self) -> tuple[Tick, ...]:
        view = self._view
        return () if view.marks_hidden else view.ticks

    def _tissue(self, area: Area) -> float:
        """Share of an area of the screen that is not dark in the window, from a few points of the slice."""
        view = self._view
        if view.volume is None:
            return 0.0
        placement, array = view.placement, view.volume.array[view.slice]
        low = view.grey_window.centre - 0.45 * view.grey_window.width
        found = 0
        for across in (0.1, 0.3, 0.5, 0.7, 0.9):
            for down in (0.15, 0.5, 0.85):
                pixel = placement.pixel_at(area.left + across * area.width, area.top + down * area.height)
                found += pixel is not None and float(array[pixel[1], pixel[0]]) > low
        return found / 15.0


def window_numbers(window: Window) -> tuple[str, str]:
    """Width and centre in as many decimals as the width has use for: two digits of it, none from 10 on."""
    decimals = max(1 - floor(log10(window.width)), 0) if 0 < window.width < 10 else 0
    width, centre = (f"{round(value, decimals) + 0.0:.{decimals}f}" for value in (window.width, window.centre))
    return width.replace("-", "\u2212"), centre.replace("-", "\u2212")


def _bands_around(picture: QRectF, area: QRectF) -> list[QRectF]:
    """What of an area a picture leaves free; a pixel of overlap where its edge is a fraction."""
    inner = picture.intersected(area).adjusted(1.0, 1.0, -1.0, -1.0)
    if inner.isEmpty():
        return [area]
    bands = [
        QRectF(area.left(), area.top(), area.width(), inner.top() - area.top()),
        QRectF(area.left(), inner.bottom(), area.width(), area.bottom() - inner.bottom()),
        QRectF(area.left(), inner.top(), inner.left() - area.left(), inner.height()),
        QRectF(inner.right(), inner.top(), area.right() - inner.right(), inner.height()),
    ]
    return [band for band in bands if band.width() > 0 and band.height() > 0]
