"""The third reader: both readings whole, under neutral names, one of them chosen with a reason and signed."""

from __future__ import annotations

import dataclasses
import uuid
from dataclasses import dataclass
from typing import Any

from app.workflow.accounts import LoginRefused, password_fits
from app.workflow.ports import Ports
from app.workflow.reading import Reading, load_read
from app.workflow.responses import CaseResponses, case_responses
from app.workflow.sign_timepoint import digest_of
from app.workflow.trials import current_protocol
from measure.case import ADJUDICATED, Subject
from measure.criteria import ENGINE_VERSION
from measure.read import OPEN, SIGNED, Adjudication, Comparison, Read, Signature
from measure.refusal import Refused
from measure.session import Session

MEANING = (
    "I compared both readings on the images, without knowing who made them, and choose reading {side} "
    "whole and unchanged."
)
REASONS = {
    "target-choice": "Target choice",
    "measurement": "Measurement",
    "non-target": "Non-target judgement",
    "new-lesion": "New lesion",
    "evaluability": "Evaluability",
    "protocol": "Criteria or protocol slip",
    "zone": "Zone judgement",
}


@dataclass(frozen=True)
class Side:
    """One reading under its neutral name."""

    name: str
    reading: Reading
    responses: CaseResponses


@dataclass(frozen=True)
class AdjudicationCase:
    """What the adjudicator sees: A and B, the compared variables with A's and B's values, where they part."""

    adjudication: Adjudication
    code: str
    a: Side
    b: Side
    variables: tuple[dict[str, Any], ...]
    parted_at: int


def open_adjudication(ports: Ports, session: Session, subject_id: str) -> AdjudicationCase:
    """Load a case for its adjudicator."""
    protocol = current_protocol(ports, session)
    with ports.open_unit(session) as unit:
        mine = [a for a in unit.find(Adjudication, subject_id=subject_id) if a.state == OPEN]
        if not mine:
            raise Refused("This case waits for no choice of yours.")
        one = mine[0]
        reads = {r.id: r for r in unit.find(Read, subject_id=subject_id)}
        readings = [
            load_read(unit, reads[read_id], protocol, only_signed=True)
            for read_id in (one.side_a_read_id, one.side_b_read_id)
        ]
        comparison = unit.get(Comparison, one.comparison_id)
        code = unit.get(Subject, subject_id).reading_code
    sides = [Side(name, r, case_responses(r)) for name, r in zip("AB", readings, strict=True)]
    variables = tuple(_as_sides(row, one) for row in comparison.rows)
    parted = [int(row["first_difference"]) for row in comparison.rows if row["first_difference"] is not None]
    return AdjudicationCase(one, code, sides[0], sides[1], variables, min(parted, default=0))


def _as_sides(row: dict[str, Any], one: Adjudication) -> dict[str, Any]:
    first_is_a = row["read_1"] == one.side_a_read_id
    a, b = ("value_1", "value_2") if first_is_a else ("value_2", "value_1")
    kept = (
        "variable",
        "criterion",
        "scope",
        "zone",
        "title",
        "agree",
        "difference_class",
        "first_difference",
    )
    return {**{name: row[name] for name in kept}, "a": row[a], "b": row[b]}


def choose(
    ports: Ports, session: Session, subject_id: str, side: str, reason_code: str, reason: str, password: str
) -> LoginRefused | Signature:
    """Endorse reading A or B, whole and unchanged, with a coded reason and words, signed."""
    if side not in ("A", "B"):
        raise Refused("Choose reading A or reading B.")
    if reason_code not in REASONS or not reason.strip():
        raise Refused("Give the reason: a code and a sentence.")
    wrong = password_fits(ports, session, password)
    if wrong is not None:
        return wrong
    protocol = current_protocol(ports, session)
    with ports.open_unit(session) as unit:
        mine = unit.find(Adjudication, subject_id=subject_id, state=OPEN)
        if not mine:
            raise Refused("This case waits for no choice of yours.")
        one = mine[0]
        chosen = one.side_a_read_id if side == "A" else one.side_b_read_id
        now = unit.now()
        done = unit.change(
            one,
            state=SIGNED,
            chosen_read_id=chosen,
            reason_code=reason_code,
            reason=reason.strip(),
            signed_at=now,
        )
        signature = Signature(
            str(uuid.uuid4()),
            "adjudication",
            one.id,
            session.user_id,
            session.printed_name,
            MEANING.format(side=side),
            now,
            digest_of(dataclasses.asdict(done)),
            ports.program,
            ENGINE_VERSION,
            protocol.sha256,
        )
        unit.add(signature)
        subject = unit.get(Subject, subject_id)
        unit.change(subject, state=ADJUDICATED)  # with the choice: a kill between them would leave it stuck
        unit.audit(
            "sign",
            "adjudication",
            subject.reading_code,
            old={"state": OPEN},
            new={
                "chosen": f"reading {side}",
                "reason": reason_code,
                "digest": signature.digest,
                "case": ADJUDICATED,
            },
            reason=reason.strip(),
            subject_id=subject_id,
            protocol=protocol.sha256,
        )
        unit.commit()
    return signature
