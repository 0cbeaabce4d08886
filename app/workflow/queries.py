"""Queries about images: asked of the site, answered, closed; the time point waits meanwhile (CR-17)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from app.workflow.ports import Ports
from measure.case import QUERIED, RECEIVED, RELEASED, Query, Subject, Timepoint, User
from measure.refusal import Refused
from measure.session import Session

OPEN, ANSWERED = "open", "answered"


@dataclass(frozen=True)
class QueryLine:
    """One query with the case and time point it is about."""

    query: Query
    number: str
    code: str
    visit: str
    opened_by: str
    days: int


def queries(ports: Ports, session: Session) -> list[QueryLine]:
    """All queries of the trial, open ones first, the oldest on top."""
    with ports.open_unit(session) as unit:
        subjects = {s.id: s for s in unit.find(Subject, trial_id=session.trial_id)}
        visits = {t.id: t.visit for t in unit.find(Timepoint, subject_id=list(subjects))}
        names = {u.id: u.name for u in unit.find(User)}
        found = unit.find(Query, subject_id=list(subjects))
    now = ports.now()
    lines = [
        QueryLine(
            one,
            subjects[one.subject_id].number,
            subjects[one.subject_id].reading_code,
            visits.get(one.timepoint_id, ""),
            names.get(one.opened_by, one.opened_by),
            (now - datetime.fromisoformat(one.opened_at)).days,
        )
        for one in found
    ]
    return sorted(lines, key=lambda line: (line.query.state != OPEN, line.query.opened_at))


def ask_site(ports: Ports, session: Session, timepoint_id: str, text: str) -> Query:
    """Ask the site about the images of a time point; it can be released only after the answer."""
    if not text.strip():
        raise Refused("Say what the site is asked.")
    with ports.open_unit(session) as unit:
        timepoint = unit.get(Timepoint, timepoint_id)
        if timepoint.state == RELEASED:
            raise Refused("This time point is released; its images stay as they are.")
        subject = unit.get(Subject, timepoint.subject_id)
        query = Query(
            str(uuid.uuid4()),
            subject.id,
            timepoint_id,
            "images",
            text.strip(),
            "",
            session.user_id,
            unit.now(),
        )
        unit.add(query)
        unit.change(timepoint, state=QUERIED, remark=text.strip())
        unit.audit(
            "ask",
            "query",
            f"{subject.number} {timepoint.visit}",
            old={"state": timepoint.state},
            new={"state": QUERIED},
            reason=text.strip(),
            subject_id=subject.id,
        )
        unit.commit()
    return query


def answer(ports: Ports, session: Session, query_id: str, text: str) -> None:
    """Enter the site's answer; the images wait for the check again."""
    if not text.strip():
        raise Refused("Write the answer down.")
    with ports.open_unit(session) as unit:
        query = unit.get(Query, query_id)
        if query.state != OPEN:
            raise Refused("This query is answered already.")
        subject = unit.get(Subject, query.subject_id)
        unit.change(query, state=ANSWERED, answer=text.strip(), answered_at=unit.now())
        which = subject.number
        for timepoint in unit.find(Timepoint, id=query.timepoint_id):
            which = f"{subject.number} {timepoint.visit}"
            others = unit.find(Query, timepoint_id=timepoint.id, state=OPEN)
            if timepoint.state == QUERIED and not others:
                unit.change(timepoint, state=RECEIVED)
        unit.audit(
            "answer",
            "query",
            which,
            old={"state": OPEN},
            new={"state": ANSWERED},
            reason=text.strip(),
            subject_id=subject.id,
        )
        unit.commit()
