"""The first, the middle and the last slice of each hung series, for a person to look for burned-in text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.workflow.ports import Ports
from measure.case import SeriesRecord
from measure.volume import Volume

_CT_WINDOW = (-160.0, 240.0)


@dataclass(frozen=True)
class SheetPicture:
    """One slice in grey levels, shape (rows, columns), with the words below it."""

    series: str
    words: str
    grey: NDArray[np.uint8]


def contact_sheet(ports: Ports, series: tuple[SeriesRecord, ...], report: Any = None) -> tuple[SheetPicture, ...]:
    """Three slices of each series that hangs, and the largest value of every pixel over all its slices."""
    pictures: list[SheetPicture] = []
    for one in series:
        if not one.hang_as:
            continue
        volume = ports.images.open(one.manifest, report)
        last = volume.array.shape[0] - 1
        for words, k in (("first", 0), ("middle", last // 2), ("last", last)):
            pictures.append(SheetPicture(one.name, f"{words} slice", _grey(volume.array[k], volume)))
        whole = volume.array.max(axis=0)
        pictures.append(SheetPicture(one.name, "brightest of all slices", _grey(whole, volume)))
    return tuple(pictures)


def _grey(plane: NDArray[np.generic], volume: Volume) -> NDArray[np.uint8]:
    values = plane.astype(np.float32)
    low, high = _CT_WINDOW if volume.unit == "HU" else (float(v) for v in np.percentile(values, (1, 99)))
    scaled: NDArray[np.float32] = np.clip((values - low) / max(high - low, 1e-6), 0, 1) * 255
    return scaled.astype(np.uint8)
