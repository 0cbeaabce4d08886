"""The image check of one time point: what was found, what waits for an answer, the decision below."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.models.manager.contact_sheet import SheetPicture
from app.models.manager.images import ImagesModel
from app.windows.manager.contact_sheet import ContactSheet
from app.windows.manager.tab import Card, Choice
from app.windows.parts import Button, Chip, clear, icon_pixmap, label, row, seam
from app.workflow.blinding import LOOKED_AT
from app.workflow.charter_checks import CheckItem

ANSWERS = (
    "accepted: comparable enough to be read",
    "accepted: kept and flagged",
    "accepted: the only images of this visit",
)
EXPLAINED = {
    "Slice thickness": "Thicker than baseline, or than the protocol allows: small lesions measure larger.",
    "Modality": "Readers get a warning where values of different modalities meet.",
    "Geometry": "What cannot be measured stays closed to the callipers, whatever is answered here.",
    "Kernel": "Another reconstruction kernel than before: edges and small nodules look different.",
    "Coverage": "Less of the body than before: lesions may lie outside the scan.",
    "Rescale": "Slices of one CT differ in how stored values become HU: ask the site.",
    "Baseline window": "The baseline is too old, or lies after the start of treatment.",
    "Phase": "Another contrast phase than baseline: sizes of hypervascular lesions may not compare.",
    LOOKED_AT: "No program can be sure: look at the pictures before readers do.",
    "Visit window": "The scan lies outside the window of its visit. It is kept and flagged, never dropped.",
}


class CheckCard(Card):
    """Lines, answers, blinding, and the four decisions; those who only look find no button."""

    asked = Signal(str, str)  # which decision, reason

    def __init__(self, model: ImagesModel) -> None:
        self.chip = Chip("")
        super().__init__("Image check", label("protocol and earlier scans", "label"), None, self.chip)
        self._model = model
        self._lines = QVBoxLayout()
        self._lines.setContentsMargins(12, 0, 12, 8)
        self._lines.setSpacing(0)
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addLayout(self._lines)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        self.add(scroll, 1)
        self.answers: dict[str, Choice] = {}
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("reason to refuse, ask or withdraw")
        self.reason.setAccessibleName("Reason")
        self.refuse = Button("Refuse", kind="danger", icon_name="circle-x")
        self.withdraw = Button("Withdraw", icon_name="undo-2")
        self.withdraw.setToolTip("Take this import back: wrong subject, wrong visit, not wanted")
        self.query = Button("Query site", icon_name="flag")
        self.accept = Button("Accept", icon_name="check")
        self.release = Button("Release", kind="primary", tip="Release to the readers")
        self.foot = QFrame()
        foot = QVBoxLayout(self.foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(0)
        foot.addWidget(seam())
        foot.addLayout(row(self.reason, self.withdraw, spacing=6, margins=(12, 8, 12, 0)))
        foot.addLayout(
            row(self.refuse, self.query, None, self.accept, self.release, spacing=6, margins=(12, 8, 12, 10))
        )
        self.add(self.foot)
        self.foot.setVisible(model.rights.change)
        self.reason.textChanged.connect(lambda _: self._gates())
        self.refuse.clicked.connect(lambda: self._with_reason(model.refuse))
        self.query.clicked.connect(lambda: self._with_reason(model.ask_site))
        self.withdraw.clicked.connect(lambda: self._with_reason(model.withdraw))
        self.accept.clicked.connect(model.accept)
        self.release.clicked.connect(model.release)
        model.changed.connect(self.show_now)
        model.sheet_ready.connect(self._show_sheet)

    def set_short(self, short: bool) -> None:
        """Shorter words where the card is narrow."""
        self.query.setText("Query" if short else "Query site")
        self.query.updateGeometry()

    def _with_reason(self, action: object) -> None:
        text = self.reason.text().strip()
        self.reason.clear()
        action(text)  # type: ignore[operator]

    def _gates(self) -> None:
        model = self._model
        said = bool(self.reason.text().strip())
        self.refuse.setEnabled(model.may_decide and said)
        self.query.setEnabled(model.may_decide and said)
        self.withdraw.setEnabled(model.may_decide and said)
        self.accept.setEnabled(
            model.may_decide
            and not model.open_lines
            and model.selected is not None
            and model.selected.timepoint.state != "accepted"
        )
        self.release.setEnabled(model.may_release)
        self.reason.setEnabled(model.may_decide)

    def show_now(self) -> None:
        """Show the selected time point's check."""
        clear(self._lines)
        self.answers = {}
        model = self._model
        self._gates()
        chosen = model.selected
        self.chip.setVisible(chosen is not None)
        if chosen is None:
            self._lines.addWidget(label("Choose a time point that has images.", "hint", wrap=True))
            return
        left = len(model.open_lines)
        self.chip.setText(f"{left} to decide" if left else chosen.timepoint.state)
        self.chip.set_kind("needs" if left else "plain")
        for line in model.check:
            self._lines.addLayout(self._line(line))
        if left and model.may_decide:
            self._lines.addSpacing(8)
            self._lines.addWidget(self._open_box(model.open_lines))
        if chosen.timepoint.remark:
            self._lines.addSpacing(8)
            self._lines.addWidget(label(f"{chosen.timepoint.state}: {chosen.timepoint.remark}", "needs", wrap=True))
        self._lines.addSpacing(10)
        self._lines.addWidget(seam())
        self._lines.addSpacing(8)
        self._lines.addWidget(label("Blinding report", "strong"))
        self._lines.addSpacing(2)
        for one in model.report:
            words = f"{one.series}: {one.words}" if one.series else one.words
            self._lines.addLayout(_fact_line(one.about, words, "check" if one.good else "triangle-alert"))

    def _line(self, line: CheckItem) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(0)
        sign = "triangle-alert" if line.needs_answer and not line.answer else "check"
        column.addLayout(_fact_line(line.item, line.found, sign, strong=line.needs_answer))
        if line.answer:
            column.addLayout(row(label(line.answer, "label", wrap=True), margins=(24, 0, 0, 4)))
        return column

    def _open_box(self, lines: tuple[CheckItem, ...]) -> QFrame:
        box = QFrame()
        box.setObjectName("needs")
        inner = QVBoxLayout(box)
        inner.setContentsMargins(12, 10, 12, 12)
        inner.setSpacing(4)
        for k, line in enumerate(lines):
            if k:
                inner.addSpacing(8)
            inner.addWidget(label(f"{line.item}: {line.found}", "strong", wrap=True))
            inner.addWidget(label(EXPLAINED.get(line.item, ""), "label", wrap=True))
            if self._model.rights.change and line.item == LOOKED_AT:
                self.look = Button("Show first, middle and last slice", icon_name="eye")
                self.look.clicked.connect(self._model.look_at_slices)
                inner.addWidget(self.look)
            elif self._model.rights.change:
                choice = Choice("choose or write an answer", typed=True)
                choice.set_choices([(text, text) for text in ANSWERS])
                choice.setAccessibleName(f"Answer to {line.item}")
                choice.activated.connect(lambda _=0, item=line.item: self._answered(item))
                edit = choice.lineEdit()
                if edit is not None:
                    edit.returnPressed.connect(lambda item=line.item: self._answered(item))
                inner.addWidget(choice)
                self.answers[line.item] = choice
        return box

    def _show_sheet(self, pictures: tuple[SheetPicture, ...]) -> None:
        self.sheet = ContactSheet(pictures, self._model.no_text, self._legible, self.window())
        self.sheet.open()

    def _legible(self) -> None:
        self.reason.setText("Text can be read in the images.")
        self.reason.setFocus()

    def _answered(self, item: str) -> None:
        text = self.answers[item].currentText().strip() if item in self.answers else ""
        if text:
            self._model.answer(item, text)


def _fact_line(words: str, value: str, icon_name: str, *, strong: bool = False) -> QVBoxLayout:
    picture = QLabel()
    picture.setPixmap(icon_pixmap(icon_name, "needs" if icon_name == "triangle-alert" else "text-second", 15))
    picture.setFixedWidth(16)
    name = label(words, "strong" if strong else "")
    name.setFixedWidth(136)
    said = label(value, "" if strong else "second", wrap=True)
    line = row(picture, name, said, margins=(0, 6, 0, 6))
    line.setStretch(2, 1)
    column = QVBoxLayout()
    column.addLayout(line)
    return column
