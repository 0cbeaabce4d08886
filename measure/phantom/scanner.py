"""From a patient's anatomy to a series: sampling where the patient lies, lesions, noise, the table."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache

import numpy as np

from measure.geometry import Grid
from measure.phantom.anatomy import Anatomy
from measure.phantom.canvas import BOTTOM, HALF_FIELD, SPACING, STEP
from measure.phantom.lesions import CT_VALUES, LAYERS, MR_VALUES, Body
from measure.phantom.motion import Motion
from measure.phantom.outlines import Array

COARSE = 17
"""Knots a side of the in-plane grid on which the motion is inverted; between them it is linear."""
THICKNESS_SAMPLES = (-1.0, -0.5, 0.0, 0.5, 1.0)
NOISE_SLICES = 24


def sampled_anatomy(anatomy: Anatomy, grid: Grid, motion: Motion, k: int) -> Array:
    """Noise-free slice k of the series, shape (rows, columns): the anatomy where the patient lies."""
    from scipy.ndimage import map_coordinates

    columns, rows, _ = grid.size
    knots = np.linspace(0.0, 1.0, COARSE)
    i, j = np.meshgrid(knots * (columns - 1), knots * (rows - 1))
    points = grid.to_patient(np.stack([i, j, np.full_like(i, float(k))], axis=-1))
    rest = motion.to_rest(points, rounds=8)
    index = np.stack(
        [
            (rest[..., 2] - BOTTOM) / STEP,
            (rest[..., 1] + HALF_FIELD) / SPACING,
            (rest[..., 0] + HALF_FIELD) / SPACING,
        ]
    )
    # beyond the trunk there is only air: the rectangle in which the knots reach the reference body
    picture = np.full((rows, columns), anatomy.values[0, 0, 0], np.float32)
    inner = _rectangle(grid, motion)
    places = _between_knots(_between_knots(index.astype(np.float32), 1, rows, inner[0]), 2, columns, inner[1])
    low = max(int(places[0].min()) - 1, 0)
    high = min(int(places[0].max()) + 3, len(anatomy.values))
    places[0] -= low
    map_coordinates(anatomy.values[low:high], places, picture[inner], order=1, mode="nearest")
    return picture


def _rectangle(grid: Grid, motion: Motion) -> tuple[slice, slice]:
    """Rows and columns that can show the patient: the reference trunk with its fat, and a few mm."""
    spans = []
    for axis, (low, high) in ((1, (-132.0, 134.0)), (0, (-184.0, 184.0))):
        start = motion.table[axis] + motion.scale[axis] * low - grid.origins[0, axis]
        stop = motion.table[axis] + motion.scale[axis] * high - grid.origins[0, axis]
        spacing, size = grid.spacing_mm[axis], grid.size[axis]
        spans.append(slice(max(int(start / spacing), 0), min(int(stop / spacing) + 2, size)))
    return spans[0], spans[1]


def _between_knots(knots: Array, axis: int, count: int, wanted: slice) -> Array:
    """Linear interpolation along one axis from COARSE even knots to the wanted ones of count pixels."""
    place = np.linspace(0.0, COARSE - 1.0, count)[wanted]
    low = np.minimum(place.astype(int), COARSE - 2)
    shape = [1] * knots.ndim
    shape[axis] = len(place)
    part = (place - low).astype(np.float32).reshape(shape)
    below = np.take(knots, low, axis)
    return np.asarray(below + (np.take(knots, low + 1, axis) - below) * part, np.float32)


def paint_lesion(picture: Array, grid: Grid, k: int, body: Body, values: dict[str, float]) -> None:
    """Mix one lesion into slice k, averaged over the slice thickness (soft coverage, layer over layer)."""
    z = float(grid.origins[k, 2])
    thickness = grid.slice_step_mm
    reach_z = body.half_height * 1.05 + thickness
    if abs(z - body.centre[2]) > reach_z:
        return
    reach = float(body.radii.max()) * 1.05 + 4.0
    low = np.floor(grid.to_index((body.centre[0] - reach, body.centre[1] - reach, z))[:2]).astype(int)
    high = np.ceil(grid.to_index((body.centre[0] + reach, body.centre[1] + reach, z))[:2]).astype(int) + 1
    columns = slice(max(int(low[0]), 0), min(int(high[0]), grid.size[0]))
    rows = slice(max(int(low[1]), 0), min(int(high[1]), grid.size[1]))
    x = (grid.origins[k, 0] + np.arange(columns.start, columns.stop) * grid.spacing_mm[0]).astype(np.float32)
    y = (grid.origins[k, 1] + np.arange(rows.start, rows.stop) * grid.spacing_mm[1]).astype(np.float32)
    part = picture[rows, columns]
    for layer in LAYERS[body.kind]:
        edge = min(layer.edge, 0.45 * float(body.radii.mean()))
        cover = np.mean(
            [body.coverage(x, y, z + 0.5 * thickness * step, layer.share, edge) for step in THICKNESS_SAMPLES],
            axis=0,
        )
        part += cover * (np.float32(values[layer.tissue]) - part)


@lru_cache(maxsize=1)
def noise_slices() -> Array:
    """Correlated noise of unit variance, shape (NOISE_SLICES, 512, 512), wrapping in plane."""
    from scipy.ndimage import gaussian_filter

    rng = np.random.default_rng(71)
    cube = np.empty((NOISE_SLICES, 512, 512), np.float32)
    for k in range(NOISE_SLICES):
        fine = gaussian_filter(rng.standard_normal((512, 512), dtype=np.float32), 0.7, mode="wrap")
        broad = gaussian_filter(rng.standard_normal((512, 512), dtype=np.float32), 1.8, mode="wrap")
        both = fine / fine.std() + broad / (3.0 * broad.std())
        cube[k] = both / both.std()
    return cube


def drawn_noise(rng: np.random.Generator, rows: int, columns: int) -> Array:
    """One slice of noise: a slice of the store, rolled and turned over at random."""
    store = noise_slices()
    field = store[int(rng.integers(len(store)))]
    if rng.integers(2):
        field = field[::-1]
    field = np.roll(field, (int(rng.integers(512)), int(rng.integers(512))), (0, 1))
    return np.asarray(field[:rows, :columns], np.float32)


def couch(grid: Grid, top_mm: float) -> Array:
    """Coverage of the table's two shells in every slice, shape (rows, columns); top_mm is its highest y."""
    x = grid.origins[0, 0] + np.arange(grid.size[0]) * grid.spacing_mm[0]
    y = grid.origins[0, 1] + np.arange(grid.size[1]) * grid.spacing_mm[1]
    sag = 46.0 * (x - x.mean()) ** 2 / 190.0**2
    cover = np.zeros((len(y), len(x)), np.float32)
    for drop, strength in ((16.0, 1.0), (38.0, 0.7)):
        away = np.abs(y[:, None] - (top_mm + drop - sag * (1 - drop / 90))[None, :])
        cover = np.maximum(cover, (strength * np.clip(1.6 - away, 0, 1)).astype(np.float32))
    return cover


def scanned(
    anatomy: Anatomy,
    grid: Grid,
    motion: Motion,
    bodies: Iterable[Body],
    *,
    seed: int,
    noise: float = 10.0,
    slices: range | None = None,
    report: Callable[[float], None] | None = None,
) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """One series as int16, shape (slices, rows, columns); noise is its sigma in HU (0: the noise-free truth).

    slices: only these are made, the rest of the array is left at the value of air (for tests and previews).
    report receives the share done; what it raises ends the work.
    """
    from measure.phantom import mr

    columns, rows, count = grid.size
    is_mr = anatomy.modality == "MR"
    air = 0 if is_mr else -1000
    made = np.full((count, rows, columns), air, np.int16)
    table = couch(grid, motion.table[1] + 121.0 * motion.scale[1])
    values = MR_VALUES if is_mr else CT_VALUES
    pieces = list(bodies)
    centre = _deep_in_the_body(grid, motion)
    wanted = slices if slices is not None else range(count)
    for step, k in enumerate(wanted):
        picture = sampled_anatomy(anatomy, grid, motion, k)
        for body in pieces:
            paint_lesion(picture, grid, k, body, values)
        rng = np.random.default_rng([seed, k])
        if is_mr:
            picture = mr.received(picture, grid, motion, rng, noise)
        else:
            outside = picture < -990.0
            picture[outside] += 720.0 * table[outside]
            if noise > 0:
                # none outside the patient, half of it in air, more in the depth of the body
                weight = np.clip((picture + 996.0) / 60.0, 0.0, 0.5)
                weight += np.clip((picture + 500.0) / 600.0, 0.0, 0.5)
                picture += np.float32(noise) * weight * centre * drawn_noise(rng, rows, columns)
        made[k] = np.clip(np.rint(picture), -1024 if not is_mr else 0, 3071).astype(np.int16)
        if report is not None:
            report((step + 1) / len(wanted))
    return made


def _deep_in_the_body(grid: Grid, motion: Motion) -> Array:
    """Noise against depth: 0.84 at the skin to 1.12 in the middle, shape (rows, columns)."""
    x = grid.origins[0, 0] + np.arange(grid.size[0]) * grid.spacing_mm[0] - motion.table[0]
    y = grid.origins[0, 1] + np.arange(grid.size[1]) * grid.spacing_mm[1] - motion.table[1]
    return np.asarray(0.84 + 0.28 * np.exp(-((x[None, :] / 120) ** 2) - (y[:, None] / 90) ** 2), np.float32)
