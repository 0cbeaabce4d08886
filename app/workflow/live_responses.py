"""Responses while reading, where the protocol shows them: what accepted marks already decide, the rest open."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from app.workflow.ports import Ports
from app.workflow.reading import Reading
from app.workflow.record import note_response_shown
from app.workflow.responses import CaseResponses, CriterionResponse, case_responses, text_mm
from measure.criteria.results import BASELINE
from measure.refusal import Refused
from measure.session import Session

UNDECIDED = "open"


@dataclass(frozen=True)
class LiveRow:
    """One criterion at this moment; what is not decided yet says `open`. why is empty while nothing is decided."""

    response: CriterionResponse
    target: str
    non_target: str
    new_lesion: str
    overall: str
    sum_mm: str
    from_baseline: str
    from_nadir: str

    @property
    def decided(self) -> bool:
        """The overall response is known."""
        return self.overall != UNDECIDED


@dataclass(frozen=True)
class Live:
    """All criteria at this moment, and their courses up to the time point before."""

    rows: tuple[LiveRow, ...]
    courses: CaseResponses


def live_responses(ports: Ports, session: Session, reading: Reading) -> Live:
    """What stands so far. Refused where the protocol hides responses while reading: then nothing is computed."""
    if reading.protocol.reading.show_response != "live":
        raise Refused("Responses are not shown while reading in this trial.")
    courses = case_responses(reading)
    rows = tuple(_row(reading, course.timepoints[-1]) for course in courses.courses)
    shown = {row.response.criterion: row.overall for row in rows if row.decided}
    if shown and not reading.now.read_timepoint.response_shown_at:
        note_response_shown(ports, session, reading.now.read_timepoint.id, shown)
    return Live(rows, courses)


def _open_roles(reading: Reading) -> tuple[bool, bool]:
    """Whether a target, whether a non-target is still open."""
    still = [row.lesion.role for row in reading.lesions if row.findings[-1] is None]
    return "target" in still, "non-target" in still


def _row(reading: Reading, response: CriterionResponse) -> LiveRow:
    targets_open, others_open = _open_roles(reading)
    anything_open = any(not item.about.startswith("warning:") for item in reading.open_items())
    if response.overall == BASELINE:
        total = UNDECIDED if targets_open else response.sum_mm
        return LiveRow(response, "", "", "", BASELINE, total, "", "")
    proved = response.target == "PD"  # by a partial sum (R11-19): what is open can only add to it
    target = response.target if not targets_open or proved else UNDECIDED
    non_target = response.non_target if not others_open or response.non_target == "PD" else UNDECIDED
    new = response.new_lesion if not anything_open or response.new_lesion == "yes" else UNDECIDED
    overall = response.overall if not anything_open else UNDECIDED
    if response.overall == "PD" and ("PD" in (target, non_target) or new == "yes"):
        overall = "PD"
    return LiveRow(
        response, target, non_target, new, overall, *_sums(response, targets_open=targets_open, proved=proved)
    )


def _sums(response: CriterionResponse, *, targets_open: bool, proved: bool) -> tuple[str, str, str]:
    """Sum and changes: whole, or at least so much where that already decides, or open."""
    if not targets_open:
        baseline, nadir = (
            f"{v} %" if v else "" for v in (response.change_from_baseline_pct, response.change_from_nadir_pct)
        )
        return response.sum_mm, baseline, nadir
    if proved and response.nadir_mm and response.change_from_nadir_mm:
        so_far = Decimal(response.nadir_mm) + Decimal(response.change_from_nadir_mm)
        return f"≥ {text_mm(so_far)}", UNDECIDED, f"≥ {response.change_from_nadir_pct} %"
    return UNDECIDED, UNDECIDED, UNDECIDED


def _pct(value: str) -> str:
    return f"{value} %" if value else ""
