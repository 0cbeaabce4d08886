"""The account behind a workspace command: the workspace opened, a person logged in, the trial found."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from measure.refusal import Refused
from measure.session import Session

if TYPE_CHECKING:
    from app.workflow.ports import Ports
    from measure.case import Trial
    from storage.database.workspace import Workspace


@dataclass(frozen=True)
class Opened:
    """An open workspace, the workflow's ports on it, and who is logged in."""

    workspace: Workspace
    ports: Ports
    session: Session


def folder_of(args: argparse.Namespace) -> Path:
    """The workspace named by `--workspace`, COREAD_WORKSPACE or the user's data folder."""
    from storage.places import default_workspace

    return Path(args.workspace) if args.workspace else default_workspace()


def password_from(variable: str, words: str) -> str:
    """The password in an environment variable, else asked for on the terminal. Refused without both."""
    given = os.environ.get(variable)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise Refused(f"{words}: set {variable}, or start the command on a terminal.")
    from getpass import getpass

    return getpass(f"{words}: ")


def trial_named(ports: Ports, name: str) -> Trial:
    """A trial by its name; with no name, the only one. Raises Refused with the names there are."""
    from app.workflow.accounts import trials_to_log_in

    trials = trials_to_log_in(ports)
    found = [t for t in trials if t.name == name] if name else trials
    if len(found) == 1:
        return found[0]
    there = ", ".join(t.name for t in trials) or "none yet"
    if name:
        raise Refused(f"There is no trial {name!r} in this workspace. Trials: {there}.")
    raise Refused(f"Name the trial with --trial. Trials of this workspace: {there}.")


@contextmanager
def logged_in(args: argparse.Namespace, roles: Sequence[str], *, trial: str | None = "") -> Iterator[Opened]:
    """Open the workspace and log in as one of the roles; logs out at the end.

    trial: a trial's name, empty for the only one, None for the workspace itself. Raises Refused.
    """
    from app.joined import ports_of
    from app.version import PROGRAM
    from app.workflow.accounts import log_out
    from storage.database.workspace import open_workspace

    if not args.user:
        raise Refused("Name your account with --user NAME.")
    workspace = open_workspace(folder_of(args), program=PROGRAM)
    try:
        ports = ports_of(workspace)
        trial_id = "" if trial is None else trial_named(ports, trial).id
        session = _session(ports, args.user, password_from("COREAD_PASSWORD", "Password"), trial_id, roles)
        try:
            yield Opened(workspace, ports, session)
        finally:
            log_out(ports, session)
    finally:
        workspace.close()


def _session(ports: Ports, name: str, password: str, trial_id: str, roles: Sequence[str]) -> Session:
    from app.workflow.accounts import LoginRefused, log_in

    answer = log_in(ports, name, password, trial_id)
    if isinstance(answer, LoginRefused):
        wait = f" Next try in {answer.wait_s} s." if answer.wait_s and "Next" not in answer.line else ""
        raise Refused(answer.line + wait)
    if answer.role in roles:
        return answer
    for role in roles:
        other = log_in(ports, name, password, trial_id, role)
        if isinstance(other, Session):
            return other
    raise Refused(f"{name} is {answer.role} here. This is for: {', '.join(roles)}.")
