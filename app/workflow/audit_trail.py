"""The audit trail for manager and inspector: verified, filtered, exported; looking is noted, too."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from app.workflow.ports import Ports
from measure.audit_chain import ChainVerdict, verify_rows
from measure.session import Session

NOT_SAID = "–"


@dataclass(frozen=True)
class AuditRow:
    """One row of the trail, in words beside the stored values."""

    number: int
    at: str
    local: str
    actor: str
    role: str
    action: str
    object: str
    which: str
    subject_id: str
    old: Any
    new: Any
    reason: str
    program: str
    protocol: str
    previous_hash: str
    hash: str

    @property
    def old_words(self) -> str:
        """Old value in one line."""
        return in_words(self.old)

    @property
    def new_words(self) -> str:
        """New value in one line."""
        return in_words(self.new)

    def changes(self) -> list[tuple[str, str, str]]:
        """Field, old and new, one line each."""
        old, new = flat(self.old), flat(self.new)
        return [(name, old.get(name, NOT_SAID), new.get(name, NOT_SAID)) for name in dict.fromkeys([*old, *new])]


@dataclass(frozen=True)
class AuditFilter:
    """What of the trail is asked for; empty: everything."""

    who: str = ""
    did: str = ""
    text: str = ""

    def fits(self, row: AuditRow) -> bool:
        """Say whether a row is wanted."""
        if self.who and row.actor != self.who:
            return False
        if self.did and row.action != self.did:
            return False
        words = f"{row.which} {row.object} {row.old_words} {row.new_words} {row.reason}".casefold()
        return self.text.casefold() in words

    @property
    def words(self) -> str:
        """The filter as the trail notes it."""
        said = [
            f"{name} {value}" for name, value in (("who", self.who), ("did", self.did), ("text", self.text)) if value
        ]
        return ", ".join(said) or "all rows"


def flat(value: Any, name: str = "") -> dict[str, str]:
    """A stored value as fields and texts; nested names joined by a blank."""
    if isinstance(value, dict):
        made: dict[str, str] = {}
        for key, inner in value.items():
            made.update(flat(inner, f"{name} {key}".strip()))
        return made
    if value in (None, "", []):
        return {}
    if isinstance(value, list):
        return {name: ", ".join(str(one) for one in value)}
    return {name: str(value)}


def in_words(value: Any) -> str:
    """A stored value in one line."""
    fields = flat(value)
    if len(fields) == 1:
        name, text = next(iter(fields.items()))
        return text if name in ("state", "result", "") else f"{name} {text}"
    return ", ".join(f"{name} {text}" for name, text in fields.items()) or NOT_SAID


def _local(at: str, offset: str) -> str:
    """The writer's wall clock of a row."""
    if len(offset) != 5:
        return ""
    minutes = int(offset[1:3]) * 60 + int(offset[3:5])
    zone = timezone(timedelta(minutes=-minutes if offset[0] == "-" else minutes))
    local = datetime.fromisoformat(at).astimezone(zone)
    return f"{local:%Y-%m-%d %H:%M:%S} local, {offset[:3]}:{offset[3:]}"


def _row(stored: dict[str, Any]) -> AuditRow:
    return AuditRow(
        number=stored["number"],
        at=stored["at"],
        local=_local(stored["at"], stored["local_offset"]),
        actor=stored["actor"],
        role=stored["role"],
        action=stored["action"],
        object=stored["object"],
        which=stored["which"],
        subject_id=stored["subject_id"],
        old=stored["old"],
        new=stored["new"],
        reason=stored["reason"],
        program=stored["program"],
        protocol=stored["protocol"],
        previous_hash=stored["previous_hash"],
        hash=stored["hash"],
    )


def verify(ports: Ports, session: Session) -> ChainVerdict:
    """Recompute the trial's chain from its first row."""
    with ports.open_unit(session) as unit:
        return verify_rows(session.trial_id, unit.audit_rows(session.trial_id))


def load(ports: Ports, session: Session, wanted: AuditFilter | None = None) -> list[AuditRow]:
    """The rows wanted, newest first. That somebody looked, and at what, is a row of its own first."""
    wanted = wanted or AuditFilter()
    with ports.open_unit(session) as unit:
        rows = [_row(one) for one in unit.audit_rows(session.trial_id, newest_first=True)]
        last = rows[0].number if rows else 0
        unit.audit("view", "audit trail", f"rows 1–{last}", new={"filter": wanted.words})
        unit.commit()
    return [row for row in rows if wanted.fits(row)]


def as_jsonl(ports: Ports, session: Session) -> str:
    """The whole chain, one JSON object a line as it is hashed; the export is a row of the trail."""
    with ports.open_unit(session) as unit:
        rows = unit.audit_rows(session.trial_id)
        unit.audit("export", "audit trail", f"rows 1–{len(rows)}", new={"rows": len(rows)})
        unit.commit()
    return jsonl(rows)


def jsonl(rows: Sequence[dict[str, Any]]) -> str:
    """Canonical lines (sorted keys, no blanks): what `measure.audit_chain` hashes, plus the hash."""
    lines = [json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False) for row in rows]
    return "".join(line + "\n" for line in lines)
