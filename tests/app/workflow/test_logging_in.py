"""Wrong passwords: the same answer for every name, longer waits, a lock after five, and its key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from app.workflow import accounts
from app.workflow.accounts import LoginRefused
from app.workflow.demo_accounts import PASSWORD
from measure.refusal import Refused
from measure.session import Session
from tests.build.bare_workspace import bare_workspace
from tests.build.workspace import Small

LOCKED = "This name is locked. An administrator unlocks it."


class Clock:
    """A clock that stands until the test moves it."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 4, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def small(tmp_path: Path, clock: Clock) -> Small:
    return bare_workspace(tmp_path, numbers=(), now=clock)


def _try(small: Small, name: str, password: str) -> Session | LoginRefused:
    return accounts.log_in(small.ports, name, password, small.sessions["manager"].trial_id)


def _refused(small: Small, name: str, password: str = "wrong") -> LoginRefused:  # noqa: S107
    answer = _try(small, name, password)
    assert isinstance(answer, LoginRefused)
    return answer


@pytest.mark.parametrize("name", ["reader.one", "nobody.here"])
def test_waits_grow_and_the_fifth_wrong_password_locks(small: Small, clock: Clock, name: str) -> None:
    waits = []
    for _ in range(4):
        answer = _refused(small, name)
        assert answer.line == "Name or password is wrong."
        waits.append(answer.wait_s)
        early = _refused(small, name, PASSWORD)
        assert early.line == f"Next try in {early.wait_s} s"
        clock.at += timedelta(seconds=answer.wait_s)
    assert waits == [2, 4, 8, 16]
    assert _refused(small, name).line == LOCKED
    clock.at += timedelta(days=1)
    assert _refused(small, name, PASSWORD).line == LOCKED


def test_the_administrator_unlocks_and_nobody_else(small: Small, clock: Clock) -> None:
    for _ in range(5):
        clock.at += timedelta(seconds=_refused(small, "reader.one").wait_s)
    with pytest.raises(Refused, match=r"no user|may not"):
        accounts.unlock(small.ports, small.sessions["reader.two"], "reader.one")
    accounts.unlock(small.ports, small.sessions["administrator"], "reader.one")
    assert isinstance(_try(small, "reader.one", PASSWORD), Session)
    assert _refused(small, "reader.one").wait_s == 2


def test_the_right_password_clears_the_count(small: Small, clock: Clock) -> None:
    clock.at += timedelta(seconds=_refused(small, "reader.one").wait_s)
    assert isinstance(_try(small, "reader.one", PASSWORD), Session)
    assert _refused(small, "reader.one").wait_s == 2


def test_failed_tries_and_locks_are_in_the_trail(small: Small, clock: Clock) -> None:
    for _ in range(5):
        clock.at += timedelta(seconds=_refused(small, "reader.one").wait_s)
    with small.ports.open_unit(small.sessions["inspector"]) as unit:
        rows = [r for r in unit.audit_rows("") if r["which"] == "reader.one" and r["action"] == "log in"]
    assert [row["new"]["result"] for row in rows] == [f"failed, {k} of 5" for k in range(1, 6)]
    assert [row["new"]["locked"] for row in rows] == [False] * 4 + [True]
    assert all("wrong" not in str(row) for row in rows)


def test_a_name_is_given_once_and_a_password_is_kept_as_a_slow_hash(small: Small) -> None:
    administrator = small.sessions["administrator"]
    with pytest.raises(Refused, match="never given twice"):
        accounts.add_user(small.ports, administrator, "reader.one", "Somebody Else", "a long password")
    from measure.case import User
    from measure.session import NOBODY

    with small.ports.open_unit(NOBODY) as unit:
        hashes = [user.password_hash for user in unit.find(User)]
    assert all(h.startswith("$argon2id$") for h in hashes)
    assert len(set(hashes)) == len(hashes)


def test_nobody_but_the_administrator_makes_accounts(small: Small) -> None:
    for name in ("reader.one", "adjudicator", "manager", "medical.lead", "inspector"):
        with pytest.raises(Refused, match="may not"):
            accounts.add_user(small.ports, small.sessions[name], "new.name", "New Name", "a long password")
