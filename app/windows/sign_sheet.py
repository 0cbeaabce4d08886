"""The sign sheet: what is open, what is warned of, the responses with their reasons, the signature."""

from __future__ import annotations

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.models.signing import SignModel
from app.windows.parts import Button, Chip, KeyCap, icon_pixmap, label, row, seam, with_minus
from app.workflow.responses import CriterionResponse
from app.workflow.sign_timepoint import MEANING, SignSheet
from viewer.theme import theme

REASON_CODES = (
    "Lesion well above the limit",
    "Only this series was sent",
    "Same lesion, other plane",
    "Seen and accepted",
    "Other",
)
ALL_RESPONSES = {
    "recist11": ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "NA"),
    "mrecist": ("CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE", "NA"),
    "irecist": ("iCR", "iPR", "iSD", "NON-iCR/NON-iUPD", "iUPD", "iCPD", "NE", "NA"),
}


class ResponseRow(QWidget):
    """One criterion: target, non-target, new, overall; what the reader states; the why below."""

    stated = Signal(str, str, str)

    def __init__(self, response: CriterionResponse, stated: str, reason: str, *, ask: bool) -> None:
        super().__init__()
        self._response = response
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        self.opener = Button("▸", kind="quiet", small=True, tip="Why")
        grid.addWidget(self.opener, 0, 0)
        name = label(response.title)
        grid.addWidget(name, 0, 1)
        for column, text in ((2, response.target), (3, response.non_target), (4, response.new_lesion)):
            one = label(text or "–", "second")
            one.setAlignment(Qt.AlignmentFlag.AlignCenter)
            grid.addWidget(one, 0, column)
        overall = label("baseline" if response.overall == "BL" else response.overall, "strong")
        overall.setAlignment(Qt.AlignmentFlag.AlignCenter)
        overall.setStyleSheet(
            f"border: 1px solid {theme().hexes['line-control']}; border-radius: 3px; padding: 2px 8px;"
        )
        grid.addWidget(overall, 0, 5)
        self.choice = QComboBox()
        self.choice.setPlaceholderText("you state")
        is_baseline = response.overall == "BL"
        for value in ALL_RESPONSES.get(response.standard, ()):
            self.choice.addItem(value)
        self.choice.setCurrentIndex(self.choice.findText(stated))
        self.choice.setAccessibleName(f"{response.title}, you state")
        self.choice.setVisible(ask and not is_baseline)
        grid.addWidget(self.choice, 0, 6)
        for column, least in ((1, 178), (2, 36), (3, 122), (4, 36), (5, 68), (6, 148)):  # the rows stay aligned
            grid.setColumnMinimumWidth(column, round(least * theme().scale))
        grid.setColumnStretch(1, 1)
        self.choice.setMinimumWidth(round(148 * theme().scale))
        self.choice.setMaximumWidth(round(148 * theme().scale))
        self.why = QFrame()
        self.why.setObjectName("well")
        box = QVBoxLayout(self.why)
        box.setContentsMargins(12, 6, 12, 6)
        box.setSpacing(3)
        box.addWidget(label(with_minus(response.explanation) or "No follow-up yet: this is the baseline.", wrap=True))
        drivers = f"Driven by {' · '.join(response.drivers)}" if response.drivers else ""
        mixed = f"Mixed response: {response.mixed}" if response.mixed else ""
        last = "     ".join(
            part for part in (drivers, mixed, f"Rules {response.rules}" if response.rules else "") if part
        )
        box.addWidget(label(last, "small", wrap=True))
        self.why.hide()
        self.reason = QLineEdit(reason)
        self.reason.setPlaceholderText("why you state another response than the derived one")
        self.reason.setVisible(bool(stated) and stated != response.overall)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(4)
        whole.addLayout(grid)
        whole.addWidget(self.why)
        whole.addWidget(self.reason)
        self.opener.clicked.connect(self.toggle)
        self.choice.activated.connect(lambda _: self._chosen())
        self.reason.editingFinished.connect(self._chosen)

    def toggle(self) -> None:
        """Open or close the why."""
        self.why.setVisible(self.why.isHidden())
        self.opener.setText("▸" if self.why.isHidden() else "▾")

    def _chosen(self) -> None:
        said = self.choice.currentText()
        differs = bool(said) and said != self._response.overall
        self.reason.setVisible(differs)
        if said:
            self.stated.emit(self._response.criterion, said, self.reason.text() if differs else "")
        if differs and not self.reason.text():
            self.reason.setFocus()


class SignSheetView(QFrame):
    """The sheet over the images; `closed` when it goes, `signed` after the lock."""

    closed = Signal()
    go_to = Signal(str)

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
        self.rows: list[ResponseRow] = []
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
        first = next((r.choice for r in self.rows if r.choice.isVisible() and r.choice.currentIndex() < 0), None)
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
            self._responses(sheet)
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

    def _responses(self, sheet: SignSheet) -> None:
        head = row(
            label("Response", "strong"),
            label("shown here for the first time; what you change after this is flagged in the record", "label"),
            None,
            label("Why", "label"),
            KeyCap("?"),
            margins=(0, 8, 0, 0),
        )
        holder = QWidget()
        holder.setLayout(head)
        self._content.addWidget(holder)
        stated = self._model.reading.form.stated if self._model.reading.form else {}
        for response in sheet.responses or ():
            said = stated.get(response.criterion, {})
            line = ResponseRow(response, said.get("overall", ""), said.get("reason", ""), ask=sheet.ask_stated)
            line.stated.connect(self._model.state)
            self.rows.append(line)
            self._content.addWidget(line)
        if sheet.ask_stated:
            self._content.addWidget(
                label(
                    "Where you state another response than the one derived, a reason is asked for; both are kept.",
                    "label",
                )
            )

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
