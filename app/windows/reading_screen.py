"""The reading: stages at the top, tools, pictures, one panel; keys and buttons ask the models."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QWidget,
)

from app.background import Jobs
from app.models.drawing import DrawingModel
from app.models.margins import MarginModel
from app.models.matching import MatchModel
from app.models.organ import Organ
from app.models.proposals import ProposalModel
from app.models.reading import ReadingModel
from app.models.signing import SignModel
from app.windows.frame import Screen
from app.windows.image_area import ImageArea
from app.windows.key_map import KeyMap
from app.windows.parts import Button, icon_pixmap, label, row
from app.windows.reading_commands import ReadingCommands
from app.windows.reading_keys import ReadingKeys
from app.windows.reading_panel import ReadingPanel, panel_width
from app.windows.reading_sheets import ReadingSheets
from app.windows.reading_tools import LAYOUT_ICON, LAYOUT_KEYS, STRIP, ToolInHand
from app.windows.screen_keys import ScreenKeys
from app.windows.sign_sheet import SignedSheet, SignSheetView
from app.windows.strips import StageStrip, ToolStrip
from app.workflow.reading import Reading


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
        self.panel = ReadingPanel(model, self.drawing, self.proposals, MarginModel(model, match), organs, keys)
        self.panel.setFixedWidth(panel_width(self.width() or 1920))
        across = QHBoxLayout(self.body)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.tools)
        across.addWidget(self.images, 1)
        across.addWidget(self.panel)
        self.sheets = ReadingSheets(model, self.drawing, self.images, keys, self.body)
        self.tool = ToolInHand(self.images, self.tools)
        self.commands = ReadingCommands(
            model,
            self.drawing,
            self.proposals,
            self.images,
            self.panel,
            self.sheets,
            self.tool,
            keys,
            self.line.read,
        )
        self.act = self.commands.act
        hands = ReadingKeys(keys, self.act, self.tool, self.drawing, self.images, self.panel, self.sheets, self)
        ScreenKeys(self, hands.pressed, hands.released)
        for viewport in self.images.grid.viewports:
            viewport.wheel_taken = hands.wheel
        self._connect()
        self._seen_timer = QTimer(self, interval=1500)
        self._seen_timer.timeout.connect(model.keep_seen)
        self._seen_timer.start()
        self._show(opened)
        model.say(self._greeting(opened))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The panel has its width by the screen's; the sheets stay over the images."""
        super().resizeEvent(event)
        if self.panel.width() != panel_width(self.width()):
            self.panel.setFixedWidth(panel_width(self.width()))
            self.panel.show_table(self.model.reading)
        self.sheets.place()

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
        self.images.hung_as.connect(self._show_layout)
        self.panel.table.picked.connect(model.select)
        self.panel.table.hang.connect(self.images.hang_at_left)
        self.panel.zone_form.margin.map_asked.connect(self.images.show_margin)
        self.panel.zone_form.margin.scene_asked.connect(self.images.show_margin_scene)
        self.panel.next_open.connect(self.commands.next_open)
        self.panel.sign.connect(self.sheets.open_sign)
        self.sheets.finished.connect(self._finished)
        self.sheets.go_on_reading.connect(self.commands.next_open)
        self.sheets.rebound.connect(self._show_keys)
        self.help_asked.connect(self.sheets.toggle_keys)

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

    def _show_layout(self, name: str) -> None:
        self.tools.cells["layout_1x2"].set_icon(LAYOUT_ICON.get(name, "columns-2"))
        self.tools.set_active("" if name in ("mpr", "3d") else self.tool.action)  # there no drawing tool is in hand

    # --- tools and keys ----------------------------------------------------------------------------------------

    def _tool_pressed(self, action: str) -> None:
        if action == "preset_1":
            self._presets_menu()
        elif action == "layout_1x2":
            self._layout_menu()
        else:
            self.act(action)
        self.images.active.setFocus()

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

    def _show_keys(self) -> None:
        """A key was changed: so are all its caps."""
        for button in self.findChildren(Button):
            if button.action:
                button.set_key(self.keys.key_of(button.action))
        self.tools.set_keys({name: action.key for name, action in self.keys.actions.items()})

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

    @property
    def sheet(self) -> SignSheetView | SignedSheet | None:
        """The sheet over the images."""
        return self.sheets.sheet

    @property
    def signing(self) -> SignModel:
        """The view-model of the sign sheet."""
        return self.sheets.signing

    def toggle_keys(self) -> None:
        """The key sheet."""
        self.sheets.toggle_keys()

    def _finished(self) -> None:
        self._seen_timer.stop()
        self.finished.emit(self.model.reading.subject.id)

    def stop(self) -> None:
        """Keep what is still to be kept; the screen goes."""
        self._seen_timer.stop()
        self.images.stop()
        self.model.keep_seen()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Nothing is lost when the window closes."""
        self.stop()
        super().closeEvent(event)
