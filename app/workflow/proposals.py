"""What became of a carried-over proposal that the reader did not take: a row in the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.workflow.ports import Ports
from app.workflow.reading import LesionRow, Reading
from app.workflow.record import open_time_point
from measure.session import Session


def note_rejection(
    ports: Ports, session: Session, reading: Reading, row: LesionRow, proposed: Mapping[str, Any], instead: str
) -> None:
    """Note that a proposal was shown and not taken; instead: what the reader did in its place."""
    with ports.open_unit(session) as unit:
        _, which, subject_id = open_time_point(unit, session, reading.now.read_timepoint.id)
        unit.audit(
            "reject",
            "proposal",
            f"{which} {row.lesion.label}",
            old=dict(proposed),
            new={"instead": instead},
            subject_id=subject_id,
        )
        unit.commit()
