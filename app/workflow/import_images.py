"""Images into the trial: look, propose with the reason, store what a person decided. Nothing is guessed in silence."""

from __future__ import annotations

import hashlib
import hmac
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from app.workflow import late_images
from app.workflow.blinding import blinding_rows
from app.workflow.ports import FoundImages, FoundSeries, Ports, Report, StoredSeries, Unit
from app.workflow.trials import current_protocol
from measure.case import RECEIVED, RELEASED, Instance, SeriesRecord, Subject, Timepoint, Trial
from measure.protocol import Protocol
from measure.refusal import Refused
from measure.session import Session
from measure.visits import nearest_visit

LONGEST_NAME = 64
CODE_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


@dataclass(frozen=True)
class Proposal:
    """The series of one subject and one scan date, with the subject and visit proposed and because of what.

    Empty `subject` or `visit`: nothing can be proposed, a person decides.
    """

    subject: str
    subject_because: str
    visit: str
    visit_because: str
    scan_date: str
    series: tuple[FoundSeries, ...]
    new_subject: bool = False
    off_days: int = 0  # from the planned day of the visit proposed


@dataclass(frozen=True)
class Decision:
    """What a person decided for one proposal: subject number, visit and which series hang as what."""

    subject: str
    visit: str
    series: tuple[FoundSeries, ...]
    site: str = ""


def look(ports: Ports, paths: Sequence[Path], report: Report | None = None) -> FoundImages:
    """Read the headers below the paths; nothing is stored."""
    for path in paths:
        if not path.exists():
            raise Refused(f"{path} does not exist.")
    found = ports.images.look(paths, report)
    if not found.series:
        first = f" The first: {found.left_out[0][0]}, {found.left_out[0][1]}." if found.left_out else ""
        raise Refused(
            f"{', '.join(str(p) for p in paths)}: no DICOM images here; {len(found.left_out)} files left out.{first}"
        )
    return found


def propose(ports: Ports, session: Session, found: FoundImages) -> list[Proposal]:
    """Group what was found by subject and scan date and propose where it belongs."""
    protocol = current_protocol(ports, session)
    groups: dict[tuple[str, str], list[FoundSeries]] = {}
    for series in found.series:
        groups.setdefault((series.subject_number, series.scan_date), []).append(series)
    with ports.open_unit(session) as unit:
        subjects = {s.number: s for s in unit.find(Subject, trial_id=session.trial_id)}
        baselines = {t.subject_id: t.scan_date for t in unit.find(Timepoint, visit=protocol.baseline.timepoint)}
    earliest: dict[str, str] = {}
    for number, day in sorted(groups):
        if day:
            earliest.setdefault(number, day)
    proposals = []
    for (number, day), series_list in sorted(groups.items()):
        known = subjects.get(number)
        because = (
            "the header carries no subject number"
            if not number
            else "subject number in the header" + ("" if known else ", not in the trial yet")
        )
        base = baselines.get(known.id, "") if known else ""
        visit, visit_because, off = _visit(protocol, base or earliest.get(number, ""), bool(base), day, series_list)
        proposals.append(
            Proposal(
                number,
                because,
                visit,
                visit_because,
                day,
                tuple(series_list),
                bool(number and not known),
                off,
            )
        )
    return proposals


def _visit(
    protocol: Protocol, baseline: str, stored: bool, day: str, series: Sequence[FoundSeries]
) -> tuple[str, str, int]:
    if not day:
        return "", "the images carry no date", 0
    tag = next((s.timepoint_tag for s in series if s.timepoint_tag), "")
    if day == baseline:
        because = "the same day as the baseline" if stored else "the earliest scan here"
        return protocol.baseline.timepoint, because, 0
    days = (date.fromisoformat(day) - date.fromisoformat(baseline)).days
    visit, off = nearest_visit(protocol, date.fromisoformat(baseline), date.fromisoformat(day))
    if not visit:
        return "", f"{days} days after baseline, no planned visit is near", 0
    because = f"nearest planned visit, day {days}" + (f", {off:+d} days" if off else "")
    if tag and tag != visit:
        return "", f"{because}, but the header says {tag}", off
    return visit, because, off


def reading_code(secret: str, number: str, taken: Sequence[str]) -> str:
    """A random-looking code for readers (CR-12): keyed, so that it says nothing of site or order."""
    for attempt in range(1000):
        digest = hmac.new(secret.encode(), f"code {number} {attempt}".encode(), hashlib.sha256).digest()
        letters = "".join(CODE_LETTERS[b % len(CODE_LETTERS)] for b in digest[:3])
        code = f"{letters}-{int.from_bytes(digest[3:7]) % 1000:03d}"
        if code not in taken:
            return code
    raise Refused("No reading code is left for this trial.")


def store(ports: Ports, session: Session, decision: Decision, report: Report | None = None) -> Timepoint:
    """De-identify and store the series of one time point; the rows and the audit row come last, together.

    Into a time point that has images already come only the series that are new: before its release they join it,
    afterwards they are kept unhung and open a task (CR-18). What cannot be finished leaves nothing behind.
    """
    if not decision.subject or not decision.visit:
        raise Refused("Say which subject and which time point these images belong to.")
    for words in (decision.subject, decision.visit):
        if not words.isprintable() or len(words) > LONGEST_NAME:
            raise Refused(
                f"{words[:LONGEST_NAME]!r} is no subject or time point: say which it is. Nothing was imported."
            )
    if not any(series.hang_as for series in decision.series):
        raise Refused(f"{decision.subject} {decision.visit}: choose at least one series to hang.")
    dates = sorted(series.scan_date for series in decision.series if series.scan_date)
    if not dates:
        raise Refused(f"{decision.subject} {decision.visit}: the images carry no scan date; nothing was imported.")
    _refuse_other_patient(decision)
    with ports.open_unit(session) as unit:
        trial = unit.get(Trial, session.trial_id)
        subjects = unit.find(Subject, trial_id=trial.id)
    subject = next((s for s in subjects if s.number == decision.subject), None)
    taken = [s.reading_code for s in subjects]
    code = subject.reading_code if subject else reading_code(trial.secret, decision.subject, taken)
    made: list[str] = []
    try:
        kept = _stored(ports, session, decision, trial.secret, code, made, report)
        return _recorded(ports, session, decision, trial, subject, code, kept, dates[0])
    except BaseException:  # refused, cancelled or interrupted: the store is as it was before
        ports.images.remove(made)
        raise


def _stored(
    ports: Ports,
    session: Session,
    decision: Decision,
    secret: str,
    code: str,
    made: list[str],
    report: Report | None,
) -> list[tuple[FoundSeries, StoredSeries]]:
    kept: list[tuple[FoundSeries, StoredSeries]] = []
    total = sum(len(series.files) for series in decision.series)
    done = 0
    for series in decision.series:
        part = None if report is None else _offset(report, done, total)
        stored = ports.images.store(
            series,
            trial_secret=secret,
            subject_key=decision.subject,
            pseudonym=code,
            owner=lambda uid: _holder(ports, session, uid),
            report=part,
        )
        made += stored.new
        kept.append((series, stored))
        done += len(series.files)
    return kept


def _holder(ports: Ports, session: Session, sop_uid: str) -> str:
    """Subject and visit of the time point that holds an instance; empty when none does."""
    with ports.open_unit(session) as unit:
        for instance in unit.find(Instance, sop_uid=sop_uid):
            timepoint = unit.get(Timepoint, unit.get(SeriesRecord, instance.series_id).timepoint_id)
            return f"{unit.get(Subject, timepoint.subject_id).number} {timepoint.visit}"
    return ""


def _recorded(
    ports: Ports,
    session: Session,
    decision: Decision,
    trial: Trial,
    subject: Subject | None,
    code: str,
    kept: list[tuple[FoundSeries, StoredSeries]],
    scan_date: str,
) -> Timepoint:
    """The rows of what was stored, and what follows for a time point that had images already."""
    protocol = current_protocol(ports, session)
    name = f"{decision.subject} {decision.visit}"
    with ports.open_unit(session) as unit:
        if subject is None:
            subject = Subject(str(uuid.uuid4()), trial.id, decision.subject, decision.site, code, created_at=unit.now())
            unit.add(subject)
        there = unit.find(Timepoint, subject_id=subject.id, visit=decision.visit)
        timepoint = (
            there[0]
            if there
            else Timepoint(str(uuid.uuid4()), subject.id, decision.visit, scan_date, RECEIVED, received_at=unit.now())
        )
        known = {s.uid: s for s in unit.find(SeriesRecord, timepoint_id=timepoint.id)} if there else {}
        fresh = [(series, stored) for series, stored in kept if stored.uid not in known]
        grown = [series.name for series, stored in kept if stored.uid in known and stored.new]
        if grown:
            raise Refused(
                f"{name}: {', '.join(grown)} came before with fewer images. Withdraw the time point (before its "
                "release) and import the whole series again; nothing was imported."
            )
        if not fresh:
            raise Refused(f"{name} has images already, all of these among them. Nothing was imported.")
        _refuse_held_elsewhere(unit, fresh, name)
        late = timepoint.state == RELEASED
        if not there:
            unit.add(timepoint)
        elif not late:
            unit.change(timepoint, state=RECEIVED, received_at=unit.now())
        hung = {s.hang_as for s in known.values()}
        for series, stored in fresh:
            hang_as = "" if late or series.hang_as in hung else series.hang_as
            _add_series(unit, timepoint.id, series, stored, hang_as)
        blinding = [(series.name, *line) for series, stored in fresh for line in stored.blinding]
        unit.add_all(blinding_rows(timepoint.id, blinding, unit.now()))
        files = sum(len(stored.images) for _, stored in fresh)
        unit.audit(
            "import",
            "images",
            name,
            old={"series": len(known)} if there else None,
            new={"files": files, "series": len(fresh), "scan date": scan_date},
            subject_id=subject.id,
            protocol=protocol.sha256,
        )
        unit.commit()
    if late:
        late_images.open_task(ports, session, timepoint, [series.name for series, _ in fresh])
    return replace(timepoint, state=RECEIVED) if there and not late else timepoint


def _add_series(unit: Unit, timepoint_id: str, series: FoundSeries, stored: StoredSeries, hang_as: str) -> None:
    record = SeriesRecord(
        id=str(uuid.uuid4()),
        timepoint_id=timepoint_id,
        uid=stored.uid,
        modality=series.modality,
        name=series.name,
        hang_as=hang_as,
        slices=series.slices,
        spacing_mm=list(series.spacing_mm),
        thickness_mm=series.thickness_mm,
        measurable=series.measurable,
        why_not=series.why_not,
        defects=list(series.defects),
        scan_date=series.scan_date,
        frame_of_reference=series.frame_of_reference,
        manifest=stored.manifest,
    )
    unit.add(record)
    unit.add_all(
        [
            Instance(str(uuid.uuid4()), record.id, sop_uid, k, original, now)
            for k, (sop_uid, original, now) in enumerate(stored.images)
        ]
    )


def _refuse_held_elsewhere(unit: Unit, fresh: list[tuple[FoundSeries, StoredSeries]], name: str) -> None:
    """A scan belongs to one time point (CR-17)."""
    for series, stored in fresh:
        held = unit.find(Instance, sop_uid=[stored.images[0][0], stored.images[-1][0]])
        others = {unit.get(SeriesRecord, one.series_id).timepoint_id for one in held}
        for other in sorted(others):
            timepoint = unit.get(Timepoint, other)
            number = unit.get(Subject, timepoint.subject_id).number
            raise Refused(
                f"{name}: {series.name} is stored already as {number} {timepoint.visit}. Withdraw it there (before "
                "its release) if that was the wrong place; nothing was imported."
            )


def _refuse_other_patient(decision: Decision) -> None:
    numbers = {s.subject_number for s in decision.series if s.subject_number}
    if len(numbers) > 1:
        raise Refused(
            f"These files belong to {len(numbers)} subjects ({', '.join(sorted(numbers))}). Nothing was imported."
        )


def _offset(report: Report, done: int, total: int) -> Report:
    return lambda part, _: report(done + part, total)
