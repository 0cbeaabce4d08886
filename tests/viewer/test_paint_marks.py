from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from viewer.paint_marks import CORNER_ERROR_PX, thinned


@given(st.floats(3.0, 300.0), st.floats(0.5, 1.0), st.integers(40, 900))
def test_a_thinned_outline_looks_the_same_and_stays_closed(radius: float, flat: float, corners: int) -> None:
    turn = np.linspace(0.0, 2.0 * np.pi, corners + 1)
    ring = np.column_stack([radius * np.cos(turn), radius * flat * np.sin(turn)])
    thin = thinned(ring)
    assert len(thin) <= len(ring)
    assert (thin[0] == ring[0]).all()
    assert (thin[-1] == ring[-1]).all()
    side = np.hypot(*np.diff(ring, axis=0).T).max()
    for middle in (thin[1:] + thin[:-1]) / 2.0:
        off = abs(np.hypot(middle[0] / radius, middle[1] / (radius * flat)) - 1.0) * radius * flat
        assert off <= CORNER_ERROR_PX + side * side / (2.0 * radius * flat * flat)
