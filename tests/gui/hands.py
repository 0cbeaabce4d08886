"""A person at the desktop: waits as an event loop does, clicks and types where widgets really are."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QWidget

from app.desktop import Desktop
from app.windows.parts import Segmented

LONGEST_S = 60.0


def pause(ms: int) -> None:
    """Let the event loop run; unlike QTest.qWait it lets other threads run, too."""
    loop = QEventLoop()
    QTimer.singleShot(ms, loop.quit)
    loop.exec()


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait for a condition, never for a time."""
    began = time.monotonic()
    while not condition():
        if time.monotonic() - began > LONGEST_S:
            raise AssertionError(f"waited in vain for: {what}")
        pause(15)


def press_at(window: QWidget, widget: QWidget, at: QPointF | None = None) -> None:
    """Click a widget through its window at the place where it is: covered or hidden it cannot be clicked."""
    QApplication.processEvents()
    inner = QPointF(widget.rect().center()) if at is None else at
    place = widget.mapTo(window, QPoint(round(inner.x()), round(inner.y())))
    child = window.childAt(place)
    assert child is not None, "nothing is there to click"
    assert child is widget or widget.isAncestorOf(child), f"{child} {getattr(child, 'text', str)()} covers {widget}"
    QTest.mouseClick(child, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, child.mapFrom(window, place))


def key(widget: QWidget, code: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    """Press a key where the focus is, or on the widget."""
    QTest.keyClick(QApplication.focusWidget() or widget, code, modifier)


def type_into(window: QWidget, field: QLineEdit, text: str) -> None:
    """Click into a field, empty it and type."""
    press_at(window, field)
    QTest.keySequence(field, "Ctrl+A")
    QTest.keyClicks(field, text)


def choose(combo: QComboBox, text: str) -> None:
    """Choose an entry of a combo box by keys: focus, then down to it, Enter."""
    combo.setFocus()
    index = combo.findText(text)
    assert index >= 0, f"{text} is not offered"
    QTest.keyClick(combo, Qt.Key.Key_Home)
    for _ in range(combo.count()):
        if combo.currentIndex() == index:
            break
        QTest.keyClick(combo, Qt.Key.Key_Down)
    assert combo.currentText() == text
    combo.activated.emit(index)


def choose_segment(window: QWidget, part: Segmented, value: str) -> None:
    """Click one choice of a segmented row."""
    press_at(window, part, part.cell_centre(value))


def screen(desktop: Desktop, name: str) -> QWidget:
    """The screen shown, once it is the one expected."""
    until(lambda: type(desktop.screen_now).__name__ == name, name)
    shown = desktop.screen_now
    assert shown is not None
    return shown


def log_in(desktop: Desktop, name: str, password: str = "demo") -> None:  # noqa: S107 -- published on the login screen
    """Log in by typing."""
    login = screen(desktop, "LoginScreen")
    type_into(desktop, login.name, name)  # type: ignore[attr-defined]
    type_into(desktop, login.password, password)  # type: ignore[attr-defined]
    QTest.keyClick(login.password, Qt.Key.Key_Return)  # type: ignore[attr-defined]
    until(lambda: desktop.session is not None, f"{name} is logged in")
