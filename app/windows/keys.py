"""The key table in the windows: which key does what, key caps, and the F1 sheet made from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.windows.parts import Button, KeyCap, label, row

GROUPS = {"lesions": "Lesions", "state": "State", "draw": "Draw", "look": "Look", "move": "Move and lay out"}
_DIGITS = {getattr(Qt.Key, f"Key_{n}"): str(n) for n in range(10)}


@dataclass(frozen=True)
class KeyAction:
    """One row of the key table."""

    name: str
    key: str
    label: str
    group: str
    help: str


@dataclass(frozen=True)
class MouseAction:
    """What one movement of the mouse does."""

    hand: str
    label: str


class KeyMap:
    """Key to action and back; two actions on one key are refused when the table is read."""

    def __init__(self, actions: Mapping[str, KeyAction], mouse: tuple[MouseAction, ...]) -> None:
        self.actions, self.mouse = dict(actions), mouse
        self._by_key = {_plain(action.key): name for name, action in actions.items()}

    def action_of(self, event: QKeyEvent) -> str | None:
        """The action a key press means, None for none. Digits are those of the keyboard, whatever its layout."""
        return self._by_key.get(_pressed(event))

    def key_of(self, name: str) -> str:
        """The key of an action."""
        return self.actions[name].key


def _plain(key: str) -> str:
    return key.replace(" ", "").casefold()


def _pressed(event: QKeyEvent) -> str:
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = event.key()
    if key == Qt.Key.Key_Enter:
        key = Qt.Key.Key_Return
    if event.text() == "?" or key == Qt.Key.Key_Question:
        return "?"
    if key == Qt.Key.Key_Backtab:
        return "shift+tab"
    text = _DIGITS.get(key) or QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
    parts = [
        word
        for flag, word in (
            (Qt.KeyboardModifier.ControlModifier, "ctrl"),
            (Qt.KeyboardModifier.AltModifier, "alt"),
            (Qt.KeyboardModifier.ShiftModifier, "shift"),
        )
        if modifiers & flag
    ]
    return _plain("+".join([*parts, text]))


class KeySheet(QFrame):
    """F1: keys and mouse of the reading, from the one table, with a search field."""

    closed = Signal()

    def __init__(self, keys: KeyMap, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self._lines: list[tuple[str, QWidget]] = []
        self.search = QLineEdit()
        self.search.setPlaceholderText("search")
        self.search.setFixedWidth(240)
        back = Button("close", key="Esc", kind="quiet", small=True)
        back.clicked.connect(self.closed.emit)
        columns = QGridLayout()
        columns.setHorizontalSpacing(28)
        columns.setVerticalSpacing(10)
        places = {"lesions": (0, 0), "state": (1, 0), "draw": (0, 1), "look": (0, 2), "move": (1, 1)}
        for group, words in GROUPS.items():
            box = QVBoxLayout()
            box.setSpacing(2)
            box.addWidget(label(words, "section"))
            for action in keys.actions.values():
                if action.group == group:
                    box.addWidget(self._line(action.key, action.label, action.help))
            if group == "move":
                box.addSpacing(8)
                box.addWidget(label("Mouse", "section"))
                for one in keys.mouse:
                    box.addWidget(self._line(one.hand, one.label, ""))
            box.addStretch(1)
            row_at, column = places[group]
            columns.addLayout(box, row_at, column, 2 if group == "look" else 1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 16, 24, 16)
        whole.addLayout(row(label("Keys and mouse", "title"), 16, self.search, None, back))
        holder = QWidget()
        holder.setLayout(columns)
        scroll = QScrollArea()
        scroll.setWidget(holder)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole.addWidget(scroll)
        self.search.textChanged.connect(self._filter)

    def _line(self, key: str, words: str, help_text: str) -> QWidget:
        caps = KeyCap(key)
        caps.setFixedWidth(max(caps.width(), 30))
        line = QWidget()
        line.setLayout(row(caps, label(words), None, spacing=8))
        line.setToolTip(help_text)
        line.setFixedHeight(24)
        self._lines.append((f"{key} {words} {help_text}".casefold(), line))
        return line

    def _filter(self, text: str) -> None:
        for words, line in self._lines:
            line.setVisible(text.casefold() in words)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F1):
            self.closed.emit()
            return
        event.accept()
