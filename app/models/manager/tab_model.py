"""What the models of all tabs share: ports, session, rights, one way to do a step and to say how it ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.background import Job, Jobs, Report
from app.models.manager.rights import Rights
from app.models.messages import BLOCKED, Message
from app.workflow.ports import Ports
from measure.refusal import Refused
from measure.session import Session


class TabModel(QObject):
    """`changed`: look again. `said`: a line. `counted`: things that need somebody. `touched`: stored."""

    changed = Signal()
    said = Signal(object)
    counted = Signal(int)
    touched = Signal()

    def __init__(
        self, ports: Ports, session: Session, jobs: Jobs, rights: Rights, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.ports, self.session, self.jobs, self.rights = ports, session, jobs, rights
        self._jobs_begun: list[Job] = []
        self._stopped = False

    def refresh(self) -> None:
        """Load again and tell; the tabs override `_load`."""
        try:
            self._load()
        except Refused as refused:
            self.said.emit(Message(str(refused), BLOCKED))
            return
        self.changed.emit()

    def _load(self) -> None:
        """Read what the tab shows."""

    def act(self, action: Callable[[], object], words: str = "") -> bool:
        """Do one step of the workflow; a refusal becomes a line. Returns whether it was done."""
        try:
            action()
        except Refused as refused:
            self.said.emit(Message(str(refused), BLOCKED))
            return False
        self.refresh()
        self.touched.emit()
        if words:
            self.said.emit(Message(words))
        return True

    def job(self, name: str, work: Callable[[Report], Any], done: Callable[[Any], None]) -> Job:
        """Do long work off the window's thread; a refusal becomes a line, the rest goes to the one place."""

        def failed(problem: BaseException) -> None:
            if self._stopped:
                return
            if isinstance(problem, Refused):
                self.said.emit(Message(str(problem), BLOCKED))
            else:
                self.jobs.problem.emit(problem)

        def kept(result: Any) -> None:
            if not self._stopped:
                done(result)

        job = self.jobs.start(name, work, kept, failed)
        self._jobs_begun.append(job)
        job.ended.connect(lambda: self._jobs_begun.remove(job))
        return job

    def stop(self) -> None:
        """The window goes: what runs is cancelled, what ends all the same is not shown any more."""
        self._stopped = True
        for job in self._jobs_begun:
            job.cancel()
