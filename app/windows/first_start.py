"""First start: the demo trial is being made; what, why, how long, and another way out."""

from __future__ import annotations

from time import monotonic

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QProgressBar, QVBoxLayout, QWidget

from app.windows.frame import DEMO_WORDS
from app.windows.login import Mark
from app.windows.parts import Button, Chip, label, row


class FirstStart(QWidget):
    """Progress of making the demo; `cancelled` when the person wants out."""

    cancelled = Signal()
    again = Signal()

    def __init__(self, place: str) -> None:
        super().__init__()
        self.setObjectName("screen")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._began = monotonic()
        self._words = label("drawing synthetic patients", "second")
        self._count = label("", "second")
        self._bar = QProgressBar()
        self._bar.setTextVisible(False)
        self.button = Button("Cancel", key="Esc")
        box = QVBoxLayout()
        box.setContentsMargins(28, 24, 28, 24)
        box.setSpacing(12)
        head = QHBoxLayout()
        head.addWidget(Mark())
        head.addSpacing(8)
        title = QVBoxLayout()
        title.addWidget(label("The demo trial is being made", "title"))
        title.addWidget(label("There is no workspace on this computer yet.", "second"))
        head.addLayout(title)
        head.addStretch(1)
        head.addWidget(Chip(DEMO_WORDS))
        box.addLayout(head)
        text = (
            "Nine synthetic patients with liver metastases, read over several scans. Their true sizes and responses "
            "are known, so every number on screen can be checked. Nothing is downloaded; no real image can enter it."
        )
        box.addWidget(label(text, "second", wrap=True))
        box.addWidget(self._bar)
        box.addLayout(row(self._words, None, self._count))
        box.addLayout(row(label(place, "hint"), None, self.button))
        card = QFrame()
        card.setObjectName("card")
        card.setLayout(box)
        card.setFixedWidth(760)
        whole = QVBoxLayout(self)
        whole.addStretch(2)
        whole.addLayout(row(None, card, None))
        whole.addStretch(3)
        self.button.clicked.connect(self.cancelled.emit)

    def show_step(self, done: int, total: int, words: str) -> None:
        """Show how far it is."""
        self._bar.setRange(0, max(total, 1))
        self._bar.setValue(done)
        self._words.setText(words)
        spent = monotonic() - self._began
        left = ""
        if done > 2 and spent > 3:
            seconds = spent / done * (total - done)
            left = f", about {max(int(seconds / 10 + 0.5) * 10, 10)} s left"
        self._count.setText(f"{done} of {total} scans{left}")

    def show_problem(self, text: str) -> None:
        """What went wrong, and another try."""
        self._words.setText(text)
        self._words.setWordWrap(True)
        self._count.setText("")
        self.button.setText("Close")
