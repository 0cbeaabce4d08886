"""Responses beside the images, only where the protocol says `live`: rows, the why, the course of the sum."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QScrollArea, QVBoxLayout, QWidget

from app.windows.parts import KeyCap, label, row
from app.windows.response_rows import overall_box, why_box
from app.workflow.live_responses import UNDECIDED, Live, LiveRow
from app.workflow.reading import Reading
from viewer.theme import theme

COURSE_HEIGHT = 116


class ResponsePanel(QWidget):
    """All criteria at this moment; only accepted marks count, proposals never."""

    def __init__(self) -> None:
        super().__init__()
        self._title = label("", "strong")
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(0, 1)
        self._whys = QVBoxLayout()
        self._whys.setSpacing(4)
        self._why_open = True
        self.course = CourseChart()
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(self._grid)
        column.addLayout(self._whys)
        column.addWidget(self.course)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidget(inner)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 8, 12, 8)
        whole.setSpacing(6)
        head = row(self._title, label("from accepted marks only", "label"), None, label("Why", "label"), KeyCap("?"))
        whole.addLayout(head)
        whole.addWidget(scroll, 1)

    def show_live(self, live: Live, reading: Reading) -> None:
        """Show what stands now."""
        self._title.setText(f"Response {reading.now.name}")
        _empty(self._grid)
        _empty(self._whys)
        for column, words in enumerate(("Criterion · scope", "target", "non-target", "new", "overall")):
            self._grid.addWidget(label(words, "label"), 0, column)
        for at, one in enumerate(live.rows, start=1):
            self._add(at, one)
        decided = [one for one in live.rows if one.decided]
        for one in decided[:2]:
            box = why_box(one.response)
            box.setVisible(self._why_open)
            self._whys.addWidget(box)
        self.course.show_course(live, reading)

    def _add(self, at: int, one: LiveRow) -> None:
        self._grid.addWidget(label(one.response.title, wrap=True), at, 0)
        for column, text in enumerate((one.target, one.non_target, one.new_lesion), start=1):
            part = label(text or "–", "hint" if text in ("", UNDECIDED) else "second")
            part.setAlignment(Qt.AlignmentFlag.AlignCenter)
            self._grid.addWidget(part, at, column)
        if one.decided:
            self._grid.addWidget(overall_box("baseline" if one.overall == "BL" else one.overall), at, 4)
        else:
            self._grid.addWidget(label(UNDECIDED, "hint"), at, 4, Qt.AlignmentFlag.AlignCenter)

    def toggle_why(self) -> None:
        """Open or close the reasons; they stay as the reader left them."""
        self._why_open = not self._why_open
        for k in range(self._whys.count()):
            item = self._whys.itemAt(k)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setVisible(self._why_open)


def _empty(layout: QGridLayout | QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()


class CourseChart(QWidget):
    """Sums of the first criterion over the days; the axis ends at the current time point."""

    def __init__(self) -> None:
        super().__init__()
        self.setMinimumHeight(COURSE_HEIGHT)
        self._points: list[tuple[int, float, str]] = []
        self._at_least = False

    def show_course(self, live: Live, reading: Reading) -> None:
        """Take the sums: signed time points, and the current one where it is known or can only grow."""
        course = live.courses.courses[0]
        self._points = [
            (point.timepoint.day, float(one.sum_mm), point.name)
            for point, one in zip(reading.timepoints[:-1], course.timepoints[:-1], strict=True)
            if one.sum_mm
        ]
        now = live.rows[0].sum_mm
        self._at_least = now.startswith("≥")
        value = now.removeprefix("≥ ")
        if value and value != UNDECIDED:
            self._points.append((reading.now.timepoint.day, float(value), reading.now.name))
        self.setVisible(len(self._points) > 1)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line and dots; a ring and an arrow for a sum that can only grow."""
        if len(self._points) < 2:
            return
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = QRectF(44, 38, self.width() - 72, self.height() - 62)
        days = [day for day, _, _ in self._points]
        most = max(mm for _, mm, _ in self._points) or 1.0
        least = 0.8 * min(mm for _, mm, _ in self._points)
        span = max(days[-1] - days[0], 1)
        places = [
            QPointF(room.left() + (day - days[0]) / span * room.width(), _height(room, mm, least, most))
            for day, mm, _ in self._points
        ]
        font = look.font("small")
        font.setFamily(self.font().family())
        painter.setFont(font)
        painter.setPen(look.colour("text-second"))
        painter.drawText(QRectF(0, 0, self.width(), 16), Qt.AlignmentFlag.AlignLeft, "Course, sum of diameters, mm")
        painter.setPen(QPen(look.colour("line"), 1))
        painter.drawLine(room.bottomLeft(), room.bottomRight())
        painter.setPen(QPen(look.colour("text"), 1.4))
        painter.drawPolyline(places)
        for place, (_, mm, name) in zip(places, self._points, strict=True):
            is_now = name == self._points[-1][2]
            painter.setPen(QPen(look.colour("text"), 1.4))
            painter.setBrush(look.colour("panel" if is_now and self._at_least else "text"))
            painter.drawEllipse(place, 3.5, 3.5)
            if is_now and self._at_least:
                painter.drawLine(place + QPointF(0, -6), place + QPointF(0, -14))
            painter.setPen(look.colour("text-second"))
            above = QRectF(place.x() - 30, place.y() - 20, 60, 14)
            painter.drawText(above, Qt.AlignmentFlag.AlignCenter, f"{mm:.1f}")
            below = QRectF(place.x() - 40, room.bottom() + 3, 80, 16)
            painter.drawText(below, Qt.AlignmentFlag.AlignCenter, name)
        painter.end()


def _height(room: QRectF, mm: float, least: float, most: float) -> float:
    return room.bottom() - (mm - least) / (most - least or 1.0) * room.height()
