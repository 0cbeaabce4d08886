"""The reader's own offset between two time points, kept with the read: it is there when the case opens again."""

from __future__ import annotations

from collections.abc import Mapping

from app.workflow.ports import Ports
from app.workflow.reading import Reading
from app.workflow.record import open_time_point
from measure.session import Session

LINK = "link_offset_mm"


def kept_offsets(reading: Reading) -> dict[int, float]:
    """Offsets in mm along the normal, by the index of the earlier time point."""
    kept = reading.now.read_timepoint.view.get(LINK, {})
    places = {point.timepoint.id: k for k, point in enumerate(reading.timepoints)}
    return {places[one]: float(mm) for one, mm in kept.items() if one in places}


def keep_offsets(ports: Ports, session: Session, reading: Reading, offsets: Mapping[int, float]) -> None:
    """Keep the offsets of the open time point; `offsets` by the index of the earlier time point."""
    rows = {reading.timepoints[k].timepoint.id: round(mm, 2) for k, mm in offsets.items()}
    names = {reading.timepoints[k].name: round(mm, 2) for k, mm in offsets.items()}
    with ports.open_unit(session) as unit:
        rtp, which, subject_id = open_time_point(unit, session, reading.now.read_timepoint.id)
        unit.change(rtp, view={**rtp.view, LINK: rows})
        unit.audit("link", "time point", which, new={"offset in mm": names}, subject_id=subject_id)
        unit.commit()
