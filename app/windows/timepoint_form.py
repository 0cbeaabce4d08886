"""The time point form: image quality, coverage, slices seen, comment; every choice is stored at once."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from app.models.reading import ReadingModel
from app.windows.parts import Chip, Letter, Segmented, label, row
from app.windows.response_rows import StatedChoice
from app.workflow.reading import Reading
from app.workflow.statements import asked_before_the_sheet, statements
from viewer.theme import theme

QUALITY = (("optimal", "optimal"), ("readable", "readable"), ("not-readable", "not readable"))
COVERAGE = (("covered", "covered"), ("partly", "partly"), ("not-covered", "not covered"))


class Comment(QPlainTextEdit):
    """A text field that tells when it is left."""

    def __init__(self, left) -> None:  # type: ignore[no-untyped-def]
        super().__init__()
        self._left = left
        self.setTabChangesFocus(True)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """What was written is kept when the field is left."""
        super().focusOutEvent(event)
        self._left()


class SeenBar(QWidget):
    """How much of a series was shown: a thin bar and its share."""

    def __init__(self) -> None:
        super().__init__()
        self._share = 0.0
        self.setFixedSize(60, 18)

    def set_share(self, share: float) -> None:
        """Show a share, 0 to 1."""
        self._share = share
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint groove and share."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        groove = QRectF(0, 6.5, self.width(), 5)
        painter.setBrush(theme().colour("well"))
        painter.drawRoundedRect(groove, 2.5, 2.5)
        painter.setBrush(theme().colour("text-second"))
        painter.drawRoundedRect(QRectF(0, 6.5, self.width() * self._share, 5), 2.5, 2.5)
        painter.end()


class TimepointForm(QWidget):
    """The form of the time point being read."""

    def __init__(self, model: ReadingModel) -> None:
        super().__init__()
        self._model = model
        self._title, self._open = label("", "strong"), Chip("", "needs")
        self.quality = Segmented(QUALITY)
        self.non_targets, self.new_lesions = Segmented(COVERAGE), Segmented(COVERAGE)
        self.reason = QLineEdit()
        self.reason.setPlaceholderText("why it is not readable")
        self.comment = Comment(self._keep_comment)
        self.comment.setPlaceholderText("optional")
        self.comment.setFixedHeight(48)
        self._seen = QHBoxLayout()
        self._seen.setSpacing(8)
        self._letters: dict[str, Letter] = {}
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(8)
        grid.setHorizontalSpacing(8)
        grid.setColumnMinimumWidth(0, 96)
        grid.setColumnStretch(1, 1)
        lines = (
            ("image_quality", "Image quality", self.quality),
            ("quality_reason", "Reason", self.reason),
            ("non_target_coverage", "Non-targets", self.non_targets),
            ("new_lesion_coverage", "New lesions", self.new_lesions),
        )
        self._reason_label = label("Reason", "label")
        for k, (name, text, field) in enumerate(lines):
            words = self._reason_label if name == "quality_reason" else label(text, "label")
            letter = self._letters[name] = Letter()
            grid.addWidget(words, k, 0)
            grid.addWidget(field, k, 1)
            grid.addWidget(letter, k, 2)
            field.setAccessibleName(text)
        grid.addWidget(label("Slices seen", "label"), 4, 0)
        grid.addLayout(self._seen, 4, 1)
        grid.addWidget(label("Comment", "label"), 5, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(self.comment, 5, 1)
        self.stated: dict[str, StatedChoice] = {}
        stated_rows = QGridLayout()
        stated_rows.setColumnStretch(0, 1)
        if asked_before_the_sheet(model.reading):
            self._add_statements(stated_rows)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(12, 8, 12, 10)
        whole.setSpacing(8)
        whole.addLayout(row(self._title, None, self._open))
        whole.addLayout(grid)
        whole.addLayout(stated_rows)
        self.quality.chosen.connect(lambda value: model.fill(image_quality=value))
        self.non_targets.chosen.connect(lambda value: model.fill(non_target_coverage=value))
        self.new_lesions.chosen.connect(lambda value: model.fill(new_lesion_coverage=value))
        self.reason.editingFinished.connect(self._keep_reason)
        model.changed.connect(self._show)
        self._show(model.reading)

    def _add_statements(self, grid: QGridLayout) -> None:
        """The reader's own responses, stated before any derived one is seen."""
        for k, one in enumerate(statements(self._model.reading)):
            choice = self.stated[one.criterion] = StatedChoice(one)
            letter = self._letters[f"stated:{one.criterion}"] = Letter()
            grid.addWidget(label(one.title, "label"), k, 0)
            grid.addWidget(choice, k, 1)
            grid.addWidget(letter, k, 2)
            choice.activated.connect(partial(self._state, one.criterion))

    def _state(self, criterion: str, _: int) -> None:
        self._model.state_response(criterion, self.stated[criterion].currentText())

    def _show(self, reading: Reading) -> None:
        form = reading.form
        for one in statements(reading) if self.stated else ():
            self.stated[one.criterion].setCurrentIndex(self.stated[one.criterion].findText(one.overall))
        self._title.setText(f"Time point {reading.now.name}")
        self.quality.set_value(form.image_quality if form else "")
        self.non_targets.set_value(form.non_target_coverage if form else "")
        self.new_lesions.set_value(form.new_lesion_coverage if form else "")
        not_readable = bool(form and form.image_quality == "not-readable")
        for part in (self.reason, self._reason_label, self._letters["quality_reason"]):
            part.setVisible(not_readable)
        if not self.reason.hasFocus():
            self.reason.setText(form.quality_reason if form else "")
        if not self.comment.hasFocus():
            self.comment.setPlainText(form.comment if form else "")
        still = {item.about.removeprefix("form:") for item in reading.open_items() if item.about.startswith("form:")}
        for name, letter in self._letters.items():
            letter.set_letter("O" if name in still else "")
        self._open.setText(f"{len(still)} open")
        self._open.setVisible(bool(still))
        self._show_seen(reading)

    def _show_seen(self, reading: Reading) -> None:
        kinds = [k for k in reading.protocol.reading.sweep_series if reading.now.series_hung_as(k)]
        while self._seen.count():
            item = self._seen.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for kind in kinds:
            series = reading.now.series_hung_as(kind)
            if series is None:
                continue
            bar = SeenBar()
            share = reading.seen_share(series)
            bar.set_share(share)
            for part in (label(kind, "label"), bar, label(f"{int(share * 100)} %", "label")):
                self._seen.addWidget(part)
        self._seen.addStretch(1)

    def _keep_reason(self) -> None:
        form = self._model.reading.form
        if self.reason.text() != (form.quality_reason if form else ""):
            self._model.fill(quality_reason=self.reason.text())

    def _keep_comment(self) -> None:
        form = self._model.reading.form
        if self.comment.toPlainText() != (form.comment if form else ""):
            self._model.fill(comment=self.comment.toPlainText())
