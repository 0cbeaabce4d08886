"""Accounts and logging in: one answer for every failure, growing waits, a lock after five (CR-01, CR-02)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.workflow.ports import Ports, Unit
from measure.case import RoleGrant, Trial, User
from measure.refusal import Refused
from measure.session import ADMINISTRATOR, NOBODY, ROLES, Session

TRIES = 5
WRONG = "Name or password is wrong."
LOCKED = "This name is locked. An administrator unlocks it."
TRAIL_READ = 2000  # newest rows of the workspace's trail looked through for the tries of a name
MINIMUM_LENGTH = 10


@dataclass(frozen=True)
class LoginRefused:
    """A login that failed: the line to show and the seconds until the next try."""

    line: str
    wait_s: int = 0


def _wait_s(failed: int) -> int:
    return 2**failed if failed else 0  # 2, 4, 8, 16 s, then locked


def _check(ports: Ports, name: str, password: str) -> User | LoginRefused:
    """Compare and count in one transaction each; the audit row says that, never why."""
    with ports.open_unit(NOBODY) as unit:
        found = unit.find(User, name=name)
        user = found[0] if found else None
        now = ports.now()
        if user is None:
            ports.passwords.hashed(password)  # an unknown name takes as long as a known one
            return _unknown(unit, name, now)
        if user.locked or user.disabled:
            unit.audit("log in", "user", name, new={"result": "refused, locked"}, chain="")
            unit.commit()
            return LoginRefused(LOCKED)
        if user.next_try_at and datetime.fromisoformat(user.next_try_at) > now:
            left = datetime.fromisoformat(user.next_try_at) - now
            return LoginRefused(f"Next try in {int(left.total_seconds()) + 1} s", int(left.total_seconds()) + 1)
        if not ports.passwords.fits(user.password_hash, password):
            failed = user.failed + 1
            wait = _wait_s(failed)
            locked = failed >= TRIES
            unit.change(user, failed=failed, locked=locked, next_try_at=(now + timedelta(seconds=wait)).isoformat())
            unit.audit(
                "log in",
                "user",
                name,
                new={"result": f"failed, {failed} of {TRIES}", "locked": locked},
                chain="",
            )
            unit.commit()
            if locked:
                return LoginRefused(LOCKED)
            return LoginRefused(WRONG, wait)
        if user.failed:
            user = unit.change(user, failed=0, next_try_at="")
            unit.audit("log in", "user", name, new={"failed tries": "cleared"}, chain="")
            unit.commit()
        return user


def _unknown(unit: Unit, name: str, now: datetime) -> LoginRefused:
    """Answer a name that is nobody's exactly as a known one: the trail remembers its tries."""
    rows = unit.audit_rows("", newest_first=True, limit=TRAIL_READ)
    tries = [r for r in rows if r["action"] == "log in" and r["object"] == "user" and r["which"] == name]
    failed = [r for r in tries if str(r["new"].get("result", "")).startswith("failed")]
    if len(failed) >= TRIES:
        unit.audit("log in", "user", name, new={"result": "refused, locked"}, chain="")
        unit.commit()
        return LoginRefused(LOCKED)
    if failed:
        due = datetime.fromisoformat(failed[0]["at"]) + timedelta(seconds=_wait_s(len(failed)))
        if due > now:
            left = int((due - now).total_seconds()) + 1
            return LoginRefused(f"Next try in {left} s", left)
    count = len(failed) + 1
    said = {"result": f"failed, {count} of {TRIES}", "known": False}
    unit.audit("log in", "user", name, new=said, chain="")
    unit.commit()
    return LoginRefused(LOCKED) if count >= TRIES else LoginRefused(WRONG, _wait_s(count))


def log_in(ports: Ports, name: str, password: str, trial_id: str, role: str = "") -> Session | LoginRefused:
    """Check name and password and open a session in a trial (administrators: in the workspace)."""
    user = _check(ports, name, password)
    if isinstance(user, LoginRefused):
        return user
    with ports.open_unit(replace(NOBODY, user_name=user.name)) as unit:
        grants = unit.find(RoleGrant, user_id=user.id)
        roles = [g.role for g in grants if g.trial_id in ("", trial_id) and (not role or g.role == role)]
        if not roles:
            return LoginRefused(WRONG)
        chosen = min(roles, key=ROLES.index)
        session = Session(user.id, user.name, user.printed_name, chosen, "" if chosen == ADMINISTRATOR else trial_id)
        unit.audit("log in", "user", name, new={"result": "logged in", "role": chosen}, chain=session.trial_id)
        unit.commit()
    return session


def log_out(ports: Ports, session: Session) -> None:
    """Note the end of a session."""
    with ports.open_unit(replace(NOBODY, user_name=session.user_name)) as unit:
        unit.audit("log out", "user", session.user_name, chain=session.trial_id)
        unit.commit()


def password_fits(ports: Ports, session: Session, password: str) -> LoginRefused | None:
    """Ask for the password again (signing, idle cover); failures count like those of the login."""
    answer = _check(ports, session.user_name, password)
    return answer if isinstance(answer, LoginRefused) else None


def add_user(ports: Ports, session: Session, name: str, printed_name: str, password: str) -> User:
    """Make an account; a name is used once, for ever."""
    if len(password) < MINIMUM_LENGTH and not ports.demo:
        raise Refused(f"The password of {name} is shorter than {MINIMUM_LENGTH} characters. Choose a longer one.")
    with ports.open_unit(session) as unit:
        if unit.find(User, name=name):
            raise Refused(f"The name {name} was given before. Names are never given twice; choose another.")
        user = User(str(uuid.uuid4()), name, printed_name, ports.passwords.hashed(password), created_at=unit.now())
        unit.add(user)
        unit.audit("add", "user", name, new={"printed name": printed_name}, chain="")
        unit.commit()
    return user


def grant_role(ports: Ports, session: Session, user_name: str, role: str, trial_id: str) -> None:
    """Give a role in a trial; an administrator's role is given in the workspace."""
    if role not in ROLES:
        raise Refused(f"There is no role {role!r}. Roles: {', '.join(ROLES)}.")
    with ports.open_unit(session) as unit:
        found = unit.find(User, name=user_name)
        if not found:
            raise Refused(f"There is no user {user_name!r}.")
        place = "" if role == ADMINISTRATOR else trial_id
        if unit.find(RoleGrant, user_id=found[0].id, trial_id=place, role=role):
            return
        unit.add(RoleGrant(str(uuid.uuid4()), found[0].id, place, role))
        unit.audit("grant", "role", user_name, new={"role": role}, chain=place)
        unit.commit()


def unlock(ports: Ports, session: Session, user_name: str) -> None:
    """Let a locked name try again."""
    with ports.open_unit(session) as unit:
        found = unit.find(User, name=user_name)
        if not found:
            raise Refused(f"There is no user {user_name!r}.")
        unit.change(found[0], locked=False, failed=0, next_try_at="")
        unit.audit("unlock", "user", user_name, chain="")
        unit.commit()


def trials_to_log_in(ports: Ports) -> list[Trial]:
    """The trials of the workspace, for the login window."""
    with ports.open_unit(NOBODY) as unit:
        return sorted(unit.find(Trial), key=lambda trial: trial.name)


@dataclass(frozen=True)
class Account:
    """One account as the administrator sees it: its state and its roles as (trial name, role)."""

    user_id: str
    name: str
    printed_name: str
    state: str
    failed: int
    created_at: str
    roles: tuple[tuple[str, str], ...]


def account_list(ports: Ports, session: Session) -> list[Account]:
    """Every account of the workspace by name."""
    with ports.open_unit(session) as unit:
        trials = {t.id: t.name for t in unit.find(Trial)}
        grants = unit.find(RoleGrant)
        users = unit.find(User)
    found = []
    for user in sorted(users, key=lambda u: u.name):
        roles = [(trials.get(g.trial_id, "workspace"), g.role) for g in grants if g.user_id == user.id]
        state = "disabled" if user.disabled else "locked" if user.locked else "active"
        found.append(
            Account(
                user.id,
                user.name,
                user.printed_name,
                state,
                user.failed,
                user.created_at,
                tuple(sorted(roles)),
            )
        )
    return found


def set_disabled(ports: Ports, session: Session, user_name: str, *, disabled: bool, reason: str = "") -> None:
    """Close an account for logging in, or open it again; accounts are never deleted."""
    if user_name == session.user_name:
        raise Refused("Nobody closes the account in use. Another administrator does it.")
    if disabled and not reason.strip():
        raise Refused("Give the reason.")
    with ports.open_unit(session) as unit:
        found = unit.find(User, name=user_name)
        if not found:
            raise Refused(f"There is no user {user_name!r}.")
        unit.change(found[0], disabled=disabled)
        unit.audit(
            "disable" if disabled else "enable",
            "user",
            user_name,
            old={"disabled": found[0].disabled},
            new={"disabled": disabled},
            reason=reason.strip(),
            chain="",
        )
        unit.commit()


def set_password(ports: Ports, session: Session, user_name: str, password: str) -> None:
    """Give an account a new password; failed tries and a lock are cleared with it."""
    if len(password) < MINIMUM_LENGTH and not ports.demo:
        raise Refused(f"The password of {user_name} is shorter than {MINIMUM_LENGTH} characters. Choose a longer one.")
    if not password:
        raise Refused("An empty password is none.")
    with ports.open_unit(session) as unit:
        found = unit.find(User, name=user_name)
        if not found:
            raise Refused(f"There is no user {user_name!r}.")
        unit.change(found[0], password_hash=ports.passwords.hashed(password), failed=0, locked=False, next_try_at="")
        unit.audit("set password", "user", user_name, chain="")
        unit.commit()
