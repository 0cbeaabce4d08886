"""The view-model of logging in: asks off the window's thread, counts the wait down."""

from __future__ import annotations

from PySide6.QtCore import QObject, QTimer, Signal

from app.background import Jobs
from app.workflow import accounts
from app.workflow.accounts import LoginRefused
from app.workflow.ports import Ports
from measure.session import Session


class LoginModel(QObject):
    """`logged_in` carries the Session; `refused` the line under the field, empty when the wait is over."""

    logged_in = Signal(object)
    refused = Signal(str)
    busy = Signal(bool)

    def __init__(self, ports: Ports, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ports, self._jobs = ports, jobs
        self._left = 0
        self._timer = QTimer(self, interval=1000)
        self._timer.timeout.connect(self._tick)

    def trials(self) -> list[tuple[str, str]]:
        """Id and title of every trial of the workspace."""
        return [(t.id, t.title) for t in accounts.trials_to_log_in(self._ports)]

    def log_in(self, name: str, password: str, trial_id: str) -> None:
        """Try; the answer comes by signal."""
        if self._left > 0 or not name:
            return
        self.busy.emit(True)
        self._jobs.start(
            "Logging in",
            lambda _: accounts.log_in(self._ports, name.strip(), password, trial_id),
            self._answered,
            owner=self,
        )

    def _answered(self, answer: Session | LoginRefused) -> None:
        self.busy.emit(False)
        if isinstance(answer, Session):
            self.refused.emit("")
            self.logged_in.emit(answer)
            return
        self._left = answer.wait_s
        self._line = answer.line
        self._tick_text()
        if self._left:
            self._timer.start()

    def _tick_text(self) -> None:
        wait = f" Next try in {self._left} s." if self._left and not self._line.startswith("Next") else ""
        self.refused.emit(self._line + wait)

    def _tick(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self._timer.stop()
            self.refused.emit("")
        else:
            self._line = self._line if not self._line.startswith("Next") else f"Next try in {self._left} s"
            self._tick_text()
