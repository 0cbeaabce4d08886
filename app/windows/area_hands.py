"""What the hand does on a picture of the reading: drawings and pulled ends go to the models, the pointer to words."""

from __future__ import annotations

import numpy as np

from app.models.drawing import DrawingModel
from app.models.messages import NEEDS
from app.models.reading import ReadingModel
from app.windows.hung import Hung
from app.windows.view_marks import PENDING
from app.workflow.drawn import Drawn
from viewer.marks import MarkAxes
from viewer.region_statistics import ellipse_statistics
from viewer.tools.events import Click, Discs, Ellipse, LengthLine, Polygon, Stroke, TwoAxes
from viewer.viewport import Viewport


class AreaHands:
    """Takes what viewports tell; only the current time point may be drawn on."""

    def __init__(self, model: ReadingModel, drawing: DrawingModel) -> None:
        self._model, self._drawing = model, drawing

    @property
    def _last(self) -> int:
        return len(self._model.reading.timepoints) - 1

    def drawn(self, viewport: Viewport, hung: Hung | None, drawn: object) -> None:
        """Something was drawn."""
        if hung is None or viewport.volume is None:
            return
        uid = hung.series.uid
        match drawn:
            case LengthLine(_, ends):
                mm = float(np.linalg.norm(np.subtract(ends[1], ends[0])))
                self._model.say(f"Length {mm:.1f} mm. It is not kept.")
            case Ellipse():
                self._say_ellipse(viewport, drawn)
            case _ if hung.timepoint != self._last or hung.fused:
                self._model.say("This time point is signed. Draw on the current one.", NEEDS)
            case Click(_, at):
                self._drawing.click(uid, at)
            case Stroke(_, points):
                self._drawing.stroke(uid, points[0], points[-1])
            case TwoAxes(slice_index, long_ends, short_ends):
                self._drawing.by_hand(uid, slice_index, long_ends, short_ends)
            case Polygon(slice_index, points):
                self._drawing.outline(uid, slice_index, points)
            case Discs():
                self._drawing.paint(uid, drawn.points, drawn.radius_mm, erase=drawn.erase)
            case _:
                pass

    def _say_ellipse(self, viewport: Viewport, ellipse: Ellipse) -> None:
        if viewport.volume is None:
            return
        found = ellipse_statistics(viewport.volume, ellipse)
        self._model.say(f"{found.text()}. It is not kept.")

    def edited(self, viewport: Viewport, hung: Hung, key: str, axes: MarkAxes) -> None:
        """An end was pulled."""
        if key == PENDING:
            self._drawing.set_axes(axes.slice, axes.long_ends, axes.short_ends)
        else:
            self._store_edit(viewport, hung, key, axes)

    def _store_edit(self, viewport: Viewport, hung: Hung, key: str, axes: MarkAxes) -> None:
        """An end of a kept mark was pulled: a new version, the reader's own; the outline stays beside it."""
        reading = self._model.reading
        row = next((r for r in reading.lesions if r.lesion.lesion_id == key), None)
        zone = next((z for z in reading.zones if z.zone.id == key), None)
        mark = (row.marks[-1] if row else None) or (zone.marks[-1] if zone else None)
        if mark is None or viewport.volume is None:
            return
        drawn = Drawn(
            hung.series.uid,
            viewport.volume.instance_uids[axes.slice],
            axes.slice,
            "edited",
            axes.long_ends,
            axes.short_ends,
            outlines={
                int(k): [[(p[0], p[1], p[2]) for p in line] for line in lines] for k, lines in mark.outlines.items()
            },
            mask_box=tuple(mark.mask_box),
            mask_bits=mark.mask_bits,
            volume_ml=float(mark.volume_ml) if mark.volume_ml else None,
            mean=float(mark.mean) if mark.mean else None,
            sd=float(mark.sd) if mark.sd else None,
            proposed=mark.proposed,
        )
        if row is not None:
            self._model.measure(row, drawn)
        elif zone is not None:
            self._model.outline_zone(zone, drawn)

    def words_under(self, viewport: Viewport, hung: Hung | None, under: object) -> str:
        """Place, value, slice and thickness under the pointer, empty where there is no picture."""
        volume = viewport.volume
        if under is None or volume is None or hung is None:
            return ""
        x, y, z = under.at  # type: ignore[attr-defined]
        value = under.value  # type: ignore[attr-defined]
        words = [
            "  ".join(f"{pair[c < 0]} {abs(c):.1f}" for c, pair in ((x, "LR"), (y, "PA"), (z, "SI"))) + " mm",
            "" if value is None else f"{value:.0f} {volume.unit}".replace("-", "−"),
            f"slice {viewport.order.number(viewport.slice)}",
            f"{hung.series.thickness_mm} mm slices" if hung.series.thickness_mm else "",
        ]
        return "    ".join(word for word in words if word)
