from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from measure.geometry import Grid
from measure.volume import Volume
from tests.build.stacks import TELLING_WINDOW, coded_stack
from viewer.fusion import Fusion, resampled


def a_ramp(grid: Grid) -> Volume:
    """Values that are a linear function of the patient point: exact under linear interpolation."""
    k, j, i = np.meshgrid(*(np.arange(n) for n in grid.size[::-1]), indexing="ij")
    points = grid.to_patient(np.stack([i, j, k], axis=-1))
    return Volume((points @ np.array([1.0, 2.0, 3.0])).astype(np.float32), grid)


def rigid(angle: float, shift: tuple[float, float, float]) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    transform = np.eye(4)
    c, s = np.cos(angle), np.sin(angle)
    transform[:2, :2] = [[c, -s], [s, c]]
    transform[:3, 3] = shift
    return transform


@pytest.mark.parametrize("uneven", [False, True])
def test_after_is_brought_to_the_planes_of_before_by_the_transform(uneven: bool) -> None:
    before = coded_stack(slices=10, size=(20, 16), origin=(0.0, 0.0, 0.0)).grid
    after = Grid.regular((60, 60, 30), (1.0, 0.8, 1.5), (-15.0, -15.0, -10.0))
    if uneven:
        places = tuple((x, y, z + (0.4 if n % 3 == 1 else 0.0)) for n, (x, y, z) in enumerate(after.slice_origins))
        after = replace(after, slice_origins=places)
    transform = rigid(0.2, (2.0, -3.0, 1.0))
    found = resampled(before, 4, a_ramp(after), np.linalg.inv(transform))
    i, j = np.meshgrid(np.arange(20), np.arange(16))
    points = before.to_patient(np.stack([i, j, np.full_like(i, 4)], axis=-1))
    back = np.linalg.inv(transform)
    expected = (points @ back[:3, :3].T + back[:3, 3]) @ np.array([1.0, 2.0, 3.0])
    assert found == pytest.approx(expected, abs=0.05)


def test_equal_pictures_blend_to_grey_and_differences_to_blue_and_orange() -> None:
    before = coded_stack(slices=200)
    same = Fusion(before, before).image(120, TELLING_WINDOW)
    colour = same.pixelColor(30, 30)
    assert abs(colour.red() - colour.blue()) <= 1
    darker = Volume(np.maximum(before.array - 60, 0).astype(np.int16), before.grid)
    blue = Fusion(before, darker).image(120, TELLING_WINDOW).pixelColor(30, 30)
    assert blue.blue() > blue.green() > blue.red()
    orange = Fusion(darker, before).image(120, TELLING_WINDOW).pixelColor(30, 30)
    assert orange.red() > orange.green() > orange.blue()


def test_outside_the_other_stack_there_is_only_the_least_value() -> None:
    before = coded_stack(slices=10)
    far = replace(before, grid=coded_stack(slices=10, origin=(900.0, 0.0, 0.0)).grid)
    assert (Fusion(before, far).after_on(3) == 0).all()


def test_flicker_shows_one_of_both() -> None:
    before = coded_stack(slices=200)
    fusion = Fusion(before, Volume((before.array // 2).astype(np.int16), before.grid))
    fusion.show_only("after")
    assert fusion.image(120, TELLING_WINDOW).pixelColor(30, 30).red() in (59, 60, 61)
    with pytest.raises(ValueError, match="sideways"):
        fusion.show_only("sideways")
