"""Adjudication: readings A and B over the same pictures, differences first, one choice with its reason, signed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from app.background import Jobs
from app.models.adjudication import AdjudicationModel
from app.windows.frame import Screen
from app.windows.key_map import KeyMap
from app.windows.lists import Cell, Column, Rows
from app.windows.parts import Button, Chip, label, row, seam, with_minus
from app.windows.screen_keys import ScreenKeys
from app.windows.strips import ToolStrip
from app.windows.view_marks import marks_of
from app.workflow.adjudicate import MEANING, REASONS, Side
from app.workflow.ports import Ports
from app.workflow.responses import Course
from measure.session import Session
from viewer.frame import Head, HeadItem
from viewer.layouts import ViewportGrid
from viewer.linking import Link
from viewer.theme import theme
from viewer.tools.events import Ellipse, LengthLine

TOOLS: Sequence[tuple[str, str] | None] = (
    ("length", "ruler"),
    ("ellipse", "circle-dashed"),
    None,
    ("link", "link"),
    ("hide_marks", "eye"),
)


class SideTag(QWidget):
    """A filled, B outlined: told apart without their hues."""

    def __init__(self, side: str) -> None:
        super().__init__()
        self._side = side
        self.setFixedSize(18, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_side(painter, QRectF(1, 1, 16, 16), self._side)
        painter.end()


def paint_side(painter: QPainter, box: QRectF, side: str) -> None:
    """The square of a reading."""
    look = theme()
    hue = look.colour("reading-a" if side == "A" else "reading-b")
    painter.setPen(QPen(hue, 1.6))
    painter.setBrush(hue if side == "A" else Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 3, 3)
    font = look.font("small", weight=700)
    font.setFamily(painter.font().family())
    painter.setFont(font)
    painter.setPen(look.colour("needs-text") if side == "A" else hue)
    painter.drawText(box, Qt.AlignmentFlag.AlignCenter, side)


class CourseChart(QWidget):
    """Sums over the time points: A drawn through with dots, B dashed with squares."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedHeight(120)
        self._lines: list[tuple[str, list[float | None]]] = []
        self._names: list[str] = []
        self._parted = 0

    def show_courses(self, names: list[str], a: Course, b: Course, parted: int) -> None:
        """Show the sums of both."""
        self._names, self._parted = names, parted
        self._lines = [
            (side, [float(p.sum_mm) if p.sum_mm else None for p in course.timepoints])
            for side, course in (("A", a), ("B", b))
        ]
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axis, lines and the place where they part."""
        values = [v for _, line in self._lines for v in line if v is not None]
        if not values:
            return
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        low, high = min(values), max(values)
        spread = max(high - low, 10.0)
        left, right, top, bottom = 40.0, self.width() - 52.0, 10.0, self.height() - 24.0
        count = max(len(self._names) - 1, 1)

        def at(k: int, value: float) -> QPointF:
            return QPointF(left + (right - left) * k / count, bottom - (bottom - top) * (value - low) / spread)

        band = at(self._parted, low).x()
        painter.fillRect(QRectF(band - 14, top - 4, 28, bottom - top + 8), look.colour("needs-box"))
        font = look.font("small")
        font.setFamily(self.font().family())
        painter.setFont(font)
        for value in (low, low + spread / 2, low + spread):
            y = at(0, value).y()
            painter.setPen(QPen(look.colour("line"), 1))
            painter.drawLine(QPointF(left, y), QPointF(right, y))
            painter.setPen(look.colour("hint"))
            painter.drawText(
                QRectF(0, y - 8, left - 6, 16),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                f"{value:.0f}",
            )
        painter.setPen(look.colour("text-second"))
        for k, name in enumerate(self._names):
            x = at(k, low).x()
            painter.drawText(QRectF(x - 40, bottom + 6, 80, 16), Qt.AlignmentFlag.AlignHCenter, name)
        ends: list[tuple[float, float, str, QColor]] = []
        for side, line in self._lines:
            hue = look.colour("reading-a" if side == "A" else "reading-b")
            pen = QPen(hue, 1.6)
            if side == "B":
                pen.setDashPattern([4, 3])
            painter.setPen(pen)
            points = [at(k, v) for k, v in enumerate(line) if v is not None]
            for first, second in pairwise(points):
                painter.drawLine(first, second)
            painter.setPen(QPen(hue, 1.4))
            for point in points:
                if side == "A":
                    painter.setBrush(hue)
                    painter.drawEllipse(point, 3, 3)
                else:
                    painter.setBrush(look.colour("panel"))
                    painter.drawRect(QRectF(point.x() - 3, point.y() - 3, 6, 6))
            last = next((v for v in reversed(line) if v is not None), None)
            if points and last is not None:
                ends.append((points[-1].y(), points[-1].x(), f"{side} {last:.1f}", hue))
        if len(ends) == 2 and abs(ends[0][0] - ends[1][0]) < 13:  # the two words would lie on each other
            upper = min(ends[0][0], ends[1][0])
            above, below = sorted(range(2), key=lambda k: ends[k][0])
            ends[above] = (upper - 6, *ends[above][1:])
            ends[below] = (upper + 8, *ends[below][1:])
        for y, x, words, hue in ends:
            painter.setPen(hue)
            painter.drawText(QPointF(x + 8, y + 4), words)
        painter.end()


class ChoiceCard(QFrame):
    """One of the choices; the third says when the protocol does not allow it."""

    picked = Signal(str)

    def __init__(self, side: str, title: str, text: str, *, allowed: bool) -> None:
        super().__init__()
        self.side, self._allowed = side, allowed
        self.setCursor(Qt.CursorShape.PointingHandCursor if allowed else Qt.CursorShape.ArrowCursor)
        box = QVBoxLayout(self)
        box.setContentsMargins(10, 8, 10, 8)
        box.setSpacing(4)
        head = row(spacing=6)
        if side in ("A", "B"):
            head.addWidget(SideTag(side))
        head.addWidget(label(title, "strong" if allowed else "hint"))
        head.addStretch(1)
        box.addLayout(head)
        box.addWidget(label(text, "label" if allowed else "hint", wrap=True))
        self.set_chosen(False)

    def set_chosen(self, chosen: bool) -> None:
        """Show it as chosen."""
        c = theme().hexes
        ground = c["act-dim"] if chosen else "transparent"
        edge = c["act"] if chosen else c["line-control"] if self._allowed else c["line"]
        self.setStyleSheet(f"ChoiceCard {{ background: {ground}; border: 1px solid {edge}; border-radius: 4px; }}")

    def mousePressEvent(self, event: object) -> None:
        """Choose."""
        if self._allowed:
            self.picked.emit(self.side)


class AdjudicationScreen(Screen):
    """The adjudicator's screen; `finished` after signing."""

    finished = Signal()

    def __init__(self, ports: Ports, session: Session, jobs: Jobs, keys: KeyMap, subject_id: str) -> None:
        model = AdjudicationModel(ports, session, jobs, subject_id)
        super().__init__(jobs, demo=ports.demo, user=session.user_name, title=model.case.code, demo_right=True)
        self.model, self.keys = model, keys
        model.setParent(self)
        differ = sum(not v["agree"] for v in model.case.variables)
        self.bar.addWidget(label("Adjudication", "section"))
        self.bar.addWidget(Chip("1 variable differs" if differ == 1 else f"{differ} variables differ", "needs"))
        self.bar.addWidget(Chip(f"parted at {model.names[model.case.parted_at]}"))
        caps = {name: action.key for name, action in keys.actions.items()}
        tips = {name: action.label for name, action in keys.actions.items()}
        self.tools = ToolStrip(TOOLS, caps, tips)
        self.grid = ViewportGrid(layout="1x2")
        self.link = Link(self.grid.shown())
        self.panel = self._make_panel(caps)
        across = QHBoxLayout(self.body)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.tools)
        across.addWidget(self.grid, 1)
        across.addWidget(self.panel)
        self._connect()
        self._set_tool("length")
        model.go_to(model.timepoint)
        self.line.facts.setText("H hides both sets of marks")

    def _make_panel(self, caps: dict[str, str]) -> QWidget:
        panel = QFrame()
        panel.setObjectName("panel")
        panel.setFixedWidth(self._panel_width())
        case = self.model.case
        self.variables = Rows(
            (
                Column("", 34, role="letter"),
                Column("Variable"),
                Column("A", 104),
                Column("B", 104),
                Column("parted by", 104, role="second"),
            )
        )
        self.variables.set_rows(
            [
                (
                    Cell("≠", "letter") if not v["agree"] else Cell("", "letter"),
                    Cell(str(v["title"]), "strong" if not v["agree"] else "second"),
                    str(v["a"]),
                    str(v["b"]),
                    str(v["difference_class"]),
                )
                for v in sorted(case.variables, key=lambda v: bool(v["agree"]))
            ]
        )
        self.variables.setFixedHeight(30 + 28 * min(max(len(case.variables), 2), 5))
        self._course = self._course_table()
        self.lesions = Rows(
            (
                Column("", 34, role="letter"),
                Column("Lesion"),
                Column("A", 46, role="second"),
                Column("", 84, right=True),
                Column("B", 46, role="second"),
                Column("", 84, right=True),
                Column("difference", 110, role="second"),
            )
        )
        self.chart = CourseChart()
        self._why_a, self._why_b = label("", wrap=True), label("", wrap=True)
        whole = QVBoxLayout(panel)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        for part in (self.variables, seam(), self._course, seam(), self.lesions, seam()):
            whole.addWidget(part, 1 if part is self.lesions else 0)
        why = QGridLayout()
        why.setContentsMargins(12, 8, 12, 8)
        why.setVerticalSpacing(6)
        why.setHorizontalSpacing(8)
        why.setColumnMinimumWidth(0, 20)
        why.addWidget(label("Why", "strong"), 0, 0, 1, 2)
        for k, (side, text) in enumerate((("A", self._why_a), ("B", self._why_b))):
            why.addWidget(SideTag(side), k + 1, 0, Qt.AlignmentFlag.AlignTop)
            why.addWidget(text, k + 1, 1)
        why.setColumnStretch(1, 1)
        whole.addLayout(why)
        self._chart_head = label("Course: sum of diameters, mm", "label")
        self._chart_head.setContentsMargins(12, 0, 0, 0)
        whole.addWidget(self._chart_head)
        whole.addWidget(self.chart)
        whole.addWidget(seam())
        whole.addLayout(self._choices(caps))
        return panel

    def _course_table(self) -> Rows:
        names = self.model.names
        columns = [Column("Course", 110)] + [
            Column(name + (" ≠" if k == self.model.case.parted_at else "")) for k, name in enumerate(names)
        ]
        table = Rows(columns)
        table.setFixedHeight(30 + 56)
        rows = []
        for side in (self.model.case.a, self.model.case.b):
            course = self._main_course(side)
            cells = [
                f"{p.sum_mm or '–'} · {p.overall}" if p.overall != "BL" else p.sum_mm or "–" for p in course.timepoints
            ]
            rows.append((f"{side.name}  sum, mm", *cells))
        table.set_rows(rows)
        table.clearSelection()
        table.horizontalHeader().setSectionsClickable(True)
        table.horizontalHeader().sectionClicked.connect(lambda k: self.model.go_to(k - 1) if k else None)
        table.setToolTip("Click a time point's head to see it in both pictures")
        return table

    def _main_course(self, side: Side) -> Course:
        """The criterion whose difference brought the case here, else the first."""
        named = [v["criterion"] for v in self.model.case.variables if not v["agree"] and v["criterion"]]
        return side.responses.of(named[0]) if named else side.responses.courses[0]

    def _choices(self, caps: dict[str, str]) -> QVBoxLayout:
        self.cards = [
            ChoiceCard("A", "Reading A", self._best_words(self.model.case.a), allowed=True),
            ChoiceCard("B", "Reading B", self._best_words(self.model.case.b), allowed=True),
            ChoiceCard("", "Read anew", "not in this protocol", allowed=False),
        ]
        cards = row(*self.cards, spacing=8)
        self.code = QComboBox()
        self.code.setPlaceholderText("reason")
        for code, words in REASONS.items():
            self.code.addItem(words, code)
        self.code.setCurrentIndex(-1)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("in your words")
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setPlaceholderText("password")
        self.sign_button = Button("Sign choice", key=caps["sign"], kind="primary", icon_name="lock")
        self.answer = label("", "blocked")
        box = QVBoxLayout()
        box.setContentsMargins(12, 8, 12, 10)
        box.setSpacing(8)
        box.addLayout(
            row(
                label("Your choice", "strong"),
                label("the chosen reading becomes the final one, whole and unchanged", "label"),
                None,
            )
        )
        box.addLayout(cards)
        reasons = row(self.code, self.reason)
        reasons.setStretch(1, 1)
        box.addLayout(reasons)
        self.meaning = label(f"Meaning. {MEANING.format(side='…')}", "label", wrap=True)
        box.addWidget(self.meaning)
        sign = row(self.password, self.answer, None, self.sign_button)
        box.addLayout(sign)
        return box

    def _best_words(self, side: Side) -> str:
        course = self._main_course(side)
        best = f"{course.best}, confirmed" if course.confirmed else course.best
        return f"Best {best}; " + ", ".join(p.overall for p in course.timepoints[1:])

    def _panel_width(self) -> int:
        return round((640 if self.width() >= 1600 else 560) * theme().scale)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Panel by screen; the chart goes first when space is short."""
        super().resizeEvent(event)
        self.panel.setFixedWidth(self._panel_width())
        small = self.height() < 900
        self.chart.setVisible(not small)
        self._chart_head.setVisible(not small)

    # --- connections -------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        self.model.changed.connect(self._show)
        self.model.said.connect(self.line.say)
        self.model.chosen.connect(self._chosen)
        self.model.refused.connect(self._refused)
        self.model.signed.connect(self.finished.emit)
        self.lesions.moved.connect(self._lesion_picked)
        self.tools.pressed.connect(self._act)
        self.sign_button.clicked.connect(self._sign)
        self.password.returnPressed.connect(self._sign)
        for card in self.cards:
            card.picked.connect(self.model.choose)
        for viewport in self.grid.viewports:
            viewport.drawn.connect(self._drawn)
        ScreenKeys(self, self._key_pressed)

    def _show(self) -> None:
        k = self.model.timepoint
        series = self.model.series(k)
        volume = self.model.volumes.get(series.uid) if series else None
        for viewport, side in zip(self.grid.shown(), (self.model.case.a, self.model.case.b), strict=True):
            name = series.name if series else ""
            viewport.set_head(
                Head(
                    f"Reading {side.name}",
                    self.model.names[k],
                    name,
                    (HeadItem("same slice", "link", "act"),),
                )
            )
            if volume is None:
                viewport.set_volume(None)
                viewport.set_message("Opening …")
                continue
            viewport.set_message("")
            if viewport.volume is not volume:
                viewport.set_volume(volume)
            if series is not None:
                viewport.set_marks(marks_of(side.reading, k, series.uid, locked=True, tag=side.name))
        self.link.clear_offsets()
        rows = self.model.lesions()
        self.lesions.set_rows(
            [
                (
                    Cell("≠" if one.difference else "", "letter"),
                    one.site,
                    one.a_label,
                    one.a_value,
                    one.b_label,
                    one.b_value,
                    one.difference,
                )
                for one in rows
            ],
            keep=False,
        )
        for text, side in ((self._why_a, self.model.case.a), (self._why_b, self.model.case.b)):
            point = self._main_course(side).timepoints[k]
            text.setText(with_minus(point.explanation) or "Baseline.")
        a, b = self._main_course(self.model.case.a), self._main_course(self.model.case.b)
        self.chart.show_courses(self.model.names, a, b, self.model.case.parted_at)
        self._lesion_picked(0)

    def _lesion_picked(self, index: int) -> None:
        rows = self.model.lesions()
        if 0 <= index < len(rows) and rows[index].place is not None:
            viewport = self.grid.shown()[0]
            if viewport.volume is not None:
                viewport.go_to(rows[index].place)  # type: ignore[arg-type]
                self.link.follow(viewport)

    def _chosen(self, side: str) -> None:
        for card in self.cards:
            card.set_chosen(bool(side) and card.side == side)
        self.meaning.setText(f"Meaning. {MEANING.format(side=side)}")

    def _refused(self, line: str) -> None:
        self.answer.setText(line)
        self.password.clear()
        self.password.setFocus()

    def _sign(self) -> None:
        self.answer.setText("")
        if not self.model.side:
            self.answer.setText("Choose reading A or B.")
        elif self.code.currentIndex() < 0 or not self.reason.text().strip():
            self.answer.setText("Give the reason: a code and a sentence.")
            (self.code if self.code.currentIndex() < 0 else self.reason).setFocus()
        elif not self.password.text():
            self.password.setFocus()
        else:
            self.model.sign(str(self.code.currentData()), self.reason.text(), self.password.text())

    def _drawn(self, drawn: object) -> None:
        from viewer.region_statistics import ellipse_statistics

        volume = self.grid.active.volume
        if isinstance(drawn, LengthLine):
            a, b = drawn.ends
            mm = sum((x - y) ** 2 for x, y in zip(a, b, strict=True)) ** 0.5
            self.model.say(f"Length {mm:.1f} mm. It is not kept.", "info")
        elif isinstance(drawn, Ellipse) and volume is not None:
            self.model.say(f"{ellipse_statistics(volume, drawn).text()}. It is not kept.", "info")

    def _set_tool(self, name: str) -> None:
        for viewport in self.grid.viewports:
            viewport.set_tool(name)
        self.tools.set_active(name)

    def _act(self, action: str) -> None:
        if action in ("length", "ellipse"):
            self._set_tool(action)
        elif action == "link":
            self.link.switch()
        elif action == "hide_marks":
            hidden = not self.grid.active.marks_hidden
            for viewport in self.grid.viewports:
                viewport.set_marks_hidden(hidden)

    def _key_pressed(self, watched: QWidget, event: QKeyEvent) -> bool:
        """A and B choose, the look keys work, text fields type."""
        action = self.keys.action_of(event)
        if isinstance(watched, QLineEdit | QPlainTextEdit | QComboBox) and action != "sign":
            return False
        if event.isAutoRepeat() and action not in ("slice_up", "slice_down"):
            return True
        return self._key(action, event)

    def _key(self, action: str | None, event: QKeyEvent) -> bool:
        active = self.grid.active
        if event.text() in ("a", "b"):
            self.model.choose(event.text().upper())
        elif action == "sign":
            self._sign()
        elif action == "next_open":
            count = len(self.model.lesions())
            self.lesions.selectRow((self.lesions.at + 1) % max(count, 1))
        elif action in ("length", "ellipse", "link", "hide_marks"):
            self._act(action)
        elif action and action.startswith("preset_"):
            active.set_preset(int(action[-1]))
        elif action in ("slice_up", "slice_down", "ten_up", "ten_down"):
            active.step_slices({"slice_up": -1, "slice_down": 1, "ten_up": -10, "ten_down": 10}[action])
        elif action == "reset_view":
            active.reset_look()
        elif action == "next_viewport" and self.grid.isAncestorOf(self.focusWidget() or self):
            self.grid.activate_next()
        else:
            return False
        return True
