"""Reads ahead what opens next, so that a case is there at once; holds one case, forgets it when another comes."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import QObject

from app.background import Jobs, Report
from app.models.reading import ReadingModel
from app.workflow.ports import Ports
from app.workflow.prefetch import series_to_come
from measure.case import SeriesRecord
from measure.session import Session
from measure.volume import Volume


class Prefetch(QObject):
    """Volumes of one case by series UID."""

    def __init__(self, ports: Ports, session: Session, jobs: Jobs, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ports, self._session, self._jobs = ports, session, jobs
        self._subject_id = ""
        self._volumes: dict[str, Volume] = {}
        self._coming: set[str] = set()
        self._receiver: ReadingModel | None = None

    def ask(self, subject_id: str) -> None:
        """Read ahead for a case; nothing is said when it does not work: opening the case will say it."""
        if subject_id != self._subject_id:
            self._subject_id, self._volumes, self._coming, self._receiver = subject_id, {}, set(), None
        for series in series_to_come(self._ports, self._session, subject_id):
            if series.uid not in self._volumes and series.uid not in self._coming:
                self._read(subject_id, series)

    def put_back(self, subject_id: str, volumes: Mapping[str, Volume]) -> None:
        """Keep the pictures of a case that is left: it may be opened again at once."""
        self._subject_id, self._volumes, self._coming, self._receiver = subject_id, dict(volumes), set(), None

    def _read(self, subject_id: str, series: SeriesRecord) -> None:
        self._coming.add(series.uid)

        def work(report: Report) -> Volume:
            return self._ports.images.open(series.manifest, report)

        def done(volume: Volume) -> None:
            self._coming.discard(series.uid)
            if self._receiver is not None:
                self._receiver.receive(series.uid, volume)
            elif subject_id == self._subject_id:
                self._volumes[series.uid] = volume

        def failed(_: BaseException) -> None:
            self._coming.discard(series.uid)
            if self._receiver is not None:
                self._receiver.read_it_yourself(series.uid)

        self._jobs.start("", work, done, failed, owner=self)

    def hand_over(self, subject_id: str, receiver: ReadingModel) -> None:
        """Give a case what was read of it; what is still being read follows by itself."""
        if subject_id == self._subject_id:
            for uid, volume in self._volumes.items():
                receiver.receive(uid, volume)
            receiver.expect(self._coming)
            self._receiver = receiver
            receiver.destroyed.connect(self._forget_receiver)
        self._subject_id, self._volumes = "", {}

    def _forget_receiver(self) -> None:
        """The case was left while its pictures were still being read."""
        self._receiver = None
