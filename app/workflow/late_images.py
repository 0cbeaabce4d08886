"""Images that come for a time point already released: kept, not shown, and a task for everybody who read it (CR-18)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from app.workflow import correct_read
from app.workflow.ports import Ports
from measure.case import Correction, Query, Subject, Timepoint
from measure.read import SIGNED, Read, ReadTimepoint
from measure.session import Session

LATE = "late images"


def open_task(ports: Ports, session: Session, timepoint: Timepoint, names: Sequence[str]) -> None:
    """Open a query on the time point, and ask a correction of every signed read of it that counts."""
    words = f"Images came after the release: {', '.join(names)}. They are kept and not hung."
    with ports.open_unit(session) as unit:
        subject = unit.get(Subject, timepoint.subject_id)
        reads = {r.id: r for r in unit.find(Read, subject_id=subject.id) if r.state != correct_read.SUPERSEDED}
        parts = unit.find(ReadTimepoint, read_id=list(reads), timepoint_id=timepoint.id)
        signed = [part for part in parts if part.state == SIGNED]
        waiting = {c.read_timepoint_id for c in unit.find(Correction) if c.state == correct_read.REQUESTED}
        labels = sorted(reads[part.read_id].label for part in parts)
        words += f" Read with what was there before by {', '.join(labels)}." if labels else " Nobody has read it yet."
        query = Query(str(uuid.uuid4()), subject.id, timepoint.id, LATE, words, "", session.user_id, unit.now())
        unit.add(query)
        unit.audit(
            "open", "task", f"{subject.number} {timepoint.visit}", new={LATE: list(names)}, subject_id=subject.id
        )
        unit.commit()
    for part in signed:
        if part.id not in waiting:
            correct_read.request(ports, session, part.id, "missing-images", words)
