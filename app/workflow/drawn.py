"""What the hand left on a picture, and the stored mark it becomes; here lengths are rounded, nowhere else."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from app.workflow.reading import Reading
from measure.geometry import distance_mm
from measure.read import Lesion, Mark
from measure.refusal import Refused
from measure.values import rounded_length

Ends = tuple[tuple[float, float, float], tuple[float, float, float]]


@dataclass(frozen=True)
class Drawn:
    """What the hand left on the picture, in patient mm: ready to become a mark."""

    series_uid: str
    sop_uid: str
    slice: int
    method: str
    long_ends: Ends | None
    short_ends: Ends | None
    outlines: Mapping[int, list[list[tuple[float, float, float]]]] = field(default_factory=dict)
    mask_box: tuple[int, ...] = ()
    mask_bits: bytes = b""
    volume_ml: float | None = None
    mean: float | None = None
    sd: float | None = None
    proposed: Mapping[str, Any] = field(default_factory=dict)


def to_mark(drawn: Drawn, rtp_id: str, at: str) -> Mark:
    """Turn what was drawn into the stored mark; coordinates keep a hundredth of a millimetre."""
    return Mark(
        id=str(uuid.uuid4()),
        read_timepoint_id=rtp_id,
        series_uid=drawn.series_uid,
        sop_uid=drawn.sop_uid,
        slice=drawn.slice,
        method=drawn.method,
        long_axis=_kept(drawn.long_ends),
        short_axis=_kept(drawn.short_ends),
        outlines={str(k): [_points(line) for line in lines] for k, lines in drawn.outlines.items()},
        mask_box=list(drawn.mask_box),
        mask_bits=drawn.mask_bits,
        drawn_long_mm=_length(drawn.long_ends),
        drawn_short_mm=_length(drawn.short_ends),
        volume_ml="" if drawn.volume_ml is None else f"{drawn.volume_ml:.3f}",
        mean="" if drawn.mean is None else f"{drawn.mean:.1f}",
        sd="" if drawn.sd is None else f"{drawn.sd:.1f}",
        proposed=dict(drawn.proposed),
        at=at,
    )


def _points(line: Any) -> list[list[float]]:
    return [[round(float(c), 3) for c in point] for point in line]


def _kept(ends: Ends | None) -> list[list[float]]:
    return [] if ends is None else [[round(float(c), 4) for c in end] for end in ends]


def _length(ends: Ends | None) -> float:
    return 0.0 if ends is None else distance_mm(*ends)


def measured_values(reading: Reading, lesion: Lesion, mark: Mark) -> dict[str, str]:
    """The values of a mark, rounded here once (decision 2): the short axis counts for a node."""
    precision = reading.protocol.precision.length_mm
    long_mm = rounded_length(mark.drawn_long_mm, precision)
    short_mm = rounded_length(mark.drawn_short_mm, precision) if mark.short_axis else None
    counts: Decimal | None = short_mm if lesion.nodal else long_mm
    if counts is None:
        raise Refused(f"{lesion.label} is a node: draw its short axis too, it is the one that counts.")
    return {
        "diameter_mm": str(counts),
        "long_axis_mm": str(long_mm),
        "short_axis_mm": "" if short_mm is None else str(short_mm),
        "volume_ml": f"{float(mark.volume_ml):.2f}" if mark.volume_ml else "",
    }
