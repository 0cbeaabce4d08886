"""The view-model of subjects and images: the grid, one time point with its check, and an import under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from app.background import Job, Jobs
from app.models.manager.contact_sheet import SheetPicture, contact_sheet
from app.models.manager.rights import Rights
from app.models.manager.tab_model import TabModel
from app.models.messages import BLOCKED, INFO, NEEDS, Message
from app.workflow import import_images, queries, release_images, withdraw_images
from app.workflow.blinding import LOOKED_AT, BlindingLine, blinding_report
from app.workflow.charter_checks import CheckItem
from app.workflow.import_images import Decision, Proposal
from app.workflow.ports import FoundImages, FoundSeries, Ports
from app.workflow.subject_grid import GridCell, StoredImages, SubjectGrid, stored_images, subject_grid
from measure.case import ACCEPTED, RECEIVED, REFUSED
from measure.session import Session

HANG_AS = ("main", "second", "lung", "")


@dataclass(frozen=True)
class Found:
    """One proposal as the person has corrected it so far."""

    proposal: Proposal
    subject: str
    visit: str
    series: tuple[FoundSeries, ...]

    taken: bool = False
    """That visit has images already: only series that are new will be added."""

    @property
    def open(self) -> str:
        """What is missing before it can be stored; empty when nothing is."""
        if not self.subject:
            return "say which subject"
        if not self.visit:
            return "say which time point"
        if not any(series.hang_as for series in self.series):
            return "hang at least one series"
        return ""


class ImagesModel(TabModel):
    """Grid, selection and check; `import_changed` when what was found or decided about it changes."""

    import_changed = Signal()
    sheet_ready = Signal(tuple)

    def __init__(
        self, ports: Ports, session: Session, jobs: Jobs, rights: Rights, parent: QObject | None = None
    ) -> None:
        super().__init__(ports, session, jobs, rights, parent)
        self.grid = SubjectGrid((), ())
        self.selected: StoredImages | None = None
        self.check: tuple[CheckItem, ...] = ()
        self.report: tuple[BlindingLine, ...] = ()
        self.found: tuple[Found, ...] = ()
        self.left_out: tuple[tuple[str, str], ...] = ()
        self.at = 0  # which of what was found is shown
        self._chosen = ""
        self._job: Job | None = None
        self._looking: Job | None = None

    # --- the grid and one time point -----------------------------------------------------------------------

    def _load(self) -> None:
        self.grid = subject_grid(self.ports, self.session)
        self.counted.emit(self.grid.needs)
        self._load_chosen()

    def _load_chosen(self) -> None:
        self.selected, self.check, self.report = None, (), ()
        if self._chosen:
            self.selected = stored_images(self.ports, self.session, self._chosen)
            self.check = tuple(release_images.image_check(self.ports, self.session, self._chosen))
            self.report = blinding_report(self.ports, self.session, self._chosen)

    def choose(self, cell: GridCell | None) -> None:
        """Show the time point of a cell, or nothing where no images came."""
        self._chosen = cell.timepoint.id if cell and cell.timepoint else ""
        self._load_chosen()
        self.changed.emit()

    @property
    def open_lines(self) -> tuple[CheckItem, ...]:
        """Lines of the image check that wait for an answer."""
        return tuple(line for line in self.check if line.needs_answer and not line.answer)

    @property
    def may_decide(self) -> bool:
        """The images can still be accepted, asked about or refused."""
        return self.selected is not None and self.selected.timepoint.state != "released"

    @property
    def may_release(self) -> bool:
        """Everything is answered and nothing else stands in the way."""
        return (
            self.selected is not None and not self.open_lines and self.selected.timepoint.state in (RECEIVED, ACCEPTED)
        )

    def answer(self, item: str, remark: str) -> None:
        """Answer a line of the check."""
        if self.act(lambda: release_images.answer_check(self.ports, self.session, self._chosen, item, remark)):
            left = len(self.open_lines)
            more = "one more answer, then release." if left == 1 else f"{left} more answers, then release."
            words = more if left else "all is answered."
            self.said.emit(Message(f"{self._name}: {words}", NEEDS if left else INFO))

    @property
    def _name(self) -> str:
        chosen = self.selected
        return f"{chosen.subject.number} {chosen.timepoint.visit}" if chosen else ""

    def look_at_slices(self) -> None:
        """Open the first, middle and last slice of each hung series; `sheet_ready` brings the pictures."""
        chosen = self.selected
        if chosen is None or self._looking is not None:
            return

        def work(report: Any) -> tuple[SheetPicture, ...]:
            return contact_sheet(self.ports, chosen.series, report)

        def done(pictures: tuple[SheetPicture, ...]) -> None:
            if self.selected is not None and self.selected.timepoint.id == chosen.timepoint.id:
                self.sheet_ready.emit(pictures)

        self._looking = self.job("Opening slices", work, done)
        self._looking.ended.connect(self._looked_at)

    def _looked_at(self) -> None:
        self._looking = None

    def no_text(self) -> None:
        """The person saw no text in the slices shown."""
        hung = sum(bool(s.hang_as) for s in self.selected.series) if self.selected else 0
        self.answer(LOOKED_AT, f"first, middle and last slice of {hung} series looked at: no text")

    def accept(self) -> None:
        """The images are good to read."""
        self.act(
            lambda: release_images.decide(self.ports, self.session, self._chosen, ACCEPTED),
            f"{self._name} is checked.",
        )

    def refuse(self, reason: str) -> None:
        """The images cannot be read."""
        self.act(
            lambda: release_images.decide(self.ports, self.session, self._chosen, REFUSED, reason),
            f"{self._name} is refused.",
        )

    def withdraw(self, reason: str) -> None:
        """Take the import back, so that it can be made anew in the right place."""
        name = self._name
        if self.act(lambda: withdraw_images.withdraw(self.ports, self.session, self._chosen, reason)):
            self._chosen = ""
            self.refresh()
            self.touched.emit()
            self.said.emit(Message(f"{name} is withdrawn. The same files can be imported again."))

    def ask_site(self, text: str) -> None:
        """Ask the site; the time point waits."""
        self.act(
            lambda: queries.ask_site(self.ports, self.session, self._chosen, text),
            f"{self._name}: the query is open.",
        )

    def release(self) -> None:
        """Let the readers have it."""
        self.act(
            lambda: release_images.release(self.ports, self.session, self._chosen),
            f"{self._name} is released to its readers.",
        )

    # --- import --------------------------------------------------------------------------------------------

    def look(self, paths: Sequence[Path]) -> None:
        """Read the headers of files or folders; nothing is stored."""
        if self._job is not None or not paths or not self.rights.change:
            return

        def work(report: Any) -> tuple[FoundImages, list[Proposal]]:
            found = import_images.look(self.ports, list(paths), report)
            return found, import_images.propose(self.ports, self.session, found)

        self._job = self.job("Reading headers", work, self._looked)
        self._job.ended.connect(self._ended)
        self.import_changed.emit()

    @property
    def busy(self) -> bool:
        """An import is reading or storing."""
        return self._job is not None

    def _ended(self) -> None:
        self._job = None
        self.import_changed.emit()

    def _looked(self, result: tuple[FoundImages, list[Proposal]]) -> None:
        found, proposals = result
        self.left_out = tuple(found.left_out)
        self.found = tuple(self._checked(Found(p, p.subject, p.visit, p.series)) for p in proposals)
        self.at = 0
        self.import_changed.emit()
        words = f"{len(self.found)} time points found. Nothing is stored yet."
        self.said.emit(Message("One time point found. Nothing is stored yet." if len(self.found) == 1 else words))

    @property
    def shown(self) -> Found | None:
        """The found time point in hand."""
        return self.found[self.at] if 0 <= self.at < len(self.found) else None

    def show_found(self, at: int) -> None:
        """Take up another of those found."""
        if 0 <= at < len(self.found) and at != self.at:
            self.at = at
            self.import_changed.emit()

    def correct(self, **fields: Any) -> None:
        """Change subject or visit of what is shown."""
        if self.shown is not None:
            self._put(replace(self.shown, **fields))

    def hang(self, index: int, hang_as: str) -> None:
        """Hang a series as main, second, lung or not at all; main and second hang once."""
        shown = self.shown
        if shown is None:
            return
        series: list[Any] = list(shown.series)
        for k, one in enumerate(series):
            if k != index and hang_as and one.hang_as == hang_as:
                series[k] = replace(one, hang_as="")
        series[index] = replace(series[index], hang_as=hang_as)
        self._put(replace(shown, series=tuple(series)))

    def _checked(self, found: Found) -> Found:
        row = next((row for row in self.grid.rows if row.subject.number == found.subject), None)
        cells = (*row.cells, *row.extra) if row else ()
        return replace(found, taken=any(c.timepoint and c.timepoint.visit == found.visit for c in cells))

    def _put(self, changed: Found) -> None:
        changed = self._checked(changed)
        self.found = tuple(changed if k == self.at else one for k, one in enumerate(self.found))
        self.import_changed.emit()

    def drop_found(self) -> None:
        """Leave the import; what was stored stays, the rest was never kept."""
        self.found, self.left_out, self.at = (), (), 0
        self.import_changed.emit()

    def subjects(self) -> tuple[str, ...]:
        """Subject numbers of the trial."""
        return tuple(row.subject.number for row in self.grid.rows)

    def free_visits(self, subject: str) -> tuple[str, ...]:
        """Planned visits of a subject that have no images yet."""
        row = next((row for row in self.grid.rows if row.subject.number == subject), None)
        if row is None:
            return self.grid.visits
        return tuple(v for v, cell in zip(self.grid.visits, row.cells, strict=True) if cell.timepoint is None)

    def store(self) -> None:
        """De-identify and store what is shown, as it was decided."""
        shown = self.shown
        if shown is None or self._job is not None:
            return
        if shown.open:
            self.said.emit(Message(f"{shown.open[0].upper()}{shown.open[1:]}. Nothing was imported.", BLOCKED))
            return
        decision = Decision(shown.subject, shown.visit, shown.series)
        at = self.at

        def work(report: Any) -> Any:
            return import_images.store(self.ports, self.session, decision, report)

        def done(timepoint: Any) -> None:
            left = [one for k, one in enumerate(self.found) if k != at]
            self.at = 0
            if not left:
                self.left_out = ()
            self._chosen = timepoint.id
            self.refresh()
            self.found = tuple(self._checked(one) for one in left)
            self.import_changed.emit()
            self.touched.emit()
            self.said.emit(Message(f"{decision.subject} {decision.visit} is stored. Check it, then release it."))

        self._job = self.job(f"Importing {decision.subject} {decision.visit}", work, done)
        self._job.ended.connect(self._ended)
        self.import_changed.emit()
