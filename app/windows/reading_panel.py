"""The panel beside the images: lesion table, the form of what is selected, time point form, responses, sign bar."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from app.models.drawing import DrawingModel
from app.models.margins import MarginModel
from app.models.organ import Organ
from app.models.proposals import ProposalModel
from app.models.reading import ReadingModel
from app.windows.key_map import KeyMap
from app.windows.lesion_form import LesionForm
from app.windows.lesion_table import LesionTable
from app.windows.parts import Button, icon_pixmap, label, row, seam
from app.windows.response_panel import ResponsePanel
from app.windows.sum_rows import SumRows
from app.windows.timepoint_form import TimepointForm
from app.windows.zone_form import ZoneForm
from app.workflow.reading import Reading
from viewer.theme import theme

HIDDEN_LINE = {
    "before-signing": "In this trial they stand on the sign sheet.",
    "after-signing": "In this trial they open after signing.",
    "never": "",
}


def hidden_words(how: str) -> str:
    """Where responses are when they are not beside the images (`reading.show_response`)."""
    first = "Sums and responses are not shown " + ("in this trial." if how == "never" else "while you read.")
    return f"{first} {HIDDEN_LINE[how]}".strip()


def panel_width(screen_width: int) -> int:
    """Width of the panel by the screen's (design 4.1)."""
    if screen_width < 1600:
        return round(388 * theme().scale)
    return theme().whole_px("panel") if screen_width < 2400 else round(520 * theme().scale)


class ReadingPanel(QFrame):
    """`next_open` and `sign` from the sign bar."""

    next_open = Signal()
    sign = Signal()

    def __init__(
        self,
        model: ReadingModel,
        drawing: DrawingModel,
        proposals: ProposalModel,
        margins: MarginModel,
        organs: Sequence[Organ],
        keys: KeyMap,
    ) -> None:
        super().__init__()
        self.setObjectName("panel")
        self._model, self._drawing, self._proposals = model, drawing, proposals
        self.table = LesionTable()
        self.lesion_form = LesionForm(model, drawing, proposals, organs, keys)
        self.zone_form = ZoneForm(model, margins)
        self.timepoint_form = TimepointForm(model)
        self.responses: ResponsePanel | None = None
        self.sums: SumRows | None = None
        if self._is_live:
            self.responses, self.sums = ResponsePanel(), SumRows(self.table)
        self._forms = QStackedWidget()
        self._forms.addWidget(self._make_reading_part())
        self._forms.addWidget(self.zone_form)
        self.next_open_label = label("", "second")
        self.next_open_label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # the button stays
        key = keys.key_of("next_open")
        self.open_button = Button("Next open", key=key, kind="quiet", small=True, action="next_open")
        self.sign_button = Button("Sign", key=keys.key_of("sign"), action="sign")
        self.open_button.clicked.connect(self.next_open.emit)
        self.sign_button.clicked.connect(self.sign.emit)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(0)
        whole.addWidget(self.table)
        if self.sums is not None:
            whole.addWidget(self.sums)
        whole.addWidget(seam())
        whole.addWidget(self._forms, 1)
        whole.addWidget(seam())
        whole.addWidget(self._make_sign_bar())

    def _make_sign_bar(self) -> QWidget:
        bar = QWidget()
        bar.setFixedHeight(theme().whole_px("sign-bar"))
        line = row(self.open_button, self.next_open_label, self.sign_button, margins=(12, 0, 12, 0))
        line.setStretch(1, 1)
        bar.setLayout(line)
        return bar

    @property
    def _is_live(self) -> bool:
        return self._model.reading.protocol.reading.show_response == "live"

    @property
    def one_form(self) -> bool:
        """There is room for one form at a time."""
        return self._is_live or bool(self.timepoint_form.stated)

    def _make_reading_part(self) -> QWidget:
        """Lesion form, time point form, and the responses or the line that says where they are."""
        part = QWidget()
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.lesion_form)
        column.addWidget(seam())
        column.addWidget(self.timepoint_form)
        column.addWidget(seam())
        if self.responses is not None:
            column.addWidget(self.responses, 1)
        else:
            column.addWidget(self._quiet_line())
            column.addStretch(1)
        return part

    def _quiet_line(self) -> QWidget:
        picture = label()
        picture.setPixmap(icon_pixmap("eye-off", "hint", 16))
        words = label(hidden_words(self._model.reading.protocol.reading.show_response), "hint", wrap=True)
        line = row(picture, words, margins=(12, 10, 12, 10))
        line.setStretch(1, 1)
        holder = QWidget()
        holder.setLayout(line)
        return holder

    # --- showing -----------------------------------------------------------------------------------------------

    def show_reading(self, reading: Reading) -> None:
        """Show the reading as it stands."""
        self.show_table(reading)
        left = reading.open_items()
        nxt = left[0] if left else None
        self.next_open_label.setText(nxt.text if nxt else "Nothing open")
        self.open_button.setVisible(nxt is not None)
        self.sign_button.setText(f"Sign {reading.now.name}" + (f"   {len(left)} open" if left else ""))
        self.sign_button.set_kind("normal" if left else "primary")
        self.sign_button.updateGeometry()
        self._show_live()
        self.choose_form()

    def show_table(self, reading: Reading) -> None:
        """Show the table with what is proposed."""
        waiting = self._proposals.waiting()
        values = {about: self._proposals.value_of(about) for about, one in waiting.items() if one.carried.candidates}
        self.table.show_reading(reading, values)
        self.table.set_selection(self._model.selection)

    def show_selection(self, about: str) -> None:
        """Show the form of what is selected."""
        self.table.set_selection(about)
        self._forms.setCurrentIndex(1 if self._model.zone is not None else 0)
        self.choose_form()

    def _show_live(self) -> None:
        live = self._model.live()
        if live is not None and self.responses is not None and self.sums is not None:
            self.responses.show_live(live, self._model.reading)
            self.sums.show_live(live)

    def choose_form(self) -> None:
        """Where the panel holds more, there is room for one form: the lesion's, or at the end the time point's."""
        if self.one_form:
            at_the_end = self._model.stage == "summary" and self._drawing.pending is None and self._model.row is None
            self.lesion_form.setVisible(not at_the_end)
            self.timepoint_form.setVisible(at_the_end)
