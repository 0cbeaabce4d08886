"""The manager's tables of readers and of zones: what there is and what may be chosen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.workflow.ports import Ports
from app.workflow.trials import current_protocol
from measure.case import Assignment, Procedure, RoleGrant, SeriesRecord, Subject, Timepoint, User, Zone
from measure.protocol import Protocol
from measure.read import SIGNED, Read, ReadTimepoint
from measure.refusal import Refused
from measure.session import ADJUDICATOR, READER, Session


@dataclass(frozen=True)
class ReaderPart:
    """One label of one case: who has it, how far that read is, when it is due."""

    label: str
    user_id: str
    name: str
    signed: int
    begun: bool
    due: str
    days_left: int | None


@dataclass(frozen=True)
class CaseReaders:
    """One case with its parts."""

    subject: Subject
    released: int
    parts: tuple[ReaderPart, ...]

    @property
    def complete(self) -> bool:
        """Every part is given."""
        return all(part.user_id for part in self.parts)


@dataclass(frozen=True)
class ReaderTable:
    """Cases, labels, and who may be chosen for each label (id, name)."""

    labels: tuple[str, ...]
    choices: dict[str, tuple[tuple[str, str], ...]]
    cases: tuple[CaseReaders, ...]


def labels_of(protocol: Protocol) -> tuple[str, ...]:
    """The labels that this protocol gives out: its readers, and the adjudicator if there is adjudication."""
    labels = protocol.export.reader_labels
    readers = labels[: protocol.reading.readers]
    adjudicates = protocol.reading.readers > 1 and protocol.reading.adjudication and len(labels) > 2
    return (*readers, labels[-1]) if adjudicates else tuple(readers)


def reader_table(ports: Ports, session: Session) -> ReaderTable:
    """Who reads what."""
    protocol = current_protocol(ports, session)
    labels = labels_of(protocol)
    today = ports.now().date()
    with ports.open_unit(session) as unit:
        users = {u.id: u for u in unit.find(User)}
        grants = unit.find(RoleGrant, trial_id=session.trial_id)
        subjects = sorted(unit.find(Subject, trial_id=session.trial_id), key=lambda s: s.number)
        ids = [s.id for s in subjects]
        given = {(a.subject_id, a.label): a for a in unit.find(Assignment, subject_id=ids, active=True)}
        reads = {(r.subject_id, r.label): r for r in unit.find(Read, subject_id=ids) if r.state != "superseded"}
        signed: dict[str, int] = {}
        for rtp in unit.find(ReadTimepoint, read_id=[r.id for r in reads.values()], state=SIGNED):
            signed[rtp.read_id] = signed.get(rtp.read_id, 0) + 1
        released: dict[str, int] = {}
        for timepoint in unit.find(Timepoint, subject_id=ids, state="released"):
            released[timepoint.subject_id] = released.get(timepoint.subject_id, 0) + 1
    cases = []
    for subject in subjects:
        parts = []
        for label in labels:
            one, read = given.get((subject.id, label)), reads.get((subject.id, label))
            left = (date.fromisoformat(one.due_date) - today).days if one and one.due_date else None
            name = users[one.user_id].name if one else ""
            done = signed.get(read.id, 0) if read else 0
            due = one.due_date if one else ""
            parts.append(ReaderPart(label, one.user_id if one else "", name, done, read is not None, due, left))
        cases.append(CaseReaders(subject, released.get(subject.id, 0), tuple(parts)))
    choices = {}
    for label in labels:
        needed = ADJUDICATOR if label == labels[-1] and len(labels) > 2 else READER
        may = [users[g.user_id] for g in grants if g.role == needed and not users[g.user_id].disabled]
        choices[label] = tuple((u.id, u.name) for u in sorted(may, key=lambda u: u.name))
    return ReaderTable(labels, choices, tuple(cases))


@dataclass(frozen=True)
class CaseZones:
    """Procedures and zones of one subject, with the series a new place is picked on."""

    subject: Subject
    procedures: tuple[Procedure, ...]
    zones: tuple[Zone, ...]
    baseline: SeriesRecord | None
    baseline_words: str


def case_zones(ports: Ports, session: Session, subject_id: str) -> CaseZones:
    """The form AZ-0 of one subject as it stands."""
    protocol = current_protocol(ports, session)
    with ports.open_unit(session) as unit:
        subject = unit.get(Subject, subject_id)
        procedures = tuple(unit.find(Procedure, subject_id=subject_id))
        zones = tuple(sorted(unit.find(Zone, subject_id=subject_id), key=lambda z: z.label))
        first = unit.find(Timepoint, subject_id=subject_id, visit=protocol.baseline.timepoint)
        series = unit.find(SeriesRecord, timepoint_id=[t.id for t in first], hang_as="main")
    words = "baseline" if series else "no baseline images yet"
    return CaseZones(subject, procedures, zones, series[0] if series else None, words)


def techniques(ports: Ports, session: Session) -> tuple[str, ...]:
    """What the protocol names; empty where there is no local treatment."""
    protocol = current_protocol(ports, session)
    return tuple(protocol.ablation.techniques) if protocol.ablation.enabled else ()


def check_date(text: str) -> str:
    """A calendar date as it is stored; refused when it is none."""
    try:
        return date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise Refused(f"{text!r} is no date. Write it as 2026-03-31.") from None
