"""The image check and the release of a time point to its readers (CR-10, CR-11, CR-16, CR-17)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from app.workflow.blinding import LOOKED_AT, is_finding, text_hints
from app.workflow.ports import Ports, Unit
from app.workflow.trials import current_protocol
from measure.case import (
    ACCEPTED,
    QUERIED,
    RECEIVED,
    REFUSED,
    RELEASED,
    ImageCheck,
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


@dataclass(frozen=True)
class CheckItem:
    """One line of the image check: what was found and whether a person has to answer it."""

    item: str
    found: str
    needs_answer: bool
    answer: str = ""


def image_check(ports: Ports, session: Session, timepoint_id: str) -> list[CheckItem]:
    """The protocol's list for one time point, compared with the subject's earlier ones."""
    protocol = current_protocol(ports, session)
    with ports.open_unit(session) as unit:
        timepoint = unit.get(Timepoint, timepoint_id)
        series = [s for s in unit.find(SeriesRecord, timepoint_id=timepoint_id) if s.hang_as]
        earlier = [
            t for t in unit.find(Timepoint, subject_id=timepoint.subject_id) if t.scan_date < timepoint.scan_date
        ]
        before = [
            s
            for t in sorted(earlier, key=lambda t: t.scan_date)[:1]
            for s in unit.find(SeriesRecord, timepoint_id=t.id)
            if s.hang_as == "main"
        ]
        checks = unit.find(ImageCheck, timepoint_id=timepoint_id)
    answers = {c.item: c for c in checks if not is_finding(c)}
    main = next((s for s in series if s.hang_as == "main"), series[0] if series else None)
    base = before[0] if before else None
    items = _series_items(protocol, main, base) if main else []
    items.append(_window_item(protocol, timepoint, earlier))
    items.append(CheckItem(LOOKED_AT, text_hints(checks), True))
    return [replace(item, answer=answers[item.item].remark if item.item in answers else "") for item in items]


def _series_items(protocol: Protocol, main: SeriesRecord, base: SeriesRecord | None) -> list[CheckItem]:
    thickness = Decimal(main.thickness_mm or "0")
    modality = main.modality + (f", baseline {base.modality}" if base and base.modality != main.modality else "")
    thick = f"{main.thickness_mm or 'unknown'} mm"
    thicker = base is not None and base.thickness_mm != main.thickness_mm
    phase = main.name.split(" · ", maxsplit=1)[0]
    base_phase = base.name.split(" · ", maxsplit=1)[0] if base else phase
    gaps = "; ".join(str(d["text"]) for d in main.defects)
    return [
        CheckItem(
            "Modality",
            modality,
            main.modality not in protocol.qc.modalities or bool(base and base.modality != main.modality),
        ),
        CheckItem(
            "Slice thickness",
            thick + (f", baseline {base.thickness_mm} mm" if base and thicker else ""),
            thicker or not thickness or thickness > protocol.qc.max_slice_mm,
        ),
        CheckItem("Geometry", gaps or f"even, {main.slices} slices", not main.measurable or bool(main.defects)),
        CheckItem("Phase", phase + (f", baseline {base_phase}" if base_phase != phase else ""), base_phase != phase),
    ]


def _window_item(protocol: Protocol, timepoint: Timepoint, earlier: list[Timepoint]) -> CheckItem:
    if timepoint.visit == protocol.baseline.timepoint or not earlier:
        return CheckItem("Visit window", "baseline", False)
    planned = next((v for v in protocol.visit_list if v.id == timepoint.visit), None)
    if planned is None:
        return CheckItem("Visit window", "unscheduled", True)
    anchor = date.fromisoformat(min(t.scan_date for t in earlier))
    off = (date.fromisoformat(timepoint.scan_date) - planned_date(anchor, planned)).days
    allowed = f"−{protocol.visits.before_days} to +{protocol.visits.after_days}"
    return CheckItem("Visit window", f"{off:+d} days, window {allowed}", not in_window(protocol, off))


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
