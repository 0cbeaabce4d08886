"""Keys of a screen, wherever in it the focus is: one watcher for the program, not one for each of its parts."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget


class ScreenKeys(QObject):
    """Hands key events inside a screen on; what answers True has taken the key. Lives as long as the screen."""

    def __init__(
        self,
        screen: QWidget,
        pressed: Callable[[QWidget, QKeyEvent], bool],
        released: Callable[[QKeyEvent], bool] = lambda _: False,
    ) -> None:
        super().__init__(screen)
        self._screen, self._pressed, self._released = screen, pressed, released
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys only, and only those that go to the screen or a part of it (menus are windows of their own)."""
        kind = event.type()
        if kind not in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) or not isinstance(event, QKeyEvent):
            return False
        if not isinstance(watched, QWidget) or not self._screen.isVisible():
            return False
        if watched is not self._screen and not self._screen.isAncestorOf(watched):
            return False
        return self._pressed(watched, event) if kind == QEvent.Type.KeyPress else self._released(event)
