"""The view-model of the sign sheet."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.models.messages import BLOCKED
from app.models.reading import STAGE_WORDS, ReadingModel
from app.problems import report
from app.workflow import sign_timepoint
from app.workflow.accounts import LoginRefused
from app.workflow.open_items import answered, reading_concerns
from app.workflow.reading import Reading
from app.workflow.responses import CriterionResponse
from app.workflow.sign_timepoint import SignSheet
from measure.conformity import Concern
from measure.read import Signature
from measure.refusal import Refused
from measure.session import Session


class SignModel(QObject):
    """`shown` carries the SignSheet, `signed` comes after the lock, `refused` a line under the password."""

    shown = Signal(object)
    signed = Signal(object)
    refused = Signal(str)
    busy = Signal(bool)

    def __init__(self, reading: ReadingModel) -> None:
        super().__init__(reading)
        self._model = reading

    @property
    def reading(self) -> Reading:
        """The reading to be signed."""
        return self._model.reading

    @property
    def session(self) -> Session:
        """Who signs."""
        return self._model.session

    def open(self) -> None:
        """Show the sheet as things stand."""
        self._model.keep_seen()
        try:
            sheet = sign_timepoint.sign_sheet(self._model.ports, self.session, self.reading)
        except Refused as refused:
            self._model.say(str(refused), BLOCKED)
            return
        except Exception as problem:  # noqa: BLE001 -- ends in one line and one log record
            report(problem, lambda line: self._model.say(line, BLOCKED))
            return
        if sheet.responses is not None and not self.reading.now.read_timepoint.response_shown_at:
            self._model.refresh()
        self.shown.emit(sheet)

    def checklist(self, sheet: SignSheet) -> list[tuple[str, str, bool]]:
        """One line a stage: its name, how it stands in words, whether nothing is open."""
        reading = self.reading
        lines = []
        for stage in reading.protocol.reading.stages:
            open_here = [item for item in sheet.open if item.stage == stage]
            text = " ".join(item.text for item in open_here[:2]) if open_here else _done_words(reading, stage)
            if text:
                words = "Time point" if stage == "summary" else STAGE_WORDS[stage]
                lines.append((words, text, not open_here))
        return lines

    def warnings(self) -> list[tuple[Concern, dict[str, str]]]:
        """The limits touched, each with its answer (empty while open)."""
        have = answered(self.reading)
        return [(c, dict(have.get(c.key) or {})) for c in reading_concerns(self.reading)]  # type: ignore[call-overload]

    def answer(self, key: str, code: str, text: str) -> None:
        """Answer a warning."""
        if (code or text) and self._model.answer_warning(key, code, text) and not self._still_open():
            self.open()

    def _still_open(self) -> bool:
        return any(item.about.startswith("warning:") for item in self.reading.open_items())

    def state(self, criterion: str, overall: str, reason: str) -> None:
        """What the reader states."""
        self._model.state_response(criterion, overall, reason)

    def after_signing(self) -> tuple[CriterionResponse, ...]:
        """The signed responses, where the protocol opens them only now."""
        return sign_timepoint.responses_after_signing(self._model.ports, self.session, self.reading)

    def sign(self, password: str) -> None:
        """Sign, off the window's thread: the password takes its time."""
        self.busy.emit(True)
        reading = self.reading

        def done(answer: Signature | LoginRefused) -> None:
            self.busy.emit(False)
            if isinstance(answer, LoginRefused):
                self.refused.emit(answer.line + (f" Next try in {answer.wait_s} s." if answer.wait_s else ""))
            else:
                self.signed.emit(answer)

        def failed(problem: BaseException) -> None:
            self.busy.emit(False)
            report(problem, self.refused.emit)

        self._model.jobs.start(
            "Signing",
            lambda _: sign_timepoint.sign(self._model.ports, self.session, reading, password),
            done,
            failed,
            owner=self,
        )


def _done_words(reading: Reading, stage: str) -> str:
    count = len(reading.lesions)
    targets = [r for r in reading.lesions if r.lesion.role == "target"]
    others = [r for r in reading.lesions if r.lesion.role == "non-target"]
    new = [r for r in reading.lesions if r.lesion.role.startswith("new")]
    if stage == "targets":
        return f"{len(targets)} of {len(targets)} have a value" if targets else "none chosen"
    if stage == "non-targets":
        states = ", ".join((r.findings[-1].state if r.findings[-1] else "").replace("-", " ") for r in others)
        return f"{len(others)} of {len(others)} judged: {states}" if others else "none"
    if stage == "sweep":
        kinds = " and ".join(reading.protocol.reading.sweep_series)
        found = f"{len(new)} new lesion{'s' if len(new) != 1 else ''}" if new else "no new lesion"
        return f"every slice of {kinds} was shown" + ("" if reading.at_baseline else f"; {found}")
    if stage == "zones":
        done = ", ".join(f"{z.zone.label} {z.forms[-1].judgement if z.forms[-1] else ''}" for z in reading.zones)
        return f"{len(reading.zones)} judged: {done}" if reading.zones else "none"
    if stage == "summary" and reading.form:
        form = reading.form
        return (
            f"image quality {form.image_quality.replace('-', ' ')}; non-targets "
            f"{form.non_target_coverage.replace('-', ' ')}, new lesions {form.new_lesion_coverage.replace('-', ' ')}"
        )
    return f"{count} lesions known" if stage == "survey" else ""
