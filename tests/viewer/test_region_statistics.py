from __future__ import annotations

import numpy as np
import pytest

from measure.refusal import Refused
from tests.build.stacks import coded_stack
from viewer.region_statistics import ellipse_statistics
from viewer.tools.events import Ellipse


def test_statistics_come_from_stored_values_within_the_ellipse() -> None:
    volume = coded_stack(size=(64, 64), spacing_mm=(0.5, 1.0, 2.0), origin=(0.0, 0.0, 0.0))
    rng = np.random.default_rng(3)
    volume.array[7] = rng.integers(-50, 150, (64, 64))
    found = ellipse_statistics(volume, Ellipse(7, (15.0, 30.0, 14.0), 8.0, 12.0))
    rows, columns = np.mgrid[:64, :64]
    inside = ((columns * 0.5 - 15) / 8) ** 2 + ((rows * 1.0 - 30) / 12) ** 2 <= 1
    expected = volume.array[7][inside].astype(float)
    assert found.pixels == inside.sum()
    assert found.mean == pytest.approx(expected.mean())
    assert found.deviation == pytest.approx(expected.std())
    assert found.area_mm2 == pytest.approx(np.pi * 8 * 12)
    assert found.text().endswith("302\u2009mm²")


def test_an_ellipse_outside_the_picture_is_refused() -> None:
    with pytest.raises(Refused, match="no pixel"):
        ellipse_statistics(coded_stack(), Ellipse(3, (500.0, 0.0, 6.0), 4.0, 4.0))
