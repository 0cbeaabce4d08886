"""What an MR scanner adds to the same anatomy: uneven sensitivity of its coils and Rician noise."""

from __future__ import annotations

import numpy as np

from measure.geometry import Grid
from measure.phantom.motion import Motion
from measure.phantom.outlines import Array


def coil_shading(grid: Grid, motion: Motion) -> Array:
    """Sensitivity of the array coils, shape (rows, columns): brighter near the skin than deep."""
    x = (grid.origins[0, 0] + np.arange(grid.size[0]) * grid.spacing_mm[0] - motion.table[0])[None, :] / 165.0
    y = (grid.origins[0, 1] + np.arange(grid.size[1]) * grid.spacing_mm[1] - motion.table[1])[:, None] / 120.0
    return np.asarray(0.86 + 0.16 * (x**2 + y**2) + 0.05 * x - 0.04 * y, np.float32)


def received(picture: Array, grid: Grid, motion: Motion, rng: np.random.Generator, noise: float) -> Array:
    """Signal as magnitude: shaded, and with Rician noise of sigma 1.2 times `noise` (0: shading alone)."""
    from measure.phantom.scanner import drawn_noise

    shaded = picture * coil_shading(grid, motion)
    if noise <= 0:
        return np.asarray(shaded, np.float32)
    rows, columns = picture.shape
    real = shaded + 1.2 * noise * drawn_noise(rng, rows, columns)
    imaginary = 1.2 * noise * drawn_noise(rng, rows, columns)
    return np.asarray(np.hypot(real, imaginary), np.float32)
