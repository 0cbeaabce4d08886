"""The contact sheet: a person looks at the first, middle and last slice of each series for burned-in text."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QDialog, QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.models.manager.contact_sheet import SheetPicture
from app.windows.parts import Button, label, row

SIDE_PX = 256
COLUMNS = 4


class ContactSheet(QDialog):
    """Pictures in rows of one series each; below, what the person says."""

    def __init__(
        self,
        pictures: Sequence[SheetPicture],
        clear: Callable[[], None],
        legible: Callable[[], None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("coread")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setSpacing(8)
        for k, picture in enumerate(pictures):
            line, column = divmod(k, COLUMNS)
            if column == 0:
                grid.addWidget(label(picture.series, "strong"), 3 * line, 0, 1, COLUMNS)
            shown = QLabel()
            shown.setPixmap(_pixmap(picture))
            shown.setAccessibleName(f"{picture.series}, {picture.words}")
            grid.addWidget(shown, 3 * line + 1, column)
            grid.addWidget(label(picture.words, "label"), 3 * line + 2, column)
        grid.setRowStretch(grid.rowCount(), 1)
        grid.setColumnStretch(COLUMNS, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        self.legible = Button("Text can be read", kind="danger")
        self.clear = Button("No text", kind="primary")
        column_of = QVBoxLayout(self)
        column_of.addWidget(label("Look for letters, names, numbers and arrows in the pictures."))
        column_of.addWidget(scroll, 1)
        column_of.addLayout(row(self.legible, None, self.clear, margins=(0, 8, 0, 0)))
        self.resize(COLUMNS * (SIDE_PX + 12) + 40, 2 * SIDE_PX + 160)
        self.legible.clicked.connect(lambda: self._said(legible))
        self.clear.clicked.connect(lambda: self._said(clear))

    def _said(self, action: Callable[[], None]) -> None:
        self.accept()
        action()


def _pixmap(picture: SheetPicture) -> QPixmap:
    rows, columns = picture.grey.shape
    image = QImage(picture.grey.tobytes(), columns, rows, columns, QImage.Format.Format_Grayscale8).copy()
    side = Qt.AspectRatioMode.KeepAspectRatio
    return QPixmap.fromImage(image).scaled(SIDE_PX, SIDE_PX, side, Qt.TransformationMode.SmoothTransformation)
