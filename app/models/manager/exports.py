"""The view-model of exports: written by a job, listed with files, rows and hashes."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from PySide6.QtCore import QObject

from app.background import Jobs
from app.models.manager.rights import Rights
from app.models.manager.tab_model import TabModel
from app.models.messages import Message
from app.workflow.ports import Ports
from app.workflow.trials import exports
from measure.case import ExportRecord
from measure.session import Session


class _Exporter(Protocol):
    def export(self, session: Session, folder: Path, *, blinded: bool) -> dict[str, Any]: ...


class ExportsModel(TabModel):
    """Exports written so far, newest first; one in hand."""

    def __init__(
        self,
        ports: Ports,
        session: Session,
        jobs: Jobs,
        rights: Rights,
        exporter: _Exporter,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(ports, session, jobs, rights, parent)
        self._exporter = exporter
        self.records: tuple[ExportRecord, ...] = ()
        self.at = 0
        self.busy = False

    def _load(self) -> None:
        self.records = tuple(exports(self.ports, self.session))

    @property
    def record(self) -> ExportRecord | None:
        """The export in hand."""
        return self.records[self.at] if 0 <= self.at < len(self.records) else None

    def choose(self, index: int) -> None:
        """Take up an export."""
        if index != self.at:
            self.at = index
            self.changed.emit()

    def write(self, folder: Path, *, blinded: bool) -> None:
        """Write all tables into a folder."""
        if self.busy or not self.rights.change:
            return
        self.busy = True
        kind = "blinded" if blinded else "unblinded"

        def work(_: Any) -> dict[str, Any]:
            return self._exporter.export(self.session, folder, blinded=blinded)

        def done(manifest: dict[str, Any]) -> None:
            self.at = 0
            self.touched.emit()
            words = f"{len(manifest['files'])} files written, {kind}: {folder}"
            self.said.emit(Message(words))

        def ended() -> None:
            self.busy = False
            self.refresh()

        job = self.job(f"Writing the {kind} export", work, done)
        job.ended.connect(ended)
        self.changed.emit()
