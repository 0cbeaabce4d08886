"""The view-model of zones and procedures: one subject at a time, a place picked on its baseline scan."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Signal

from app.background import Jobs
from app.models.manager.rights import Rights
from app.models.manager.tab_model import TabModel
from app.workflow import zones
from app.workflow.ports import Ports
from app.workflow.reader_table import CaseZones, case_zones, techniques
from app.workflow.subject_grid import subject_grid
from measure.case import Subject
from measure.geometry import Point
from measure.session import Session


class ZonesModel(TabModel):
    """`opened` carries the volume of the subject's baseline once it is read."""

    opened = Signal(object)

    def __init__(
        self, ports: Ports, session: Session, jobs: Jobs, rights: Rights, parent: QObject | None = None
    ) -> None:
        super().__init__(ports, session, jobs, rights, parent)
        self.subjects: tuple[Subject, ...] = ()
        self.counts: dict[str, tuple[int, int]] = {}
        self.case: CaseZones | None = None
        self.techniques: tuple[str, ...] = ()
        self.place: Point | None = None
        self._opened = ""

    def _load(self) -> None:
        self.subjects = tuple(row.subject for row in subject_grid(self.ports, self.session).rows)
        self.techniques = techniques(self.ports, self.session)
        cases = [case_zones(self.ports, self.session, subject.id) for subject in self.subjects]
        self.counts = {c.subject.id: (len(c.procedures), len(c.zones)) for c in cases}
        bare = [c for c in cases if any(p.id not in {z.procedure_id for z in c.zones} for p in c.procedures)]
        self.counted.emit(len(bare))
        now = self.case.subject.id if self.case else ""
        self.case = next((c for c in cases if c.subject.id == now), None)

    def choose(self, index: int) -> None:
        """Take up a subject."""
        if 0 <= index < len(self.subjects):
            subject = self.subjects[index]
            if self.case is None or self.case.subject.id != subject.id:
                self.case = case_zones(self.ports, self.session, subject.id)
                self.place = None
                self.changed.emit()

    def open_baseline(self) -> None:
        """Read the subject's baseline images, once."""
        series = self.case.baseline if self.case else None
        if series is None:
            self._opened = ""
            self.opened.emit(None)
            return
        if series.uid == self._opened:
            return
        self._opened = wanted = series.uid

        def work(report: Any) -> Any:
            return self.ports.images.open(series.manifest, report)

        def done(volume: Any) -> None:
            if wanted == self._opened:
                self.opened.emit(volume)

        self.job("Reading the baseline", work, done)

    def pick(self, place: Point | None) -> None:
        """The place that was clicked, in patient mm."""
        self.place = place
        self.changed.emit()

    def add_procedure(self, technique: str, day: str) -> bool:
        """Enter one local treatment."""
        case = self.case
        if case is None:
            return False
        return self.act(
            lambda: zones.add_procedure(self.ports, self.session, case.subject.id, technique, day.strip()),
            f"{case.subject.number}: {technique} of {day} is entered.",
        )

    def add_zone(self, procedure_id: str, organ: str, site: str) -> bool:
        """Enter one treated place at the point that was clicked."""
        case, place = self.case, self.place
        if case is None or place is None or case.baseline is None:
            return False
        procedure = next(p for p in case.procedures if p.id == procedure_id)
        series_uid = case.baseline.uid
        self.place = None
        return self.act(
            lambda: zones.add_zone(
                self.ports,
                self.session,
                procedure,
                organ=organ,
                site=site.strip(),
                place=place,
                series_uid=series_uid,
            ),
            f"{case.subject.number}: the zone is entered.",
        )
