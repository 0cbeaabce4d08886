"""The margin below form AZ-1: covered until the judgement is saved, then the numbers and how far to trust them."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QVBoxLayout

from app.models.margins import MarginModel
from app.models.reading import ReadingModel
from app.windows.parts import Button, label, row
from measure.margin import Margin
from viewer.margin_map import legend_lines, millimetres


class MarginBox(QFrame):
    """`map_asked` shows the map on the picture (or takes it away), `scene_asked` in 3-D."""

    map_asked = Signal(object)
    scene_asked = Signal(object)

    def __init__(self, model: ReadingModel, margins: MarginModel) -> None:
        super().__init__()
        self.setObjectName("well")
        self._model, self._margins = model, margins
        self.value, self._lines = label("", "strong"), label("", "small", wrap=True)
        self.on_picture, self.in_3d = Button("On the picture", small=True), Button("In 3-D", small=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 8, 12, 8)
        box.setSpacing(4)
        box.addLayout(row(label("Margin", "label"), self.value, None))
        box.addWidget(self._lines)
        box.addLayout(row(self.on_picture, self.in_3d, None))
        self.on_picture.clicked.connect(lambda: self.map_asked.emit(self._now()))
        self.in_3d.clicked.connect(lambda: self.scene_asked.emit(self._now()))
        model.changed.connect(lambda _: self.show_state())
        model.selected.connect(lambda _: self.show_state())
        margins.changed.connect(self.show_state)
        self.show_state()

    def _now(self) -> Margin | None:
        zone = self._model.zone
        state = self._margins.state(zone) if zone is not None else ""
        return state if isinstance(state, Margin) else None

    def show_state(self) -> None:
        """Show what is known of the selected zone's margin."""
        zone = self._model.zone
        state = self._margins.state(zone) if zone is not None else ""
        self.setVisible(bool(state))
        is_there = isinstance(state, Margin)
        self.on_picture.setVisible(is_there)
        self.in_3d.setVisible(is_there)
        if isinstance(state, Margin):
            self.value.setText(f"least {millimetres(state.minimum_mm)}" if state.evaluable else "not evaluable")
            self._lines.setText("\n".join(words for words, _ in legend_lines(state)))
        else:
            self.value.setText("")
            self._lines.setText(state)
