"""The disk is full: one clear line, nothing half-written, and the work goes on when there is room again."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from app.workflow import draw_lesion, import_images
from app.workflow.reading import open_case, reload
from measure.case import Subject
from measure.refusal import Refused
from storage.database.audit import verify_rows
from tests.build.bare_workspace import bare_workspace
from tests.build.scripted_read import drawn, sign_now
from tests.build.workspace import Small, small_workspace, write_visit


def _fill_database(small: Small) -> Any:
    """Leave the database not one page to grow by; returns what takes that back."""
    engine = small.workspace.engine
    engine.dispose()

    import sqlalchemy as sa

    def limit(connection: Any, _: object) -> None:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count = {pages}")

    sa.event.listen(engine, "connect", limit)

    def undo() -> None:
        sa.event.remove(engine, "connect", limit)
        engine.dispose()

    return undo


def test_a_full_disk_while_drawing_says_so_and_keeps_what_was_there(tmp_path: Path) -> None:
    small = bare_workspace(tmp_path)
    ports, reader = small.ports, small.sessions["reader.one"]
    subject = small.subject("01-001").id
    reading = open_case(ports, reader, subject)
    assert reading is not None
    one = drawn(ports, reader, reading, 20.0)
    undo = _fill_database(small)
    refused = None
    kept = 0
    for _ in range(400):  # pages that are free already take some marks
        try:
            draw_lesion.add_lesion(ports, reader, reading, one, role="target", organ="liver", site="x" * 3000)
            kept += 1
        except Refused as full:
            refused = full
            break
    assert refused is not None
    line = str(refused)
    assert line.startswith("The disk is full: ")
    assert line.endswith("MB left. The last mark is not saved; free some space, then press Enter.")
    assert len(reload(ports, reader, reading).lesions) == kept
    inspector = small.sessions["inspector"]
    with ports.open_unit(inspector) as unit:
        rows = unit.audit_rows(inspector.trial_id)
        assert verify_rows(inspector.trial_id, rows).broken == ""
        assert sum(row["action"] == "draw" for row in rows) == kept
    undo()
    draw_lesion.add_lesion(ports, reader, reload(ports, reader, reading), one, role="target", organ="liver")
    assert len(reload(ports, reader, reading).lesions) == kept + 1


def test_a_full_disk_while_signing_leaves_the_time_point_open(tmp_path: Path) -> None:
    small = bare_workspace(tmp_path)
    subject = small.subject("01-001").id
    undo = _fill_database(small)

    def read_on() -> None:
        for _ in range(3):
            sign_now(small.ports, small.sessions["reader.one"], subject, 20.0)

    with pytest.raises(Refused, match="The disk is full"):
        read_on()
    undo()
    before = open_case(small.ports, small.sessions["reader.one"], subject)
    assert before is not None
    sign_now(small.ports, small.sessions["reader.one"], subject, 20.0)
    assert len(small.timepoints("01-001")) == 3


@pytest.fixture
def receiving(tmp_path: Path) -> Small:
    return small_workspace(tmp_path, numbers=())


def _scan(tmp_path: Path, number: str, days: int) -> Path:
    return write_visit(tmp_path / "dicom" / number / str(days), number, days)


def _decision(small: Small, folder: Path) -> import_images.Decision:
    manager = small.sessions["manager"]
    (proposal,) = import_images.propose(small.ports, manager, import_images.look(small.ports, [folder]))
    return import_images.Decision(proposal.subject, "BL", proposal.series)


def _images(small: Small) -> list[Path]:
    return [path for path in small.workspace.images.rglob("*") if path.is_file()]


@pytest.mark.parametrize("after", [0, 2, 5])
def test_a_full_disk_while_importing_stores_no_half_image_and_no_row(
    receiving: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, after: int
) -> None:
    decision = _decision(receiving, _scan(tmp_path, "04-001", 0))
    manager = receiving.sessions["manager"]
    real, calls = os.fsync, iter(range(10**6))

    def full(descriptor: int) -> None:
        if next(calls) >= 2 * after:  # one for the file, one for its folder
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr("storage.atomic.os.fsync", full)
    with pytest.raises(Refused, match="the disk is full") as refused:
        import_images.store(receiving.ports, manager, decision)
    assert "\n" not in str(refused.value)
    monkeypatch.undo()
    assert not _images(receiving)
    with receiving.ports.open_unit(manager) as unit:
        assert not unit.find(Subject)
    timepoint = import_images.store(receiving.ports, manager, decision)
    assert timepoint.visit == "BL"
    assert len([p for p in _images(receiving) if p.suffix == ".dcm"]) == 6


def test_a_database_that_is_full_while_importing_says_so_and_takes_the_images_next_time(
    receiving: Small, tmp_path: Path
) -> None:
    manager = receiving.sessions["manager"]
    decision = _decision(receiving, _scan(tmp_path, "04-002", 0))
    undo = _fill_database(receiving)
    with pytest.raises(Refused, match=r"The disk is full: \d+ MB left"):
        import_images.store(receiving.ports, manager, decision)
    with receiving.ports.open_unit(manager) as unit:
        assert not unit.find(Subject)
    undo()
    import_images.store(receiving.ports, manager, decision)
    with receiving.ports.open_unit(manager) as unit:
        assert [s.number for s in unit.find(Subject)] == ["04-002"]
        assert verify_rows(manager.trial_id, unit.audit_rows(manager.trial_id)).broken == ""


def test_the_command_line_names_the_full_disk_in_one_line(
    receiving: Small, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from app.command_line import run

    folder = _scan(tmp_path, "04-003", 0)

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setenv("COREAD_PASSWORD", "demo")
    monkeypatch.setattr("storage.atomic.os.fsync", full)
    argv = ["import", str(folder), "--trial", "demo", "--timepoint", "BL", "--quiet"]
    assert run([*argv, "--workspace", str(receiving.workspace.folder), "--user", "manager"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "the disk is full" in err
    assert not _images(receiving)
