"""A blinded export: no date, no subject number, days instead; the unblinded one reads back to the same responses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app.joined import Exporter
from app.workflow import compare_reads
from tests.build.workspace import read_timepoint, small_workspace

DATE = re.compile(r"\b(19|20)\d\d-\d\d-\d\d")


@pytest.fixture
def exported(tmp_path: Path) -> tuple[Path, Path]:
    workspace, ports, sessions = small_workspace(tmp_path)
    manager = sessions["manager"]
    from measure.case import Subject

    with ports.open_unit(manager) as unit:
        subject = unit.find(Subject)[0]
    for name in ("reader.one", "reader.two"):
        for long_mm in (20.0, 12.0):
            read_timepoint(ports, sessions[name], subject.id, long_mm)
    compare_reads.close_reading(ports, manager, subject.id)
    for folder, blinded in (("open", False), ("blind", True)):
        Exporter(workspace).export(manager, tmp_path / folder, blinded=blinded)
    workspace.close()
    return tmp_path / "open", tmp_path / "blind"


def test_no_date_and_no_subject_number_leaves_blinded(exported: tuple[Path, Path]) -> None:
    for file in exported[1].glob("*.csv"):
        text = file.read_text("utf-8")
        assert not DATE.search(text), file.name
        assert "01-001" not in text, file.name
    assert "01-001" in (exported[0] / "findings.csv").read_text("utf-8")


def test_the_exported_findings_give_the_exported_responses_again(exported: tuple[Path, Path], tmp_path: Path) -> None:
    from app.command_line import run
    from storage.places import shipped

    out = tmp_path / "again.csv"
    protocol = str(shipped("protocols", "demo.toml"))
    words = ["assess", str(exported[0] / "findings.csv"), "--protocol", protocol, "--out", str(out), "--quiet"]
    assert run(words) == 0
    again = out.read_text("utf-8").splitlines()
    stored = (exported[0] / "responses.csv").read_text("utf-8").splitlines()
    overall = again[0].split(",").index("overall")
    assert len(again) == len(stored)
    assert [line.split(",")[:overall] for line in again] == [line.split(",")[:overall] for line in stored]
