"""One unit of work: the change and its audit row together, by those who may, or nothing at all."""

from __future__ import annotations

import dataclasses
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.workflow import draw_lesion
from app.workflow.reading import Reading, open_case, reload
from measure.case import Assignment, RoleGrant, Subject, Timepoint, Trial, User
from measure.read import Finding, Lesion, Read, ReadTimepoint, SlicesSeen
from measure.refusal import Refused
from measure.session import NOBODY, ROLES, SYSTEM, Session
from storage.database import visibility
from storage.database.tables import TABLES
from tests.build.bare_workspace import bare_workspace
from tests.build.scripted_read import drawn
from tests.build.workspace import Small

START = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)


class Clock:
    """A clock that the test sets."""

    def __init__(self) -> None:
        self.at = START

    def __call__(self) -> datetime:
        self.at += timedelta(milliseconds=1)
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def small(tmp_path: Path, clock: Clock) -> Small:
    return bare_workspace(tmp_path, now=clock, days=(0, 56))


def _opened(small: Small, name: str = "reader.one") -> Reading:
    reading = open_case(small.ports, small.sessions[name], small.subject("01-001").id)
    assert reading is not None
    return reading


def _remarked(small: Small) -> Subject:
    subject = small.subject("01-001")
    return dataclasses.replace(subject, id=str(uuid.uuid4()), number="01-009", reading_code="XXX-000")


def test_a_change_without_its_audit_row_is_not_committed(small: Small) -> None:
    remarked = _remarked(small)
    with small.ports.open_unit(small.sessions["manager"]) as unit:
        unit.add(remarked)
        with pytest.raises(RuntimeError, match="without an audit row"):
            unit.commit()
    with small.ports.open_unit(small.sessions["manager"]) as unit:
        assert not unit.find(Subject, number="01-009")


def test_an_audit_row_covers_what_came_before_it_only(small: Small) -> None:
    remarked = _remarked(small)
    with small.ports.open_unit(small.sessions["manager"]) as unit:
        unit.audit("add", "subject", "01-009")
        unit.add(remarked)
        with pytest.raises(RuntimeError, match="without an audit row"):
            unit.commit()


def test_what_is_not_committed_leaves_no_trace(small: Small) -> None:
    manager, remarked = small.sessions["manager"], _remarked(small)
    with small.ports.open_unit(manager) as unit:
        before = unit.audit_rows(manager.trial_id)
        unit.add(remarked)
        unit.audit("add", "subject", "01-009")
    with small.ports.open_unit(manager) as unit:
        assert not unit.find(Subject, number="01-009")
        assert unit.audit_rows(manager.trial_id) == before


def test_a_step_that_fails_half_way_leaves_no_trace(small: Small, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, reader = _opened(small), small.sessions["reader.one"]
    from storage.database import unit as module

    def broken(_: object) -> str:
        raise OSError("the machine stops here")

    one = drawn(small.ports, reader, reading, 20.0)
    with monkeypatch.context() as patch:
        patch.setattr(module, "row_hash", broken)
        with pytest.raises(OSError, match="stops here"):
            draw_lesion.add_lesion(small.ports, reader, reading, one, role="target", organ="liver")
    assert reload(small.ports, reader, reading) == reading


def test_the_clock_set_back_is_refused_and_small_steps_are_not(small: Small, clock: Clock) -> None:
    reading, reader = _opened(small), small.sessions["reader.one"]
    one = drawn(small.ports, reader, reading, 20.0)
    clock.at -= timedelta(hours=1)
    with pytest.raises(Refused, match="The clock stands before the last audit row"):
        draw_lesion.add_lesion(small.ports, reader, reading, one, role="target", organ="liver")
    assert not reload(small.ports, reader, reading).lesions
    clock.at += timedelta(hours=1) - timedelta(seconds=1)
    draw_lesion.add_lesion(small.ports, reader, reading, one, role="target", organ="liver")
    assert len(reload(small.ports, reader, reading).lesions) == 1


def test_a_unit_that_is_not_open_does_nothing(small: Small) -> None:
    unit = small.workspace.unit(NOBODY)
    with pytest.raises(RuntimeError, match="not open"):
        unit.find(Trial)


@pytest.mark.parametrize("role", ROLES)
def test_every_role_writes_exactly_the_classes_it_is_given(small: Small, role: str) -> None:
    session = Session("nobody", "nobody", "Nobody", role, small.sessions["manager"].trial_id)
    for kind, table in TABLES.items():
        names = [field.name for field in dataclasses.fields(kind)]
        record = kind(**dict.fromkeys(names, ""))
        with small.ports.open_unit(session) as unit:
            if kind in visibility.WRITES[role]:
                continue
            with pytest.raises(Refused, match=f"A {role} may not change this \\({table.name}\\)"):
                unit.add(record)
            with pytest.raises(Refused, match="may not change"):
                unit.change(record, **{names[1]: "planted"})


def test_nobody_but_readers_and_the_program_writes_what_a_reader_records() -> None:
    for role, kinds in visibility.WRITES.items():
        if role not in ("reader", SYSTEM):
            assert not {Read, ReadTimepoint, Lesion, Finding} & set(kinds), role
    assert visibility.WRITES["inspector"] == ()


def test_a_reader_writes_nothing_into_another_readers_read(small: Small) -> None:
    _opened(small, "reader.one")
    theirs = _opened(small, "reader.two")
    one = small.sessions["reader.one"]
    rtp = theirs.now.read_timepoint
    finding = Finding("f1", rtp.id, "l1", 1, "absent")
    seen = SlicesSeen("s1", rtp.id, theirs.now.series[0].uid, "ff")
    another = Read(str(uuid.uuid4()), theirs.subject.id, theirs.read.user_id, "R2", version=2)
    with small.ports.open_unit(one) as unit:
        with pytest.raises(Refused, match="not open for you"):
            unit.add(finding)
        with pytest.raises(Refused, match="not open for you"):
            unit.keep_view(seen)
        with pytest.raises(Refused, match="nothing was changed"):
            unit.change(rtp, state="signed")
        with pytest.raises(Refused, match="nothing was changed"):
            unit.add(another)
    assert reload(small.ports, small.sessions["reader.two"], theirs) == theirs


def test_a_reader_opens_no_time_point_before_its_turn(small: Small) -> None:
    reading = _opened(small)
    later = small.timepoints("01-001")["W8"]
    with small.ports.open_unit(small.sessions["reader.one"]) as unit:
        with pytest.raises(Refused, match="no such timepoint"):
            unit.get(Timepoint, later.id)
        with pytest.raises(Refused, match="nothing was changed"):
            unit.add(ReadTimepoint(str(uuid.uuid4()), reading.read.id, later.id))


def test_many_records_are_each_checked(small: Small) -> None:
    reading, theirs = _opened(small), _opened(small, "reader.two")
    own, other = reading.now.read_timepoint.id, theirs.now.read_timepoint.id
    both = [Finding("f1", own, "l1", 1, "absent"), Finding("f2", other, "l1", 1, "absent")]
    unit = small.ports.open_unit(small.sessions["reader.one"])
    with unit, pytest.raises(Refused, match="not open for you"):
        unit.add_all(both)


def test_a_manager_of_one_trial_changes_nothing_of_another(small: Small) -> None:
    with small.ports.open_unit(NOBODY) as unit:
        unit.add(Trial("t2", "other", "Other", False, "", ""))
        unit.add(Subject("s2", "t2", "77-001", "77", "ZZZ-999"))
        unit.audit("add", "trial", "other")
        unit.commit()
        theirs = unit.get(Subject, "s2")
    with small.ports.open_unit(small.sessions["manager"]) as unit:
        assert not unit.find(Subject, number="77-001")
        with pytest.raises(Refused, match="nothing was changed"):
            unit.change(theirs, site="planted")


def test_view_state_alone_goes_without_an_audit_row(small: Small) -> None:
    reading, reader = _opened(small), small.sessions["reader.one"]
    with small.ports.open_unit(reader) as unit:
        with pytest.raises(RuntimeError, match="needs its audit row"):
            unit.keep_view(Finding("f1", reading.now.read_timepoint.id, "l1", 1, "absent"))
        unit.keep_view(SlicesSeen("s1", reading.now.read_timepoint.id, reading.now.series[0].uid, "f"))
        unit.commit()
    assert reload(small.ports, reader, reading).seen == {reading.now.series[0].uid: "f"}


def test_accounts_are_the_administrators(small: Small) -> None:
    with small.ports.open_unit(small.sessions["administrator"]) as unit:
        assert len(unit.find(User)) == 7
        assert not any(user.password_hash for user in unit.find(User))
        assert unit.find(RoleGrant)
        for kind in (Subject, Assignment, Read):
            with pytest.raises(Refused, match="may not see"):
                unit.find(kind)
