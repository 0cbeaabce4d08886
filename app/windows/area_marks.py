"""What lies on a picture of the reading: this reader's marks, what is proposed, what is pending, zones; and where."""

from __future__ import annotations

from app.models.drawing import DrawingModel
from app.models.matching import MatchModel
from app.models.proposals import ProposalModel
from app.models.reading import ReadingModel
from app.windows.view_marks import expected_mark, marks_of, offered_marks, pending_mark, zone_places
from app.workflow.reading import LesionRow
from measure.geometry import Grid, Point
from measure.read import Mark
from viewer.marks import ViewMark


class AreaMarks:
    """Marks by time point and series, and the place of a lesion or zone at a time point."""

    def __init__(self, model: ReadingModel, drawing: DrawingModel, match: MatchModel, proposals: ProposalModel) -> None:
        self._model, self._drawing, self._match, self._proposals = model, drawing, match, proposals

    @property
    def _last(self) -> int:
        return len(self._model.reading.timepoints) - 1

    def on(self, timepoint: int, uid: str, grid: Grid) -> list[ViewMark]:
        """All marks of a time point on one of its series."""
        reading, pending = self._model.reading, self._drawing.pending
        marks = marks_of(reading, timepoint, uid, selection=self._model.selection)
        marks += zone_places(reading, timepoint, uid, grid)
        if timepoint == self._last:
            marks += self._proposed_on(uid, grid)
        if pending is not None and pending.series_uid == uid:
            marks = [m for m in marks if m.key != pending.about]
            name = self._labels().get(pending.about, "")
            marks.append(pending_mark(pending, self._drawing.value_mm(), name))
        return marks

    def _labels(self) -> dict[str, str]:
        return {row.lesion.lesion_id: row.lesion.label for row in self._model.reading.lesions}

    def _proposed_on(self, series_uid: str, grid: Grid) -> list[ViewMark]:
        """Proposals that wait, and where a selected lesion that was not found should lie."""
        names, waiting = self._labels(), self._proposals.waiting()
        marks = offered_marks(waiting.values(), names, series_uid, self._drawing.words_of)
        row = self._model.row
        if row is not None and row.findings[-1] is None and row.lesion.lesion_id in waiting:
            place = self._expected_place(row, series_uid)
            if waiting[row.lesion.lesion_id].carried.proposed is None and place is not None and grid.contains(place):
                marks.append(expected_mark(row.lesion.lesion_id, row.lesion.label, grid, place))
        return marks

    def _expected_place(self, row: LesionRow, series_uid: str) -> Point | None:
        """The lesion's last place, carried rigidly to a current series."""
        for k in range(len(row.marks) - 2, -1, -1):
            mark = row.marks[k]
            if mark is not None:
                found = self._match.registration(mark.series_uid, series_uid)
                return found.to_moving(_centre(mark)) if found is not None else _centre(mark)
        return None

    def place_of(self, about: str, k: int) -> Point | None:
        """Where a lesion or zone lies at a time point, LPS mm; None where nothing of it is known there."""
        reading = self._model.reading
        pending = self._drawing.pending
        if pending is not None and pending.about == about and k == self._last:
            return _middle_of(pending.long_ends)
        for row in reading.lesions:
            if row.lesion.lesion_id == about and (mark := row.marks[k]) is not None:
                return _centre(mark)
        for zone in reading.zones:
            if zone.zone.id != about:
                continue
            if (mark := zone.marks[k]) is not None:
                return _centre(mark)
            if any(s.uid == zone.zone.series_uid for s in reading.timepoints[k].series):
                x, y, z = zone.zone.place
                return x, y, z
        return None


def _centre(mark: Mark) -> Point:
    (ax, ay, az), (bx, by, bz) = mark.long_axis or mark.short_axis
    return _middle_of(((ax, ay, az), (bx, by, bz)))


def _middle_of(ends: tuple[Point, Point]) -> Point:
    (ax, ay, az), (bx, by, bz) = ends
    return (ax + bx) / 2, (ay + by) / 2, (az + bz) / 2
