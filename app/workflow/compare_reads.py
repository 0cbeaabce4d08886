"""A finished case: both reads compared; alike, it is closed, else it goes to the adjudicator (CR-42)."""

from __future__ import annotations

import secrets
import uuid
from dataclasses import asdict, replace
from typing import Any

from app.workflow.ports import Ports, Unit
from app.workflow.reading import Reading, load_read
from app.workflow.responses import CaseResponses, case_responses
from app.workflow.trials import current_protocol
from measure.case import ADJUDICATION_OPEN, CONCORDANT, READING, RELEASED, Assignment, Subject, Timepoint
from measure.discordance import CourseFacts, Difference, ReadFacts, compare
from measure.protocol import Protocol
from measure.read import PRIMARY, SIGNED, Adjudication, Comparison, Read, ReadTimepoint
from measure.refusal import Refused
from measure.session import NOBODY, Session

PROGRESSED = "local tumour progression"
VARIABLE_TITLES = {
    "best_response": "Best response",
    "response": "Response",
    "response_date": "Response, time point",
    "progression": "Progression",
    "progression_date": "Progression, time point",
    "timepoint_response": "Responses at the time points",
    "target_selection": "Choice of targets",
    "new_lesion": "New lesion",
    "local_recurrence": "Local recurrence",
}


def adjudicated_criteria(protocol: Protocol) -> tuple[str, ...]:
    """Criteria whose differences count: those named, else those of the primary endpoint, else all."""
    assessed = [c.id for c in protocol.criteria if c.standard != "local-recurrence"]
    named = [c for c in protocol.reading.adjudicate_criteria if c in assessed]
    primary = [e.criterion for e in protocol.endpoints if e.role == "primary" and e.criterion in assessed]
    return tuple(named or list(dict.fromkeys(primary)) or assessed)


def read_facts(reading: Reading, responses: CaseResponses) -> ReadFacts:
    """What one read amounts to, as the comparison takes it."""
    courses = {}
    for course in responses.courses:
        points = course.timepoints
        best = f"{course.best}, confirmed" if course.confirmed else course.best
        courses[course.criterion] = CourseFacts(
            tuple(p.overall for p in points),
            tuple(p.target for p in points),
            tuple(p.non_target for p in points),
            tuple(p.new_lesion for p in points),
            best,
            course.response_at,
            course.progression_at,
        )
    targets = []
    for row in reading.lesions:
        mark = row.marks[0] if row.marks else None
        if row.lesion.role == "target" and mark and mark.long_axis:
            (ax, ay, az), (bx, by, bz) = mark.long_axis
            targets.append((mark.series_uid, ((ax + bx) / 2, (ay + by) / 2, (az + bz) / 2)))
    recurrence = {
        zone.zone.label: next((k for k, f in enumerate(zone.forms) if f and f.judgement == PROGRESSED), None)
        for zone in reading.zones
    }
    return ReadFacts(courses, tuple(targets), recurrence)


def _complete_reads(unit: Unit, subject_id: str, protocol: Protocol) -> list[Read]:
    released = unit.find(Timepoint, subject_id=subject_id, state=RELEASED)
    labels = protocol.export.reader_labels[: protocol.reading.readers]
    reads = [
        r for r in unit.find(Read, subject_id=subject_id, kind=PRIMARY) if r.state != "superseded" and r.label in labels
    ]
    done = []
    for read in sorted(reads, key=lambda r: r.label):
        signed = unit.find(ReadTimepoint, read_id=read.id, state=SIGNED)
        if released and len(signed) == len(released):
            done.append(read)
    return done if len(done) == protocol.reading.readers else []


def ready_to_compare(unit: Unit, subject: Subject, protocol: Protocol) -> bool:
    """All readers have signed all that was released, and the case is still being read."""
    return subject.state == READING and bool(_complete_reads(unit, subject.id, protocol))


def close_reading(ports: Ports, session: Session, subject_id: str) -> str:
    """No more images come for this case: compare the reads; returns the case's new state."""
    protocol = current_protocol(ports, session)
    with ports.open_unit(session) as unit:
        subject = unit.get(Subject, subject_id)
        if subject.state != READING:
            raise Refused(f"{subject.number} is {subject.state} already.")
        reads = _complete_reads(unit, subject_id, protocol)
        if not reads:
            raise Refused(f"{subject.number}: not every reader has signed every released time point.")
        readings = [load_read(unit, read, protocol, only_signed=True) for read in reads]
        adjudicator = [
            a
            for a in unit.find(Assignment, subject_id=subject_id, active=True)
            if a.label == protocol.export.reader_labels[-1]
        ]
    if len(reads) == 1:
        return _close(ports, session, subject, CONCORDANT)
    names = [p.name for p in readings[0].timepoints]
    facts = [read_facts(reading, case_responses(reading)) for reading in readings]
    differences = compare(
        facts[0],
        facts[1],
        variables=protocol.reading.adjudicate_on,
        criteria=adjudicated_criteria(protocol),
        timepoint_names=names,
        tolerance_visits=protocol.reading.date_tolerance_visits,
    )
    discordant = protocol.reading.adjudication and any(not d.agree for d in differences)
    if discordant and not adjudicator:
        raise Refused(f"{subject.number}: the reads differ. Assign an adjudicator first.")
    rows = [_row(protocol, d, reads) for d in differences]
    with ports.open_unit(replace(NOBODY, user_name=session.user_name)) as unit:
        comparison = Comparison(str(uuid.uuid4()), subject_id, reads[0].id, reads[1].id, rows, discordant, unit.now())
        unit.add(comparison)
        if discordant:
            sides = [reads[0].id, reads[1].id]
            if secrets.randbelow(2):
                sides.reverse()
            unit.add(
                Adjudication(str(uuid.uuid4()), subject_id, comparison.id, adjudicator[0].user_id, sides[0], sides[1])
            )
        state = ADJUDICATION_OPEN if discordant else CONCORDANT
        unit.change(subject, state=state)
        differing = [d.variable for d in differences if not d.agree]
        unit.audit(
            "compare",
            "case",
            subject.number,
            old={"state": READING},
            new={"state": state, "differ": differing},
            subject_id=subject_id,
            protocol=protocol.sha256,
            chain=session.trial_id,
        )
        unit.commit()
    return state


def _close(ports: Ports, session: Session, subject: Subject, state: str) -> str:
    with ports.open_unit(replace(NOBODY, user_name=session.user_name)) as unit:
        unit.change(subject, state=state)
        unit.audit(
            "close",
            "case",
            subject.number,
            old={"state": subject.state},
            new={"state": state},
            subject_id=subject.id,
            chain=session.trial_id,
        )
        unit.commit()
    return state


def _row(protocol: Protocol, difference: Difference, reads: list[Read]) -> dict[str, Any]:
    row = asdict(difference)
    scope = protocol.criterion(row["criterion"]).scope if row["criterion"] else ""
    standard = protocol.criterion(row["criterion"]).standard if row["criterion"] else ""
    parts = [VARIABLE_TITLES[row["variable"]]]
    if standard:
        parts.append({"recist11": "RECIST 1.1", "irecist": "iRECIST", "mrecist": "mRECIST"}[standard])
        parts.append(protocol.scope(scope).id)
    if row["zone"]:
        parts.append(row["zone"])
    return {**row, "scope": scope, "title": ", ".join(parts), "read_1": reads[0].id, "read_2": reads[1].id}
