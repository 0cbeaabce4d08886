"""Keys of the reading: a tap does it, a held tool key lends its tool, held Z with the wheel steps through sizes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QPlainTextEdit, QWidget

from app.models.drawing import DrawingModel
from app.windows.image_area import ImageArea
from app.windows.key_map import KeyMap
from app.windows.parts import Button
from app.windows.reading_panel import ReadingPanel
from app.windows.reading_sheets import ReadingSheets
from app.windows.reading_tools import TOOL_OF, ToolInHand

LENDING_MS = 250


class ReadingKeys(QObject):
    """What a key press means now, by where the focus is and what is open."""

    def __init__(
        self,
        keys: KeyMap,
        act: Callable[[str], None],
        tool: ToolInHand,
        drawing: DrawingModel,
        images: ImageArea,
        panel: ReadingPanel,
        sheets: ReadingSheets,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._keys, self._act, self._tool, self._drawing = keys, act, tool, drawing
        self._images, self._panel, self._sheets = images, panel, sheets
        self._lent: tuple[str, str] | None = None
        self._z_held = False
        self._z_used = False
        self._hold = QTimer(self, singleShot=True, interval=LENDING_MS)

    def pressed(self, watched: QWidget, event: QKeyEvent) -> bool:
        """Keys of the table work wherever the focus is, but for text fields and open sheets."""
        if self._sheets.is_open:
            return False
        typing = isinstance(watched, QLineEdit | QPlainTextEdit | QComboBox)
        action = self._keys.action_of(event)
        if typing:
            if event.key() == Qt.Key.Key_Escape:
                self._images.active.setFocus()
                return True
            if action not in ("sign", "panel", "help"):
                return False
        if action is None:
            return False
        if action == "next_viewport" and self._panel.isAncestorOf(watched):
            return False
        if action in ("slice_up", "slice_down") and self._panel.isAncestorOf(watched):
            return False
        if isinstance(watched, Button) and action in ("accept", "ghosts"):
            return False
        if event.isAutoRepeat():
            if action in ("slice_up", "slice_down", "ten_up", "ten_down"):
                self._act(action)
            return True
        if action == "next_size":
            self._z_held, self._z_used = True, False
            return True
        if action in TOOL_OF and action != self._tool.action:
            self._lent = (action, self._tool.action)
            self._hold.start()
        self._act(action)
        return True

    def released(self, event: QKeyEvent) -> bool:
        """A held key ends what it lent."""
        if event.isAutoRepeat():
            return False
        action = self._keys.action_of(event)
        if action == "ghosts":
            self._images.show_ghosts(False)
        if action == "next_size" and self._z_held:
            self._z_held = False
            if not self._z_used:
                self._drawing.next_size()
            return True
        if self._lent is not None and action == self._lent[0]:
            if not self._hold.isActive():
                self._tool.take(self._lent[1])  # held: the tool was lent
            self._lent = None
        return False

    def wheel(self, steps: int) -> bool:
        """Held Z with the wheel: the next size both ways."""
        if not self._z_held:
            return False
        self._z_used = True
        self._drawing.next_size(1 if steps > 0 else -1)
        return True
