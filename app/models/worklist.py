"""The view-model of the worklist."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.workflow import worklist
from app.workflow.ports import Ports
from app.workflow.worklist import WorkItem
from measure.session import Session


class WorklistModel(QObject):
    """`changed` carries the rows; `opened` the subject chosen."""

    changed = Signal(object)
    opened = Signal(str)

    def __init__(self, ports: Ports, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ports, self._session = ports, session
        self.items: list[WorkItem] = []

    def refresh(self) -> None:
        """Load the rows again."""
        self.items = worklist.worklist(self._ports, self._session)
        self.changed.emit(self.items)

    def open(self, index: int) -> None:
        """Open a row."""
        if 0 <= index < len(self.items):
            self.opened.emit(self.items[index].subject_id)
