"""The pictures of a read: which time point hangs where, linked, with this reader's marks; hands go to the models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPoint, Signal
from PySide6.QtWidgets import QMenu, QStackedWidget, QVBoxLayout, QWidget

from app.models.drawing import DrawingModel, Pending
from app.models.matching import MatchModel
from app.models.messages import NEEDS
from app.models.proposals import ProposalModel
from app.models.reading import ReadingModel
from app.windows.area_hands import AreaHands
from app.windows.area_link import AreaLink
from app.windows.area_marks import AreaMarks
from app.windows.hung import Hung
from app.windows.planes_page import PlanesPage
from app.windows.scene_page import ScenePage
from app.windows.view_marks import PENDING, marks_of
from app.workflow.reading import OneTimepoint, Reading
from measure.case import SeriesRecord
from measure.geometry import Grid, Point
from measure.refusal import Refused
from viewer.frame import Head, HeadItem
from viewer.fusion import Fusion
from viewer.ghosts import ghosts_of
from viewer.layouts import ViewportGrid
from viewer.linking import Link
from viewer.margin_map import MarginMap
from viewer.marks import MarkAxes, ViewMark
from viewer.viewport import Viewport
from viewer.window_level import FIXED_PRESETS

if TYPE_CHECKING:
    from measure.margin import Margin
    from measure.register import Registration


class ImageArea(QWidget):
    """Viewports over the reading; `pointed` tells what is under the pointer, for the message line."""

    pointed = Signal(str)
    lesion_menu = Signal(object, QPoint)
    hung_as = Signal(str)  # name of the layout

    def __init__(self, model: ReadingModel, drawing: DrawingModel, match: MatchModel, proposals: ProposalModel) -> None:
        super().__init__()
        self._model, self._drawing, self._match, self._proposals = model, drawing, match, proposals
        self.grid = ViewportGrid(self)
        self.link = Link()
        self.hung: dict[Viewport, Hung] = {}
        self.partner = max(len(model.reading.timepoints) - 2, 0)
        self._linked = AreaLink(model, match, self.link, self.hung, self._current_viewport, self._fused_on)
        self._fusions: dict[tuple[str, str], tuple[Registration | None, Fusion]] = {}
        self._area_hands = AreaHands(model, drawing)
        self._area_marks = AreaMarks(model, drawing, match, proposals)
        self._tool = "segment"
        self._ghosts = False
        self._pending_at: tuple[str, int] | None = None
        self._at_selection: tuple[str, int] | None = None
        self.before = 0
        self.layout_name = ""
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        self._pages = QStackedWidget()
        self._pages.addWidget(self.grid)
        self._planes: PlanesPage | None = None
        self._scene: ScenePage | None = None
        self._margin_shown = False
        layout.addWidget(self._pages)
        for viewport in self.grid.viewports:
            self._connect(viewport)
        model.changed.connect(self._reading_changed)
        model.selected.connect(self.go_to)
        model.volume_ready.connect(self._volume_ready)
        drawing.changed.connect(self._pending_changed)
        proposals.changed.connect(self._marks)
        match.matched.connect(self._matched)
        self.hang("1x1" if len(model.reading.timepoints) == 1 else "1x2")

    def _connect(self, viewport: Viewport) -> None:
        viewport.drawn.connect(partial(self._drawn, viewport))
        viewport.click_withdrawn.connect(self._drawing.withdraw_click)
        viewport.said.connect(self._model.say)
        viewport.mark_pressed.connect(self._mark_pressed)
        viewport.tick_pressed.connect(self._mark_pressed)
        viewport.mark_edited.connect(partial(self._edited, viewport))
        viewport.mark_moved.connect(partial(self._moved, viewport))
        viewport.slice_painted.connect(partial(self._painted, viewport))
        viewport.pointer_moved.connect(partial(self._pointer, viewport))
        viewport.context_asked.connect(lambda under, at: self.lesion_menu.emit(under, at))
        viewport.series_pressed.connect(partial(self._series_menu, viewport))

    # --- hanging -----------------------------------------------------------------------------------------------

    def hang(self, layout: str) -> None:
        """Hang the time points of a layout: 1x1 now; 1x2 partner, now; 1x3 baseline, prior, now; mpr; ablation."""
        if layout == "mpr":
            self._hang_planes()
            return
        if layout == "3d":
            self._scene_page().show_outlines(self._model.reading, self._model.volumes)
            self._turn_to_scene()
            return
        reading = self._model.reading
        last = len(reading.timepoints) - 1
        plan = {
            "1x1": [last],
            "1x2": [min(self.partner, last), last],
            "1x3": [0, max(last - 1, 0), last],
            "2x2": [0, last, max(last - 1, 0), last],
            "ablation": [self.before, last, last],
        }
        if layout not in plan:
            self._model.say("This layout is not there.", NEEDS)
            return
        self.layout_name = layout
        self._margin_shown = False
        self._pages.setCurrentWidget(self.grid)
        self.grid.set_layout("1x3" if layout == "ablation" else layout)
        arranged = self.grid.layout()
        if arranged is not None:
            arranged.activate()  # so that pictures are fitted to the places they have now
        self.link.set_viewports(self.grid.shown())
        self.hung.clear()
        for place, (viewport, k) in enumerate(zip(self.grid.shown(), plan[layout], strict=True)):
            point = reading.timepoints[k]
            series = self._series_like(point)
            if series is not None:
                self._show(viewport, Hung(k, series, fused=layout == "ablation" and place == 2))
        self.grid.set_active(self._current_viewport())
        self.set_tool(self._tool)
        self.hung_as.emit(layout)
        if self._model.selection:
            self.go_to(self._model.selection)

    def _hang_planes(self) -> None:
        """The current series in three planes, about where one is."""
        leading = self._current_viewport()
        hung, volume = self.hung.get(leading), leading.volume
        if self.layout_name == "mpr" and self._planes is not None:
            self._pages.setCurrentWidget(self._planes)
            self.hung_as.emit("mpr")
            return
        if hung is None or volume is None:
            self._model.say("The picture is still being opened.")
            return
        if self._planes is None:
            self._planes = self._make_planes()
        placement = leading.placement
        x, y, z = placement.centre
        depth = float(volume.grid.positions_mm[placement.slice] - np.dot((x, y, z), volume.grid.normal))
        way = volume.grid.normal * depth
        point = (x + float(way[0]), y + float(way[1]), z + float(way[2]))
        name = self._model.reading.timepoints[hung.timepoint].name
        try:
            self._planes.show_series(volume, name, hung.series.name, leading.grey_window, point)
        except Refused as refused:
            self._model.say(str(refused), NEEDS)
            return
        self.layout_name = "mpr"
        self._pages.setCurrentWidget(self._planes)
        self.hung.clear()
        self.hung[self._planes.view.acquired] = hung
        self._marks()
        self._planes.view.active.setFocus()
        self.hung_as.emit("mpr")

    def _make_planes(self) -> PlanesPage:
        page = PlanesPage()
        view = page.view
        self._pages.addWidget(page)
        view.drawn.connect(lambda drawn: self._drawn(view.acquired, drawn))
        view.slice_painted.connect(lambda k: self._painted(view.acquired, k))
        view.pointer_moved.connect(lambda under: self._pointer(view.acquired, under))
        view.context_asked.connect(lambda under, at: self.lesion_menu.emit(under, at))
        view.said.connect(self._model.say)
        for viewport in view.viewports:
            viewport.click_withdrawn.connect(self._drawing.withdraw_click)
            viewport.mark_pressed.connect(self._mark_pressed)
            viewport.tick_pressed.connect(self._mark_pressed)
            viewport.mark_edited.connect(partial(self._edited, viewport))
            viewport.mark_moved.connect(partial(self._moved, viewport))
        return page

    def _scene_page(self) -> ScenePage:
        if self._scene is None:
            self._scene = ScenePage()
            self._pages.addWidget(self._scene)
            self._scene.view.unavailable.connect(self._no_scene)
        return self._scene

    def _turn_to_scene(self) -> None:
        if self._scene is not None:
            self._pages.setCurrentWidget(self._scene)
            self._scene.view.setFocus()
            self.hung_as.emit("3d")

    def _no_scene(self, reason: str) -> None:
        """There is no 3-D on this computer: the pictures come back, and the reason is said."""
        self._pages.setCurrentWidget(self.grid)
        self._model.say(reason, NEEDS)

    def stop(self) -> None:
        """End what runs beside the pictures."""
        if self._scene is not None:
            self._scene.view.close_scene()

    def show_margin(self, margin: Margin | None) -> None:
        """The margin map on the current picture, at the place of the least margin; asked again, it goes."""
        viewport = self._current_viewport()
        if margin is None or viewport.volume is None:
            return
        self._pages.setCurrentWidget(self._planes if self.layout_name == "mpr" and self._planes else self.grid)
        self._margin_shown = not self._margin_shown
        viewport.set_overlays([MarginMap(margin)] if self._margin_shown else [])
        if self._margin_shown:
            viewport.go_to(margin.minimum_at)

    def show_margin_scene(self, margin: Margin | None) -> None:
        """The margin on the tumour's surface in 3-D."""
        zone = self._model.zone
        if margin is not None and zone is not None:
            self._scene_page().show_margin(margin, zone.zone.label)
            self._turn_to_scene()

    @property
    def active(self) -> Viewport:
        """The viewport in hand: keys, presets and cine go there."""
        return self._planes.view.active if self.layout_name == "mpr" and self._planes else self.grid.active

    def activate_next(self) -> None:
        """Go to the next viewport of the layout."""
        if self.layout_name == "mpr" and self._planes:
            self._planes.view.activate_next()
        else:
            self.grid.activate_next()

    def set_marks_hidden(self, hidden: bool) -> None:
        """Hide or show all marks."""
        for viewport in self.grid.viewports:
            viewport.set_marks_hidden(hidden)
        if self._planes is not None and self._planes.view.planes is not None:
            self._planes.view.set_marks_hidden(hidden)

    def _series_like(self, point: OneTimepoint) -> SeriesRecord | None:
        return point.series_hung_as("main") or (point.series[0] if point.series else None)

    def _current_viewport(self) -> Viewport:
        if self.layout_name == "mpr" and self._planes is not None:
            return self._planes.view.acquired
        last = len(self._model.reading.timepoints) - 1
        shown = self.grid.shown()
        for viewport in shown:
            if viewport in self.hung and self.hung[viewport].timepoint == last and not self.hung[viewport].fused:
                return viewport
        return shown[-1]

    def _show(self, viewport: Viewport, hung: Hung) -> None:
        volume = self._model.volumes.get(hung.series.uid)
        self.hung[viewport] = hung
        viewport.set_head(self._head(hung))
        if volume is None:
            viewport.set_volume(None)
            viewport.set_message(f"Opening {self._model.reading.timepoints[hung.timepoint].name} …")
            self._model.load(hung.series, hung.timepoint)
            return
        viewport.set_message("")
        if hung.fused:
            self._fuse(viewport, hung)
        else:
            seen = self._model.seen(hung.series) if hung.timepoint == self._last else set()
            viewport.set_volume(volume, painted=sorted(seen))
        self.link.clear_offsets()
        self._linked.apply()
        self._marks()
        if all(v in self.hung for v in self.grid.shown()):
            self._take_place(viewport)

    @property
    def _last(self) -> int:
        return len(self._model.reading.timepoints) - 1

    def _fuse(self, viewport: Viewport, hung: Hung) -> None:
        before_series = self._series_like(self._model.reading.timepoints[self.before])
        before = self._model.volumes.get(before_series.uid) if before_series else None
        after = self._model.volumes.get(hung.series.uid)
        if before_series is None or before is None or after is None:
            viewport.set_volume(None)
            viewport.set_message("Opening …")
            return
        pair = (before_series.uid, hung.series.uid)
        found = self._match.registration(*pair)
        known = self._fusions.get(pair)
        if known is None or known[0] is not found:
            matrix = None if found is None else np.linalg.inv(found.matrix)
            known = self._fusions[pair] = (found, Fusion(before, after, matrix))
        viewport.set_fused(before, known[1])
        self._match.ask(*pair)
        if found is not None:
            items = (HeadItem(f"{found.error_mm:.1f} mm", "link", "act"),)
            viewport.set_head(Head("Fused", "before + after", "rigid", items))

    def _matched(self, pair: tuple[str, str]) -> None:
        """Two time points lie in one space now: link by it, fuse by it; where it failed, say so."""
        if self._match.failed(*pair):
            names = {s.uid: p.name for p in self._model.reading.timepoints for s in p.series}
            words = f"{names[pair[0]]} and {names[pair[1]]} could not be registered."
            self._model.say(f"{words} Linked by position; Shift + D sets an offset.", NEEDS)
            return
        if self.layout_name == "mpr":
            return
        for viewport, hung in self.hung.items():
            if hung.fused and viewport.volume is not None:
                slice_index = viewport.slice
                self._fuse(viewport, hung)
                viewport.set_slice(slice_index, leads=False)
            else:
                viewport.set_head(self._head(hung))
        self._linked.apply()
        leader = self.grid.active if self._leads(self.grid.active) else self._current_viewport()
        if leader.volume is not None and not self._model.selection:
            self.link.follow(leader)  # the picture under the hand stays, the others come to it
        self._marks()

    def _leads(self, viewport: Viewport) -> bool:
        hung = self.hung.get(viewport)
        return viewport.volume is not None and hung is not None and not hung.fused

    def _take_place(self, fresh: Viewport) -> None:
        """A picture that came late takes its place beside the others; none of those moves."""
        current = self._current_viewport()
        leader = current if fresh is not current else next((v for v in self.grid.shown() if self._leads(v)), current)
        if leader is not fresh and leader.volume is not None:
            self.link.bring(fresh, leader)
        selection = self._model.selection
        stayed = self._at_selection == (selection, current.slice) or fresh is current
        if selection and stayed:  # nobody has scrolled on since: the late one goes to the lesion, too
            self._go_to_in((fresh,), selection)

    def _volume_ready(self, uid: str) -> None:
        for viewport, hung in list(self.hung.items()):
            is_fused_part = hung.fused and viewport.volume is None
            if hung.series.uid == uid or is_fused_part:
                self._show(viewport, hung)

    def _head(self, hung: Hung) -> Head:
        point = self._model.reading.timepoints[hung.timepoint]
        if hung.fused:
            return Head("Fused", "before + after", "by position")
        if hung.timepoint == self._last:
            alone = len(self.grid.shown()) == 1
            right: tuple[HeadItem, ...] = () if alone else (HeadItem("leads", "link", "act"),)
        else:
            right = (HeadItem("signed", "lock"), HeadItem(self._linked.words(hung), "link", "act"))
        title = point.name
        if self.layout_name == "ablation" and self.before != self._last:
            title = "Before" if hung.timepoint == self.before else "After"
        subtitle = point.name if title != point.name else ""
        return Head(title, subtitle, hung.series.name, right, series_menu=len(point.series) > 1)

    def _series_menu(self, viewport: Viewport, at: QPoint) -> None:
        hung = self.hung.get(viewport)
        if hung is None:
            return
        menu = QMenu(self)
        for series in self._model.reading.timepoints[hung.timepoint].series:
            menu.addAction(series.name, partial(self._show, viewport, Hung(hung.timepoint, series)))
        menu.exec(at)

    def next_partner(self) -> None:
        """Baseline or prior at the left, in turn."""
        last = self._last
        if last < 1:
            self._model.say("There is no earlier time point.")
            return
        choices = sorted({0, last - 1})
        self.partner = choices[(choices.index(self.partner) + 1) % len(choices)] if self.partner in choices else 0
        self.hang("1x2")

    def hang_at_left(self, timepoint: int) -> None:
        """Hang one time point beside the current one."""
        if timepoint != self._last:
            self.partner = timepoint
            self.hang("1x2")

    # --- linking -----------------------------------------------------------------------------------------------

    def _fused_on(self, hung: Hung) -> tuple[int, str]:
        """A fused picture lies on the slices of the scan before."""
        series = self._series_like(self._model.reading.timepoints[self.before])
        return self.before, series.uid if series is not None else hung.series.uid

    def link_here(self) -> None:
        """The slices shown belong together; the offset belongs to the pair of time points."""
        for line in self._linked.link_here(self.grid.shown()):
            self._model.say(line)
        for viewport, hung in self.hung.items():
            viewport.set_head(self._head(hung))

    def switch_link(self) -> None:
        """Link on or off."""
        on = self.link.switch()
        if on:
            self.link.follow(self._current_viewport())
        self._model.say("Linked again by position and offset." if on else "Link is off: each picture scrolls alone.")

    # --- marks -------------------------------------------------------------------------------------------------

    def _reading_changed(self, reading: Reading) -> None:
        self._marks()

    def _pending_changed(self, pending: Pending | None) -> None:
        """Show what is pending, and its slice when it has just come or changed its size."""
        self._marks()
        if self.layout_name == "mpr" and pending is not None and self._planes is not None:
            self._planes.go_to(_middle_of(pending.long_ends))
            return
        at = None if pending is None else (pending.about, pending.slice)
        if pending is None or at == self._pending_at:
            self._pending_at = at
            return
        self._pending_at = at
        viewport = self._current_viewport()
        shown = self.hung.get(viewport)
        if viewport.volume is None or shown is None or shown.series.uid != pending.series_uid:
            return
        if pending.is_offer:
            self._go_to_in((viewport,), pending.about)  # the earlier pictures show the lesion where it lay
        else:
            viewport.set_slice(pending.slice)

    def _marks(self) -> None:
        for viewport, hung in self.hung.items():
            if viewport.volume is None:
                continue
            if hung.fused:
                self._fused_marks(viewport, hung)
                continue
            if self.layout_name == "mpr" and self._planes is not None:
                self._planes.set_marks(self._area_marks.on(hung.timepoint, hung.series.uid, viewport.volume.grid))
                continue
            ghosts = self._ghosts_on(viewport, hung, viewport.volume.grid) if self._ghosts else []
            viewport.set_marks(self._area_marks.on(hung.timepoint, hung.series.uid, viewport.volume.grid), ghosts)

    def show_ghosts(self, shown: bool) -> None:
        """Lay the marks of the other time points hung over each picture, as long as it is asked."""
        self._ghosts = shown
        self._marks()

    def _ghosts_on(self, viewport: Viewport, hung: Hung, grid: Grid) -> list[ViewMark]:
        ghosts: list[ViewMark] = []
        seen = {hung.timepoint}
        for other, its in self.hung.items():
            if its.fused or other.volume is None or its.timepoint in seen or other not in self.grid.shown():
                continue
            seen.add(its.timepoint)
            shift = self.link.shift_between(other, viewport)
            when = self._model.reading.timepoints[its.timepoint].name
            ghosts += ghosts_of(
                self._area_marks.on(its.timepoint, its.series.uid, other.volume.grid),
                other.volume.grid,
                grid,
                shift,
                when,
            )
        return ghosts

    def _fused_marks(self, viewport: Viewport, hung: Hung) -> None:
        before = self._series_like(self._model.reading.timepoints[self.before])
        if before is not None:
            viewport.set_marks(
                marks_of(self._model.reading, self.before, before.uid, selection=self._model.selection, locked=True)
            )

    def go_to(self, about: str) -> None:
        """Go to a lesion or zone in every viewport: slice and centre; the zoom stays."""
        self._marks()
        if not about:
            return
        if self.layout_name == "mpr" and self._planes is not None:
            point = self._area_marks.place_of(about, self._last)
            if point is not None:
                self._planes.go_to(point)
            return
        found = self._go_to_in(self.grid.shown(), about)
        current = self._current_viewport()
        if not found and current.volume is not None:
            self._go_by_partner(about)
        self._at_selection = (about, current.slice)

    def _go_to_in(self, viewports: Sequence[Viewport], about: str) -> bool:
        """Each picture goes to its own mark, none leads; says whether the current one has a mark."""
        found = False
        with self._unlinked():
            for viewport in viewports:
                hung = self.hung.get(viewport)
                if hung is None or viewport.volume is None:
                    continue
                k = self.before if hung.fused else hung.timepoint
                point = self._area_marks.place_of(about, k)
                if point is None:
                    continue
                viewport.go_to(point)
                viewport.set_no_partner(False)
                found = found or (hung.timepoint == self._last and not hung.fused)
        return found

    @contextmanager
    def _unlinked(self) -> Iterator[None]:
        linked, self.link.on = self.link.on, False
        try:
            yield
        finally:
            self.link.on = linked

    def _go_by_partner(self, about: str) -> None:
        """Nothing drawn here yet: let the picture where it lies lead, so that the current one follows by position."""
        for viewport, hung in self.hung.items():
            point = self._area_marks.place_of(about, hung.timepoint)
            if point is not None and viewport.volume is not None and not hung.fused:
                self.link.follow(viewport)
                return

    # --- hands -------------------------------------------------------------------------------------------------

    def set_tool(self, name: str) -> None:
        """The active tool of every viewport."""
        self._tool = name
        for viewport in self.grid.viewports:
            viewport.set_tool(name)
        if self.layout_name == "mpr" and self._planes is not None:
            self._planes.set_tool(name)

    @property
    def tool(self) -> str:
        """The tool in force."""
        return self._tool

    def _drawn(self, viewport: Viewport, drawn: object) -> None:
        self._area_hands.drawn(viewport, self.hung.get(viewport), drawn)

    def _edited(self, viewport: Viewport, key: str, axes: MarkAxes) -> None:
        if viewport in self.hung:
            self._area_hands.edited(viewport, self.hung[viewport], key, axes)

    def _moved(self, viewport: Viewport, key: str, offset: Point, axes: MarkAxes | None) -> None:
        if axes is not None:
            self._edited(viewport, key, axes)

    def _pointer(self, viewport: Viewport, under: object) -> None:
        self.pointed.emit(self._area_hands.words_under(viewport, self.hung.get(viewport), under))

    def _mark_pressed(self, key: str) -> None:
        if key != PENDING:
            self._model.select(key)

    def _painted(self, viewport: Viewport, index: int) -> None:
        hung = self.hung.get(viewport)
        if hung is not None and hung.timepoint == self._last and not hung.fused:
            self._model.slice_painted(hung.series.uid, index)

    def preset(self, number: int) -> None:
        """Window preset of the active viewport; linked ones follow."""
        self.active.set_preset(number)
        if number in FIXED_PRESETS:
            self._model.say(f"Window: {FIXED_PRESETS[number].name}.")

    def flicker(self) -> None:
        """Step the fused picture: both, before alone, after alone."""
        for viewport, hung in self.hung.items():
            if hung.fused and viewport.volume is not None:
                kept = next(iter(self._fusions.values()), None)
                if kept is not None:
                    fusion = kept[1]
                    order = ("", "before", "after")
                    fusion.show_only(order[(order.index(fusion.only) + 1) % 3])
                    viewport.update()
                return
        if self._last > 0:
            self.before = min(self.partner, self._last - 1)
            self.hang("ablation")
        else:
            self._model.say("There is no earlier time point to fuse with.")


def _middle_of(ends: tuple[Point, Point]) -> Point:
    (ax, ay, az), (bx, by, bz) = ends
    return (ax + bx) / 2, (ay + by) / 2, (az + bz) / 2
