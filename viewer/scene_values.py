"""What a 3-D view is made of: surfaces, lines, spots, and where it is seen from; plain values."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats, Point


@dataclass(frozen=True, eq=False)
class SceneSurface:
    """Triangles to draw. points: shape (n, 3), LPS mm; colours: RGB of each point, uint8, or None for colour."""

    points: Floats
    triangles: NDArray[np.int64]
    colour: tuple[float, float, float]
    opacity: float = 1.0
    colours: NDArray[np.uint8] | None = None


@dataclass(frozen=True, eq=False)
class SceneLines:
    """Straight pieces on the surfaces. ends: shape (n, 2, 3), LPS mm."""

    ends: Floats
    colour: tuple[float, float, float]
    width: float = 1.5


@dataclass(frozen=True, slots=True)
class View:
    """Parallel view of a scene: unit vectors of the screen (right, up, toward the eye), middle, scale, size in px."""

    centre: tuple[float, float, float]
    right: tuple[float, float, float]
    up: tuple[float, float, float]
    toward: tuple[float, float, float]
    mm_per_px: float
    width: int
    height: int

    def to_screen(self, points: Floats) -> Floats:
        """Patient points, shape (..., 3), to px from the upper left corner, shape (..., 2)."""
        off = np.asarray(points, float) - np.asarray(self.centre)
        across = off @ np.asarray(self.right) / self.mm_per_px + self.width / 2.0
        down = -(off @ np.asarray(self.up)) / self.mm_per_px + self.height / 2.0
        return np.stack([across, down], axis=-1)


@dataclass(frozen=True, eq=False)
class NamedSurface:
    """A surface in the hue of its mark. colour: token of the theme; name: as on the images; dim: seen through."""

    points: Floats
    triangles: np.ndarray[tuple[int, ...], np.dtype[np.int64]]
    colour: str
    name: str = ""
    dim: bool = False
    colours: np.ndarray[tuple[int, ...], np.dtype[np.uint8]] | None = None


@dataclass(frozen=True, slots=True)
class Spot:
    """A place with words beside it, ringed."""

    at: Point
    text: str
