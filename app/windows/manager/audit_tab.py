"""Audit: the verdict on the chain, the rows as dense as reads well, one row in detail."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFileDialog, QFrame, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.models.manager.audit import AuditModel
from app.windows.lists import Cell, Column, Rows
from app.windows.manager.exports_tab import short
from app.windows.manager.tab import Card, Choice, Tab, fact, unselected
from app.windows.parts import Button, icon_pixmap, label, row
from app.workflow.audit_trail import NOT_SAID, AuditRow
from viewer.theme import theme

COLUMNS = (
    Column("Row", 70, right=True),
    Column("Time, UTC", 196),
    Column("Who", 104, role="strong"),
    Column("Did", 90),
    Column("To", 112, role="second"),
    Column("Which", 150),
    Column("Old", 116, role="second"),
    Column("New"),
    Column("Hash", 100, role="second"),
)
CHANGE_COLUMNS = (Column("Field", 120, role="strong"), Column("Old", role="second"), Column("New"))
NARROW_HIDDEN = (4, 6, 8)  # To, Old and Hash stand in the detail
ANYONE, ANYTHING = "anyone", "anything"


class AuditTab(Tab):
    """The trail; who opened it and with which filter is a row of it."""

    def __init__(self, model: AuditModel) -> None:
        super().__init__(model)
        self.audit = model
        left = QVBoxLayout()
        left.setSpacing(theme().whole_px("card-gap"))
        left.addWidget(self._verdict_card())
        card = Card()
        card.add(self._filters())
        self.table = Rows(COLUMNS, row_px=theme().whole_px("row"))
        self.table.setAccessibleName("Audit trail")
        card.add(self.table, 1)
        self.count = label("", "label")
        card.column.addLayout(row(self.count, None, margins=(12, 6, 12, 8)))
        left.addWidget(card, 1)
        self.outer.addLayout(left, 1)
        self.detail = self._detail_card()
        self.outer.addWidget(self.detail)
        self.lay_out(False)
        self.table.moved.connect(model.choose)
        model.changed.connect(self._show)
        self._shown: tuple[AuditRow, ...] | None = None

    def lay_out(self, narrow: bool) -> None:
        """On small screens some columns stand in the detail only."""
        self.detail.setFixedWidth(340 if narrow else 440)
        for column in NARROW_HIDDEN:
            self.table.setColumnHidden(column, narrow)
        self.outer.setSpacing(10 if narrow else theme().whole_px("card-gap"))
        margin = 12 if narrow else theme().whole_px("screen-margin")
        self.outer.setContentsMargins(margin, margin, margin, margin)

    def _verdict_card(self) -> QFrame:
        card = QFrame()
        card.setObjectName("card")
        self._verdict_frame = card
        self.sign = QLabel()
        self.verdict, self.head = label("The chain is being verified.", "strong"), label("", "label")
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self.verdict)
        words.addWidget(self.head)
        self.again = Button("Verify again", icon_name="rotate-ccw")
        self.export = Button("Export trail", icon_name="download")
        line = row(self.sign, 8, margins=(16, 10, 14, 10))
        line.addLayout(words, 1)
        line.addWidget(self.again)
        line.addWidget(self.export)
        card.setLayout(line)
        self.again.clicked.connect(self.audit.verify)
        self.export.clicked.connect(self._ask_file)
        return card

    def _filters(self) -> QWidget:
        self.who, self.did = Choice(), Choice()
        self.who.setAccessibleName("Who")
        self.did.setAccessibleName("Did")
        self.text = QLineEdit()
        self.text.setPlaceholderText("text in which, old, new, reason")
        self.text.setAccessibleName("Text")
        holder = QWidget()
        line = row(
            label("who", "label"),
            self.who,
            label("did", "label"),
            self.did,
            self.text,
            margins=(12, 10, 12, 8),
        )
        line.setStretch(4, 1)
        holder.setLayout(line)
        for choice in (self.who, self.did):
            choice.setFixedWidth(160)
            choice.activated.connect(lambda _: self._filter())
        self._typed = QTimer(self, interval=500, singleShot=True)
        self._typed.timeout.connect(self._filter)
        self.text.textChanged.connect(lambda _: self._typed.start())
        self.text.returnPressed.connect(self._filter)
        return holder

    def _filter(self) -> None:
        self._typed.stop()
        self.audit.set_filter(self.who.value, self.did.value, self.text.text())

    def _ask_file(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, "coread", "audit.jsonl", "JSON lines (*.jsonl)")
        if name:
            self.audit.export(Path(name))

    def _detail_card(self) -> Card:
        self.number = label("", "section")
        self.back, self.on = (
            Button("‹", kind="quiet", small=True, tip="Row above"),
            Button("›", kind="quiet", small=True, tip="Row below"),
        )
        card = Card()
        card.column.addLayout(row(self.number, None, self.back, self.on, margins=(12, 8, 8, 4)))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(12, 4, 12, 12)
        column.setSpacing(8)
        self.facts: dict[str, QLabel] = {}
        names = ("When", "Who", "Did", "Which", "Reason")
        for one in names:
            self._fact(column, one)
        column.addWidget(label("What changed", "second"))
        self.changes = unselected(Rows(CHANGE_COLUMNS, row_px=theme().whole_px("row")))
        self.changes.setAccessibleName("What changed")
        column.addWidget(self.changes)
        for one in ("Program", "Protocol", "Previous hash", "This hash"):
            self._fact(column, one)
        column.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        card.add(scroll, 1)
        self.back.clicked.connect(lambda: self.table.selectRow(max(self.audit.at - 1, 0)))
        self.on.clicked.connect(lambda: self.table.selectRow(min(self.audit.at + 1, len(self.audit.rows) - 1)))
        return card

    def _fact(self, column: QVBoxLayout, name: str) -> None:
        line, value = fact(name, width=100)
        self.facts[name] = value
        column.addLayout(line)

    # --- showing -------------------------------------------------------------------------------------------

    def _show(self) -> None:
        model = self.audit
        self._show_verdict()
        if model.rows is not self._shown:
            self._shown = model.rows
            self.who.set_choices([("", ANYONE), *((one, one) for one in model.actors)], model.filter.who)
            self.did.set_choices([("", ANYTHING), *((one, one) for one in model.actions)], model.filter.did)
            self.table.blockSignals(True)
            self.table.set_rows([_line(one) for one in model.rows], keep=False)
            self.table.blockSignals(False)
            some = f"{len(model.rows)} of {model.total} rows, newest first"
            self.count.setText(some if model.rows else "No row fits this filter.")
        self._show_row(model.row)

    def _show_verdict(self) -> None:
        verdict = self.audit.verdict
        if verdict is None:
            return
        broken = bool(verdict.broken)
        self._verdict_frame.setObjectName("blocked" if broken else "card")
        self._verdict_frame.style().unpolish(self._verdict_frame)
        self._verdict_frame.style().polish(self._verdict_frame)
        name, token = ("octagon-x", "blocked") if broken else ("shield-check", "act")
        self.sign.setPixmap(icon_pixmap(name, token, 24))
        if broken:
            self.verdict.setText(f"The chain is broken: {verdict.broken}.")
        else:
            self.verdict.setText(f"The chain holds: {verdict.rows} rows, no break.")
        at = self.audit.verified_at
        when = f"Verified {at:%Y-%m-%d %H:%M:%S} UTC · " if at else ""
        self.head.setText(f"{when}head {short(verdict.head)}")

    def _show_row(self, one: AuditRow | None) -> None:
        self.detail.setVisible(one is not None)
        if one is None:
            return
        self.number.setText(f"Row {one.number}")
        self.back.setEnabled(self.audit.at > 0)
        self.on.setEnabled(self.audit.at < len(self.audit.rows) - 1)
        exactly = one.at.split("+")[0].replace("T", " ")
        self.facts["When"].setText(f"{exactly} UTC\n{one.local}")
        self.facts["Who"].setText(f"{one.actor} as {one.role}")
        self.facts["Did"].setText(f"{one.action}, {one.object}")
        self.facts["Which"].setText(one.which)
        self.facts["Reason"].setText(one.reason or NOT_SAID)
        self.facts["Program"].setText(one.program)
        self.facts["Protocol"].setText(short(one.protocol) if one.protocol else NOT_SAID)
        self.facts["Previous hash"].setText(_grouped(one.previous_hash))
        self.facts["This hash"].setText(_grouped(one.hash))
        changes = one.changes()
        rows = [(name, Cell(old, tip=old), Cell(new, tip=new)) for name, old, new in changes]
        self.changes.set_rows(rows, keep=False)
        self.changes.setFixedHeight(28 + 26 * min(max(len(rows), 1), 14) + 4)


def _time(at: str) -> str:
    return at.split("+", maxsplit=1)[0].replace("T", " ")[:23]  # milliseconds; the exported trail keeps microseconds


def _grouped(digest: str) -> str:
    return " ".join(digest[k : k + 8] for k in range(0, len(digest), 8))


def _line(one: AuditRow) -> tuple[str | Cell, ...]:
    new = one.new_words
    return (
        str(one.number),
        _time(one.at),
        one.actor,
        one.action,
        one.object,
        Cell(one.which, tip=one.which),
        Cell(one.old_words, tip=one.old_words),
        Cell(new, tip=new),
        f"{one.hash[:4]}…{one.hash[-4:]}",
    )
