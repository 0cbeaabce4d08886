"""A workspace is opened where nothing can be lost, and refused with one line everywhere else."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from measure.refusal import Refused
from storage.database import engine as engine_module
from storage.database import workspace as module
from storage.database.workspace import DATABASE, create_workspace, exists, open_workspace

PROGRAM = "coread test"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "workspace"
    create_workspace(place, demo=False, program=PROGRAM).close()
    return place


def _refusal(folder: Path) -> str:
    with pytest.raises(Refused) as refused:
        open_workspace(folder, program=PROGRAM)
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_a_sound_workspace_opens_and_knows_itself(folder: Path) -> None:
    opened = open_workspace(folder, program=PROGRAM)
    assert exists(folder)
    assert not opened.demo
    assert opened.settings["made_by"] == PROGRAM
    assert opened.images.is_dir()
    opened.close()


def test_a_folder_without_a_workspace_is_named(tmp_path: Path) -> None:
    assert "holds no workspace" in _refusal(tmp_path)


def test_a_workspace_is_made_once(folder: Path) -> None:
    with pytest.raises(Refused, match="already holds a workspace"):
        create_workspace(folder, demo=True, program=PROGRAM)


def test_a_file_in_the_way_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    with pytest.raises(Refused, match="no workspace can be made here"):
        create_workspace(tmp_path / "file" / "workspace", demo=False, program=PROGRAM)


def test_a_read_only_folder_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module.os, "access", lambda *_: False)  # root may write whatever the mode says
    assert "cannot be written to" in _refusal(folder)


def test_a_newer_schema_is_refused_and_left_as_it_is(folder: Path) -> None:
    with sqlite3.connect(folder / DATABASE) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9001'")
    connection.close()
    before = (folder / DATABASE).read_bytes()
    assert "newer coread (schema 9001)" in _refusal(folder)
    assert (folder / DATABASE).read_bytes() == before


def test_a_damaged_file_is_refused(folder: Path) -> None:
    file = folder / DATABASE
    file.write_bytes(b"no database at all" * 500)
    assert "damaged or no coread database" in _refusal(folder)


def test_a_truncated_file_is_refused(folder: Path) -> None:
    file = folder / DATABASE
    file.write_bytes(file.read_bytes()[:8192])
    assert "damaged" in _refusal(folder)


def test_another_database_is_refused(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / DATABASE)
    connection.execute("CREATE TABLE other (a)")
    connection.commit()
    connection.close()
    line = _refusal(tmp_path)
    assert "no coread database" in line


def test_a_network_share_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "_file_system", lambda _: "cifs")
    assert "network share (cifs)" in _refusal(folder)
    with pytest.raises(Refused, match="network share"):
        create_workspace(tmp_path / "new", demo=False, program=PROGRAM)
    assert not exists(tmp_path / "new")


def test_the_file_system_of_a_folder_is_that_of_its_nearest_mount(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    inner = tmp_path / "share"
    inner.mkdir()
    mounts = f"/dev/sda1 / ext4 rw 0 0\nserver:/x {inner} nfs4 rw 0 0\n"
    real = Path.read_text
    monkeypatch.setattr(
        Path, "read_text", lambda p, *a, **k: mounts if str(p) == "/proc/self/mounts" else real(p, *a, **k)
    )
    assert module._file_system(inner / "deep") == "nfs4"
    assert module._file_system(tmp_path) == "ext4"


def test_a_workspace_that_could_not_be_made_leaves_nothing_that_looks_like_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = module._migrate

    def full(engine: object) -> None:
        import sqlalchemy as sa

        real(engine)  # type: ignore[arg-type]
        raise sa.exc.OperationalError("", {}, sqlite3.OperationalError("database or disk is full"))

    monkeypatch.setattr(module, "_migrate", full)
    with pytest.raises(Refused, match="no workspace can be made here"):
        create_workspace(tmp_path / "new", demo=False, program=PROGRAM)
    assert not exists(tmp_path / "new")
    monkeypatch.undo()
    create_workspace(tmp_path / "new", demo=False, program=PROGRAM).close()


@pytest.fixture
def holder(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """Another program that holds the database until its input closes."""
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None); "
        "c.execute('BEGIN IMMEDIATE'); print('held', flush=True); sys.stdin.read()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder / DATABASE)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.communicate(timeout=10)


def test_a_database_held_by_another_program_is_refused(
    folder: Path, holder: subprocess.Popen[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert holder.poll() is None
    real = sqlite3.connect
    monkeypatch.setattr(module.sqlite3, "connect", lambda *a, **k: real(*a, **{**k, "timeout": 0.1}))
    assert _refusal(folder).startswith("Another program holds the database.")


def test_a_step_while_another_program_holds_the_database_is_refused_in_words(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from measure.case import User
    from measure.session import NOBODY

    monkeypatch.setattr(engine_module, "BUSY_MS", 100)
    opened = open_workspace(folder, program=PROGRAM)
    other = sqlite3.connect(folder / DATABASE, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Refused, match="Another program holds the database"), opened.unit(NOBODY) as unit:
        unit.add(User("u", "name", "Name", "x"))
    other.rollback()
    other.close()
    with opened.unit(NOBODY) as unit:
        unit.add(User("u", "name", "Name", "x"))
        unit.audit("add", "user", "name", chain="")
        unit.commit()
        assert len(unit.find(User)) == 1
    opened.close()
