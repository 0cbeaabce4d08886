"""The pictures a reader opens next, read ahead while the worklist is on the screen: never of a later time point."""

from __future__ import annotations

from app.workflow.ports import Ports
from app.workflow.reading import current_read
from measure.case import SeriesRecord, Timepoint
from measure.read import OPEN, ReadTimepoint
from measure.session import Session


def series_to_come(ports: Ports, session: Session, subject_id: str) -> tuple[SeriesRecord, ...]:
    """The main series of the time point that opens next in a case, and of the reader's own one before it."""
    with ports.open_unit(session) as unit:
        read = current_read(unit, session, subject_id)
        visible = sorted(unit.find(Timepoint, subject_id=subject_id), key=lambda t: t.ordinal)
        have = {r.timepoint_id: r for r in unit.find(ReadTimepoint, read_id=read.id)} if read else {}
        nxt = next((t for t in visible if t.id not in have or have[t.id].state == OPEN), None)
        if nxt is None:
            return ()
        earlier = [t for t in visible if t.ordinal < nxt.ordinal][-1:]
        found = (unit.find(SeriesRecord, timepoint_id=t.id, hang_as="main") for t in (nxt, *earlier))
        return tuple(series[0] for series in found if series)
