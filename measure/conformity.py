"""The protocol's limits while a lesion is drawn: they warn and ask for a reason, they never block drawing.

Sources: R11-01 (size and slice thickness), R11-03 (nodes), R11-05 (five in all, two an organ; paired organs and all
nodes are one organ each), R11-02 and CR-11 (same series, thickness and modality as baseline).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from measure.case import SeriesRecord
from measure.read import Finding, Lesion, Mark
from measure.rules import Rules

NEAR_MM = 10.0
ONE_ORGAN = {"lung-left": "lung", "lung-right": "lung", "kidney-left": "kidney", "kidney-right": "kidney"}


@dataclass(frozen=True)
class Concern:
    """One limit that was touched: a key that stays the same, the label it is about, a sentence, the protocol's key."""

    key: str
    label: str
    text: str
    rule: str


class _Row(Protocol):
    @property
    def lesion(self) -> Lesion: ...
    @property
    def findings(self) -> Sequence[Finding | None]: ...
    @property
    def marks(self) -> Sequence[Mark | None]: ...


def concerns(reading: Any) -> tuple[Concern, ...]:
    """All concerns of the last time point of a reading (app.workflow.reading.Reading, read by shape)."""
    rules: Rules = reading.protocol.rules
    found: list[Concern] = []
    if reading.at_baseline:
        found += _counts(rules, [row for row in reading.lesions if row.lesion.role == "target"])
    for row in reading.lesions:
        finding, mark = row.findings[-1], row.marks[-1]
        if finding is None or not finding.diameter_mm:
            continue
        series = _series_of(reading.now.series, mark)
        if reading.at_baseline:
            found += _size(rules, row.lesion, Decimal(finding.diameter_mm), series)
        if row.lesion.role == "target" and mark is not None and series is not None:
            found += _like_baseline(row, reading.timepoints[0].series, series, reading.at_baseline)
    found += _near_known(reading)
    return tuple(found)


def _series_of(series: Sequence[SeriesRecord], mark: Mark | None) -> SeriesRecord | None:
    return next((s for s in series if mark is not None and s.uid == mark.series_uid), None)


def _counts(rules: Rules, targets: Sequence[_Row]) -> list[Concern]:
    found = []
    most, per_organ = rules.targets_max_total, rules.targets_max_per_organ
    for k, row in enumerate(targets):
        if k >= most:
            text = f"{row.lesion.label}: target number {k + 1}. The protocol allows {most} (targets.max_total)."
            found.append(Concern(f"{row.lesion.lesion_id}:max_total", row.lesion.label, text, "targets.max_total"))
    by_organ: dict[str, list[_Row]] = {}
    for row in targets:
        organ = "lymph node" if row.lesion.nodal else ONE_ORGAN.get(row.lesion.organ, row.lesion.organ)
        by_organ.setdefault(organ, []).append(row)
    for organ, rows in by_organ.items():
        for row in rows[per_organ:]:
            text = f"{row.lesion.label}: more than {per_organ} targets in one organ, {organ} (targets.max_per_organ)."
            found.append(
                Concern(f"{row.lesion.lesion_id}:max_per_organ", row.lesion.label, text, "targets.max_per_organ")
            )
    return found


def _size(rules: Rules, lesion: Lesion, size: Decimal, series: SeriesRecord | None) -> list[Concern]:
    key = f"{lesion.lesion_id}:size"
    if lesion.nodal:
        if size < rules.nodal_normal_below_mm:
            text = f"{lesion.label}: {size} mm short axis, a normal node (nodal.normal_below_mm)."
            return [Concern(key, lesion.label, text, "nodal.normal_below_mm")]
        if lesion.role == "target" and size < rules.nodal_target_min_mm:
            text = (
                f"{lesion.label}: {size} mm short axis; a target node needs {rules.nodal_target_min_mm} mm "
                "(nodal.target_min_mm)."
            )
            return [Concern(key, lesion.label, text, "nodal.target_min_mm")]
        return []
    if lesion.role != "target":
        return []
    needed, rule = rules.measurability_min_mm, "measurability.min_mm"
    if series is not None and series.thickness_mm:
        by_slice = Decimal(series.thickness_mm) * rules.measurability_slice_factor
        if by_slice > needed:
            needed, rule = by_slice, "measurability.slice_factor"
    if size < needed:
        return [Concern(key, lesion.label, f"{lesion.label}: {size} mm; a target needs {needed} mm ({rule}).", rule)]
    return []


def _like_baseline(
    row: _Row, baseline: Sequence[SeriesRecord], series: SeriesRecord, at_baseline: bool
) -> list[Concern]:
    lesion = row.lesion
    found = []
    if not series.measurable:
        text = f"{lesion.label}: measured on a series that is not regular: {series.why_not}"
        found.append(Concern(f"{lesion.lesion_id}:geometry", lesion.label, text, "CR-10"))
    first = _series_of(baseline, row.marks[0])
    if at_baseline or first is None:
        return found
    if first.modality != series.modality:
        text = f"{lesion.label}: measured on {series.modality}, baseline on {first.modality}."
        found.append(Concern(f"{lesion.lesion_id}:modality", lesion.label, text, "R11-02"))
    elif first.thickness_mm != series.thickness_mm:
        text = f"{lesion.label}: {series.thickness_mm} mm slices, baseline {first.thickness_mm} mm."
        found.append(Concern(f"{lesion.lesion_id}:thickness", lesion.label, text, "CR-11"))
    if first.hang_as != series.hang_as:
        text = f"{lesion.label}: measured on another series ({series.name}) than at baseline ({first.name})."
        found.append(Concern(f"{lesion.lesion_id}:series", lesion.label, text, "R11-02"))
    return found


def _centre(mark: Mark) -> tuple[float, ...]:
    ends = mark.long_axis or mark.short_axis
    return tuple((a + b) / 2 for a, b in zip(*ends, strict=True)) if ends else ()


def _near_known(reading: Any) -> list[Concern]:
    """A new lesion close to one known at this time point may be the same one (reading-room 5)."""
    found = []
    here = [(row.lesion, row.marks[-1]) for row in reading.lesions if row.marks[-1] is not None]
    for lesion, mark in here:
        if not lesion.role.startswith("new") or lesion.read_timepoint_id != reading.now.read_timepoint.id:
            continue
        for other, other_mark in here:
            if other.lesion_id == lesion.lesion_id or other.role.startswith("new"):
                continue
            if mark.series_uid != other_mark.series_uid or not _centre(mark) or not _centre(other_mark):
                continue
            gap = sum((a - b) ** 2 for a, b in zip(_centre(mark), _centre(other_mark), strict=True)) ** 0.5
            if gap < NEAR_MM:
                text = f"{lesion.label} lies {gap:.0f} mm from {other.label}. New, or a part of it?"
                found.append(Concern(f"{lesion.lesion_id}:near", lesion.label, text, "R11-11"))
                break
    return found
