"""Numbers as headers write them: read leniently, checked strictly; None for what is no number."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from measure.geometry import Point

_UNIT_TOLERANCE = 1e-3  # interop S10: cosines are renormalised within this, else they are not an orientation


def number(text: str) -> float | None:
    """A decimal string, leniently: commas for points, stray blanks and NUL, more than one value (the
    first).
    """
    cleaned = text.split("\\", maxsplit=1)[0].replace(",", ".").strip(" \0")
    if "_" in cleaned or not cleaned.isascii():
        return None  # Python would take 1_0 and the digits of other scripts
    try:
        value = float(cleaned)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def numbers(text: str, count: int) -> tuple[float, ...] | None:
    """So many numbers, separated by backslashes; None when one is missing or is no number."""
    parts = [number(part) for part in text.split("\\")]
    if len(parts) != count or any(part is None for part in parts):
        return None
    return tuple(part for part in parts if part is not None)


def whole(text: str) -> int | None:
    """A whole number."""
    value = number(text) if text else None
    return int(value) if value is not None and value == int(value) else None


def orientation(text: str) -> tuple[Point, Point] | None:
    """Row and column axis as orthogonal unit vectors, or None when they are not an orientation."""
    six = numbers(text, 6)
    if six is None:
        return None
    row, column = six[:3], six[3:]
    if sum(abs(v) for v in row) == 0 or sum(abs(v) for v in column) == 0:
        return None
    row_length, column_length = math.hypot(*row), math.hypot(*column)
    if abs(row_length - 1) > _UNIT_TOLERANCE or abs(column_length - 1) > _UNIT_TOLERANCE:
        return None
    r = [v / row_length for v in row]
    c = [v / column_length for v in column]
    skew = sum(a * b for a, b in zip(r, c, strict=True))
    if abs(skew) > _UNIT_TOLERANCE:
        return None
    c = [b - skew * a for a, b in zip(r, c, strict=True)]
    length = math.hypot(*c)
    return (r[0], r[1], r[2]), (c[0] / length, c[1] / length, c[2] / length)


def spacing_mm(text: str) -> tuple[float, float] | None:
    """Pixel spacing (between rows, between columns) in mm, both above zero and below a metre."""
    two = numbers(text, 2)
    if two is None or not (0 < two[0] < 1000 and 0 < two[1] < 1000):
        return None
    return two[0], two[1]
