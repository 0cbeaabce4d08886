"""The view-model of the progress page."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.background import Jobs
from app.models.manager.rights import Rights
from app.models.manager.tab_model import TabModel
from app.models.messages import Message
from app.workflow import compare_reads
from app.workflow.ports import Ports
from app.workflow.progress import Progress, progress
from measure.session import Session


class ProgressModel(TabModel):
    """The page, and comparing a case that is complete."""

    def __init__(
        self, ports: Ports, session: Session, jobs: Jobs, rights: Rights, parent: QObject | None = None
    ) -> None:
        super().__init__(ports, session, jobs, rights, parent)
        self.page: Progress | None = None

    def _load(self) -> None:
        self.page = progress(self.ports, self.session)
        self.counted.emit(len(self.page.ready) if self.rights.change else 0)

    def compare(self, index: int) -> None:
        """No more images come for a case: compare its reads."""
        ready = self.page.ready if self.page else ()
        if not 0 <= index < len(ready):
            return
        one = ready[index]
        states: list[str] = []
        self.act(
            lambda: states.append(compare_reads.close_reading(self.ports, self.session, one.subject_id)),
            "",
        )
        if states:
            self.said.emit(Message(f"{one.number} is compared: {states[0]}."))
