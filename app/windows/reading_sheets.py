"""The sheets over a reading: signing, what was signed, the keys; at most one at a time."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from app.models.drawing import DrawingModel
from app.models.messages import NEEDS
from app.models.reading import ReadingModel
from app.models.signing import SignModel
from app.windows.image_area import ImageArea
from app.windows.key_map import KeyMap
from app.windows.key_sheet import KeySheet
from app.windows.sign_sheet import SignedSheet, SignSheetView


class ReadingSheets(QObject):
    """`finished` after signing, `go_on_reading` to what is open, `rebound` when a key was changed."""

    finished = Signal()
    go_on_reading = Signal()
    rebound = Signal()

    def __init__(
        self, model: ReadingModel, drawing: DrawingModel, images: ImageArea, keys: KeyMap, body: QWidget
    ) -> None:
        super().__init__(body)
        self._model, self._drawing, self._images, self._keys, self._body = model, drawing, images, keys, body
        self._signing = SignModel(model)
        self.sheet: SignSheetView | SignedSheet | None = None
        self.key_sheet: KeySheet | None = None
        self._signing.shown.connect(lambda _: self._sheet_shown())
        self._signing.signed.connect(lambda _: self._signed())

    @property
    def signing(self) -> SignModel:
        """The view-model of the sign sheet."""
        return self._signing

    @property
    def is_open(self) -> bool:
        """A sheet lies over the images: the keys are its own."""
        return self.sheet is not None or self.key_sheet is not None

    def open_sign(self) -> None:
        """The sign sheet over the images."""
        pending = self._drawing.pending
        if pending is not None and pending.is_offer:
            self._drawing.withdraw()  # it stays a proposal
        elif pending is not None:
            self._model.say("A proposal is not kept yet: Enter keeps it, Esc drops it.", NEEDS)
            return
        if self.sheet is None:
            self.sheet = sheet = SignSheetView(self._signing, self._body)
            sheet.closed.connect(self.close)
            sheet.go_to.connect(self._go_from_sheet)
        self._signing.open()

    def _sheet_shown(self) -> None:
        if self.sheet is not None:
            self.place()
            self.sheet.show()
            self.sheet.raise_()

    def _go_from_sheet(self, about: str) -> None:
        self.close()
        self._model.selection = ""
        self.go_on_reading.emit()

    def close(self) -> None:
        """Back to reading."""
        for sheet in (self.sheet, self.key_sheet):
            if sheet is not None:
                sheet.hide()
                sheet.deleteLater()
        self.sheet, self.key_sheet = None, None
        self._images.active.setFocus()

    def toggle_keys(self) -> None:
        """The key sheet."""
        if self.key_sheet is not None:
            self.close()
            return
        self.key_sheet = KeySheet(self._keys, self._body)
        self.key_sheet.closed.connect(self.close)
        self.key_sheet.rebound.connect(self.rebound.emit)
        self.place()
        self.key_sheet.show()
        self.key_sheet.raise_()
        self.key_sheet.search.setFocus()

    def place(self) -> None:
        """Over the images; the key sheet over the panel, too."""
        if self.sheet is not None:
            room = self._images.geometry()
            width = min(800 if room.width() > 900 else 720, room.width() - 24)
            top = 28 if room.height() > 800 else 8
            height = min(max(self.sheet.wanted_height(), self.sheet.least_height), room.height() - 2 * top)
            self.sheet.setGeometry(room.left() + (room.width() - width) // 2, room.top() + top, width, height)
        if self.key_sheet is not None:
            width, height = min(1416, self._body.width() - 24), min(900, self._body.height() - 16)
            self.key_sheet.setGeometry((self._body.width() - width) // 2, 8, width, height)

    def _signed(self) -> None:
        self.close()
        responses = self._signing.after_signing()
        if not responses:
            self._go_on()
            return
        self.sheet = SignedSheet(self._model.reading.now.name, responses, self._body)
        self.sheet.closed.connect(self._go_on)
        self._sheet_shown()

    def _go_on(self) -> None:
        self.finished.emit()
