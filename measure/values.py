"""Exact lengths: rounded once, where a drawn line becomes a measurement."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from math import isfinite

TENTH_MM = Decimal("0.1")
LONGEST_CREDIBLE_MM = Decimal(400)


def rounded_length(drawn_mm: float, precision_mm: Decimal = TENTH_MM) -> Decimal:
    """Round a drawn length in mm half up to the protocol's precision (`precision.length_mm`).

    The only place where a drawn length is rounded. Raises ValueError for what is not a length.
    """
    if not isfinite(drawn_mm) or drawn_mm < 0:
        raise ValueError(f"a length must be finite and not negative, got {drawn_mm} mm")
    steps = (Decimal(repr(float(drawn_mm))) / precision_mm).to_integral_value(ROUND_HALF_UP)
    return steps * precision_mm
