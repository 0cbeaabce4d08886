"""The margin of an ablation on the slice and in 3-D: cividis from 0 to 12 mm, lines at 5 and 10 mm.

Never without the registration's error, the voxel size and the method. Whoever owns a view decides when it is
shown; nothing here shows itself.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QLinearGradient, QPainter, QPen

from measure.geometry import Floats
from measure.margin import Margin
from measure.surface import Crossing, crossing
from viewer.frame import outlined_text
from viewer.overlay import Overlay
from viewer.scene_values import NamedSurface, SceneLines, Spot
from viewer.slice_geometry import Placement
from viewer.theme import theme

MOST_MM = 12.0
LINES_MM = (5.0, 10.0)
TICK_PX = 7.0
LIFT_MM = 0.25
BAR_PX = (150.0, 8.0)
LEGEND_LEFT_PX, LEGEND_ABOVE_PX = 14.0, 52.0

_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)


def margin_colours(distances: Floats) -> NDArray[np.uint8]:
    """RGB of margins in mm, shape (n, 3); below 0 and above 12 as at the ends."""
    row = [QColor(name) for name in theme().ramps["margin"]]
    table = np.array([(one.red(), one.green(), one.blue()) for one in row], float)
    place = np.clip(np.asarray(distances, float) / MOST_MM, 0.0, 1.0) * (len(table) - 1)
    whole = np.arange(len(table))
    return np.stack([np.interp(place, whole, table[:, c]) for c in range(3)], axis=-1).round().astype(np.uint8)


def millimetres(value: float) -> str:
    """A length to a tenth with a true minus."""
    return f"{value:.1f}\u2009mm".replace("-", "\u2212") if round(value, 1) else "0.0\u2009mm"


def legend_lines(margin: Margin) -> tuple[tuple[str, str], ...]:
    """What stands beside the colours: (words, colour token)."""
    size = " × ".join(f"{part:.2g}" for part in margin.voxel_mm)
    sure = (
        (f"registration ± {millimetres(margin.registration_error_mm)}", "text"),
        (f"voxels {size}\u2009mm", "text"),
        ("surface to surface, rigid", "text"),
    )
    if not margin.evaluable:
        reasons = [(reason, "needs") for reason in str(margin.why_not).split("; ")]
        return (("Margin not evaluable:", "needs"), *reasons, *sure)
    return ((f"least margin {millimetres(margin.minimum_mm)}", "text-strong"), *sure)


class MarginMap(Overlay):
    """The tumour's outline before, on the scan after, in the colours of its margin; see the module's text."""

    def __init__(self, margin: Margin) -> None:
        self.margin = margin
        self._cut: tuple[int, Crossing] | None = None

    def cut(self, placement: Placement) -> Crossing:
        """The tumour's surface in the plane of a slice; kept until another slice is asked."""
        if self._cut is None or self._cut[0] != placement.slice:
            grid = placement.grid
            along = self.margin.points @ grid.normal
            level = float(grid.positions_mm[placement.slice])
            self._cut = placement.slice, crossing(self.margin.points, self.margin.triangles, along, level)
        return self._cut[1]

    def paint(self, painter: QPainter, placement: Placement) -> None:
        """Outline, ticks where it crosses 5 and 10 mm, the least margin on its own slice, legend."""
        margin, cut = self.margin, self.cut(placement)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        ends = placement.to_screen(cut.ends) if len(cut.ends) else np.empty((0, 2, 2))
        values = cut.read(margin.distances_mm) if len(cut.ends) else np.empty((0, 2))
        _paint_outline(painter, ends, values, evaluable=margin.evaluable)
        if margin.evaluable:
            for level in LINES_MM:
                _paint_ticks(painter, ends, values, level)
            if placement.slice == placement.grid.nearest_slice(margin.minimum_at):
                _paint_least(painter, margin, placement)
        area = placement.area
        inner = QRectF(area.left, area.top, area.width - theme().px("rail"), area.height)
        paint_legend(painter, margin, inner, avoid=_box_of(ends))


def paint_legend(
    painter: QPainter, margin: Margin, area: QRectF, above_px: float = LEGEND_ABOVE_PX, avoid: QRectF | None = None
) -> None:
    """Colour bar and words in the lower left corner, or in the corner that hides least of what is to be avoided.

    above_px: room left below, for the corner texts.
    """
    look = theme()
    high, lines = look.line_height("label") + 1.0, legend_lines(margin)
    padding = look.px("label-padding")
    bar_wide, bar_high = (part * look.scale for part in BAR_PX)
    metrics = QFontMetricsF(look.font("label"))
    wide = max(bar_wide + 40.0 * look.scale, *(metrics.horizontalAdvance(words) + 4.0 for words, _ in lines))
    above = bar_high + high + 8.0 if margin.evaluable else 0.0
    plate = QRectF(0.0, 0.0, wide + 2.0 * padding, len(lines) * high + above + padding)
    free = area.adjusted(LEGEND_LEFT_PX, LEGEND_LEFT_PX, -LEGEND_LEFT_PX, -above_px * look.scale)
    plate.moveTopLeft(_free_corner(plate, free, avoid or QRectF()))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("plate", "plate"))
    painter.drawRoundedRect(plate, look.px("radius-letter"), look.px("radius-letter"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    inner = plate.adjusted(padding, padding / 2.0, -padding, -padding / 2.0)
    for row, (words, token) in enumerate(lines):
        box = QRectF(inner.left(), inner.top() + above + row * high, inner.width(), high)
        outlined_text(painter, box, _LEFT, words, token)
    if margin.evaluable:
        _paint_bar(painter, QRectF(inner.left() + 3.0, inner.top() + 3.0, bar_wide, bar_high))


def _free_corner(plate: QRectF, free: QRectF, avoid: QRectF) -> QPointF:
    """Upper left corner of the plate in the corner of an area where it covers least; the lower left one wins."""
    right, bottom = free.right() - plate.width(), free.bottom() - plate.height()
    corners = [QPointF(x, y) for y in (bottom, free.top()) for x in (free.left(), right)]

    def covered(corner: QPointF) -> float:
        common = QRectF(corner, plate.size()).intersected(avoid)
        return common.width() * common.height()

    return min(corners, key=covered)


def _box_of(ends: Floats) -> QRectF:
    if not len(ends):
        return QRectF()
    (left, top), (right, bottom) = ends.reshape(-1, 2).min(axis=0), ends.reshape(-1, 2).max(axis=0)
    return QRectF(left, top, right - left, bottom - top).adjusted(-8.0, -8.0, 8.0, 8.0)


def _paint_bar(painter: QPainter, bar: QRectF) -> None:
    look = theme()
    gradient = QLinearGradient(bar.topLeft(), bar.topRight())
    for place, name in enumerate(look.ramps["margin"]):
        gradient.setColorAt(place / (len(look.ramps["margin"]) - 1), QColor(name))
    painter.fillRect(bar, gradient)
    painter.setPen(QPen(look.colour("text-second"), look.px("line")))
    painter.drawRect(bar)
    high = look.line_height("label") + 1.0
    for value in (0.0, *LINES_MM, MOST_MM):
        x = bar.left() + value / MOST_MM * bar.width()
        painter.drawLine(QPointF(x, bar.top()), QPointF(x, bar.bottom() + 3.0))
        words = f"{value:.0f}" if value < MOST_MM else f"{value:.0f}\u2009mm"
        outlined_text(painter, QRectF(x - 3.0, bar.bottom() + 3.0, 60.0, high), _LEFT, words, "text")


def margin_scene(margin: Margin) -> tuple[NamedSurface, tuple[SceneLines, ...], tuple[Spot, ...]]:
    """The tumour's surface for `SurfaceView.set_scene`: coloured, with its lines, and the place of the least margin."""
    if not margin.evaluable:
        return NamedSurface(margin.points, margin.triangles, "text-second"), (), ()
    colours = margin_colours(margin.distances_mm)
    hue = theme().colour("text-strong")
    lines = tuple(
        SceneLines(_lifted(cut.ends, margin), (hue.redF(), hue.greenF(), hue.blueF()))
        for level in LINES_MM
        if len((cut := crossing(margin.points, margin.triangles, margin.distances_mm, level)).ends)
    )
    spot = Spot(margin.minimum_at, f"least {millimetres(margin.minimum_mm)}")
    return NamedSurface(margin.points, margin.triangles, "text-second", colours=colours), lines, (spot,)


def _lifted(ends: Floats, margin: Margin) -> Floats:
    """A little off the surface, so that the surface does not swallow its lines."""
    way = ends - margin.points.mean(axis=0)
    return np.asarray(ends + LIFT_MM * way / np.maximum(np.linalg.norm(way, axis=-1, keepdims=True), 1e-9), float)


def _paint_outline(painter: QPainter, ends: Floats, values: Floats, *, evaluable: bool) -> None:
    """Halo, then each piece in the colour of its middle; grey where the number means nothing."""
    if not len(ends):
        return
    look = theme()
    width = look.lines["margin"].width
    pieces = [QLineF(a[0], a[1], b[0], b[1]) for a, b in ends.tolist()]
    halo = QPen(look.colour("halo", "halo"), look.line_px(width + 2.0 * look.lines["halo"].width))
    halo.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(halo)
    painter.drawLines(pieces)
    pen = QPen(look.colour("text-second"), look.line_px(width))
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    if not evaluable:
        painter.setPen(pen)
        painter.drawLines(pieces)
        return
    steps = np.clip((values.mean(axis=1) * 4.0).round().astype(int), 0, int(MOST_MM) * 4)  # a quarter of a mm
    for step in np.unique(steps):
        red, green, blue = (int(part) for part in margin_colours(np.array([step / 4.0]))[0])
        pen.setColor(QColor(red, green, blue))
        painter.setPen(pen)
        painter.drawLines([pieces[place] for place in np.flatnonzero(steps == step)])


def _paint_ticks(painter: QPainter, ends: Floats, values: Floats, level: float) -> None:
    look = theme()
    for place in np.flatnonzero((values[:, 0] > level) != (values[:, 1] > level)):
        (a, b), (first, second) = ends[place], values[place]
        at = a + (level - first) / (second - first) * (b - a)
        way = (b - a) / max(float(np.hypot(*(b - a))), 1e-9) * TICK_PX * look.scale
        tick = QLineF(at[0] - way[1], at[1] + way[0], at[0] + way[1], at[1] - way[0])
        for token, opacity, width in (("halo", "halo", 3.6), ("text-strong", None, 1.6)):
            painter.setPen(QPen(look.colour(token, opacity), look.line_px(width)))
            painter.drawLine(tick)


def _paint_least(painter: QPainter, margin: Margin, placement: Placement) -> None:
    """A ring at the place of the least margin and its value, away from the tumour's middle."""
    look = theme()
    at = placement.to_screen(margin.minimum_at)
    middle = placement.to_screen(margin.points.mean(axis=0))
    way = (at - middle) / max(float(np.hypot(*(at - middle))), 1e-9)
    ring, far = QPointF(*at), QPointF(*(at + 34.0 * look.scale * way))
    for token, opacity, width in (("halo", "halo", 3.6), ("text-strong", None, 1.6)):
        painter.setPen(QPen(look.colour(token, opacity), look.line_px(width)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(ring, 5.0 * look.scale, 5.0 * look.scale)
        painter.drawLine(QPointF(*(at + 5.0 * look.scale * way)), far)
    words = f"least {millimetres(margin.minimum_mm)}"
    wide = 92.0 * look.scale
    area = placement.area
    left = far.x() if way[0] >= 0 else far.x() - wide
    left = min(max(left, area.left + 4.0), area.left + area.width - look.px("rail") - wide - 4.0)
    box = QRectF(left, far.y() - 10.0, wide, 20.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(look.colour("plate", "plate"))
    painter.drawRoundedRect(box, look.px("radius-letter"), look.px("radius-letter"))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setFont(look.font("label", weight=600))
    painter.setPen(look.colour("text-strong"))
    painter.drawText(box, int(Qt.AlignmentFlag.AlignCenter), words)
