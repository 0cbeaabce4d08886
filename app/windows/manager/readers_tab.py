"""Readers and assignment: the cases, and the parts of the one in hand."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLineEdit, QVBoxLayout, QWidget

from app.models.manager.readers import ReadersModel
from app.windows.lists import Cell, Column, Rows
from app.windows.manager.tab import Card, Choice, Tab, field
from app.windows.parts import Button, Chip, clear, label, row
from app.workflow.reader_table import CaseReaders, ReaderPart


class ReadersTab(Tab):
    """Left all cases, right who has which part."""

    def __init__(self, model: ReadersModel) -> None:
        super().__init__(model)
        self.readers = model
        self.table = Rows(())
        self._card = Card("Cases", label("who reads what", "label"), None)
        self._card.add(self.table, 1)
        self.outer.addWidget(self._card, 1)
        self.side = Card()
        self.name, self.state = label("", "section"), Chip("")
        self.side.column.addLayout(row(self.name, None, self.state, margins=(12, 8, 10, 8)))
        self._parts = QVBoxLayout()
        self._parts.setContentsMargins(12, 4, 12, 12)
        self._parts.setSpacing(14)
        self.side.add(self._parts)
        self.side.column.addStretch(1)
        self.outer.addWidget(self.side)
        self.choices: dict[str, Choice] = {}
        self.dues: dict[str, QLineEdit] = {}
        self.gives: dict[str, Button] = {}
        self.lay_out(False)
        self._labels: tuple[str, ...] = ()
        model.changed.connect(self._show)

    def lay_out(self, narrow: bool) -> None:
        """Width of the parts."""
        self.side.setFixedWidth(380 if narrow else 460)

    def _make_table(self, labels: tuple[str, ...]) -> None:
        columns = [
            Column("Subject", 80, role="strong"),
            Column("Code", 86, role="second"),
            Column("State", 86),
        ]
        columns.append(Column("released", 70, right=True))
        for one in labels:
            columns += [Column(one), Column("signed", 58, right=True), Column("left", 46, right=True)]
        old = self.table
        self.table = Rows(columns)
        self._card.column.replaceWidget(old, self.table)
        old.deleteLater()
        self.table.setAccessibleName("Cases")
        self.table.moved.connect(self.readers.choose)
        self._labels = labels

    def _show(self) -> None:
        found = self.readers.table
        if found.labels != self._labels:
            self._make_table(found.labels)
        self.table.blockSignals(True)
        self.table.set_rows([self._line(case) for case in found.cases])
        if found.cases:
            self.table.selectRow(self.readers.at)
        self.table.blockSignals(False)
        self._show_case(self.readers.case)

    def _line(self, case: CaseReaders) -> tuple[str | Cell, ...]:
        line: list[str | Cell] = [case.subject.number, case.subject.reading_code, case.subject.state]
        line.append(str(case.released))
        for part in case.parts:
            line.append(part.name or Cell("open", "needs"))
            line.append(str(part.signed) if part.begun else Cell("–", "second"))
            left = part.days_left
            waits = part.signed < case.released
            late = left is not None and left <= 0 and waits
            line.append(
                Cell("–", "second") if left is None else Cell(f"{left}".replace("-", "−"), "needs" if late else "")
            )
        return tuple(line)

    def _show_case(self, case: CaseReaders | None) -> None:
        clear(self._parts)
        self.choices, self.dues, self.gives = {}, {}, {}
        self.state.setVisible(case is not None)
        if case is None:
            self.name.setText("")
            self._parts.addWidget(label("No case yet. Import images first.", "hint"))
            return
        self.name.setText(f"{case.subject.number} · {case.subject.reading_code}")
        self.state.setText(case.subject.state)
        for part in case.parts:
            self._parts.addWidget(self._part(part, case))
        words = "A part can be given to another person until its read has begun. Nobody has two parts of a case."
        self._parts.addWidget(label(words, "hint", wrap=True))

    def _part(self, part: ReaderPart, case: CaseReaders) -> QWidget:
        frame = QFrame()
        column = QVBoxLayout(frame)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        begun = f"begun, {part.signed} of {case.released} signed" if part.begun else "not begun"
        column.addLayout(row(label(part.label, "strong"), label(begun if part.user_id else "not given", "label"), None))
        if not self.readers.rights.change or part.begun:
            due = f", due {part.due}" if part.due else ""
            column.addWidget(label(f"{part.name or 'nobody'}{due}"))
            return frame
        choice = Choice("choose a person")
        choice.set_choices(self.readers.table.choices.get(part.label, ()), part.user_id)
        due_field = QLineEdit(part.due)
        due_field.setPlaceholderText("2026-03-31, or empty")
        give = Button("Give")
        line = row()
        line.addLayout(field("Person", choice), 3)
        line.addLayout(field("Due", due_field), 2)
        line.addWidget(give, 0, Qt.AlignmentFlag.AlignBottom)
        column.addLayout(line)
        self.choices[part.label], self.dues[part.label], self.gives[part.label] = choice, due_field, give

        def gate() -> None:
            give.setEnabled(bool(choice.value) and (choice.value, due_field.text()) != (part.user_id, part.due))

        choice.activated.connect(lambda _: gate())
        due_field.textChanged.connect(lambda _: gate())
        give.clicked.connect(lambda: self.readers.assign(part.label, choice.value, due_field.text()))
        gate()
        return frame
