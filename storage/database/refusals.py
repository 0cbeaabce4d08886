"""What a database that cannot be written to or read says to a person: one line, and what to do."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from measure.refusal import NotWritten
from storage.database.engine import BUSY_MS

_HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_READ_ONLY = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


@contextmanager
def refused_in_words(engine: sa.Engine) -> Iterator[None]:
    """Turn a full disk, a held, read-only or damaged database into Refused; other errors pass unchanged."""
    try:
        yield
    except sa.exc.DatabaseError as problem:
        words = words_of(problem.orig, Path(engine.url.database or ""))
        if words is None:
            raise
        raise NotWritten(words) from problem


def words_of(problem: BaseException | None, database: Path) -> str | None:
    """The line for a SQLite error; None where it is no expected one."""
    code = getattr(problem, "sqlite_errorcode", None)
    if code is None:
        return None
    plain = int(code) & 0xFF  # the extended code's reason stands in the higher bytes
    folder = Path(str(database).removeprefix("file:").partition("?")[0]).parent
    if plain == sqlite3.SQLITE_FULL:
        return (
            f"The disk is full: {_free_mb(folder)} MB left. "
            "The last mark is not saved; free some space, then press Enter."
        )
    if plain in _HELD:
        return (
            f"Another program holds the database. Tried again for {BUSY_MS // 1000} s; the last mark is not "
            "saved, nothing else is lost. Close the other program, then press Enter."
        )
    if plain in _READ_ONLY:
        return f"{folder} cannot be written to. The last mark is not saved; make it writable, then press Enter."
    if plain in _DAMAGED:
        return f"{folder}: the database is damaged. Nothing more is saved; restore the last backup."
    if plain == sqlite3.SQLITE_IOERR:
        return f"The disk of {folder} does not answer ({problem}). The last mark is not saved."
    return None


def _free_mb(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free // 1_000_000
    except OSError:
        return 0
