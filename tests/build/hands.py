"""Real mouse, wheel and key events for widgets, sent where a hand would send them."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

NO_KEY = Qt.KeyboardModifier.NoModifier


def turn(
    widget: QWidget,
    notches: float,
    at: tuple[float, float] = (100.0, 120.0),
    keys: Qt.KeyboardModifier = NO_KEY,
) -> None:
    """Turn the wheel; positive notches towards the body (next slices), nothing painted yet."""
    place = QPointF(*at)
    event = QWheelEvent(
        place,
        QPointF(widget.mapToGlobal(place)),
        QPoint(),
        QPoint(0, round(-120 * notches)),
        Qt.MouseButton.NoButton,
        keys,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(widget, event)


def drag(
    widget: QWidget,
    *points: tuple[float, float],
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    keys: Qt.KeyboardModifier = NO_KEY,
    release: bool = True,
) -> None:
    """Press at the first point, go through the others, let go at the last."""
    places = [QPoint(round(x), round(y)) for x, y in points]
    QTest.mousePress(widget, button, keys, places[0])
    for place in places[1:]:
        QTest.mouseMove(widget, place)
    if release:
        QTest.mouseRelease(widget, button, keys, places[-1])


def click(
    widget: QWidget,
    at: tuple[float, float],
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    keys: Qt.KeyboardModifier = NO_KEY,
) -> None:
    """Press and let go at one point."""
    QTest.mouseClick(widget, button, keys, QPoint(round(at[0]), round(at[1])))


def settle() -> None:
    """Let everything that waits be done: paints, queued signals."""
    for _ in range(3):
        QApplication.processEvents()
