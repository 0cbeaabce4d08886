"""F1: keys and mouse of the reading from the one table, with a search field; a click on a line gives it another key."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.windows.key_map import KeyMap, written
from app.windows.parts import Button, KeyCap, label, row
from measure.refusal import Refused

GROUPS = {"lesions": "Lesions", "state": "State", "draw": "Draw", "look": "Look", "move": "Move and lay out"}
WAITING = "press a key"


class KeyLine(QWidget):
    """One row of the sheet; `picked` carries the action to be given another key, empty names are the mouse's."""

    picked = Signal(str)

    def __init__(self, name: str, key: str, words: str, help_text: str) -> None:
        super().__init__()
        self.name, self._words, self._help = name, words, help_text
        self.caps = KeyCap(key)
        self.setLayout(row(self.caps, label(words), None, spacing=8))
        self.setFixedHeight(24)
        self.show_key(key)

    def show_key(self, key: str) -> None:
        """Show another key."""
        self.caps.set_key(key)
        self.caps.setFixedWidth(max(self.caps.width(), 30))  # the words stand below each other
        self.searched = f"{key} {self._words} {self._help}".casefold()
        change = "  Click to change the key." if self.name else ""
        self.setToolTip(f"{self._help}{change}".strip())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose it."""
        if self.name:
            self.picked.emit(self.name)


class KeySheet(QFrame):
    """Lines by group; `closed` when it goes, `rebound` when a key was changed."""

    closed = Signal()
    rebound = Signal()

    def __init__(self, keys: KeyMap, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self._keys = keys
        self.lines: dict[str, KeyLine] = {}
        self._mouse: list[KeyLine] = []
        self._capturing = ""
        self.search = QLineEdit()
        self.search.setPlaceholderText("search")
        self.search.setFixedWidth(240)
        self.said = label("A click on a line gives it another key.", "second")
        self.shipped = Button("Back to the shipped keys", kind="quiet", small=True)
        self.shipped.clicked.connect(self._as_shipped)
        back = Button("close", key="Esc", kind="quiet", small=True)
        back.clicked.connect(self.closed.emit)
        columns = QGridLayout()
        columns.setHorizontalSpacing(28)
        columns.setVerticalSpacing(10)
        places = {"lesions": (0, 0), "state": (1, 0), "draw": (0, 1), "look": (0, 2), "move": (1, 1)}
        for group, words in GROUPS.items():
            row_at, column = places[group]
            columns.addLayout(self._group(group, words), row_at, column, 2 if group == "look" else 1, 1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 16, 24, 16)
        head = row(label("Keys and mouse", "title"), 16, self.search, 12, self.said, None, self.shipped, back)
        whole.addLayout(head)
        holder = QWidget()
        holder.setLayout(columns)
        scroll = QScrollArea()
        scroll.setWidget(holder)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole.addWidget(scroll)
        self.search.textChanged.connect(self._filter)
        self.shipped.setVisible(bool(keys.own_keys()))

    def _group(self, group: str, words: str) -> QVBoxLayout:
        box = QVBoxLayout()
        box.setSpacing(2)
        box.addWidget(label(words, "section"))
        for action in self._keys.actions.values():
            if action.group == group:
                line = self.lines[action.name] = KeyLine(action.name, action.key, action.label, action.help)
                line.picked.connect(self._pick)
                box.addWidget(line)
        if group == "move":
            box.addSpacing(8)
            box.addWidget(label("Mouse", "section"))
            for one in self._keys.mouse:
                line = KeyLine("", one.hand, one.label, "")
                self._mouse.append(line)
                box.addWidget(line)
        box.addStretch(1)
        return box

    def _filter(self, text: str) -> None:
        for line in (*self.lines.values(), *self._mouse):
            line.setVisible(text.casefold() in line.searched)

    # --- another key -------------------------------------------------------------------------------------------

    def _pick(self, name: str) -> None:
        self._let_go()
        self._capturing = name
        self.lines[name].show_key(WAITING)
        self.said.setText(f"{self._keys.actions[name].label}: press its new key. Esc leaves it as it is.")
        self.setFocus()

    def _let_go(self) -> None:
        if self._capturing:
            self.lines[self._capturing].show_key(self._keys.key_of(self._capturing))
        self._capturing = ""

    def _take(self, event: QKeyEvent) -> None:
        key, name = written(event), self._capturing
        if not key:
            return  # a modifier alone: the key is still to come
        if event.key() != Qt.Key.Key_Escape:
            try:
                self._keys.rebind(name, key)
                self.said.setText(f"{self._keys.actions[name].label} is {key} now.")
            except Refused as refused:
                self.said.setText(f"{refused} Nothing was changed.")
        else:
            self.said.setText("Left as it was.")
        self._let_go()
        self._changed()

    def _as_shipped(self) -> None:
        self._let_go()
        self._keys.as_shipped()
        for name, line in self.lines.items():
            line.show_key(self._keys.key_of(name))
        self.said.setText("All keys are as shipped.")
        self._changed()

    def _changed(self) -> None:
        self.shipped.setVisible(bool(self._keys.own_keys()))
        self.rebound.emit()

    def focusNextPrevChild(self, following: bool) -> bool:
        """Tab is a key like others while one is waited for."""
        return False if self._capturing else super().focusNextPrevChild(following)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The new key of a line, else Esc closes."""
        if self._capturing:
            self._take(event)
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_F1):
            self.closed.emit()
        event.accept()
