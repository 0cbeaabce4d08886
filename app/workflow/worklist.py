"""What a reader or an adjudicator does next; nothing tells whether more will come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from app.workflow.open_items import open_items
from app.workflow.ports import Ports
from app.workflow.reading import current_read, load_read
from app.workflow.trials import current_protocol
from measure.case import Assignment, Query, Subject, Timepoint
from measure.read import OPEN, Adjudication, ReadTimepoint
from measure.session import ADJUDICATOR, Session


@dataclass(frozen=True)
class WorkItem:
    """One row of the worklist: the case by its reading code and what is next in it."""

    subject_id: str
    code: str
    next: str
    task: str
    state: str
    days_left: int | None
    note: str = ""


def worklist(ports: Ports, session: Session) -> list[WorkItem]:
    """Own cases with something to do now, in the order of the stored seed; open ones first."""
    return _adjudications(ports, session) if session.role == ADJUDICATOR else _reads(ports, session)


def _days_left(due: str, ports: Ports) -> int | None:
    return (date.fromisoformat(due) - ports.now().date()).days if due else None


def _reads(ports: Ports, session: Session) -> list[WorkItem]:
    protocol = current_protocol(ports, session)
    rows: list[tuple[bool, str, WorkItem]] = []
    with ports.open_unit(session) as unit:
        codes = {s.id: s.reading_code for s in unit.find(Subject)}
        for mine in unit.find(Assignment, user_id=session.user_id, active=True):
            if mine.subject_id not in codes:
                continue
            read = current_read(unit, session, mine.subject_id)
            visible = sorted(unit.find(Timepoint, subject_id=mine.subject_id), key=lambda t: t.ordinal)
            have = {r.timepoint_id: r for r in unit.find(ReadTimepoint, read_id=read.id)} if read else {}
            opened = next((t for t in visible if t.id in have and have[t.id].state == OPEN), None)
            unread = [t for t in visible if t.id not in have]
            nxt = opened or (unread[0] if unread else None)
            if nxt is None:
                continue
            note = ""
            if opened and read:
                note = f"{len(open_items(load_read(unit, read, protocol)))} open"
            item = WorkItem(
                mine.subject_id,
                codes[mine.subject_id],
                nxt.reader_name,
                "Read time point",
                "open" if opened else "assigned",
                _days_left(mine.due_date, ports),
                note,
            )
            rows.append((opened is None, mine.order_key, item))
    return [item for *_, item in sorted(rows, key=lambda row: row[:2])]


def _adjudications(ports: Ports, session: Session) -> list[WorkItem]:
    with ports.open_unit(session) as unit:
        codes = {s.id: s.reading_code for s in unit.find(Subject)}
        items = [
            WorkItem(one.subject_id, codes[one.subject_id], "case", "Adjudicate", "open", None)
            for one in unit.find(Adjudication, user_id=session.user_id, state=OPEN)
        ]
    return sorted(items, key=lambda item: item.code)


def queries_to_me(ports: Ports, session: Session) -> list[Query]:
    """Open questions to this person."""
    with ports.open_unit(session) as unit:
        return unit.find(Query, to_user_id=session.user_id, state="open")
