"""One reader's case as it stands: the time points up to now, lesions, zones, forms, and what is still open."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TypeVar

from app.workflow.open_items import OpenItem, open_items
from app.workflow.ports import Ports, Unit
from app.workflow.trials import current_protocol
from measure.case import Assignment, SeriesRecord, Subject, Timepoint, Zone
from measure.protocol import Protocol
from measure.read import (
    OPEN,
    PRIMARY,
    SIGNED,
    Finding,
    Lesion,
    Mark,
    Read,
    ReadTimepoint,
    SlicesSeen,
    TimepointForm,
    ZoneForm,
)
from measure.session import Session

V = TypeVar("V", Lesion, Finding, TimepointForm, ZoneForm)


@dataclass(frozen=True)
class OneTimepoint:
    """One time point of the case with its series and this reader's part in it."""

    timepoint: Timepoint
    read_timepoint: ReadTimepoint
    series: tuple[SeriesRecord, ...]

    @property
    def name(self) -> str:
        """As readers see it: baseline, day 57."""
        return self.timepoint.reader_name

    def series_hung_as(self, kind: str) -> SeriesRecord | None:
        """The series that hangs as main, second, lung ..., if there is one."""
        return next((s for s in self.series if s.hang_as == kind), None)


@dataclass(frozen=True)
class LesionRow:
    """One lesion over the time points: the finding and mark of each (None where there is none yet)."""

    lesion: Lesion
    findings: tuple[Finding | None, ...]
    marks: tuple[Mark | None, ...]


@dataclass(frozen=True)
class ZoneRow:
    """One zone of the case over the time points, with this reader's forms and marks."""

    zone: Zone
    forms: tuple[ZoneForm | None, ...]
    marks: tuple[Mark | None, ...]
    first: int = 0  # index of the first time point scanned after the treatment

    @property
    def own_lesion(self) -> str:
        """Lesion id this reader linked, `none` for none seen, empty while open."""
        for form in reversed(self.forms):
            if form and form.answers.get("own_lesion"):
                return str(form.answers["own_lesion"])
        return ""


@dataclass(frozen=True)
class Reading:
    """All that one reader's window shows; a new value after every action."""

    subject: Subject
    read: Read
    protocol: Protocol
    timepoints: tuple[OneTimepoint, ...]
    lesions: tuple[LesionRow, ...]
    zones: tuple[ZoneRow, ...]
    forms: tuple[TimepointForm | None, ...]
    seen: dict[str, str]  # series UID of the current time point -> bits as hex

    @property
    def now(self) -> OneTimepoint:
        """The time point being read (the last one)."""
        return self.timepoints[-1]

    @property
    def at_baseline(self) -> bool:
        """Roles can still change."""
        return len(self.timepoints) == 1

    @property
    def form(self) -> TimepointForm | None:
        """The form of the current time point."""
        return self.forms[-1]

    def row(self, lesion_id: str) -> LesionRow:
        """The row of one lesion; raises KeyError."""
        for row in self.lesions:
            if row.lesion.lesion_id == lesion_id:
                return row
        raise KeyError(lesion_id)

    def seen_share(self, series: SeriesRecord) -> float:
        """Share of a current series' slices that were painted, 0 to 1."""
        bits = self.seen.get(series.uid, "")
        return bin(int(bits, 16)).count("1") / series.slices if bits and series.slices else 0.0

    def open_items(self) -> tuple[OpenItem, ...]:
        """What is open at this time point, stage by stage."""
        return open_items(self)


def newest(versions: list[V], *key: str) -> list[V]:
    """The newest version of each key, voided ones left out, in order of first appearance."""
    latest: dict[tuple[object, ...], V] = {}
    for version in sorted(versions, key=lambda v: v.version):
        latest[tuple(getattr(version, name) for name in key)] = version
    return [version for version in latest.values() if not version.voided]


_ROLE_ORDER = {"target": 0, "non-target": 1, "new-target": 2, "new-non-target": 2, "new": 2}


def _label_key(lesion: Lesion) -> tuple[int, str, int, int]:
    letters = lesion.label.rstrip("0123456789.")
    digits, _, part = lesion.label[len(letters) :].partition(".")
    return (_ROLE_ORDER.get(lesion.role, 3), letters, int(digits or 0), int(part or 0))


def load_read(unit: Unit, read: Read, protocol: Protocol, *, only_signed: bool = False) -> Reading:
    """Assemble one read from what the unit's session may see."""
    subject = unit.get(Subject, read.subject_id)
    rtps = unit.find(ReadTimepoint, read_id=read.id)
    if only_signed:
        rtps = [r for r in rtps if r.state == SIGNED]
    visible = {t.id: t for t in unit.find(Timepoint, id=[r.timepoint_id for r in rtps])}
    rtps = sorted((r for r in rtps if r.timepoint_id in visible), key=lambda r: visible[r.timepoint_id].ordinal)
    timepoints = tuple(_one_timepoint(unit, visible[r.timepoint_id], r) for r in rtps)
    ids = [r.id for r in rtps]
    place = {rtp_id: k for k, rtp_id in enumerate(ids)}
    lesions = newest([v for v in unit.find(Lesion, read_id=read.id) if v.read_timepoint_id in place], "lesion_id")
    findings = newest(unit.find(Finding, read_timepoint_id=ids), "read_timepoint_id", "lesion_id")
    marks = {m.id: m for m in unit.find(Mark, read_timepoint_id=ids)}
    zone_forms = newest(unit.find(ZoneForm, read_timepoint_id=ids), "read_timepoint_id", "zone_id")
    forms = {
        f.read_timepoint_id: f for f in newest(unit.find(TimepointForm, read_timepoint_id=ids), "read_timepoint_id")
    }
    by_lesion = {(f.lesion_id, place[f.read_timepoint_id]): f for f in findings}
    by_zone = {(f.zone_id, place[f.read_timepoint_id]): f for f in zone_forms}
    columns = range(len(ids))
    rows = []
    for lesion in sorted(lesions, key=_label_key):
        cells = tuple(by_lesion.get((lesion.lesion_id, k)) for k in columns)
        rows.append(LesionRow(lesion, cells, tuple(marks.get(c.mark_id) if c else None for c in cells)))
    order = {t.timepoint.id: k for k, t in enumerate(timepoints)}
    zones = []
    for zone in sorted(unit.find(Zone, subject_id=subject.id), key=lambda z: z.label):
        if zone.first_timepoint_id not in order:
            continue
        cells_z = tuple(by_zone.get((zone.id, k)) for k in columns)
        zones.append(
            ZoneRow(
                zone,
                cells_z,
                tuple(marks.get(c.mark_id) if c else None for c in cells_z),
                order[zone.first_timepoint_id],
            )
        )
    seen = {s.series_uid: s.bits for s in unit.find(SlicesSeen, read_timepoint_id=ids[-1:])}
    return Reading(
        subject, read, protocol, timepoints, tuple(rows), tuple(zones), tuple(forms.get(i) for i in ids), seen
    )


def _one_timepoint(unit: Unit, timepoint: Timepoint, rtp: ReadTimepoint) -> OneTimepoint:
    series = tuple(s for s in unit.find(SeriesRecord, timepoint_id=timepoint.id) if s.hang_as)
    return OneTimepoint(timepoint, rtp, series)


def current_read(unit: Unit, session: Session, subject_id: str) -> Read | None:
    """This reader's valid primary read of a case, if it was begun."""
    reads = [
        r
        for r in unit.find(Read, subject_id=subject_id, user_id=session.user_id, kind=PRIMARY)
        if r.state != "superseded"
    ]
    return reads[-1] if reads else None


def open_case(ports: Ports, session: Session, subject_id: str) -> Reading | None:
    """Open the next time point of a case, or go on with the open one; None: nothing more to read now."""
    protocol = current_protocol(ports, session)
    with ports.open_unit(session) as unit:
        read = current_read(unit, session, subject_id)
        visible = sorted(unit.find(Timepoint, subject_id=subject_id), key=lambda t: t.ordinal)
        have = {r.timepoint_id: r for r in unit.find(ReadTimepoint, read_id=read.id)} if read else {}
        unread = [t for t in visible if t.id not in have]
        is_open = any(r.state == OPEN for r in have.values())
        if not is_open and not unread:
            return None
        if read is None:
            mine = unit.find(Assignment, subject_id=subject_id, user_id=session.user_id, active=True)
            read = Read(str(uuid.uuid4()), subject_id, session.user_id, mine[0].label, created_at=unit.now())
            unit.add(read)
        if not is_open:
            rtp = ReadTimepoint(str(uuid.uuid4()), read.id, unread[0].id, opened_at=unit.now())
            unit.add(rtp)
            code = unit.get(Subject, subject_id).reading_code
            unit.audit(
                "open",
                "time point",
                f"{code} {unread[0].reader_name}",
                new={"state": OPEN},
                subject_id=subject_id,
                protocol=protocol.sha256,
            )
        reading = load_read(unit, read, protocol)
        unit.commit()
    return reading


def reload(ports: Ports, session: Session, reading: Reading) -> Reading:
    """The same case as it stands now."""
    with ports.open_unit(session) as unit:
        return load_read(unit, reading.read, reading.protocol)


def keep_seen(ports: Ports, session: Session, reading: Reading, series_uid: str, painted: set[int]) -> str:
    """Keep which slices were painted (view state, no audit row); returns all bits of the series as hex."""
    series = next(s for s in reading.now.series if s.uid == series_uid)
    bits = int(reading.seen.get(series_uid, "0") or "0", 16)
    for index in painted:
        bits |= 1 << (series.slices - 1 - index)
    text = f"{bits:x}"
    rtp = reading.now.read_timepoint
    with ports.open_unit(session) as unit:
        present = unit.find(SlicesSeen, read_timepoint_id=rtp.id, series_uid=series_uid)
        record_id = present[0].id if present else str(uuid.uuid4())
        unit.keep_view(SlicesSeen(record_id, rtp.id, series_uid, text))
        unit.commit()
    return text


def seen_slices(reading: Reading, series: SeriesRecord) -> set[int]:
    """Indices of the slices of a current series that were painted."""
    bits = int(reading.seen.get(series.uid, "0") or "0", 16)
    return {k for k in range(series.slices) if bits >> (series.slices - 1 - k) & 1}
