"""The view-model of corrections: the manager asks in a reader's name, the medical lead decides."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.background import Jobs
from app.models.manager.rights import Rights
from app.models.manager.tab_model import TabModel
from app.workflow import correct_read
from app.workflow.correct_read import CorrectionLine, SignedPart
from app.workflow.ports import Ports
from measure.session import Session


class CorrectionsModel(TabModel):
    """All requests, open ones first; the signed time points that one may be asked for."""

    def __init__(
        self, ports: Ports, session: Session, jobs: Jobs, rights: Rights, parent: QObject | None = None
    ) -> None:
        super().__init__(ports, session, jobs, rights, parent)
        self.lines: tuple[CorrectionLine, ...] = ()
        self.parts: tuple[SignedPart, ...] = ()
        self.at = 0

    def _load(self) -> None:
        self.lines = tuple(correct_read.corrections(self.ports, self.session))
        self.parts = tuple(correct_read.signed_parts(self.ports, self.session)) if self.rights.change else ()
        self.counted.emit(sum(line.correction.state == correct_read.REQUESTED for line in self.lines))

    @property
    def line(self) -> CorrectionLine | None:
        """The request in hand."""
        return self.lines[self.at] if 0 <= self.at < len(self.lines) else None

    def choose(self, index: int) -> None:
        """Take up a request."""
        if index != self.at:
            self.at = index
            self.changed.emit()

    def ask(self, read_timepoint_id: str, category: str, reason: str) -> bool:
        """Ask on a reader's word."""
        return self.act(
            lambda: correct_read.request(self.ports, self.session, read_timepoint_id, category, reason),
            "The correction is asked for. The medical lead decides.",
        )

    def decide(self, *, approve: bool, reason: str) -> bool:
        """Approve or refuse the request in hand."""
        line = self.line
        if line is None:
            return False
        words = f"{line.number} {line.visit}, {line.label}: "
        words += f"open again as version {line.version + 1}." if approve else "refused."
        return self.act(
            lambda: correct_read.decide(self.ports, self.session, line.correction.id, approve=approve, reason=reason),
            words,
        )
