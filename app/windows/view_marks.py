"""A reading's marks as the viewport paints them: role to line style and hue, values to labels."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from app.models.drawing import Pending
from app.models.proposals import Offered
from app.workflow.reading import LesionRow, Reading, ZoneRow
from measure.geometry import Floats, Grid, Point
from measure.read import Mark
from viewer.marks import MarkAxes, MarkLabel, MarkStyle, ViewMark, circle_on_slice

if TYPE_CHECKING:
    from measure.segment.candidate import Candidate

PENDING = "pending"
_STYLE = {
    "target": (MarkStyle.SOLID, "target"),
    "non-target": (MarkStyle.DASHED, "non-target"),
    "new": (MarkStyle.DOUBLE, "new"),
    "new-target": (MarkStyle.DOUBLE, "new"),
    "new-non-target": (MarkStyle.DOUBLE, "new"),
}
ZONE_PLACE_MM = 12.0


def _outlines(mark: Mark) -> dict[int, tuple[Floats, ...]]:
    return {int(k): tuple(np.asarray(line, float) for line in lines) for k, lines in mark.outlines.items()}


def _axes(mark: Mark) -> MarkAxes | None:
    if not mark.long_axis:
        return None
    long_ends = _ends(mark.long_axis)
    return MarkAxes(mark.slice, long_ends, _ends(mark.short_axis) if mark.short_axis else None)


def _ends(ends: list[list[float]]) -> tuple[Point, Point]:
    (ax, ay, az), (bx, by, bz) = ends
    return (ax, ay, az), (bx, by, bz)


def _lesion_mark(row: LesionRow, k: int, *, selected: bool, locked: bool, tag: str, colour: str) -> ViewMark | None:
    finding, mark = row.findings[k], row.marks[k]
    if finding is None or mark is None:
        return None
    lesion = row.lesion
    style, hue = _STYLE[lesion.role]
    values = ""
    if lesion.role in ("target", "new-target") and finding.diameter_mm:
        if lesion.nodal:
            values = f"{finding.diameter_mm} short"
            style = MarkStyle.NODE if lesion.role == "target" else style
        else:
            values = (
                f"{finding.long_axis_mm} × {finding.short_axis_mm}" if finding.short_axis_mm else finding.diameter_mm
            )
    return ViewMark(
        key=lesion.lesion_id,
        style=style,
        colour=colour or hue,
        outlines=_outlines(mark),
        axes=_axes(mark),
        label=MarkLabel(lesion.label, values, tag=tag, tag_filled=tag != "B"),
        selected=selected,
        editable=not locked,
        locked=locked,
        show_axes=lesion.role in ("target", "new-target") or not mark.outlines,
    )


def _zone_mark(row: ZoneRow, k: int, *, selected: bool, locked: bool, tag: str) -> ViewMark | None:
    mark = row.marks[k]
    if mark is None:
        return None
    return ViewMark(
        key=row.zone.id,
        style=MarkStyle.ZONE,
        colour="zone",
        outlines=_outlines(mark),
        axes=_axes(mark),
        label=MarkLabel(row.zone.label, tag=tag, tag_filled=tag != "B"),
        selected=selected,
        editable=not locked,
        locked=locked,
        show_axes=selected,
    )


def marks_of(
    reading: Reading,
    k: int,
    series_uid: str,
    *,
    selection: str = "",
    locked: bool | None = None,
    tag: str = "",
    colour: str = "",
) -> list[ViewMark]:
    """Marks of time point k that lie on a series."""
    signed = reading.timepoints[k].read_timepoint.state == "signed" if locked is None else locked
    made: list[ViewMark | None] = [
        _zone_mark(zone, k, selected=zone.zone.id == selection, locked=signed, tag=tag)
        for zone in reading.zones
        if (mark := zone.marks[k]) is not None and mark.series_uid == series_uid
    ]
    made += [
        _lesion_mark(row, k, selected=row.lesion.lesion_id == selection, locked=signed, tag=tag, colour=colour)
        for row in reading.lesions
        if (mark := row.marks[k]) is not None and mark.series_uid == series_uid
    ]
    return [one for one in made if one is not None]


def zone_places(reading: Reading, k: int, series_uid: str, grid: Grid) -> list[ViewMark]:
    """Where zones lie on the scan they were entered on, while the reader has not outlined them there."""
    made = []
    for row in reading.zones:
        if row.zone.series_uid != series_uid or row.marks[k] is not None:
            continue
        x, y, z = row.zone.place
        index = grid.nearest_slice((x, y, z))
        ring = circle_on_slice(grid, index, (x, y, z), ZONE_PLACE_MM)
        made.append(
            ViewMark(
                key=row.zone.id,
                style=MarkStyle.EXPECTED,
                colour="zone",
                outlines={index: (ring,)},
                label=MarkLabel(row.zone.label, "place"),
                locked=True,
            )
        )
    return made


def pending_mark(pending: Pending, value: tuple[str, str], name: str = "") -> ViewMark:
    """What is proposed, in white dots, until a person accepts it."""
    outlines: dict[int, tuple[Floats, ...]] = {}
    if pending.candidate is not None:
        outlines = {k: tuple(lines) for k, lines in pending.candidate.outlines.items()}
    elif pending.outlines:
        outlines = {k: tuple(np.asarray(line, float) for line in lines) for k, lines in pending.outlines.items()}
    long_mm, short_mm = value
    text = f"{long_mm} × {short_mm} mm" if short_mm else f"{long_mm} mm"
    return ViewMark(
        key=PENDING,
        style=MarkStyle.PROPOSAL,
        colour="proposal",
        outlines=outlines,
        axes=MarkAxes(pending.slice, pending.long_ends, pending.short_ends),
        label=MarkLabel(name, text, _what_now(pending)),
        selected=True,
        editable=True,
    )


def _what_now(pending: Pending) -> str:
    if pending.carried is None or not pending.is_offer:
        return "proposal · Enter keeps it"
    return "proposal · Enter accepts" if pending.carried.quality == "good" else "proposal · look and click"


def offered_marks(
    offered: Iterable[Offered], names: Mapping[str, str], series_uid: str, value_of: Callable[[Candidate], str]
) -> list[ViewMark]:
    """Carried-over proposals that wait on a series, in white dots; names: labels by lesion id."""
    made = []
    for one in offered:
        shown = one.carried.proposed
        if one.series_uid != series_uid or shown is None:
            continue
        second = "proposal" if one.carried.quality == "good" else "proposal · look and click"
        made.append(
            ViewMark(
                key=one.lesion_id,
                style=MarkStyle.PROPOSAL,
                colour="proposal",
                outlines={k: tuple(lines) for k, lines in shown.outlines.items()},
                axes=MarkAxes.of(shown.axes),
                label=MarkLabel(names.get(one.lesion_id, ""), value_of(shown), second),
                locked=True,
            )
        )
    return made


def expected_mark(key: str, name: str, grid: Grid, place: Point) -> ViewMark:
    """Where a lesion that nobody has drawn yet should lie."""
    index = grid.nearest_slice(place)
    ring = circle_on_slice(grid, index, place, ZONE_PLACE_MM)
    return ViewMark(
        key=key,
        style=MarkStyle.EXPECTED,
        colour="target",
        outlines={index: (ring,)},
        label=MarkLabel(name, "expected here"),
        locked=True,
    )


def home_of(marks: Iterable[ViewMark], key: str) -> ViewMark | None:
    """The mark of a lesion or zone, if there is one."""
    return next((mark for mark in marks if mark.key == key), None)
