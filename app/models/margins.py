"""The margin of the selected zone: measured in the background once it may be seen, kept as shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.models.matching import MatchModel
from app.models.messages import BLOCKED
from app.models.reading import ReadingModel
from app.workflow import margins
from app.workflow.margins import MarginSources
from app.workflow.reading import ZoneRow
from measure.refusal import Refused

if TYPE_CHECKING:
    from measure.margin import Margin
    from measure.read import Mark
    from measure.volume import Mask, Volume

COVERED = "Covered until the judgement is saved."
MEASURING = "Being measured."
Key = tuple[str, str]  # the two marks


class MarginModel(QObject):
    """`changed` when a margin, or why there is none, is known."""

    changed = Signal()

    def __init__(self, reading: ReadingModel, match: MatchModel) -> None:
        super().__init__(reading)
        self._reading, self._match = reading, match
        self._found: dict[Key, Margin | str] = {}
        self._asked: set[Key] = set()
        reading.changed.connect(lambda _: self._go_on())
        reading.selected.connect(lambda _: self._go_on())
        reading.volume_ready.connect(lambda _: self._go_on())
        match.matched.connect(lambda _: self._go_on())

    def state(self, row: ZoneRow) -> Margin | str:
        """The margin of a zone, or the line that stands in its place."""
        reading = self._reading.reading
        if reading.protocol.reading.margin_visible == "never":
            return ""
        if not margins.may_be_seen(reading, row):
            return COVERED
        sources = margins.margin_sources(reading, row)
        if isinstance(sources, str):
            return sources
        return self._found.get((sources.tumour.id, sources.zone.id), MEASURING)

    def _go_on(self) -> None:
        row, reading = self._reading.zone, self._reading.reading
        if row is None or not margins.may_be_seen(reading, row):
            return
        sources = margins.margin_sources(reading, row)
        if not isinstance(sources, str) and (sources.tumour.id, sources.zone.id) not in self._asked:
            self._measure(row, sources)

    def _measure(self, row: ZoneRow, sources: MarginSources) -> None:
        pair = (sources.tumour.series_uid, sources.zone.series_uid)
        volumes = self._reading.volumes
        for uid, k in zip(pair, (sources.before, sources.now), strict=True):
            found = self._reading.series_of(uid)
            if uid not in volumes and found is not None:
                self._reading.load(found[1], k)
        if any(uid not in volumes for uid in pair):
            return
        key = (sources.tumour.id, sources.zone.id)
        if self._match.failed(*pair):
            self._asked.add(key)
            self._found[key] = "The two scans could not be registered: there is no margin."
            self.changed.emit()
            return
        registration = self._match.registration(*pair)
        if registration is None:
            self._match.ask(*pair)
            return
        self._asked.add(key)
        before, after = (volumes[uid] for uid in pair)

        def work(_: object) -> Margin:
            from measure.margin import ablation_margin

            tumour, zone = _mask(sources.tumour, before), _mask(sources.zone, after)
            return ablation_margin(tumour, before.grid, zone, after.grid, registration)

        def done(margin: Margin) -> None:
            self._found[key] = margin
            self._keep(row, margin)
            self.changed.emit()

        def failed(problem: BaseException) -> None:
            self._found[key] = str(problem) if isinstance(problem, Refused) else "The margin could not be measured."
            self.changed.emit()

        self._reading.jobs.start(f"Measuring the margin of {row.zone.label}", work, done, failed, owner=self)

    def _keep(self, row: ZoneRow, margin: Margin) -> None:
        """The numbers go into the record as shown; where they mean nothing, only that the map was shown."""
        model = self._reading
        now = next((z for z in model.reading.zones if z.zone.id == row.zone.id), None)
        if now is None:
            return
        found: dict[str, str] = {}
        if margin.evaluable:
            found = {
                "minimal_margin_mm": f"{margin.minimum_mm:.1f}",
                "tumour_covered_pct": f"{margin.covered_percent:.1f}",
            }
        try:
            margins.keep_margin(model.ports, model.session, model.reading, now, found)
        except Refused as refused:  # the disk is full, say: then it is not shown as kept either
            model.say(str(refused), BLOCKED)
            return
        model.refresh()


def _mask(mark: Mark, volume: Volume) -> Mask:
    from measure.outline import restored

    k, j, i, nk, nj, ni = mark.mask_box
    return restored((k, j, i, nk, nj, ni), mark.mask_bits, volume.array.shape)
