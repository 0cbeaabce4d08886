"""What lies between the picture and the marks of a viewport."""

from __future__ import annotations

from abc import ABC, abstractmethod

from PySide6.QtGui import QPainter

from measure.geometry import Point
from viewer.slice_geometry import Placement


class Overlay(ABC):
    """Something painted over the picture of one viewport, below its marks."""

    @abstractmethod
    def paint(self, painter: QPainter, placement: Placement) -> None:
        """Paint it for the slice and the look of a placement; the painter is clipped to the picture's area."""

    def empty_at(self, point: Point) -> bool:
        """No value stands at a patient point, although the picture reaches over it."""
        return False
