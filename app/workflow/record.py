"""The one way a reader's answers are stored: a new version, its audit row, and a step that can be taken back.

Nothing is changed in place. Undo writes the former version again as a new one, so the trail shows both.
"""

from __future__ import annotations

import dataclasses
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.workflow.ports import Ports, Unit
from measure.case import Subject, Timepoint
from measure.read import Finding, Lesion, Mark, Read, ReadTimepoint, TimepointForm, ZoneForm
from measure.refusal import Refused
from measure.session import Session

Version = Lesion | Finding | TimepointForm | ZoneForm

_KEYS: dict[type, tuple[str, ...]] = {
    Lesion: ("lesion_id",),
    Finding: ("read_timepoint_id", "lesion_id"),
    TimepointForm: ("read_timepoint_id",),
    ZoneForm: ("read_timepoint_id", "zone_id"),
}
_WORDS: dict[type, str] = {
    Lesion: "lesion",
    Finding: "finding",
    TimepointForm: "time point form",
    ZoneForm: "zone form",
}
_UNSAID = ("id", "version", "at", "voided", "read_timepoint_id", "read_id", "lesion_id", "zone_id", "mark_id")


@dataclass(frozen=True)
class Step:
    """One undoable action: the pairs (version before or None, version after) it wrote, and its words."""

    words: str
    pairs: tuple[tuple[Version | None, Version], ...]


def latest(unit: Unit, record: Version) -> Version | None:
    """The newest stored version of the same key, voided or not."""
    kind = type(record)
    versions = unit.find(kind, **{name: getattr(record, name) for name in _KEYS[kind]})
    return max(versions, key=lambda v: v.version) if versions else None


def put(unit: Unit, record: Version) -> tuple[Version | None, Version]:
    """Store a record as the next version of its key; returns (what counted before, what counts now)."""
    before = latest(unit, record)
    after = replace(record, id=str(uuid.uuid4()), version=1 if before is None else before.version + 1, at=unit.now())
    unit.add(after)
    return (None if before is None or before.voided else before, after)


def facts(record: Version | None) -> dict[str, Any]:
    """What the audit row says of a version: its filled fields, without keys."""
    if record is None or record.voided:
        return {}
    values = dataclasses.asdict(record)
    return {name: value for name, value in values.items() if name not in _UNSAID and value not in ("", {}, [], False)}


def open_time_point(unit: Unit, session: Session, rtp_id: str) -> tuple[ReadTimepoint, str, str]:
    """The open time point of this reader with its name in the trail (code, time point) and the subject's id."""
    rtp = unit.get(ReadTimepoint, rtp_id)
    if rtp.state != "open":
        raise Refused("This time point is signed. Ask for it to be reopened if something in it is wrong.")
    read = unit.get(Read, rtp.read_id)
    if read.user_id != session.user_id:
        raise Refused("This read is not yours.")
    code = unit.get(Subject, read.subject_id).reading_code
    return rtp, f"{code} {unit.get(Timepoint, rtp.timepoint_id).reader_name}", read.subject_id


def record(
    ports: Ports,
    session: Session,
    rtp_id: str,
    action: str,
    name: str,
    words: str,
    *versions: Version,
    also: Sequence[Mark] = (),
) -> Step:
    """Store versions (and marks that came with them) in one unit with one audit row; returns the step."""
    with ports.open_unit(session) as unit:
        rtp, which, subject_id = open_time_point(unit, session, rtp_id)
        for mark in also:
            unit.add(mark)
        after_response = bool(rtp.response_shown_at)
        pairs = []
        for version in versions:
            if isinstance(version, Finding) and after_response:
                version = replace(version, after_response=True)  # noqa: PLW2901 -- flagged for the record (CR-36)
            pairs.append(put(unit, version))
        unit.audit(
            action,
            _WORDS[type(versions[0])],
            f"{which} {name}".strip(),
            old={_WORDS[type(after)]: facts(before) for before, after in pairs if before},
            new={_WORDS[type(after)]: facts(after) for _, after in pairs} | _proposed(also),
            reason="changed after the response was shown" if after_response else "",
            subject_id=subject_id,
        )
        unit.commit()
    return Step(words, tuple(pairs))


def note_response_shown(ports: Ports, session: Session, rtp_id: str, shown: Mapping[str, str]) -> None:
    """Note that this reader has seen a response of the open time point: what changes after it is flagged (CR-36)."""
    with ports.open_unit(session) as unit:
        rtp, which, subject_id = open_time_point(unit, session, rtp_id)
        if rtp.response_shown_at:
            return
        unit.change(rtp, response_shown_at=unit.now())
        unit.audit("show", "response", which, new=dict(shown), subject_id=subject_id)
        unit.commit()


def _proposed(marks: Iterable[Mark]) -> dict[str, Any]:
    """What the program had proposed before the person accepted or changed it: both are kept (CR-36)."""
    proposed = next((dict(mark.proposed) for mark in marks if mark.proposed), None)
    return {} if proposed is None else {"proposed": proposed}


def take_back(ports: Ports, session: Session, rtp_id: str, step: Step) -> Step:
    """Undo (or redo) a step: each key gets its other version again, as a new one."""
    with ports.open_unit(session) as unit:
        _, which, subject_id = open_time_point(unit, session, rtp_id)
        pairs: list[tuple[Version | None, Version]] = []
        for before, after in reversed(step.pairs):
            pairs.append(put(unit, replace(after, voided=True) if before is None else before))
        unit.audit(
            "undo",
            _WORDS[type(step.pairs[0][1])],
            f"{which} {step.words}".strip(),
            old={_WORDS[type(b)]: facts(b) for b, _ in pairs if b},
            new={_WORDS[type(a)]: facts(a) for _, a in pairs},
            subject_id=subject_id,
        )
        unit.commit()
    return Step(step.words, tuple(pairs))
