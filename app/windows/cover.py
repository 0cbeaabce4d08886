"""Covers: the short one after signing, the one after a while without a hand, and the word when nothing can start."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QLineEdit, QVBoxLayout, QWidget

from app.background import Jobs
from app.windows.parts import Button, label, row
from app.workflow.accounts import LoginRefused, password_fits
from app.workflow.ports import Ports
from measure.session import Session


class Cover(QWidget):
    """A plain ground; nothing on it says what comes."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("screen")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)


class IdleCover(QWidget):
    """Covers all after a while; the password brings the work back as it was."""

    def __init__(self, parent: QWidget, ports: Ports, session: Session, jobs: Jobs) -> None:
        super().__init__(parent)
        self.setObjectName("screen")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._ports, self._session, self._jobs = ports, session, jobs
        name = QLineEdit(session.user_name)
        name.setReadOnly(True)
        name.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self._answer = label("", "blocked")
        self.button = Button("Continue", key="Return", kind="primary")
        box = QVBoxLayout()
        box.setContentsMargins(28, 24, 28, 24)
        box.setSpacing(8)
        box.addWidget(label("Locked after 15 minutes. Your work is saved.", "section"))
        box.addSpacing(8)
        for words, field in (("Name", name), ("Password", self.password)):
            box.addWidget(label(words, "label"))
            field.setFixedHeight(34)
            box.addWidget(field)
        box.addWidget(self._answer)
        box.addWidget(self.button)
        card = QFrame()
        card.setObjectName("card")
        card.setLayout(box)
        card.setFixedWidth(420)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addLayout(row(None, card, None))
        whole.addStretch(3)
        self.password.returnPressed.connect(self._try)
        self.button.clicked.connect(self._try)

    def _try(self) -> None:
        password = self.password.text()
        work = partial(password_fits, self._ports, self._session, password)
        self._jobs.start("", lambda _: work(), self._answered, owner=self)

    def _answered(self, answer: LoginRefused | None) -> None:
        if answer is None:
            self.hide()
            self.deleteLater()
            return
        self._answer.setText(answer.line + (f" Next try in {answer.wait_s} s." if answer.wait_s else ""))
        self.password.clear()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Nothing goes through."""
        event.accept()


class RefusalWindow(QWidget):
    """One line and a way out."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setObjectName("screen")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setWindowTitle("coread")
        self.resize(760, 220)
        self.text = label(text, wrap=True)
        close = Button("Close", key="Esc", kind="primary")
        close.clicked.connect(QApplication.quit)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(28, 24, 28, 24)
        whole.addWidget(label("coread cannot start", "section"))
        whole.addSpacing(8)
        whole.addWidget(self.text)
        whole.addStretch(1)
        whole.addLayout(row(None, close))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            QApplication.quit()
