"""The view-model of drawing: what the hand left becomes a proposal, then, accepted, a stored mark."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.models.messages import BLOCKED, NEEDS
from app.models.reading import ReadingModel
from app.problems import report
from app.workflow.drawn import Drawn, Ends
from app.workflow.fragments import SPLIT
from measure.geometry import Point, distance_mm
from measure.read import Lesion
from measure.refusal import Refused
from measure.values import rounded_length
from measure.volume import Mask, Volume

if TYPE_CHECKING:
    from measure.carry import Carried
    from measure.segment.candidate import Candidate

OFFERED = "proposal"


@dataclass(frozen=True)
class Pending:
    """What was drawn and is not kept yet: the sizes offered, or axes by hand; and what it is going to be.

    about: the lesion or zone it belongs to, empty for a lesion seen for the first time. carried, proposed: what was
    found again from the earlier time point, and what the record keeps of it.
    """

    series_uid: str
    slice: int
    method: str
    long_ends: Ends
    short_ends: Ends | None
    about: str = ""
    candidates: tuple[Candidate, ...] = ()
    index: int = 0
    outlines: Any = None
    role: str = "target"
    organ: str = ""
    site: str = ""
    nodal: bool = False
    equivocal: bool = False
    zone_id: str = ""
    for_zone: bool = False
    split_from: str = ""
    carried: Carried | None = None
    proposed: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_offer(self) -> bool:
        """It was carried over and the reader has not touched it yet, but for its size."""
        return self.method == OFFERED

    @property
    def candidate(self) -> Candidate | None:
        """The size shown."""
        return self.candidates[self.index] if self.candidates else None


class DrawingModel(QObject):
    """`changed` carries the Pending or None; `busy` that something is being outlined; `rejected` the lesion whose
    carried-over proposal was dropped."""

    changed = Signal(object)
    rejected = Signal(str)
    busy = Signal(bool)
    organ_needed = Signal()

    def __init__(self, reading: ReadingModel) -> None:
        super().__init__(reading)
        self._reading = reading
        self.pending: Pending | None = None
        self._asked = 0

    # --- from the hand -----------------------------------------------------------------------------------------

    def click(self, series_uid: str, at: Point) -> None:
        """Outline the lesion at a point."""
        self._segment(series_uid, "click", at, at)

    def stroke(self, series_uid: str, start: Point, end: Point) -> None:
        """Outline the lesion whose long axis was drawn."""
        self._segment(series_uid, "stroke", start, end)

    def withdraw_click(self) -> None:
        """The click was the first half of a double click."""
        self._asked += 1
        self.busy.emit(False)
        if self.pending is not None and self.pending.method == "click":
            self.drop()

    def _segment(self, series_uid: str, how: str, a: Point, b: Point) -> None:
        if not self._may_draw(series_uid):
            return
        volume = self._reading.volumes[series_uid]
        self._asked += 1
        asked = self._asked

        def work(_: Any) -> tuple[Candidate, ...]:
            if how == "click":
                from measure.segment.click import segment_click

                return segment_click(volume, a)
            from measure.segment.stroke import segment_stroke

            return segment_stroke(volume, a, b)

        def done(candidates: tuple[Candidate, ...]) -> None:
            if asked == self._asked:
                self.busy.emit(False)
                self._propose(series_uid, how, candidates)

        def failed(problem: BaseException) -> None:
            if asked == self._asked:
                self.busy.emit(False)
                if isinstance(problem, Refused):
                    self._reading.say(str(problem), NEEDS)
                else:
                    report(problem, lambda line: self._reading.say(line, BLOCKED))

        self.busy.emit(True)
        self._reading.jobs.start("", work, done, failed, owner=self)

    def _propose(self, series_uid: str, how: str, candidates: tuple[Candidate, ...]) -> None:
        best = next((k for k, one in enumerate(candidates) if one.best), 0)
        axes = candidates[best].axes
        pending = Pending(
            series_uid, axes.slice, how, axes.long_ends, axes.short_ends, candidates=candidates, index=best
        )
        self._set(self._placed(pending))
        quality = candidates[best].quality
        if quality == "failed":
            self._reading.say("Hardly an edge here. Look at it, or draw a stroke along the long axis.", NEEDS)
        elif len(candidates) > 1:
            self._reading.say("Enter keeps it, Z offers the next size, Esc drops it.")
        else:
            self._reading.say("Enter keeps it, Esc drops it.")

    def offer(self, lesion: Lesion, series_uid: str, carried: Carried, proposed: Mapping[str, Any]) -> None:
        """Show what was carried over from an earlier time point; nothing of it counts before it is accepted."""
        axes = carried.candidates[carried.best].axes
        self._set(
            Pending(
                series_uid,
                axes.slice,
                OFFERED,
                axes.long_ends,
                axes.short_ends,
                about=lesion.lesion_id,
                candidates=carried.candidates,
                index=carried.best,
                role=lesion.role,
                organ=lesion.organ,
                nodal=lesion.nodal,
                carried=carried,
                proposed=proposed,
            )
        )

    def withdraw(self) -> None:
        """Take an offer from the picture; it stays a proposal."""
        self._set(None)

    def by_hand(self, series_uid: str, slice_index: int, long_ends: Ends, short_ends: Ends | None) -> None:
        """Two axes drawn by hand."""
        if self._may_draw(series_uid):
            self._set(self._placed(Pending(series_uid, slice_index, "manual", long_ends, short_ends)))
            self._reading.say("Enter keeps it, Esc drops it.")

    def outline(self, series_uid: str, slice_index: int, points: tuple[Point, ...]) -> None:
        """A closed outline by hand: its axes follow from it."""
        if not self._may_draw(series_uid) or len(points) < 3:
            return
        from measure.outline_points import axes_of_points

        grid = self._reading.volumes[series_uid].grid
        axes = axes_of_points(points, slice_index, grid)
        closed = [*points, points[0]]
        self._set(
            self._placed(
                Pending(
                    series_uid,
                    slice_index,
                    "manual",
                    axes.long_ends,
                    axes.short_ends,
                    outlines={slice_index: [closed]},
                )
            )
        )
        self._reading.say("Enter keeps it, Esc drops it.")

    def paint(self, series_uid: str, points: tuple[Point, ...], radius_mm: float, *, erase: bool) -> None:
        """Add to (or take from) the proposal, or the selected lesion's outline, along a brush stroke."""
        if not self._may_draw(series_uid):
            return
        from measure.diameters import axes_of_mask
        from measure.outline import cropped
        from measure.segment.brush import brushed
        from measure.segment.candidate import Candidate

        volume = self._reading.volumes[series_uid]
        base = self._base_mask(series_uid, volume)
        if base is None and erase:
            self._reading.say("There is no outline here to take from.")
            return
        if base is None:
            base = np.zeros(volume.array.shape, bool)
        mask = brushed(base, volume.grid, points, radius_mm, erase=erase)
        axes = axes_of_mask(mask, volume)
        if axes is None:
            self._reading.say("Nothing is left of the outline; Esc drops it.", NEEDS)
            return
        candidate = Candidate(cropped(mask), volume.grid, axes, int(mask.sum()) * volume.grid.voxel_ml, 1.0, True)
        start = self.pending or self._placed_on_selection(
            Pending(series_uid, axes.slice, "brush", axes.long_ends, axes.short_ends)
        )
        self._set(
            replace(
                start,
                slice=axes.slice,
                method="brush",
                long_ends=axes.long_ends,
                short_ends=axes.short_ends,
                candidates=(candidate,),
                index=0,
                outlines=None,
            )
        )
        self._reading.say("Enter keeps it, Esc drops it.")

    def _base_mask(self, series_uid: str, volume: Volume) -> Mask | None:
        from measure.outline import restored

        if self.pending is not None:
            return self.pending.candidate.mask if self.pending.candidate else None
        row, zone = self._reading.row, self._reading.zone
        mark = row.marks[-1] if row else zone.marks[-1] if zone else None
        if mark is None or mark.series_uid != series_uid or not mark.mask_bits:
            return None
        k, j, i, nk, nj, ni = mark.mask_box
        return restored((k, j, i, nk, nj, ni), mark.mask_bits, volume.array.shape)

    def _placed_on_selection(self, pending: Pending) -> Pending:
        """A brush stroke changes the selected lesion; without one it begins a new outline."""
        row = self._reading.row
        if row is not None:
            lesion = row.lesion
            return replace(pending, about=lesion.lesion_id, role=lesion.role, organ=lesion.organ, nodal=lesion.nodal)
        return self._placed(pending)

    def _may_draw(self, series_uid: str) -> bool:
        reading = self._reading.reading
        series = next((s for s in reading.now.series if s.uid == series_uid), None)
        if series is None:
            self._reading.say("This time point is signed. Draw on the current one.", NEEDS)
            return False
        volume = self._reading.volumes.get(series_uid)
        if volume is None:
            return False
        if not volume.in_plane_measurable:
            self._reading.say(f"Nothing is measured here: {volume.why_not}.", BLOCKED)
            return False
        return True

    def _placed(self, pending: Pending) -> Pending:
        """Say what it is going to be: the selected open lesion or zone, else a first-seen lesion."""
        reading, about = self._reading.reading, self._reading.selection
        zone = self._reading.zone
        if zone is not None:
            return replace(pending, about=zone.zone.id, for_zone=True)
        row = self._reading.row
        if row is not None and row.findings[-1] is None:
            return replace(pending, about=about, role=row.lesion.role, organ=row.lesion.organ, nodal=row.lesion.nodal)
        if row is not None and row.findings[-1] is not None and row.findings[-1].state == SPLIT:
            lesion = row.lesion
            return replace(
                pending, split_from=about, role=lesion.role, organ=lesion.organ, site=lesion.site, nodal=lesion.nodal
            )
        role = "target" if reading.at_baseline else "new"
        organ = self._reading.last_organ
        return replace(pending, role=role, organ=organ, nodal=organ == "lymph-node")

    # --- before it is kept -------------------------------------------------------------------------------------

    def _set(self, pending: Pending | None) -> None:
        self.pending = pending
        self.changed.emit(pending)

    def next_size(self, step: int = 1) -> None:
        """The next larger or smaller candidate."""
        pending = self.pending
        if pending is None or not pending.candidates:
            self._reading.say("There is no proposal with other sizes.")
            return
        index = (pending.index + step) % len(pending.candidates)
        axes = pending.candidates[index].axes
        self._set(replace(pending, index=index, slice=axes.slice, long_ends=axes.long_ends, short_ends=axes.short_ends))

    def set_axes(self, slice_index: int, long_ends: Ends, short_ends: Ends | None) -> None:
        """An end of the proposal was pulled: it is the reader's own measurement now."""
        if self.pending is not None:
            self._set(
                replace(
                    self.pending,
                    slice=slice_index,
                    long_ends=long_ends,
                    short_ends=short_ends,
                    method="edited",
                )
            )

    def set_what(self, **what: Any) -> None:
        """Role, organ, site, node, equivocal, zone of what is pending."""
        if self.pending is not None:
            self._set(replace(self.pending, **what))

    def measure_selected_again(self) -> None:
        """Let what is pending replace the selected lesion's measurement."""
        row = self._reading.row
        if self.pending is not None and row is not None:
            self.set_what(about=row.lesion.lesion_id, role=row.lesion.role, nodal=row.lesion.nodal)

    def drop(self) -> bool:
        """Forget what is pending; says whether there was anything."""
        dropped = self.pending
        self._asked += 1
        self._set(None)
        if dropped is not None and dropped.is_offer:
            self.rejected.emit(dropped.about)
        return dropped is not None

    def value_mm(self) -> tuple[str, str]:
        """Long and short axis of what is pending, as they would be stored."""
        if self.pending is None:
            return "", ""
        precision = self._reading.reading.protocol.precision.length_mm
        long_mm = str(rounded_length(distance_mm(*self.pending.long_ends), precision))
        short = self.pending.short_ends
        return long_mm, str(rounded_length(distance_mm(*short), precision)) if short else ""

    def words_of(self, candidate: Candidate) -> str:
        """Both axes of a candidate, rounded as they would be stored."""
        precision = self._reading.reading.protocol.precision.length_mm
        long_mm, short_mm = (rounded_length(v, precision) for v in (candidate.axes.long_mm, candidate.axes.short_mm))
        return f"{long_mm} × {short_mm} mm"

    def accept(self) -> str | None:
        """Keep what is pending; returns the lesion's or zone's id, None when something is missing still."""
        pending = self.pending
        if pending is None:
            return None
        if not pending.about and not pending.organ:
            self._reading.say("Say which organ the lesion lies in, then Enter.", NEEDS)
            self.organ_needed.emit()
            return None
        drawn = self._drawn(pending)
        if pending.for_zone:
            zone = next(z for z in self._reading.reading.zones if z.zone.id == pending.about)
            kept = pending.about if self._reading.outline_zone(zone, drawn) else None
        elif pending.split_from:
            kept = self._reading.add_fragment(self._reading.reading.row(pending.split_from), drawn)
        elif pending.about:
            row = self._reading.reading.row(pending.about)
            kept = pending.about if self._reading.measure(row, drawn) else None
        else:
            kept = self._reading.add(
                drawn,
                role=pending.role,
                organ=pending.organ,
                site=pending.site,
                nodal=pending.nodal,
                equivocal=pending.equivocal,
                zone_id=pending.zone_id,
            )
        if kept is not None:
            self._set(None)
        return kept

    def _drawn(self, pending: Pending) -> Drawn:
        volume = self._reading.volumes[pending.series_uid]
        candidate = pending.candidate
        method = "proposal-accepted" if pending.is_offer else pending.method
        if candidate is None:
            outlines = pending.outlines or {}
            return Drawn(
                pending.series_uid,
                volume.instance_uids[pending.slice],
                pending.slice,
                method,
                pending.long_ends,
                pending.short_ends,
                outlines=outlines,
            )
        mean, sd = mask_values(volume, candidate)
        axes = candidate.axes
        proposed = {
            "long_mm": round(axes.long_mm, 3),
            "short_mm": round(axes.short_mm, 3),
            "candidate": pending.index,
            "candidates": len(pending.candidates),
            "quality": round(candidate.quality_q, 3),
        } | dict(pending.proposed)
        return Drawn(
            pending.series_uid,
            volume.instance_uids[pending.slice],
            pending.slice,
            method,
            pending.long_ends,
            pending.short_ends,
            outlines={
                k: [[(p[0], p[1], p[2]) for p in line.tolist()] for line in lines]
                for k, lines in candidate.outlines.items()
            },
            mask_box=tuple(candidate.stored.box),
            mask_bits=candidate.stored.bits,
            volume_ml=candidate.volume_ml if volume.measurable else None,
            mean=mean,
            sd=sd,
            proposed=proposed,
        )


def mask_values(volume: Volume, candidate: Candidate) -> tuple[float, float]:
    """Mean and standard deviation of the values inside a candidate."""
    k, j, i, nk, nj, ni = candidate.stored.box
    inside = candidate.stored.inside()
    part = volume.array[k : k + nk, j : j + nj, i : i + ni][inside]
    return float(part.mean()), float(part.std())
