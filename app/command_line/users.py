"""`coread users`: accounts of the workspace, made and unlocked by its administrator."""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING

from measure.refusal import Refused
from measure.session import ADMINISTRATOR, ROLES

if TYPE_CHECKING:
    from app.command_line.session import Opened

# action: (words after it, what it does)
ACTIONS = {
    "list": ("", "every account with its roles"),
    "add": ("NAME", "a new account (its password: COREAD_NEW_PASSWORD or a prompt)"),
    "grant": ("NAME ROLE", "a role, in --trial or in the whole workspace"),
    "unlock": ("NAME", "let a locked name try again"),
    "disable": ("NAME", "close an account for good reason (--reason); it is never deleted"),
    "enable": ("NAME", "open it again"),
    "first": ("NAME", "make a new workspace with its administrator; needs no account"),
}


def arguments(parser: argparse.ArgumentParser) -> None:
    """An action and its words."""
    told = "; ".join(f"{name} {words}: {text}".replace(" :", ":") for name, (words, text) in ACTIONS.items())
    parser.add_argument("action", choices=tuple(ACTIONS), help=told)
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--printed-name", metavar="TEXT", default="", help="as signatures carry it")
    parser.add_argument("--reason", metavar="TEXT", default="", help="why an account is disabled or enabled")
    parser.add_argument("--trial", metavar="T", default="", help="trial of the role")


def run(args: argparse.Namespace) -> int:
    """Carry out one action. Raises Refused."""
    expected = ACTIONS[args.action][0].split()
    if len(args.words) != len(expected):
        raise Refused(f"coread users {args.action}: expected {' '.join(expected) or 'nothing more'}.")
    if args.action == "first":
        return _first(args)
    from app.command_line.session import logged_in

    with logged_in(args, (ADMINISTRATOR,), trial=None) as opened:
        return _ACTS[args.action](args, opened)


def _said(args: argparse.Namespace, line: str, **facts: object) -> int:
    if args.json:
        print(json.dumps(facts, ensure_ascii=False))
    elif not args.quiet:
        print(line)
    return 0


def _first(args: argparse.Namespace) -> int:
    from app.command_line.session import folder_of, password_from
    from app.joined import ports_of
    from app.version import PROGRAM
    from app.workflow import accounts
    from measure.session import NOBODY
    from storage.database.workspace import create_workspace, exists

    folder = folder_of(args)
    if exists(folder):
        raise Refused(f"{folder} already holds a workspace; its administrator makes the accounts.")
    name = args.words[0]
    password = password_from("COREAD_NEW_PASSWORD", f"New password of {name}")
    if len(password) < accounts.MINIMUM_LENGTH:
        least = accounts.MINIMUM_LENGTH
        raise Refused(f"The password of {name} is shorter than {least} characters. Choose a longer one.")
    workspace = create_workspace(folder, demo=False, program=PROGRAM)
    try:
        ports = ports_of(workspace)
        accounts.add_user(ports, NOBODY, name, args.printed_name or name, password)
        accounts.grant_role(ports, NOBODY, name, ADMINISTRATOR, "")
    finally:
        workspace.close()
    return _said(args, f"{folder}: new workspace, administrator {name}", workspace=str(folder), name=name)


def _add(args: argparse.Namespace, opened: Opened) -> int:
    from app.command_line.session import password_from
    from app.workflow.accounts import add_user

    name = args.words[0]
    password = password_from("COREAD_NEW_PASSWORD", f"New password of {name}")
    add_user(opened.ports, opened.session, name, args.printed_name or name, password)
    return _said(args, f"{name} added", name=name)


def _grant(args: argparse.Namespace, opened: Opened) -> int:
    from app.command_line.session import trial_named
    from app.workflow.accounts import grant_role

    name, role = args.words
    if role not in ROLES:
        raise Refused(f"There is no role {role!r}. Roles: {', '.join(ROLES)}.")
    trial = trial_named(opened.ports, args.trial) if args.trial else None
    grant_role(opened.ports, opened.session, name, role, trial.id if trial else "")
    place = trial.name if trial else "the whole workspace"
    return _said(args, f"{name} is {role} in {place}", name=name, role=role, trial=trial.name if trial else "")


def _unlock(args: argparse.Namespace, opened: Opened) -> int:
    from app.workflow.accounts import unlock

    unlock(opened.ports, opened.session, args.words[0])
    return _said(args, f"{args.words[0]} unlocked", name=args.words[0])


def _close(args: argparse.Namespace, opened: Opened) -> int:
    from app.workflow.accounts import set_disabled

    name, disabled = args.words[0], args.action == "disable"
    set_disabled(opened.ports, opened.session, name, disabled=disabled, reason=args.reason)
    return _said(args, f"{name} {args.action}d", name=name, disabled=disabled)


def _list(args: argparse.Namespace, opened: Opened) -> int:
    from measure.case import RoleGrant, Trial, User

    with opened.ports.open_unit(opened.session) as unit:
        trials = {t.id: t.name for t in unit.find(Trial)}
        grants = unit.find(RoleGrant)
        users = sorted(unit.find(User), key=lambda user: user.name)
    rows = [
        {
            "name": user.name,
            "printed_name": user.printed_name,
            "locked": user.locked,
            "disabled": user.disabled,
            "roles": sorted([trials.get(g.trial_id, ""), g.role] for g in grants if g.user_id == user.id),
        }
        for user in users
    ]
    if args.json:
        print(json.dumps({"users": rows}, ensure_ascii=False))
        return 0
    for row, user in zip(rows, users, strict=True):
        roles = ", ".join(f"{g.role} ({trials.get(g.trial_id, 'workspace')})" for g in grants if g.user_id == user.id)
        state = " locked" * user.locked + " disabled" * user.disabled
        print(f"{row['name']:<20}{row['printed_name']:<26}{roles}{state}")
    return 0


_ACTS = {"list": _list, "add": _add, "grant": _grant, "unlock": _unlock, "disable": _close, "enable": _close}
