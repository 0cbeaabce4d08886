"""Queries: what the site was asked about images, and its answers."""

from __future__ import annotations

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from app.models.manager.queries import QueriesModel
from app.windows.lists import Cell, Column, Rows
from app.windows.manager.tab import Card, Tab
from app.windows.parts import Button, label, row, seam
from app.workflow.queries import OPEN

COLUMNS = (
    Column("", 40, role="letter"),
    Column("Subject", 90, role="strong"),
    Column("Time point", 90),
    Column("Asked"),
    Column("By", 100, role="second"),
    Column("Age", 76, right=True),
    Column("State", 96),
)


class QueriesTab(Tab):
    """List at the left, the one in hand at the right."""

    def __init__(self, model: QueriesModel) -> None:
        super().__init__(model)
        self.queries = model
        self.table = Rows(COLUMNS)
        self.table.setAccessibleName("Queries")
        self.empty = label("No query was asked. Images → Query site opens one.", "hint")
        card = Card("Queries", label("about images", "label"), None)
        card.add(self.table, 1)
        card.add(self.empty, padded=True)
        self.outer.addWidget(card, 1)
        self.side = Card()
        self.name = label("", "section")
        self.side.column.addLayout(row(self.name, None, margins=(12, 8, 10, 8)))
        column = QVBoxLayout()
        column.setContentsMargins(12, 0, 12, 12)
        column.setSpacing(6)
        self.asked, self.answered = label("", wrap=True), label("", wrap=True)
        self.asked_by, self.answered_at = label("", "label"), label("", "label")
        for widget in (
            label("Asked", "label"),
            self.asked,
            self.asked_by,
            seam(),
            label("Answer", "label"),
            self.answered,
            self.answered_at,
        ):
            column.addWidget(widget)
        self.text = QPlainTextEdit()
        self.text.setPlaceholderText("the site's answer, in its words")
        self.text.setFixedHeight(110)
        self.text.setAccessibleName("Answer")
        self.send = Button("Enter answer", kind="primary")
        self._form = QWidget()
        form = QVBoxLayout(self._form)
        form.setContentsMargins(0, 0, 0, 0)
        form.addWidget(self.text)
        form.addLayout(row(None, self.send))
        column.addWidget(self._form)
        column.addStretch(1)
        self.side.add(column, 1)
        self.outer.addWidget(self.side)
        self.lay_out(False)
        self.table.moved.connect(model.choose)
        self.text.textChanged.connect(lambda: self.send.setEnabled(bool(self.text.toPlainText().strip())))
        self.send.clicked.connect(self._send)
        self.send.setEnabled(False)
        model.changed.connect(self._show)

    def lay_out(self, narrow: bool) -> None:
        """Width of the detail."""
        self.side.setFixedWidth(380 if narrow else 440)

    def _send(self) -> None:
        if self.queries.answer(self.text.toPlainText()):
            self.text.clear()

    def _show(self) -> None:
        model = self.queries
        self.empty.setVisible(not model.lines)
        self.side.setVisible(bool(model.lines))
        self.table.blockSignals(True)
        self.table.set_rows(
            [
                (
                    "Q" if line.query.state == OPEN else "",
                    line.number,
                    line.visit,
                    Cell(line.query.text, tip=line.query.text),
                    line.opened_by,
                    "today" if line.days == 0 else f"{line.days} d",
                    line.query.state,
                )
                for line in model.lines
            ]
        )
        if model.lines:
            self.table.selectRow(model.at)
        self.table.blockSignals(False)
        line = model.line
        if line is None:
            return
        query = line.query
        self.name.setText(f"{line.number} · {line.visit}")
        self.asked.setText(query.text)
        self.asked_by.setText(f"{line.opened_by}, {query.opened_at[:16].replace('T', ' ')} UTC")
        is_open = query.state == OPEN
        self.answered.setText("open" if is_open else query.answer)
        self.answered_at.setText("" if is_open else f"{query.answered_at[:16].replace('T', ' ')} UTC")
        self._form.setVisible(is_open and model.rights.change)
