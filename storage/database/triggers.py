"""What the database itself refuses (SQLite): changing what is append-only, adding to what is signed."""

from __future__ import annotations

import sqlalchemy as sa

from storage.database.tables import APPEND_ONLY, AUDIT, LOCKED_BY_SIGNATURE, TABLES


def _same_key(table: sa.Table) -> str:
    """SQL that is true when a row with one of the new row's keys is there already."""
    keys = [table.primary_key, *(c for c in table.constraints if isinstance(c, sa.UniqueConstraint))]
    same = (" AND ".join(f"{c.name} = NEW.{c.name}" for c in key.columns) for key in keys)
    return f"EXISTS (SELECT 1 FROM {table.name} WHERE {' OR '.join(sorted(same))})"  # noqa: S608 -- our own names


def trigger_statements() -> list[str]:
    """All CREATE TRIGGER statements, in a stable order."""
    statements = []
    for table in [AUDIT, *(TABLES[cls] for cls in APPEND_ONLY)]:
        name, never = table.name, f"BEGIN SELECT RAISE(ABORT, '{table.name} rows are never changed'); END"
        statements += [
            f"CREATE TRIGGER {name}_no_update BEFORE UPDATE ON {name} {never}",
            f"CREATE TRIGGER {name}_no_delete BEFORE DELETE ON {name} {never}",
            # INSERT OR REPLACE deletes without asking the triggers of DELETE.
            f"CREATE TRIGGER {name}_no_replace BEFORE INSERT ON {name} WHEN {_same_key(table)} {never}",
        ]
    statements += [
        f"CREATE TRIGGER {name}_locked BEFORE INSERT ON {name} WHEN "  # noqa: S608 -- names of our own tables
        f"(SELECT state FROM read_timepoint WHERE id = NEW.read_timepoint_id) = 'signed' "
        f"BEGIN SELECT RAISE(ABORT, 'a signed time point takes nothing more'); END"
        for name in (TABLES[cls].name for cls in LOCKED_BY_SIGNATURE)
    ]
    stays = "WHEN OLD.state = 'signed' BEGIN SELECT RAISE(ABORT, 'a signed time point stays signed'); END"
    fixed = "id, read_id, timepoint_id, state, signed_at, response_shown_at"
    statements += [
        f"CREATE TRIGGER read_timepoint_stays_signed BEFORE UPDATE OF {fixed} ON read_timepoint {stays}",
        f"CREATE TRIGGER read_timepoint_stays BEFORE DELETE ON read_timepoint {stays}",
    ]
    return statements
