"""Which slices were really on the screen; told once an event-loop turn, however often they were painted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer, Signal


class SeenSlices(QObject):
    """Slices of one stack. shown: shape (slices,)."""

    painted = Signal(int)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.shown: NDArray[np.bool_] = np.zeros(0, bool)
        self._just_painted: set[int] = set()

    def start(self, count: int, painted: Sequence[int]) -> None:
        """Another stack; painted: its slices that were shown earlier."""
        self.shown = np.zeros(count, bool)
        if count:
            self.shown[list(painted)] = True

    def slices(self) -> tuple[int, ...]:
        """Array indices of all slices shown, sorted."""
        return tuple(int(k) for k in np.flatnonzero(self.shown))

    def note(self, slice_index: int) -> None:
        """A slice was painted on a window that can be seen."""
        self.shown[slice_index] = True
        if not self._just_painted:
            QTimer.singleShot(0, self, self._tell)
        self._just_painted.add(slice_index)

    def _tell(self) -> None:
        told, self._just_painted = self._just_painted, set()
        for slice_index in sorted(told):
            self.painted.emit(slice_index)
