"""The view-model of the audit trail: verdict, rows, one in detail; loading is itself a row of the trail."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject

from app.background import Jobs
from app.models.manager.rights import Rights
from app.models.manager.tab_model import TabModel
from app.models.messages import Message
from app.workflow import audit_trail
from app.workflow.audit_trail import AuditFilter, AuditRow
from app.workflow.ports import Ports
from measure.audit_chain import ChainVerdict
from measure.refusal import Refused
from measure.session import Session


class AuditModel(TabModel):
    """Rows as loaded with a filter; the chain's verdict once it was computed."""

    def __init__(
        self, ports: Ports, session: Session, jobs: Jobs, rights: Rights, parent: QObject | None = None
    ) -> None:
        super().__init__(ports, session, jobs, rights, parent)
        self.rows: tuple[AuditRow, ...] = ()
        self.actors: tuple[str, ...] = ()
        self.actions: tuple[str, ...] = ()
        self.filter = AuditFilter()
        self.verdict: ChainVerdict | None = None
        self.verified_at: datetime | None = None
        self.at = 0
        self.total = 0
        self._loaded = False

    def refresh(self) -> None:
        """Load once a visit to the window; later looks happen by filter or by `Verify again`."""
        if not self._loaded:
            self._loaded = True
            self.reload()
            self.verify()

    def reload(self) -> None:
        """Load the rows that fit the filter."""
        super().refresh()

    def _load(self) -> None:
        rows = audit_trail.load(self.ports, self.session, self.filter)
        self.rows = tuple(rows)
        if self.filter == AuditFilter():
            self.actors = tuple(sorted({row.actor for row in rows}))
            self.actions = tuple(sorted({row.action for row in rows}))
            self.total = len(rows)
        self.at = 0

    def set_filter(self, who: str, did: str, text: str) -> None:
        """Ask for other rows."""
        wanted = AuditFilter(who, did, text.strip())
        if wanted != self.filter:
            self.filter = wanted
            self.reload()

    def verify(self) -> None:
        """Recompute the whole chain."""

        def done(verdict: Any) -> None:
            self.verdict, self.verified_at = verdict, self.ports.now()
            self.changed.emit()

        self.job("Verifying the trail", lambda _: audit_trail.verify(self.ports, self.session), done)

    @property
    def row(self) -> AuditRow | None:
        """The row in detail."""
        return self.rows[self.at] if 0 <= self.at < len(self.rows) else None

    def choose(self, index: int) -> None:
        """Show another row in detail."""
        if index != self.at and 0 <= index < len(self.rows):
            self.at = index
            self.changed.emit()

    def export(self, file: Path) -> None:
        """Write the whole trail as lines of JSON, whole or not at all."""

        def work(_: Any) -> int:
            text = audit_trail.as_jsonl(self.ports, self.session)
            beside = file.with_name(f".{file.name}.part")
            try:
                beside.write_text(text, "utf-8", newline="\n")
                beside.replace(file)
            except OSError as problem:
                beside.unlink(missing_ok=True)
                raise Refused(f"{file} cannot be written ({problem.strerror}).") from None
            return text.count("\n")

        self.job(
            "Writing the trail",
            work,
            lambda rows: self.said.emit(Message(f"{rows} rows written: {file}")),
        )
