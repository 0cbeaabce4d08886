"""All long work: a job with a name, progress, cancel, and exactly one of three ends."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal, Slot
from shiboken6 import isValid

Report = Callable[[int, int], None]


class Cancelled(Exception):  # noqa: N818 -- an end, not a fault
    """Raised inside the work where it reports, once the person has asked to stop."""


class _Run(QRunnable):
    def __init__(self, job: Job) -> None:
        super().__init__()
        self._job = job
        self.setAutoDelete(True)

    def run(self) -> None:
        """Do the work on a pool thread."""
        self._job.do()


class Job(QObject):
    """One piece of work on a thread; the owner keeps the job until its end."""

    progressed = Signal(int, int)
    finished = Signal(object)
    failed = Signal(object)
    cancelled = Signal()
    ended = Signal()
    _said = Signal(str, object)  # from the thread; taken up again on the thread the job belongs to

    def __init__(self, name: str, work: Callable[[Report], Any], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name, self._work, self._stop = name, work, threading.Event()
        self._told = 0.0
        self.done = (0, 0)
        self._said.connect(self._hear)

    @Slot(str, object)
    def _hear(self, what: str, value: object) -> None:
        if what == "progressed":
            self.done = value  # type: ignore[assignment]
            self.progressed.emit(*self.done)
            return
        if what == "cancelled":
            self.cancelled.emit()
        elif what == "failed":
            self.failed.emit(value)
        else:
            self.finished.emit(value)
        self.ended.emit()

    def start(self) -> None:
        """Begin on a thread of the pool."""
        QThreadPool.globalInstance().start(_Run(self))

    def cancel(self) -> None:
        """Ask the work to stop at its next report."""
        self._stop.set()

    def _report(self, done: int, total: int) -> None:
        if self._stop.is_set():
            raise Cancelled
        now = monotonic()
        if done >= total or now - self._told > 0.2:  # a bar is redrawn at most five times a second
            self._told = now
            self._tell("progressed", (done, total))

    def _tell(self, what: str, value: object) -> None:
        """Say how it ended; when the window has gone meanwhile, nobody is there to hear it."""
        with suppress(RuntimeError):
            self._said.emit(what, value)

    def do(self) -> None:
        """The work itself, on whatever thread calls it."""
        try:
            result = self._work(self._report)
        except Cancelled:
            self._tell("cancelled", None)
        except Exception as problem:  # noqa: BLE001 -- handed on, never swallowed
            self._tell("failed", problem)
        else:
            self._tell("finished", result)


class Jobs(QObject):
    """The one runner: keeps jobs alive, tells what runs, ends every failure in one place."""

    changed = Signal()
    problem = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._running: list[Job] = []

    @property
    def running(self) -> tuple[Job, ...]:
        """Jobs that have not ended, oldest first."""
        return tuple(self._running)

    def start(
        self,
        name: str,
        work: Callable[[Report], Any],
        done: Callable[[Any], None],
        failed: Callable[[BaseException], None] | None = None,
        owner: QObject | None = None,
    ) -> Job:
        """Run work; `done` gets the result on the window's thread, failures go to `failed` or to `problem`.

        owner: the object the answer is for; once it is gone (a case was closed meanwhile) nobody is told.
        """
        job = Job(name, work, self)
        self._running.append(job)
        job.finished.connect(_while_there(owner, done))
        job.failed.connect(_while_there(owner, failed) if failed is not None else self.problem.emit)
        job.progressed.connect(lambda *_: self.changed.emit())
        job.ended.connect(lambda: self._end(job))
        job.start()
        self.changed.emit()
        return job

    def _end(self, job: Job) -> None:
        if job in self._running:
            self._running.remove(job)
        job.deleteLater()
        self.changed.emit()


def _while_there(owner: QObject | None, told: Callable[[Any], None]) -> Callable[[Any], None]:
    def tell(answer: Any) -> None:
        if owner is None or isValid(owner):
            told(answer)

    return tell
