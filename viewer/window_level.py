"""From stored values to grey: the linear window of DICOM (PS3.3 C.11.2.1.2), exactly, in a reused buffer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from measure.volume import Volume

Values = NDArray[np.generic]
_OPAQUE = np.uint32(0xFF000000)
_SPREAD = np.uint32(0x00010101)


@dataclass(frozen=True, slots=True)
class Window:
    """Width and centre in the unit of the values; name of the preset, empty once it was moved by hand."""

    width: float
    centre: float
    name: str = ""


FIXED_PRESETS: dict[int, Window] = {
    1: Window(380.0, 60.0, "soft tissue"),
    2: Window(220.0, 95.0, "liver"),
    3: Window(1500.0, -600.0, "lung"),
    4: Window(1800.0, 400.0, "bone"),
    5: Window(350.0, 50.0, "mediastinum"),
    6: Window(80.0, 40.0, "brain"),
}
AS_STORED, PERCENTILES = 7, 8


def percentile_window(volume: Volume, low: float = 1.0, high: float = 99.0) -> Window:
    """Window between two percentiles of a sample of the volume; padding does not count."""
    array = volume.array
    step = [max(1, size // most) for size, most in zip(array.shape, (24, 96, 96), strict=True)]
    sample = np.asarray(array[:: step[0], :: step[1], :: step[2]], np.float32).ravel()
    if volume.padding is not None:
        sample = sample[sample != volume.padding]
    if volume.unit != "HU":
        sample = sample[sample != 0]  # outside an MR field of view most values are a plain zero
    if sample.size == 0:
        return Window(1.0, 0.0, "percentiles")
    bottom, top = (float(value) for value in np.percentile(sample, (low, high)))
    return Window(max(top - bottom, 1e-6), (top + bottom) / 2.0, "percentiles")


def preset_window(number: int, volume: Volume, stored: Window | None) -> Window:
    """Window of preset 1 to 8 for a volume.

    The fixed ones are in HU: on anything else they give the percentiles. `as stored` without a usable stored
    window (none, or no width) gives the percentiles, too, and says so by its name.
    """
    if number in FIXED_PRESETS and volume.unit == "HU":
        return FIXED_PRESETS[number]
    if number == AS_STORED and stored is not None and stored.width > 0:
        return Window(stored.width, stored.centre, "as stored")
    return percentile_window(volume)


def first_window(volume: Volume, stored: Window | None = None) -> Window:
    """Window with which a volume opens: soft tissue for CT, else as stored."""
    return preset_window(1 if volume.unit == "HU" else AS_STORED, volume, stored)


def moved_window(window: Window, dx: float, dy: float, *, whole: bool) -> Window:
    """Window after the hand moved by (dx, dy) px: right widens, down raises the centre (darkens).

    The step follows the width, so that narrow windows move finely. whole: steps of the unit (HU).
    """
    step = min(max(window.width / 250.0, 0.0), 4.0) if whole else window.width / 250.0
    width = window.width + dx * max(step, 1.0 if whole else 0.0)
    centre = window.centre + dy * max(step, 0.5 if whole else 0.0)
    if whole:
        return Window(max(1.0, round(width)), round(centre))
    return Window(max(window.width * 0.05, width), centre)


def grey(values: Values, window: Window) -> NDArray[np.uint8]:
    """8-bit grey of stored values, same shape; the middle of the window is shown half bright.

    Linear function of PS3.3 C.11.2.1.2 for whole numbers of at least width 1; signals in other units use the
    linear-exact one (C.11.2.1.3.2), where width and centre are not shifted by half a step.
    """
    shown = np.asarray(values, np.float32)
    if np.issubdtype(values.dtype, np.integer) and window.width >= 1.0:
        if window.width == 1.0:
            return np.where(shown <= window.centre - 0.5, np.uint8(0), np.uint8(255))
        share = (shown - np.float32(window.centre - 0.5)) / np.float32(window.width - 1.0) + np.float32(0.5)
    else:
        share = (shown - np.float32(window.centre)) / np.float32(window.width) + np.float32(0.5)
    np.clip(share, 0.0, 1.0, out=share)
    share *= np.float32(255.0)
    share += np.float32(0.5)
    return share.astype(np.uint8)


class GreyPicture:
    """Turns slices into RGB32 pictures; keeps one buffer and one table: scrolling allocates nothing."""

    def __init__(self) -> None:
        self._table: NDArray[np.uint32] | None = None
        self._table_for: tuple[Window, bool] | None = None
        self._buffer: NDArray[np.uint32] = np.empty((0, 0), np.uint32)

    def image(self, values: Values, window: Window, *, invert: bool = False) -> QImage:
        """Picture of one slice, shape (rows, columns), on the shared buffer: valid until the next call."""
        if self._buffer.shape != values.shape:
            self._buffer = np.empty(values.shape, np.uint32)
        if values.dtype == np.int16:
            index = np.ascontiguousarray(values).view(np.uint16)
            np.take(self._colours(window, invert), index, out=self._buffer, mode="clip")
        else:
            shown = grey(values, window)
            if invert:
                np.subtract(np.uint8(255), shown, out=shown)
            np.multiply(shown, _SPREAD, out=self._buffer, casting="unsafe")
            self._buffer |= _OPAQUE
        return picture_of(self._buffer)

    def _colours(self, window: Window, invert: bool) -> NDArray[np.uint32]:
        """Colour of every int16 value, indexed by the same bits read as uint16."""
        if self._table is None or self._table_for != (window, invert):
            every = np.arange(65536, dtype=np.uint16).view(np.int16)
            shown = grey(every, window)
            if invert:
                shown = np.subtract(np.uint8(255), shown)
            self._table = shown.astype(np.uint32) * _SPREAD | _OPAQUE
            self._table_for = (window, invert)
        return self._table


def picture_of(colours: NDArray[np.uint32]) -> QImage:
    """A picture over a contiguous uint32 array, shape (rows, columns); the array must outlive it."""
    rows, columns = colours.shape
    return QImage(colours.data, columns, rows, columns * 4, QImage.Format.Format_RGB32)
