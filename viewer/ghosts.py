"""Marks of another stack laid where they would lie on this one: to compare, never to change."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from measure.geometry import Grid, Point
from viewer.marks import MarkAxes, MarkLabel, ViewMark

PARALLEL_COSINE = 0.9


def ghosts_of(marks: Sequence[ViewMark], source: Grid, target: Grid, shift_mm: Point, when: str) -> list[ViewMark]:
    """Marks of the source stack on the target: what lies at p there lies at p + shift_mm here (LPS mm).

    when: the time point they belong to, for their labels. Each slice of the target takes the outline of the nearest
    source slice within half a step, so that thick and thin slices match. Stacks across each other have no ghosts.
    """
    if abs(float(source.normal @ target.normal)) < PARALLEL_COSINE:
        return []
    pairs = _partner_slices(source, target, shift_mm)
    made = []
    for mark in marks:
        outlines = {
            here: tuple(np.asarray(piece, float) + np.asarray(shift_mm, float) for piece in mark.outlines[there])
            for here, there in pairs
            if there in mark.outlines
        }
        axes = _axes(mark.axes, pairs, shift_mm) if mark.axes is not None else None
        if outlines or axes is not None:
            label = MarkLabel(f"{mark.label.name} {when}".strip())
            made.append(
                replace(mark, outlines=outlines, axes=axes, label=label, selected=False, editable=False, locked=True)
            )
    return made


def _partner_slices(source: Grid, target: Grid, shift_mm: Point) -> list[tuple[int, int]]:
    """(target slice, nearest source slice) where they lie within half a step of the coarser stack."""
    way = 1.0 if float(source.normal @ target.normal) > 0 else -1.0
    there = way * np.asarray(source.positions_mm, float) + float(np.dot(shift_mm, target.normal))
    reach = 0.5 * max(source.slice_step_mm, target.slice_step_mm, 1.0) + 1e-6
    found = []
    for here, position in enumerate(np.asarray(target.positions_mm, float)):
        away = np.abs(there - position)
        nearest = int(np.argmin(away))
        if away[nearest] <= reach:
            found.append((here, nearest))
    return found


def _axes(axes: MarkAxes, pairs: Iterable[tuple[int, int]], shift_mm: Point) -> MarkAxes | None:
    here = next((k for k, there in pairs if there == axes.slice), None)
    return None if here is None else replace(axes.moved(shift_mm), slice=here)
