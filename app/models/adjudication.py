"""The view-model of adjudication: two readings under neutral names, the differences, one choice."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Signal

from app.background import Jobs
from app.models.messages import BLOCKED, NEEDS, Message
from app.problems import report
from app.workflow import adjudicate
from app.workflow.accounts import LoginRefused
from app.workflow.adjudicate import AdjudicationCase
from app.workflow.ports import Ports
from app.workflow.reading import LesionRow, Reading
from measure.case import SeriesRecord
from measure.geometry import distance_mm
from measure.read import Mark, Signature
from measure.session import Session
from measure.volume import Volume

SAME_MM = 15.0


@dataclass(frozen=True)
class ComparedLesion:
    """One lesion at a time point as both readings have it; `difference` in words, empty when alike."""

    site: str
    a_label: str
    a_value: str
    b_label: str
    b_value: str
    difference: str
    place: tuple[float, float, float] | None


class AdjudicationModel(QObject):
    """`changed` when the time point or volumes change, `chosen` with the side, `signed` at the end."""

    changed = Signal()
    said = Signal(object)
    chosen = Signal(str)
    signed = Signal()
    refused = Signal(str)

    def __init__(self, ports: Ports, session: Session, jobs: Jobs, subject_id: str) -> None:
        super().__init__()
        self._ports, self.session, self._jobs = ports, session, jobs
        self.case: AdjudicationCase = adjudicate.open_adjudication(ports, session, subject_id)
        self.timepoint = self.case.parted_at
        self.side = ""
        self.volumes: dict[str, Volume] = {}
        self._loading: set[str] = set()
        self.subject_id = subject_id

    @property
    def names(self) -> list[str]:
        """Time points as readers see them."""
        return [p.name for p in self.case.a.reading.timepoints]

    def series(self, k: int) -> SeriesRecord | None:
        """The series both readings were made on, as a rule."""
        point = self.case.a.reading.timepoints[k]
        return point.series_hung_as("main") or (point.series[0] if point.series else None)

    def load(self, k: int) -> None:
        """Open the pictures of a time point in the background."""
        series = self.series(k)
        if series is None or series.uid in self.volumes or series.uid in self._loading:
            return
        self._loading.add(series.uid)

        def done(volume: Volume) -> None:
            self._loading.discard(series.uid)
            self.volumes[series.uid] = volume
            self.changed.emit()

        self._jobs.start(
            f"Opening {self.names[k]}",
            lambda progress: self._ports.images.open(series.manifest, progress),
            done,
            owner=self,
        )

    def go_to(self, k: int) -> None:
        """Show another time point in both pictures."""
        self.timepoint = k
        self.load(k)
        self.changed.emit()

    def choose(self, side: str) -> None:
        """Choose a reading; it becomes the final one only when signed."""
        self.side = side
        self.chosen.emit(side)

    def sign(self, code: str, reason: str, password: str) -> None:
        """Sign the choice, off the window's thread."""
        if not self.side:
            self.say("Choose reading A or reading B first.", NEEDS)
            return

        def done(answer: Signature | LoginRefused) -> None:
            if isinstance(answer, LoginRefused):
                self.refused.emit(answer.line + (f" Next try in {answer.wait_s} s." if answer.wait_s else ""))
            else:
                self.signed.emit()

        def failed(problem: BaseException) -> None:
            report(problem, self.refused.emit)

        side = self.side
        self._jobs.start(
            "Signing",
            lambda _: adjudicate.choose(self._ports, self.session, self.subject_id, side, code, reason, password),
            done,
            failed,
            owner=self,
        )

    def say(self, text: str, kind: str = BLOCKED) -> None:
        """One line for the message line."""
        self.said.emit(Message(text, kind))

    def lesions(self) -> list[ComparedLesion]:
        """Lesions of both readings at this time point, paired by place; differences first."""
        a_rows = self._seen(self.case.a.reading)
        b_rows = self._seen(self.case.b.reading)
        paired: list[tuple[LesionRow | None, LesionRow | None]] = []
        free = list(b_rows)
        for row in a_rows:
            match = next((other for other in free if _near(row, other)), None)
            if match is not None:
                free.remove(match)
            paired.append((row, match))
        paired += [(None, row) for row in free]
        made = [self._compared(a, b) for a, b in paired]
        return sorted(made, key=lambda one: not one.difference)

    def _seen(self, reading: Reading) -> list[LesionRow]:
        return [r for r in reading.lesions if any(f is not None for f in r.findings[: self.timepoint + 1])]

    def _compared(self, a: LesionRow | None, b: LesionRow | None) -> ComparedLesion:
        k = self.timepoint
        some = a or b
        assert some is not None  # noqa: S101 -- a pair has at least one side
        a_text, b_text = _value(a, k), _value(b, k)
        difference = ""
        if a is None or b is None:
            difference = "only B" if a is None else "only A"
        elif a.lesion.role.split("-")[0] != b.lesion.role.split("-")[0]:
            difference = "role"
        elif a_text != b_text:
            difference = _size_difference(a, b, k)
        mark = next((m for row in (a, b) if row for m in [row.marks[k], *row.marks] if m is not None), None)
        site = some.lesion.site
        return ComparedLesion(
            site,
            a.lesion.label if a else "–",
            a_text,
            b.lesion.label if b else "–",
            b_text,
            difference,
            _centre(mark),
        )


def _value(row: LesionRow | None, k: int) -> str:
    if row is None:
        return "not marked"
    found = row.findings[k]
    if found is None:
        return "–"
    if row.lesion.role in ("non-target", "new-non-target") or not found.diameter_mm:
        return found.state.replace("-", " ")
    return found.diameter_mm


def _size_difference(a: LesionRow, b: LesionRow, k: int) -> str:
    """Size differences below half a millimetre are the same to the eye."""
    one, two = a.findings[k], b.findings[k]
    if one and two and one.diameter_mm and two.diameter_mm and one.state == two.state:
        change = float(two.diameter_mm) - float(one.diameter_mm)
        return f"size, {change:+.1f} mm".replace("-", "−") if abs(change) >= 0.5 else ""
    return "judgement"


def _centre(mark: Mark | None) -> tuple[float, float, float] | None:
    ends = (mark.long_axis or mark.short_axis) if mark else []
    if not ends:
        return None
    (ax, ay, az), (bx, by, bz) = ends
    return (ax + bx) / 2, (ay + by) / 2, (az + bz) / 2


def _near(a: LesionRow, b: LesionRow) -> bool:
    """The same lesion: within 15 mm at the first time point where both drew it."""
    for one, two in zip(a.marks, b.marks, strict=True):
        first, second = _centre(one), _centre(two)
        if first and second:
            return bool(distance_mm(first, second) < SAME_MM)
    return False
