"""Lesions and zones of the current time point in 3-D, or a zone's margin on the tumour's surface."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.workflow.reading import Reading
from measure.margin import Margin
from measure.outline import restored
from measure.read import Mark
from measure.surface import surface_of
from measure.volume import Volume
from viewer.frame import Head
from viewer.margin_map import margin_scene, paint_legend
from viewer.scene_values import NamedSurface
from viewer.surface_view import SurfaceView

LEGEND_ABOVE_PX = 8.0


class ScenePage(QWidget):
    """Holds the 3-D view; made when it is first asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.view = SurfaceView(self)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.view)

    def show_outlines(self, reading: Reading, volumes: dict[str, Volume]) -> None:
        """All lesions and zones that are outlined on the current time point."""
        found: list[NamedSurface] = []
        for row in reading.lesions:
            token = "new" if row.lesion.role.startswith("new") else row.lesion.role
            found += _surface(row.marks[-1], volumes, token, row.lesion.label)
        for zone in reading.zones:
            found += _surface(zone.marks[-1], volumes, "zone", zone.zone.label, dim=True)
        self.view.set_scene(found, head=Head("3-D", reading.now.name))

    def show_margin(self, margin: Margin, name: str) -> None:
        """The tumour's surface in the colours of its margin, with error, voxels and method beside it."""
        surface, lines, spots = margin_scene(margin)
        self.view.set_scene(
            [surface],
            lines=lines,
            spots=spots,
            head=Head("3-D", f"margin of {name}"),
            legend=lambda painter, area: paint_legend(painter, margin, area, LEGEND_ABOVE_PX),
        )


def _surface(
    mark: Mark | None, volumes: dict[str, Volume], token: str, name: str, *, dim: bool = False
) -> list[NamedSurface]:
    volume = volumes.get(mark.series_uid) if mark is not None else None
    if mark is None or volume is None or not mark.mask_bits or volume.grid.size[2] < 2:
        return []
    k, j, i, nk, nj, ni = mark.mask_box
    made = surface_of(restored((k, j, i, nk, nj, ni), mark.mask_bits, volume.array.shape), volume.grid)
    return [NamedSurface(made.points, made.triangles, token, name, dim=dim)]
