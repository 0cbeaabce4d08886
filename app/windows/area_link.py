"""How the time points that hang are linked: the reader's own offset, else the registration, else the position."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from app.models.matching import MatchModel
from app.models.reading import ReadingModel
from app.windows.hung import Hung
from app.workflow.link_offsets import kept_offsets
from measure.geometry import Point
from viewer.linking import Link
from viewer.viewport import Viewport


class AreaLink:
    """Offsets belong to pairs of time points and survive another series or layout."""

    def __init__(
        self,
        model: ReadingModel,
        match: MatchModel,
        link: Link,
        hung: dict[Viewport, Hung],
        current: Callable[[], Viewport],
        fused_on: Callable[[Hung], tuple[int, str]],
    ) -> None:
        self._model, self._match, self._link, self._hung = model, match, link, hung
        self._current, self._fused_on = current, fused_on
        last = len(model.reading.timepoints) - 1
        self.offsets = {(k, last): mm for k, mm in kept_offsets(model.reading).items()}

    @property
    def _last(self) -> int:
        return len(self._model.reading.timepoints) - 1

    def apply(self) -> None:
        """The reader's own offset wins; else what the registration says; else the position alone."""
        current = self._hung.get(self._current())
        for viewport, hung in self._hung.items():
            earlier, uid = self._lies_on(hung)
            if viewport.volume is None or current is None or earlier == self._last:
                continue
            offset = self.offsets.get((earlier, self._last))
            if offset is not None:
                shift = viewport.volume.grid.normal * offset
            else:
                self._match.ask(uid, current.series.uid)  # the earlier scan is the fixed one
                found = self._match.registration(uid, current.series.uid)
                if found is None:
                    continue
                middle = self._middle(current.series.uid)
                shift = np.subtract(found.to_fixed(middle), middle)
            self._link.set_shift(viewport, (float(shift[0]), float(shift[1]), float(shift[2])))

    def _lies_on(self, hung: Hung) -> tuple[int, str]:
        """Time point and series whose slices a viewport shows."""
        return self._fused_on(hung) if hung.fused else (hung.timepoint, hung.series.uid)

    def _middle(self, uid: str) -> Point:
        grid = self._model.volumes[uid].grid
        x, y, z = (float(c) for c in grid.to_patient([(n - 1) / 2 for n in grid.size]))
        return x, y, z

    def words(self, hung: Hung) -> str:
        """How a time point is linked to the current one."""
        current = self._hung.get(self._current())
        if (hung.timepoint, self._last) in self.offsets:
            return "your offset"
        found = self._match.registration(hung.series.uid, current.series.uid) if current else None
        return f"registered, {found.error_mm:.1f} mm" if found else "by position"

    def link_here(self, shown: tuple[Viewport, ...]) -> list[str]:
        """The slices shown belong together; returns what to say of each time point."""
        self._link.link_here()
        current = self._current()
        if current.volume is None:
            return []
        base, said = self._link.offset_mm(current), []
        for viewport, hung in self._hung.items():
            if viewport in shown and hung.timepoint != self._last and not hung.fused:
                mm = self.offsets[(hung.timepoint, self._last)] = self._link.offset_mm(viewport) - base
                name = self._model.reading.timepoints[hung.timepoint].name
                said.append(f"Linked here: {name} stands {mm:+.1f} mm along the body.".replace("-", "−"))
        self.apply()  # a fused picture goes with the scan before
        if said:
            self._model.keep_offsets({k: mm for (k, _), mm in self.offsets.items()})
        return said
