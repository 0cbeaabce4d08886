"""What the manager's tabs stand on: grid of visits, queries, trail, progress, parts of a case, accounts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.workflow import accounts, audit_trail, compare_reads, queries, release_images
from app.workflow.audit_trail import AuditFilter
from app.workflow.ports import Ports
from app.workflow.progress import progress, rates
from app.workflow.reader_table import reader_table
from app.workflow.subject_grid import subject_grid
from measure.audit_chain import verify_rows
from measure.case import ADJUDICATION_OPEN
from measure.refusal import Refused
from tests.build.workspace import (
    Small,
    import_folder,
    read_timepoint,
    release_all,
    small_workspace,
    write_visit,
)


@pytest.fixture
def small(tmp_path: Path) -> Small:
    """One case with baseline and W16 released (W8 is missing), nothing read."""
    return small_workspace(tmp_path, visits=(("BL", 0), ("W16", 112)))


def _on(ports: Ports, year: int, month: int, day: int) -> Ports:
    return replace(ports, now=lambda: datetime(year, month, day, 12, tzinfo=UTC))


def _letters(small: Small, *day: int) -> str:
    row = subject_grid(_on(small.ports, *day), small.sessions["manager"]).rows[0]
    return "".join(cell.letter or "." for cell in row.cells)


def test_a_visit_is_missed_when_a_later_one_came_and_overdue_when_its_window_has_closed(small: Small) -> None:
    # Baseline 2026-01-12; W24 is planned for 2026-06-29, its window ends a week later.
    assert _letters(small, 2026, 6, 29) == "RMRE"
    assert _letters(small, 2026, 7, 6) == "RMRE"
    assert _letters(small, 2026, 7, 7) == "RMRO"


def test_where_a_case_is_final_nothing_more_is_expected(small: Small) -> None:
    subject = small.subject("01-001")
    for name in ("reader.one", "reader.two"):
        for size in (20.0, 21.0):
            read_timepoint(small.ports, small.sessions[name], subject.id, size)
    compare_reads.close_reading(small.ports, small.sessions["manager"], subject.id)
    assert _letters(small, 2026, 12, 1) == "RMR."


def test_a_query_is_asked_answered_once_and_gives_the_images_back_to_the_check(small: Small, tmp_path: Path) -> None:
    ports, manager = small.ports, small.sessions["manager"]
    late = import_folder(ports, manager, write_visit(tmp_path / "late", "01-001", 168))[0]
    with pytest.raises(Refused, match="what the site"):
        queries.ask_site(ports, manager, late.id, " ")
    with pytest.raises(Refused, match="inspector"):
        queries.ask_site(ports, small.sessions["inspector"], late.id, "May I?")
    query = queries.ask_site(ports, manager, late.id, "Which phase?")
    assert small.timepoints("01-001")["W24"].state == "queried"
    with pytest.raises(Refused, match="cannot be released"):
        release_images.release(ports, manager, late.id)
    queries.answer(ports, manager, query.id, "Portal venous.")
    with pytest.raises(Refused, match="answered already"):
        queries.answer(ports, manager, query.id, "Late arterial.")
    assert [line.query.answer for line in queries.queries(ports, manager)] == ["Portal venous."]
    release_all(ports, manager, [late])
    with pytest.raises(Refused, match="released"):
        queries.ask_site(ports, manager, late.id, "And now?")


def test_looking_at_the_trail_is_in_the_trail_and_the_exported_lines_verify_alone(small: Small) -> None:
    ports, inspector = small.ports, small.sessions["inspector"]
    assert not audit_trail.verify(ports, inspector).broken
    rows = audit_trail.load(ports, inspector, AuditFilter(did="release"))
    assert {row.action for row in rows} == {"release"}
    again = audit_trail.load(ports, inspector)
    assert (again[0].actor, again[0].action) == ("inspector", "view")
    assert again[0].new_words == "filter did release"
    lines = [json.loads(line) for line in audit_trail.as_jsonl(ports, inspector).splitlines()]
    assert not verify_rows("trial", lines).broken
    lines[3]["new"] = {"state": "otherwise"}
    assert "row 4 was changed" in verify_rows("trial", lines).broken
    assert "row 2 is missing" in verify_rows("trial", [lines[0], *lines[2:]]).broken
    for name in ("reader.one", "adjudicator", "administrator"):
        with pytest.raises(Refused):
            audit_trail.load(ports, small.sessions[name])


def test_progress_counts_who_has_what_and_which_cases_differ(small: Small) -> None:
    ports, sessions = small.ports, small.sessions
    manager, subject = sessions["manager"], small.subject("01-001")
    for size in (20.0, 30.0):
        read_timepoint(ports, sessions["reader.one"], subject.id, size)
    read_timepoint(ports, sessions["reader.two"], subject.id, 20.0)
    page = progress(ports, manager)
    assert {(one.who, one.step, one.state) for one in page.work} == {
        ("reader.one", "W16", "waiting"),
        ("reader.two", "W16", "assigned"),
    }
    assert (page.released, page.signed_by_all, page.ready) == (2, 1, ())
    read_timepoint(ports, sessions["reader.two"], subject.id, 20.0)
    page = progress(ports, manager)
    assert [one.number for one in page.ready] == ["01-001"]
    assert compare_reads.close_reading(ports, manager, subject.id) == ADJUDICATION_OPEN
    assert audit_trail.load(ports, manager, AuditFilter(did="compare"))[0].actor == "manager"
    page = progress(ports, manager)
    assert (page.to_adjudicate, page.compared, page.ready) == (1, 1, ())
    assert [(one.who, one.step) for one in page.work] == [("adjudicator", "adjudication")]
    best = next(rate for rate in page.rates if rate.title.startswith("Best response, RECIST 1.1"))
    assert (best.differing.count, best.differing.of) == (1, 1)
    assert [(one.name, one.signed, one.compared) for one in page.readers] == [
        ("reader.one", 2, 1),
        ("reader.two", 2, 1),
    ]


def test_work_past_its_due_date_is_late(small: Small) -> None:
    late = progress(_on(small.ports, 2027, 1, 1), small.sessions["manager"])
    on_time = progress(_on(small.ports, 2026, 12, 31), small.sessions["manager"])
    assert (late.late, on_time.late) == (2, 0)


def test_rates_count_each_zone_and_each_criterion_apart() -> None:
    def row(variable: str, criterion: str, one: str, two: str) -> dict[str, object]:
        title = f"{variable} {criterion}"
        return {
            "variable": variable,
            "criterion": criterion,
            "title": title,
            "value_1": one,
            "value_2": two,
            "agree": one == two,
        }

    rows = [
        row("best_response", "a", "PR", "PR"),
        row("best_response", "a", "PR", "SD"),
        row("best_response", "b", "PD", "PD"),
        row("local_recurrence", "", "none", "day 56"),
        row("local_recurrence", "", "day 56", "day 112"),
    ]
    counted = {rate.title: (rate.differing.count, rate.differing.of) for rate in rates(rows)}
    assert counted == {
        "best_response a": (1, 2),
        "best_response b": (0, 1),
        "Local recurrence, by zone": (2, 2),
    }


def test_the_table_of_readers_offers_only_who_has_the_role(small: Small) -> None:
    ports, admin, manager = small.ports, small.sessions["administrator"], small.sessions["manager"]
    accounts.set_disabled(ports, admin, "reader.two", disabled=True, reason="on leave")
    table = reader_table(ports, manager)
    assert table.labels == ("R1", "R2", "ADJ")
    assert [name for _, name in table.choices["R1"]] == ["reader.one"]
    assert [name for _, name in table.choices["ADJ"]] == ["adjudicator"]
    assert table.cases[0].complete


def test_only_an_administrator_keeps_accounts_and_never_closes_the_own_one(small: Small) -> None:
    ports, admin, manager = small.ports, small.sessions["administrator"], small.sessions["manager"]
    with pytest.raises(Refused, match="in use"):
        accounts.set_disabled(ports, admin, "administrator", disabled=True, reason="x")
    with pytest.raises(Refused, match="reason"):
        accounts.set_disabled(ports, admin, "reader.two", disabled=True)
    with pytest.raises(Refused, match="no user"):
        accounts.set_password(ports, admin, "nobody", "long enough")
    with pytest.raises(Refused, match="manager may not change"):
        accounts.set_disabled(ports, manager, "reader.two", disabled=True, reason="x")
    with pytest.raises(Refused, match="manager may not change"):
        accounts.set_password(ports, manager, "reader.two", "long enough")
