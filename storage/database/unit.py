"""One transaction of one session: every change with its audit row, or nothing at all."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Self, TypeVar

import sqlalchemy as sa

from measure.read import OPEN, ReadTimepoint, SlicesSeen
from measure.refusal import Refused
from measure.session import READER, SYSTEM, Session
from storage.database import visibility
from storage.database.audit import START, row_hash
from storage.database.refusals import refused_in_words
from storage.database.tables import AUDIT, LOCKED_BY_SIGNATURE, TABLES

R = TypeVar("R")
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The program's clock: aware, UTC."""
    return datetime.now(UTC)


def _record(cls: type[R], row: sa.RowMapping, role: str) -> R:
    values = {str(name): value for name, value in row.items()}
    for name in visibility.MASKED[role].get(cls, ()):
        values[name] = "" if isinstance(values[name], str) else type(values[name])()
    for name, neutral in visibility.RESHAPED.get(role, {}).get(cls, {}).items():
        values[name] = neutral(values[name])
    return cls(**{name: "" if value is None else value for name, value in values.items()})


class SqlUnit:
    """A unit of work for one session; what is not committed leaves no trace.

    A database that cannot be written (full, held, read-only, damaged) answers with Refused, in words.
    """

    def __init__(self, engine: sa.Engine, session: Session, *, program: str, now: Clock = utc_now) -> None:
        self._engine, self.session, self._program, self._now = engine, session, program, now
        self._unaudited = False
        self._connection: sa.Connection | None = None

    def __enter__(self) -> Self:
        with refused_in_words(self._engine):
            self._connection = self._engine.connect()
        return self

    def __exit__(self, *_: object) -> None:
        if self._connection is not None:
            self._connection.close()  # rolls back what was not committed
            self._connection = None

    @property
    def _sql(self) -> sa.Connection:
        if self._connection is None:
            raise RuntimeError("the unit of work is not open")
        return self._connection

    def _run(self, statement: sa.Executable, rows: Sequence[dict[str, Any]] | None = None) -> Any:
        with refused_in_words(self._engine):
            return self._sql.execute(statement, rows)

    # --- reading: only what the session may see -----------------------------------------------------------

    def find(self, kind: type[R], /, **equals: object) -> list[R]:
        """Load the rows of a class that the session may see and whose fields equal the given values."""
        rule = visibility.RULES[self.session.role].get(kind)
        if rule is None:
            raise Refused(f"A {self.session.role} may not see this ({TABLES[kind].name}).")
        table = TABLES[kind]
        masked = visibility.MASKED[self.session.role].get(kind, ())
        query = sa.select(table).where(rule(self.session))
        for name, value in equals.items():
            if name in masked:  # or a guess could be tried out until a row comes
                raise Refused(f"A {self.session.role} may not ask by this ({table.name}, {name}).")
            column = table.c[name]
            query = query.where(column.in_(value) if isinstance(value, list | tuple | set) else column == value)
        kept = [name for name in ("ordinal", "position", "number", "version") if name in table.c]
        order = [table.c[name] for name in kept if name not in masked]
        rows = self._run(query.order_by(*order, table.c.id)).mappings()
        return [_record(kind, row, self.session.role) for row in rows]

    def get(self, kind: type[R], record_id: str) -> R:
        """Load one row; refused alike when it does not exist and when the session may not see it."""
        found = self.find(kind, id=record_id)
        if not found:
            raise Refused(f"There is no such {TABLES[kind].name.replace('_', ' ')} here.")
        return found[0]

    # --- writing ------------------------------------------------------------------------------------------

    def _may_write(self, record: object) -> None:
        role = self.session.role
        if type(record) not in visibility.WRITES[role]:
            raise Refused(f"A {role} may not change this ({TABLES[type(record)].name}).")
        while_open = (*LOCKED_BY_SIGNATURE, SlicesSeen)
        if role != READER or not isinstance(record, while_open):
            return
        if not self.find(ReadTimepoint, id=record.read_timepoint_id, state=OPEN):
            raise Refused("This time point is not open for you; nothing was changed.")

    def _values(self, record: Any) -> dict[str, Any]:
        values = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
        for column in TABLES[type(record)].c:
            if column.nullable and values[column.name] == "":
                values[column.name] = None
        return values

    def _must_see(self, kind: type, record_ids: Sequence[str]) -> None:
        """Refuse what would be written out of this session's sight: another's read, a time point not due."""
        table = TABLES[kind]
        rule = visibility.RULES[self.session.role][kind](self.session)
        query = sa.select(sa.func.count()).select_from(table).where(table.c.id.in_(record_ids), rule)
        if self._run(query).scalar_one() != len(set(record_ids)):
            raise Refused(f"There is no such {table.name.replace('_', ' ')} here; nothing was changed.")

    def add(self, record: object) -> None:
        """Insert one record."""
        self.add_all([record])

    def add_all(self, records: Sequence[object]) -> None:
        """Insert many records of one class."""
        if not records:
            return
        kind = type(records[0])
        for record in records if self.session.role in visibility.BLINDED else records[:1]:
            self._may_write(record)
        self._run(sa.insert(TABLES[kind]), [self._values(each) for each in records])
        if self.session.role in visibility.BLINDED:
            self._must_see(kind, [str(each.id) for each in records])  # type: ignore[attr-defined]
        self._unaudited = True

    def change(self, record: Any, **new: object) -> Any:
        """Update named fields of one record that the session may see; returns the changed record."""
        allowed = visibility.CHANGES.get(self.session.role, {}).get(type(record), ())
        if not (new and set(new) <= set(allowed)):
            self._may_write(record)
        self._must_see(type(record), [record.id])
        table = TABLES[type(record)]
        self._run(sa.update(table).where(table.c.id == record.id).values(**new))
        self._unaudited = True
        return dataclasses.replace(record, **new)

    def remove(self, kind: type, record_ids: Sequence[str]) -> None:
        """Delete rows of an import that was never released; needs its audit row like any change."""
        if kind not in visibility.REMOVES.get(self.session.role, ()):
            raise Refused(f"A {self.session.role} may not remove this ({TABLES[kind].name}).")
        table = TABLES[kind]
        rule = visibility.RULES[self.session.role][kind](self.session)
        for start in range(0, len(record_ids), 500):
            part = list(record_ids[start : start + 500])
            self._run(sa.delete(table).where(table.c.id.in_(part), rule))
        self._unaudited = True

    def keep_view(self, record: Any) -> None:
        """Write view state (slices seen, last picture) that is no study record and has no audit row."""
        if type(record) not in visibility.VIEW_STATE:
            raise RuntimeError(f"{type(record).__name__} is a study record: it needs its audit row")
        self._may_write(record)
        table = TABLES[type(record)]
        rule = visibility.RULES[self.session.role][type(record)](self.session)
        self._run(sa.delete(table).where(table.c.id == record.id, rule))
        self._run(sa.insert(table).values(**self._values(record)))
        if self.session.role in visibility.BLINDED:
            self._must_see(type(record), [record.id])

    def audit(
        self,
        action: str,
        about: str,
        which: str,
        *,
        old: object = None,
        new: object = None,
        reason: str = "",
        subject_id: str = "",
        protocol: str = "",
        chain: str | None = None,
    ) -> None:
        """Add the audit row of this unit's change: one a mark, field, state, signature, view, login."""
        trial = self.session.trial_id if chain is None else chain
        last = self._run(
            sa.select(AUDIT.c.number, AUDIT.c.hash, AUDIT.c.at)
            .where(AUDIT.c.chain == trial)
            .order_by(AUDIT.c.number.desc())
            .limit(1)
        ).first()
        now = self._now()
        row: dict[str, Any] = {
            "chain": trial,
            "number": 1 if last is None else last.number + 1,
            "at": now.astimezone(UTC).isoformat(timespec="microseconds"),
            "local_offset": now.astimezone().strftime("%z"),
            "actor": self.session.user_name,
            "role": self.session.role,
            "action": action,
            "object": about,
            "which": which,
            "subject_id": subject_id,
            "old": {} if old is None else old,
            "new": {} if new is None else new,
            "reason": reason,
            "program": self._program,
            "protocol": protocol,
            "previous_hash": START if last is None else last.hash,
        }
        if last is not None and _seconds_back(last.at, row["at"]) > 2:
            raise Refused("The clock stands before the last audit row. Set it right; until then nothing can be saved.")
        row["hash"] = row_hash(row)
        self._run(sa.insert(AUDIT).values(**row))
        self._unaudited = False

    def now(self) -> str:
        """The time of the program's clock as UTC ISO text."""
        return self._now().astimezone(UTC).isoformat(timespec="microseconds")

    def commit(self) -> None:
        """Make all of it last. A change without its audit row is a defect and is not committed."""
        if self._unaudited:
            raise RuntimeError("a change without an audit row")
        with refused_in_words(self._engine):
            self._sql.commit()

    # --- the trail ----------------------------------------------------------------------------------------

    def audit_rows(self, chain: str, *, newest_first: bool = False, limit: int | None = None) -> list[dict[str, Any]]:
        """Rows of one chain in order, the session's trial or the workspace's own, where the role may."""
        role = self.session.role
        if role != SYSTEM and not (role in visibility.SEES_TRAIL and chain in ("", self.session.trial_id)):
            raise Refused(f"A {role} may not see this audit trail.")
        order = AUDIT.c.number.desc() if newest_first else AUDIT.c.number
        query = sa.select(AUDIT).where(AUDIT.c.chain == chain).order_by(order)
        rows = self._run(query if limit is None else query.limit(limit)).mappings()
        return [dict(row) for row in rows]


def _seconds_back(last: str, now: str) -> float:
    return (datetime.fromisoformat(last) - datetime.fromisoformat(now)).total_seconds()
