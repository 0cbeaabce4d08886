"""Mean, spread and area of a drawn region, from stored values, never from what is painted."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from measure.refusal import Refused
from measure.volume import Volume
from viewer.slice_geometry import plane_mm
from viewer.tools.events import Ellipse, Polygon


@dataclass(frozen=True, slots=True)
class RegionStatistics:
    """Of the voxels whose centre lies within: mean, standard deviation (population), extremes."""

    mean: float
    deviation: float
    least: float
    greatest: float
    area_mm2: float
    pixels: int
    unit: str

    def text(self) -> str:
        """One line for a label: `52 ± 11 HU, 314 mm²`."""
        if self.unit == "HU" or abs(self.mean) >= 100:
            words = f"{round(self.mean)} ± {round(self.deviation)}"  # whole numbers have no minus zero
        else:
            words = f"{self.mean + 0.0:.3g} ± {self.deviation:.2g}"
        words = words.replace("-", "\u2212")
        return f"{words}\u2009{self.unit}, {self.area_mm2:.0f}\u2009mm²"


def ellipse_statistics(volume: Volume, ellipse: Ellipse) -> RegionStatistics:
    """Statistics of an ellipse; its area is the drawn one. Refused where it holds no pixel."""
    grid = volume.grid
    u, v = plane_mm(grid, ellipse.centre) - plane_mm(grid, grid.origins[ellipse.slice])
    columns, rows = np.arange(grid.size[0]), np.arange(grid.size[1])
    across = (columns * grid.spacing_mm[0] - u) / max(ellipse.across_mm, 1e-9)
    down = (rows * grid.spacing_mm[1] - v) / max(ellipse.down_mm, 1e-9)
    inside = across[None, :] ** 2 + down[:, None] ** 2 <= 1.0
    area = float(np.pi * ellipse.across_mm * ellipse.down_mm)
    return _statistics(
        volume, ellipse.slice, inside, area, "The ellipse holds no pixel. Draw it larger, inside the picture."
    )


def polygon_statistics(volume: Volume, polygon: Polygon) -> RegionStatistics:
    """Statistics of a polygon; its area is the drawn one. Refused where it holds no pixel."""
    from skimage.draw import polygon2mask

    grid = volume.grid
    place = plane_mm(grid, polygon.points) - plane_mm(grid, grid.origins[polygon.slice])
    corners = place[:, ::-1] / np.array([grid.spacing_mm[1], grid.spacing_mm[0]])
    inside = np.asarray(polygon2mask((grid.size[1], grid.size[0]), corners), bool)
    x, y = np.append(place, place[:1], axis=0).T
    area = abs(float(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1]))) / 2.0
    return _statistics(
        volume, polygon.slice, inside, area, "The outline holds no pixel. Draw it larger, inside the picture."
    )


def _statistics(
    volume: Volume, slice_index: int, inside: NDArray[np.bool_], area_mm2: float, empty: str
) -> RegionStatistics:
    values = np.asarray(volume.array[slice_index])[inside]
    if volume.padding is not None:
        values = values[values != volume.padding]
    if values.size == 0:
        raise Refused(empty)
    exact = values.astype(np.float64)
    return RegionStatistics(
        float(exact.mean()),
        float(exact.std()),
        float(exact.min()),
        float(exact.max()),
        area_mm2,
        int(exact.size),
        volume.unit,
    )
