"""Signing: what is open, what the responses are, then the lock; afterwards nothing of the time point changes."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import uuid
from dataclasses import dataclass
from typing import Any

from app.workflow.accounts import LoginRefused, password_fits
from app.workflow.open_items import OpenItem, open_items
from app.workflow.ports import Ports, Unit
from app.workflow.reading import Reading, load_read
from app.workflow.record import note_response_shown, open_time_point
from app.workflow.responses import CriterionResponse, responses_now
from app.workflow.statements import Statement, statements
from measure.criteria import ENGINE_VERSION
from measure.criteria.results import BASELINE
from measure.read import SIGNED, Finding, Lesion, Mark, ResponseSnapshot, Signature, TimepointForm, ZoneForm
from measure.refusal import Refused
from measure.session import Session

MEANING = (
    "I read this time point myself, from the images shown to me and my own earlier reads, without knowing "
    "the treatment, the site's read or the other reader's."
)


@dataclass(frozen=True)
class SignSheet:
    """What the sign sheet shows. `responses` is None where the protocol hides them: then nothing was computed.

    to_state: what the reader states, beside the derived response or alone where that is hidden.
    """

    open: tuple[OpenItem, ...]
    responses: tuple[CriterionResponse, ...] | None
    to_state: tuple[Statement, ...]


def shows_on_sheet(reading: Reading) -> bool:
    """Responses stand on the sign sheet: with `before-signing`, and with `live` too."""
    return reading.protocol.reading.show_response in ("before-signing", "live")


def sign_sheet(ports: Ports, session: Session, reading: Reading) -> SignSheet:
    """Open the sheet. Responses shown for the first time are noted, so that later changes are flagged."""
    left = open_items(reading)
    to_state = statements(reading)
    if left or not shows_on_sheet(reading):
        return SignSheet(left, None, () if left else to_state)
    responses = responses_now(reading)
    rtp = reading.now.read_timepoint
    if not rtp.response_shown_at:
        note_response_shown(ports, session, rtp.id, {r.criterion: r.overall for r in responses})
    return SignSheet((), responses, to_state)


def _statements_wanting(reading: Reading, responses: tuple[CriterionResponse, ...]) -> list[str]:
    """What is not stated, and, beside a derived response that was shown, what differs from it without a reason."""
    derived = {one.criterion: one.overall for one in responses if one.overall != BASELINE}
    lines = []
    for one in statements(reading):
        shown = derived.get(one.criterion)
        if not one.overall:
            lines.append(f"{one.title}: state your response.")
        elif shown is not None and one.overall != shown and not one.reason.strip():
            lines.append(f"{one.title}: you state {one.overall}, derived is {shown}. Give the reason.")
    return lines


def signed_content(unit: Unit, rtp_id: str) -> dict[str, Any]:
    """All that a signature covers: every version of the time point's findings, marks and forms."""
    content: dict[str, Any] = {}
    kinds: tuple[type[Any], ...] = (Lesion, Finding, Mark, TimepointForm, ZoneForm)
    for kind in kinds:
        rows = [dataclasses.asdict(record) for record in unit.find(kind, read_timepoint_id=rtp_id)]
        for row in rows:
            if "mask_bits" in row:
                row["mask_bits"] = hashlib.sha256(row["mask_bits"]).hexdigest()
        content[kind.__name__] = sorted(rows, key=lambda row: str(row["id"]))
    return content


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 over the canonical JSON of the signed content."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def sign(ports: Ports, session: Session, reading: Reading, password: str) -> LoginRefused | Signature:
    """Lock the open time point under the reader's signature; refuses while anything is open."""
    left = open_items(reading)
    if left:
        raise Refused(f"Open at {reading.now.name}: " + " ".join(item.text for item in left[:3]))
    responses = responses_now(reading) if shows_on_sheet(reading) else ()
    wanting = _statements_wanting(reading, responses)
    if wanting:
        raise Refused(wanting[0])
    wrong = password_fits(ports, session, password)
    if wrong is not None:
        return wrong
    if reading.protocol.reading.show_response == "after-signing":
        responses = responses_now(reading)
    with ports.open_unit(session) as unit:
        rtp, which, subject_id = open_time_point(unit, session, reading.now.read_timepoint.id)
        again = load_read(unit, reading.read, reading.protocol)
        if open_items(again):
            raise Refused("Something was opened meanwhile. Look at the sheet again.")
        digest = digest_of(signed_content(unit, rtp.id))
        now = unit.now()
        signature = Signature(
            str(uuid.uuid4()),
            "time point",
            rtp.id,
            session.user_id,
            session.printed_name,
            MEANING,
            now,
            digest,
            ports.program,
            ENGINE_VERSION,
            reading.protocol.sha256,
        )
        unit.add(signature)
        rows = [dataclasses.asdict(one) for one in responses]
        unit.add(ResponseSnapshot(str(uuid.uuid4()), rtp.id, rows, now))
        unit.change(rtp, state=SIGNED, signed_at=now)
        unit.audit(
            "sign",
            "time point",
            which,
            old={"state": "open"},
            new={"state": SIGNED, "digest": digest, "meaning": MEANING},
            subject_id=subject_id,
            protocol=reading.protocol.sha256,
        )
        unit.commit()
    return signature


def responses_after_signing(ports: Ports, session: Session, reading: Reading) -> tuple[CriterionResponse, ...]:
    """The responses as they were signed, where the protocol opens them after signing; else none."""
    if reading.protocol.reading.show_response != "after-signing":
        return ()
    with ports.open_unit(session) as unit:
        kept = unit.find(ResponseSnapshot, read_timepoint_id=reading.now.read_timepoint.id)
    return (
        tuple(CriterionResponse(**{**row, "drivers": tuple(row["drivers"])}) for row in kept[-1].rows) if kept else ()
    )
