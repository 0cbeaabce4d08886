"""The trail: hashed row by row, added to and never changed, and a signed time point takes nothing more."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from measure.read import Finding, Lesion, Mark, ReadTimepoint, TimepointForm, ZoneForm
from storage.database.audit import row_hash, verify_rows
from storage.database.tables import APPEND_ONLY, AUDIT, LOCKED_BY_SIGNATURE, TABLES
from tests.build.bare_workspace import bare_workspace
from tests.build.scripted_read import sign_now, steps
from tests.build.workspace import Small


@pytest.fixture(scope="module")
def read_case(tmp_path_factory: pytest.TempPathFactory) -> Small:
    small = bare_workspace(tmp_path_factory.mktemp("audit"))
    subject = small.subject("01-001").id
    for _ in steps(small.ports, small.sessions["reader.one"], subject, Random(7)):
        pass
    sign_now(small.ports, small.sessions["reader.two"], subject, 20.0)
    return small


@pytest.fixture(scope="module")
def chain(read_case: Small) -> list[dict[str, Any]]:
    manager = read_case.sessions["manager"]
    with read_case.ports.open_unit(manager) as unit:
        return unit.audit_rows(manager.trial_id)


def _trial(small: Small) -> str:
    return small.sessions["manager"].trial_id


def test_a_scripted_read_leaves_a_chain_that_holds(read_case: Small, chain: list[dict[str, Any]]) -> None:
    verdict = verify_rows(_trial(read_case), chain)
    assert (verdict.broken, verdict.rows, verdict.head) == ("", len(chain), chain[-1]["hash"])
    assert len(chain) > 50
    assert {"open", "draw", "answer", "field", "show", "sign"} <= {row["action"] for row in chain}


def test_the_workspaces_own_chain_holds_too(read_case: Small) -> None:
    with read_case.ports.open_unit(read_case.sessions["inspector"]) as unit:
        rows = unit.audit_rows("")
    assert verify_rows("", rows).broken == ""
    assert {"add", "grant"} <= {row["action"] for row in rows}


def _other(value: Any, chance: Random) -> Any:
    if isinstance(value, int):
        return value + chance.choice((-1, 1))
    if isinstance(value, dict):
        return {**value, "planted": chance.random()} if not value or chance.random() < 0.5 else {}
    at = chance.randrange(len(value) + 1)
    return chance.choice((value[:at] + "x" + value[at:], value + " ")) if value else "x"


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_any_single_change_of_any_row_is_found(chain: list[dict[str, Any]], seed: int) -> None:
    chance = Random(seed)
    place = chance.randrange(len(chain))
    name = chance.choice(sorted(chain[place]))
    row = {**chain[place], name: _other(chain[place][name], chance)}
    changed = [*chain[:place], row, *chain[place + 1 :]]
    verdict = verify_rows(chain[0]["chain"], changed)
    assert verdict.broken, f"row {place + 1}, {name}: {chain[place][name]!r} -> {row[name]!r}"
    assert verdict.rows == place + 1


@settings(max_examples=50, deadline=None)
@given(seed=st.integers(0, 10**9))
def test_a_row_that_was_changed_and_hashed_again_breaks_the_chain_after_it(
    chain: list[dict[str, Any]], seed: int
) -> None:
    chance = Random(seed)
    place = chance.randrange(len(chain) - 1)
    row = {**chain[place], "new": {"planted": True}}
    row["hash"] = row_hash(row)
    verdict = verify_rows(row["chain"], [*chain[:place], row, *chain[place + 1 :]])
    assert (verdict.rows, verdict.broken) == (place + 2, f"row {place + 2} does not follow the row before it")


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_row_left_out_doubled_or_moved_is_found(chain: list[dict[str, Any]], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(chain) - 2))
    without = [*chain[:place], *chain[place + 1 :]]
    doubled = [*chain[: place + 1], *chain[place:]]
    swapped = [*chain[:place], chain[place + 1], chain[place], *chain[place + 2 :]]
    assert all(verify_rows(chain[0]["chain"], rows).broken for rows in (without, doubled, swapped))


def test_the_chain_verifies_from_its_written_lines(chain: list[dict[str, Any]]) -> None:
    lines = [json.dumps(row, ensure_ascii=False) for row in chain]
    assert verify_rows(chain[0]["chain"], map(json.loads, lines)).broken == ""


def _raw(small: Small, statement: str) -> None:
    with small.workspace.engine.begin() as connection:
        connection.exec_driver_sql(statement)


@pytest.mark.parametrize("cls", [None, *APPEND_ONLY], ids=lambda c: "audit" if c is None else c.__name__)
def test_the_database_refuses_to_change_or_delete_what_is_append_only(read_case: Small, cls: type | None) -> None:
    table = AUDIT if cls is None else TABLES[cls]
    if cls is not None and cls.__name__ == "Comparison":
        values = {
            "id": "c1",
            "subject_id": read_case.subject("01-001").id,
            "read_1_id": "a",
            "read_2_id": "b",
        }
        with read_case.workspace.engine.begin() as connection:
            connection.execute(sa.insert(table).values(**values, rows=[], discordant=False, at="now"))
    with read_case.workspace.engine.connect() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() > 0
    column = next(c.name for c in table.c if c.name in ("reason", "state", "at", "note", "organ", "comment"))
    statements = (
        f"UPDATE {table.name} SET {column} = 'planted'",  # noqa: S608
        f"DELETE FROM {table.name}",  # noqa: S608
        f"INSERT OR REPLACE INTO {table.name} SELECT * FROM {table.name}",  # noqa: S608
    )
    for statement in statements:
        with pytest.raises(sa.exc.IntegrityError, match=r"rows are never changed|takes nothing more"):
            _raw(read_case, statement)


def _row_of(small: Small, kind: type) -> Any:
    """A row of this kind in a signed time point of reader one."""
    reader = small.sessions["reader.one"]
    with small.ports.open_unit(reader) as unit:
        signed = [r.id for r in unit.find(ReadTimepoint, state="signed")]
        return unit.find(kind, read_timepoint_id=signed)[0]


@pytest.mark.parametrize("kind", LOCKED_BY_SIGNATURE, ids=lambda kind: kind.__name__)
def test_a_signed_time_point_takes_no_more_rows_by_raw_sql(read_case: Small, kind: type) -> None:
    assert kind in (Lesion, Mark, Finding, TimepointForm, ZoneForm)
    later = {"id": "planted", **({} if kind is Mark else {"version": 99})}
    row = dataclasses.replace(_row_of(read_case, kind), **later)
    with (
        pytest.raises(sa.exc.IntegrityError, match="a signed time point takes nothing more"),
        read_case.workspace.engine.begin() as connection,
    ):
        connection.execute(sa.insert(TABLES[kind]).values(**dataclasses.asdict(row)))


@pytest.mark.parametrize(
    "change", ["state = 'open'", "signed_at = ''", "timepoint_id = timepoint_id || 'x'", "read_id = 'x'"]
)
def test_a_signed_time_point_stays_signed(read_case: Small, change: str) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="stays signed"):
        _raw(read_case, f"UPDATE read_timepoint SET {change} WHERE state = 'signed'")  # noqa: S608


def test_a_signed_time_point_is_not_deleted_by_raw_sql(read_case: Small) -> None:
    with pytest.raises(sa.exc.IntegrityError, match="stays signed"):
        _raw(read_case, "DELETE FROM read_timepoint WHERE state = 'signed'")


def test_a_changed_row_in_a_copy_of_the_database_is_found(read_case: Small, tmp_path: Path) -> None:
    import sqlite3

    copy = sqlite3.connect(tmp_path / "copy.sqlite")
    with sqlite3.connect(read_case.workspace.folder / "coread.sqlite") as source:
        source.backup(copy)
    source.close()
    copy.execute("DROP TRIGGER audit_no_update")
    copy.execute("UPDATE audit SET actor = 'somebody' WHERE number = 30 AND chain <> ''")
    copy.row_factory = sqlite3.Row
    rows = [dict(row) for row in copy.execute("SELECT * FROM audit WHERE chain <> '' ORDER BY number")]
    copy.close()
    for row in rows:
        row["old"], row["new"] = json.loads(row["old"]), json.loads(row["new"])
    assert verify_rows(_trial(read_case), rows).broken == "row 30 was changed after it was written"
