"""What the database itself refuses (SQLite): changing what is append-only, adding to what is signed."""

from __future__ import annotations

from storage.database.tables import APPEND_ONLY, AUDIT, LOCKED_BY_SIGNATURE, TABLES


def trigger_statements() -> list[str]:
    """All CREATE TRIGGER statements, in a stable order."""
    statements = []
    for table in [AUDIT.name, *(TABLES[cls].name for cls in APPEND_ONLY)]:
        statements += [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} rows are never changed'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    statements += [
        f"CREATE TRIGGER {name}_locked BEFORE INSERT ON {name} WHEN "  # noqa: S608 -- names of our own tables
        f"(SELECT state FROM read_timepoint WHERE id = NEW.read_timepoint_id) = 'signed' "
        f"BEGIN SELECT RAISE(ABORT, 'a signed time point takes nothing more'); END"
        for name in (TABLES[cls].name for cls in LOCKED_BY_SIGNATURE)
    ]
    statements.append(
        "CREATE TRIGGER read_timepoint_stays_signed BEFORE UPDATE OF state, signed_at ON read_timepoint "
        "WHEN OLD.state = 'signed' BEGIN SELECT RAISE(ABORT, 'a signed time point stays signed'); END"
    )
    return statements
