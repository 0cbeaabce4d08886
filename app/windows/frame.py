"""The frame of every screen: a top bar, the body, the message line at the bottom."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from app.background import Jobs
from app.models.messages import BLOCKED, INFO, NEEDS, Message
from app.windows.parts import Chip, icon_pixmap, label
from viewer.theme import theme

DEMO_WORDS = "demo, synthetic images"
_ICON = {INFO: ("info", "act"), NEEDS: ("triangle-alert", "needs"), BLOCKED: ("octagon-x", "blocked")}
_LONGEST = 110


class MessageLine(QFrame):
    """One line. Info goes with the next action; amber stays until answered, red until read; they wait in turn."""

    def __init__(self, jobs: Jobs) -> None:
        super().__init__()
        self.setObjectName("line")
        self.setFixedHeight(theme().whole_px("message-line"))
        self._icon, self._text, self._more = QLabel(), label(), label(role="label")
        self.facts = label(role="label")
        self._job, self._count, self._cancel = (
            label(role="label"),
            label(role="label"),
            label("cancel", "link"),
        )
        self._cancel.setCursor(Qt.CursorShape.PointingHandCursor)
        self._cancel.mousePressEvent = lambda _: self._cancel_job()  # type: ignore[method-assign]
        self._bar = QProgressBar()
        self._bar.setFixedSize(QSize(140, 6))
        self._bar.setTextVisible(False)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 0, 12, 0)
        layout.setSpacing(8)
        for left in (self._icon, self._text, self._more):
            layout.addWidget(left)
        layout.addStretch(1)
        job_parts: tuple[QWidget, ...] = (self._job, self._bar, self._count, self._cancel, self.facts)
        for right in job_parts:
            layout.addWidget(right)
        self._waiting: list[Message] = []
        self._jobs = jobs
        jobs.changed.connect(self._show_job)
        self._show()
        self._show_job()

    @property
    def text(self) -> str:
        """The line as it stands."""
        return self._text.text()

    def say(self, message: Message) -> None:
        """Show a line; a newer info never covers an amber or red one."""
        self._waiting = [m for m in self._waiting if m.kind == BLOCKED and m.text != message.text]
        if message.kind == BLOCKED or not self._waiting:
            self._waiting.append(message)
        else:
            self._waiting.insert(0, message)
        self._show()

    def read(self) -> None:
        """The line was read (click or Esc): the next one comes."""
        if self._waiting:
            self._waiting.pop()
        self._show()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click has read the line."""
        self.read()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys go on to the screen."""
        event.ignore()

    def _show(self) -> None:
        message = self._waiting[-1] if self._waiting else Message("")
        name, token = _ICON[message.kind]
        if message.text:
            self._icon.setPixmap(icon_pixmap(name, token, 16, self.devicePixelRatioF()))
        else:
            self._icon.clear()
        short = message.text if len(message.text) <= _LONGEST else message.text[: _LONGEST - 1] + "…"
        self._text.setText(short)
        self._text.setToolTip(message.text if short != message.text else "")
        more = len(self._waiting) - 1
        self._more.setText(f"+{more}" if more > 0 else "")

    def _show_job(self) -> None:
        running = [j for j in self._jobs.running if j.name]
        for widget in (self._job, self._bar, self._count, self._cancel):
            widget.setVisible(bool(running))
        if not running:
            return
        job = running[0]
        self._job.setText(job.name)
        done, total = job.done
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(done)
        self._count.setText(f"{done} of {total}" if total else "")

    def _cancel_job(self) -> None:
        for job in self._jobs.running[:1]:
            job.cancel()


class Screen(QWidget):
    """A screen: `bar` (left), `bar_right`, `body`, `line`."""

    help_asked = Signal()
    left = Signal()

    def __init__(
        self, jobs: Jobs, *, demo: bool, user: str = "", title: str = "coread", demo_right: bool = False
    ) -> None:
        super().__init__()
        self.setObjectName("screen")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        bar = QFrame()
        bar.setObjectName("bar")
        bar.setFixedHeight(theme().whole_px("top-bar"))
        across = QHBoxLayout(bar)
        across.setContentsMargins(12, 0, 12, 0)
        across.setSpacing(12)
        self.title = label(title, "code")
        across.addWidget(self.title)
        self.bar = QHBoxLayout()
        self.bar.setSpacing(8)
        across.addLayout(self.bar)
        across.addStretch(1)
        self.bar_right = QHBoxLayout()
        self.bar_right.setSpacing(12)
        across.addLayout(self.bar_right)
        self.demo_chip = Chip(DEMO_WORDS)
        self.demo_chip.setVisible(demo)
        (self.bar_right if demo_right else self.bar).addWidget(self.demo_chip)
        if user:
            self.bar_right.addWidget(_linked("keyboard", "F1", "Keys and mouse (F1)", self.help_asked.emit))
            self.bar_right.addWidget(_linked("user", user, user, None))
            self.bar_right.addWidget(_linked("log-out", "Log out", "Log out", self.left.emit))
        whole.addWidget(bar)
        self.body = QWidget()
        whole.addWidget(self.body, 1)
        self.line = MessageLine(jobs)
        whole.addWidget(self.line)


def _linked(icon_name: str, text: str, tip: str, action: object) -> QWidget:
    from app.windows.parts import Button

    if action is None:
        holder = QWidget()
        layout = QHBoxLayout(holder)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        picture = QLabel()
        picture.setPixmap(icon_pixmap(icon_name, "text-second", 15))
        layout.addWidget(picture)
        layout.addWidget(label(text, "second"))
        return holder
    button = Button(text, kind="quiet", icon_name=icon_name, small=True, tip=tip)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(lambda _=False: action())  # type: ignore[operator]
    return button
