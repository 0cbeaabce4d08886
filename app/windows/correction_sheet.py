"""A reader asks for a signed time point to be opened again: which one, of what kind, why."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QVBoxLayout, QWidget

from app.windows.manager.tab import Choice, field
from app.windows.parts import Button, label, row
from app.workflow.correct_read import CATEGORIES, SignedPart

WIDTH = 520


class CorrectionSheet(QFrame):
    """`closed` when it goes; ask(time point, kind, reason) says whether the request was stored."""

    closed = Signal()

    def __init__(self, parts: Sequence[SignedPart], ask: Callable[[str, str, str], bool], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.setFixedWidth(WIDTH)
        self._ask = ask
        self.part, self.kind = Choice("choose"), Choice("choose")
        self.part.set_choices([(one.read_timepoint_id, f"{one.code}, {one.name}") for one in parts])
        self.kind.set_choices(list(CATEGORIES.items()))
        self.why = QPlainTextEdit()
        self.why.setFixedHeight(72)
        self.why.setTabChangesFocus(True)
        self.why.setAccessibleName("Reason")
        self.why.setPlaceholderText("what is wrong in what you signed")
        self.button = Button("Ask for correction", kind="primary")
        back = Button("back", key="Esc", kind="quiet", small=True)
        back.clicked.connect(self.closed.emit)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 16, 24, 16)
        whole.setSpacing(10)
        whole.addLayout(row(label("Ask for a correction", "title"), None, back))
        words = (
            "What you signed stays as it is. When another person approves, the time point opens again as a new version."
        )
        whole.addWidget(label(words, "second", wrap=True))
        whole.addLayout(field("Signed time point", self.part))
        whole.addLayout(field("Kind", self.kind))
        whole.addLayout(field("Reason", self.why))
        whole.addLayout(row(None, self.button))
        for choice in (self.part, self.kind):
            choice.activated.connect(lambda _: self._gate())
        self.why.textChanged.connect(self._gate)
        self.button.clicked.connect(self._send)
        self._gate()

    def _gate(self) -> None:
        self.button.setEnabled(bool(self.part.value and self.kind.value and self.why.toPlainText().strip()))

    def _send(self) -> None:
        if self._ask(self.part.value, self.kind.value, self.why.toPlainText()):
            self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
        event.accept()
