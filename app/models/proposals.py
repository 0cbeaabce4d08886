"""Lesions carried over from the reader's own earlier time point: found, offered, never a value until accepted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.models.drawing import DrawingModel
from app.models.matching import MatchModel
from app.models.messages import INFO, NEEDS
from app.models.reading import ReadingModel
from app.workflow import proposals
from app.workflow.open_items import OpenItem
from app.workflow.reading import LesionRow, Reading
from measure.case import SeriesRecord
from measure.read import Mark
from measure.values import rounded_length

if TYPE_CHECKING:
    from measure.carry import Carried
    from measure.register import Registration

MEASURED_ROLES = ("target", "new-target")
GONE = ("absent", "merged", "split", "resected", "ablated")


@dataclass(frozen=True, eq=False)
class Offered:
    """One proposal: the lesion, the series it lies on now, the time point it comes from, what was found."""

    lesion_id: str
    series_uid: str
    from_name: str
    carried: Carried

    def facts(self) -> dict[str, Any]:
        """What the record keeps of it."""
        found, shown = self.carried.found, self.carried.proposed
        kept: dict[str, Any] = {
            "carried_from": self.from_name,
            "match": self.carried.quality,
            "match_mm": round(found.error_mm, 2),
            "similarity": round(found.similarity, 3),
        }
        if shown is not None:
            kept |= {"long_mm": round(shown.axes.long_mm, 3), "short_mm": round(shown.axes.short_mm, 3)}
            kept["quality"] = round(shown.quality_q, 3)
        return kept


class ProposalModel(QObject):
    """Finds open measured lesions again one after the other; `changed` when one was found, shown or settled."""

    changed = Signal()

    def __init__(self, reading: ReadingModel, drawing: DrawingModel, match: MatchModel) -> None:
        super().__init__(reading)
        self._reading, self._drawing, self._match = reading, drawing, match
        self.offered: dict[str, Offered] = {}
        self._shown: set[str] = set()
        self._dropped: set[str] = set()
        self._busy = False
        reading.volume_ready.connect(lambda _: self._go_on())
        reading.changed.connect(self._reading_changed)
        reading.selected.connect(self._selected)
        match.matched.connect(lambda _: self._go_on())
        drawing.rejected.connect(self._rejected)
        self._go_on()

    # --- finding -----------------------------------------------------------------------------------------------

    def _go_on(self) -> None:
        """Carry the next open lesion over, once its two scans are there and registered."""
        opened = self._reading.reading
        if self._busy or opened.at_baseline or not opened.protocol.reading.proposals:
            return
        for row in opened.lesions:
            if row.lesion.lesion_id in self.offered or not _wants_one(row):
                continue
            source = _last_mark(row)
            series = self._partner_of(source[1].series_uid) if source else None
            if source is None or series is None:
                continue
            k, mark = source
            pair = (mark.series_uid, series.uid)
            if not self._loaded(pair, k):
                continue
            registration = self._match.registration(*pair)
            if registration is not None:
                self._carry(row, k, mark, series, registration)
                return
            if self._match.failed(*pair):
                self._offer_place(row, k, series)
            else:
                self._match.ask(*pair)

    def _partner_of(self, earlier_uid: str) -> SeriesRecord | None:
        """The current series that hangs as the earlier one did, else the main one."""
        found = self._reading.series_of(earlier_uid)
        now = self._reading.reading.now
        return (now.series_hung_as(found[1].hang_as) if found else None) or now.series_hung_as("main")

    def _loaded(self, pair: tuple[str, str], timepoint: int) -> bool:
        volumes = self._reading.volumes
        for uid, k in zip(pair, (timepoint, len(self._reading.reading.timepoints) - 1), strict=True):
            found = self._reading.series_of(uid)
            if uid not in volumes and found is not None:
                self._reading.load(found[1], k)
        return all(uid in volumes for uid in pair)

    def _carry(self, row: LesionRow, k: int, mark: Mark, series: SeriesRecord, registration: Registration) -> None:
        self._busy = True
        earlier, later = self._match.pyramids(mark.series_uid, series.uid)

        def work(_: object) -> Carried:
            from measure.carry import carry_over, place_of_mark

            return carry_over(earlier, later, place_of_mark(mark, earlier.volume.grid), registration)

        def done(carried: Carried) -> None:
            self._busy = False
            self._offer(Offered(row.lesion.lesion_id, series.uid, self._name(k), carried))
            self._go_on()

        def failed(_: BaseException) -> None:
            self._busy = False
            self._offer_place(row, k, series)
            self._go_on()

        self._reading.jobs.start(f"Finding {row.lesion.label} again", work, done, failed, owner=self)

    def _offer_place(self, row: LesionRow, k: int, series: SeriesRecord) -> None:
        """Nothing was found: that is remembered, too, so that it is said and not tried for ever."""
        from measure.carry import Carried
        from measure.register import Found

        nowhere = Found((0.0, 0.0, 0.0), 99.0, 0.0, "failed", "not found again")
        self._offer(Offered(row.lesion.lesion_id, series.uid, self._name(k), Carried(nowhere, (), -1, "failed")))

    def _name(self, k: int) -> str:
        return self._reading.reading.timepoints[k].name

    def _offer(self, offered: Offered) -> None:
        self.offered[offered.lesion_id] = offered
        if self._reading.selection == offered.lesion_id and self._drawing.pending is None:
            self._show(offered)
        self.changed.emit()

    # --- showing and settling ----------------------------------------------------------------------------------

    def waiting(self) -> dict[str, Offered]:
        """Proposals of lesions that are still open, by lesion id; dropped ones left out."""
        open_now = {row.lesion.lesion_id for row in self._reading.reading.lesions if _wants_one(row)}
        return {about: one for about, one in self.offered.items() if about in open_now and about not in self._dropped}

    def _selected(self, about: str) -> None:
        """Selecting an open lesion draws its proposal; moving on leaves it as it is."""
        pending = self._drawing.pending
        if pending is not None and pending.is_offer and pending.about != about:
            self._drawing.withdraw()
            pending = None
        offered = self.waiting().get(about)
        if pending is None and offered is not None:
            self._show(offered)

    def _show(self, offered: Offered) -> None:
        row = self._reading.reading.row(offered.lesion_id)
        if offered.carried.candidates:
            self._shown.add(offered.lesion_id)
            self._drawing.offer(row.lesion, offered.series_uid, offered.carried, offered.facts())
        self._reading.say(self.line_of(row), INFO if offered.carried.quality == "good" else NEEDS)

    def _rejected(self, about: str) -> None:
        offered = self.offered.get(about)
        if offered is not None:
            self._dropped.add(about)
            self._note(about, "dropped")
            self.changed.emit()

    def _reading_changed(self, reading: Reading) -> None:
        """A lesion answered otherwise than by its proposal: the proposal was rejected, and the trail says so."""
        pending = self._drawing.pending
        if pending is not None and pending.is_offer:
            row = self._reading.row if pending.about == self._reading.selection else None
            if row is None or row.findings[-1] is not None:
                self._drawing.withdraw()
        for about in tuple(self._shown):
            found = next((r for r in reading.lesions if r.lesion.lesion_id == about), None)
            finding = found.findings[-1] if found else None
            if found is None or finding is None:
                continue
            self._shown.discard(about)
            mark = found.marks[-1]
            if mark is None or "carried_from" not in mark.proposed:
                self._note(about, finding.state if mark is None else f"drawn by {finding.method}")
        self._go_on()

    def _note(self, about: str, instead: str) -> None:
        self._shown.discard(about)
        model = self._reading
        row = next((r for r in model.reading.lesions if r.lesion.lesion_id == about), None)
        if row is not None:
            facts = self.offered[about].facts()
            proposals.note_rejection(model.ports, model.session, model.reading, row, facts, instead)

    # --- words and Enter ---------------------------------------------------------------------------------------

    def slice_was_seen(self) -> bool:
        """The slice of what is pending was painted at this time point."""
        pending = self._drawing.pending
        found = self._reading.series_of(pending.series_uid) if pending is not None else None
        return pending is not None and found is not None and pending.slice in self._reading.seen(found[1])

    def why_enter_waits(self) -> str:
        """Why `Enter` does not accept what is offered, empty where it does (reading-room 4)."""
        pending = self._drawing.pending
        if pending is None or not pending.is_offer:
            return ""
        row = self._reading.reading.row(pending.about)
        if pending.carried is not None and pending.carried.quality != "good":
            return self.line_of(row)
        if not self.slice_was_seen():
            return f"{row.lesion.label}: its slice was not on screen yet. It is now; Enter accepts."
        return ""

    def value_of(self, about: str) -> str:
        """The diameter a proposal would count with, as the table writes it: short axis for a node."""
        shown = self.offered[about].carried.proposed
        row = self._reading.reading.row(about)
        if shown is None:
            return ""
        counts = shown.axes.short_mm if row.lesion.nodal else shown.axes.long_mm
        return str(rounded_length(counts, self._reading.reading.protocol.precision.length_mm))

    def line_of(self, row: LesionRow) -> str:
        """What the message line says of an open lesion's proposal; empty where there is none."""
        offered, label = self.waiting().get(row.lesion.lesion_id), row.lesion.label
        if offered is None:
            return ""
        if offered.carried.quality == "good":
            return (
                f"{label}: good match, carried over from {offered.from_name}. "
                "Enter accepts it, a click in the lesion draws it anew."
            )
        if offered.carried.quality == "doubtful":
            return (
                f"{label}: doubtful match, {offered.carried.found.error_mm:.1f} mm. "
                "Look at it; Accept takes it, a click in the lesion draws it anew."
            )
        return f"{label}: not found again. Click it, or 0 absent, M too small, X not evaluable."

    def line_for(self, item: OpenItem) -> str:
        """What the message line says of an open thing that has no proposal: what may be answered."""
        row = next((r for r in self._reading.reading.lesions if r.lesion.lesion_id == item.about), None)
        if row is None:
            return item.text
        if item.about in self.waiting():
            return ""  # said when it was selected
        label = row.lesion.label
        if row.lesion.role in MEASURED_ROLES:
            return f"{label} is open: click it, or 0 absent, M too small, X not evaluable."
        return f"{label}: A as before, I increased, U unequivocal progression, 0 absent, X not evaluable."


def _wants_one(row: LesionRow) -> bool:
    """Open and measured, and last seen as something that can be measured: what had gone is not proposed again."""
    earlier = next((f for f in reversed(row.findings[:-1]) if f is not None), None)
    was_there = earlier is not None and earlier.state not in GONE
    return row.lesion.role in MEASURED_ROLES and row.findings[-1] is None and was_there


def _last_mark(row: LesionRow) -> tuple[int, Mark] | None:
    """The newest earlier time point on which the lesion has a mark."""
    for k in range(len(row.marks) - 2, -1, -1):
        mark = row.marks[k]
        if mark is not None:
            return k, mark
    return None
