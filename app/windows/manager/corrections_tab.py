"""Corrections: requests to open a signed time point again; the medical lead decides, with a reason."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from app.models.manager.corrections import CorrectionsModel
from app.windows.lists import Cell, Column, Rows
from app.windows.manager.tab import Card, Choice, Tab, fact, field
from app.windows.parts import Button, label, row
from app.workflow.correct_read import CATEGORIES, REQUESTED, CorrectionLine

COLUMNS = (
    Column("", 40, role="letter"),
    Column("Subject", 86, role="strong"),
    Column("Time point", 86),
    Column("Read", 150),
    Column("Kind", 150),
    Column("Reason"),
    Column("Age", 70, right=True),
    Column("State", 92),
)


class CorrectionsTab(Tab):
    """Requests at the left; at the right the one in hand, and asking for another."""

    def __init__(self, model: CorrectionsModel) -> None:
        super().__init__(model)
        self.corrections = model
        self.table = Rows(COLUMNS)
        self.table.setAccessibleName("Corrections")
        self.empty = label("No correction was asked for.", "hint")
        card = Card("Corrections", label("of signed time points", "label"), None)
        card.add(self.table, 1)
        card.add(self.empty, padded=True)
        self.outer.addWidget(card, 1)
        self._side = QWidget()
        column = QVBoxLayout(self._side)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(12)
        self.detail = self._detail_card()
        column.addWidget(self.detail)
        self.form = self._ask_card()
        column.addWidget(self.form)
        column.addStretch(1)
        self.outer.addWidget(self._side)
        self.lay_out(False)
        self.table.moved.connect(model.choose)
        model.changed.connect(self._show)

    def lay_out(self, narrow: bool) -> None:
        """Width of the detail."""
        self._side.setFixedWidth(400 if narrow else 460)

    def _detail_card(self) -> Card:
        card = Card()
        self.name = label("", "section")
        card.column.addLayout(row(self.name, None, margins=(12, 8, 10, 4)))
        column = QVBoxLayout()
        column.setContentsMargins(12, 0, 12, 12)
        column.setSpacing(6)
        self.facts = {}
        for words in ("Read", "Kind", "Reason", "Asked by", "Decided by", "Decision"):
            line, value = fact(words, width=86)
            self.facts[words] = value
            column.addLayout(line)
        self.meaning = label("", "label", wrap=True)
        column.addWidget(self.meaning)
        self.reason = QPlainTextEdit()
        self.reason.setPlaceholderText("reason for the decision")
        self.reason.setAccessibleName("Reason for the decision")
        self.reason.setFixedHeight(64)
        self.refuse = Button("Refuse", kind="danger")
        self.approve = Button("Approve and open again")
        self._decision = QWidget()
        inner = QVBoxLayout(self._decision)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.reason)
        inner.addLayout(row(self.refuse, None, self.approve))
        column.addWidget(self._decision)
        card.add(column)
        self.reason.textChanged.connect(self._gates)
        self.approve.clicked.connect(lambda: self._decide(approve=True))
        self.refuse.clicked.connect(lambda: self._decide(approve=False))
        return card

    def _ask_card(self) -> Card:
        card = Card("Ask on a reader's word", None)
        column = QVBoxLayout()
        column.setContentsMargins(12, 0, 12, 12)
        column.setSpacing(8)
        self.part, self.kind = Choice("choose"), Choice("choose")
        self.kind.set_choices(list(CATEGORIES.items()))
        self.why = QPlainTextEdit()
        self.why.setFixedHeight(64)
        self.why.setPlaceholderText("what the reader says is wrong")
        self.ask = Button("Ask for correction")
        column.addLayout(field("Signed time point", self.part))
        column.addLayout(field("Kind", self.kind))
        column.addLayout(field("Reason", self.why))
        column.addLayout(row(None, self.ask))
        card.add(column)
        for choice in (self.part, self.kind):
            choice.activated.connect(lambda _: self._gates())
        self.why.textChanged.connect(self._gates)
        self.ask.clicked.connect(self._ask)
        return card

    def _gates(self) -> None:
        said = bool(self.reason.toPlainText().strip())
        self.approve.setEnabled(said)
        self.refuse.setEnabled(said)
        self.ask.setEnabled(bool(self.part.value and self.kind.value and self.why.toPlainText().strip()))

    def _decide(self, *, approve: bool) -> None:
        if self.corrections.decide(approve=approve, reason=self.reason.toPlainText()):
            self.reason.clear()

    def _ask(self) -> None:
        if self.corrections.ask(self.part.value, self.kind.value, self.why.toPlainText()):
            self.why.clear()

    def _show(self) -> None:
        model = self.corrections
        self.empty.setVisible(not model.lines)
        self.detail.setVisible(bool(model.lines))
        self.form.setVisible(model.rights.change)
        self.table.blockSignals(True)
        self.table.set_rows([_line(line) for line in model.lines])
        if model.lines:
            self.table.selectRow(model.at)
        self.table.blockSignals(False)
        chosen = self.part.value
        parts = [(p.read_timepoint_id, f"{p.number} {p.visit} · {p.label}, {p.reader}") for p in model.parts]
        self.part.set_choices(parts, chosen if any(chosen == one for one, _ in parts) else "")
        if model.line is not None:
            self._show_detail(model.line)
        self._gates()

    def _show_detail(self, line: CorrectionLine) -> None:
        one = line.correction
        self.name.setText(f"{line.number} · {line.visit}")
        self.facts["Read"].setText(f"{line.label}, {line.reader}, version {line.version}")
        self.facts["Kind"].setText(CATEGORIES.get(one.category, one.category))
        self.facts["Reason"].setText(one.reason)
        self.facts["Asked by"].setText(f"{line.asked_by}, {one.asked_at[:16].replace('T', ' ')} UTC")
        decided = f"{line.decided_by}, {one.decided_at[:16].replace('T', ' ')} UTC" if line.decided_by else "open"
        self.facts["Decided by"].setText(decided)
        self.facts["Decision"].setText(f"{one.state}: {one.decision_reason}" if one.decision_reason else one.state)
        later = {0: "", 1: " One later time point is read again."}.get(
            line.later, f" {line.later} later time points are read again."
        )
        is_open = one.state == REQUESTED
        self.meaning.setVisible(is_open)
        self.meaning.setText(
            f"Approved, this time point opens again as version {line.version + 1}; "
            f"version {line.version} stays as it is.{later} "
            "A comparison or adjudication of the case is taken up anew."
        )
        self._decision.setVisible(is_open and self.corrections.rights.decide)


def _line(line: CorrectionLine) -> tuple[str | Cell, ...]:
    one = line.correction
    return (
        "V" if one.state == REQUESTED else "",
        line.number,
        line.visit,
        f"{line.label}, {line.reader} v{line.version}",
        CATEGORIES.get(one.category, one.category),
        Cell(one.reason, tip=one.reason),
        "today" if line.days == 0 else f"{line.days} d",
        one.state,
    )
