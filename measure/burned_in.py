"""A hint where letters may be burned into a slice: small strokes of one value, in a row, standing out.

No reading of text: the finder points, a person looks. Scanners and workstations burn letters in at one value, far
from what lies around them, in rows of equal height; anatomy is noisy and does not stand in rows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_LEAST_HEIGHT, _MOST_HEIGHT = 5, 48
_MOST_WIDTH = 60
_FEWEST = 3
_FULLEST = 0.92
_VALUES = 4
_NEIGHBOURS = 5
_STANDS_OUT = 0.5
_MOST_GLYPHS = 4000


@dataclass(frozen=True, slots=True)
class TextPlace:
    """A row of what may be letters: box in pixels, (first row, first column, last row, last column), and how many."""

    box: tuple[int, int, int, int]
    letters: int


def text_places(plane: NDArray[np.generic]) -> tuple[TextPlace, ...]:
    """Rows of what may be letters in one slice, shape (rows, columns); empty when there is nothing like it."""
    found: list[TextPlace] = []
    for value in _flat_values(plane):
        found += _rows_of(_glyphs(plane == value, plane, float(value)))
    return tuple(sorted(set(found), key=lambda one: one.box))


def _flat_values(plane: NDArray[np.generic]) -> list[float]:
    """The extreme values of the slice, and those that stand out of its histogram, if they occur often enough."""
    values, counts = np.unique(plane, return_counts=True)
    whole = np.convolve(counts, np.ones(2 * _NEIGHBOURS + 1))
    around = whole[_NEIGHBOURS : _NEIGHBOURS + len(counts)] - counts
    spikes = np.argsort(-counts / (1 + around / (2 * _NEIGHBOURS)), kind="stable")[:_VALUES]
    wanted = [*range(max(0, len(values) - _VALUES), len(values)), *range(min(_VALUES, len(values))), *spikes.tolist()]
    return [float(values[k]) for k in dict.fromkeys(wanted) if counts[k] >= _FEWEST * _LEAST_HEIGHT]


def _glyphs(mask: NDArray[np.bool_], plane: NDArray[np.generic], value: float) -> list[tuple[int, int, int, int]]:
    """Boxes of connected strokes of letter size that stand out of what lies around them."""
    from scipy import ndimage

    labels, count = ndimage.label(mask, np.ones((3, 3), int))
    if not 0 < count <= _MOST_GLYPHS:
        return []
    span = float(plane.max()) - float(plane.min())
    boxes = []
    for number, (down, along) in enumerate(ndimage.find_objects(labels), 1):
        height, width = down.stop - down.start, along.stop - along.start
        if not (_LEAST_HEIGHT <= height <= _MOST_HEIGHT and width <= _MOST_WIDTH):
            continue
        own = labels[down, along] == number
        if own.mean() > _FULLEST and width > 2:  # a filled box is no letter
            continue
        room = (slice(max(0, down.start - 1), down.stop + 1), slice(max(0, along.start - 1), along.stop + 1))
        around = plane[room][labels[room] != number]
        if around.size and abs(float(np.median(around)) - value) >= _STANDS_OUT * span:
            boxes.append((down.start, along.start, down.stop - 1, along.stop - 1))
    return boxes


def _rows_of(boxes: list[tuple[int, int, int, int]]) -> list[TextPlace]:
    """Boxes that stand in a row: nearly one height, one base line, no wide gaps; at least three."""
    found: list[TextPlace] = []
    left = sorted(boxes, key=lambda box: box[1])
    while left:
        line = [left.pop(0)]
        for box in list(left):
            last = line[-1]
            tall = max(last[2] - last[0], box[2] - box[0]) + 1
            same_base = abs(box[2] - last[2]) <= max(1, 0.25 * tall)
            same_size = min(last[2] - last[0], box[2] - box[0]) + 1 >= 0.55 * tall
            if same_base and same_size and -1 <= box[1] - last[3] <= 1.2 * tall:
                line.append(box)
                left.remove(box)
        if len(line) >= _FEWEST:
            rows, columns = [b[0] for b in line] + [b[2] for b in line], [b[1] for b in line] + [b[3] for b in line]
            found.append(TextPlace((min(rows), min(columns), max(rows), max(columns)), len(line)))
    return found
