"""Turning a 3-D view, and words for where the eye is: pure."""

from __future__ import annotations

import numpy as np

from measure.geometry import Floats

FROM_FRONT: Floats = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, -1.0, 0.0]])
"""Rows: the directions (LPS) of the screen's right, its top, and toward the eye: the patient seen from the front."""


def turned(turn: Floats, across: float, down: float) -> Floats:
    """The screen's axes after the scene was turned by angles (radians) about its upright and its lying axis."""
    sideways = np.array(
        [[np.cos(across), 0.0, np.sin(across)], [0.0, 1.0, 0.0], [-np.sin(across), 0.0, np.cos(across)]]
    )
    over = np.array([[1.0, 0.0, 0.0], [0.0, np.cos(down), -np.sin(down)], [0.0, np.sin(down), np.cos(down)]])
    fresh = over @ sideways @ turn
    first = fresh[0] / np.linalg.norm(fresh[0])
    second = fresh[1] - float(fresh[1] @ first) * first
    second /= np.linalg.norm(second)
    return np.stack([first, second, np.cross(first, second)])


_SIDES = (("left", "right"), ("back", "front"), ("above", "below"))


def seen_from(toward: Floats) -> str:
    """Words for where the eye is: `from the front, right`."""
    parts = sorted(range(3), key=lambda axis: -abs(float(toward[axis])))
    words = [_SIDES[axis][0 if toward[axis] > 0 else 1] for axis in parts if abs(float(toward[axis])) > 0.35]
    first = words[0] if words[0] in ("above", "below") else f"the {words[0]}"
    return ", ".join([f"from {first}", *words[1:]])
