"""Correcting what is signed: asked with a reason, approved by another person, read anew as the next version.

Source: CR-47. The old version stays whole. The new one takes over what was signed before the time point in
question, unchanged and with its signatures; the time point itself is open again with its former content; all
later ones are read again, with later knowledge, and the record says so.
"""

from __future__ import annotations

import dataclasses
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from app.workflow.ports import Ports, Unit
from measure.case import READING, Correction, Subject, Timepoint, User
from measure.read import (
    OPEN,
    PRIMARY,
    SIGNED,
    Adjudication,
    Finding,
    Lesion,
    Mark,
    Read,
    ReadTimepoint,
    ResponseSnapshot,
    Signature,
    SlicesSeen,
    TimepointForm,
    ZoneForm,
)
from measure.refusal import Refused
from measure.session import LEAD, MANAGER, NOBODY, READER, Session

REQUESTED, APPROVED, REFUSED = "requested", "approved", "refused"
SUPERSEDED, WITHDRAWN = "superseded", "withdrawn"
CATEGORIES = {
    "slip": "slip of the hand",
    "wrong-images": "wrong images shown",
    "missing-images": "images came later",
    "protocol": "protocol misread",
    "technical": "technical fault",
    "other": "other",
}
_CONTENT: tuple[type[Any], ...] = (Lesion, Mark, Finding, TimepointForm, ZoneForm, SlicesSeen)


@dataclass(frozen=True)
class CorrectionLine:
    """One request with the case, reader and time point it is about."""

    correction: Correction
    number: str
    code: str
    visit: str
    reader: str
    label: str
    asked_by: str
    decided_by: str
    version: int
    later: int  # signed time points after it, reopened with it
    days: int


@dataclass(frozen=True)
class SignedPart:
    """A signed time point that a correction may be asked for."""

    read_timepoint_id: str
    number: str
    code: str
    label: str
    reader: str
    visit: str
    name: str  # the time point as readers see it


def corrections(ports: Ports, session: Session) -> list[CorrectionLine]:
    """All requests of the trial, undecided ones first."""
    with ports.open_unit(session) as unit:
        subjects = {s.id: s for s in unit.find(Subject, trial_id=session.trial_id)}
        users = {u.id: u.name for u in unit.find(User)}
        reads = {r.id: r for r in unit.find(Read, subject_id=list(subjects))}
        parts = {t.id: t for t in unit.find(ReadTimepoint, read_id=list(reads))}
        points = {t.id: t for t in unit.find(Timepoint, subject_id=list(subjects))}
        found = unit.find(Correction)
    lines = []
    for one in found:
        part = parts.get(one.read_timepoint_id)
        if part is None:
            continue
        read = reads[part.read_id]
        at = points[part.timepoint_id].ordinal
        later = [
            p
            for p in parts.values()
            if p.read_id == read.id and points[p.timepoint_id].ordinal > at and p.state == SIGNED
        ]
        subject = subjects[read.subject_id]
        lines.append(
            CorrectionLine(
                one,
                subject.number,
                subject.reading_code,
                points[part.timepoint_id].visit,
                users[read.user_id],
                read.label,
                users.get(one.asked_by, one.asked_by),
                users.get(one.decided_by, one.decided_by),
                read.version,
                len(later),
                (ports.now() - datetime.fromisoformat(one.asked_at)).days,
            )
        )
    return sorted(lines, key=lambda line: (line.correction.state != REQUESTED, line.correction.asked_at))


def signed_parts(ports: Ports, session: Session) -> list[SignedPart]:
    """Signed time points of the reads that count, by subject, reader and order; a reader gets the own ones."""
    with ports.open_unit(session) as unit:
        subjects = {s.id: s for s in unit.find(Subject, trial_id=session.trial_id)}
        users = {u.id: u.name for u in unit.find(User)}
        found = unit.find(Read, subject_id=list(subjects), kind=PRIMARY)
        reads = {r.id: r for r in found if r.state != SUPERSEDED}
        points = {t.id: t for t in unit.find(Timepoint, subject_id=list(subjects))}
        parts = unit.find(ReadTimepoint, read_id=list(reads), state=SIGNED)
    lines = []
    for part in parts:
        read = reads[part.read_id]
        subject, point = subjects[read.subject_id], points[part.timepoint_id]
        reader, code = users[read.user_id], subject.reading_code
        line = SignedPart(part.id, subject.number, code, read.label, reader, point.visit, point.reader_name)
        lines.append(((subject.number, read.label, point.ordinal), line))
    return [line for _, line in sorted(lines, key=lambda pair: pair[0])]


def request(ports: Ports, session: Session, read_timepoint_id: str, category: str, reason: str) -> Correction:
    """Ask for a signed time point to be opened again: its reader, or the manager on the reader's word."""
    if session.role not in (READER, MANAGER):
        raise Refused(f"A {session.role} does not ask for corrections.")
    if category not in CATEGORIES:
        raise Refused(f"{category!r} is no kind of correction: {', '.join(CATEGORIES)}.")
    if not reason.strip():
        raise Refused("Give the reason for the correction.")
    with ports.open_unit(session) as unit:
        part = unit.get(ReadTimepoint, read_timepoint_id)
        read = unit.get(Read, part.read_id)
        if session.role == READER and read.user_id != session.user_id:
            raise Refused("This read is not yours.")
        if part.state != SIGNED or read.state == SUPERSEDED:
            raise Refused("Only a signed time point of the version that counts can be corrected.")
        if unit.find(Correction, read_timepoint_id=part.id, state=REQUESTED):
            raise Refused("A correction of this time point is asked for already.")
        one = Correction(str(uuid.uuid4()), part.id, session.user_id, unit.now(), category, reason.strip())
        unit.add(one)
        which, subject_id = _which(unit, read, part)
        unit.audit("ask", "correction", which, new={"kind": category}, reason=reason.strip(), subject_id=subject_id)
        unit.commit()
    return one


def _which(unit: Unit, read: Read, part: ReadTimepoint) -> tuple[str, str]:
    subject = unit.get(Subject, read.subject_id)
    point = unit.get(Timepoint, part.timepoint_id)
    name = subject.number or subject.reading_code
    return f"{name} {point.visit or point.reader_name} {read.label} v{read.version}", subject.id


def decide(ports: Ports, session: Session, correction_id: str, *, approve: bool, reason: str) -> Read | None:
    """Approve or refuse; returns the new version of the read. Nobody decides on an own request or read."""
    if session.role != LEAD:
        raise Refused("The medical lead decides on corrections.")
    if not reason.strip():
        raise Refused("Give the reason for the decision.")
    # Reopening touches reads, which no person may write but their reader: the program does it in this name.
    program = replace(NOBODY, user_name=session.user_name)
    with ports.open_unit(program) as unit:
        one = unit.get(Correction, correction_id)
        if one.state != REQUESTED:
            raise Refused(f"This request is {one.state} already.")
        part = unit.get(ReadTimepoint, one.read_timepoint_id)
        read = unit.get(Read, part.read_id)
        if session.user_id in (one.asked_by, read.user_id):
            raise Refused("A correction is decided by another person than the one who asks or reads.")
        subject = unit.get(Subject, read.subject_id)
        if subject.trial_id != session.trial_id:
            raise Refused("There is no such correction here.")
        state = APPROVED if approve else REFUSED
        unit.change(
            one,
            state=state,
            decided_by=session.user_id,
            decided_at=unit.now(),
            decision_reason=reason.strip(),
        )
        which, _ = _which(unit, read, part)
        new: dict[str, Any] = {"state": state, "decided as": session.role}
        version = None
        if approve:
            if read.state == SUPERSEDED:
                raise Refused("A newer version of this read was opened meanwhile.")
            version, later = _reopen(unit, read, part)
            new |= {"version": version.version, "read again with later knowledge": later}
            if subject.state != READING:
                new["case"] = READING
            _back_to_reading(unit, subject)
        unit.audit(
            "approve" if approve else "refuse",
            "correction",
            which,
            old={"state": REQUESTED, "version": read.version, "case": subject.state},
            new=new,
            reason=reason.strip(),
            subject_id=subject.id,
            chain=session.trial_id,
        )
        unit.commit()
    return version


def _back_to_reading(unit: Unit, subject: Subject) -> None:
    """The case is read again: an open adjudication is withdrawn; what was signed stays on record."""
    for waiting in unit.find(Adjudication, subject_id=subject.id, state=OPEN):
        unit.change(waiting, state=WITHDRAWN)
    if subject.state != READING:
        unit.change(subject, state=READING)


def _reopen(unit: Unit, read: Read, reopened: ReadTimepoint) -> tuple[Read, list[str]]:
    """The next version: earlier time points signed as they were, this one open; with the later visits."""
    points = {t.id: t for t in unit.find(Timepoint, subject_id=read.subject_id)}
    parts = sorted(unit.find(ReadTimepoint, read_id=read.id), key=lambda p: points[p.timepoint_id].ordinal)
    at = points[reopened.timepoint_id].ordinal
    kept = [p for p in parts if points[p.timepoint_id].ordinal <= at]
    later = [points[p.timepoint_id].visit for p in parts if points[p.timepoint_id].ordinal > at]
    version = replace(
        read,
        id=str(uuid.uuid4()),
        version=read.version + 1,
        supersedes_id=read.id,
        state=OPEN,
        created_at=unit.now(),
    )
    unit.change(read, state=SUPERSEDED)
    unit.add(version)
    _copy(unit, read, version, kept, reopened)
    return version, later


def _copy(unit: Unit, read: Read, version: Read, kept: Sequence[ReadTimepoint], reopened: ReadTimepoint) -> None:
    """Copy the content of time points under new ids; every reference among the copies is turned with them."""
    turned = {read.id: version.id}
    content: list[Any] = []
    for part in kept:
        turned[part.id] = str(uuid.uuid4())
        for kind in _CONTENT:
            for record in unit.find(kind, read_timepoint_id=part.id):
                turned[record.id] = str(uuid.uuid4())
                if isinstance(record, Lesion):
                    turned.setdefault(record.lesion_id, str(uuid.uuid4()))
                content.append(record)
    for part in kept:
        unit.add(
            replace(
                part,
                id=turned[part.id],
                read_id=version.id,
                state=OPEN,
                signed_at="",
                opened_at=part.opened_at if part.id != reopened.id else unit.now(),
            )
        )
    for record in content:
        unit.add(_turned(record, turned))
    for part in kept:
        if part.id == reopened.id:
            continue
        for snapshot in unit.find(ResponseSnapshot, read_timepoint_id=part.id):
            unit.add(replace(snapshot, id=str(uuid.uuid4()), read_timepoint_id=turned[part.id]))
        for signature in unit.find(Signature, object_id=part.id):
            unit.add(
                replace(
                    signature,
                    id=str(uuid.uuid4()),
                    object_id=turned[part.id],
                    about=f"time point, taken over from version {read.version}",
                )
            )
        copy = unit.get(ReadTimepoint, turned[part.id])
        unit.change(copy, state=SIGNED, signed_at=part.signed_at)


def _turned(record: Any, turned: dict[str, str]) -> Any:
    """The record with every old id in its fields, also inside JSON, replaced by its copy's."""

    def swap(value: Any) -> Any:
        if isinstance(value, str):
            return turned.get(value, value)
        if isinstance(value, dict | list):
            text = json.dumps(value)
            for old, new in turned.items():
                text = text.replace(old, new)
            return json.loads(text)
        return value

    fields = {field.name: swap(getattr(record, field.name)) for field in dataclasses.fields(record)}
    return type(record)(**fields)
