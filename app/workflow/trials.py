"""New trials from a protocol file; every version is kept whole and named by its hash."""

from __future__ import annotations

import secrets
import uuid

from app.workflow.ports import Ports
from measure.case import ExportRecord, ProtocolVersion, Trial
from measure.protocol import Protocol
from measure.refusal import Refused
from measure.session import Session

DEMO_TRIAL = "demo"


def new_trial(ports: Ports, session: Session, text: str, file_name: str) -> tuple[Trial, Protocol]:
    """Make a trial from the text of its protocol file; the demo workspace holds the demo trial alone."""
    protocol = ports.read_protocol(text, file_name)
    name = protocol.trial.id
    if ports.demo != (name == DEMO_TRIAL):
        raise Refused(
            "The demo workspace holds the demo trial only. Make a workspace of its own for a real trial."
            if ports.demo
            else "The demo trial lives in its own workspace only."
        )
    with ports.open_unit(session) as unit:
        if unit.find(Trial, name=name):
            raise Refused(f"{file_name}: trial.id: {name}: this trial exists already; give another id.")
        # The demo's secret is fixed, so that its reading codes and UIDs are the same everywhere.
        secret = "demo" * 16 if ports.demo else secrets.token_hex(32)
        trial = Trial(str(uuid.uuid4()), name, protocol.trial.title or name, ports.demo, secret, unit.now())
        unit.add(trial)
        unit.add(ProtocolVersion(str(uuid.uuid4()), trial.id, 1, text, protocol.sha256, unit.now(), "first version"))
        unit.audit("add", "trial", name, new={"protocol": protocol.sha256}, chain=trial.id)
        unit.commit()
    return trial, protocol


def current_protocol(ports: Ports, session: Session) -> Protocol:
    """The protocol of the session's trial as it stands now."""
    with ports.open_unit(session) as unit:
        versions = unit.find(ProtocolVersion, trial_id=session.trial_id)
    if not versions:
        raise Refused("This trial has no protocol.")
    return ports.read_protocol(versions[-1].text, f"protocol version {versions[-1].number}")


def protocol_versions(ports: Ports, session: Session) -> list[ProtocolVersion]:
    """All versions of the session's trial, newest first."""
    with ports.open_unit(session) as unit:
        found = unit.find(ProtocolVersion, trial_id=session.trial_id)
    return sorted(found, key=lambda version: -version.number)


def exports(ports: Ports, session: Session) -> list[ExportRecord]:
    """What was exported of the session's trial, newest first."""
    with ports.open_unit(session) as unit:
        found = unit.find(ExportRecord, trial_id=session.trial_id)
    return sorted(found, key=lambda record: record.at, reverse=True)
