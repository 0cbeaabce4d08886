"""Viewports side by side: one, two, three, or two by two; one of them active, any of them alone."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from viewer.theme import theme
from viewer.viewport import Viewport

LAYOUTS: dict[str, tuple[int, int]] = {"1x1": (1, 1), "1x2": (1, 2), "1x3": (1, 3), "2x2": (2, 2)}


def cells_with_seams(widget: QWidget) -> QGridLayout:
    """A grid for pictures on a widget: nothing round them, a line between them."""
    cells = QGridLayout(widget)
    cells.setContentsMargins(0, 0, 0, 0)
    cells.setSpacing(theme().whole_px("line"))
    widget.setAutoFillBackground(True)
    palette = widget.palette()
    palette.setColor(widget.backgroundRole(), theme().colour("seam-below"))
    widget.setPalette(palette)
    return cells


class ViewportGrid(QWidget):
    """A grid of viewports that live as long as it does; a layout shows the first of them."""

    active_changed = Signal(object)  # the active Viewport
    layout_changed = Signal(str)

    def __init__(self, parent: QWidget | None = None, *, layout: str = "1x2") -> None:
        super().__init__(parent)
        self._cells = cells_with_seams(self)
        most = max(rows * columns for rows, columns in LAYOUTS.values())
        self.viewports: tuple[Viewport, ...] = tuple(Viewport(self) for _ in range(most))
        for viewport in self.viewports:
            viewport.activated.connect(self._activated)
            viewport.double_clicked.connect(self._double_clicked)
        self.active: Viewport = self.viewports[0]
        self.layout_name = ""
        self._alone: Viewport | None = None
        self.set_layout(layout)
        self.active.set_active(True)

    def set_layout(self, name: str) -> bool:
        """Show a layout of LAYOUTS; False, and nothing changes, for one that this grid does not have."""
        if name not in LAYOUTS:
            return False
        self._alone = None
        self.layout_name = name
        rows, columns = LAYOUTS[name]
        for viewport in self.viewports:
            self._cells.removeWidget(viewport)
        for place, viewport in enumerate(self.viewports):
            if place < rows * columns:
                self._cells.addWidget(viewport, place // columns, place % columns)
            viewport.setVisible(place < rows * columns)
        for row in range(2):
            self._cells.setRowStretch(row, 1 if row < rows else 0)
        for column in range(3):
            self._cells.setColumnStretch(column, 1 if column < columns else 0)
        if self.active not in self.shown():
            self.set_active(self.viewports[0])
        self.layout_changed.emit(name)
        return True

    def shown(self) -> tuple[Viewport, ...]:
        """The viewports of the layout in force, in reading order, also while one is alone on screen."""
        rows, columns = LAYOUTS[self.layout_name]
        return self.viewports[: rows * columns]

    def set_active(self, viewport: Viewport) -> None:
        """Make one the active: keys, presets and cine go there."""
        if viewport is self.active:
            return
        self.active.set_active(False)
        self.active = viewport
        viewport.set_active(True)
        self.active_changed.emit(viewport)

    def activate_next(self, steps: int = 1) -> None:
        """Go to the next viewport of the layout."""
        shown = [viewport for viewport in self.shown() if viewport.isVisible()]
        if shown:
            place = shown.index(self.active) if self.active in shown else 0
            viewport = shown[(place + steps) % len(shown)]
            self.set_active(viewport)
            viewport.setFocus()

    def toggle_alone(self, viewport: Viewport) -> None:
        """Show one viewport alone, or all of the layout again."""
        self._alone = viewport if self._alone is None and len(self.shown()) > 1 else None
        for one in self.shown():
            one.setVisible(self._alone is None or one is self._alone)

    def _activated(self) -> None:
        viewport = self.sender()
        if isinstance(viewport, Viewport):
            self.set_active(viewport)

    def _double_clicked(self) -> None:
        viewport = self.sender()
        if isinstance(viewport, Viewport):
            self.toggle_alone(viewport)
