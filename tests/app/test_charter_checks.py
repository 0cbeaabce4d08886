"""The image check against the charter and against the subject's earlier scans (CR-11, CR-17, baseline.*)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.workflow import import_images, release_images
from app.workflow.charter_checks import Hung, baseline_check, series_checks
from app.workflow.import_images import Decision
from app.workflow.subject_grid import subject_grid
from measure.case import ImportTable, Procedure, SeriesRecord, Timepoint
from measure.protocol import Baseline, Protocol, Qc, Trial
from tests.build.workspace import Small, release_all, small_workspace, write_visit

PLAIN = Protocol(trial=Trial())


def hung(name: str = "", *, about: dict[str, str] | None = None, **other: object) -> Hung:
    record = SeriesRecord(
        id="s", timepoint_id="t", uid="1.2", modality="CT", name="CT portal venous · 2.5 mm", hang_as="main",
        slices=100, spacing_mm=[0.7, 0.7, 2.5], thickness_mm="2.5", measurable=True,
    )  # fmt: skip
    facts = {"kernel": "soft", "coverage_mm": "250.0", "slopes": "1"} | (about or {})
    return Hung(name, replace(record, **other), facts)  # type: ignore[arg-type]


def flagged(now: Hung, *earlier: Hung, protocol: Protocol | None = None) -> dict[str, str]:
    items = series_checks(protocol or PLAIN, now, earlier)
    return {one.item: one.found for one in items if one.needs_answer}


def test_a_scan_like_the_earlier_ones_needs_no_answer() -> None:
    assert flagged(hung(), hung("baseline"), hung("scan before")) == {}


def test_changes_against_the_baseline_and_the_scan_before_are_named() -> None:
    thick = hung(thickness_mm="5")
    assert flagged(thick, hung("baseline")) == {"Slice thickness": "5 mm, baseline 2.5 mm"}
    assert flagged(hung(), hung("baseline"), hung("scan before", thickness_mm="5")) == {
        "Slice thickness": "2.5 mm, scan before 5 mm"
    }
    assert flagged(hung(about={"kernel": "lung"}), hung("baseline")) == {"Kernel": "lung, baseline soft"}
    assert flagged(hung(about={"coverage_mm": "200"}), hung("baseline")) == {"Coverage": "200 mm, baseline 250 mm"}
    assert flagged(hung(name="", modality="MR"), hung("baseline"))["Modality"] == "MR, baseline CT"
    arterial = hung()
    arterial = replace(arterial, series=replace(arterial.series, name="CT arterial · 2.5 mm"))
    assert flagged(arterial, hung("baseline")) == {"Phase": "CT arterial, baseline CT portal venous"}
    assert flagged(hung(about={"coverage_mm": "230"}), hung("baseline")) == {}


def test_limits_of_the_charter_hold_without_an_earlier_scan() -> None:
    protocol = replace(PLAIN, qc=Qc(phases=("arterial",), modalities=("MR",)))
    assert set(flagged(hung(thickness_mm="7"), protocol=protocol)) == {"Modality", "Slice thickness", "Phase"}
    assert flagged(hung(about={"slopes": "12"})) == {"Rescale": "12 different rescales in one CT series"}


def baseline(days_before: int, max_days: int = 28, before: str = "procedure") -> list[tuple[str, bool]]:
    protocol = replace(PLAIN, baseline=Baseline(before=before, max_days=max_days))
    point = Timepoint("t", "s", "BL", "2026-03-31", "received")
    day = datetime(2026, 3, 31, tzinfo=UTC).date().toordinal() + days_before
    happened = datetime.fromordinal(day).date().isoformat()
    tables = [ImportTable("i", "t", "patients", f"subject,treatment_start\n01,{happened}\n", "", "2026")]
    items = baseline_check(protocol, point, "01", [Procedure("p", "s", 1, "RFA", happened)], tables)
    return [(one.found, one.needs_answer) for one in items]


@pytest.mark.parametrize("before", ["procedure", "treatment_start"])
def test_the_baseline_lies_within_its_window_before_the_event(before: str) -> None:
    event = {"procedure": "the first procedure", "treatment_start": "treatment start"}[before]
    assert baseline(28, before=before) == [(f"28 days before {event}, at most 28 allowed", False)]
    assert baseline(29, before=before) == [(f"29 days before {event}, at most 28 allowed", True)]
    assert baseline(-1, before=before) == [(f"1 days after {event}", True)]
    assert baseline(400, max_days=0, before=before) == [(f"400 days before {event}", False)]


def test_an_unknown_event_is_said_and_no_window_is_asked_where_there_is_none() -> None:
    assert baseline(5, before="registration") == [("the date of registration is not known", False)]
    assert baseline(5, before="") == []


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return small_workspace(tmp_path, visits=(("BL", 0),))


def put(small: Small, folder: Path, visit: str) -> Timepoint:
    manager = small.sessions["manager"]
    found = import_images.look(small.ports, [folder])
    (proposal,) = import_images.propose(small.ports, manager, found)
    return import_images.store(small.ports, manager, Decision("01-001", visit, proposal.series))


def test_answers_do_not_outlive_the_images_they_were_given_for(small: Small, tmp_path: Path) -> None:
    manager = small.sessions["manager"]
    point = put(small, write_visit(tmp_path / "in" / "a", "01-001", 56), "W8")
    release_images.answer_check(small.ports, manager, point.id, "Burned-in text", "looked at: no text")
    assert not [
        c for c in release_images.image_check(small.ports, manager, point.id) if c.needs_answer and not c.answer
    ]
    write_visit(tmp_path / "in" / "b", "01-001", 56, seed="more", phase="arterial")
    put(small, tmp_path / "in", "W8")
    lines = release_images.image_check(small.ports, manager, point.id)
    assert [c.item for c in lines if c.needs_answer and not c.answer] == ["Burned-in text"]


def test_the_grid_tells_expected_received_overdue_missed_and_unscheduled(small: Small, tmp_path: Path) -> None:
    manager = small.sessions["manager"]

    def states(year: int, month: int, day: int) -> tuple[list[str], list[str]]:
        ports = replace(small.ports, now=lambda: datetime(year, month, day, 12, tzinfo=UTC))
        (row,) = subject_grid(ports, manager).rows
        return [cell.state for cell in row.cells], [cell.state for cell in row.extra]

    assert states(2026, 1, 20) == (["released", "expected", "expected", "expected"], [])
    assert states(2026, 3, 17)[0][1] == "overdue"
    late = put(small, write_visit(tmp_path / "w16", "01-001", 112), "W16")
    assert states(2026, 5, 10)[0] == ["released", "missed", "received", "expected"]
    extra = put(small, write_visit(tmp_path / "extra", "01-001", 140), "EXTRA")
    assert states(2026, 6, 10)[1] == ["received"]
    release_all(small.ports, manager, [late, extra])
    assert states(2026, 6, 10) == (["released", "missed", "released", "expected"], ["unscheduled"])
