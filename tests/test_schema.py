"""The migrated database is the one the tables describe, and it refuses by itself what must never happen."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from measure import read
from storage.database.tables import APPEND_ONLY, AUDIT, LOCKED_BY_SIGNATURE, TABLES, metadata
from storage.database.workspace import HEAD_REVISION, Workspace, create_workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return create_workspace(tmp_path / "workspace", demo=False, program="coread test")


def test_the_migrated_schema_is_the_tables(workspace: Workspace) -> None:
    with workspace.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "render_as_batch": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == HEAD_REVISION


def test_the_newest_migration_is_the_one_the_program_expects() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    folder = Path(__file__).parents[1] / "storage" / "database" / "migrations"
    config.set_main_option("script_location", str(folder))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD_REVISION


def test_every_table_has_its_record_class_or_is_the_trail_or_a_setting(workspace: Workspace) -> None:
    names = set(sa.inspect(workspace.engine).get_table_names())
    assert names == {table.name for table in TABLES.values()} | {"audit", "setting", "alembic_version"}


def test_the_triggers_are_there(workspace: Workspace) -> None:
    with workspace.engine.connect() as connection:
        found = set(connection.execute(sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).scalars())
    lasting = [AUDIT.name, *(TABLES[cls].name for cls in APPEND_ONLY)]
    expected = {f"{name}_no_{verb}" for name in lasting for verb in ("update", "delete")}
    expected |= {f"{TABLES[cls].name}_locked" for cls in LOCKED_BY_SIGNATURE} | {"read_timepoint_stays_signed"}
    assert expected <= found


def test_what_a_reader_records_is_append_only() -> None:
    assert {read.Lesion, read.Mark, read.Finding, read.TimepointForm, read.ZoneForm} <= set(LOCKED_BY_SIGNATURE)
    assert {read.Signature, read.ResponseSnapshot, read.Comparison} <= set(APPEND_ONLY)


def test_the_connection_is_wal_and_fully_synchronised(workspace: Workspace) -> None:
    with workspace.engine.connect() as connection:
        settings = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
