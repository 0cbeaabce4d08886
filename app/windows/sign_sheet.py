"""The sign sheet: what is open, what is warned of, the responses with their reasons, the signature."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.models.signing import SignModel
from app.windows.parts import Button, Chip, KeyCap, icon_pixmap, label, row, seam
from app.windows.response_rows import ResponseRow, StatementRow
from app.workflow.responses import CriterionResponse
from app.workflow.sign_timepoint import MEANING, SignSheet
from app.workflow.statements import Statement, asked_before_the_sheet

REASON_CODES = (
    "Lesion well above the limit",
    "Only this series was sent",
    "Same lesion, other plane",
    "Seen and accepted",
    "Other",
)


class SignSheetView(QFrame):
    """The sheet over the images; `closed` when it goes, `signed` after the lock."""

    closed = Signal()
    go_to = Signal(str)
    least_height = 700  # it does not jump while warnings are answered

    def __init__(self, model: SignModel, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self._model = model
        self._title = label("", "title")
        back = Button("back to reading", key="Esc", kind="quiet", small=True)
        back.clicked.connect(self.closed.emit)
        self._content = QVBoxLayout()
        self._content.setSpacing(6)
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 8, 0)
        inner.addLayout(self._content)
        inner.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidget(holder)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.name, self.password = QLineEdit(), QLineEdit()
        self.name.setReadOnly(True)
        self.name.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName("Password")
        self.sign_button = Button("Sign and lock", key="Return", kind="primary", icon_name="lock")
        self.sign_button.setFixedHeight(34)
        self._answer, self._caps = label("", "blocked"), label("Caps lock is on", "needs")
        self._caps.hide()
        self._meaning = label(f"Meaning. {MEANING}", wrap=True)
        self._after = label("", "label")
        fields = QGridLayout()
        fields.setHorizontalSpacing(8)
        fields.setVerticalSpacing(4)
        fields.addWidget(label("Name", "label"), 0, 0)
        fields.addWidget(label("Password", "label"), 0, 1)
        fields.addWidget(self.name, 1, 0)
        fields.addWidget(self.password, 1, 1)
        fields.addWidget(self.sign_button, 1, 2)
        fields.setColumnStretch(1, 1)
        for field in (self.name, self.password):
            field.setFixedHeight(34)
        self._foot = QWidget()
        foot = QVBoxLayout(self._foot)
        foot.setContentsMargins(0, 0, 0, 0)
        foot.setSpacing(8)
        foot.addWidget(seam())
        foot.addWidget(self._meaning)
        foot.addLayout(fields)
        foot.addLayout(row(self._answer, self._caps, None))
        foot.addWidget(self._after)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 16, 24, 16)
        whole.setSpacing(10)
        whole.addLayout(row(self._title, None, back))
        whole.addWidget(self._scroll, 1)
        whole.addWidget(self._foot)
        self.rows: list[ResponseRow | StatementRow] = []
        self.password.returnPressed.connect(self._sign)
        self.sign_button.clicked.connect(self._sign)
        model.shown.connect(self.show_sheet)
        model.refused.connect(self._refused)
        model.busy.connect(lambda busy: self.sign_button.setEnabled(not busy))

    def wanted_height(self) -> int:
        """As high as all of it, with room for one unfolded reason."""
        content = self._scroll.widget()
        inner = content.sizeHint().height() if content is not None else 400
        foot = self._foot.sizeHint().height() if self._foot.isVisibleTo(self) else 0
        return inner + foot + 120 + (110 if self.rows else 0)

    def showEvent(self, event: QShowEvent) -> None:
        """The password has the focus when nothing else is asked."""
        super().showEvent(event)
        QTimer.singleShot(0, self._focus_first)

    def _focus_first(self) -> None:
        first = next((r.choice for r in self.rows if r.wants_answer), None)
        (first or self.password).setFocus()

    def show_sheet(self, sheet: SignSheet) -> None:
        """Fill the sheet."""
        reading = self._model.reading
        self._title.setText(f"Sign {reading.now.name}   {reading.subject.reading_code}")
        self.name.setText(self._model.session.user_name)
        self._after.setText(
            f"After this nothing of {reading.now.name} can change. The program then opens what comes next."
        )
        while self._content.count():
            item = self._content.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for words, state, done in self._model.checklist(sheet):
            self._content.addWidget(_check_line(words, state, done=done))
        for concern, answered in self._model.warnings():
            self._content.addWidget(self._warning(concern.key, concern.text, concern.rule, answered))
        self.rows = []
        if sheet.responses is not None:
            self._responses(sheet.responses, sheet.to_state)
        elif sheet.to_state and not asked_before_the_sheet(reading):
            self._statements(sheet.to_state)
        self._foot.setVisible(not sheet.open)
        if sheet.open:
            note = Button("Go to what is open", key="O", kind="primary")
            note.clicked.connect(lambda: self.go_to.emit(sheet.open[0].about))
            line = QWidget()
            line.setLayout(row(note, None, margins=(0, 8, 0, 0)))
            self._content.addWidget(line)
        self._answer.clear()
        self.password.clear()

    def _warning(self, key: str, text: str, rule: str, answered: dict[str, str]) -> QWidget:
        box = QVBoxLayout()
        box.setContentsMargins(12, 8, 12, 10)
        box.setSpacing(6)
        picture = QLabel()
        picture.setPixmap(icon_pixmap("triangle-alert", "needs", 16))
        box.addLayout(row(picture, label(text, wrap=True), spacing=8))
        code, words = QComboBox(), QLineEdit(answered.get("text", ""))
        code.setPlaceholderText("reason")
        code.addItems(list(REASON_CODES))
        code.setCurrentIndex(code.findText(answered.get("code", "")))
        words.setPlaceholderText("in your words")
        box.addLayout(row(code, words))
        code.activated.connect(lambda _: self._model.answer(key, code.currentText(), words.text()))
        words.editingFinished.connect(lambda: self._model.answer(key, code.currentText(), words.text()))
        frame = QFrame()
        frame.setObjectName("needs")
        frame.setLayout(box)
        frame.setToolTip(f"Rule {rule}")
        return frame

    def _responses(self, responses: Sequence[CriterionResponse], to_state: Sequence[Statement]) -> None:
        flagged = "what you change after this is flagged in the record"
        first = self._model.reading.protocol.reading.show_response == "before-signing"
        head = row(
            label("Response", "strong"),
            label(f"shown here for the first time; {flagged}" if first else "as derived from your marks", "label"),
            None,
            label("Why", "label"),
            KeyCap("?"),
            margins=(0, 8, 0, 0),
        )
        self._content.addWidget(_held(head))
        by_criterion = {one.criterion: one for one in to_state}
        fixed = asked_before_the_sheet(self._model.reading)
        for response in responses:
            self._add_row(ResponseRow(response, by_criterion.get(response.criterion), fixed=fixed))
        if to_state:
            words = "Where you state another response than the one derived, a reason is asked for; both are kept."
            self._content.addWidget(label(words, "label"))

    def _statements(self, to_state: Sequence[Statement]) -> None:
        self._content.addWidget(_held(row(label("Your response", "strong"), None, margins=(0, 8, 0, 0))))
        for one in to_state:
            self._add_row(StatementRow(one))

    def _add_row(self, line: ResponseRow | StatementRow) -> None:
        line.stated.connect(self._model.state)
        self.rows.append(line)
        self._content.addWidget(line)

    def why(self) -> None:
        """Open or close every why."""
        for line in self.rows:
            line.toggle()

    def _sign(self) -> None:
        if self.sign_button.isEnabled():
            self._model.sign(self.password.text())

    def _refused(self, line: str) -> None:
        self._answer.setText(line)
        self.password.clear()
        self.password.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc goes back; caps lock is told."""
        if event.key() == Qt.Key.Key_Escape:
            self.closed.emit()
            return
        if event.text() == "?":
            self.why()
            return
        letter = event.text()
        if letter.isalpha():
            shift = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._caps.setVisible(letter.isupper() != shift)
        event.accept()  # nothing of the reading happens under the sheet


class SignedSheet(QFrame):
    """What was signed means, where the protocol opens responses only after signing; `closed` goes on."""

    closed = Signal()
    least_height = 0

    def __init__(self, name: str, responses: Sequence[CriterionResponse], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("sheet")
        self.rows = [ResponseRow(response, None) for response in responses]
        self.button = Button("Continue", key="Return", kind="primary")
        self.button.clicked.connect(self.closed.emit)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(24, 16, 24, 16)
        whole.setSpacing(10)
        whole.addWidget(label(f"{name} is signed", "title"))
        whole.addLayout(row(label("Response", "strong"), None, label("Why", "label"), KeyCap("?")))
        for line in self.rows:
            whole.addWidget(line)
        whole.addWidget(label("Nothing of it can change any more.", "label"))
        whole.addStretch(1)
        whole.addLayout(row(None, self.button))

    def wanted_height(self) -> int:
        """With room for one unfolded reason."""
        return self.sizeHint().height() + 110

    def showEvent(self, event: QShowEvent) -> None:
        """The only thing to do has the focus."""
        super().showEvent(event)
        self.button.setFocus()

    def why(self) -> None:
        """Open or close every why."""
        for line in self.rows:
            line.toggle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on; nothing of the reading happens under the sheet."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.closed.emit()
        elif event.text() == "?":
            self.why()
        event.accept()


def _check_line(words: str, state: str, *, done: bool) -> QWidget:
    picture = QLabel()
    picture.setPixmap(icon_pixmap("check" if done else "triangle-alert", "text-second" if done else "needs", 16))
    name = label(words, "strong")
    name.setFixedWidth(110)
    line = row(picture, name, label(state, "second", wrap=False), None, spacing=10)
    if not done:
        line.addWidget(Chip("open", "needs"))
    holder = QWidget()
    holder.setLayout(line)
    holder.setFixedHeight(26)
    return holder


def _held(layout: QLayout) -> QWidget:
    holder = QWidget()
    holder.setLayout(layout)
    return holder
