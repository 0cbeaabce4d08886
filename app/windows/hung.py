"""What hangs in a viewport of the reading."""

from __future__ import annotations

from dataclasses import dataclass

from measure.case import SeriesRecord


@dataclass
class Hung:
    """What one viewport shows: time point index and series; fused pictures have `fused`."""

    timepoint: int
    series: SeriesRecord
    fused: bool = False
