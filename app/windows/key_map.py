"""The key table in the windows: which key does what; a person's own keys on top of the shipped ones."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from PySide6.QtCore import QSettings, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from measure.refusal import Refused

_DIGITS = {getattr(Qt.Key, f"Key_{n}"): str(n) for n in range(10)}
_MODIFIERS = (
    (Qt.KeyboardModifier.ControlModifier, "Ctrl"),
    (Qt.KeyboardModifier.AltModifier, "Alt"),
    (Qt.KeyboardModifier.ShiftModifier, "Shift"),
)
# Scan codes of the digit row, so that 1 is the same key where the layout writes & on it (France) or + (Czechia).
_DIGIT_ROW = "1234567890"
_FIRST_SCAN_CODE = {"linux": 10, "win32": 2}
_MAC_DIGITS = dict(zip((18, 19, 20, 21, 23, 22, 26, 28, 25, 29), _DIGIT_ROW, strict=True))
ALONE = {Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr}


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
    """Key to action and back; no key ever means two things."""

    def __init__(self, actions: Mapping[str, KeyAction], mouse: tuple[MouseAction, ...]) -> None:
        self._shipped = dict(actions)
        self.actions, self.mouse = dict(actions), mouse
        self.keep: Callable[[dict[str, str]], None] = lambda _: None
        self._index()

    def _index(self) -> None:
        self._by_key = {_plain(action.key): name for name, action in self.actions.items()}

    def action_of(self, event: QKeyEvent) -> str | None:
        """The action a key press means, None for none. Digits are those of the keyboard, whatever its layout."""
        return self._by_key.get(_plain(written(event)))

    def key_of(self, name: str) -> str:
        """The key of an action."""
        return self.actions[name].key

    def rebind(self, name: str, key: str) -> None:
        """Give an action another key, and keep it. Refused: a key that means something already."""
        other = self._by_key.get(_plain(key))
        if other not in (None, name):
            raise Refused(f"{key} is {self.actions[other].label} already.")
        self.actions[name] = replace(self.actions[name], key=key)
        self._index()
        self.keep(self.own_keys())

    def own_keys(self) -> dict[str, str]:
        """The keys that differ from the shipped ones, by action."""
        return {name: a.key for name, a in self.actions.items() if a.key != self._shipped[name].key}

    def take(self, own: Mapping[str, str]) -> None:
        """Use a person's own keys; one that is unknown or taken by now is left as shipped."""
        self.actions = dict(self._shipped)
        for name, key in own.items():
            taken = {_plain(a.key) for other, a in self.actions.items() if other != name}
            if name in self.actions and _plain(key) not in taken:
                self.actions[name] = replace(self.actions[name], key=key)
        self._index()

    def as_shipped(self) -> None:
        """Forget the own keys."""
        self.take({})
        self.keep({})


def kept_keys(user: str) -> dict[str, str]:
    """A person's own keys as kept on this computer."""
    settings = _settings(user)
    return {name: str(settings.value(name)) for name in settings.childKeys()}


def keep_keys(user: str, own: Mapping[str, str]) -> None:
    """Keep a person's own keys on this computer."""
    settings = _settings(user)
    settings.remove("")
    for name, key in own.items():
        settings.setValue(name, key)
    settings.sync()


def _settings(user: str) -> QSettings:
    settings = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "coread", "keys")
    settings.beginGroup(user)
    return settings


def written(event: QKeyEvent) -> str:
    """A key press as the table writes it: S, Shift+P, Ctrl+Return, Alt+1; empty for a modifier alone."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    key = event.key()
    if key in ALONE:
        return ""
    if event.text() == "?" or key == Qt.Key.Key_Question:
        return "?"
    if key == Qt.Key.Key_Enter:
        key = Qt.Key.Key_Return
    elif key == Qt.Key.Key_Backtab:
        key = Qt.Key.Key_Tab
        modifiers |= Qt.KeyboardModifier.ShiftModifier
    portable = QKeySequence(key).toString(QKeySequence.SequenceFormat.PortableText)
    text = _DIGITS.get(Qt.Key(key)) or _digit_of_place(event) or portable
    return "+".join([*(word for flag, word in _MODIFIERS if modifiers & flag), text])


def _digit_of_place(event: QKeyEvent) -> str:
    """The digit whose place on the keyboard was pressed, empty for another key."""
    if sys.platform == "darwin":
        return _MAC_DIGITS.get(event.nativeVirtualKey(), "") if event.nativeScanCode() or event.text() else ""
    first = _FIRST_SCAN_CODE.get(sys.platform)
    at = event.nativeScanCode() - first if first is not None else -1
    return _DIGIT_ROW[at] if 0 <= at < len(_DIGIT_ROW) else ""


def _plain(key: str) -> str:
    return key.replace(" ", "").casefold() if key != "Space" else "space"
