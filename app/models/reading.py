"""The view-model of a read: holds the reading, the selection and the steps; windows only show and ask."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.background import Jobs
from app.models.messages import BLOCKED, INFO, NEEDS, Message
from app.problems import report
from app.workflow import draw_lesion, fill_forms, fragments, link_offsets, reading, record
from app.workflow.drawn import Drawn
from app.workflow.live_responses import Live, live_responses
from app.workflow.open_items import NON_TARGETS, SUMMARY, SURVEY, SWEEP, TARGETS, ZONES, OpenItem
from app.workflow.ports import Ports
from app.workflow.reading import LesionRow, Reading, ZoneRow
from measure.case import SeriesRecord
from measure.refusal import Refused
from measure.session import Session
from measure.volume import Volume

STAGE_WORDS = {
    SURVEY: "Survey",
    TARGETS: "Targets",
    NON_TARGETS: "Non-targets",
    SWEEP: "Sweep",
    ZONES: "Zones",
    SUMMARY: "Summary",
}


class ReadingModel(QObject):
    """One open time point. `changed` carries the new Reading, `selected` the lesion or zone id or ""."""

    changed = Signal(object)
    selected = Signal(str)
    volume_ready = Signal(str)
    stage_changed = Signal(str)
    painted = Signal(str, int)  # series UID and slice that was on the screen for the first time
    said = Signal(object)

    def __init__(
        self, ports: Ports, session: Session, jobs: Jobs, opened: Reading, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.ports, self.session, self.jobs = ports, session, jobs
        self.reading = opened
        self.selection = ""
        self.stage = opened.protocol.reading.stages[0]
        self.last_organ = ""
        self.volumes: dict[str, Volume] = {}
        self._loading: set[str] = set()
        self._undo: list[record.Step] = []
        self._redo: list[record.Step] = []
        self._unsaved_seen: dict[str, set[int]] = {}

    # --- pictures ----------------------------------------------------------------------------------------------

    def load(self, series: SeriesRecord, timepoint: int) -> None:
        """Read a series in the background; `volume_ready` tells when it is there."""
        if series.uid in self.volumes or series.uid in self._loading:
            return
        self._loading.add(series.uid)
        point = self.reading.timepoints[timepoint]

        def work(report_progress: Callable[[int, int], None]) -> Volume:
            return self.ports.images.open(series.manifest, report_progress)

        def done(volume: Volume) -> None:
            self.receive(series.uid, volume)

        def failed(problem: BaseException) -> None:
            self._loading.discard(series.uid)
            report(problem, lambda line: self.say(line, BLOCKED))

        self.jobs.start(f"Opening {point.name}", work, done, failed, owner=self)

    def receive(self, uid: str, volume: Volume) -> None:
        """Take a series that was read; a damaged slice is said."""
        self._loading.discard(uid)
        self.volumes[uid] = volume
        self.volume_ready.emit(uid)
        found = self.series_of(uid)
        name = self.reading.timepoints[found[0]].name if found else ""
        for defect in volume.defects:
            if defect.code == "corrupt":
                self.say(f"{name}: {defect.text} It is not shown; the manager is told.", BLOCKED)

    def expect(self, uids: Iterable[str]) -> None:
        """These series are being read already and come by `receive`."""
        self._loading.update(uids)

    def read_it_yourself(self, uid: str) -> None:
        """A series that was expected does not come: read it, so that what is wrong is said."""
        self._loading.discard(uid)
        found = self.series_of(uid)
        if found is not None:
            self.load(found[1], found[0])

    def series_of(self, uid: str) -> tuple[int, SeriesRecord] | None:
        """Time point index and record of a series of this case."""
        for k, point in enumerate(self.reading.timepoints):
            for series in point.series:
                if series.uid == uid:
                    return k, series
        return None

    def slice_painted(self, series_uid: str, index: int) -> None:
        """A slice of the current time point really was on the screen; kept a moment later, in one go."""
        series = next((s for s in self.reading.now.series if s.uid == series_uid), None)
        if series is not None and index not in self.seen(series):
            self._unsaved_seen.setdefault(series_uid, set()).add(index)
            self.painted.emit(series_uid, index)

    def keep_seen(self) -> None:
        """Store what was painted since the last time."""
        for uid, painted in self._unsaved_seen.items():
            series = next((s for s in self.reading.now.series if s.uid == uid), None)
            if series is None or painted <= reading.seen_slices(self.reading, series):
                continue
            before = self.reading.seen_share(series)
            bits = reading.keep_seen(self.ports, self.session, self.reading, uid, painted)
            self.reading.seen[uid] = bits
            if round(before * 100) != round(self.reading.seen_share(series) * 100):
                self.changed.emit(self.reading)
        self._unsaved_seen.clear()

    def seen(self, series: SeriesRecord) -> set[int]:
        """Slices of a current series that were shown at this time point."""
        return reading.seen_slices(self.reading, series) | self._unsaved_seen.get(series.uid, set())

    # --- selection and stages ----------------------------------------------------------------------------------

    def select(self, about: str) -> None:
        """Select a lesion (its id) or a zone (its id); selection is one thing everywhere."""
        if about != self.selection:
            self.selection = about
        self.selected.emit(about)

    @property
    def row(self) -> LesionRow | None:
        """The selected lesion's row."""
        try:
            return self.reading.row(self.selection)
        except KeyError:
            return None

    @property
    def zone(self) -> ZoneRow | None:
        """The selected zone's row."""
        return next((z for z in self.reading.zones if z.zone.id == self.selection), None)

    def set_stage(self, stage: str) -> None:
        """Go to a stage of the protocol's list."""
        self.stage = stage
        self.stage_changed.emit(stage)

    def step_stage(self, step: int) -> None:
        """One stage on or back."""
        stages = self.reading.protocol.reading.stages
        at = stages.index(self.stage) + step
        if 0 <= at < len(stages):
            self.set_stage(stages[at])

    def next_open(self) -> OpenItem | None:
        """Go to the next open thing, starting behind the selection."""
        items = self.reading.open_items()
        if not items:
            self.say("Nothing is open.")
            return None
        about = [item.about for item in items]
        item = items[(about.index(self.selection) + 1) % len(items)] if self.selection in about else items[0]
        self.set_stage(item.stage)
        self.select(item.about if ":" not in item.about else "")
        return item

    def step_lesion(self, step: int) -> None:
        """Next or previous row of the table, zones at the end."""
        ids = [r.lesion.lesion_id for r in self.reading.lesions] + [z.zone.id for z in self.reading.zones]
        if ids:
            at = ids.index(self.selection) + step if self.selection in ids else 0
            self.select(ids[at % len(ids)])

    # --- steps -------------------------------------------------------------------------------------------------

    def say(self, text: str, kind: str = INFO) -> None:
        """One line for the message line."""
        self.said.emit(Message(text, kind))

    def _do(self, action: Callable[[], record.Step], words: str = "") -> record.Step | None:
        """Do one stored step; what refuses is said in one line and nothing is lost."""
        try:
            step = action()
        except Refused as refused:
            self.say(str(refused), BLOCKED if "saved" in str(refused) else NEEDS)
            return None
        except Exception as problem:  # noqa: BLE001 -- ends in one line and one log record
            report(problem, lambda line: self.say(line, BLOCKED))
            return None
        self._undo.append(step)
        self._redo.clear()
        self.refresh()
        if words or step.words:
            self.say(f"{words or step.words}.")
        return step

    def live(self) -> Live | None:
        """Responses at this moment; None where the protocol does not show them while reading: nothing is computed."""
        if self.reading.protocol.reading.show_response != "live":
            return None
        return live_responses(self.ports, self.session, self.reading)

    def refresh(self) -> None:
        """Load the case again and show it."""
        self.reading = reading.reload(self.ports, self.session, self.reading)
        self.changed.emit(self.reading)

    def undo(self) -> None:
        """Take back the last step of this time point."""
        self._back(self._undo, self._redo, "Undone")

    def redo(self) -> None:
        """Do it again."""
        self._back(self._redo, self._undo, "Done again")

    def _back(self, source: list[record.Step], target: list[record.Step], word: str) -> None:
        if not source:
            self.say("Nothing to take back." if word == "Undone" else "Nothing to do again.")
            return
        step = source.pop()
        try:
            target.append(record.take_back(self.ports, self.session, self.reading.now.read_timepoint.id, step))
        except Refused as refused:
            self.say(str(refused), NEEDS)
            return
        self.refresh()
        self.say(f"{word}: {step.words}.")

    def add(self, drawn: Drawn, **what: Any) -> str | None:
        """Store a new lesion and select it; returns its id."""
        step = self._do(lambda: draw_lesion.add_lesion(self.ports, self.session, self.reading, drawn, **what))
        if step is None:
            return None
        lesion_id = str(getattr(step.pairs[0][1], "lesion_id", ""))
        self.last_organ = str(what.get("organ", "")) or self.last_organ
        self.select(lesion_id)
        return lesion_id

    def add_fragment(self, parent: LesionRow, drawn: Drawn) -> str | None:
        """Store one part of a split lesion; the whole stays selected, for the next part. Returns the whole's id."""
        step = self._do(lambda: fragments.add_fragment(self.ports, self.session, self.reading, parent, drawn))
        return None if step is None else parent.lesion.lesion_id

    def measure(self, row: LesionRow, drawn: Drawn) -> bool:
        """Store a measurement of a known lesion."""
        return (
            self._do(lambda: draw_lesion.measure_again(self.ports, self.session, self.reading, row, drawn)) is not None
        )

    def answer(self, row: LesionRow, state: str, **more: str) -> bool:
        """Store a state of a lesion."""
        return (
            self._do(lambda: draw_lesion.answer(self.ports, self.session, self.reading, row, state, **more)) is not None
        )

    def change(self, row: LesionRow, **what: Any) -> bool:
        """Correct role, organ, site or node of a lesion."""
        return (
            self._do(lambda: draw_lesion.change_lesion(self.ports, self.session, self.reading, row, **what)) is not None
        )

    def delete(self, row: LesionRow) -> bool:
        """Take back the selected lesion or its answer."""
        return self._do(lambda: draw_lesion.delete(self.ports, self.session, self.reading, row)) is not None

    def fill(self, **fields: Any) -> bool:
        """Fields of the time point form."""
        return self._do(lambda: fill_forms.fill_form(self.ports, self.session, self.reading, **fields)) is not None

    def fill_zone(self, row: ZoneRow, **fields: Any) -> bool:
        """Fields of form AZ-1."""
        return self._do(lambda: fill_forms.fill_zone(self.ports, self.session, self.reading, row, **fields)) is not None

    def outline_zone(self, row: ZoneRow, drawn: Drawn) -> bool:
        """The zone's outline."""
        return self._do(lambda: fill_forms.draw_zone(self.ports, self.session, self.reading, row, drawn)) is not None

    def keep_offsets(self, offsets: Mapping[int, float]) -> None:
        """Keep the reader's own link offsets; what refuses is said in one line."""
        try:
            link_offsets.keep_offsets(self.ports, self.session, self.reading, offsets)
        except Refused as refused:
            self.say(str(refused), NEEDS)

    def answer_warning(self, key: str, code: str, text: str) -> bool:
        """Answer a warning with a reason."""
        return (
            self._do(lambda: fill_forms.answer_warning(self.ports, self.session, self.reading, key, code, text))
            is not None
        )

    def state_response(self, criterion: str, overall: str, reason: str = "") -> bool:
        """What the reader states beside the derived response."""
        return (
            self._do(
                lambda: fill_forms.state_response(self.ports, self.session, self.reading, criterion, overall, reason)
            )
            is not None
        )
