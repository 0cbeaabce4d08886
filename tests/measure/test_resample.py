"""Resampling puts every structure where it lies in the patient."""

from __future__ import annotations

import numpy as np
import pytest

from measure.geometry import Floats, Grid, Point
from measure.refusal import Refused
from measure.resample import resampled
from measure.volume import Defect, Volume

TILT = np.radians(15.0)


def ramp(points: Floats) -> Floats:
    """A value that grows evenly through space: linear interpolation must give it back exactly."""
    return np.asarray(points @ np.array([1.5, -2.0, 3.0]), float)


def leaning(steps: list[float]) -> Volume:
    """A stack with gantry tilt and uneven distances, painted with the ramp."""
    along = np.concatenate([[0.0], np.cumsum(steps)])
    column: Point = (0.0, float(np.cos(TILT)), float(-np.sin(TILT)))
    origins = tuple((0.0, 0.0, float(z / np.cos(TILT))) for z in along)  # the table moves along z
    grid = Grid((12, 14, len(along)), (1.0, 1.0), (1.0, 0.0, 0.0), column, origins)
    k, j, i = np.meshgrid(*(np.arange(n) for n in grid.size[::-1]), indexing="ij")
    array = ramp(grid.to_patient(np.stack([i, j, k], -1))).astype(np.float32)
    defects = (Defect("gantry-tilt", "leans"), Defect("irregular-spacing", "uneven"))
    return Volume(array, grid, "MR", "a.u.", defects=defects, measurable=False, why_not="leans; uneven")


def test_a_leaning_uneven_stack_becomes_even_and_upright_with_true_values() -> None:
    source = leaning([2.0, 3.0, 2.0, 5.0])
    even = resampled(source)
    grid = even.grid
    assert even.measurable
    assert np.allclose(np.diff(grid.positions_mm), 2.0)
    way = grid.origins[-1] - grid.origins[0]
    assert np.allclose(np.cross(way / np.linalg.norm(way), grid.normal), 0, atol=1e-9)
    k, j, i = np.meshgrid(*(np.arange(n) for n in grid.size[::-1]), indexing="ij")
    points = grid.to_patient(np.stack([i, j, k], -1))
    inside = even.array != 0
    index = source.grid.to_index(points)
    well_inside = np.all((index > 1.0) & (index < np.array(source.grid.size) - 2.0), axis=-1)
    assert well_inside.sum() > 100
    assert inside[well_inside].all()
    np.testing.assert_allclose(even.array[well_inside], ramp(points)[well_inside], rtol=1e-3, atol=1e-2)


def test_the_even_volume_says_that_it_was_resampled_and_why() -> None:
    (defect,) = resampled(leaning([2.0, 3.0, 2.0])).defects
    assert "resampled" in defect.text
    assert "leans" in defect.text


def test_what_resampling_cannot_cure_is_refused() -> None:
    source = leaning([2.0, 2.0])
    for code in ("duplicate-position", "missing-position", "mixed-orientation", "corrupt", "missing-spacing"):
        bad = Volume(source.array, source.grid, "CT", "HU", defects=(Defect(code, "bad"),), measurable=False)
        with pytest.raises(Refused, match="bad"):
            resampled(bad)
