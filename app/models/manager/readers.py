"""The view-model of readers and assignment."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.background import Jobs
from app.models.manager.rights import Rights
from app.models.manager.tab_model import TabModel
from app.models.messages import BLOCKED, Message
from app.workflow import assign_readers
from app.workflow.ports import Ports
from app.workflow.reader_table import CaseReaders, ReaderTable, check_date, reader_table
from measure.refusal import Refused
from measure.session import Session


class ReadersModel(TabModel):
    """All cases with their parts; one case in hand."""

    def __init__(
        self, ports: Ports, session: Session, jobs: Jobs, rights: Rights, parent: QObject | None = None
    ) -> None:
        super().__init__(ports, session, jobs, rights, parent)
        self.table = ReaderTable((), {}, ())
        self.at = 0

    def _load(self) -> None:
        self.table = reader_table(self.ports, self.session)
        self.counted.emit(sum(not case.complete and case.released > 0 for case in self.table.cases))

    @property
    def case(self) -> CaseReaders | None:
        """The case in hand."""
        return self.table.cases[self.at] if 0 <= self.at < len(self.table.cases) else None

    def choose(self, index: int) -> None:
        """Take up a case."""
        if index != self.at:
            self.at = index
            self.changed.emit()

    def assign(self, label: str, user_id: str, due: str) -> None:
        """Give the case in hand to a person; empty `due`: no date."""
        case = self.case
        if case is None or not user_id:
            return
        try:
            day = check_date(due) if due.strip() else ""
        except Refused as refused:
            self.said.emit(Message(str(refused), BLOCKED))
            return
        names = dict(self.table.choices[label])
        self.act(
            lambda: assign_readers.assign(self.ports, self.session, case.subject.id, label, user_id, due=day),
            f"{case.subject.number}: {label} is {names.get(user_id, '')}.",
        )
