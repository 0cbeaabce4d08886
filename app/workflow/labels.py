"""Labels of lesions: T1, NT1, NL1, R1, and T1.1 for a part of T1."""

from __future__ import annotations

from app.workflow.ports import Ports
from measure.read import Lesion
from measure.session import Session


def next_label(ports: Ports, session: Session, read_id: str, prefix: str) -> str:
    """The next free label of a kind: labels are never used twice in a read, not even after a lesion was deleted."""
    with ports.open_unit(session) as unit:
        given = {version.label for version in unit.find(Lesion, read_id=read_id)}
    used = [int(label[len(prefix) :]) for label in given if label.startswith(prefix) and label[len(prefix) :].isdigit()]
    return f"{prefix}{max(used, default=0) + 1}"
