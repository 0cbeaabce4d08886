"""Taking an import back that no reader has seen: imported under the wrong subject or visit, or not wanted.

The rows and the stored images go, the audit row stays, and the same files can be imported again elsewhere.
"""

from __future__ import annotations

from app.workflow.ports import Ports, Unit
from measure.case import (
    RELEASED,
    Assignment,
    ImageCheck,
    Instance,
    Procedure,
    Query,
    SeriesRecord,
    Subject,
    Timepoint,
    Zone,
)
from measure.refusal import Refused
from measure.session import Session

_OPEN, _ANSWERED = "open", "answered"


def withdraw(ports: Ports, session: Session, timepoint_id: str, reason: str) -> str:
    """Take the images of a time point back; returns `subject visit`. Refused after its release."""
    if not reason.strip():
        raise Refused("Give the reason for taking these images back.")
    with ports.open_unit(session) as unit:
        timepoint = unit.get(Timepoint, timepoint_id)
        subject = unit.get(Subject, timepoint.subject_id)
        name = f"{subject.number} {timepoint.visit}"
        if timepoint.state == RELEASED:
            raise Refused(f"{name} is released; its images stay. Ask the medical lead for a correction.")
        series = unit.find(SeriesRecord, timepoint_id=timepoint_id)
        uids = {s.uid for s in series}
        placed = sorted(z.label for z in unit.find(Zone, subject_id=subject.id) if z.series_uid in uids)
        if placed:
            raise Refused(f"{name}: the zones {', '.join(placed)} are placed on these images; they stay.")
        instances = unit.find(Instance, series_id=[s.id for s in series])
        unit.remove(Instance, [i.id for i in instances])
        unit.remove(SeriesRecord, [s.id for s in series])
        unit.remove(ImageCheck, [c.id for c in unit.find(ImageCheck, timepoint_id=timepoint_id)])
        unit.remove(Timepoint, [timepoint_id])
        for query in unit.find(Query, timepoint_id=timepoint_id, state=_OPEN):
            unit.change(query, state=_ANSWERED, answer=f"images withdrawn: {reason.strip()}", answered_at=unit.now())
        gone = _forgotten(unit, subject)
        unit.audit(
            "withdraw",
            "images",
            name,
            old={"series": len(series), "files": len(instances), "state": timepoint.state},
            new={"subject removed": gone},
            reason=reason.strip(),
            subject_id=subject.id,
        )
        unit.commit()
    with ports.open_unit(session) as unit:
        kept = {i.sop_uid for i in unit.find(Instance, sop_uid=[i.sop_uid for i in instances])}
    ports.images.remove([i.sop_uid for i in instances if i.sop_uid not in kept])
    return name


def _forgotten(unit: Unit, subject: Subject) -> bool:
    """Remove a subject that nothing else is known of: it came into being with the import."""
    for kind in (Timepoint, Procedure, Zone, Assignment, Query):
        if unit.find(kind, subject_id=subject.id):
            return False
    unit.remove(Subject, [subject.id])
    return True
