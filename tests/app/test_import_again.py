"""Importing again: what is new is added, a wrong place can be taken back, late images open a task."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.workflow import correct_read, import_images, queries, release_images, withdraw_images, zones
from app.workflow.import_images import Decision, Proposal
from app.workflow.late_images import LATE
from measure.case import Instance, Query, SeriesRecord, Subject, Timepoint
from measure.refusal import Refused
from storage.database.audit import verify_rows
from tests.build.workspace import Small, read_timepoint, release_all, small_workspace, write_visit


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return small_workspace(tmp_path, visits=(("BL", 0),))


def proposed(small: Small, *folders: Path) -> Proposal:
    found = import_images.look(small.ports, list(folders))
    (one,) = import_images.propose(small.ports, small.sessions["manager"], found)
    return one


def put(small: Small, proposal: Proposal, subject: str, visit: str) -> Timepoint:
    decision = Decision(subject, visit, proposal.series)
    return import_images.store(small.ports, small.sessions["manager"], decision)


def images_of(small: Small) -> set[str]:
    return {path.name for path in small.workspace.images.rglob("*.dcm")}


def test_images_under_the_wrong_subject_are_withdrawn_and_imported_under_the_right_one(
    small: Small, tmp_path: Path
) -> None:
    before = images_of(small)
    proposal = proposed(small, write_visit(tmp_path / "w8", "01-002", 56))
    wrong = put(small, proposal, "01-003", "BL")
    with pytest.raises(Refused, match=r"stored already under 01-003 BL.*withdraw"):
        put(small, proposal, "01-002", "BL")
    manager = small.sessions["manager"]
    with pytest.raises(Refused, match="reason"):
        withdraw_images.withdraw(small.ports, manager, wrong.id, " ")
    assert withdraw_images.withdraw(small.ports, manager, wrong.id, "wrong subject") == "01-003 BL"
    assert images_of(small) == before
    with small.ports.open_unit(manager) as unit:
        assert [s.number for s in unit.find(Subject)] == ["01-001"]
    right = put(small, proposal, "01-002", "BL")
    assert right.visit == "BL"
    with small.ports.open_unit(manager) as unit:
        (series,) = unit.find(SeriesRecord, timepoint_id=right.id)
        rows = unit.audit_rows(manager.trial_id)
    assert small.ports.images.open(series.manifest).measurable
    assert verify_rows(manager.trial_id, rows).broken == ""
    assert [r["reason"] for r in rows if r["action"] == "withdraw"] == ["wrong subject"]


def test_what_is_released_or_carries_zones_is_not_withdrawn(small: Small, tmp_path: Path) -> None:
    manager = small.sessions["manager"]
    released = small.timepoints("01-001")["BL"]
    with pytest.raises(Refused, match="released"):
        withdraw_images.withdraw(small.ports, manager, released.id, "wrong subject")
    point = put(small, proposed(small, write_visit(tmp_path / "new", "01-002", 0)), "01-002", "BL")
    with small.ports.open_unit(manager) as unit:
        (series,) = unit.find(SeriesRecord, timepoint_id=point.id)
    procedure = zones.add_procedure(small.ports, manager, point.subject_id, "RFA", "2026-02-01")
    zones.add_zone(
        small.ports, manager, procedure, organ="liver", site="S7", place=(0.0, 0.0, 5.0), series_uid=series.uid
    )
    with pytest.raises(Refused, match="zones"):
        withdraw_images.withdraw(small.ports, manager, point.id, "wrong subject")
    for name in ("reader.one", "inspector", "medical.lead"):
        with pytest.raises(Refused):
            withdraw_images.withdraw(small.ports, small.sessions[name], point.id, "not mine")
    assert small.ports.images.open(series.manifest).measurable


def test_files_left_by_an_import_that_did_not_end_do_not_stand_in_the_way(small: Small, tmp_path: Path) -> None:
    proposal = proposed(small, write_visit(tmp_path / "w8", "01-002", 56))
    manager = small.sessions["manager"]
    wrong = put(small, proposal, "01-003", "BL")
    with small.ports.open_unit(manager) as unit:  # as if the program had been killed before its rows
        series = unit.find(SeriesRecord, timepoint_id=wrong.id)
        unit.remove(Instance, [i.id for i in unit.find(Instance, series_id=[s.id for s in series])])
        unit.audit("withdraw", "images", "test")
        unit.commit()
    put(small, proposal, "01-002", "BL")


def test_a_second_import_adds_only_the_series_that_is_new(small: Small, tmp_path: Path) -> None:
    first = write_visit(tmp_path / "in" / "a", "01-001", 56)
    point = put(small, proposed(small, first), "01-001", "W8")
    write_visit(tmp_path / "in" / "b", "01-001", 56, seed="another series", phase="arterial")
    count = len(images_of(small))
    again = put(small, proposed(small, tmp_path / "in"), "01-001", "W8")
    assert again.id == point.id
    assert len(images_of(small)) == count + 6
    with small.ports.open_unit(small.sessions["manager"]) as unit:
        series = unit.find(SeriesRecord, timepoint_id=point.id)
    assert sorted(s.hang_as for s in series) == ["", "main"]
    with pytest.raises(Refused, match="has images already"):
        put(small, proposed(small, tmp_path / "in"), "01-001", "W8")
    assert len(images_of(small)) == count + 6


def test_one_scan_belongs_to_one_time_point(small: Small, tmp_path: Path) -> None:
    proposal = proposed(small, write_visit(tmp_path / "w8", "01-001", 56))
    put(small, proposal, "01-001", "W8")
    count = len(images_of(small))
    with pytest.raises(Refused, match="stored already as 01-001 W8"):
        put(small, proposal, "01-001", "W16")
    assert len(images_of(small)) == count


def test_images_after_the_release_are_kept_unhung_and_open_a_task_for_each_reader(small: Small, tmp_path: Path) -> None:
    manager, subject = small.sessions["manager"], small.subject("01-001")
    read_timepoint(small.ports, small.sessions["reader.one"], subject.id, 20.0)
    late = write_visit(tmp_path / "late", "01-001", 0, seed="late", phase="arterial")
    point = put(small, proposed(small, late), "01-001", "BL")
    assert point.state == "released"
    with small.ports.open_unit(manager) as unit:
        hung = sorted(s.hang_as for s in unit.find(SeriesRecord, timepoint_id=point.id))
        (task,) = unit.find(Query, timepoint_id=point.id)
    assert hung == ["", "main"]
    assert task.about == LATE
    assert "by R1" in task.text
    (asked,) = correct_read.corrections(small.ports, manager)
    assert (asked.correction.category, asked.label) == ("missing-images", "R1")
    assert [line.query.state for line in queries.queries(small.ports, manager)] == ["open"]
    reader = small.sessions["reader.two"]
    with small.ports.open_unit(reader) as unit:
        assert [s.hang_as for s in unit.find(SeriesRecord)] == ["main"]


def test_a_cancelled_import_leaves_the_store_as_it_was(small: Small, tmp_path: Path) -> None:
    before = images_of(small)
    proposal = proposed(small, write_visit(tmp_path / "w8", "01-002", 56))

    def stop(done: int, _: int) -> None:
        if done >= 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        import_images.store(small.ports, small.sessions["manager"], Decision("01-002", "BL", proposal.series), stop)
    assert images_of(small) == before
    release_all(small.ports, small.sessions["manager"], [put(small, proposal, "01-002", "BL")])
    assert release_images.RELEASED == "released"
