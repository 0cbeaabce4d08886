"""What all tabs share: cards with heads, fields with their label, combos that never guess."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QLabel, QLayout, QVBoxLayout, QWidget

from app.models.manager.tab_model import TabModel
from app.windows.lists import Rows
from app.windows.parts import label, row
from viewer.theme import theme

NARROW = 1600


class Tab(QWidget):
    """One tab: loads when it is shown, lays out anew when the window gets narrow."""

    def __init__(self, model: TabModel) -> None:
        super().__init__()
        self.model: TabModel = model
        self._narrow: bool | None = None
        self.outer = QHBoxLayout(self)
        margin = theme().whole_px("screen-margin")
        self.outer.setContentsMargins(margin, margin, margin, margin - 4)
        self.outer.setSpacing(theme().whole_px("card-gap"))

    def look(self) -> None:
        """Load what the tab shows."""
        self.model.refresh()

    def set_narrow(self, narrow: bool) -> None:
        """The window is narrower than NARROW, or no longer is."""
        if narrow != self._narrow:
            self._narrow = narrow
            self.lay_out(narrow)

    def lay_out(self, narrow: bool) -> None:
        """Adapt; the tabs override it."""


class Card(QFrame):
    """A card: `head` (a row), then what is added."""

    def __init__(self, title: str = "", *more: QWidget | int | None, padding: int = 0) -> None:
        super().__init__()
        self.setObjectName("card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(1, 1, 1, 1)
        self.column.setSpacing(0)
        self.title = label(title, "section")
        self.padding = padding
        if title or more:
            self.column.addLayout(row(self.title, *more, margins=(12, 8, 10, 8)))

    def add(self, what: QWidget | QLayout, stretch: int = 0, *, padded: bool = False) -> None:
        """Put something below; padded ones keep the card's inner margin."""
        if padded:
            holder = QWidget()
            inner = QVBoxLayout(holder)
            inner.setContentsMargins(12, 6, 12, 6)
            inner.setSpacing(6)
            if isinstance(what, QWidget):
                inner.addWidget(what)
            else:
                inner.addLayout(what)
            what = holder
        if isinstance(what, QWidget):
            self.column.addWidget(what, stretch)
        else:
            self.column.addLayout(what, stretch)


class Choice(QComboBox):
    """A combo box that never guesses; the wheel never changes it by accident."""

    def __init__(self, words: str = "", *, typed: bool = False) -> None:
        super().__init__()
        self.setEditable(typed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        if words:
            self.setPlaceholderText(words)
        edit = self.lineEdit()
        if edit is not None:
            edit.setPlaceholderText(words)
            edit.setFrame(False)
            edit.setStyleSheet("background: transparent; border: none; padding: 0; min-height: 0;")
            self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
            self.setCompleter(None)  # type: ignore[arg-type]

    def set_choices(self, choices: Sequence[tuple[str, str]], chosen: str = "") -> None:
        """Choices as (value, words), and the value that is chosen; none chosen where it is not among them."""
        self.blockSignals(True)
        self.clear()
        for value, words in choices:
            self.addItem(words, value)
        at = self.findData(chosen)
        self.setCurrentIndex(at)
        if self.isEditable() and at < 0:
            self.setEditText(chosen)
        self.blockSignals(False)

    @property
    def value(self) -> str:
        """The value chosen, or what was typed."""
        if self.isEditable():
            at = self.findText(self.currentText())
            return str(self.itemData(at)) if at >= 0 else self.currentText().strip()
        return str(self.currentData() or "")

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolling a page must not change an answer."""
        event.ignore()


def unselected(table: Rows) -> Rows:
    """A table to look at: nothing in it is chosen."""
    table.setSelectionMode(Rows.SelectionMode.NoSelection)
    table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return table


def field(words: str, widget: QWidget) -> QVBoxLayout:
    """A field with its label above."""
    column = QVBoxLayout()
    column.setSpacing(3)
    column.addWidget(label(words, "label"))
    column.addWidget(widget)
    widget.setAccessibleName(words)
    return column


def fact(words: str, value: str = "", *, width: int = 120) -> tuple[QHBoxLayout, QLabel]:
    """A line `words   value`; returns the row and the value's label."""
    left = label(words, "second")
    left.setFixedWidth(width)
    left.setAlignment(Qt.AlignmentFlag.AlignTop)
    right = label(value, wrap=True)
    right.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    made = QHBoxLayout()
    made.setSpacing(8)
    made.addWidget(left)
    made.addWidget(right, 1)
    return made, right
