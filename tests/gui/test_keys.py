"""Keys of one's own: kept across restarts, never two meanings for one key, digits by their place."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QSettings, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.desktop import key_map, set_look
from app.windows.key_map import KeyMap, keep_keys, kept_keys, written
from app.windows.key_sheet import KeySheet
from measure.refusal import Refused

pytestmark = pytest.mark.gui


@pytest.fixture(autouse=True)
def own_settings(tmp_path: Path) -> Iterator[None]:
    """Settings in a folder of the test."""
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, str(tmp_path))
    yield
    QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, "")


def pressed(
    key: Qt.Key, text: str = "", modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier, scan: int = 0
):  # type: ignore[no-untyped-def]
    return QKeyEvent(QEvent.Type.KeyPress, int(key), modifiers, scan, 0, 0, text)


def keys_of(user: str) -> KeyMap:
    """As a new start of the program has them."""
    keys = key_map()
    keys.take(kept_keys(user))
    keys.keep = lambda own: keep_keys(user, own)
    return keys


def test_a_changed_key_is_there_after_a_restart_and_for_that_person_only() -> None:
    keys = keys_of("reader.one")
    keys.rebind("segment", "F9")
    assert keys.action_of(pressed(Qt.Key.Key_F9)) == "segment"
    assert keys.action_of(pressed(Qt.Key.Key_S, "s")) is None
    again = keys_of("reader.one")
    assert again.key_of("segment") == "F9"
    assert keys_of("reader.two").key_of("segment") == "S"
    again.as_shipped()
    assert keys_of("reader.one").key_of("segment") == "S"


def test_a_key_that_means_something_already_is_refused_and_nothing_changes() -> None:
    keys = keys_of("reader.one")
    with pytest.raises(Refused, match="B is Two axes by hand already"):
        keys.rebind("segment", "B")
    assert keys.key_of("segment") == "S"
    assert kept_keys("reader.one") == {}


def test_a_kept_key_that_is_taken_by_a_newer_table_is_left_as_shipped() -> None:
    keep_keys("reader.one", {"segment": "B", "no_such_action": "F9", "length": "F9"})
    keys = keys_of("reader.one")
    assert (keys.key_of("segment"), keys.key_of("bidirectional"), keys.key_of("length")) == ("S", "B", "F9")


@pytest.mark.skipif(sys.platform != "linux", reason="scan codes of a Linux keyboard")
def test_digits_are_the_keys_of_the_digit_row_on_every_layout() -> None:
    keys = key_map()
    assert keys.action_of(pressed(Qt.Key.Key_Ampersand, "&", scan=10)) == "preset_1"  # France
    assert keys.action_of(pressed(Qt.Key.Key_Plus, "+", scan=10)) == "preset_1"  # Czechia
    assert keys.action_of(pressed(Qt.Key.Key_Agrave, "à", scan=19)) == "absent"
    assert keys.action_of(pressed(Qt.Key.Key_1, "1")) == "preset_1"
    assert keys.action_of(pressed(Qt.Key.Key_1, "1", Qt.KeyboardModifier.KeypadModifier)) == "preset_1"


def test_every_shipped_key_is_reached_by_pressing_it() -> None:
    keys = key_map()
    assert len({action.key.casefold() for action in keys.actions.values()}) == len(keys.actions)
    assert written(pressed(Qt.Key.Key_Return, "\r", Qt.KeyboardModifier.ControlModifier)) == keys.key_of("sign")
    assert keys.action_of(pressed(Qt.Key.Key_Space, " ")) == "ghosts"
    assert keys.action_of(pressed(Qt.Key.Key_Question, "?", Qt.KeyboardModifier.ShiftModifier)) == "why"
    assert written(pressed(Qt.Key.Key_Shift)) == ""


def test_the_sheet_gives_an_action_another_key(qapp: QApplication) -> None:
    set_look(qapp)
    keys = keys_of("reader.one")
    parent = QWidget()
    parent.resize(1416, 900)
    sheet = KeySheet(keys, parent)
    sheet.resize(1416, 900)
    parent.show()
    told: list[str] = []
    sheet.rebound.connect(lambda: told.append(keys.key_of("segment")))
    QTest.mouseClick(sheet.lines["segment"], Qt.MouseButton.LeftButton)
    QTest.keyClick(sheet, Qt.Key.Key_B)
    assert sheet.said.text() == "B is Two axes by hand already. Nothing was changed."
    QTest.mouseClick(sheet.lines["segment"], Qt.MouseButton.LeftButton)
    QTest.keyClick(sheet, Qt.Key.Key_P, Qt.KeyboardModifier.ControlModifier)
    assert told == ["S", "Ctrl+P"]
    QTest.mouseClick(sheet.lines["segment"], Qt.MouseButton.LeftButton)
    closed: list[bool] = []
    sheet.closed.connect(lambda: closed.append(True))
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert not closed, "Esc leaves the key as it was, and the sheet open"
    assert keys.key_of("segment") == "Ctrl+P"
    QTest.keyClick(sheet, Qt.Key.Key_Escape)
    assert closed
