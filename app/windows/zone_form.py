"""Form AZ-1: one ablation zone at one time point; the judgement is never suggested (central-reading 10.2)."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QButtonGroup,
    QComboBox,
    QGridLayout,
    QLineEdit,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from app.models.margins import MarginModel
from app.models.reading import ReadingModel
from app.windows.lesion_form import Shape
from app.windows.margin_box import MarginBox
from app.windows.parts import Button, Chip, KeyCap, Segmented, label, row, seam
from app.workflow.fill_forms import JUDGEMENTS, first_adequate
from app.workflow.reading import Reading, ZoneRow

VISIBLE = (
    ("yes", "yes"),
    ("involuted", "involuted"),
    ("not imaged", "not imaged"),
    ("not evaluable", "not evaluable"),
)
EVALUABILITY = (("optimal", "optimal"), ("limited", "limited"), ("not evaluable", "not evaluable"))
RIM = (
    ("none", "none"),
    ("thin-even", "thin even"),
    ("thick", "thick"),
    ("irregular", "irregular"),
    ("nodular", "nodular"),
)
NODULE = (("none", "none"), ("probable", "probable"), ("definite", "definite"))
GROWTH = (("smaller", "smaller"), ("same", "same"), ("larger", "larger"))
CERTAINTY = (("1", "1 guess"), ("2", "2"), ("3", "3"), ("4", "4"), ("5", "5 certain"))
RESIDUAL = JUDGEMENTS[2]


class ZoneForm(QWidget):
    """The form of the selected zone; every answer is stored at once."""

    def __init__(self, model: ReadingModel, margins: MarginModel) -> None:
        super().__init__()
        self._model = model
        self.margin = MarginBox(model, margins)
        self._filling = False
        self._name, self._state = label("", "strong"), Chip("", "needs")
        shape = Shape()
        shape.set_shape("zone")
        self.own = QComboBox()
        self.own.setPlaceholderText("link your own lesion")
        self.own.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.own.setMinimumContentsLength(10)  # long names are cut short, the form is not
        self.none_seen = Button("None seen", small=True)
        self.rows = {
            "visible": Segmented(VISIBLE),
            "evaluability": Segmented(EVALUABILITY),
            "growth": Segmented(GROWTH),
            "rim": Segmented(RIM),
            "nodule": Segmented(NODULE),
        }
        self._read_on, self._size, self._since = label(""), label(""), label("", "second")
        self.distance = QLineEdit()
        self.distance.setPlaceholderText("mm, of a suspicious focus")
        self.certainty = Segmented(CERTAINTY)
        self.comment = QLineEdit()
        self.comment.setPlaceholderText("optional")
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnMinimumWidth(0, 84)
        grid.setColumnStretch(1, 1)
        own = QWidget()
        own.setLayout(row(self.own, self.none_seen))
        own.layout().setStretch(0, 1)  # type: ignore[union-attr]
        lines: tuple[tuple[str, QWidget], ...] = (
            ("Own lesion", own),
            ("Visible", self.rows["visible"]),
            ("Evaluability", self.rows["evaluability"]),
            ("Read on", self._read_on),
            ("Zone", self._size),
            ("Since first", self.rows["growth"]),
            ("", self._since),
            ("Rim", self.rows["rim"]),
            ("Nodule", self.rows["nodule"]),
            ("Distance", self.distance),
        )
        for k, (words, widget) in enumerate(lines):
            grid.addWidget(label(words, "label"), k, 0)
            grid.addWidget(widget, k, 1)
            widget.setAccessibleName(words)
        inner = QVBoxLayout()
        inner.setContentsMargins(12, 8, 12, 8)
        inner.setSpacing(8)
        inner.addLayout(row(shape, self._name, None, self._state))
        inner.addLayout(grid)
        inner.addWidget(seam())
        inner.addLayout(
            row(
                label("Judgement", "strong"),
                label("against before, first, smallest and prior", "label"),
                None,
            )
        )
        self._group = QButtonGroup(self)
        self.judgements: list[QRadioButton] = []
        for k, words in enumerate(JUDGEMENTS):
            radio = QRadioButton(words[0].upper() + words[1:])
            radio.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self._group.addButton(radio, k)
            self.judgements.append(radio)
            why = label("first adequate scan only" if words == RESIDUAL else "", "hint")
            inner.addLayout(row(radio, None, why, KeyCap(f"Alt+{k + 1}"), spacing=6))
        self._group.setExclusive(True)
        bottom = QGridLayout()
        bottom.setColumnMinimumWidth(0, 84)
        bottom.setHorizontalSpacing(8)
        bottom.setColumnStretch(1, 1)
        bottom.addWidget(label("Certainty", "label"), 0, 0)
        bottom.addWidget(self.certainty, 0, 1)
        bottom.addWidget(label("Comment", "label"), 1, 0)
        bottom.addWidget(self.comment, 1, 1)
        inner.addLayout(bottom)
        inner.addWidget(self.margin)
        inner.addStretch(1)
        content = QWidget()
        content.setLayout(inner)
        scroll = QScrollArea()
        scroll.setWidget(content)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(scroll)
        self._connect()
        model.changed.connect(lambda _: self._show())
        model.selected.connect(lambda _: self._show())
        self._show()

    def sizeHint(self) -> QSize:
        """As high as the panel lets it be."""
        return QSize(460, 520)

    def _connect(self) -> None:
        self.own.activated.connect(lambda k: self._fill(own_lesion=str(self.own.itemData(k))))
        self.none_seen.clicked.connect(lambda: self._fill(own_lesion="none"))
        for name, widget in self.rows.items():
            widget.chosen.connect(lambda value, name=name: self._fill(**{name: value}))
        self.certainty.chosen.connect(lambda value: self._fill(certainty=value))
        self.distance.editingFinished.connect(self._keep_distance)
        self.comment.editingFinished.connect(lambda: self._keep_text("comment", self.comment.text()))
        self._group.idClicked.connect(lambda k: self.judge(k))

    def judge(self, k: int) -> None:
        """Judge the selected zone (0 no local tumour ... 4 not evaluable)."""
        self._fill(judgement=JUDGEMENTS[k])

    def _fill(self, **fields: str) -> None:
        zone = self._model.zone
        if zone is None:
            self._model.say("Select a zone first.")
        elif not self._filling and not self._model.fill_zone(zone, **fields):
            self._show()

    def _keep_text(self, name: str, text: str) -> None:
        zone = self._model.zone
        form = zone.forms[-1] if zone else None
        present = str(form.answers.get(name, "")) if form else ""
        if zone is not None and text != present:
            self._fill(**{name: text})

    def _keep_distance(self) -> None:
        text = self.distance.text().strip().removesuffix("mm").strip()
        if text:
            try:
                if not 0 <= float(text) <= 400:
                    raise ValueError(text)
            except ValueError:
                self._model.say(f"Distance: {text!r} is no length in mm. Write it as 4.5.")
                return
        self._keep_text("distance_mm", text)

    def _show(self) -> None:
        zone = self._model.zone
        if zone is None:
            return
        reading, form = self._model.reading, zone.forms[-1]
        self._filling = True
        self._name.setText(f"{zone.zone.label} · {zone.zone.site}")
        done = bool(form and form.judgement and form.certainty and zone.own_lesion)
        self._state.setText("judged" if done else "open")
        self._state.set_kind("plain" if done else "needs")
        self._fill_own(zone, reading)
        answers = form.answers if form else {}
        for name, widget in self.rows.items():
            widget.set_value(str(answers.get(name, "")))
        self.certainty.set_value(form.certainty if form else "")
        if not self.distance.hasFocus():
            self.distance.setText(str(answers.get("distance_mm", "")))
        if not self.comment.hasFocus():
            self.comment.setText(str(answers.get("comment", "")))
        self._show_size(zone, reading)
        self._group.setExclusive(False)
        for k, radio in enumerate(self.judgements):
            radio.setChecked(bool(form and form.judgement == JUDGEMENTS[k]))
        self._group.setExclusive(True)
        residual = first_adequate(zone) == len(zone.forms) - 1
        self.judgements[2].setEnabled(residual)
        self._filling = False

    def _fill_own(self, zone: ZoneRow, reading: Reading) -> None:
        self.own.blockSignals(True)
        self.own.clear()
        for found in reading.lesions:
            before = next((f.diameter_mm for f in found.findings if f and f.diameter_mm), "")
            self.own.addItem(
                f"{found.lesion.label} · {found.lesion.site}" + (f", {before} mm before" if before else ""),
                found.lesion.lesion_id,
            )
        self.own.setCurrentIndex(self.own.findData(zone.own_lesion))
        self.own.setPlaceholderText("none seen" if zone.own_lesion == "none" else "link your own lesion")
        self.own.blockSignals(False)
        self.none_seen.setChecked(zone.own_lesion == "none")

    def _show_size(self, zone: ZoneRow, reading: Reading) -> None:
        mark = zone.marks[-1]
        series = next(
            (s for s in reading.now.series if mark and s.uid == mark.series_uid),
            reading.now.series_hung_as("main"),
        )
        self._read_on.setText(series.name if series else "")
        if mark is None:
            self._size.setText("outline it with S")
            self._since.setText("")
            return
        volume = f"   {float(mark.volume_ml):.1f} ml" if mark.volume_ml else ""
        self._size.setText(f"{mark.drawn_long_mm:.1f} × {mark.drawn_short_mm:.1f} mm{volume}")
        first = next((m for m in zone.marks[:-1] if m is not None), None)
        if first is None:
            self._since.setText("this is its first outline")
            return
        change = mark.drawn_long_mm - first.drawn_long_mm
        self._since.setText(f"long axis {change:+.1f} mm since its first outline".replace("-", "−"))
