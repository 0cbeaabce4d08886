"""A workspace: one folder with the database and the image store; made, opened, refused with the reason."""

from __future__ import annotations

import os
import sqlite3
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

from measure.refusal import Refused
from measure.session import Session

if TYPE_CHECKING:
    import sqlalchemy as sa

    from storage.database.unit import Clock, SqlUnit

DATABASE = "coread.sqlite"
IMAGES = "images"
HEAD_REVISION = "0001"
NETWORK_FILE_SYSTEMS = {"nfs", "nfs4", "cifs", "smbfs", "smb3", "afs", "9p", "fuse.sshfs", "ncpfs"}


class Workspace:
    """An open workspace: hands out units of work, knows whether it is the demo."""

    def __init__(self, folder: Path, engine: sa.Engine, *, program: str, now: Clock | None = None) -> None:
        from storage.database.unit import utc_now

        self.folder, self.engine, self.program = folder, engine, program
        self.now: Clock = now or utc_now
        self.settings = self._read_settings()

    def _read_settings(self) -> dict[str, str]:
        import sqlalchemy as sa

        from storage.database.refusals import refused_in_words
        from storage.database.tables import SETTING

        with refused_in_words(self.engine), self.engine.connect() as connection:
            return {row.name: row.value for row in connection.execute(sa.select(SETTING))}

    @property
    def demo(self) -> bool:
        """This is the demo workspace: synthetic images, and no real trial can enter it."""
        return self.settings.get("demo") == "yes"

    @property
    def images(self) -> Path:
        """Folder of the image store."""
        return self.folder / IMAGES

    def unit(self, session: Session) -> SqlUnit:
        """A unit of work for one session."""
        from storage.database.unit import SqlUnit

        return SqlUnit(self.engine, session, program=self.program, now=self.now)

    def set(self, name: str, value: str) -> None:
        """Keep one setting of the workspace."""
        import sqlalchemy as sa

        from storage.database.refusals import refused_in_words
        from storage.database.tables import SETTING

        with refused_in_words(self.engine), self.engine.begin() as connection:
            connection.execute(sa.delete(SETTING).where(SETTING.c.name == name))
            connection.execute(sa.insert(SETTING).values(name=name, value=value))
        self.settings = {**self.settings, name: value}

    def close(self) -> None:
        """Let go of the database."""
        self.engine.dispose()


def exists(folder: Path) -> bool:
    """Say whether the folder holds a workspace."""
    return (folder / DATABASE).is_file()


def _file_system(folder: Path) -> str:
    try:
        lines = Path("/proc/self/mounts").read_text().splitlines()
    except OSError:
        return ""
    path, best, kind = str(folder.resolve()), "", ""
    for line in lines:
        parts = line.split()
        place = parts[1].replace("\\040", " ")
        if (path == place or path.startswith(place.rstrip("/") + "/")) and len(place) > len(best):
            best, kind = place, parts[2]
    return kind


def _refuse_network(folder: Path) -> None:
    kind = _file_system(folder)
    if kind in NETWORK_FILE_SYSTEMS:
        raise Refused(
            f"{folder} lies on a network share ({kind}). SQLite can lose records there; "
            "use a folder on a local disk, or a database server."
        )


def _migrate(engine: sa.Engine) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def create_workspace(folder: Path, *, demo: bool, program: str, now: Clock | None = None) -> Workspace:
    """Make a new workspace in an empty or missing folder."""
    from storage.database.engine import sqlite_engine

    if exists(folder):
        raise Refused(f"{folder} already holds a workspace. Choose another folder.")
    try:
        (folder / IMAGES).mkdir(parents=True, exist_ok=True)
        _refuse_network(folder)
    except OSError as problem:
        raise Refused(f"{folder}: no workspace can be made here ({problem.strerror}). Choose another folder.") from None
    engine = sqlite_engine(folder / DATABASE)
    try:
        return _filled(folder, engine, demo=demo, program=program, now=now)
    except BaseException:
        engine.dispose()
        for left in folder.glob(f"{DATABASE}*"):  # half made, it would look like a damaged workspace
            left.unlink()
        raise


def _filled(folder: Path, engine: sa.Engine, *, demo: bool, program: str, now: Clock | None) -> Workspace:
    import sqlalchemy as sa

    try:
        _migrate(engine)
        workspace = Workspace(folder, engine, program=program, now=now)
        workspace.set("workspace_id", str(uuid.uuid4()))
        workspace.set("demo", "yes" if demo else "no")
        workspace.set("made_by", program)
    except sa.exc.DBAPIError as problem:
        raise Refused(f"{folder}: no workspace can be made here ({problem.orig}). Choose another folder.") from None
    return workspace


def open_workspace(folder: Path, *, program: str, now: Clock | None = None) -> Workspace:
    """Open a workspace: an older one is migrated after a backup; newer, read-only, damaged: refused."""
    from storage.database.engine import sqlite_engine

    file = folder / DATABASE
    if not file.is_file():
        raise Refused(f"{folder} holds no workspace. Start coread without a command to make the demo, or name another.")
    _refuse_network(folder)
    if not os.access(file, os.W_OK) or not os.access(folder, os.W_OK):
        raise Refused(f"{folder} cannot be written to. Reading needs a folder where every mark can be saved.")
    _check_version(file)
    return Workspace(folder, sqlite_engine(file), program=program, now=now)


def _check_version(file: Path) -> None:
    """Look at the schema version without SQLAlchemy, which the login window has no time for."""
    try:
        connection = sqlite3.connect(f"file:{file}?mode=rw", uri=True, timeout=5)
        try:
            connection.execute("BEGIN IMMEDIATE")
            connection.rollback()
            (version,) = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        finally:
            connection.close()
    except sqlite3.OperationalError as problem:
        if "no such table" in str(problem):
            raise Refused(
                f"{file} is no coread database. Name another workspace, or restore the last backup."
            ) from None
        if "locked" in str(problem) or "busy" in str(problem):
            raise Refused("Another program holds the database. Close it, then start again; nothing is lost.") from None
        raise Refused(f"{file.parent} cannot be opened for writing ({problem}).") from None
    except (sqlite3.DatabaseError, TypeError):
        raise Refused(f"{file} is damaged or no coread database. Restore the last backup: coread restore.") from None
    if version > HEAD_REVISION:
        raise Refused(f"This workspace was made by a newer coread (schema {version}). This one opens nothing.")
    if version < HEAD_REVISION:
        from storage.database.engine import sqlite_engine

        backup = file.with_suffix(f".before-{HEAD_REVISION}.sqlite")
        source, target = sqlite3.connect(file), sqlite3.connect(backup)
        with target:
            source.backup(target)
        source.close()
        target.close()
        engine = sqlite_engine(file)
        _migrate(engine)
        engine.dispose()
