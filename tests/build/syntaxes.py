"""One image in every transfer syntax, encoded by imagecodecs; the values that a right decoder gives come with it."""

from __future__ import annotations

import imagecodecs
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from tests.build.dicom import ct_slice

_DOTTED = "1.2.840.10008.1.2"
IMPLICIT, EXPLICIT, DEFLATED, BIG = _DOTTED, f"{_DOTTED}.1", f"{_DOTTED}.1.99", f"{_DOTTED}.2"
RLE = f"{_DOTTED}.5"
BASELINE, EXTENDED, LOSSLESS, LOSSLESS_FIRST = (f"{_DOTTED}.4.{n}" for n in (50, 51, 57, 70))
LS, LS_NEAR, J2K, J2K_LOSSY = (f"{_DOTTED}.4.{n}" for n in (80, 81, 90, 91))
HT, HT_ORDERED, HT_LOSSY = (f"{_DOTTED}.4.{n}" for n in (201, 202, 203))

NATIVE = (IMPLICIT, EXPLICIT, DEFLATED, BIG)
EXACT = (RLE, LOSSLESS, LOSSLESS_FIRST, LS, J2K, HT, HT_ORDERED)
LOSSY = (BASELINE, EXTENDED, LS_NEAR, J2K_LOSSY, HT_LOSSY)
EVERY = (*NATIVE, *EXACT, *LOSSY)


def textured(k: int = 0, rows: int = 32, columns: int = 32, bits: int = 12) -> NDArray[np.uint16]:
    """Smooth unsigned values with some noise, like a slice of CT, different for every k."""
    luck = np.random.default_rng(k)
    y, x = np.mgrid[0:rows, 0:columns]
    smooth = 0.5 + 0.3 * np.sin((x + 3 * k) / 7.0) * np.cos(y / 5.0)
    top = (1 << bits) - 1
    return np.clip(smooth * top + luck.normal(0, top / 200, (rows, columns)), 0, top).astype(np.uint16)


def _rle(values: NDArray[np.uint16]) -> bytes:
    from rle.rle import encode_frame

    return bytes(encode_frame(values.astype("<u2").tobytes(), *values.shape, 1, 16, "<"))


def _encoded(values: NDArray[np.uint16], syntax: str, bits: int) -> bytes:
    eight = values.astype(np.uint8)
    makers = {
        RLE: lambda: _rle(values),
        BASELINE: lambda: imagecodecs.jpeg8_encode(eight, level=95),
        EXTENDED: lambda: imagecodecs.jpeg8_encode(values, level=98, bitspersample=12),
        LOSSLESS: lambda: imagecodecs.jpeg8_encode(values, lossless=True, predictor=6, bitspersample=bits),
        LOSSLESS_FIRST: lambda: imagecodecs.ljpeg_encode(values, bitspersample=bits),
        LS: lambda: imagecodecs.jpegls_encode(values),
        LS_NEAR: lambda: imagecodecs.jpegls_encode(values, level=2),
        J2K: lambda: imagecodecs.jpeg2k_encode(values, level=0, reversible=True, codecformat="j2k"),
        J2K_LOSSY: lambda: imagecodecs.jpeg2k_encode(values, level=60, reversible=False, codecformat="j2k"),
        HT: lambda: imagecodecs.htj2k_encode(values, reversible=True),
        HT_ORDERED: lambda: imagecodecs.htj2k_encode(values, reversible=True),
        HT_LOSSY: lambda: imagecodecs.htj2k_encode(values, level=0.01, reversible=False),
    }
    return bytes(makers[syntax]())


def in_syntax(syntax: str, k: int = 0, *, rows: int = 32, columns: int = 32, series: str = "series") -> Dataset:
    """Slice k as 12-bit unsigned values (8-bit where the syntax holds no more); save it with that syntax."""
    bits = 8 if syntax == BASELINE else 12
    values = textured(k, rows, columns, bits)
    ds = ct_slice(k, rows=rows, columns=columns, series=series)
    ds.PixelRepresentation, ds.BitsStored, ds.HighBit = 0, bits, bits - 1
    if bits == 8:
        ds.BitsAllocated = 8
    if syntax in NATIVE:
        ds.PixelData = values.astype(">u2" if syntax == BIG else "<u2").tobytes()
        return ds
    ds.PixelData = encapsulate([_encoded(values, syntax, bits)])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    ds.file_meta = None  # type: ignore[assignment]
    del ds.file_meta
    return ds


def uid(syntax: str) -> UID:
    """The syntax as pydicom wants it."""
    return UID(syntax)
