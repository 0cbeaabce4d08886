"""The database connection: SQLite in WAL mode with full synchronisation, or any SQLAlchemy URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlalchemy as sa

BUSY_MS = 30_000


def sqlite_engine(file: Path, *, read_only: bool = False) -> sa.Engine:
    """Open a SQLite file: WAL, synchronous FULL, foreign keys on, transactions begun IMMEDIATE."""
    address = f"file:{file}?mode={'ro' if read_only else 'rwc'}"
    engine = sa.create_engine(f"sqlite:///{address}&uri=true", connect_args={"timeout": BUSY_MS / 1000})

    @sa.event.listens_for(engine, "connect")
    def _settings(connection: Any, _: object) -> None:
        connection.isolation_level = None  # we begin transactions ourselves
        cursor = connection.cursor()
        if not read_only:
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute(f"PRAGMA busy_timeout={BUSY_MS}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine
