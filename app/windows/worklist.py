"""The worklist: the answer to "what now" is the first row, already selected."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from app.background import Jobs
from app.models.worklist import WorklistModel
from app.windows.correction_sheet import CorrectionSheet
from app.windows.frame import Screen
from app.windows.lists import Cell, Column, Rows
from app.windows.parts import Button, KeyCap, label, row
from app.workflow.worklist import WorkItem
from viewer.theme import theme

NOTHING = "Nothing more to read now."
COLUMNS = (
    Column("", 44, role="letter"),
    Column("Reading code", 130, role="strong"),
    Column("Next", 120, role="strong"),
    Column("Task", 170, role="second"),
    Column("State", 130),
    Column("Days left", 90, right=True),
    Column("Note", role="second"),
)


class WorklistScreen(Screen):
    """Own cases with something to do; Enter opens the selected one."""

    def __init__(self, model: WorklistModel, jobs: Jobs, *, demo: bool, user: str) -> None:
        super().__init__(jobs, demo=demo, user=user)
        self._model = model
        self.table = Rows(COLUMNS, row_px=theme().whole_px("row-worklist"))
        self.open_button = Button("Open", key="Return", kind="primary")
        self._head = row(
            label("To read", "section"),
            label("in the order given to you", "second"),
            None,
            KeyCap("↑"),
            KeyCap("↓"),
            label("choose", "label"),
            KeyCap("Return"),
            label("open", "label"),
        )
        self._list = QWidget()
        inner = QVBoxLayout(self._list)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(10)
        inner.addLayout(self._head)
        card = QFrame()
        card.setObjectName("card")
        card_layout = QVBoxLayout(card)
        card_layout.setContentsMargins(1, 1, 1, 1)
        card_layout.addWidget(self.table)
        inner.addWidget(card, 1)
        inner.addLayout(row(None, self.open_button))
        self._empty = QWidget()
        quiet = QVBoxLayout(self._empty)
        quiet.addStretch(2)
        for text, role in (
            (NOTHING, "title"),
            ("When there is something for you, it stands here.", "second"),
        ):
            one = label(text, role)
            one.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            quiet.addWidget(one)
        self.again = Button("Look again", icon_name="rotate-ccw")
        quiet.addSpacing(8)
        quiet.addLayout(row(None, self.again, None))
        quiet.addStretch(3)
        column = QVBoxLayout()
        column.setContentsMargins(0, 24, 0, 20)
        column.setSpacing(16)
        self.correct_button = Button("Ask for a correction", kind="quiet", icon_name="rotate-ccw")
        self.correct_button.setVisible(bool(model.signed()))
        column.addLayout(row(label("Your work", "title"), None, self.correct_button))
        column.addWidget(self._list, 1)
        column.addWidget(self._empty, 1)
        middle = QWidget()
        middle.setLayout(column)
        middle.setMaximumWidth(1280)
        across = QVBoxLayout(self.body)
        across.setContentsMargins(20, 0, 20, 0)
        holder = row(middle)
        holder.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        across.addLayout(holder)
        self.line.facts.setText("all saved")
        self.table.chosen.connect(model.open)
        self.open_button.clicked.connect(lambda: model.open(self.table.at))
        self.again.clicked.connect(model.refresh)
        self.correct_button.clicked.connect(self._open_correction)
        model.changed.connect(self._show)
        model.said.connect(self.line.say)
        self.sheet: CorrectionSheet | None = None

    def _open_correction(self) -> None:
        if self.sheet is not None:
            return
        self.sheet = CorrectionSheet(self._model.signed(), self._model.ask_correction, self.body)
        self.sheet.closed.connect(self._close_correction)
        self.sheet.adjustSize()
        self._place_sheet()
        self.sheet.show()
        self.sheet.part.setFocus()

    def _close_correction(self) -> None:
        if self.sheet is not None:
            self.sheet.hide()
            self.sheet.deleteLater()
            self.sheet = None
        self.table.setFocus()

    def _place_sheet(self) -> None:
        if self.sheet is not None:
            self.sheet.move((self.body.width() - self.sheet.width()) // 2, 64)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The sheet stays in the middle."""
        super().resizeEvent(event)
        self._place_sheet()

    def showEvent(self, event: QShowEvent) -> None:
        """The table has the keys at once."""
        super().showEvent(event)
        self.table.setFocus()

    def _show(self, items: list[WorkItem]) -> None:
        self._list.setVisible(bool(items))
        self._empty.setVisible(not items)
        rows = []
        for item in items:
            days = "–" if item.days_left is None else str(item.days_left)
            late = item.days_left is not None and item.days_left <= 0
            rows.append(
                (
                    "O" if item.state == "open" else "",
                    item.code,
                    item.next,
                    item.task,
                    item.state,
                    Cell(days, "needs" if late else ""),
                    item.note,
                )
            )
        self.table.set_rows(rows)
