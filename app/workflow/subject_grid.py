"""The manager's table of subjects and time points: what was expected, what came, what became of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from app.workflow.ports import Ports, Unit
from app.workflow.trials import current_protocol
from measure.case import (
    ACCEPTED,
    CASE_FINAL,
    EXPECTED,
    MISSED,
    QUERIED,
    RECEIVED,
    REFUSED,
    RELEASED,
    ImageCheck,
    Instance,
    SeriesRecord,
    Subject,
    Timepoint,
)
from measure.protocol import Protocol, Visit
from measure.session import Session
from measure.visits import planned_date

OVERDUE, UNSCHEDULED, NONE = "overdue", "unscheduled", ""
LETTERS = {
    EXPECTED: "E",
    RECEIVED: "N",
    OVERDUE: "O",
    ACCEPTED: "C",
    QUERIED: "Q",
    REFUSED: "X",
    RELEASED: "R",
    MISSED: "M",
    UNSCHEDULED: "U",
    NONE: "",
}


@dataclass(frozen=True)
class GridCell:
    """One visit of one subject: its state and, where images came, their time point."""

    state: str
    timepoint: Timepoint | None = None
    planned: str = ""

    @property
    def letter(self) -> str:
        """The state's letter, empty where the schedule has ended."""
        return LETTERS[self.state]

    @property
    def needs(self) -> bool:
        """Somebody has to do something about it."""
        return self.state in (RECEIVED, ACCEPTED, QUERIED, OVERDUE)


@dataclass(frozen=True)
class GridRow:
    """One subject with a cell for each planned visit and its unscheduled scans."""

    subject: Subject
    cells: tuple[GridCell, ...]
    extra: tuple[GridCell, ...]

    @property
    def needs(self) -> bool:
        """A cell of this subject needs somebody."""
        return any(cell.needs for cell in (*self.cells, *self.extra))


@dataclass(frozen=True)
class SubjectGrid:
    """All subjects over all planned visits."""

    visits: tuple[str, ...]
    rows: tuple[GridRow, ...]

    @property
    def needs(self) -> int:
        """Time points whose images are to be checked, released or asked about."""
        cells = [cell for row in self.rows for cell in (*row.cells, *row.extra)]
        return sum(cell.state in (RECEIVED, ACCEPTED, QUERIED) for cell in cells)


def subject_grid(ports: Ports, session: Session) -> SubjectGrid:
    """Every subject by number; the states of visits without images follow from the plan and today."""
    protocol = current_protocol(ports, session)
    visits = tuple(v for v in protocol.visit_list if v.imaging)
    names = (protocol.baseline.timepoint, *(v.id for v in visits))
    today = ports.now().date()
    with ports.open_unit(session) as unit:
        rows = [
            _row(unit, subject, protocol, visits, today)
            for subject in sorted(unit.find(Subject, trial_id=session.trial_id), key=lambda s: s.number)
        ]
    return SubjectGrid(names, tuple(rows))


def _row(unit: Unit, subject: Subject, protocol: Protocol, visits: tuple[Visit, ...], today: date) -> GridRow:
    came = unit.find(Timepoint, subject_id=subject.id)
    by_visit = {t.visit: t for t in came}
    first = by_visit.get(protocol.baseline.timepoint)
    cells = [GridCell(first.state, first) if first else GridCell(EXPECTED)]
    anchor = date.fromisoformat(first.scan_date) if first and first.scan_date else None
    plans = [planned_date(anchor, visit) if anchor else None for visit in visits]
    last_seen = max((k for k, visit in enumerate(visits) if visit.id in by_visit), default=-1)
    for k, (visit, planned) in enumerate(zip(visits, plans, strict=True)):
        timepoint = by_visit.get(visit.id)
        day = planned.isoformat() if planned else ""
        if timepoint is not None:
            cells.append(GridCell(timepoint.state, timepoint, day))
            continue
        closed = planned is not None and today > planned + timedelta(days=protocol.visits.after_days)
        if closed and k < last_seen:
            state = MISSED
        elif subject.state in CASE_FINAL:
            state = NONE
        else:
            state = OVERDUE if closed else EXPECTED
        cells.append(GridCell(state, None, day))
    known = {protocol.baseline.timepoint, *(v.id for v in visits)}
    extra = tuple(
        GridCell(UNSCHEDULED if t.state == RELEASED else t.state, t)
        for t in sorted(came, key=lambda t: t.scan_date)
        if t.visit not in known
    )
    return GridRow(subject, tuple(cells), extra)


@dataclass(frozen=True)
class StoredImages:
    """What is stored of one time point, and what is known about its blinding."""

    subject: Subject
    timepoint: Timepoint
    series: tuple[SeriesRecord, ...]
    images: int
    changed: int  # images whose stored bytes differ from what arrived: de-identified
    answers: tuple[ImageCheck, ...]


def stored_images(ports: Ports, session: Session, timepoint_id: str) -> StoredImages:
    """Series and hashes of one time point."""
    with ports.open_unit(session) as unit:
        timepoint = unit.get(Timepoint, timepoint_id)
        series = unit.find(SeriesRecord, timepoint_id=timepoint_id)
        images = unit.find(Instance, series_id=[s.id for s in series])
        answers = tuple(unit.find(ImageCheck, timepoint_id=timepoint_id))
        subject = unit.get(Subject, timepoint.subject_id)
    order = {"main": 0, "second": 1, "lung": 2}
    return StoredImages(
        subject,
        timepoint,
        tuple(sorted(series, key=lambda s: (order.get(s.hang_as, 9), s.name))),
        len(images),
        sum(i.sha256_original != i.sha256_stored for i in images),
        answers,
    )
