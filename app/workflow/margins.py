"""The margin of a zone: which outlines it is measured between, when it may be seen, what the record keeps of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from app.workflow.ports import Ports
from app.workflow.reading import Reading, ZoneRow
from app.workflow.record import Step, record
from measure.read import Mark, ZoneForm
from measure.session import Session

NEEDS_TUMOUR = "Outline your own lesion on the scan before the treatment (brush, click or stroke)."
NEEDS_ZONE = "Outline the zone on this scan (S)."


@dataclass(frozen=True)
class MarginSources:
    """The reader's own outlines: the tumour before the treatment, the zone now; and the time points they lie on."""

    tumour: Mark
    before: int
    zone: Mark
    now: int


def may_be_seen(reading: Reading, row: ZoneRow) -> bool:
    """Never before the judgement is saved, unless the protocol says otherwise (`reading.margin_visible`)."""
    when = reading.protocol.reading.margin_visible
    form = row.forms[-1]
    return when == "always" or (when == "after-judgement" and form is not None and bool(form.judgement))


def margin_sources(reading: Reading, row: ZoneRow) -> MarginSources | str:
    """What the margin is measured between, or what is missing, in one line."""
    zone = row.marks[-1]
    if zone is None or not zone.mask_bits:
        return NEEDS_ZONE
    own = next((one for one in reading.lesions if one.lesion.lesion_id == row.own_lesion), None)
    if own is None:
        return "No own lesion is linked: there is no margin to measure."
    for k in range(row.first - 1, -1, -1):
        mark = own.marks[k]
        if mark is not None and mark.mask_bits:
            return MarginSources(mark, k, zone, len(reading.timepoints) - 1)
    return NEEDS_TUMOUR


def keep_margin(ports: Ports, session: Session, reading: Reading, row: ZoneRow, found: dict[str, Any]) -> Step:
    """Keep the margin that was shown: a judgement changed after it is flagged."""
    form = row.forms[-1] or ZoneForm("", reading.now.read_timepoint.id, row.zone.id, 0)
    label = row.zone.label
    changed = replace(form, answers={**form.answers, "margin": "shown", **found})
    return record(ports, session, reading.now.read_timepoint.id, "show", label, f"{label}: margin shown", changed)
