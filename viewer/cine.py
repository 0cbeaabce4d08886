"""Slices that run by themselves, from the last to the first again."""

from __future__ import annotations

from PySide6.QtCore import QTimer

from viewer.slice_view import SliceView

CINE_MS = 100


class Cine(QTimer):
    """Steps one view as long as it runs."""

    def __init__(self, view: SliceView) -> None:
        super().__init__(view)
        self._view = view
        self.setInterval(CINE_MS)
        self.timeout.connect(self._next)

    def _next(self) -> None:
        order, number = self._view.order, self._view.order.number(self._view.slice)
        self._view.set_slice(order.index(1 if number >= order.count else number + 1))
