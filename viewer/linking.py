"""Viewports that move together: by position along the normal, with an offset in mm, never by a number.

All that follow are set in the same call, so they are painted in the same event turn as the one that leads.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Grid, Point
from viewer.viewport import Viewport

PARALLEL_COSINE = 0.9  # stacks tilted by more than about 25 degrees have no linked slices


@dataclass(frozen=True, slots=True)
class Partner:
    """The slice of another stack at a place: its index, and whether it really lies there."""

    slice: int
    there: bool


def partner_slice(leader: Grid, leader_slice: int, follower: Grid, offset_mm: float) -> Partner:
    """The follower's slice nearest to the leader's, moved along its normal.

    It is there when its plane is no farther than half a slice step (the larger of both): not beyond the ends
    of the stack, not in a gap, not where stacks stand across each other.
    """
    if abs(float(leader.normal @ follower.normal)) < PARALLEL_COSINE:
        return Partner(0, there=False)
    wanted = float(_middle(leader, leader_slice) @ follower.normal) + offset_mm
    away = np.abs(follower.positions_mm - wanted)
    nearest = int(np.argmin(away))
    step = max(leader.slice_step_mm, follower.slice_step_mm, 1.0)
    return Partner(nearest, bool(away[nearest] <= 0.5 * step + 1e-6))


def offset_between(leader: Grid, leader_slice: int, follower: Grid, follower_slice: int) -> float:
    """Offset in mm that makes two slices partners."""
    here = float(_middle(leader, leader_slice) @ follower.normal)
    return float(follower.positions_mm[follower_slice]) - here


class Link:
    """Viewports linked for slice, zoom, pan and window; link off keeps them all where they are."""

    def __init__(self, viewports: tuple[Viewport, ...] = ()) -> None:
        self._viewports: tuple[Viewport, ...] = ()
        self._offsets: dict[Viewport, float] = {}
        self._shifts: dict[Viewport, tuple[float, float, float]] = {}
        self._tables: dict[tuple[Viewport, Viewport], tuple[object, list[Partner]]] = {}
        self.on = True
        self.set_viewports(viewports)

    def set_viewports(self, viewports: tuple[Viewport, ...]) -> None:
        """Link these, with no offset."""
        for viewport, slots in self._connected().items():
            for signal, slot in slots:
                signal.disconnect(slot)  # type: ignore[attr-defined]
            viewport.set_no_partner(False)
        self._viewports = viewports
        self._slots: dict[Viewport, list[tuple[object, object]]] = {}
        for viewport in viewports:
            pairs = [
                (viewport.slice_changed, partial(self._slice_changed, viewport)),
                (viewport.look_changed, partial(self._look_changed, viewport)),
                (viewport.window_changed, partial(self._window_changed, viewport)),
            ]
            for signal, slot in pairs:
                signal.connect(slot)
            self._slots[viewport] = list(pairs)
        self.clear_offsets()

    def _connected(self) -> dict[Viewport, list[tuple[object, object]]]:
        return getattr(self, "_slots", {})

    def clear_offsets(self) -> None:
        """Link by position again; call it after another stack is shown."""
        self._offsets = dict.fromkeys(self._viewports, 0.0)
        self._shifts = dict.fromkeys(self._viewports, (0.0, 0.0, 0.0))
        self._tables.clear()

    def set_shift(self, viewport: Viewport, shift_mm: Point) -> None:
        """Bring a stack into the space of the others: what lies at p there lies at p + shift here."""
        self._shifts[viewport] = shift_mm
        if viewport.volume is not None:
            self._offsets[viewport] = float(np.dot(shift_mm, viewport.volume.grid.normal))
        self._tables.clear()

    def switch(self) -> bool:
        """Link on or off; says which it is now. On again: as positions and offsets have it."""
        self.on = not self.on
        if not self.on:
            for viewport in self._viewports:
                viewport.set_no_partner(False)
        return self.on

    def link_here(self) -> None:
        """Make the slices shown partners: from now on they keep this offset."""
        shown = [viewport for viewport in self._viewports if viewport.volume is not None]
        self.on = True
        self._tables.clear()
        if not shown:
            return
        first = shown[0]
        self._offsets[first] = 0.0
        for other in shown[1:]:
            grid, own = _grid(first), _grid(other)
            self._offsets[other] = offset_between(grid, first.slice, own, other.slice)
        for viewport in shown:
            viewport.set_no_partner(False)

    def offset_mm(self, viewport: Viewport) -> float:
        """Offset of a viewport in mm along its normal, against the space of the link."""
        return self._offsets[viewport]

    def follow(self, leader: Viewport) -> None:
        """Let all others take slice, zoom and centre of one."""
        self._slice_changed(leader, leader.slice)
        self._look_changed(leader)

    def bring(self, follower: Viewport, leader: Viewport) -> None:
        """Let one viewport alone take slice, zoom and centre of another."""
        if self.on and leader.volume is not None and follower.volume is not None:
            self._bring_slice(follower, leader, leader.slice)
            self._bring_look(follower, leader)

    def shift_between(self, source: Viewport, target: Viewport) -> Point:
        """What lies at p in the source lies at p + shift in the target, LPS mm, as the link has it."""
        if source.volume is None or target.volume is None:
            return 0.0, 0.0, 0.0
        ways = [self._way(viewport) for viewport in (source, target)]
        x, y, z = (float(v) for v in np.subtract(ways[1], ways[0]))
        return x, y, z

    def _way(self, viewport: Viewport) -> NDArray[np.float64]:
        """Shift of a stack against the space of the link: as registered, along the normal as the offset says."""
        normal = _grid(viewport).normal
        shift = np.asarray(self._shifts[viewport], float)
        return shift + normal * (self._offsets[viewport] - float(shift @ normal))

    def _slice_changed(self, leader: Viewport, slice_index: int) -> None:
        if not self.on or leader.volume is None:
            return
        leader.set_no_partner(False)
        for follower in self._viewports:
            if follower is not leader and follower.volume is not None:
                self._bring_slice(follower, leader, slice_index)

    def _bring_slice(self, follower: Viewport, leader: Viewport, slice_index: int) -> None:
        partner = self._table(leader, follower)[slice_index]
        follower.set_no_partner(not partner.there)
        if partner.there:
            follower.set_slice(partner.slice, leads=False)

    def _table(self, leader: Viewport, follower: Viewport) -> list[Partner]:
        """Partner of every slice, made once a pair of stacks."""
        stacks = (leader.volume, follower.volume)
        known = self._tables.get((leader, follower))
        if known is None or known[0] != stacks:
            ours, theirs = _grid(leader), _grid(follower)
            offset = self._offsets[follower] - self._offsets[leader] * float(ours.normal @ theirs.normal)
            table = [partner_slice(ours, k, theirs, offset) for k in range(ours.size[2])]
            known = (stacks, table)
            self._tables[(leader, follower)] = known
        return known[1]

    def _look_changed(self, leader: Viewport) -> None:
        if not self.on or leader.volume is None:
            return
        for follower in self._viewports:
            if follower is not leader and follower.volume is not None:
                self._bring_look(follower, leader)

    def _bring_look(self, follower: Viewport, leader: Viewport) -> None:
        if abs(float(_grid(leader).normal @ _grid(follower).normal)) < PARALLEL_COSINE:
            return
        way = np.subtract(self._shifts[follower], self._shifts[leader])
        x, y, z = (float(v) for v in np.add(leader.placement.centre, way))
        follower.set_look(leader.placement.px_per_mm, (x, y, z))

    def _window_changed(self, leader: Viewport) -> None:
        """The window follows, also with the link off, unless the stacks differ in kind."""
        for follower in self._viewports:
            if follower is leader or follower.volume is None or leader.volume is None:
                continue
            if (follower.volume.modality, follower.volume.unit) == (
                leader.volume.modality,
                leader.volume.unit,
            ):
                follower.set_window(leader.grey_window, leads=False)


def _grid(viewport: Viewport) -> Grid:
    if viewport.volume is None:
        raise RuntimeError("no volume is shown")
    return viewport.volume.grid


def _middle(grid: Grid, slice_index: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """Middle of a slice, so that a small tilt of the gantry does not count."""
    index = [(grid.size[0] - 1) / 2.0, (grid.size[1] - 1) / 2.0, float(slice_index)]
    return grid.to_patient(index)
