"""What is true of every lesion and zone at every time point, measured on the analytic outlines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np

from measure.geometry import Grid, Point
from measure.phantom.course import TOO_SMALL_BELOW_MM, LesionCourse, Subject, Timepoint, ZoneCourse
from measure.phantom.lesions import Axes, Body, axes_of
from measure.phantom.motion import matching_point
from measure.values import rounded_length
from measure.volume import Mask

Segment = tuple[Point, Point]


@dataclass(frozen=True)
class Section:
    """One piece on the slice where its longest axis lies: axes in mm, end points and centre in LPS mm."""

    slice: int
    long_axis_mm: float
    short_axis_mm: float
    long_ends: Segment
    short_ends: Segment
    centre: Point
    volume_ml: float


@dataclass(frozen=True)
class LesionTruth:
    """One lesion at one time point.

    state: measured, present (non-target), too-small, split, absent, ablated. diameter_mm: what counts (short
    axis for a node, sum of the fragments when split, 5 when too small, 0 when absent), None when ablated.
    sections: one a fragment, in the cast's order; empty when there is nothing to see. place: where the lesion
    is, or was.
    """

    label: str
    role: str
    organ: str
    site: str
    nodal: bool
    state: str
    diameter_mm: Decimal | None
    true_mm: float
    sections: tuple[Section, ...]
    place: Point
    zone: str = ""


@dataclass(frozen=True)
class ZoneTruth:
    """One ablation zone at one time point; section is None before the procedure."""

    label: str
    lesion: str
    technique: str
    procedure_no: int
    procedure_date: date
    status: str
    section: Section | None
    recurrence: str = ""


def lesion_bodies(subject: Subject, timepoint: Timepoint) -> tuple[tuple[str, Body], ...]:
    """Everything to be painted at a time point as (label, body): zones first, what lies over them later."""
    bodies = [(zone.label, _zone_body(zone, timepoint)) for zone in subject.zones if zone.sizes[timepoint.ordinal] > 0]
    for lesion in subject.lesions:
        bodies += [(lesion.label, body) for body in _pieces(lesion, timepoint)]
    return tuple(bodies)


def _zone_body(zone: ZoneCourse, timepoint: Timepoint) -> Body:
    centre = _point(timepoint.motion.to_scanner(zone.at))
    planes = timepoint.grid.origins[:, 2]
    return Body.sized("zone", zone.shape, centre, zone.sizes[timepoint.ordinal], planes)


def _pieces(lesion: LesionCourse, timepoint: Timepoint) -> list[Body]:
    size = lesion.sizes[timepoint.ordinal]
    parts = size if isinstance(size, tuple) else (size,)
    planes = timepoint.grid.origins[:, 2]
    pieces = []
    for number, part in enumerate(parts):
        if part <= 0:
            continue
        apart = 0.0 if len(parts) == 1 else (number - 0.5 * (len(parts) - 1)) * (sum(parts) * 0.5 + 5.0)
        turned = apart * np.array([np.cos(lesion.shape.turn), np.sin(lesion.shape.turn), 0.15])
        centre = _point(timepoint.motion.to_scanner(np.asarray(lesion.at) + turned))
        pieces.append(Body.sized(lesion.kind, lesion.shape, centre, part, planes, by_short_axis=lesion.nodal))
    return pieces


def lesion_truths(subject: Subject, timepoint: Timepoint) -> tuple[LesionTruth, ...]:
    """Every lesion that has appeared by this time point, in the cast's order."""
    return tuple(_lesion_truth(lesion, timepoint) for lesion in subject.lesions if lesion.first <= timepoint.ordinal)


def _lesion_truth(lesion: LesionCourse, timepoint: Timepoint) -> LesionTruth:
    sections = tuple(section_of(body, timepoint.grid) for body in _pieces(lesion, timepoint))
    counted = [section.short_axis_mm if lesion.nodal else section.long_axis_mm for section in sections]
    true_mm = sum(counted)
    diameter: Decimal | None
    if not sections:
        ablated = bool(lesion.treated_by) and lesion.role != "recurrence"
        state, diameter = ("ablated", None) if ablated else ("absent", Decimal(0))
    elif len(sections) > 1:
        state, diameter = "split", sum((rounded_length(value) for value in counted), Decimal(0))
    elif true_mm < TOO_SMALL_BELOW_MM:
        state, diameter = "too-small", Decimal(5)
    else:
        state = "present" if lesion.role == "non-target" else "measured"
        diameter = rounded_length(true_mm)
    place = _point(timepoint.motion.to_scanner(lesion.at))
    return LesionTruth(
        lesion.label, lesion.role, lesion.organ, lesion.site, lesion.nodal, state, diameter, true_mm,
        sections, place, lesion.treated_by,
    )  # fmt: skip


def zone_truths(subject: Subject, timepoint: Timepoint) -> tuple[ZoneTruth, ...]:
    """Every ablation zone of the subject at this time point."""
    truths = []
    for zone in subject.zones:
        there = zone.sizes[timepoint.ordinal] > 0
        recurrences = [
            lesion.label
            for lesion in subject.lesions
            if lesion.role == "recurrence" and lesion.treated_by == zone.label and lesion.first <= timepoint.ordinal
        ]
        truths.append(
            ZoneTruth(
                zone.label, zone.lesion, zone.technique, zone.procedure_no, zone.date,
                zone.statuses[timepoint.ordinal],
                section_of(_zone_body(zone, timepoint), timepoint.grid) if there else None,
                recurrences[0] if recurrences else "",
            )
        )  # fmt: skip
    return tuple(truths)


def section_of(body: Body, grid: Grid) -> Section:
    """Axes of the body on the sampled plane where the longest one lies (R11-02: axial, never in 3-D)."""
    planes = grid.origins[:, 2]
    k = int(np.argmin(np.abs(planes - body.centre[2])))
    z = float(planes[k])
    axes: Axes = axes_of(body.outline(z))
    long_ends, short_ends = (
        ((ends[0][0], ends[0][1], z), (ends[1][0], ends[1][1], z)) for ends in (axes.long_ends, axes.short_ends)
    )
    return Section(k, axes.long_mm, axes.short_mm, long_ends, short_ends, body.centre, body.volume_ml)


def truth_mask(subject: Subject, timepoint: Timepoint, label: str) -> Mask:
    """Voxels whose centre lies in the lesion or zone `label`, shape (slices, rows, columns)."""
    grid = timepoint.grid
    columns, rows, count = grid.size
    mask = np.zeros((count, rows, columns), bool)
    for name, body in lesion_bodies(subject, timepoint):
        if name != label:
            continue
        x = (grid.origins[0, 0] + np.arange(columns) * grid.spacing_mm[0]).astype(np.float32)
        y = (grid.origins[0, 1] + np.arange(rows) * grid.spacing_mm[1]).astype(np.float32)
        reach = float(body.radii.max())
        across = slice(*np.searchsorted(x, (body.centre[0] - reach, body.centre[0] + reach)))
        down = slice(*np.searchsorted(y, (body.centre[1] - reach, body.centre[1] + reach)))
        for k in np.flatnonzero(np.abs(grid.origins[:, 2] - body.centre[2]) < body.half_height):
            inside = body.coverage(x[across], y[down], float(grid.origins[k, 2]), 1.0, 1e-3) > 0.5
            mask[k, down, across] |= inside
    return mask


def true_match(subject: Subject, visit: str, other: str, point: Point) -> Point:
    """Where the tissue at `point` (LPS mm) of one visit lies at another visit."""
    before, after = subject.timepoint(visit), subject.timepoint(other)
    return _point(matching_point(point, before.motion, after.motion))


def truth_table(subjects: tuple[Subject, ...]) -> list[Mapping[str, str]]:
    """Plain rows, one a lesion or zone and time point; every value is text, lengths with two decimals."""
    rows: list[Mapping[str, str]] = []
    for subject in subjects:
        for timepoint in subject.timepoints:
            stem = {
                "subject": subject.number, "site": subject.site, "timepoint": timepoint.visit,
                "date": timepoint.date.isoformat(), "modality": subject.modality,
            }  # fmt: skip
            for lesion in lesion_truths(subject, timepoint):
                counted = "" if lesion.diameter_mm is None else str(lesion.diameter_mm)
                first = {
                    "label": lesion.label, "role": lesion.role, "organ": lesion.organ, "place": lesion.site,
                    "nodal": "yes" if lesion.nodal else "no", "state": lesion.state, "diameter_mm": counted,
                    "zone": lesion.zone, "technique": "", "procedure_date": "",
                }  # fmt: skip
                rows += [{**stem, **first, **cells} for cells in _section_cells(lesion.sections, lesion.place)]
            for zone in zone_truths(subject, timepoint):
                first = {
                    "label": zone.label, "role": "zone", "organ": "liver", "place": "", "nodal": "no",
                    "state": zone.status, "diameter_mm": "", "zone": zone.label, "technique": zone.technique,
                    "procedure_date": zone.procedure_date.isoformat(),
                }  # fmt: skip
                sections = (zone.section,) if zone.section is not None else ()
                rows += [{**stem, **first, **cells} for cells in _section_cells(sections, None)]
    return rows


def _section_cells(sections: tuple[Section, ...], place: Point | None) -> list[dict[str, str]]:
    """One set of cells a fragment; one with the place alone where there is nothing to measure."""
    names = (
        "fragment",
        "slice",
        "long_axis_mm",
        "short_axis_mm",
        "volume_ml",
        "centre",
        "long_ends",
        "short_ends",
    )
    if not sections:
        return [dict.fromkeys(names, "") | {"centre": "" if place is None else _numbers(place)}]
    return [
        dict(
            zip(
                names,
                (
                    str(number + 1), str(section.slice), f"{section.long_axis_mm:.2f}",
                    f"{section.short_axis_mm:.2f}", f"{section.volume_ml:.3f}", _numbers(section.centre),
                    " / ".join(_numbers(end) for end in section.long_ends),
                    " / ".join(_numbers(end) for end in section.short_ends),
                ),
                strict=True,
            )
        )
        for number, section in enumerate(sections)
    ]  # fmt: skip


def _numbers(point: Point) -> str:
    return " ".join(f"{value:.2f}" for value in point)


def _point(xyz: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Point:
    return (float(xyz[0]), float(xyz[1]), float(xyz[2]))
