"""A target that fell apart: its parts are lesions of their own, their diameters add up under its name (R11-11)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.workflow.drawn import Drawn, measured_values, to_mark
from app.workflow.labels import next_label
from app.workflow.ports import Ports
from app.workflow.reading import LesionRow, Reading
from app.workflow.record import Step, record
from measure.read import Finding, Lesion
from measure.refusal import Refused
from measure.rules import Rules
from measure.session import Session

SPLIT = "split"


def fragments_of(reading: Reading, lesion_id: str) -> tuple[LesionRow, ...]:
    """The parts of a lesion, in the order they were drawn."""
    return tuple(row for row in reading.lesions if row.lesion.split_from == lesion_id)


def add_fragment(ports: Ports, session: Session, reading: Reading, parent: LesionRow, drawn: Drawn) -> Step:
    """Draw one part of a lesion that was said to be split."""
    finding = parent.findings[-1]
    if finding is None or finding.state != SPLIT:
        raise Refused(f"{parent.lesion.label}: say first that it is split (Shift + X).")
    rtp = reading.now.read_timepoint
    lesion = Lesion(
        id="",
        lesion_id=str(uuid.uuid4()),
        read_id=reading.read.id,
        read_timepoint_id=rtp.id,
        version=1,
        label=next_label(ports, session, reading.read.id, f"{parent.lesion.label}."),
        role=parent.lesion.role,
        organ=parent.lesion.organ,
        site=parent.lesion.site,
        nodal=parent.lesion.nodal,
        split_from=parent.lesion.lesion_id,
    )
    mark = to_mark(drawn, rtp.id, "")
    values: dict[str, Any] = measured_values(reading, lesion, mark)
    part = Finding("", rtp.id, lesion.lesion_id, 1, "measured", method=drawn.method, mark_id=mark.id, **values)
    whole = _sum(reading, parent, {lesion.lesion_id: part})
    words = f"{lesion.label} drawn"
    return record(ports, session, rtp.id, "draw", lesion.label, words, lesion, part, whole, also=[mark])


def with_whole(reading: Reading, row: LesionRow, finding: Finding) -> tuple[Finding, ...]:
    """A finding of a part, and with it the whole's, whose value is their sum; alone for any other lesion."""
    if not row.lesion.split_from:
        return (finding,)
    parent = reading.row(row.lesion.split_from)
    return finding, _sum(reading, parent, {row.lesion.lesion_id: finding})


def _sum(reading: Reading, parent: LesionRow, changed: dict[str, Finding]) -> Finding:
    """The whole's finding now: split, with the sum once every part that counts has a value."""
    rows = fragments_of(reading, parent.lesion.lesion_id)
    parts: list[Finding | None] = [changed.get(row.lesion.lesion_id, row.findings[-1]) for row in rows]
    parts += [one for key, one in changed.items() if key not in {row.lesion.lesion_id for row in rows}]
    total = _total((one for one in parts if one is None or not one.voided), reading.protocol.rules)
    rtp = reading.now.read_timepoint.id
    present = parent.findings[-1] or Finding("", rtp, parent.lesion.lesion_id, 1, SPLIT)
    return replace(present, state=SPLIT, diameter_mm="" if total is None else str(total))


def _total(parts: Iterable[Finding | None], rules: Rules) -> Decimal | None:
    values: list[Any] = [None if one is None else _value(one, rules) for one in parts]
    return None if not values or None in values else sum(values, Decimal(0))


def _value(finding: Finding, rules: Rules) -> Decimal | None:
    if finding.state in ("absent", "merged"):
        return Decimal(0)
    if finding.diameter_mm:
        return Decimal(finding.diameter_mm)
    return rules.too_small_default_mm if finding.state == "too-small" else None
