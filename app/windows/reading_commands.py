"""What the actions of the key table do in a reading; keys, buttons and menus ask for them by name."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from app.models.drawing import DrawingModel
from app.models.messages import NEEDS
from app.models.proposals import ProposalModel
from app.models.reading import ReadingModel
from app.windows.image_area import ImageArea
from app.windows.key_map import KeyMap
from app.windows.reading_panel import ReadingPanel, hidden_words
from app.windows.reading_sheets import ReadingSheets
from app.windows.reading_tools import LAYOUT_KEYS, TOOL_OF, ToolInHand
from measure.case import SeriesRecord


class ReadingCommands:
    """One function an action; an action of the table without one is a fault."""

    def __init__(
        self,
        model: ReadingModel,
        drawing: DrawingModel,
        proposals: ProposalModel,
        images: ImageArea,
        panel: ReadingPanel,
        sheets: ReadingSheets,
        tool: ToolInHand,
        keys: KeyMap,
        read_line: Callable[[], object],
    ) -> None:
        self._model, self._drawing, self._proposals, self._images = model, drawing, proposals, images
        self._panel, self._sheets, self._tool, self._keys = panel, sheets, tool, keys
        self._read_line = read_line
        self._actions = self._table()

    def act(self, name: str) -> None:
        """Do what a key, a button or a menu entry stands for."""
        self._actions[name]()

    def _table(self) -> dict[str, Callable[[], object]]:
        model, images, form = self._model, self._images, self._panel.lesion_form
        actions: dict[str, Callable[[], object]] = {
            "ghosts": lambda: images.show_ghosts(True),  # until the key is let go, see _key_released
            "next_size": lambda: None,  # on release, see _key_released: held with the wheel it goes both ways
            "accept": self._accept,
            "drop": self._escape,
            "delete": self._delete,
            "role_target": lambda: self._role("target"),
            "role_non_target": lambda: self._role("non-target"),
            "new_lesion": lambda: self._new(equivocal=False),
            "equivocal_new": lambda: self._new(equivocal=True),
            "node": self._node,
            "zone_form": self._next_zone,
            "as_before": lambda: form.answer("present"),
            "absent": lambda: form.answer("absent"),
            "increased": lambda: form.answer("increased"),
            "progression": lambda: form.answer("unequivocal-progression"),
            "too_small": lambda: form.answer("too-small"),
            "not_evaluable": lambda: form.answer("not-evaluable"),
            "other_states": form.other_states,
            "next_lesion": lambda: model.step_lesion(1),
            "previous_lesion": lambda: model.step_lesion(-1),
            "next_open": self.next_open,
            "next_stage": lambda: model.step_stage(1),
            "previous_stage": lambda: model.step_stage(-1),
            "sign": self._sheets.open_sign,
            "hide_marks": self._hide_marks,
            "invert": lambda: images.active.invert(),
            "cine": self._cine,
            "link": images.switch_link,
            "link_here": images.link_here,
            "flicker": images.flicker,
            "reset_view": lambda: images.active.reset_look(),
            "why": self._why,
            "partner": images.next_partner,
            "panel": self._panel_or_images,
            "next_viewport": images.activate_next,
            "first_slice": lambda: images.active.step_slices(-10_000),
            "last_slice": lambda: images.active.step_slices(10_000),
            "slice_up": lambda: images.active.step_slices(-1),
            "slice_down": lambda: images.active.step_slices(1),
            "ten_up": lambda: images.active.step_slices(-10),
            "ten_down": lambda: images.active.step_slices(10),
            "undo": model.undo,
            "redo": model.redo,
            "help": self._sheets.toggle_keys,
        }
        for name in TOOL_OF:
            actions[name] = partial(self._tool.take, name)
        for number in range(1, 9):
            actions[f"preset_{number}"] = partial(images.preset, number)
        for number in range(1, 6):
            actions[f"judge_{number}"] = partial(self._panel.zone_form.judge, number - 1)
        for name, layout in LAYOUT_KEYS.items():
            actions[name] = partial(images.hang, layout)
        missing = set(self._keys.actions) - set(actions)
        if missing:
            raise RuntimeError(f"keys without an action: {sorted(missing)}")
        return actions

    def _accept(self) -> None:
        if self._images.active.accept_drawing():
            return
        if self._drawing.pending is not None:
            waits = self._proposals.why_enter_waits()
            if waits:
                self._model.say(waits, NEEDS)
                return
            stay = self._drawing.pending.for_zone or self._drawing.pending.split_from  # more is to come for it
            if self._drawing.accept() is not None and not self._model.reading.at_baseline and not stay:
                self.next_open()
            return
        self.next_open()

    def _escape(self) -> None:
        if self._images.active.escape():
            return
        if self._drawing.drop():
            self._model.say("Dropped.")
            return
        self._read_line()

    def next_open(self) -> None:
        """Go to the next open thing and say what it is."""
        item = self._model.next_open()
        line = self._proposals.line_for(item) if item is not None else ""
        if line:
            self._model.say(line, NEEDS)
        if item is not None and item.about.startswith("form:"):
            field = {
                "image_quality": self._panel.timepoint_form.quality,
                "non_target_coverage": self._panel.timepoint_form.non_targets,
                "new_lesion_coverage": self._panel.timepoint_form.new_lesions,
            }.get(item.about.removeprefix("form:"), self._panel.timepoint_form.quality)
            field.setFocus()
        elif item is not None and item.about.startswith("warning:"):
            self._sheets.open_sign()
        elif item is not None and item.about.startswith("sweep:"):
            self._go_to_unseen(item.about.removeprefix("sweep:"))

    def _go_to_unseen(self, kind: str) -> None:
        series: SeriesRecord | None = self._model.reading.now.series_hung_as(kind)
        if series is None:
            return
        seen = self._model.seen(series)
        for viewport, hung in self._images.hung.items():
            if hung.series.uid == series.uid and viewport.volume is not None and not hung.fused:
                order = viewport.order
                for number in range(1, order.count + 1):
                    if order.index(number) not in seen:
                        viewport.set_slice(order.index(number))
                        return

    def _delete(self) -> None:
        if self._drawing.pending is not None:
            self._drawing.drop()
        elif self._model.row is not None:
            self._model.delete(self._model.row)
        else:
            self._model.say("Select a lesion first.")

    def _role(self, role: str) -> None:
        if self._drawing.pending is not None:
            if self._model.reading.at_baseline:
                self._drawing.set_what(about="", role=role, for_zone=False)
            else:
                self._model.say("Targets and non-targets were closed when baseline was signed.", NEEDS)
        elif self._model.row is not None:
            self._model.change(self._model.row, role=role)
        else:
            self._model.say("Select a lesion first.")

    def _new(self, *, equivocal: bool) -> None:
        if self._drawing.pending is None:
            self._model.say("Draw the new lesion first: click in it.")
        elif self._model.reading.at_baseline:
            self._model.say("At baseline nothing is new: T target, Q non-target.", NEEDS)
        else:
            self._drawing.set_what(about="", role="new", equivocal=equivocal, for_zone=False)

    def _node(self) -> None:
        pending = self._drawing.pending
        if pending is not None:
            self._drawing.set_what(nodal=not pending.nodal)
        elif self._model.row is not None:
            self._model.change(self._model.row, nodal=not self._model.row.lesion.nodal)

    def _next_zone(self) -> None:
        zones = [z.zone.id for z in self._model.reading.zones]
        if not zones:
            self._model.say("This case has no ablation zone.")
            return
        at = zones.index(self._model.selection) + 1 if self._model.selection in zones else 0
        self._model.set_stage("zones")
        self._model.select(zones[at % len(zones)])

    def _cine(self) -> None:
        active = self._images.active
        if active.cine_runs:
            active.stop_cine()
        else:
            active.start_cine()

    def _hide_marks(self) -> None:
        hidden = not self._images.active.marks_hidden
        self._images.set_marks_hidden(hidden)

    def _why(self) -> None:
        if self._sheets.sheet is not None:
            self._sheets.sheet.why()
        elif self._panel.responses is not None:
            self._panel.responses.toggle_why()
        else:
            self._model.say(hidden_words(self._model.reading.protocol.reading.show_response))

    def _panel_or_images(self) -> None:
        if self._panel.isAncestorOf(self._panel.window().focusWidget() or self._panel.window()):
            self._images.active.setFocus()
        else:
            self._panel.table.setFocus()
