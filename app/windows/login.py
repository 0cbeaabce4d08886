"""Login: one card in the middle; the demo lists its ready-made users."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QEnterEvent, QGuiApplication, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.background import Jobs
from app.models.login import LoginModel
from app.windows.frame import DEMO_WORDS, MessageLine
from app.windows.parts import Button, Chip, icon_pixmap, label, row
from viewer.theme import theme


@dataclass(frozen=True)
class DemoUser:
    """A ready-made user as the demo's login lists it."""

    name: str
    role: str
    does: str


class Mark(QWidget):
    """The program's mark: two readings of one thing."""

    def __init__(self, size: int = 40) -> None:
        super().__init__()
        self.setFixedSize(size, size)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Two circles, one drawn through, one dashed, and what they share."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = self.width()
        one = QRectF(side * 0.08, side * 0.2, side * 0.56, side * 0.56)
        pen = QPen(theme().colour("text"), 2.4)
        painter.setPen(pen)
        painter.drawEllipse(one)
        pen.setDashPattern([2.2, 1.4])
        painter.setPen(pen)
        painter.drawEllipse(one.translated(side * 0.28, 0))
        painter.setPen(QPen(theme().colour("act"), 2.4))
        shared = one.center() + QPointF(side * 0.14, 0.0)
        half = QPointF(0.0, side * 0.2)
        painter.drawLine(shared - half, shared + half)
        painter.end()


class _UserRow(QFrame):
    picked = Signal(str)

    def __init__(self, user: DemoUser) -> None:
        super().__init__()
        self.user = user
        self.setFixedHeight(38)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        picture = QLabel()
        picture.setPixmap(icon_pixmap("user", "text-second", 15))
        layout.addWidget(picture)
        for text, width, role in ((user.name, 112, "strong"), (user.role, 100, "")):
            one = label(text, role)
            one.setFixedWidth(width)
            layout.addWidget(one)
        layout.addWidget(label(user.does, "second"))
        layout.addStretch(1)
        self._chosen = False
        self._look(hover=False)

    def choose(self, chosen: bool) -> None:
        """Show it as chosen."""
        self._chosen = chosen
        self._look(hover=False)

    def _look(self, *, hover: bool) -> None:
        c = theme().hexes
        ground = c["act-dim"] if self._chosen else c["row-hover"] if hover else "transparent"
        edge = f"border-left: 3px solid {c['act']};" if self._chosen else "border-left: 3px solid transparent;"
        self.setStyleSheet(f"_UserRow {{ background: {ground}; {edge} }}")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Fill in this user."""
        self.picked.emit(self.user.name)

    def enterEvent(self, event: QEnterEvent) -> None:
        """Hover."""
        self._look(hover=True)

    def leaveEvent(self, event: QEvent) -> None:
        """Hover ends."""
        self._look(hover=False)


class LoginScreen(QWidget):
    """Name, password, trial; wrong answers in one line under the password."""

    def __init__(
        self,
        model: LoginModel,
        jobs: Jobs,
        *,
        version: str,
        place: str,
        demo_users: Sequence[DemoUser],
        password: str,
    ) -> None:
        super().__init__()
        self.setObjectName("screen")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._model, self._password = model, password
        self._rows: list[_UserRow] = []
        self.name, self.password, self.trial = QLineEdit(), QLineEdit(), QComboBox()
        self.name.setAccessibleName("Name")
        self.password.setAccessibleName("Password")
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.answer = label("", "blocked", wrap=True)
        self.caps = label("Caps lock is on", "needs")
        self.caps.hide()
        self.button = Button("Log in", key="Return", kind="primary")
        self.button.setFixedHeight(34)
        middle = QVBoxLayout()
        middle.setSpacing(16)
        middle.addLayout(self._head(bool(demo_users)))
        cards = QHBoxLayout()
        cards.setSpacing(0)
        cards.addWidget(self._form())
        if demo_users:
            cards.addWidget(self._users(demo_users))
        card = QFrame()
        card.setObjectName("card")
        card.setLayout(cards)
        card.setFixedWidth(980 if demo_users else 420)
        middle.addWidget(card)
        middle.addLayout(self._not_a_device())
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addStretch(5)
        whole.addLayout(row(None, _holder(middle), None))
        whole.addStretch(6)
        line = MessageLine(jobs)
        line.layout().insertWidget(0, label(version, "label"))  # type: ignore[union-attr]
        line.facts.setText(place)
        whole.addWidget(line)
        self.line = line
        self.button.clicked.connect(self._try)
        self.password.returnPressed.connect(self._try)
        self.name.returnPressed.connect(self.password.setFocus)
        model.refused.connect(self._refused)
        model.busy.connect(lambda busy: self.button.setEnabled(not busy))
        for trial_id, title in model.trials():
            self.trial.addItem(title, trial_id)
        self._trial_part.setVisible(self.trial.count() != 1 or bool(demo_users))
        self.name.setFocus()

    def _head(self, demo: bool) -> QHBoxLayout:
        words = QVBoxLayout()
        words.setSpacing(0)
        name = label("coread", "title")
        name.setStyleSheet(f"font-size: {round(theme().font('title').pixelSize() * 1.5)}px; font-weight: 600;")
        words.addWidget(name)
        words.addWidget(label("Blinded central reading of imaging trials", "second"))
        head = QHBoxLayout()
        head.addWidget(Mark())
        head.addSpacing(8)
        head.addLayout(words)
        head.addStretch(1)
        if demo:
            head.addWidget(Chip(DEMO_WORDS))
        return head

    def _form(self) -> QWidget:
        inner = QVBoxLayout()
        inner.setContentsMargins(28, 24, 28, 24)
        inner.setSpacing(6)
        inner.addWidget(label("Log in", "section"))
        inner.addSpacing(10)
        for text, field in (("Name", self.name), ("Password", self.password)):
            inner.addWidget(label(text, "label"))
            field.setFixedHeight(34)
            inner.addWidget(field)
            inner.addSpacing(8)
        inner.addWidget(self.caps)
        inner.addWidget(self.answer)
        trial = QVBoxLayout()
        trial.setContentsMargins(0, 0, 0, 8)
        trial.setSpacing(6)
        trial.addWidget(label("Trial", "label"))
        self.trial.setFixedHeight(34)
        trial.addWidget(self.trial)
        self._trial_part = QWidget()
        self._trial_part.setLayout(trial)
        inner.addWidget(self._trial_part)
        inner.addWidget(self.button)
        inner.addSpacing(10)
        hint = "Each wrong password makes the next wait longer; five lock the name, an administrator unlocks it."
        inner.addWidget(label(hint, "hint", wrap=True))
        inner.addStretch(1)
        holder = QWidget()
        holder.setLayout(inner)
        holder.setFixedWidth(380)
        return holder

    def _users(self, users: Sequence[DemoUser]) -> QWidget:
        inner = QVBoxLayout()
        inner.setContentsMargins(16, 24, 20, 20)
        inner.setSpacing(0)
        hint = label("click to fill in · password ", "hint")
        word = label(self._password, "strong")
        inner.addLayout(row(label("Demo users", "section"), None, hint, word, spacing=0, margins=(12, 0, 8, 10)))
        for user in users:
            line = _UserRow(user)
            line.picked.connect(self.fill)
            self._rows.append(line)
            inner.addWidget(line)
        inner.addSpacing(12)
        text = (
            "Synthetic patients whose true sizes and responses are known, so that every number on screen can be "
            "checked. Nothing in the demo can enter an export of a trial."
        )
        inner.addWidget(label(text, "hint", wrap=True))
        inner.addStretch(1)
        holder = QFrame()
        holder.setStyleSheet(f"QFrame#users {{ border-left: 1px solid {theme().hexes['line']}; }}")
        holder.setObjectName("users")
        holder.setLayout(inner)
        return holder

    def _not_a_device(self) -> QHBoxLayout:
        picture = QLabel()
        picture.setPixmap(icon_pixmap("shield-check", "text-second", 16))
        return row(
            picture,
            label("For research reading only.", "second"),
            label("Not a medical device.", "strong"),
            label("Not for diagnosis or treatment.", "second"),
            None,
            spacing=4,
        )

    def fill(self, name: str) -> None:
        """Fill in a demo user."""
        self.name.setText(name)
        self.password.setText(self._password)
        for line in self._rows:
            line.choose(line.user.name == name)
        self.password.setFocus()

    def again(self) -> None:
        """Empty for the next person."""
        self.password.clear()
        self.answer.clear()
        (self.password if self.name.text() else self.name).setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Caps lock is told."""
        letter = event.text()
        if letter.isalpha():
            shift = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.caps.setVisible(letter.isupper() != shift)
        super().keyPressEvent(event)

    def _try(self) -> None:
        self._model.log_in(self.name.text(), self.password.text(), str(self.trial.currentData() or ""))

    def _refused(self, line: str) -> None:
        self.answer.setText(line)
        if line:
            self.password.clear()
            self.password.setFocus()


def _holder(layout: QVBoxLayout) -> QWidget:
    layout.setContentsMargins(0, 0, 0, 0)
    holder = QWidget()
    holder.setLayout(layout)
    return holder
