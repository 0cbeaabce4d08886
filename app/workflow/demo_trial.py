"""The demo trial: its users, and how its synthetic images come in: by the same workflow functions as any trial's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from app.workflow import accounts, assign_readers, import_images, release_images, trials, zones
from app.workflow.demo_accounts import ACCOUNTS, PASSWORD
from app.workflow.ports import Ports
from measure.case import Subject, User
from measure.phantom.course import Subject as Patient
from measure.phantom.truth import zone_truths
from measure.refusal import Refused
from measure.session import NOBODY, Session


def set_up(ports: Ports, protocol_text: str) -> Session:
    """Make the demo trial with its seven users; returns the manager's session."""
    trial, _ = trials.new_trial(ports, NOBODY, protocol_text, "demo.toml")
    for account in ACCOUNTS:
        accounts.add_user(ports, NOBODY, account.name, account.printed_name, PASSWORD)
        accounts.grant_role(ports, NOBODY, account.name, account.role, trial.id)
    return session_of(ports, "manager")


def session_of(ports: Ports, name: str) -> Session:
    """Log a demo user in."""
    trial = accounts.trials_to_log_in(ports)[0]
    answer = accounts.log_in(ports, name, PASSWORD, trial.id)
    if not isinstance(answer, Session):
        raise Refused(answer.line)
    return answer


def import_patient(ports: Ports, manager: Session, patient: Patient, folder: Path, said: Callable[[str], None]) -> None:
    """Import, check and release one synthetic patient, enter procedures and zones, assign the readers."""
    found = import_images.look(ports, [folder])
    proposals = import_images.propose(ports, manager, found)
    by_visit = {}
    for proposal in sorted(proposals, key=lambda p: p.scan_date):
        if proposal.subject != patient.number or not proposal.visit:
            raise Refused(
                f"{folder}: expected subject {patient.number}, proposed {proposal.subject!r} {proposal.visit!r}."
            )
        decision = import_images.Decision(proposal.subject, proposal.visit, proposal.series, patient.site)
        timepoint = import_images.store(ports, manager, decision)
        by_visit[timepoint.visit] = (timepoint, proposal.series)
        said(f"{patient.number} {timepoint.visit}")
    with ports.open_unit(manager) as unit:
        subject = unit.find(Subject, number=patient.number)[0]
    _zones(ports, manager, patient, subject)
    for timepoint, _ in sorted(by_visit.values(), key=lambda pair: pair[0].scan_date):
        for line in release_images.image_check(ports, manager, timepoint.id):
            if line.needs_answer:
                release_images.answer_check(ports, manager, timepoint.id, line.item, "accepted, demo images")
        release_images.decide(ports, manager, timepoint.id, "accepted")
        release_images.release(ports, manager, timepoint.id)
    _readers(ports, manager, subject)


def _zones(ports: Ports, manager: Session, patient: Patient, subject: Subject) -> None:
    from measure.case import SeriesRecord, Timepoint

    with ports.open_unit(manager) as unit:
        baseline = next(t for t in unit.find(Timepoint, subject_id=subject.id) if t.visit == "BL")
        series = next(s for s in unit.find(SeriesRecord, timepoint_id=baseline.id) if s.hang_as == "main")
    first = patient.timepoint("BL")
    for zone, truth in zip(patient.zones, zone_truths(patient, first), strict=True):
        place = first.motion.to_scanner(zone.at)
        site = next((one.site for one in patient.lesions if one.label == zone.lesion), "Liver")
        procedure = zones.add_procedure(ports, manager, subject.id, zone.technique, truth.procedure_date.isoformat())
        x, y, z = (float(c) for c in place)
        zones.add_zone(ports, manager, procedure, organ="liver", site=site, place=(x, y, z), series_uid=series.uid)


def _readers(ports: Ports, manager: Session, subject: Subject) -> None:
    with ports.open_unit(manager) as unit:
        users = {user.name: user for user in unit.find(User)}
    number = int(subject.number.split("-")[-1])
    due = (ports.now() + timedelta(days=number % 5)).date().isoformat()
    for label, name in (("R1", "reader.one"), ("R2", "reader.two"), ("ADJ", "adjudicator")):
        assign_readers.assign(ports, manager, subject.id, label, users[name].id, due=due)
