"""Blinding is a property of the queries: what a role may not see is not loaded, whoever asks and however."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from app.workflow import compare_reads
from measure import case, read
from measure.case import Subject, Timepoint, Zone
from measure.read import Adjudication, Comparison, Finding, Read, ReadTimepoint
from measure.refusal import Refused
from measure.session import (
    ADJUDICATOR,
    ADMINISTRATOR,
    INSPECTOR,
    LEAD,
    MANAGER,
    NOBODY,
    READER,
    ROLES,
    SYSTEM,
    Session,
)
from storage.database import visibility
from storage.database.tables import TABLES
from tests.build.bare_workspace import bare_workspace
from tests.build.scripted_read import sign_now
from tests.build.workspace import Small

CANARY = "CANARY-7f3a"
NEVER = (
    case.Procedure,
    case.ImportTable,
    case.ImageCheck,
    case.RoleGrant,
    case.ExportRecord,
    read.Adjudication,
)
# Texts of the case side that are meant for the reader's eye: neutral names, organs, hanging, a question.
MEANT = {
    case.Trial: ("id", "name", "title", "created_at"),
    case.ProtocolVersion: ("id", "trial_id", "text", "sha256", "created_at"),
    case.User: ("id", "name", "printed_name", "next_try_at", "created_at"),
    case.Subject: ("id", "trial_id", "reading_code"),
    case.Timepoint: ("id", "subject_id", "state", "reader_name"),
    case.SeriesRecord: (
        "id", "timepoint_id", "uid", "modality", "name", "hang_as", "thickness_mm", "why_not",
        "frame_of_reference", "manifest",
    ),
    case.Instance: ("id", "series_id", "sop_uid", "sha256_original", "sha256_stored"),
    case.Zone: ("id", "subject_id", "label", "organ", "site", "series_uid", "first_timepoint_id"),
    case.Assignment: ("id", "subject_id", "user_id", "label", "at", "order_key", "due_date"),
    case.Query: (
        "id", "subject_id", "timepoint_id", "about", "text", "to_user_id", "opened_by", "opened_at", "state",
        "answer", "answered_at",
    ),
    case.Correction: (
        "id", "read_timepoint_id", "asked_by", "asked_at", "category", "reason", "state", "decided_by",
        "decided_at", "decision_reason",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """Case one: reader one has signed two of three time points, reader two one. Case two: all, parted."""
    small = bare_workspace(tmp_path_factory.mktemp("blind"), numbers=("01-001", "02-002"))
    one, two = (small.subject(n).id for n in ("01-001", "02-002"))
    ports, who = small.ports, small.sessions
    for reader, case_id, sizes in (
        ("reader.one", one, (20, 22)),
        ("reader.two", one, (21,)),
        ("reader.one", two, (20, 20, 20)),
        ("reader.two", two, (20, 40, 60)),
    ):
        for size in sizes:
            sign_now(ports, who[reader], case_id, float(size))
    assert compare_reads.close_reading(ports, who["manager"], two) == case.ADJUDICATION_OPEN
    with ports.open_unit(NOBODY) as unit:
        other = case.Trial("t2", "other", "Other", False, CANARY, "")
        foreign = Subject("s2", "t2", CANARY, CANARY, "ZZZ-999")
        first = Timepoint("tp2", "s2", "BL", "2026-01-01", case.RELEASED, 0, 0, "baseline")
        for record in (other, foreign, first):
            unit.add(record)
        unit.audit("add", "trial", "other", chain="t2")
        unit.commit()
    return small


def _loadable(small: Small, session: Session) -> dict[type, list[Any]]:
    seen: dict[type, list[Any]] = {}
    with small.ports.open_unit(session) as unit:
        for kind in TABLES:
            try:
                seen[kind] = unit.find(kind)
            except Refused as refused:
                assert "may not see this" in str(refused)  # noqa: PT017 -- the kinds refused are checked by the test
    return seen


def _text(rows: dict[type, list[Any]]) -> str:
    return json.dumps([[dataclasses.asdict(r) for r in found] for found in rows.values()], default=repr)


def test_each_role_loads_these_classes_and_no_other(small: Small) -> None:
    everything = set(TABLES)
    account = {case.User, case.RoleGrant, case.Trial}
    expected = {
        READER: everything - {*NEVER, Comparison},
        ADJUDICATOR: everything - ({*NEVER, case.Query, case.Correction} - {Adjudication}),
        MANAGER: everything,
        LEAD: everything,
        INSPECTOR: everything,
        ADMINISTRATOR: account,
    }
    names = ("reader.one", "adjudicator", "manager", "medical.lead", "inspector", "administrator")
    got = {small.sessions[name].role: set(_loadable(small, small.sessions[name])) for name in names}
    assert got == expected
    assert set(ROLES) == set(got)


def test_a_reader_gets_own_rows_alone(small: Small) -> None:
    for name, other in (("reader.one", "reader.two"), ("reader.two", "reader.one")):
        me, them = small.sessions[name], small.sessions[other]
        mine, theirs = _loadable(small, me), _loadable(small, them)
        assert {r.user_id for r in mine[Read]} == {me.user_id}
        assert {s.user_id for s in mine[read.Signature]} == {me.user_id}
        for kind in (*visibility._READ_ROWS, Read, ReadTimepoint, case.Assignment):
            assert mine[kind], kind
            assert not {r.id for r in mine[kind]} & {r.id for r in theirs[kind]}, kind
        text = _text(mine)
        assert them.user_id not in text
        assert them.printed_name not in text


def test_asking_by_another_readers_ids_finds_nothing(small: Small) -> None:
    theirs = _loadable(small, small.sessions["reader.two"])
    with small.ports.open_unit(small.sessions["reader.one"]) as unit:
        for kind in (*visibility._READ_ROWS, Read, ReadTimepoint, read.Signature):
            assert unit.find(kind, id=[r.id for r in theirs[kind]]) == []
            with pytest.raises(Refused, match="There is no such"):
                unit.get(kind, theirs[kind][0].id)
        assert unit.find(Read, user_id=small.sessions["reader.two"].user_id) == []


def test_time_points_come_one_by_one(small: Small) -> None:
    due = {"reader.one": 3, "reader.two": 2}
    subject, released = small.subject("01-001"), small.timepoints("01-001")
    for name, count in due.items():
        later = [t for t in released.values() if t.ordinal >= count]
        assert len(later) == 3 - count
        with small.ports.open_unit(small.sessions[name]) as unit:
            points = unit.find(Timepoint, subject_id=subject.id)
            assert [p.ordinal for p in points] == list(range(count))
            for point in later:
                assert unit.find(case.SeriesRecord, timepoint_id=point.id) == []
                with pytest.raises(Refused, match="There is no such"):
                    unit.get(Timepoint, point.id)
        rows = _loadable(small, small.sessions[name])
        assert not {p.id for p in later} & set(_text(rows).replace('"', " ").split())


def test_a_zone_appears_with_the_first_scan_after_its_treatment(small: Small) -> None:
    numbers = ("01-001",)
    fresh = small.subject(numbers[0])
    with small.ports.open_unit(NOBODY) as unit:
        zone = unit.find(Zone, subject_id=fresh.id)[0]
    point = small.timepoints("01-001")["W8"]
    assert zone.first_timepoint_id == point.id
    for name in ("reader.one", "reader.two"):  # both have signed baseline: day 56 is due
        with small.ports.open_unit(small.sessions[name]) as unit:
            assert [z.procedure_id for z in unit.find(Zone, subject_id=fresh.id)] == [""]


def test_before_that_scan_the_zone_is_not_there(tmp_path_factory: pytest.TempPathFactory) -> None:
    fresh = bare_workspace(tmp_path_factory.mktemp("zone"))
    with fresh.ports.open_unit(fresh.sessions["reader.one"]) as unit:
        assert len(unit.find(Timepoint)) == 1
        assert unit.find(Zone) == []
        with pytest.raises(Refused, match="may not see"):
            unit.find(case.Procedure)


@pytest.mark.parametrize("name", ["reader.one", "reader.two", "adjudicator"])
def test_blinded_sessions_get_no_number_site_date_visit_or_technique(small: Small, name: str) -> None:
    rows = _loadable(small, small.sessions[name])
    rows.pop(case.ProtocolVersion)  # the trial's rules name techniques and visits, of no case
    text = _text(rows)
    with small.ports.open_unit(NOBODY) as unit:
        dates = {t.scan_date for t in unit.find(Timepoint)} | {p.date for p in unit.find(case.Procedure)}
    for hidden in ("01-001", "02-002", "site-of-", "remark-", "W8", "W16", "MWA", "verum", *dates):
        assert hidden not in text, hidden
    assert not {p.visit or p.scan_date for p in rows[Timepoint]} - {""}
    assert not any(u.password_hash for u in rows[case.User])


@pytest.mark.parametrize(
    ("kind", "by"),
    [(Subject, {"number": "01-001"}), (Timepoint, {"scan_date": "2026-01-12"}), (Timepoint, {"visit": "BL"})],
    ids=["number", "date", "visit"],
)
def test_what_comes_empty_cannot_be_guessed_by_asking(small: Small, kind: type, by: dict[str, str]) -> None:
    for name in ("reader.one", "adjudicator"):
        with (
            small.ports.open_unit(small.sessions[name]) as unit,
            pytest.raises(Refused, match="may not ask by"),
        ):
            unit.find(kind, **by)


def test_the_order_of_rows_says_nothing_of_the_number(small: Small) -> None:
    with small.ports.open_unit(small.sessions["reader.one"]) as unit:
        found = [s.id for s in unit.find(Subject)]
    assert found == sorted(found)


def test_no_case_side_text_reaches_a_reader_unless_it_is_meant_to(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    small = bare_workspace(tmp_path_factory.mktemp("canary"))
    subject = small.subject("01-001").id
    sign_now(small.ports, small.sessions["reader.one"], subject, 20.0)
    planted = _plant(small)
    assert planted > 25
    rows = _loadable(small, small.sessions["reader.one"])
    assert rows[Subject]
    assert rows[Zone]
    assert CANARY not in _text(rows)
    assert CANARY in _text(_loadable(small, small.sessions["manager"]))


def _plant(small: Small) -> int:
    """Write the canary into every text of the case side that no reader is meant to see; how many columns."""
    import sqlalchemy as sa

    with small.ports.open_unit(NOBODY) as unit:
        timepoint = unit.find(Timepoint)[0]
        unit.add(case.ImageCheck("c", timepoint.id, "Geometry", "", "answered", "", ""))
        unit.add(case.ExportRecord("e", small.sessions["manager"].trial_id, "", "", True, {}))
        unit.audit("add", "rows", "of the test")
        unit.commit()
    planted = 0
    kinds = [kind for kind in TABLES if kind.__module__ == "measure.case"]
    with small.workspace.engine.begin() as connection:
        for kind in kinds:
            table = TABLES[kind]
            for column in table.c:
                if not isinstance(column.type, sa.Text) or column.name in MEANT.get(kind, ()):
                    continue
                if column.foreign_keys or column.primary_key or column.name in ("role", "trial_id"):
                    continue
                text = sa.literal(CANARY + "-") + sa.cast(table.c.id, sa.Text)
                connection.execute(sa.update(table).values({column.name: text}))
                planted += 1
    return planted


def test_an_adjudicator_sees_two_sides_and_not_who_made_them(small: Small) -> None:
    rows = _loadable(small, small.sessions["adjudicator"])
    adjudication = rows[Adjudication][0]
    sides = {adjudication.side_a_read_id, adjudication.side_b_read_id}
    assert {r.id for r in rows[Read]} == sides
    assert {(r.user_id, r.label, r.created_at) for r in rows[Read]} == {("", "", "")}
    assert {s.number for s in rows[Subject]} == {""}
    text = _text(rows)
    for name in ("reader.one", "reader.two"):
        session = small.sessions[name]
        for hidden in (session.user_id, session.user_name, session.printed_name, '"R1"', '"R2"'):
            assert hidden not in text, hidden
    assert {f.at for f in rows[Finding]} == {""}


def test_the_compared_values_stand_in_an_order_that_says_nothing(small: Small) -> None:
    with small.ports.open_unit(NOBODY) as unit:
        told = unit.find(Comparison)[0]
    hidden = _loadable(small, small.sessions["adjudicator"])[Comparison][0]
    assert (hidden.read_1_id, hidden.read_2_id) == ("", "")
    for plain, neutral in zip(told.rows, hidden.rows, strict=True):
        assert neutral["read_1"] <= neutral["read_2"]
        values = {plain["read_1"]: plain["value_1"], plain["read_2"]: plain["value_2"]}
        assert values == {neutral["read_1"]: neutral["value_1"], neutral["read_2"]: neutral["value_2"]}


def test_an_adjudicator_sees_nothing_of_cases_that_wait_for_no_choice(small: Small) -> None:
    rows = _loadable(small, small.sessions["adjudicator"])
    assert [s.id for s in rows[Subject]] == [small.subject("02-002").id]
    assert {t.subject_id for t in rows[Timepoint]} == {small.subject("02-002").id}


@pytest.mark.parametrize("name", ["manager", "medical.lead", "inspector"])
def test_who_sees_a_trial_whole_sees_that_trial_alone(small: Small, name: str) -> None:
    session = small.sessions[name]
    rows = _loadable(small, session)
    assert {t.id for t in rows[case.Trial]} == {session.trial_id}
    assert CANARY not in _text(rows)
    whole = _loadable(small, NOBODY)
    assert len(rows[Finding]) == len(whole[Finding]) > 0
    assert len(rows[read.Signature]) == len(whole[read.Signature]) > 0
    with small.ports.open_unit(session) as unit:
        assert unit.audit_rows(session.trial_id)
        with pytest.raises(Refused, match="may not see this audit trail"):
            unit.audit_rows("t2")


@pytest.mark.parametrize("name", ["reader.one", "adjudicator", "administrator"])
def test_the_audit_trail_is_closed_to_blinded_roles_and_to_accounts(small: Small, name: str) -> None:
    with small.ports.open_unit(small.sessions[name]) as unit, pytest.raises(Refused, match="audit trail"):
        unit.audit_rows(small.sessions["manager"].trial_id)


def test_every_role_has_its_rules_masks_and_writes() -> None:
    for table in (visibility.RULES, visibility.MASKED, visibility.WRITES):
        assert set(table) == {*ROLES, SYSTEM}
    for role, masks in visibility.MASKED.items():
        for kind, names in masks.items():
            assert set(names) <= {f.name for f in dataclasses.fields(kind)}, (role, kind)
    for kind in TABLES:  # a class added to the model must be thought of for the trial's people, too
        assert kind in visibility.RULES[MANAGER], kind
