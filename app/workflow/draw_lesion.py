"""What a reader does with lesions: draw, answer, correct; each a function that stores one audited step."""

from __future__ import annotations

import uuid
from dataclasses import replace
from decimal import Decimal
from typing import Any

from app.workflow.drawn import Drawn, measured_values, to_mark
from app.workflow.fragments import SPLIT, with_whole
from app.workflow.labels import next_label
from app.workflow.ports import Ports
from app.workflow.reading import LesionRow, Reading
from app.workflow.record import Step, record
from measure.read import Finding, Lesion
from measure.refusal import Refused
from measure.session import Session

# Which states may answer for which role (formats: state; reading-room 4).
TARGET_STATES = (
    "measured",
    "too-small",
    "absent",
    "not-evaluable",
    "split",
    "merged",
    "resected",
    "ablated",
    "not-imaged",
    "node-normal",
)
NON_TARGET_STATES = (
    "present",
    "increased",
    "unequivocal-progression",
    "absent",
    "not-evaluable",
    "merged",
    "resected",
    "ablated",
    "not-imaged",
    "node-normal",
)
NEW_STATES = (
    "present",
    "increased",
    "equivocal",
    "measured",
    "absent",
    "too-small",
    "not-evaluable",
    "not-imaged",
)
NEEDS_REASON = ("not-evaluable",)
PREFIX = {"target": "T", "non-target": "NT"}


def states_of(role: str) -> tuple[str, ...]:
    """The states that may answer for a role."""
    return {"target": TARGET_STATES, "non-target": NON_TARGET_STATES}.get(role, NEW_STATES)


def _new_role(reading: Reading, size: Decimal | None, nodal: bool, organ: str) -> str:
    """New lesions are split at first appearance: measurable ones up to five, two an organ (IR-03)."""
    rules = reading.protocol.rules
    least = rules.nodal_target_min_mm if nodal else rules.measurability_min_mm
    targets = [row.lesion for row in reading.lesions if row.lesion.role == "new-target"]
    full = (
        len(targets) >= rules.targets_max_total
        or sum(one.organ == organ for one in targets) >= rules.targets_max_per_organ
    )
    return "new-target" if size is not None and size >= least and not full else "new-non-target"


def add_lesion(
    ports: Ports,
    session: Session,
    reading: Reading,
    drawn: Drawn,
    *,
    role: str,
    organ: str,
    site: str = "",
    nodal: bool = False,
    equivocal: bool = False,
    zone_id: str = "",
) -> Step:
    """A lesion seen for the first time: target or non-target at baseline, new later (CR-23)."""
    if role in ("target", "non-target") and not reading.at_baseline:
        raise Refused("Targets and non-targets were closed when baseline was signed. What is found now is new.")
    if role == "new" and reading.at_baseline:
        raise Refused("At baseline nothing is new: make it a target or a non-target.")
    if not organ:
        raise Refused("Say which organ the lesion lies in.")
    rtp = reading.now.read_timepoint
    mark = to_mark(drawn, rtp.id, "")
    prefix = PREFIX.get(role) or ("R" if zone_id else "NL")
    draft = Lesion(
        id="",
        lesion_id=str(uuid.uuid4()),
        read_id=reading.read.id,
        read_timepoint_id=rtp.id,
        version=1,
        label=next_label(ports, session, reading.read.id, prefix),
        role=role,
        organ=organ,
        site=site or organ,
        nodal=nodal,
        zone_id=zone_id,
    )
    measured = mark.long_axis != []
    values: dict[str, Any] = measured_values(reading, draft, mark) if measured else {}
    size = Decimal(values["diameter_mm"]) if values else None
    if role == "new":
        draft = replace(draft, role=_new_role(reading, size, nodal, organ))
    state = "measured" if draft.role in ("target", "new-target") else "present"
    if equivocal:
        state = "equivocal"
    if draft.role == "target" and not measured:
        raise Refused(f"{draft.label}: a target is measured. Draw its axes, or make it a non-target.")
    finding = Finding("", rtp.id, draft.lesion_id, 1, state, method=drawn.method, mark_id=mark.id, **values)
    return record(
        ports,
        session,
        rtp.id,
        "draw",
        draft.label,
        f"{draft.label} drawn",
        draft,
        finding,
        also=[replace(mark, at="")],
    )


def measure_again(ports: Ports, session: Session, reading: Reading, row: LesionRow, drawn: Drawn) -> Step:
    """A known lesion measured at this time point (accepted proposal, new outline, edited axes)."""
    rtp = reading.now.read_timepoint
    lesion = row.lesion
    mark = to_mark(drawn, rtp.id, "")
    values: dict[str, Any] = measured_values(reading, lesion, mark) if mark.long_axis else {}
    if lesion.role in ("target", "new-target"):
        if not values:
            raise Refused(f"{lesion.label}: draw its axes.")
        state = "measured"
    else:
        present = row.findings[-1]
        state = present.state if present and present.state != "absent" else "present"
    finding = Finding("", rtp.id, lesion.lesion_id, 1, state, method=drawn.method, mark_id=mark.id, **values)
    action = "accept" if drawn.method == "proposal-accepted" else "draw"
    words = f"{lesion.label} measured"
    versions = with_whole(reading, row, finding)
    return record(ports, session, rtp.id, action, lesion.label, words, *versions, also=[mark])


def answer(
    ports: Ports,
    session: Session,
    reading: Reading,
    row: LesionRow,
    state: str,
    *,
    reason: str = "",
    merged_into: str = "",
    diameter_mm: str = "",
) -> Step:
    """A state without a drawing: absent, too small, as before, increased, not evaluable and the other kinds (CR-32)."""
    lesion = row.lesion
    if state not in states_of(lesion.role):
        words = "a target" if lesion.role == "target" else f"a {lesion.role} lesion"
        raise Refused(f"{lesion.label} is {words}: {', '.join(states_of(lesion.role))}.")
    if state in NEEDS_REASON and not reason.strip():
        raise Refused(f"{lesion.label}: say why it is not evaluable.")
    if state == "merged" and not merged_into:
        raise Refused(f"{lesion.label}: say into which lesion it merged.")
    if state == "absent" and reading.at_baseline:
        raise Refused(f"{lesion.label}: at baseline a lesion is there. Delete it if it is none.")
    if state == SPLIT and lesion.split_from:
        raise Refused(f"{lesion.label} is a part of a lesion already. Draw the further part under that lesion.")
    if state == "node-normal" and not lesion.nodal:
        raise Refused(f"{lesion.label} is not a node.")
    present = row.findings[-1]
    keep = {}
    if state in ("present", "increased", "unequivocal-progression", "equivocal") and present and present.mark_id:
        keep = {
            name: getattr(present, name)
            for name in ("diameter_mm", "long_axis_mm", "short_axis_mm", "volume_ml", "mark_id", "method")
        }
    if state == "too-small" and not diameter_mm:
        diameter_mm = str(reading.protocol.rules.too_small_default_mm)
    if diameter_mm:
        keep["diameter_mm"] = diameter_mm
    treated = {"resected": "surgery", "ablated": "ablation"}.get(state, "")
    rtp = reading.now.read_timepoint
    finding = Finding(
        "",
        rtp.id,
        lesion.lesion_id,
        1,
        state,
        treated=treated,
        merged_into=merged_into,
        reason=reason.strip(),
        **keep,
    )
    versions = with_whole(reading, row, finding)
    return record(ports, session, rtp.id, "answer", lesion.label, f"{lesion.label} {state}", *versions)


def change_lesion(
    ports: Ports,
    session: Session,
    reading: Reading,
    row: LesionRow,
    *,
    role: str | None = None,
    organ: str | None = None,
    site: str | None = None,
    nodal: bool | None = None,
) -> Step:
    """Correct what a lesion is; its role only while the time point where it was first seen is open."""
    lesion = row.lesion
    if lesion.read_timepoint_id != reading.now.read_timepoint.id:
        raise Refused(f"{lesion.label} was signed as {lesion.role} in {lesion.site}; that is closed.")
    changed = replace(
        lesion,
        organ=lesion.organ if organ is None else organ,
        site=lesion.site if site is None else site,
        nodal=lesion.nodal if nodal is None else nodal,
    )
    if role is not None and role != lesion.role:
        if not (reading.at_baseline and role in PREFIX):
            raise Refused("Roles are target or non-target, and they are closed when baseline is signed.")
        changed = replace(changed, role=role, label=next_label(ports, session, reading.read.id, PREFIX[role]))
    versions: list[Lesion | Finding] = [changed]
    finding, mark = row.findings[-1], row.marks[-1]
    if finding is not None:
        values: dict[str, Any] = {}
        if mark is not None and mark.long_axis:
            values = measured_values(reading, changed, mark)
        elif changed.role == "target":
            raise Refused(f"{lesion.label}: a target is measured. Draw its axes first.")
        state = finding.state
        if changed.role == "target":
            state = "measured"
        elif changed.role == "non-target" and state == "measured":
            state = "present"
        versions.append(replace(finding, state=state, **values))
    words = f"{lesion.label} is now {changed.label}" if changed.label != lesion.label else f"{lesion.label} corrected"
    return record(ports, session, reading.now.read_timepoint.id, "correct", lesion.label, words, *versions)


def delete(ports: Ports, session: Session, reading: Reading, row: LesionRow) -> Step:
    """Take back a lesion first seen now, or this time point's answer of an older one; the trail keeps it."""
    rtp = reading.now.read_timepoint
    finding = row.findings[-1]
    versions: list[Lesion | Finding] = []
    if row.lesion.read_timepoint_id == rtp.id:
        versions.append(replace(row.lesion, voided=True))
    if finding is not None:
        versions += with_whole(reading, row, replace(finding, voided=True))
    if not versions:
        raise Refused(f"{row.lesion.label} has nothing to delete at this time point.")
    label = row.lesion.label
    return record(ports, session, rtp.id, "delete", label, f"{label} deleted", *versions)
