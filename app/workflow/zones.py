"""Procedures and ablation zones of a case (form AZ-0): the manager's, so that scopes never differ by reader (SC-07)."""

from __future__ import annotations

import uuid
from datetime import date

from app.workflow.ports import Ports
from app.workflow.release_images import link_zones
from app.workflow.trials import current_protocol
from measure.case import TREATMENT_OF_TECHNIQUE, Procedure, Subject, Zone
from measure.refusal import Refused
from measure.session import Session


def add_procedure(ports: Ports, session: Session, subject_id: str, technique: str, day: str) -> Procedure:
    """Record one local treatment of a subject."""
    protocol = current_protocol(ports, session)
    if not protocol.ablation.enabled:
        raise Refused("This protocol has no local treatment (ablation.enabled).")
    if technique not in protocol.ablation.techniques:
        raise Refused(f"{technique!r} is not in ablation.techniques: {', '.join(protocol.ablation.techniques)}.")
    try:
        date.fromisoformat(day)
    except ValueError:
        raise Refused(f"{day!r} is no date. Write it as 2026-03-31.") from None
    with ports.open_unit(session) as unit:
        subject = unit.get(Subject, subject_id)
        number = len(unit.find(Procedure, subject_id=subject_id)) + 1
        most = protocol.ablation.max_procedures
        if most and number > most:
            raise Refused(f"{subject.number}: the protocol allows {most} procedures (ablation.max_procedures).")
        procedure = Procedure(str(uuid.uuid4()), subject_id, number, technique, day)
        unit.add(procedure)
        unit.audit(
            "add",
            "procedure",
            f"{subject.number} {number}",
            new={"technique": technique, "date": day},
            subject_id=subject_id,
        )
        unit.commit()
    return procedure


def add_zone(
    ports: Ports,
    session: Session,
    procedure: Procedure,
    *,
    organ: str,
    site: str,
    place: tuple[float, float, float],
    series_uid: str,
) -> Zone:
    """Record one treated place: where it lies on a scan of the subject, organ and segment."""
    protocol = current_protocol(ports, session)
    kind = TREATMENT_OF_TECHNIQUE.get(procedure.technique, "ablation")
    with ports.open_unit(session) as unit:
        subject = unit.get(Subject, procedure.subject_id)
        label = f"Z{len(unit.find(Zone, subject_id=subject.id)) + 1}"
        zone = Zone(
            str(uuid.uuid4()),
            subject.id,
            label,
            organ,
            site,
            [round(float(x), 2) for x in place],
            series_uid,
            procedure.id,
            kind in protocol.rules.treated_kinds,
        )
        unit.add(zone)
        link_zones(unit, subject.id)
        unit.audit(
            "add",
            "zone",
            f"{subject.number} {label}",
            new={"site": site, "place": zone.place, "procedure": procedure.number},
            subject_id=subject.id,
        )
        unit.commit()
    return zone
