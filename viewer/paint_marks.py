"""Marks on the picture: zones, halos, outlines, axes, handles, leaders, labels, in this order.

Outlines are kept as points in mm of the plane and only scaled when painted, with no more corners than the
screen can show; widths are in screen px, so that zoom never thickens a line.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from math import ceil, floor

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPainterPath, QPen, QPixmap, QPolygonF

from measure.geometry import Floats, Grid
from viewer.axis_editing import ends_of
from viewer.label_places import LabelMemory, LabelWish, places_for
from viewer.marks import MarkLabel, MarkStyle, ViewMark
from viewer.slice_geometry import Area, Placement, plane_mm
from viewer.theme import Theme, theme

NUMBERS_FROM_PX_PER_MM = 2.0
HANDLES_FROM_PX = 16.0
SMALL_HANDLES_BELOW_PX = 34.0
SMALL_HANDLES_NEAR_PX = 24.0
CORNER_ERROR_PX = 0.15
LARGEST_KEPT_HALO_PX = 400.0


_PEN_OF: dict[MarkStyle, str] = {
    MarkStyle.SOLID: "solid",
    MarkStyle.NODE: "solid",
    MarkStyle.DASHED: "dashed",
    MarkStyle.DOUBLE: "double",
    MarkStyle.ZONE: "zone",
    MarkStyle.PROPOSAL: "proposal",
    MarkStyle.REFORMATTED: "reformatted",
    MarkStyle.EXPECTED: "expected",
}


@dataclass(frozen=True, slots=True)
class _Outline:
    """The closed pieces of a mark on one slice, in px at a zoom, before panning: a path and its corners.

    source is kept so that its identity, by which outlines are found again, cannot pass to another mapping.
    """

    source: Mapping[int, tuple[Floats, ...]]
    scale: float
    path: QPainterPath
    corners: Floats
    halos: dict[tuple[float, float, float, float], QPixmap] = field(default_factory=dict)

    def paint_halo(self, painter: QPainter, dx: float, dy: float, halo: QPen) -> None:
        """The dark line below, moved by (dx, dy): the slowest part, so it is drawn once and then copied.

        Kept by width and by the fraction of a px at which it lies, which scrolling does not change.
        """
        room = halo.widthF() / 2.0 + 2.0
        box = self.path.controlPointRect().adjusted(-room, -room, room, room)
        if max(box.width(), box.height()) > LARGEST_KEPT_HALO_PX:
            painter.setPen(halo)
            painter.drawPath(self.path.translated(dx, dy))
            return
        left, top = floor(box.left() + dx), floor(box.top() + dy)
        ratio = painter.device().devicePixelRatioF()
        key = (halo.widthF(), dx - floor(dx), dy - floor(dy), ratio)
        if key not in self.halos:
            self.halos.clear()
            kept = QPixmap(ceil((box.width() + 1.0) * ratio), ceil((box.height() + 1.0) * ratio))
            kept.setDevicePixelRatio(ratio)
            kept.fill(Qt.GlobalColor.transparent)
            inner = QPainter(kept)
            inner.setRenderHint(QPainter.RenderHint.Antialiasing, True)
            inner.setPen(halo)
            inner.drawPath(self.path.translated(dx - left, dy - top))
            inner.end()
            self.halos[key] = kept
        painter.drawPixmap(QPointF(left, top), self.halos[key])

    @classmethod
    def of(cls, source: Mapping[int, tuple[Floats, ...]], grid: Grid, slice_index: int, scale: float) -> _Outline:
        path, corners = QPainterPath(), [np.empty((0, 2))]
        for piece in source.get(slice_index, ()):
            thin = thinned(plane_mm(grid, piece) * scale)
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in thin.tolist()]))
            path.closeSubpath()
            corners.append(thin)
        return cls(source, scale, path, np.concatenate(corners))


def thinned(piece: Floats) -> Floats:
    """A closed outline in px with no more corners than the screen can show; it ends where it began.

    Sides grow with the square root of the length, so that where an outline bends three times as sharply as a
    circle of its length, a side lies CORNER_ERROR_PX off at most; never fewer than twelve corners.
    """
    way = np.diff(piece, axis=0)
    length = float(np.hypot(way[:, 0], way[:, 1]).sum())
    side = float(np.sqrt(8.0 * CORNER_ERROR_PX * length / (6.0 * np.pi)))
    step = min(int(side * len(way) / max(length, 1e-6)), len(piece) // 12)
    return piece if step <= 1 else np.concatenate([piece[:-1:step], piece[-1:]])


@dataclass(slots=True)
class _Drawing:
    """One mark on the slice shown: its path and axes on the screen."""

    mark: ViewMark
    outline: _Outline
    shift: tuple[float, float]
    path: QPainterPath
    points: Floats
    axes: list[tuple[QPointF, QPointF]]
    box: QRectF


class MarkPainter:
    """Paints the marks of one viewport; keeps paths and label places from one paint to the next."""

    def __init__(self) -> None:
        self.labels = LabelMemory()
        self.label_areas: dict[str, Area] = {}
        self._outlines: dict[tuple[int, int], _Outline] = {}

    def forget_outlines(self, marks: Sequence[ViewMark]) -> None:
        """Drop what belongs to marks that are gone."""
        present = {id(mark.outlines) for mark in marks}
        self._outlines = {key: kept for key, kept in self._outlines.items() if key[0] in present}

    def paint(
        self,
        painter: QPainter,
        marks: Sequence[ViewMark],
        placement: Placement,
        *,
        hover: str | None,
        pointer: QPointF | None,
        taken: Sequence[Area],
        tissue: Callable[[Area], float],
    ) -> None:
        """Paint what lies on the placement's slice; places of labels stand in `label_areas` afterwards."""
        drawings = [self._drawing(mark, placement) for mark in marks if mark.lies_on(placement.slice)]
        self.label_areas = {}
        if not drawings:
            return
        look = theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for one in drawings:
            if one.mark.style is MarkStyle.ZONE:
                painter.fillPath(one.path, look.colour(one.mark.colour, "zone-fill"))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        _paint_halos(painter, drawings, hover, look)
        for one in drawings:
            painter.setOpacity(look.opacities["locked"] if one.mark.locked else 1.0)
            _paint_outline(painter, one, hover, look)
        for one in drawings:
            painter.setOpacity(_axes_opacity(one.mark, look))
            for pen, (a, b) in zip(_axis_pens(one.mark, look), one.axes, strict=False):
                painter.setPen(pen)
                painter.drawLine(a, b)
        painter.setOpacity(1.0)
        for one in drawings:
            if one.mark.selected and one.mark.changeable:
                _paint_handles(painter, one, pointer, look)
        self._paint_labels(painter, drawings, placement, taken, tissue, look)

    def _drawing(self, mark: ViewMark, placement: Placement) -> _Drawing:
        scale, dx, dy = placement.plane_transform()
        outline = self._kept_outline(mark, placement, scale)
        path, points = outline.path.translated(dx, dy), outline.corners + np.array([dx, dy])
        axes: list[tuple[QPointF, QPointF]] = []
        if mark.axes is not None and mark.axes.slice == placement.slice and mark.show_axes:
            for ends in (mark.axes.long_ends, mark.axes.short_ends):
                if ends is not None:
                    a, b = placement.to_screen(ends)
                    axes.append((QPointF(*a), QPointF(*b)))
        box = path.controlPointRect()
        if axes and not len(points):
            points = np.array([(end.x(), end.y()) for axis in axes for end in axis])
        for a_point, b_point in axes:
            box = box.united(QRectF(a_point, b_point).normalized().adjusted(-0.5, -0.5, 0.5, 0.5))
        return _Drawing(mark, outline, (dx, dy), path, points, axes, box)

    def _kept_outline(self, mark: ViewMark, placement: Placement, scale: float) -> _Outline:
        key = (id(mark.outlines), placement.slice)
        kept = self._outlines.get(key)
        if kept is None or kept.scale != scale:
            kept = _Outline.of(mark.outlines, placement.grid, placement.slice, scale)
            self._outlines[key] = kept
        return kept

    def _paint_labels(
        self,
        painter: QPainter,
        drawings: Sequence[_Drawing],
        placement: Placement,
        taken: Sequence[Area],
        tissue: Callable[[Area], float],
        look: Theme,
    ) -> None:
        numbers = placement.px_per_mm >= NUMBERS_FROM_PX_PER_MM
        texts = {one.mark.key: _LabelText.of(one.mark, look, numbers=numbers) for one in drawings}
        wishes = [
            LabelWish(one.mark.key, texts[one.mark.key].width, texts[one.mark.key].height, _area(one.box))
            for one in drawings
            if texts[one.mark.key].width > 0
        ]
        places = places_for(wishes, placement.area, taken, self.labels, tissue, look.px("label-distance"))
        self.label_areas = places
        by_key = {one.mark.key: one for one in drawings}
        for key, place in places.items():
            _paint_leader(painter, by_key[key], place, look)
        for key, place in places.items():
            texts[key].paint(painter, place, by_key[key].mark, look)


@dataclass(frozen=True, slots=True)
class _LabelText:
    """The words of a label and their size."""

    name: str
    values: str
    second: str
    tag: str
    width: float
    height: float

    @classmethod
    def of(cls, mark: ViewMark, look: Theme, *, numbers: bool) -> _LabelText:
        # Without a name the number is all there is to say.
        full = numbers or mark.selected or mark.style is MarkStyle.PROPOSAL or not mark.label.name
        return cls.of_label(mark.label, look, full)

    @classmethod
    @lru_cache(maxsize=256)
    def of_label(cls, label: MarkLabel, look: Theme, full: bool) -> _LabelText:
        values = label.values if full else ""
        second = label.second if full else ""
        if not (label.name or values or label.tag):
            return cls("", "", "", "", 0.0, 0.0)
        bold = QFontMetricsF(look.font("base", weight=600))
        plain = QFontMetricsF(look.font("base"))
        first = bold.horizontalAdvance(label.name) + (plain.horizontalAdvance("  " + values) if values else 0.0)
        first += look.px("letter") + look.px("grid") if label.tag else 0.0
        below = QFontMetricsF(look.font("label")).horizontalAdvance(second)
        padding = look.px("label-padding")
        height = look.line_height("base") + (look.line_height("label") if second else 0) + padding / 2.0
        return cls(label.name, values, second, label.tag, max(first, below) + 2.0 * padding, height)

    def paint(self, painter: QPainter, place: Area, mark: ViewMark, look: Theme) -> None:
        """Plate, bar of the selected one, tag, words in the mark's hue; drawn once, then copied."""
        ratio = painter.device().devicePixelRatioF()
        plate = _plate(self, look, mark.colour, mark.selected, mark.label.tag_filled, ratio)
        painter.drawPixmap(QPointF(round(place.left), round(place.top)), plate)

    def draw(self, painter: QPainter, look: Theme, colour: str, *, selected: bool, tag_filled: bool) -> None:
        """The label with its upper left corner at the origin."""
        radius = look.px("radius-letter")
        padding = look.px("label-padding")
        rect = QRectF(0.0, 0.0, self.width, self.height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.colour("plate", "plate"))
        painter.drawRoundedRect(rect, radius, radius)
        hue = look.colour(colour)
        if selected:
            painter.fillRect(QRectF(rect.left(), rect.top(), 2.0, rect.height()), hue)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        x = rect.left() + padding
        middle = rect.top() + padding / 4.0
        line = look.line_height("base")
        if self.tag:
            _paint_tag(painter, QPointF(x, middle + 1.0), self.tag, hue, look, filled=tag_filled)
            x += look.px("letter") + look.px("grid")
        bold = look.font("base", weight=600)
        painter.setPen(hue)
        painter.setFont(bold)
        flags = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        painter.drawText(QRectF(x, middle, rect.width(), line), flags, self.name)
        if self.values:
            x += QFontMetricsF(bold).horizontalAdvance(self.name)
            painter.setFont(look.font("base"))
            painter.drawText(QRectF(x, middle, rect.width(), line), flags, "  " + self.values)
        if self.second:
            painter.setFont(look.font("label"))
            second = QRectF(rect.left() + padding, middle + line, rect.width(), look.line_height("label"))
            painter.drawText(second, flags, self.second)


@lru_cache(maxsize=256)
def _plate(label: _LabelText, look: Theme, colour: str, selected: bool, tag_filled: bool, ratio: float) -> QPixmap:
    plate = QPixmap(ceil(label.width * ratio), ceil(label.height * ratio))
    plate.setDevicePixelRatio(ratio)
    plate.fill(Qt.GlobalColor.transparent)
    painter = QPainter(plate)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    label.draw(painter, look, colour, selected=selected, tag_filled=tag_filled)
    painter.end()
    return plate


def _paint_tag(painter: QPainter, at: QPointF, tag: str, hue: QColor, look: Theme, *, filled: bool) -> None:
    side, radius = look.px("letter"), look.px("radius-letter")
    box = QRectF(at.x(), at.y(), side, side)
    painter.setPen(QPen(hue, 1.5))
    painter.setBrush(hue if filled else look.colour("image"))
    painter.drawRoundedRect(box.adjusted(0.75, 0.75, -0.75, -0.75), radius, radius)
    painter.setPen(look.colour("image") if filled else hue)
    painter.setFont(look.font("label", weight=700))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), tag)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _width(one: _Drawing, hover: str | None, look: Theme) -> float:
    """Outline width in px at 100 %: thicker when selected or under the pointer."""
    own = look.lines[_PEN_OF[one.mark.style]].width
    if one.mark.style is MarkStyle.PROPOSAL:
        return own
    if one.mark.selected:
        return max(own, look.lines["selected"].width)
    if one.mark.key == hover:
        return max(own, look.lines["hover"].width)
    return own


def _paint_halos(painter: QPainter, drawings: Sequence[_Drawing], hover: str | None, look: Theme) -> None:
    """Dark lines below all others."""
    around = look.line_px(2.0 * look.lines["halo"].width)
    halo = QPen(look.colour("halo", "halo"), around)
    halo.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    for one in drawings:
        if not one.path.isEmpty():
            halo.setWidthF(look.line_px(_width(one, hover, look)) + around)
            one.outline.paint_halo(painter, *one.shift, halo)
            if one.mark.style is MarkStyle.DOUBLE:
                painter.setPen(halo)
                painter.drawPath(_outer(one, hover, look))
        for pen, (a, b) in zip(_axis_pens(one.mark, look), one.axes, strict=False):
            halo.setWidthF(pen.widthF() + around)
            painter.setPen(halo)
            painter.drawLine(a, b)


def _paint_outline(painter: QPainter, one: _Drawing, hover: str | None, look: Theme) -> None:
    if one.path.isEmpty():
        return
    painter.setPen(look.pen(_PEN_OF[one.mark.style], one.mark.colour, width=_width(one, hover, look)))
    painter.drawPath(one.path)
    if one.mark.style is MarkStyle.DOUBLE:
        painter.drawPath(_outer(one, hover, look))


def _outer(one: _Drawing, hover: str | None, look: Theme) -> QPainterPath:
    """The second line of a double outline: every piece grown outwards so that the gap stays free."""
    style = look.lines["double"]
    away = look.line_px(style.gap + _width(one, hover, look))
    path = QPainterPath()
    for polygon in one.path.toSubpathPolygons():
        corners = np.array([(p.x(), p.y()) for p in (polygon.at(n) for n in range(polygon.size()))])
        if len(corners) > 3:
            path.addPolygon(QPolygonF([QPointF(x, y) for x, y in _grown(corners, away).tolist()]))
            path.closeSubpath()
    return path


def _grown(corners: Floats, away: float) -> Floats:
    """A closed polygon moved outwards along its normals, shape (n, 2); first point = last point."""
    ring = corners[:-1] if np.allclose(corners[0], corners[-1]) else corners
    way = np.roll(ring, -1, axis=0) - np.roll(ring, 1, axis=0)
    normal = np.column_stack([way[:, 1], -way[:, 0]])
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-9)
    x, y = ring[:, 0], ring[:, 1]
    turns = float(np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y))
    grown = ring + (away if turns > 0 else -away) * normal
    return np.vstack([grown, grown[:1]])


def _axis_pens(mark: ViewMark, look: Theme) -> tuple[QPen, QPen]:
    names = ("axis-long-node", "axis-short-node") if mark.style is MarkStyle.NODE else ("axis", "axis")
    return look.pen(names[0], mark.colour), look.pen(names[1], mark.colour)


def _axes_opacity(mark: ViewMark, look: Theme) -> float:
    if mark.style is MarkStyle.PROPOSAL:
        return look.opacities["proposal-axes"]
    return look.opacities["locked"] if mark.locked else 1.0


def longest_px(mark: ViewMark, placement: Placement) -> float:
    """Length of the long axis on the screen."""
    if mark.axes is None:
        return 0.0
    return float(np.linalg.norm(np.subtract(*mark.axes.long_ends))) * placement.px_per_mm


def _paint_handles(painter: QPainter, one: _Drawing, pointer: QPointF | None, look: Theme) -> None:
    if not one.axes or one.mark.axes is None:
        return
    a, b = one.axes[0]
    length = float(np.hypot(a.x() - b.x(), a.y() - b.y()))
    if length < HANDLES_FROM_PX:
        return
    side = look.px("handle")
    if length < SMALL_HANDLES_BELOW_PX:
        near = SMALL_HANDLES_NEAR_PX
        if pointer is None or not one.box.adjusted(-near, -near, near, near).contains(pointer):
            return
        side = look.px("handle-small")
    painter.setBrush(look.colour("image"))
    painter.setPen(QPen(look.colour(one.mark.colour), look.line_px(1.4)))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    shown = [end for axis in one.axes for end in axis][: len(ends_of(one.mark.axes))]
    for end in shown:
        painter.drawRect(QRectF(round(end.x() - side / 2.0), round(end.y() - side / 2.0), side - 1.0, side - 1.0))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_leader(painter: QPainter, one: _Drawing, place: Area, look: Theme) -> None:
    """A line from the plate to the nearest point of the outline, or of the axes where there is none."""
    if not len(one.points):
        return
    x, y = place.middle
    nearest = QPointF(*one.points[int(np.argmin(((one.points - (x, y)) ** 2).sum(axis=1)))])
    edge = QPointF(
        min(max(nearest.x(), place.left), place.left + place.width),
        min(max(nearest.y(), place.top), place.top + place.height),
    )
    halo = QPen(look.colour("halo", "halo"), look.line_px(look.lines["leader"].width + 2.0))
    painter.setPen(halo)
    painter.drawLine(nearest, edge)
    hue = QColor(look.colour(one.mark.colour))
    hue.setAlphaF(0.7)
    painter.setPen(QPen(hue, look.line_px(look.lines["leader"].width)))
    painter.drawLine(nearest, edge)


def _area(box: QRectF) -> Area:
    return Area(box.left(), box.top(), box.width(), box.height())
