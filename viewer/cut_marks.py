"""Outlines of a stack's marks where another plane cuts them: steps as high as the slices, in the mark's hue."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QLineF, Qt
from PySide6.QtGui import QPainter, QPen

from measure.geometry import Floats, Grid
from viewer.marks import ViewMark
from viewer.overlay import Overlay
from viewer.slice_geometry import Placement
from viewer.theme import theme


class CutMarks(Overlay):
    """Marks drawn on the slices of one stack, shown on a plane across it; they cannot be changed there.

    grid: of the stack the marks belong to.
    """

    def __init__(self, marks: Sequence[ViewMark], grid: Grid) -> None:
        self.marks = tuple(mark for mark in marks if mark.outlines)
        self.grid = grid
        self._kept: tuple[int, list[tuple[ViewMark, Floats]]] | None = None

    def paint(self, painter: QPainter, placement: Placement) -> None:
        """Halo, then the lines; thicker for the selected one."""
        if self._kept is None or self._kept[0] != placement.slice:
            level = float(placement.grid.positions_mm[placement.slice])
            cuts = [(mark, cut_lines(mark, self.grid, placement.grid.normal, level)) for mark in self.marks]
            self._kept = placement.slice, [(mark, lines) for mark, lines in cuts if len(lines)]
        look = theme()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, True)
        for mark, lines in self._kept[1]:
            width = look.lines["selected" if mark.selected else "solid"].width
            drawn = [QLineF(*a, *b) for a, b in placement.to_screen(lines).tolist()]
            halo = width + 2.0 * look.lines["halo"].width
            for pen in (
                QPen(look.colour("halo", "halo"), look.line_px(halo)),
                QPen(look.colour(mark.colour), look.line_px(width)),
            ):
                pen.setCapStyle(Qt.PenCapStyle.SquareCap)
                painter.setPen(pen)
                painter.drawLines(drawn)


def cut_lines(mark: ViewMark, grid: Grid, normal: Floats, level: float) -> Floats:
    """Pieces of the outline in a plane across the stack, shape (n, 2, 3), LPS mm.

    Each slice gives the stretches of the plane within its outlines, half-way to its neighbours thick; what two
    neighbours share has no line between them.
    """
    along = np.cross(normal, grid.normal)
    along = along / max(float(np.linalg.norm(along)), 1e-9)
    places = grid.positions_mm
    half = grid.slice_step_mm / 2.0
    runs = {k: _stretches(mark, k, normal, level, along) for k in mark.outlines}
    found: list[tuple[Floats, Floats]] = []
    for k, stretches in runs.items():
        low = -min(half, (places[k] - places[k - 1]) / 2.0 if k else half)
        high = min(half, (places[k + 1] - places[k]) / 2.0 if k + 1 < len(places) else half)
        for start, end in stretches:
            found += [(point + low * grid.normal, point + high * grid.normal) for point in (start, end)]
        for step, shift in ((-1, low), (1, high)):
            mine = [(float(a @ along), float(b @ along), a) for a, b in stretches]
            theirs = [(float(a @ along), float(b @ along)) for a, b in runs.get(k + step, [])]
            for first, last, origin in mine:
                for left, right in _left_over((first, last), theirs):
                    ends = [origin + (s - first) * along + shift * grid.normal for s in (left, right)]
                    found.append((ends[0], ends[1]))
    return np.asarray(found, float).reshape(-1, 2, 3)


def _stretches(mark: ViewMark, k: int, normal: Floats, level: float, along: Floats) -> list[tuple[Floats, Floats]]:
    """Where a plane runs within the outlines of a slice: pairs of points, in the order along the plane."""
    points = []
    for piece in mark.outlines[k]:
        side = piece @ normal - level
        crossed = np.flatnonzero((side[:-1] > 0) != (side[1:] > 0))
        share = side[crossed] / (side[crossed] - side[crossed + 1])
        points.append(piece[crossed] + share[:, None] * (piece[crossed + 1] - piece[crossed]))
    every = np.concatenate(points) if points else np.empty((0, 3))
    ordered = every[np.argsort(every @ along)]
    return [(ordered[n], ordered[n + 1]) for n in range(0, len(ordered) - 1, 2)]


def _left_over(stretch: tuple[float, float], others: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """What of a stretch no other one covers."""
    left: list[tuple[float, float]] = [stretch]
    for low, high in others:
        left = [
            part
            for start, end in left
            for part in ((start, min(end, low)), (max(start, high), end))
            if part[1] - part[0] > 1e-6
        ]
    return left
