"""What `coread measure` and `coread segment` print about a mask."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from measure.geometry import Point
    from measure.mask_measures import MaskMeasures


def measures_json(found: MaskMeasures) -> dict[str, Any]:
    """The keys of `measure --json`: LPS mm, slices from 0; null where the series does not allow a value."""
    axes = found.axes
    return {
        "voxels": found.voxels,
        "volume_ml": _rounded(found.volume_ml, 6),
        "longest_mm": _rounded(axes.long_mm, 4),
        "longest_ends_lps": _ends(axes.long_ends),
        "longest_slice": axes.slice,
        "perpendicular_mm": _rounded(axes.short_mm, 4),
        "perpendicular_ends_lps": _ends(axes.short_ends),
        "diameter_3d_mm": _rounded(found.diameter_3d_mm, 4),
        "mean": _rounded(found.mean, 4),
        "sd": _rounded(found.sd, 4),
        "unit": found.unit,
    }


def print_measures(found: MaskMeasures, more: dict[str, Any], *, as_json: bool, quiet: bool) -> None:
    """Print as one JSON object, or as a few lines for people."""
    if as_json:
        print(json.dumps({**measures_json(found), **more}, indent=1))
        return
    if quiet:
        return
    from measure.values import rounded_length

    axes = found.axes
    volume = "not allowed on this series" if found.volume_ml is None else f"{found.volume_ml:.3f} ml"
    print(f"longest        {rounded_length(axes.long_mm)} mm on slice {axes.slice + 1}")
    print(f"perpendicular  {rounded_length(axes.short_mm)} mm")
    print(f"volume         {volume} ({found.voxels} voxels)")
    if found.diameter_3d_mm is not None:
        print(f"longest in 3D  {rounded_length(found.diameter_3d_mm)} mm")
    if found.mean is not None and found.sd is not None:
        print(f"values         {found.mean:.1f} {found.unit}, standard deviation {found.sd:.1f}")
    for name, value in more.items():
        print(f"{name:<15}{value}")


def _ends(ends: tuple[Point, Point]) -> list[list[float]]:
    return [[round(value, 4) for value in end] for end in ends]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
