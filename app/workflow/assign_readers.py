"""Who reads which case: two readers apart, an adjudicator who read neither (CR-05, CR-19)."""

from __future__ import annotations

import hashlib
import uuid

from app.workflow.ports import Ports
from app.workflow.trials import current_protocol
from measure.case import Assignment, RoleGrant, Subject, User
from measure.read import Read
from measure.refusal import Refused
from measure.session import ADJUDICATOR, READER, Session


def assign(ports: Ports, session: Session, subject_id: str, label: str, user_id: str, *, due: str = "") -> None:
    """Give a case to a person under a label of `export.reader_labels` (R1, R2, ADJ)."""
    protocol = current_protocol(ports, session)
    labels = protocol.export.reader_labels
    if label not in labels:
        raise Refused(f"{label!r} is no reader label of this protocol: {', '.join(labels)}.")
    if label == labels[1] and protocol.reading.readers == 1:
        raise Refused("This protocol has one reader (reading.readers).")
    needed = ADJUDICATOR if label == labels[-1] and len(labels) > 2 else READER
    with ports.open_unit(session) as unit:
        subject = unit.get(Subject, subject_id)
        user = unit.get(User, user_id)
        if not any(g.role == needed for g in unit.find(RoleGrant, user_id=user_id, trial_id=session.trial_id)):
            raise Refused(f"{user.printed_name} is no {needed} in this trial.")
        present = [a for a in unit.find(Assignment, subject_id=subject_id) if a.active]
        if any(a.user_id == user_id and a.label != label for a in present):
            raise Refused(f"{user.printed_name} already has a part in this case; nobody may have two.")
        if any(r.user_id == user_id for r in unit.find(Read, subject_id=subject_id)) and needed == ADJUDICATOR:
            raise Refused(f"{user.printed_name} has read this case and cannot adjudicate it.")
        for old in present:
            if old.label == label:
                if old.user_id == user_id:
                    return
                if unit.find(Read, subject_id=subject_id, user_id=old.user_id, label=label):
                    raise Refused(f"{label} has begun to read this case; it cannot be given to another person.")
                unit.change(old, active=False)
        seed = protocol.reading.case_order_seed or protocol.trial.id
        order = hashlib.sha256(f"{seed}|{user.name}|{subject.reading_code}".encode()).hexdigest()
        unit.add(Assignment(str(uuid.uuid4()), subject_id, user_id, label, True, unit.now(), order, due))
        unit.audit("assign", "case", subject.number, new={label: user.name}, subject_id=subject_id)
        unit.commit()
