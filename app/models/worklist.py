"""The view-model of the worklist."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.models.messages import NEEDS, Message
from app.workflow import correct_read, worklist
from app.workflow.correct_read import SignedPart
from app.workflow.ports import Ports
from app.workflow.worklist import WorkItem
from measure.refusal import Refused
from measure.session import READER, Session


class WorklistModel(QObject):
    """`changed` carries the rows; `opened` the subject chosen; `said` a line for the message line."""

    changed = Signal(object)
    opened = Signal(str)
    said = Signal(object)

    def __init__(self, ports: Ports, session: Session, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ports, self._session = ports, session
        self.items: list[WorkItem] = []

    def refresh(self) -> None:
        """Load the rows again."""
        self.items = worklist.worklist(self._ports, self._session)
        self.changed.emit(self.items)

    def signed(self) -> list[SignedPart]:
        """The reader's own signed time points, for which a correction may be asked."""
        return correct_read.signed_parts(self._ports, self._session) if self._session.role == READER else []

    def ask_correction(self, read_timepoint_id: str, kind: str, reason: str) -> bool:
        """Ask for a signed time point to be opened again; what refuses is said in one line."""
        try:
            correct_read.request(self._ports, self._session, read_timepoint_id, kind, reason)
        except Refused as refused:
            self.said.emit(Message(str(refused), NEEDS))
            return False
        self.said.emit(Message("The correction is asked for. Another person decides."))
        return True

    def open(self, index: int) -> None:
        """Open a row."""
        if 0 <= index < len(self.items):
            self.opened.emit(self.items[index].subject_id)
