"""The sums below the lesion table, in its columns; only where the protocol shows them while reading."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from app.windows.lesion_table import LesionTable
from app.windows.parts import with_minus
from app.workflow.live_responses import UNDECIDED, Live
from viewer.theme import theme

LINE = 22


class SumRows(QWidget):
    """Sum, change from baseline, change from nadir of the first criterion, a column a time point."""

    def __init__(self, table: LesionTable) -> None:
        super().__init__()
        self._table = table
        self._lines: list[tuple[str, list[str]]] = []
        self.setFixedHeight(3 * LINE + 4)

    def show_live(self, live: Live) -> None:
        """Take the sums of the course."""
        signed, now = live.courses.courses[0].timepoints[:-1], live.rows[0]
        self._lines = [
            ("Sum, mm", [one.sum_mm or "–" for one in signed] + [now.sum_mm]),
            ("from baseline", [_pct(one.change_from_baseline_pct) for one in signed] + [now.from_baseline]),
            ("from nadir", [_pct(one.change_from_nadir_pct) for one in signed] + [now.from_nadir]),
        ]
        self.setAccessibleName("; ".join(f"{name} {values[-1]}" for name, values in self._lines))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Right aligned under the time points shown; folded ones have no sum here."""
        look = theme()
        painter = QPainter(self)
        head = self._table.horizontalHeader()
        for k, (name, values) in enumerate(self._lines):
            top = 2 + k * LINE
            font = look.font("base" if k == 0 else "label", weight=600 if k == 0 else 400)
            font.setFamily(self.font().family())
            painter.setFont(font)
            painter.setPen(look.colour("text" if k == 0 else "text-second"))
            painter.drawText(QRectF(12, top, 160, LINE), Qt.AlignmentFlag.AlignVCenter, name)
            for section, timepoint in enumerate(self._table.timepoints, start=1):
                if timepoint < 0:
                    continue
                value = values[timepoint]
                painter.setPen(look.colour("needs" if value == UNDECIDED else "text" if k == 0 else "text-second"))
                left, width = head.sectionViewportPosition(section), head.sectionSize(section)
                box = QRectF(left - 20, top, width + 14, LINE)
                at = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(box, at, with_minus(value))
        painter.end()


def _pct(value: str) -> str:
    return f"{value} %" if value else ""
