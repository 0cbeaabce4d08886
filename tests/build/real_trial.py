"""A real (not demo) workspace with the plain RECIST 1.1 trial, a manager and two readers."""

from __future__ import annotations

from pathlib import Path

from app.joined import ports_of
from app.version import PROGRAM
from app.workflow import accounts, trials
from app.workflow.ports import Ports
from measure.session import NOBODY, Session
from storage.database.workspace import Workspace, create_workspace
from storage.places import shipped

PASSWORD = "a long password"
USERS = (("manager", "manager"), ("reader.one", "reader"), ("reader.two", "reader"))


def real_trial(folder: Path) -> tuple[Workspace, Ports, dict[str, Session]]:
    """Make the workspace in a folder; returns it with its ports and a session of each user."""
    workspace = create_workspace(folder / "workspace", demo=False, program=PROGRAM)
    ports = ports_of(workspace)
    trial, _ = trials.new_trial(
        ports, NOBODY, shipped("protocols", "recist11.toml").read_text("utf-8"), "recist11.toml"
    )
    sessions = {}
    for name, role in USERS:
        accounts.add_user(ports, NOBODY, name, name.title(), PASSWORD)
        accounts.grant_role(ports, NOBODY, name, role, trial.id)
        session = accounts.log_in(ports, name, PASSWORD, trial.id)
        assert isinstance(session, Session)
        sessions[name] = session
    return workspace, ports, sessions
