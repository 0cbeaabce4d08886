"""Lesions and zones in 3-D: turned by a drag, zoomed by the wheel, put back by a double click.

The pictures are made by another process (`viewer.scene3d`) and painted here as they come; the names are
painted by this widget, so that they stay sharp and never lie about where they belong.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QCloseEvent,
    QFontMetricsF,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QWidget

from measure.geometry import Floats, Point
from viewer.frame import Head, HeadItem, outlined_text, paint_head, paint_message
from viewer.label_places import LabelMemory, LabelWish, places_for
from viewer.scene_client import SceneClient
from viewer.scene_values import NamedSurface, SceneLines, SceneSurface, Spot, View
from viewer.slice_geometry import Area
from viewer.theme import theme
from viewer.turning import FROM_FRONT, seen_from, turned

OPENING = "Opening the 3-D view."
NOTHING = "Nothing is outlined yet."
TURN_PER_PX = 0.008
KEY_TURN = 0.2
ZOOM_STEP = 1.15
ROOM = 1.25
NAME_DISTANCE_PX = 6.0
SEEN_THROUGH = 0.42
LEAST_MM_PER_PX, MOST_MM_PER_PX = 0.005, 5.0


class SurfaceView(QWidget):
    """One 3-D view; `unavailable` says in one line why there is none."""

    unavailable = Signal(str)
    ready = Signal()  # a picture of the view asked last is on the screen

    def __init__(self, parent: QWidget | None = None, *, client: SceneClient | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(160, 160)
        self.head = Head("3-D")
        self.reason = ""
        self.surfaces: tuple[NamedSurface, ...] = ()
        self.spots: tuple[Spot, ...] = ()
        self.turn: Floats = FROM_FRONT.copy()
        self.mm_per_px = 1.0
        self._centre: Point = (0.0, 0.0, 0.0)
        self._picture: QImage | None = None
        self._picture_of: View | None = None
        self._last: QPointF | None = None
        self._legend: Callable[[QPainter, QRectF], None] | None = None
        self._fit_wanted = True
        self._client = client or SceneClient(self)
        self._client.drawn.connect(self._drawn)
        self._client.failed.connect(self._failed)
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._ask)

    def set_scene(
        self,
        surfaces: Sequence[NamedSurface],
        *,
        lines: Sequence[SceneLines] = (),
        spots: Sequence[Spot] = (),
        head: Head | None = None,
        legend: Callable[[QPainter, QRectF], None] | None = None,
    ) -> None:
        """Show surfaces; the view is fitted to them and looks from the front. legend: painted over the picture."""
        self.surfaces, self.spots, self._legend = tuple(surfaces), tuple(spots), legend
        self.head = head or self.head
        look = theme()
        shown = []
        for one in surfaces:
            hue = look.colour(one.colour)
            colour = (hue.redF(), hue.greenF(), hue.blueF())
            shown.append(SceneSurface(one.points, one.triangles, colour, SEEN_THROUGH if one.dim else 1.0, one.colours))
        self._client.set_scene(shown, lines)
        self._picture = None
        self.reset_look()

    def reset_look(self) -> None:
        """From the front, all of it."""
        self.turn = FROM_FRONT.copy()
        self._fit_wanted = True
        self._ask_soon()

    def close_scene(self) -> None:
        """End the drawing process; the view keeps its last picture."""
        self._client.close()

    @property
    def view(self) -> View:
        """The view as it is now."""
        ratio = self.devicePixelRatioF()
        area = self._area()
        rows = [(float(r[0]), float(r[1]), float(r[2])) for r in self.turn]
        width, height = max(round(area.width() * ratio), 1), max(round(area.height() * ratio), 1)
        return View(self._centre, rows[0], rows[1], rows[2], self.mm_per_px / ratio, width, height)

    # --- pictures -----------------------------------------------------------------------------------------

    def _area(self) -> QRectF:
        head = theme().whole_px("viewport-head")
        return QRectF(0.0, head, self.width(), max(self.height() - head, 1))

    def _ask_soon(self) -> None:
        if not self.reason and self.isVisible() and not self._soon.isActive():
            self._soon.start(0)
        self.update()

    def _ask(self) -> None:
        if not self.surfaces or self.reason:
            return
        if self._fit_wanted:
            self._fit()
        self._client.ask(self.view)

    def _fit(self) -> None:
        self._fit_wanted = False
        points = np.concatenate([one.points for one in self.surfaces])
        low, high = points.min(axis=0), points.max(axis=0)
        x, y, z = (float(part) for part in (low + high) / 2.0)
        self._centre = (x, y, z)
        area = self._area()
        reach = float(np.linalg.norm(high - low))
        self.mm_per_px = max(ROOM * reach / max(min(area.width(), area.height()), 1.0), LEAST_MM_PER_PX)

    def _drawn(self, image: QImage, view: View) -> None:
        image.setDevicePixelRatio(self.devicePixelRatioF())
        self._picture, self._picture_of = image, view
        self.update()
        if view == self.view:
            self.ready.emit()

    def _failed(self, reason: str) -> None:
        self.reason = reason
        self.update()
        self.unavailable.emit(reason)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture, names, spots, head."""
        painter = QPainter(self)
        area = self._area()
        painter.fillRect(area, theme().colour("image"))
        if self.reason or not self.surfaces or self._picture is None:
            paint_message(painter, self.reason or (OPENING if self.surfaces else NOTHING), area)
        elif self._picture_of is not None:
            painter.drawImage(area.topLeft(), self._picture)
            painter.save()
            painter.setClipRect(area)
            self._paint_words(painter, self._picture_of, area)
            if self._legend is not None:
                self._legend(painter, area)
            painter.restore()
        side = HeadItem(seen_from(self.turn[2])) if self._picture is not None else None
        head = replace(self.head, right=(*self.head.right, side)) if side is not None else self.head
        paint_head(painter, head, self.width(), marks_hidden=False)
        painter.end()

    def _paint_words(self, painter: QPainter, view: View, area: QRectF) -> None:
        look, ratio = theme(), self.devicePixelRatioF()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        left = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
        for key, place in self._name_places(view, area).items():
            one = self.surfaces[int(key)]
            box = QRectF(place.left, place.top, place.width, place.height)
            outlined_text(painter, box, left, one.name, one.colour)
        for spot in self.spots:
            x, y = (float(part) / ratio for part in view.to_screen(np.asarray(spot.at)))
            at = QPointF(x, y + area.top())
            away = QPointF(24.0, -24.0) if x < area.width() - 120.0 else QPointF(-84.0, -24.0)
            behind = float((np.asarray(spot.at) - np.asarray(view.centre)) @ np.asarray(view.toward)) < 0
            hue = "hint" if behind else "text-strong"
            for token, opacity, width in (("halo", "halo", 4.0), (hue, None, 2.0)):
                painter.setPen(QPen(look.colour(token, opacity), width))
                painter.drawEllipse(at, 6.0, 6.0)
            painter.setPen(QPen(look.colour(hue), 1.0))
            painter.drawLine(at + QPointF(4.5, -4.5), at + QPointF(22.0, -22.0))
            box = QRectF(at.x() + away.x(), at.y() + away.y() - 9.0, 90.0, 18.0)
            outlined_text(painter, box, left, f"{spot.text}, far side" if behind else spot.text, hue)

    def _name_places(self, view: View, area: QRectF) -> dict[str, Area]:
        """Places of the names by number of the surface: off all surfaces and off each other, anew at each turn."""
        metrics, high = QFontMetricsF(theme().font("label")), float(theme().line_height("label"))
        wishes = []
        for number, one in enumerate(self.surfaces):
            places = view.to_screen(one.points) / self.devicePixelRatioF() + (0.0, area.top())
            (left, top), (right, bottom) = places.min(axis=0), places.max(axis=0)
            mark = Area(float(left), float(top), float(right - left), float(bottom - top))
            wide = metrics.horizontalAdvance(one.name) + 4.0 if one.name else 0.0
            wishes.append(LabelWish(str(number), wide, high if one.name else 0.0, mark))
        inside = Area(area.left(), area.top(), area.width(), area.height())
        found = places_for(wishes, inside, (), LabelMemory(), lambda _: 0.0, NAME_DISTANCE_PX)
        return {key: place for key, place in found.items() if place.width > 0}

    # --- hands --------------------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the scene in hand."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._last = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Turn it about the screen's axes."""
        if self._last is None:
            return
        way = event.position() - self._last
        self._last = event.position()
        self.turn = turned(self.turn, way.x() * TURN_PER_PX, way.y() * TURN_PER_PX)
        self._ask_soon()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        self._last = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the view from the front."""
        self.reset_look()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom, a step a notch."""
        self._zoom(event.angleDelta().y() / 120.0)
        self._ask_soon()
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows turn it, plus and minus zoom, Home puts back; the rest goes to the window."""
        way = _KEY_TURNS.get(event.key())
        if way is not None:
            self.turn = turned(self.turn, way[0] * KEY_TURN, way[1] * KEY_TURN)
        elif event.key() in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self._zoom(-1.0 if event.key() == Qt.Key.Key_Minus else 1.0)
        elif event.key() == Qt.Key.Key_Home:
            self.reset_look()
        else:
            super().keyPressEvent(event)
            return
        self._ask_soon()

    def _zoom(self, notches: float) -> None:
        wanted = self.mm_per_px / ZOOM_STEP**notches
        self.mm_per_px = min(max(wanted, LEAST_MM_PER_PX), MOST_MM_PER_PX)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A picture of the new size."""
        self._ask_soon()
        super().resizeEvent(event)

    def event(self, event: QEvent) -> bool:
        """The first picture is asked for when the view is first shown."""
        if event.type() == QEvent.Type.Show:
            self._soon.start(0)
        return super().event(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """The drawing process ends with the view."""
        self.close_scene()
        super().closeEvent(event)

    def sizeHint(self) -> QSize:
        """As the third of a row on a full screen."""
        return QSize(472, 500)


_KEY_TURNS: dict[int, tuple[int, int]] = {
    Qt.Key.Key_Left: (-1, 0),
    Qt.Key.Key_Right: (1, 0),
    Qt.Key.Key_Up: (0, -1),
    Qt.Key.Key_Down: (0, 1),
}
