"""Progress: five figures, the work in hand, what may be compared, how far the readers agree."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.models.manager.progress import ProgressModel
from app.windows.lists import Cell, Column, Rows
from app.windows.manager.tab import Card, Tab, unselected
from app.windows.parts import Button, label, row, seam
from app.workflow.progress import InHand, Progress, Rate
from viewer.theme import theme

WORK_COLUMNS = (
    Column("Who"),
    Column("Subject", 84, role="strong"),
    Column("Step", 104),
    Column("State", 78),
    Column("Age", 70, right=True),
    Column("", 52),
)
READY_COLUMNS = (
    Column("Subject", 100, role="strong"),
    Column("Code", 100, role="second"),
    Column("time points", right=True),
)
AGREEMENT_COLUMNS = (
    Column("Agreement"),
    Column("Measure", 90, role="second"),
    Column("Cases", 70, right=True),
    Column("Value", 80, right=True, role="strong"),
    Column("95 % interval", 130, right=True, role="second"),
)
READER_COLUMNS = (
    Column("Part", 60, role="strong"),
    Column("Reader"),
    Column("signed", 70, right=True),
    Column("days to sign", 96, right=True),
    Column("compared", 84, right=True),
    Column("adjudicated", 90, right=True),
    Column("chosen", 70, right=True),
)
LABEL_PX, FRACTION_PX, SHARE_PX, RANGE_PX, ROW_PX = 330.0, 52.0, 62.0, 76.0, 30.0


def age(days: float) -> str:
    """An age in rounded words: 2 h, 3 days."""
    if days < 1.0:
        return f"{max(int(days * 24), 0)} h"
    whole = int(days)
    return "1 day" if whole == 1 else f"{whole} days"


def percent(share: float | None) -> str:
    """One decimal, a thin space, or a dash."""
    return "–" if share is None else f"{100 * share:.1f}\u2009%"


class Figure(Card):
    """One number with what it counts."""

    def __init__(self, words: str) -> None:
        super().__init__()
        self.value, self.note = label("–", "value"), label("", "label")
        column = QVBoxLayout()
        column.setContentsMargins(14, 10, 14, 12)
        column.setSpacing(2)
        column.addWidget(label(words, "label"))
        column.addLayout(row(self.value, self.note, None))
        self.add(column)

    def say(self, value: str, note: str = "", *, needs: bool = False) -> None:
        """Show a number and a note, amber where somebody is needed."""
        self.value.setText(value)
        self.note.setText(note)
        self.note.setStyleSheet(f"color: {theme().hexes['needs']};" if needs else "")


class Intervals(QWidget):
    """Rates as points on a line with their intervals: fraction, share and limits stand beside, in columns."""

    def __init__(self) -> None:
        super().__init__()
        self._rates: tuple[Rate, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_rates(self, rates: tuple[Rate, ...]) -> None:
        """Show other rates."""
        self._rates = rates
        self.setAccessibleName("; ".join(f"{r.title} {r.differing.count} of {r.differing.of}" for r in rates))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """One line a rate, and the axis."""
        return QSize(560, round(ROW_PX * max(len(self._rates), 1) + 30))

    def minimumSizeHint(self) -> QSize:
        """As high as the rates ask."""
        return QSize(520, self.sizeHint().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint lines, points, axis."""
        look = theme()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = look.font("base")
        font.setFamily(self.font().family())
        painter.setFont(font)
        if not self._rates:
            painter.setPen(look.colour("hint"))
            painter.drawText(
                QRectF(12, 0, self.width(), ROW_PX), Qt.AlignmentFlag.AlignVCenter, "Nothing compared yet."
            )
            painter.end()
            return
        words = min(LABEL_PX, self.width() * 0.4)
        left = 12 + words + FRACTION_PX + SHARE_PX + RANGE_PX + 24
        width = self.width() - left - 24
        right_side = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
        for k, rate in enumerate(self._rates):
            top, found = k * ROW_PX, rate.differing
            middle = top + ROW_PX / 2
            painter.setPen(look.colour("text"))
            title = painter.fontMetrics().elidedText(rate.title, Qt.TextElideMode.ElideRight, int(words))
            painter.drawText(QRectF(12, top, words, ROW_PX), Qt.AlignmentFlag.AlignVCenter, title)
            x = 12 + words
            painter.drawText(QRectF(x, top, FRACTION_PX, ROW_PX), right_side, f"{found.count} / {found.of}")
            x += FRACTION_PX
            strong = look.font("base", weight=600)
            strong.setFamily(self.font().family())
            painter.setFont(strong)
            painter.drawText(QRectF(x, top, SHARE_PX, ROW_PX), right_side, percent(found.share))
            painter.setFont(font)
            x += SHARE_PX
            painter.setPen(look.colour("text-second"))
            limits = f"{100 * found.low:.0f}–{100 * found.high:.0f}\u2009%"
            painter.drawText(QRectF(x, top, RANGE_PX, ROW_PX), right_side, limits)
            painter.setPen(QPen(look.colour("hair"), 1))
            painter.drawLine(QPointF(left, middle), QPointF(left + width, middle))
            painter.setPen(QPen(look.colour("text-second"), 3))
            painter.drawLine(QPointF(left + width * found.low, middle), QPointF(left + width * found.high, middle))
            if found.share is not None:
                at = left + width * found.share
                painter.fillRect(QRectF(at - 3.5, middle - 3.5, 7, 7), look.colour("act"))
        self._axis(painter, left, width)
        painter.end()

    def _axis(self, painter: QPainter, left: float, width: float) -> None:
        look = theme()
        top = len(self._rates) * ROW_PX + 4
        font = look.font("label")
        font.setFamily(self.font().family())
        painter.setFont(font)
        painter.setPen(look.colour("text-second"))
        for share in (0.0, 0.25, 0.5, 0.75, 1.0):
            box = QRectF(left + width * share - 30, top, 60, 18)
            words = "100\u2009%" if share == 1.0 else f"{100 * share:.0f}"
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


class Bars(QWidget):
    """Counts by reason, words at the left."""

    def __init__(self) -> None:
        super().__init__()
        self._counts: tuple[tuple[str, int], ...] = ()

    def show_counts(self, counts: tuple[tuple[str, int], ...]) -> None:
        """Show other counts."""
        self._counts = counts
        self.setFixedHeight(22 * max(len(counts), 1) + 6)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the bars."""
        look = theme()
        painter = QPainter(self)
        most = max((n for _, n in self._counts), default=0) or 1
        for k, (words, count) in enumerate(self._counts):
            top = 22.0 * k
            painter.setPen(look.colour("text" if count else "hint"))
            painter.drawText(QRectF(12, top, 170, 22), Qt.AlignmentFlag.AlignVCenter, words)
            width = (self.width() - 250) * count / most
            painter.fillRect(QRectF(190, top + 7, width, 8), look.colour("act"))
            painter.drawText(QRectF(198 + width, top, 40, 22), Qt.AlignmentFlag.AlignVCenter, str(count))
        painter.end()


class ProgressTab(Tab):
    """The page in two columns, one below 1600."""

    def __init__(self, model: ProgressModel) -> None:
        super().__init__(model)
        self.progress = model
        self.figures = {
            words: Figure(words)
            for words in (
                "Time points released",
                "Signed by both",
                "To adjudicate",
                "Queries open",
                "Median time to sign",
            )
        }
        inside = QWidget()
        page = QVBoxLayout(inside)
        page.setContentsMargins(0, 0, 0, 0)
        page.setSpacing(theme().whole_px("card-gap"))
        heads = QHBoxLayout()
        heads.setSpacing(theme().whole_px("card-gap"))
        for figure in self.figures.values():
            heads.addWidget(figure, 1)
        page.addLayout(heads)
        self._columns = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._columns.setSpacing(theme().whole_px("card-gap"))
        self._left = self._work_card()
        self._columns.addWidget(self._left)
        self._columns.addWidget(self._statistics(), 1)
        page.addLayout(self._columns, 1)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.outer.addWidget(scroll)
        self.lay_out(False)
        model.changed.connect(self._show)

    def lay_out(self, narrow: bool) -> None:
        """The work stands beside the statistics; narrower where the window is."""
        self._left.setFixedWidth(500 if narrow else 620)
        margin = 12 if narrow else theme().whole_px("screen-margin")
        self.outer.setContentsMargins(margin, margin, margin, margin)

    def _work_card(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().whole_px("card-gap"))
        self.late = label("", "needs")
        card = Card("Work in hand", None, self.late)
        self.work = unselected(Rows(WORK_COLUMNS))
        self.work.setAccessibleName("Work in hand")
        card.add(self.work, 1)
        column.addWidget(card, 3)
        ready = Card("Ready to compare", label("every reader has signed all that was released", "label"), None)
        self.ready = Rows(READY_COLUMNS)
        self.ready.setAccessibleName("Ready to compare")
        ready.add(self.ready, 1)
        self.compare = Button("No more images: compare", kind="primary")
        self._compare_row = QWidget()
        inner = QVBoxLayout(self._compare_row)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(0)
        inner.addWidget(seam())
        inner.addLayout(row(None, self.compare, margins=(12, 8, 12, 10)))
        ready.add(self._compare_row)
        ready.setMinimumHeight(190)
        column.addWidget(ready, 1)
        self.compare.clicked.connect(lambda: self.progress.compare(self.ready.at))
        self._compare_row.setVisible(self.progress.rights.change)
        return holder

    def _statistics(self) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme().whole_px("card-gap"))
        self.discordance_note = label("", "label")
        card = Card("Discordance between the two readers", None, self.discordance_note)
        self.intervals = Intervals()
        card.add(self.intervals)
        column.addWidget(card)
        agreement = Card()
        self.agreement = unselected(Rows(AGREEMENT_COLUMNS))
        agreement.add(self.agreement)
        column.addWidget(agreement)
        self._agreement_card = agreement
        readers = Card(
            "Readers",
            None,
            label("pooled over all arms; also for the medical lead, never for readers", "label"),
        )
        self.readers = unselected(Rows(READER_COLUMNS))
        readers.add(self.readers)
        self.reasons_note = label("", "label")
        readers.add(row(label("Why they differed", "strong"), None, self.reasons_note, margins=(12, 12, 12, 4)))
        self.bars = Bars()
        readers.add(self.bars)
        column.addWidget(readers)
        column.addStretch(1)
        return holder

    # --- showing -------------------------------------------------------------------------------------------

    def _show(self) -> None:
        page = self.progress.page
        if page is None:
            return
        self._show_figures(page)
        self.late.setText(f"{page.late} late" if page.late else "")
        self.work.set_rows([_work_line(one) for one in page.work])
        self.ready.set_rows([(one.number, one.code, str(one.timepoints)) for one in page.ready])
        self.compare.setEnabled(bool(page.ready))
        cases = "1 case" if page.compared == 1 else f"{page.compared} cases"
        self.discordance_note.setText(f"complete by both: {cases} · interval 95 %, Wilson")
        self.intervals.show_rates(page.rates)
        lines = [
            (
                rate.title,
                "κ",
                str(rate.kappa.pairs),
                "–" if rate.kappa.value is None else f"{rate.kappa.value:.2f}".replace("-", "−"),
                ""
                if rate.kappa.low is None or rate.kappa.high is None
                else f"{rate.kappa.low:.2f}–{rate.kappa.high:.2f}".replace("-", "−"),
            )
            for rate in page.rates
            if rate.kappa is not None
        ]
        self.agreement.set_rows(lines)
        self.agreement.setFixedHeight(28 * (len(lines) + 1) + 4)
        self._agreement_card.setVisible(bool(lines))
        readers = [
            (
                one.label,
                one.name,
                str(one.signed),
                "–" if one.days_to_sign is None else f"{one.days_to_sign:.1f}",
                str(one.compared),
                str(one.adjudicated),
                str(one.chosen),
            )
            for one in page.readers
        ]
        self.readers.set_rows(readers)
        self.readers.setFixedHeight(28 * (max(len(readers), 1) + 1) + 4)
        signed = sum(n for _, n in page.reasons)
        words = "1 case" if signed == 1 else f"{signed} cases"
        self.reasons_note.setText(f"adjudicated: {words}, class given by the adjudicator")
        self.bars.show_counts(page.reasons)

    def _show_figures(self, page: Progress) -> None:
        figures = self.figures
        subjects = "1 subject" if page.subjects == 1 else f"{page.subjects} subjects"
        figures["Time points released"].say(str(page.released), subjects)
        share = page.signed_by_all / page.released if page.released else None
        figures["Signed by both"].say(str(page.signed_by_all), percent(share))
        figures["To adjudicate"].say(str(page.to_adjudicate))
        oldest = f"oldest {age(float(page.oldest_query_days))}" if page.queries_open else ""
        figures["Queries open"].say(str(page.queries_open), oldest, needs=bool(page.queries_open))
        days = page.days_to_sign
        figures["Median time to sign"].say("–" if days is None else f"{days:.1f} d")


def _work_line(one: InHand) -> tuple[str | Cell, ...]:
    return (
        one.who,
        one.number,
        one.step,
        one.state,
        age(one.days),
        Cell("late", "needs") if one.late else "",
    )
