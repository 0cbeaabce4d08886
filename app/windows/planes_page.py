"""The current series in three planes (F6): what is drawn on the acquired plane counts, the others are for looking."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from measure.geometry import Point
from measure.volume import Volume
from viewer.marks import ViewMark
from viewer.mpr import MprView
from viewer.window_level import Window

RESTING_TOOL = "crosshair"


class PlanesPage(QWidget):
    """Holds the three planes; made when they are first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.view = MprView(self)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.view)

    def show_series(self, volume: Volume, title: str, series: str, window: Window | None, point: Point | None) -> None:
        """Show a series about a point (LPS mm; None: its middle). Raises Refused where it has no planes."""
        self.view.set_volume(volume, title=title, series=series, window=window, point=point)
        self.view.set_tool(RESTING_TOOL)

    def set_marks(self, marks: Sequence[ViewMark]) -> None:
        """Marks of the series."""
        if self.view.planes is not None:
            self.view.set_marks(marks)

    def go_to(self, point: Point) -> None:
        """Bring a place to the middle of all planes."""
        if self.view.planes is not None:
            self.view.set_point(point, centre=True)

    def set_tool(self, name: str) -> None:
        """The tool in hand."""
        if self.view.planes is not None:
            self.view.set_tool(name)
