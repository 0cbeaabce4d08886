"""The form of what is selected: a proposal to accept, or a lesion with its value and its answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QInputDialog,
    QMenu,
    QSizePolicy,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.models.drawing import DrawingModel, Pending
from app.models.messages import NEEDS
from app.models.organ import Organ
from app.models.proposals import ProposalModel
from app.models.reading import ReadingModel
from app.windows.key_map import KeyMap
from app.windows.lesion_table import paint_shape
from app.windows.parts import Button, Chip, label, row
from app.workflow.reading import LesionRow, Reading
from measure.read import Mark
from viewer.slice_geometry import SliceOrder
from viewer.theme import theme

STATE_WORDS = {
    "measured": "measured",
    "too-small": "too small",
    "absent": "absent",
    "present": "as before",
    "increased": "increased",
    "unequivocal-progression": "unequivocal progression",
    "equivocal": "equivocal",
    "not-evaluable": "not evaluable",
    "split": "split",
    "merged": "merged",
    "resected": "resected",
    "ablated": "ablated",
    "not-imaged": "not imaged",
    "node-normal": "node normal",
}
TARGET_ANSWERS = (
    ("Absent", "absent", "absent"),
    ("Too small", "too-small", "too_small"),
    ("Not evaluable", "not-evaluable", "not_evaluable"),
)
NON_TARGET_ANSWERS = (
    ("As before", "present", "as_before"),
    ("Increased", "increased", "increased"),
    ("Unequivocal progression", "unequivocal-progression", "progression"),
)
NON_TARGET_MORE = (("Absent", "absent", "absent"), ("Not evaluable", "not-evaluable", "not_evaluable"))
OTHERS = ("split", "merged", "resected", "ablated", "not-imaged", "node-normal")


class Shape(QWidget):
    """The role's shape beside a name."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(16, 18)
        self._shape = "target"

    def set_shape(self, shape: str) -> None:
        """Show another role."""
        self._shape = shape
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_shape(painter, QPointF(8, 9), self._shape)
        painter.end()


class LesionForm(QWidget):
    """One of three faces: nothing selected, a proposal, a lesion."""

    def __init__(
        self,
        model: ReadingModel,
        drawing: DrawingModel,
        proposals: ProposalModel,
        organs: Sequence[Organ],
        keys: KeyMap,
    ) -> None:
        super().__init__()
        self._model, self._drawing, self._proposals = model, drawing, proposals
        self._organs, self._keys = organs, keys
        self._faces = QStackedWidget()
        self._quiet = label("", "second", wrap=True)
        self._quiet.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._faces.addWidget(_padded(self._quiet))
        self._proposal = self._make_proposal()
        self._faces.addWidget(self._proposal)
        self._lesion = self._make_lesion()
        self._faces.addWidget(self._lesion)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._faces)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        model.changed.connect(lambda _: self._show())
        model.selected.connect(lambda _: self._show())
        drawing.changed.connect(lambda _: self._show())
        drawing.organ_needed.connect(self._ask_organ)
        model.painted.connect(self._slice_painted)
        self._show()

    def sizeHint(self) -> QSize:
        """A height that does not jump between faces."""
        return QSize(theme().whole_px("panel"), 206)

    # --- a proposal --------------------------------------------------------------------------------------------

    def _make_proposal(self) -> QWidget:
        self._p_shape, self._p_name, self._p_chip = Shape(), label("", "strong"), Chip("proposal", "act")
        self._p_value, self._p_short = label("", "value"), label("", "second")
        self._p_role, self._p_organ, self._p_site = QComboBox(), QComboBox(), QComboBox()
        for organ in self._organs:
            self._p_organ.addItem(organ.label, organ.id)
        self._p_organ.setPlaceholderText("which organ")
        self._p_site.setEditable(True)
        line_edit = self._p_site.lineEdit()
        if line_edit is not None:
            line_edit.setPlaceholderText("place")
        for combo, name in ((self._p_role, "Role"), (self._p_organ, "Organ"), (self._p_site, "Place")):
            combo.setAccessibleName(name)
        self._p_facts = label("", "second", wrap=True)
        self.accept_button = Button("Accept", key=self._keys.key_of("accept"), kind="primary")
        self.size_button = Button("Next size", key=self._keys.key_of("next_size"), action="next_size")
        self.drop_button = Button("Drop", key=self._keys.key_of("drop"), action="drop")
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.addWidget(label("It is", "label"), 0, 0)
        grid.addWidget(self._p_role, 0, 1)
        grid.addWidget(self._p_organ, 0, 2)
        grid.addWidget(self._p_site, 0, 3)
        grid.setColumnMinimumWidth(0, 56)
        for column in (1, 2, 3):
            grid.setColumnStretch(column, 1)
        box = QVBoxLayout()
        box.setContentsMargins(12, 8, 12, 10)
        box.setSpacing(7)
        box.addLayout(row(self._p_shape, self._p_name, None, self._p_chip))
        box.addLayout(row(self._p_value, self._p_short, None))
        box.addLayout(grid)
        box.addWidget(self._p_facts)
        box.addStretch(1)
        box.addLayout(row(self.accept_button, self.size_button, self.drop_button, None))
        holder = QWidget()
        holder.setLayout(box)
        self._p_role.activated.connect(self._role_chosen)
        self._p_organ.activated.connect(self._organ_chosen)
        self._p_site.textActivated.connect(lambda text: self._drawing.set_what(site=text))
        if line_edit is not None:
            line_edit.editingFinished.connect(self._site_typed)
        self.accept_button.clicked.connect(lambda: self._drawing.accept())
        self.size_button.clicked.connect(lambda: self._drawing.next_size())
        self.drop_button.clicked.connect(lambda: self._drawing.drop())
        return holder

    def _role_chosen(self, index: int) -> None:
        value = str(self._p_role.itemData(index))
        if value == "part":
            return
        if value.startswith("again:"):
            self._drawing.set_what(about=value.removeprefix("again:"), split_from="")
        else:
            self._drawing.set_what(
                about="",
                split_from="",
                role="new" if value == "equivocal" else value,
                equivocal=value == "equivocal",
                for_zone=False,
            )

    def _organ_chosen(self, index: int) -> None:
        organ = self._organs[index]
        self._drawing.set_what(organ=organ.id, nodal=organ.nodal, site=organ.sites[0] if not organ.sites else "")

    def _site_typed(self) -> None:
        text = self._p_site.currentText().strip()
        if self._drawing.pending is not None and text != self._drawing.pending.site:
            self._drawing.set_what(site=text)

    def _ask_organ(self) -> None:
        self._p_organ.setFocus()
        self._p_organ.showPopup()

    def _show_proposal(self, pending: Pending) -> None:
        long_mm, short_mm = self._drawing.value_mm()
        counts, other = (short_mm, long_mm) if pending.nodal and not pending.for_zone else (long_mm, short_mm)
        self._p_value.setText(counts or "–")
        words = "long axis" if pending.nodal and not pending.for_zone else "mm"
        self._p_short.setText(
            f"short axis · {words} {other}"
            if pending.nodal and not pending.for_zone
            else f"× {other} mm"
            if other
            else "mm, long axis only"
        )
        name = self._name_of(pending)
        self._p_name.setText(name)
        self._p_shape.set_shape(
            "zone" if pending.for_zone else "new" if pending.role.startswith("new") else pending.role
        )
        known = bool(pending.about or pending.split_from)
        self._fill_roles(pending)
        for widget in (self._p_organ, self._p_site):
            widget.setVisible(not known)
        at = next((k for k, o in enumerate(self._organs) if o.id == pending.organ), -1)
        self._p_organ.setCurrentIndex(at)
        if not known:
            sites = self._organs[at].sites if at >= 0 else ()
            if [self._p_site.itemText(k) for k in range(self._p_site.count())] != list(sites):
                self._p_site.clear()
                self._p_site.addItems(list(sites))
            self._p_site.setCurrentText(pending.site)
        size = f"size {pending.index + 1} of {len(pending.candidates)}" if len(pending.candidates) > 1 else ""
        volume = f"{pending.candidate.volume_ml:.1f} ml" if pending.candidate else ""
        drawn = {
            "click": "outlined from a click",
            "stroke": "outlined from a stroke",
            "edited": "pulled by hand",
        }
        facts = [drawn.get(pending.method, "drawn by hand"), volume, size]
        if pending.is_offer:
            facts = [self._match_words(pending), volume, size]
        self._p_facts.setText(" · ".join(fact for fact in facts if fact))
        enter = not self._proposals.why_enter_waits()
        self.accept_button.set_key(self._keys.key_of("accept") if enter else "")
        self.size_button.setEnabled(len(pending.candidates) > 1)

    def _slice_painted(self, series_uid: str, index: int) -> None:
        """`Enter` accepts an offer once its slice was on the screen."""
        pending = self._drawing.pending
        if pending is not None and pending.is_offer and (pending.series_uid, pending.slice) == (series_uid, index):
            self._show_proposal(pending)

    def _match_words(self, pending: Pending) -> str:
        if pending.carried is None:
            return ""
        seen = "slice seen" if self._proposals.slice_was_seen() else "slice not on screen yet"
        return f"{pending.carried.quality} match, {pending.carried.found.error_mm:.1f} mm · {seen}"

    def _name_of(self, pending: Pending) -> str:
        if pending.for_zone:
            zone = self._model.zone
            return f"{zone.zone.label} · {zone.zone.site}" if zone else "Zone"
        if pending.split_from:
            return f"Part of {self._model.reading.row(pending.split_from).lesion.label}"
        if pending.about:
            lesion = self._model.reading.row(pending.about).lesion
            return f"{lesion.label} · {lesion.site}"
        return "New proposal" if not pending.site else pending.site

    def _fill_roles(self, pending: Pending) -> None:
        reading = self._model.reading
        choices: list[tuple[str, str]] = []
        if pending.split_from:
            choices.append((f"part of {self._model.reading.row(pending.split_from).lesion.label}", "part"))
        if pending.for_zone and self._model.zone:
            choices.append((f"zone {self._model.zone.zone.label}", f"again:{pending.about}"))
        if reading.at_baseline:
            choices += [("target", "target"), ("non-target", "non-target")]
        else:
            choices += [("new lesion", "new"), ("equivocal new lesion", "equivocal")]
        choices += [(f"{r.lesion.label}, {r.lesion.site}", f"again:{r.lesion.lesion_id}") for r in reading.lesions]
        self._p_role.blockSignals(True)
        self._p_role.clear()
        for text, value in choices:
            self._p_role.addItem(text, value)
        wanted = (
            "part"
            if pending.split_from
            else f"again:{pending.about}"
            if pending.about
            else "equivocal"
            if pending.equivocal
            else pending.role
        )
        self._p_role.setCurrentIndex(max(self._p_role.findData(wanted), 0))
        self._p_role.blockSignals(False)

    # --- a lesion ----------------------------------------------------------------------------------------------

    def _make_lesion(self) -> QWidget:
        self._l_shape, self._l_name, self._l_role = Shape(), label("", "strong"), Chip("")
        self._l_state = Chip("", "needs")
        self._l_value, self._l_unit, self._l_before = (
            label("", "value"),
            label("", "second"),
            label("", "label"),
        )
        self._l_facts = label("", "second", wrap=True)
        self._l_checks = label("", "needs", wrap=True)
        self._answers, self._more = row(spacing=4), row(spacing=4)
        box = QVBoxLayout()
        box.setContentsMargins(12, 8, 12, 10)
        box.setSpacing(7)
        box.addLayout(row(self._l_shape, self._l_name, self._l_role, None, self._l_state))
        box.addLayout(row(self._l_value, self._l_unit, None, self._l_before))
        box.addWidget(self._l_facts)
        box.addWidget(self._l_checks)
        box.addStretch(1)
        box.addLayout(self._answers)
        box.addLayout(self._more)
        holder = QWidget()
        holder.setLayout(box)
        self._shown_role = ""
        return holder

    def _fill_answers(self, role: str) -> None:
        if role == self._shown_role:
            return
        self._shown_role = role
        for layout in (self._answers, self._more):
            while layout.count():
                item = layout.takeAt(0)
                widget = item.widget() if item else None
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
        first = TARGET_ANSWERS if role in ("target", "new-target") else NON_TARGET_ANSWERS
        for text, state, action in first:
            self._answers.addWidget(self._answer_button(text, state, action))
        if first is TARGET_ANSWERS:
            self._answers.addWidget(self._other_button())
        else:
            for text, state, action in NON_TARGET_MORE:
                self._more.addWidget(self._answer_button(text, state, action))
            self._more.addWidget(self._other_button())
        self._answers.addStretch(1)
        self._more.addStretch(1)

    def _answer_button(self, text: str, state: str, action: str) -> Button:
        button = Button(text, key=self._keys.key_of(action), small=True, action=action)
        button.setObjectName(f"answer-{state}")
        button.clicked.connect(lambda: self.answer(state))
        return button

    def _other_button(self) -> Button:
        button = Button("Other", key=self._keys.key_of("other_states"), small=True, action="other_states")
        button.clicked.connect(self.other_states)
        return button

    def _show_lesion(self, found: LesionRow, reading: Reading) -> None:
        lesion, finding, mark = found.lesion, found.findings[-1], found.marks[-1]
        self._l_shape.set_shape("new" if lesion.role.startswith("new") else lesion.role)
        self._l_name.setText(f"{lesion.label} · {lesion.site}")
        self._l_role.setText(lesion.role.replace("new-", "new, ") + (", node" if lesion.nodal else ""))
        self._l_state.setText("open" if finding is None else STATE_WORDS[finding.state])
        self._l_state.set_kind("needs" if finding is None else "plain")
        value = finding.diameter_mm if finding else ""
        self._l_value.setText(value or ("–" if finding is None else ""))
        unit = ""
        if finding and finding.long_axis_mm:
            other = finding.long_axis_mm if lesion.nodal else finding.short_axis_mm
            unit = f"mm short axis, long {other}" if lesion.nodal else f"× {other} mm" if other else "mm"
        self._l_unit.setText(unit)
        earlier = [
            f"{reading.timepoints[k].name} {f.diameter_mm or STATE_WORDS[f.state]}"
            for k, f in enumerate(found.findings[:-1])
            if f is not None
        ]
        self._l_before.setText("   ".join(earlier[-2:][::-1]))
        facts = []
        if finding is None:
            facts.append("Click it with S, or answer below.")
        elif mark is not None:
            facts.append(f"{finding.method.replace('-', ' ')} · {self._slice_words(mark)}")
            inside = f" · {mark.mean} ± {mark.sd} {self._unit_of(mark.series_uid)}" if mark.mean else ""
            if finding.volume_ml:
                facts.append(f"{float(finding.volume_ml):.1f} ml{inside}".replace("-", "−"))
        if finding is not None and finding.reason:
            facts.append(finding.reason)
        self._l_facts.setText("\n".join(facts))
        from app.workflow.open_items import reading_concerns

        texts = [c.text for c in reading_concerns(reading) if c.key.startswith(lesion.lesion_id)]
        self._l_checks.setText("\n".join(texts[:2]))
        self._l_checks.setVisible(bool(texts))
        self._fill_answers(lesion.role)

    def _slice_words(self, mark: Mark) -> str:
        """The slice as the picture numbers it."""
        volume = self._model.volumes.get(mark.series_uid)
        return f"slice {SliceOrder.of(volume.grid).number(mark.slice)}" if volume else ""

    def _unit_of(self, series_uid: str) -> str:
        volume = self._model.volumes.get(series_uid)
        return volume.unit if volume else ""

    # --- all faces ---------------------------------------------------------------------------------------------

    def _show(self) -> None:
        pending, found = self._drawing.pending, self._model.row
        if pending is not None:
            self._show_proposal(pending)
            self._faces.setCurrentWidget(self._proposal)
        elif found is not None:
            self._show_lesion(found, self._model.reading)
            self._faces.setCurrentWidget(self._lesion)
        else:
            self._quiet.setText(
                "Click in a lesion to outline it, or draw along its long axis.\n"
                "O goes to the next open thing, F to the next stage."
            )
            self._faces.setCurrentIndex(0)

    def answer(self, state: str) -> None:
        """Answer the selected lesion with a state; asks for what the state needs."""
        found = self._model.row
        if found is None:
            self._model.say("Select a lesion first.")
            return
        more: dict[str, str] = {}
        if state == "not-evaluable":
            reason = self._ask(
                "Not evaluable",
                f"{found.lesion.label}: why it is not evaluable",
                ("motion", "no contrast", "wrong phase", "not covered", "artefact", "other"),
            )
            if not reason:
                return
            more["reason"] = reason
        elif state == "merged":
            others = [r for r in self._model.reading.lesions if r.lesion.lesion_id != found.lesion.lesion_id]
            labels = tuple(r.lesion.label for r in others)
            into = self._ask("Merged", f"{found.lesion.label}: into which lesion", labels)
            match = next((r.lesion.lesion_id for r in others if r.lesion.label == into), "")
            if not match:
                return
            more["merged_into"] = match
        elif state == "node-normal" and found.lesion.role == "target":
            number, fine = QInputDialog.getDouble(
                self, "coread", f"{found.lesion.label}: short axis, mm", 0.0, 0.0, 400.0, 1
            )
            if not fine:
                return
            more["diameter_mm"] = f"{number:.1f}"
        if self._model.answer(found, state, **more) and state == "split":
            self._model.say(f"{found.lesion.label} is split: click in each part, Enter keeps it.", NEEDS)

    def _ask(self, title: str, text: str, choices: Sequence[str]) -> str:
        answer, fine = QInputDialog.getItem(self, "coread", text, list(choices), 0, title == "Not evaluable")
        return answer if fine else ""

    def other_states(self) -> None:
        """The menu of the other states."""
        found = self._model.row
        if found is None:
            self._model.say("Select a lesion first.")
            return
        menu = QMenu(self)
        for state in OTHERS:
            if state == "node-normal" and not found.lesion.nodal:
                continue
            if state == "split" and (found.lesion.role != "target" or found.lesion.split_from):
                continue
            menu.addAction(STATE_WORDS[state], self._answerer(state))
        menu.exec(self.mapToGlobal(self.rect().bottomLeft()))

    def _answerer(self, state: str) -> Callable[[], None]:
        return lambda: self.answer(state)


def _padded(widget: QWidget) -> QWidget:
    box = QVBoxLayout()
    box.setContentsMargins(12, 14, 12, 10)
    box.addWidget(widget)
    holder = QWidget()
    holder.setLayout(box)
    return holder
