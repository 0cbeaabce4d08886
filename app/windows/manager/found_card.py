"""What an import found: what is proposed because of what, and every part of it in the person's hand."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QPlainTextEdit, QScrollArea, QVBoxLayout, QWidget

from app.models.manager.images import HANG_AS, Found, ImagesModel
from app.windows.lists import Cell, Column, Rows
from app.windows.manager.tab import Card, Choice
from app.windows.parts import Button, label, row, seam
from app.workflow.ports import FoundSeries

FOUND_COLUMNS = (
    Column("Subject", 96, role="strong"),
    Column("Time point", 96, role="strong"),
    Column("Scanned", 100),
    Column("Series", 60, right=True),
    Column("Images", 64, right=True),
    Column("Before storing", role="second"),
)
HANG_WORDS = {"main": "main", "second": "second", "lung": "lung", "": "not hung"}


class FoundCard(Card):
    """List of found time points; below, the one in hand."""

    def __init__(self, model: ImagesModel) -> None:
        self.leave = Button("Leave import")
        self.store = Button("Store this time point", kind="primary")
        super().__init__("Found", None, self.leave, self.store)
        self._model = model
        self.table = Rows(FOUND_COLUMNS)
        self.table.setFixedHeight(4 * 28 + 2)
        self.add(self.table)
        self.add(seam())
        self.subject = Choice("say which subject", typed=True)
        self.visit = Choice("say which time point", typed=True)
        self.subject.setAccessibleName("Subject")
        self.visit.setAccessibleName("Time point")
        self._because_subject, self._because_visit = (
            label("", "second", wrap=True),
            label("", "second", wrap=True),
        )
        form = QGridLayout()
        form.setContentsMargins(12, 8, 12, 8)
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(6)
        form.setColumnStretch(1, 1)
        for column, words in enumerate(("Found", "Proposed, because", "Your decision")):
            form.addWidget(label(words, "label"), 0, column)
        for line, (words, because, choice) in enumerate(
            (
                ("Subject", self._because_subject, self.subject),
                ("Time point", self._because_visit, self.visit),
            ),
            start=1,
        ):
            form.addWidget(label(words), line, 0)
            form.addWidget(because, line, 1)
            choice.setFixedWidth(180)
            form.addWidget(choice, line, 2)
        self.out_words = label("", "second")
        self.out_button = Button("show", kind="quiet", small=True)
        form.addWidget(label("Left out"), 3, 0)
        form.addWidget(self.out_words, 3, 1)
        form.addLayout(row(self.out_button, None), 3, 2)
        self.add(form)
        self.left_out = QPlainTextEdit()
        self.left_out.setReadOnly(True)
        self.left_out.setFixedHeight(120)
        self.left_out.hide()
        self.add(self.left_out, padded=True)
        self.add(seam())
        self._series = QGridLayout()
        self._series.setContentsMargins(12, 8, 12, 8)
        self._series.setHorizontalSpacing(14)
        self._series.setVerticalSpacing(4)
        inside = QWidget()
        inner = QVBoxLayout(inside)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addLayout(self._series)
        inner.addStretch(1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        self.add(scroll, 1)
        self.hung: list[Choice] = []
        self.out_button.clicked.connect(self._show_out)
        self.table.moved.connect(model.show_found)
        self.leave.clicked.connect(model.drop_found)
        self.store.clicked.connect(model.store)
        for choice, name in ((self.subject, "subject"), (self.visit, "visit")):
            choice.activated.connect(lambda _=0, of=name: self._decided(of))
            edit = choice.lineEdit()
            if edit is not None:
                edit.editingFinished.connect(lambda of=name: self._decided(of))
        model.import_changed.connect(self.show_now)

    def _show_out(self) -> None:
        self.left_out.setVisible(not self.left_out.isVisible())
        self.out_button.setText("hide" if self.left_out.isVisible() else "show")
        self.out_button.updateGeometry()

    def _decided(self, name: str) -> None:
        choice = self.subject if name == "subject" else self.visit
        shown = self._model.shown
        if shown is not None and choice.value != getattr(shown, name):
            self._model.correct(**{name: choice.value})

    def show_now(self) -> None:
        """Show what was found and decided so far."""
        model = self._model
        shown = model.shown
        for widget in (self.store, self.leave, self.subject, self.visit, self.table):
            widget.setEnabled(not model.busy)
        if shown is None:
            return
        self.table.blockSignals(True)
        self.table.set_rows([_line(one) for one in model.found], keep=False)
        self.table.selectRow(model.at)
        self.table.blockSignals(False)
        proposal = shown.proposal
        self._because_subject.setText(f"{proposal.subject or 'nothing'}: {proposal.subject_because}")
        self._because_visit.setText(f"{proposal.visit or 'nothing'}: {proposal.visit_because}")
        self.subject.set_choices([(n, n) for n in model.subjects()], shown.subject)
        self.visit.set_choices([(v, v) for v in model.free_visits(shown.subject)], shown.visit)
        out = len(model.left_out)
        self.out_words.setText("nothing" if not out else "1 file" if out == 1 else f"{out} files")
        self.out_button.setVisible(bool(out))
        self.left_out.setPlainText("\n".join(f"{path}: {reason}" for path, reason in model.left_out))
        self.store.setEnabled(not model.busy and not shown.open)
        adds = f"{shown.visit} has images already: only series that are new are added." if shown.taken else ""
        self.store.setToolTip(shown.open or adds)
        self._show_series(shown)

    def _show_series(self, shown: Found) -> None:
        while self._series.count():
            item = self._series.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.hung = []
        heads = ("Kind", "Series", "slices", "mm", "pixel", "measure", "hang as")
        for column, words in enumerate(heads):
            self._series.addWidget(label(words, "label"), 0, column)
        self._series.setColumnStretch(1, 2)
        self._series.setColumnStretch(5, 2)
        for k, one in enumerate(shown.series):
            self._show_one(k, one)

    def _hang(self, at: int) -> None:
        self._model.hang(at, self.hung[at].value)
        self.hung[at].setFocus()  # the boxes were made anew

    def _show_one(self, k: int, one: FoundSeries) -> None:
        gaps = "; ".join(str(d["text"]) for d in one.defects)
        measure = "yes" if one.measurable else f"no · {one.why_not}"
        texts = (
            one.modality,
            one.name,
            str(one.slices),
            one.thickness_mm or "–",
            f"{one.spacing_mm[0]:.2f}" if one.spacing_mm[0] else "–",
            f"{measure} · {gaps}" if gaps and gaps not in measure else measure,
        )
        for column, text in enumerate(texts):
            said = label(text, "second" if column == 5 else "", wrap=column in (1, 5))
            self._series.addWidget(said, k + 1, column)
        choice = Choice()
        choice.setFixedWidth(112)
        choice.setAccessibleName(f"Hang {one.name} as")
        choice.set_choices([(value, HANG_WORDS[value]) for value in HANG_AS], one.hang_as)
        choice.activated.connect(lambda _=0, at=k: self._hang(at))
        choice.setEnabled(not self._model.busy)
        self._series.addWidget(choice, k + 1, 6)
        self.hung.append(choice)


def _line(one: Found) -> tuple[str | Cell, ...]:
    proposal = one.proposal
    images = sum(series.slices for series in one.series)
    return (
        one.subject or Cell("open", "needs"),
        one.visit or Cell("open", "needs"),
        proposal.scan_date or Cell("no date", "needs"),
        str(len(one.series)),
        str(images),
        Cell(one.open, "needs") if one.open else f"adds to {one.visit}" if one.taken else "ready to store",
    )
