"""Rows of responses: target, non-target, new, overall, what the reader states, and the why below."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFrame, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.windows.parts import Button, label, with_minus
from app.workflow.responses import CriterionResponse
from app.workflow.statements import Statement
from viewer.theme import theme

ALL_RESPONSES = {
    "recist11": ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "NA"),
    "mrecist": ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "NA"),
    "irecist": ("iCR", "iPR", "iSD", "NON-iCR/NON-iUPD", "iUPD", "iCPD", "NE", "NA"),
}
STATED_WIDTH = 148


def overall_box(text: str) -> QLabel:
    """The overall response in its box."""
    box = label(text, "strong")
    box.setAlignment(Qt.AlignmentFlag.AlignCenter)
    box.setStyleSheet(f"border: 1px solid {theme().hexes['line-control']}; border-radius: 3px; padding: 2px 8px;")
    return box


def why_box(response: CriterionResponse) -> QFrame:
    """The rule sentence, what drove it, the rules."""
    frame = QFrame()
    frame.setObjectName("well")
    box = QVBoxLayout(frame)
    box.setContentsMargins(12, 6, 12, 6)
    box.setSpacing(3)
    box.addWidget(label(with_minus(response.explanation) or "No follow-up yet: this is the baseline.", wrap=True))
    drivers = f"Driven by {' · '.join(response.drivers)}" if response.drivers else ""
    mixed = f"Mixed response: {response.mixed}" if response.mixed else ""
    rules = f"Rules {response.rules}" if response.rules else ""
    box.addWidget(label("     ".join(part for part in (drivers, mixed, rules) if part), "small", wrap=True))
    return frame


class StatedChoice(QComboBox):
    """What the reader states by one criterion; empty until chosen."""

    def __init__(self, statement: Statement) -> None:
        super().__init__()
        self.setPlaceholderText("you state")
        self.addItems(list(ALL_RESPONSES.get(statement.standard, ())))
        self.setCurrentIndex(self.findText(statement.overall))
        self.setAccessibleName(f"{statement.title}, you state")
        self.setFixedWidth(round(STATED_WIDTH * theme().scale))


class ResponseRow(QWidget):
    """One criterion on the sign sheet; `stated` carries criterion, response and reason."""

    stated = Signal(str, str, str)

    def __init__(self, response: CriterionResponse, statement: Statement | None, *, fixed: bool = False) -> None:
        super().__init__()
        self._response = response
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        self.opener = Button("▸", kind="quiet", small=True, tip="Why")
        grid.addWidget(self.opener, 0, 0)
        grid.addWidget(label(response.title), 0, 1)
        for column, text in ((2, response.target), (3, response.non_target), (4, response.new_lesion)):
            one = label(text or "–", "second")
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(one, 0, column)
        grid.addWidget(overall_box("baseline" if response.overall == "BL" else response.overall), 0, 5)
        self.choice = StatedChoice(
            statement or Statement(response.criterion, response.standard, response.title, "", "")
        )
        self.choice.setVisible(statement is not None)
        self.choice.setEnabled(not fixed)
        grid.addWidget(self.choice, 0, 6)
        stated = STATED_WIDTH if statement is not None or response.overall == "BL" else 0
        for column, least in ((1, 178), (2, 36), (3, 122), (4, 36), (5, 68), (6, stated)):  # the rows align
            grid.setColumnMinimumWidth(column, round(least * theme().scale))
        grid.setColumnStretch(1, 1)
        self.why = why_box(response)
        self.why.hide()
        said = statement.overall if statement is not None else ""
        self.reason = QLineEdit(statement.reason if statement is not None else "")
        self.reason.setPlaceholderText("why you state another response than the derived one")
        self.reason.setVisible(bool(said) and said != response.overall)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(grid)
        whole.addWidget(self.why)
        whole.addWidget(self.reason)
        self.opener.clicked.connect(self.toggle)
        self.choice.activated.connect(lambda _: self._chosen())
        self.reason.editingFinished.connect(self._chosen)

    def toggle(self) -> None:
        """Open or close the why."""
        self.why.setVisible(self.why.isHidden())
        self.opener.setText("▸" if self.why.isHidden() else "▾")

    @property
    def wants_answer(self) -> bool:
        """The reader has not stated it yet."""
        return self.choice.isVisible() and self.choice.isEnabled() and self.choice.currentIndex() < 0

    def _chosen(self) -> None:
        said = self.choice.currentText()
        differs = bool(said) and said != self._response.overall
        self.reason.setVisible(differs)
        if said:
            self.stated.emit(self._response.criterion, said, self.reason.text() if differs else "")
        if differs and not self.reason.text():
            self.reason.setFocus()


class StatementRow(QWidget):
    """One criterion where the derived response is hidden: only what the reader states."""

    stated = Signal(str, str, str)

    def __init__(self, statement: Statement) -> None:
        super().__init__()
        self.choice = StatedChoice(statement)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(label(statement.title), 0, 0)
        grid.addWidget(self.choice, 0, 1)
        grid.setColumnStretch(0, 1)
        self.choice.activated.connect(lambda _: self.stated.emit(statement.criterion, self.choice.currentText(), ""))

    @property
    def wants_answer(self) -> bool:
        """The reader has not stated it yet."""
        return self.choice.currentIndex() < 0

    def toggle(self) -> None:
        """There is no why to open here."""
