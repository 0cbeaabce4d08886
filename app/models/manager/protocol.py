"""The view-model of the protocol: its versions, their text, and a new trial from a file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from app.background import Jobs
from app.models.manager.rights import Rights
from app.models.manager.tab_model import TabModel
from app.models.messages import Message
from app.workflow import trials
from app.workflow.ports import Ports
from measure.case import ProtocolVersion
from measure.protocol import Protocol
from measure.refusal import Refused
from measure.session import Session


class ProtocolModel(TabModel):
    """Versions, newest first; the one shown."""

    def __init__(
        self, ports: Ports, session: Session, jobs: Jobs, rights: Rights, parent: QObject | None = None
    ) -> None:
        super().__init__(ports, session, jobs, rights, parent)
        self.versions: tuple[ProtocolVersion, ...] = ()
        self.protocol: Protocol | None = None
        self.at = 0

    def _load(self) -> None:
        self.versions = tuple(trials.protocol_versions(self.ports, self.session))
        self.protocol = trials.current_protocol(self.ports, self.session)

    @property
    def version(self) -> ProtocolVersion | None:
        """The version shown."""
        return self.versions[self.at] if 0 <= self.at < len(self.versions) else None

    def choose(self, index: int) -> None:
        """Show another version."""
        if index != self.at:
            self.at = index
            self.changed.emit()

    def new_trial(self, file: Path) -> None:
        """Make a trial of its own from a protocol file."""

        def make() -> None:
            try:
                text = file.read_text("utf-8")
            except (OSError, UnicodeDecodeError) as problem:
                raise Refused(f"{file} cannot be read as a protocol ({problem}).") from None
            trial, _ = trials.new_trial(self.ports, self.session, text, file.name)
            self.said.emit(Message(f"Trial {trial.name} is made. An administrator gives roles in it."))

        self.act(make)
