"""The reading: stages at the top, tools, pictures, one panel; keys and buttons ask the models."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QWidget,
)

from app.background import Jobs
from app.models.drawing import DrawingModel
from app.models.matching import MatchModel
from app.models.messages import NEEDS, Message
from app.models.organ import Organ
from app.models.proposals import ProposalModel
from app.models.reading import ReadingModel
from app.models.signing import SignModel
from app.windows.frame import Screen
from app.windows.image_area import ImageArea
from app.windows.key_map import KeyMap
from app.windows.key_sheet import KeySheet
from app.windows.parts import Button, icon_pixmap, label, row
from app.windows.reading_panel import ReadingPanel, hidden_words, panel_width
from app.windows.screen_keys import ScreenKeys
from app.windows.sign_sheet import SignedSheet, SignSheetView
from app.windows.strips import StageStrip, ToolStrip
from app.workflow.reading import Reading
from measure.case import SeriesRecord
from viewer.viewport import Viewport

TOOL_OF = {
    "segment": "segment",
    "bidirectional": "two-axes",
    "length": "length",
    "ellipse": "ellipse",
    "brush": "brush",
    "eraser": "eraser",
    "polygon": "polygon",
}
STRIP: Sequence[tuple[str, str] | None] = (
    ("segment", "wand-sparkles"),
    ("bidirectional", "move-diagonal"),
    ("length", "ruler"),
    ("ellipse", "circle-dashed"),
    ("brush", "brush"),
    ("eraser", "eraser"),
    ("polygon", "pentagon"),
    None,
    ("preset_1", "contrast"),
    ("link", "link"),
    ("flicker", "blend"),
    ("hide_marks", "eye"),
    None,
    ("layout_1x2", "columns-2"),
    ("undo", "undo-2"),
)
LAYOUT_KEYS = {
    "layout_1x1": "1x1",
    "layout_1x2": "1x2",
    "layout_1x3": "1x3",
    "layout_2x2": "2x2",
    "layout_ablation": "ablation",
}
LAYOUT_ICON = {
    "1x1": "square",
    "1x2": "columns-2",
    "1x3": "columns-3",
    "2x2": "grid-2x2",
    "ablation": "columns-3",
}
LENDING_MS = 250


class ReadingScreen(Screen):
    """One open time point; `finished` after signing, `left` back to the worklist."""

    finished = Signal(str)

    def __init__(
        self, model: ReadingModel, jobs: Jobs, keys: KeyMap, organs: Sequence[Organ], *, demo: bool, user: str
    ) -> None:
        opened = model.reading
        super().__init__(jobs, demo=demo, user=user, title=opened.subject.reading_code, demo_right=True)
        self.model, self.keys = model, keys
        model.setParent(self)
        self.drawing = DrawingModel(model)
        match = MatchModel(model)
        self.proposals = ProposalModel(model, self.drawing, match)
        self.signing = SignModel(model)
        caps = {name: action.key for name, action in keys.actions.items()}
        tips = {name: action.label for name, action in keys.actions.items()}
        self.name = label(opened.now.name, "section")
        self.bar.addWidget(self.name)
        self.stages = StageStrip(opened.protocol.reading.stages)
        self.bar.addWidget(self.stages)
        saved = QWidget()
        tick = label()
        tick.setPixmap(icon_pixmap("check", "text-second", 15))
        saved.setLayout(row(tick, label("all saved", "second"), spacing=4))
        self.bar_right.insertWidget(0, saved)
        self.tools = ToolStrip(STRIP, caps, tips)
        self.images = ImageArea(model, self.drawing, match, self.proposals)
        self.panel = ReadingPanel(model, self.drawing, self.proposals, organs, keys)
        self.panel.setFixedWidth(panel_width(self.width() or 1920))
        across = QHBoxLayout(self.body)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.tools)
        across.addWidget(self.images, 1)
        across.addWidget(self.panel)
        self.sheet: SignSheetView | SignedSheet | None = None
        self.key_sheet: KeySheet | None = None
        self._lent: tuple[str, str] | None = None
        self._z_held = False
        self._z_used = False
        self._hold = QTimer(self, singleShot=True, interval=LENDING_MS)
        self._actions = self._make_actions()
        self._connect()
        self._seen_timer = QTimer(self, interval=1500)
        self._seen_timer.timeout.connect(model.keep_seen)
        self._seen_timer.start()
        self.set_tool("segment")
        self._show(opened)
        model.say(self._greeting(opened))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The panel has its width by the screen's; the sheets stay over the images."""
        super().resizeEvent(event)
        if self.panel.width() != panel_width(self.width()):
            self.panel.setFixedWidth(panel_width(self.width()))
            self.panel.show_table(self.model.reading)
        self._place_sheets()

    # --- connections -------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        model = self.model
        model.changed.connect(self._show)
        self.proposals.changed.connect(lambda: self.panel.show_table(model.reading))
        model.selected.connect(self.panel.show_selection)
        model.said.connect(self.line.say)
        model.stage_changed.connect(self._stage)
        self.stages.chosen.connect(model.set_stage)
        self.tools.pressed.connect(self._tool_pressed)
        self.images.pointed.connect(self.line.facts.setText)
        self.images.lesion_menu.connect(self._context_menu)
        self.images.grid.layout_changed.connect(lambda _: self._show_layout())
        self.panel.table.picked.connect(model.select)
        self.panel.table.hang.connect(self.images.hang_at_left)
        self.panel.next_open.connect(self._next_open)
        self.panel.sign.connect(self.open_sign_sheet)
        self.signing.shown.connect(lambda _: self._sheet_shown())
        self.signing.signed.connect(lambda _: self._signed())
        self.help_asked.connect(self.toggle_keys)
        for viewport in self.images.grid.viewports:
            viewport.wheel_taken = self._wheel
        ScreenKeys(self, self._key_pressed, self._key_released)

    def _greeting(self, reading: Reading) -> str:
        if reading.at_baseline:
            return "Baseline: choose targets and non-targets. Click in a lesion, then Enter."
        return f"{reading.now.name}: O goes from one open thing to the next."

    def _show(self, reading: Reading) -> None:
        self.panel.show_reading(reading)
        self.stages.show_reading(reading)

    def _stage(self, stage: str) -> None:
        self.stages.set_current(stage)
        if stage == "summary" and self.panel.one_form and self.model.row is not None:
            self.model.select("")
        self.panel.choose_form()
        if stage == "zones" and self.model.reading.zones and self.model.zone is None:
            self.model.select(self.model.reading.zones[0].zone.id)
            if not self.model.reading.at_baseline:
                self.images.before = 0
                self.images.hang("ablation")
        elif stage != "zones" and self.images.layout_name == "ablation":
            self.images.hang("1x1" if self.model.reading.at_baseline else "1x2")
        if stage not in ("zones",) and self.model.zone is not None:
            self.model.select("")

    def _show_layout(self) -> None:
        name = getattr(self.images, "layout_name", "1x2")
        self.tools.cells["layout_1x2"].set_icon(LAYOUT_ICON.get(name, "columns-2"))

    # --- tools and keys ----------------------------------------------------------------------------------------

    def set_tool(self, action: str) -> None:
        """Switch the tool of the left button."""
        self.images.set_tool(TOOL_OF[action])
        self.tools.set_active(action)
        self._tool_action = action

    def _tool_pressed(self, action: str) -> None:
        if action == "preset_1":
            self._presets_menu()
        elif action == "layout_1x2":
            self._layout_menu()
        else:
            self.act(action)
        self.images.grid.active.setFocus()

    def _presets_menu(self) -> None:
        menu = QMenu(self)
        for number in range(1, 9):
            action = self.keys.actions[f"preset_{number}"]
            menu.addAction(f"{action.label}\t{action.key}", partial(self.images.preset, number))
        menu.exec(self.tools.cells["preset_1"].mapToGlobal(QPoint(40, 0)))

    def _layout_menu(self) -> None:
        menu = QMenu(self)
        for name, layout in LAYOUT_KEYS.items():
            action = self.keys.actions[name]
            menu.addAction(f"{action.label}\t{action.key}", partial(self.images.hang, layout))
        menu.exec(self.tools.cells["layout_1x2"].mapToGlobal(QPoint(40, 0)))

    def _make_actions(self) -> dict[str, Callable[[], object]]:
        model, images, form = self.model, self.images, self.panel.lesion_form
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
            "next_open": self._next_open,
            "next_stage": lambda: model.step_stage(1),
            "previous_stage": lambda: model.step_stage(-1),
            "sign": self.open_sign_sheet,
            "hide_marks": self._hide_marks,
            "invert": lambda: self._active().invert(),
            "cine": lambda: self._active().stop_cine() if self._active().cine_runs else self._active().start_cine(),
            "link": images.switch_link,
            "link_here": images.link_here,
            "flicker": images.flicker,
            "reset_view": lambda: self._active().reset_look(),
            "why": self._why,
            "partner": images.next_partner,
            "panel": self._panel_or_images,
            "next_viewport": images.grid.activate_next,
            "first_slice": lambda: self._active().step_slices(-10_000),
            "last_slice": lambda: self._active().step_slices(10_000),
            "slice_up": lambda: self._active().step_slices(-1),
            "slice_down": lambda: self._active().step_slices(1),
            "ten_up": lambda: self._active().step_slices(-10),
            "ten_down": lambda: self._active().step_slices(10),
            "undo": model.undo,
            "redo": model.redo,
            "help": self.toggle_keys,
        }
        for name in TOOL_OF:
            actions[name] = partial(self.set_tool, name)
        for number in range(1, 9):
            actions[f"preset_{number}"] = partial(images.preset, number)
        for number in range(1, 6):
            actions[f"judge_{number}"] = partial(self.panel.zone_form.judge, number - 1)
        for name, layout in LAYOUT_KEYS.items():
            actions[name] = partial(images.hang, layout)
        missing = set(self.keys.actions) - set(actions)
        if missing:
            raise RuntimeError(f"keys without an action: {sorted(missing)}")
        return actions

    def _active(self) -> Viewport:
        return self.images.grid.active

    def act(self, action: str) -> None:
        """Do what a key, a button or a menu entry stands for."""
        self._actions[action]()

    def _key_pressed(self, watched: QWidget, event: QKeyEvent) -> bool:
        """Keys of the table work wherever the focus is, but for text fields and open sheets."""
        if self.sheet is not None or self.key_sheet is not None:
            return False
        typing = isinstance(watched, QLineEdit | QPlainTextEdit | QComboBox)
        action = self.keys.action_of(event)
        if typing:
            if event.key() == Qt.Key.Key_Escape:
                self.images.grid.active.setFocus()
                return True
            if action not in ("sign", "panel", "help"):
                return False
        if action is None:
            return False
        if action == "next_viewport" and self.panel.isAncestorOf(watched):
            return False
        if action in ("slice_up", "slice_down") and self.panel.isAncestorOf(watched):
            return False
        if isinstance(watched, Button) and action in ("accept", "ghosts"):
            return False
        if event.isAutoRepeat():
            if action in ("slice_up", "slice_down", "ten_up", "ten_down"):
                self.act(action)
            return True
        if action == "next_size":
            self._z_held, self._z_used = True, False
            return True
        if action in TOOL_OF and action != self._tool_action:
            self._lent = (action, self._tool_action)
            self._hold.start()
        self.act(action)
        return True

    def _key_released(self, event: QKeyEvent) -> bool:
        if event.isAutoRepeat():
            return False
        action = self.keys.action_of(event)
        if action == "ghosts":
            self.images.show_ghosts(False)
        if action == "next_size" and self._z_held:
            self._z_held = False
            if not self._z_used:
                self.drawing.next_size()
            return True
        if self._lent is not None and action == self._lent[0]:
            if not self._hold.isActive():
                self.set_tool(self._lent[1])  # held: the tool was lent
            self._lent = None
        return False

    def _wheel(self, steps: int) -> bool:
        """Held Z with the wheel: the next size both ways."""
        if not self._z_held:
            return False
        self._z_used = True
        self.drawing.next_size(1 if steps > 0 else -1)
        return True

    # --- actions -----------------------------------------------------------------------------------------------

    def _accept(self) -> None:
        if self.images.grid.active.accept_drawing():
            return
        if self.drawing.pending is not None:
            waits = self.proposals.why_enter_waits()
            if waits:
                self.model.say(waits, NEEDS)
                return
            stay = self.drawing.pending.for_zone or self.drawing.pending.split_from  # more is to come for it
            if self.drawing.accept() is not None and not self.model.reading.at_baseline and not stay:
                self._next_open()
            return
        self._next_open()

    def _escape(self) -> None:
        if self.images.grid.active.escape():
            return
        if self.drawing.drop():
            self.model.say("Dropped.")
            return
        self.line.read()

    def _next_open(self) -> None:
        item = self.model.next_open()
        line = self.proposals.line_for(item) if item is not None else ""
        if line:
            self.model.say(line, NEEDS)
        if item is not None and item.about.startswith("form:"):
            field = {
                "image_quality": self.panel.timepoint_form.quality,
                "non_target_coverage": self.panel.timepoint_form.non_targets,
                "new_lesion_coverage": self.panel.timepoint_form.new_lesions,
            }.get(item.about.removeprefix("form:"), self.panel.timepoint_form.quality)
            field.setFocus()
        elif item is not None and item.about.startswith("warning:"):
            self.open_sign_sheet()
        elif item is not None and item.about.startswith("sweep:"):
            self._go_to_unseen(item.about.removeprefix("sweep:"))

    def _go_to_unseen(self, kind: str) -> None:
        series: SeriesRecord | None = self.model.reading.now.series_hung_as(kind)
        if series is None:
            return
        seen = self.model.seen(series)
        for viewport, hung in self.images.hung.items():
            if hung.series.uid == series.uid and viewport.volume is not None and not hung.fused:
                order = viewport.order
                for number in range(1, order.count + 1):
                    if order.index(number) not in seen:
                        viewport.set_slice(order.index(number))
                        return

    def _delete(self) -> None:
        if self.drawing.pending is not None:
            self.drawing.drop()
        elif self.model.row is not None:
            self.model.delete(self.model.row)
        else:
            self.model.say("Select a lesion first.")

    def _role(self, role: str) -> None:
        if self.drawing.pending is not None:
            if self.model.reading.at_baseline:
                self.drawing.set_what(about="", role=role, for_zone=False)
            else:
                self.model.say("Targets and non-targets were closed when baseline was signed.", NEEDS)
        elif self.model.row is not None:
            self.model.change(self.model.row, role=role)
        else:
            self.model.say("Select a lesion first.")

    def _new(self, *, equivocal: bool) -> None:
        if self.drawing.pending is None:
            self.model.say("Draw the new lesion first: click in it.")
        elif self.model.reading.at_baseline:
            self.model.say("At baseline nothing is new: T target, Q non-target.", NEEDS)
        else:
            self.drawing.set_what(about="", role="new", equivocal=equivocal, for_zone=False)

    def _node(self) -> None:
        pending = self.drawing.pending
        if pending is not None:
            self.drawing.set_what(nodal=not pending.nodal)
        elif self.model.row is not None:
            self.model.change(self.model.row, nodal=not self.model.row.lesion.nodal)

    def _next_zone(self) -> None:
        zones = [z.zone.id for z in self.model.reading.zones]
        if not zones:
            self.model.say("This case has no ablation zone.")
            return
        at = zones.index(self.model.selection) + 1 if self.model.selection in zones else 0
        self.model.set_stage("zones")
        self.model.select(zones[at % len(zones)])

    def _hide_marks(self) -> None:
        hidden = not self.images.grid.active.marks_hidden
        for viewport in self.images.grid.viewports:
            viewport.set_marks_hidden(hidden)

    def _why(self) -> None:
        if self.sheet is not None:
            self.sheet.why()
        elif self.panel.responses is not None:
            self.panel.responses.toggle_why()
        else:
            self.model.say(hidden_words(self.model.reading.protocol.reading.show_response))

    def _panel_or_images(self) -> None:
        if self.panel.isAncestorOf(self.focusWidget() or self):
            self.images.grid.active.setFocus()
        else:
            self.panel.table.setFocus()

    def _context_menu(self, under: object, at: QPoint) -> None:
        hit = under.hit  # type: ignore[attr-defined]
        if hit is not None and hit.key != "pending":
            self.model.select(hit.key)
        menu = QMenu(self)
        entries: list[str] = []
        found = self.model.row
        if self.drawing.pending is not None:
            entries = ["accept", "next_size", "drop"]
        elif found is not None:
            entries = ["absent", "too_small", "not_evaluable"]
            if found.lesion.role == "non-target":
                entries = ["as_before", "increased", "progression", "absent", "not_evaluable"]
            entries += ["other_states", "delete"]
        entries += ["hide_marks", "reset_view"]
        for name in entries[:9]:
            action = self.keys.actions[name]
            run = self.drawing.next_size if name == "next_size" else partial(self.act, name)
            menu.addAction(f"{action.label}\t{action.key}", run)
        menu.exec(at)

    # --- sheets ------------------------------------------------------------------------------------------------

    def open_sign_sheet(self) -> None:
        """The sign sheet over the images."""
        if self.drawing.pending is not None:
            self.model.say("A proposal is not kept yet: Enter keeps it, Esc drops it.", NEEDS)
            return
        if self.sheet is None:
            self.sheet = sheet = SignSheetView(self.signing, self.body)
            sheet.closed.connect(self.close_sheet)
            sheet.go_to.connect(self._go_from_sheet)
        self.signing.open()

    def _sheet_shown(self) -> None:
        if self.sheet is not None:
            self._place_sheets()
            self.sheet.show()
            self.sheet.raise_()

    def _go_from_sheet(self, about: str) -> None:
        self.close_sheet()
        self.model.selection = ""
        self._next_open()

    def close_sheet(self) -> None:
        """Back to reading."""
        for sheet in (self.sheet, self.key_sheet):
            if sheet is not None:
                sheet.hide()
                sheet.deleteLater()
        self.sheet, self.key_sheet = None, None
        self.images.grid.active.setFocus()

    def toggle_keys(self) -> None:
        """The key sheet."""
        if self.key_sheet is not None:
            self.close_sheet()
            return
        self.key_sheet = KeySheet(self.keys, self.body)
        self.key_sheet.closed.connect(self.close_sheet)
        self.key_sheet.rebound.connect(self._show_keys)
        self._place_sheets()
        self.key_sheet.show()
        self.key_sheet.raise_()
        self.key_sheet.search.setFocus()

    def _show_keys(self) -> None:
        """A key was changed: so are all its caps."""
        for button in self.findChildren(Button):
            if button.action:
                button.set_key(self.keys.key_of(button.action))
        self.tools.set_keys({name: action.key for name, action in self.keys.actions.items()})

    def _place_sheets(self) -> None:
        if self.sheet is not None:
            room = self.images.geometry()
            width = min(800 if room.width() > 900 else 720, room.width() - 24)
            top = 28 if room.height() > 800 else 8
            height = min(max(self.sheet.wanted_height(), self.sheet.least_height), room.height() - 2 * top)
            self.sheet.setGeometry(room.left() + (room.width() - width) // 2, room.top() + top, width, height)
        if self.key_sheet is not None:
            width, height = min(1416, self.body.width() - 24), min(900, self.body.height() - 16)
            self.key_sheet.setGeometry((self.body.width() - width) // 2, 8, width, height)

    def _signed(self) -> None:
        self._seen_timer.stop()
        self.close_sheet()
        responses = self.signing.after_signing()
        if not responses:
            self._go_on()
            return
        self.sheet = SignedSheet(self.model.reading.now.name, responses, self.body)
        self.sheet.closed.connect(self._go_on)
        self._sheet_shown()

    def _go_on(self) -> None:
        self.finished.emit(self.model.reading.subject.id)

    def stop(self) -> None:
        """Keep what is still to be kept; the screen goes."""
        self._seen_timer.stop()
        self.model.keep_seen()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing is lost when the window closes."""
        self.stop()
        super().closeEvent(event)

    def say(self, message: Message) -> None:
        """A line from outside."""
        self.line.say(message)
