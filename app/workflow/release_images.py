"""The image check and the release of a time point to its readers (CR-10, CR-11, CR-16, CR-17)."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import date

from app.workflow.blinding import LOOKED_AT, is_finding, text_hints
from app.workflow.charter_checks import CheckItem, Hung, baseline_check, series_checks, window_check
from app.workflow.ports import Ports, Unit
from app.workflow.trials import current_protocol
from measure.case import (
    ACCEPTED,
    QUERIED,
    RECEIVED,
    REFUSED,
    RELEASED,
    ImageCheck,
    ImportTable,
    Procedure,
    SeriesRecord,
    Subject,
    Timepoint,
    Zone,
)
from measure.protocol import Protocol
from measure.refusal import Refused
from measure.session import Session
from measure.visits import in_window, planned_date


def image_check(ports: Ports, session: Session, timepoint_id: str) -> list[CheckItem]:
    """The protocol's list for one time point, compared with the subject's baseline and the scan before.

    Answers given before images were added to the time point do not count any more.
    """
    protocol = current_protocol(ports, session)
    with ports.open_unit(session) as unit:
        timepoint = unit.get(Timepoint, timepoint_id)
        subject = unit.get(Subject, timepoint.subject_id)
        points = sorted(unit.find(Timepoint, subject_id=subject.id), key=lambda t: t.scan_date)
        earlier = [t for t in points if t.scan_date < timepoint.scan_date and t.state != REFUSED]
        compared = {"baseline": earlier[0], "scan before": earlier[-1]} if earlier else {}
        if len(earlier) == 1:
            del compared["scan before"]
        now = _hung(ports, unit, "", timepoint_id)
        before = [one for name, t in compared.items() if (one := _hung(ports, unit, name, t.id))]
        checks = unit.find(ImageCheck, timepoint_id=timepoint_id)
        procedures = unit.find(Procedure, subject_id=subject.id)
        tables = unit.find(ImportTable, trial_id=session.trial_id)
    answers = {c.item: c for c in checks if not is_finding(c) and c.at >= timepoint.received_at}
    items = series_checks(protocol, now, before) if now else []
    items.append(window_check(protocol, timepoint, earlier))
    items += baseline_check(protocol, timepoint, subject.number, procedures, tables)
    items.append(CheckItem(LOOKED_AT, text_hints(checks), True))
    return [replace(item, answer=answers[item.item].remark if item.item in answers else "") for item in items]


def _hung(ports: Ports, unit: Unit, name: str, timepoint_id: str) -> Hung | None:
    """The main series of a time point (the first that hangs where none is main)."""
    series = [s for s in unit.find(SeriesRecord, timepoint_id=timepoint_id) if s.hang_as]
    main = next((s for s in series if s.hang_as == "main"), series[0] if series else None)
    return Hung(name, main, ports.images.about(main.manifest)) if main else None


def answer_check(ports: Ports, session: Session, timepoint_id: str, item: str, remark: str) -> None:
    """Answer one line of the image check."""
    if not remark.strip():
        raise Refused(f"{item}: say why these images can be accepted.")
    with ports.open_unit(session) as unit:
        timepoint = unit.get(Timepoint, timepoint_id)
        subject = unit.get(Subject, timepoint.subject_id)
        unit.add(ImageCheck(str(uuid.uuid4()), timepoint_id, item, "", "answered", remark, unit.now()))
        which = f"{subject.number} {timepoint.visit}"
        unit.audit("answer", "image check", which, new={item: remark}, subject_id=subject.id)
        unit.commit()


def decide(ports: Ports, session: Session, timepoint_id: str, verdict: str, reason: str = "") -> None:
    """Accept, query or refuse the images of a time point; the last two need a reason."""
    if verdict not in (ACCEPTED, QUERIED, REFUSED):
        raise Refused(f"{verdict!r} is no verdict on images.")
    if verdict != ACCEPTED and not reason.strip():
        raise Refused("Give the reason.")
    with ports.open_unit(session) as unit:
        timepoint = unit.get(Timepoint, timepoint_id)
        if timepoint.state == RELEASED:
            raise Refused("This time point is released; its images stay as they are.")
        subject = unit.get(Subject, timepoint.subject_id)
        unit.change(timepoint, state=verdict, remark=reason)
        unit.audit(
            "check",
            "images",
            f"{subject.number} {timepoint.visit}",
            old={"state": timepoint.state},
            new={"state": verdict},
            reason=reason,
            subject_id=subject.id,
        )
        unit.commit()


def release(ports: Ports, session: Session, timepoint_id: str) -> Timepoint:
    """Let the readers have a time point; the baseline first, then in the order of the scan dates."""
    with ports.open_unit(session) as unit:
        state = unit.get(Timepoint, timepoint_id).state
    if state not in (RECEIVED, ACCEPTED):
        raise Refused(f"A time point that is {state} cannot be released.")
    open_lines = [c.item for c in image_check(ports, session, timepoint_id) if c.needs_answer and not c.answer]
    if open_lines:
        raise Refused(f"Answer the image check first: {', '.join(open_lines)}.")
    protocol = current_protocol(ports, session)
    with ports.open_unit(session) as unit:
        timepoint = unit.get(Timepoint, timepoint_id)
        if timepoint.state not in (RECEIVED, ACCEPTED):
            raise Refused(f"A time point that is {timepoint.state} cannot be released.")
        subject = unit.get(Subject, timepoint.subject_id)
        released = unit.find(Timepoint, subject_id=subject.id, state=RELEASED)
        is_baseline = timepoint.visit == protocol.baseline.timepoint
        if not is_baseline and not any(t.visit == protocol.baseline.timepoint for t in released):
            raise Refused(f"{subject.number}: release the baseline before {timepoint.visit}.")
        if any(t.scan_date >= timepoint.scan_date for t in released):
            raise Refused(
                f"{subject.number} {timepoint.visit} was scanned before a time point that is already released. "
                "Open a correction for it; reading order never changes in silence."
            )
        first = min([t.scan_date for t in released] + [timepoint.scan_date])
        day = (date.fromisoformat(timepoint.scan_date) - date.fromisoformat(first)).days
        timepoint = unit.change(
            timepoint,
            state=RELEASED,
            ordinal=len(released),
            day=day,
            reader_name=reader_name(protocol, timepoint.visit, day),
            in_window=_in_window(protocol, timepoint, first),
            released_at=unit.now(),
        )
        link_zones(unit, subject.id)
        unit.audit(
            "release",
            "images",
            f"{subject.number} {timepoint.visit}",
            new={"day": day},
            subject_id=subject.id,
        )
        unit.commit()
    return timepoint


def _in_window(protocol: Protocol, timepoint: Timepoint, baseline: str) -> str:
    """`yes`, `no`, or empty where no planned visit says."""
    planned = next((v for v in protocol.visit_list if v.id == timepoint.visit), None)
    if planned is None:
        return ""
    off = (date.fromisoformat(timepoint.scan_date) - planned_date(date.fromisoformat(baseline), planned)).days
    return "yes" if in_window(protocol, off) else "no"


def reader_name(protocol: Protocol, visit: str, day: int) -> str:
    """How readers see a time point: by day number, or by the visit's reader label (`reading.show_days`)."""
    if visit == protocol.baseline.timepoint:
        return "baseline"
    if protocol.reading.show_days == "visit-label":
        planned = next((v for v in protocol.visit_list if v.id == visit), None)
        return (planned.reader_label or planned.id) if planned else f"day {day}"
    return f"day {day}"


def link_zones(unit: Unit, subject_id: str) -> None:
    """Tie each zone to the first released time point scanned on or after its procedure."""
    dates = {p.id: p.date for p in unit.find(Procedure, subject_id=subject_id)}
    released = sorted(unit.find(Timepoint, subject_id=subject_id, state=RELEASED), key=lambda t: t.scan_date)
    for zone in unit.find(Zone, subject_id=subject_id):
        after = [t.id for t in released if t.scan_date >= dates.get(zone.procedure_id, "9999")]
        if after and zone.first_timepoint_id != after[0]:
            unit.change(zone, first_timepoint_id=after[0])
