"""Corrections: asked, approved by another person, read again as a new version; the old one stays whole."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.workflow import adjudicate, compare_reads, correct_read
from app.workflow.export_trial import export_rows
from app.workflow.reading import load_read, open_case
from app.workflow.sign_timepoint import signed_content
from app.workflow.trials import current_protocol
from app.workflow.worklist import worklist
from measure.case import ADJUDICATION_OPEN, READING, Subject
from measure.read import OPEN, SIGNED, Adjudication, Finding, Read, ReadTimepoint, Signature
from measure.refusal import Refused
from storage.database.audit import verify_rows
from storage.export.trial_export import write_trial
from tests.build.workspace import Small, read_timepoint, small_workspace

READERS = ("reader.one", "reader.two")
THREE = (("BL", 0), ("W8", 56), ("W16", 112))


@pytest.fixture
def read_case(tmp_path: Path) -> Small:
    """One case, both readers done; reader two sees progression later."""
    small = small_workspace(tmp_path, visits=THREE)
    subject = small.subject("01-001")
    for name, sizes in zip(READERS, ((20.0, 22.0, 30.0), (20.0, 30.0, 31.0)), strict=True):
        for size in sizes:
            read_timepoint(small.ports, small.sessions[name], subject.id, size)
    return small


def _part(small: Small, label: str, visit: str) -> correct_read.SignedPart:
    parts = correct_read.signed_parts(small.ports, small.sessions["manager"])
    return next(p for p in parts if (p.label, p.visit) == (label, visit))


def _asked(small: Small, visit: str = "W8") -> str:
    part = _part(small, "R1", visit)
    reader = small.sessions["reader.one"]
    return correct_read.request(small.ports, reader, part.read_timepoint_id, "slip", "wrong lesion").id


def test_an_approved_correction_opens_the_next_version_and_keeps_the_old_one(read_case: Small) -> None:
    ports, sessions = read_case.ports, read_case.sessions
    subject = read_case.subject("01-001")
    with ports.open_unit(sessions["manager"]) as unit:
        old = unit.find(Read, subject_id=subject.id, label="R1")[0]
        parts = unit.find(ReadTimepoint, read_id=old.id)
        before = {part.id: signed_content(unit, part.id) for part in parts}
    version = correct_read.decide(
        ports, sessions["medical.lead"], _asked(read_case), approve=True, reason="as the images show"
    )
    assert version is not None
    assert (version.version, version.supersedes_id, version.user_id) == (2, old.id, old.user_id)
    protocol = current_protocol(ports, sessions["manager"])
    with ports.open_unit(sessions["manager"]) as unit:
        assert {part: signed_content(unit, part) for part in before} == before
        assert unit.get(Read, old.id).state == "superseded"
        states = [p.state for p in unit.find(ReadTimepoint, read_id=version.id)]
        reading = load_read(unit, version, protocol)
        rows = unit.audit_rows(sessions["manager"].trial_id)
    assert sorted(states) == [OPEN, SIGNED]
    assert [p.read_timepoint.state for p in reading.timepoints] == [SIGNED, OPEN]
    assert [[f.diameter_mm for f in row.findings if f] for row in reading.lesions] == [["20.0", "22.0"]]
    assert rows[-1]["action"] == "approve"
    assert rows[-1]["new"]["read again with later knowledge"] == ["W16"]
    assert not verify_rows("trial", rows).broken


def test_the_reader_goes_on_at_the_reopened_time_point_and_signs_all_later_ones_again(
    read_case: Small,
) -> None:
    ports, sessions = read_case.ports, read_case.sessions
    subject, reader = read_case.subject("01-001"), sessions["reader.one"]
    correct_read.decide(ports, sessions["medical.lead"], _asked(read_case), approve=True, reason="agreed")
    assert [item.next for item in worklist(ports, reader)] == ["day 56"]
    opened = open_case(ports, reader, subject.id)
    assert opened is not None
    assert opened.read.version == 2
    assert len(opened.timepoints) == 2
    read_timepoint(ports, reader, subject.id, 30.0)
    read_timepoint(ports, reader, subject.id, 31.0)
    assert open_case(ports, reader, subject.id) is None
    assert compare_reads.close_reading(ports, sessions["manager"], subject.id) == "concordant"


def test_earlier_time_points_keep_their_signatures_under_the_new_version(read_case: Small) -> None:
    ports, sessions = read_case.ports, read_case.sessions
    first = _part(read_case, "R1", "BL").read_timepoint_id
    version = correct_read.decide(ports, sessions["medical.lead"], _asked(read_case), approve=True, reason="agreed")
    assert version is not None
    with ports.open_unit(sessions["manager"]) as unit:
        taken = [p for p in unit.find(ReadTimepoint, read_id=version.id) if p.state == SIGNED]
        signed = unit.find(Signature, object_id=first)[0]
        kept = unit.find(Signature, object_id=taken[0].id)[0]
        findings = unit.find(Finding, read_timepoint_id=taken[0].id)
        original = unit.find(Finding, read_timepoint_id=first)
    assert (kept.digest, kept.at, kept.user_id) == (signed.digest, signed.at, signed.user_id)
    assert "version 1" in kept.about
    assert [f.diameter_mm for f in findings] == [f.diameter_mm for f in original]
    assert {f.lesion_id for f in findings}.isdisjoint({f.lesion_id for f in original})


def test_an_open_adjudication_is_withdrawn_and_the_case_is_read_again(read_case: Small) -> None:
    ports, sessions = read_case.ports, read_case.sessions
    subject = read_case.subject("01-001")
    assert compare_reads.close_reading(ports, sessions["manager"], subject.id) == ADJUDICATION_OPEN
    assert len(worklist(ports, sessions["adjudicator"])) == 1
    correct_read.decide(ports, sessions["medical.lead"], _asked(read_case), approve=True, reason="agreed")
    assert worklist(ports, sessions["adjudicator"]) == []
    with pytest.raises(Refused, match="no choice of yours"):
        adjudicate.open_adjudication(ports, sessions["adjudicator"], subject.id)
    with ports.open_unit(sessions["manager"]) as unit:
        assert unit.get(Subject, subject.id).state == READING
        assert [a.state for a in unit.find(Adjudication, subject_id=subject.id)] == ["withdrawn"]


def test_nobody_but_the_medical_lead_decides_and_only_with_a_reason(read_case: Small) -> None:
    ports, sessions = read_case.ports, read_case.sessions
    asked = _asked(read_case)
    for name in ("manager", "reader.one", "inspector", "adjudicator"):
        with pytest.raises(Refused, match="medical lead decides"):
            correct_read.decide(ports, sessions[name], asked, approve=True, reason="yes")
    with pytest.raises(Refused, match="reason"):
        correct_read.decide(ports, sessions["medical.lead"], asked, approve=True, reason=" ")
    assert correct_read.decide(ports, sessions["medical.lead"], asked, approve=False, reason="no") is None
    with pytest.raises(Refused, match="refused already"):
        correct_read.decide(ports, sessions["medical.lead"], asked, approve=True, reason="yes")
    assert _part(read_case, "R1", "W8")


def test_requests_need_an_own_signed_time_point_a_kind_and_a_reason(read_case: Small) -> None:
    ports, sessions = read_case.ports, read_case.sessions
    mine = _part(read_case, "R1", "W8").read_timepoint_id
    with pytest.raises(Refused, match="no such"):
        correct_read.request(ports, sessions["reader.two"], mine, "slip", "not mine")
    for category, reason, said in (("whim", "x", "no kind"), ("slip", " ", "reason")):
        with pytest.raises(Refused, match=said):
            correct_read.request(ports, sessions["reader.one"], mine, category, reason)
    with pytest.raises(Refused, match="inspector"):
        correct_read.request(ports, sessions["inspector"], mine, "slip", "x")
    _asked(read_case)
    with pytest.raises(Refused, match="already"):
        _asked(read_case)


def test_the_superseded_version_stands_in_the_history_files_alone(read_case: Small, tmp_path: Path) -> None:
    ports, sessions = read_case.ports, read_case.sessions
    correct_read.decide(ports, sessions["medical.lead"], _asked(read_case), approve=True, reason="agreed")
    read_timepoint(ports, sessions["reader.one"], read_case.subject("01-001").id, 25.0)
    manifest = write_trial(export_rows(ports, sessions["manager"], blinded=False), tmp_path / "out")

    def versions(name: str) -> set[tuple[str, str, str]]:
        with (tmp_path / "out" / name).open(newline="", encoding="utf-8") as opened:
            rows = [r for r in csv.DictReader(opened) if r["reader"] == "R1"]
        return {(r["timepoint"], r["read_version"], r.get("diameter_mm", "")) for r in rows if r.get("lesion", "-")}

    assert versions("findings.csv") == {("BL", "2", "20.0"), ("W8", "2", "25.0")}
    assert versions("findings_history.csv") == {("BL", "1", "20.0"), ("W8", "1", "22.0"), ("W16", "1", "30.0")}
    assert {(t, v) for t, v, _ in versions("responses_history.csv")} == {("BL", "1"), ("W8", "1"), ("W16", "1")}
    assert manifest["files"]["best_history.csv"]["rows"] > 0
    assert manifest["files"]["ablation_history.csv"]["rows"] == 0
