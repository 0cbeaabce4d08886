"""The view-model of queries."""

from __future__ import annotations

from PySide6.QtCore import QObject

from app.background import Jobs
from app.models.manager.rights import Rights
from app.models.manager.tab_model import TabModel
from app.workflow import queries
from app.workflow.ports import Ports
from app.workflow.queries import QueryLine
from measure.session import Session


class QueriesModel(TabModel):
    """All queries, open ones first; one in hand."""

    def __init__(
        self, ports: Ports, session: Session, jobs: Jobs, rights: Rights, parent: QObject | None = None
    ) -> None:
        super().__init__(ports, session, jobs, rights, parent)
        self.lines: tuple[QueryLine, ...] = ()
        self.at = 0

    def _load(self) -> None:
        self.lines = tuple(queries.queries(self.ports, self.session))
        self.counted.emit(sum(line.query.state == queries.OPEN for line in self.lines))

    @property
    def line(self) -> QueryLine | None:
        """The query in hand."""
        return self.lines[self.at] if 0 <= self.at < len(self.lines) else None

    def choose(self, index: int) -> None:
        """Take up a query."""
        if index != self.at:
            self.at = index
            self.changed.emit()

    def answer(self, text: str) -> bool:
        """Enter the answer."""
        line = self.line
        if line is None:
            return False
        return self.act(
            lambda: queries.answer(self.ports, self.session, line.query.id, text),
            f"{line.number} {line.visit}: answered. Check the images again.",
        )
