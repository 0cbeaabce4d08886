"""A small workspace: tiny synthetic subjects imported, checked, released and read by the workflow's steps."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from app.joined import ports_of
from app.version import PROGRAM
from app.workflow import (
    assign_readers,
    demo_trial,
    draw_lesion,
    fill_forms,
    import_images,
    release_images,
    sign_timepoint,
)
from app.workflow.demo_accounts import ACCOUNTS, PASSWORD
from app.workflow.drawn import Drawn
from app.workflow.open_items import answered, reading_concerns
from app.workflow.ports import Ports
from app.workflow.reading import Reading, keep_seen, open_case, reload
from app.workflow.responses import responses_now
from measure.case import ACCEPTED, Instance, Subject, Timepoint, User
from measure.geometry import Grid
from measure.read import Signature
from measure.session import Session
from measure.volume import Volume
from storage.database.workspace import Workspace, create_workspace, open_workspace
from storage.dicom.write import write_series
from storage.places import shipped

FIRST_DAY = date(2026, 1, 12)
SIDE, SLICES, STEP_MM = 32, 6, 2.5
VISITS = (("BL", 0), ("W8", 56))


@dataclass(frozen=True)
class Small:
    """The open workspace, its ports and a session of each demo user by name; unpacks as a triple."""

    workspace: Workspace
    ports: Ports
    sessions: dict[str, Session]

    def __iter__(self):  # type: ignore[no-untyped-def]
        return iter((self.workspace, self.ports, self.sessions))

    def subject(self, number: str) -> Subject:
        """A subject by its number."""
        with self.ports.open_unit(self.sessions["manager"]) as unit:
            return unit.find(Subject, number=number)[0]

    def timepoints(self, number: str) -> dict[str, Timepoint]:
        """A subject's time points by visit."""
        subject = self.subject(number)
        with self.ports.open_unit(self.sessions["manager"]) as unit:
            return {t.visit: t for t in unit.find(Timepoint, subject_id=subject.id)}


def write_visit(
    folder: Path,
    number: str,
    days: int,
    *,
    thickness_mm: float = STEP_MM,
    seed: str = "",
    phase: str = "portal venous",
    native: bool = True,
) -> Path:
    """One tiny CT of a subject, that many days after FIRST_DAY; returns the folder."""
    array = np.full((SLICES, SIDE, SIDE), -1000, np.int16)
    array[:, 4:-4, 4:-4] = 60
    array[2:4, 12:20, 12:20] = 20
    grid = Grid.regular((SIDE, SIDE, SLICES), (2.0, 2.0, thickness_mm), (-32.0, -32.0, 0.0))
    write_series(
        Volume(array, grid),
        folder,
        seed=seed or f"{number} {days}",
        patient_id=number,
        study_date=FIRST_DAY + timedelta(days=days),
        description="Abdomen",
        phase=phase,
        thickness_mm=thickness_mm,
        compressed=not native,
    )
    return folder


def import_folder(ports: Ports, manager: Session, folder: Path) -> list[Timepoint]:
    """Import what was proposed, oldest first."""
    found = import_images.look(ports, [folder])
    proposals = sorted(import_images.propose(ports, manager, found), key=lambda p: (p.subject, p.scan_date))
    return [
        import_images.store(ports, manager, import_images.Decision(p.subject, p.visit, p.series, p.subject[:2]))
        for p in proposals
    ]


def release_all(ports: Ports, manager: Session, timepoints: Sequence[Timepoint]) -> None:
    """Answer every check, accept and release, in the order given."""
    for timepoint in timepoints:
        for line in release_images.image_check(ports, manager, timepoint.id):
            if line.needs_answer:
                release_images.answer_check(ports, manager, timepoint.id, line.item, "accepted for the test")
        release_images.decide(ports, manager, timepoint.id, ACCEPTED)
        release_images.release(ports, manager, timepoint.id)


def assign_all(ports: Ports, manager: Session, subject_id: str) -> None:
    """R1, R2 and ADJ as in the demo."""
    with ports.open_unit(manager) as unit:
        users = {user.name: user.id for user in unit.find(User)}
    for label, name in (("R1", "reader.one"), ("R2", "reader.two"), ("ADJ", "adjudicator")):
        assign_readers.assign(ports, manager, subject_id, label, users[name], due="2026-12-31")


_MADE: dict[tuple[object, ...], Path] = {}
"""Workspaces made in this run, by what is in them: each is made once and copied."""


def small_workspace(
    tmp_path: Path,
    *,
    numbers: Sequence[str] = ("01-001",),
    visits: Sequence[tuple[str, int]] = VISITS,
    released: bool = True,
) -> Small:
    """A demo workspace with the seven users and tiny subjects; released: checked and assigned, too."""
    key = (tuple(numbers), tuple(visits), released)
    if key not in _MADE:
        room = Path(tempfile.mkdtemp(prefix="coread-small-"))
        atexit.register(shutil.rmtree, room, ignore_errors=True)
        _make(room, *key)
        _MADE[key] = room / "workspace"
    shutil.copytree(_MADE[key], tmp_path / "workspace")
    workspace = open_workspace(tmp_path / "workspace", program=PROGRAM)
    ports = ports_of(workspace)
    return Small(workspace, ports, {a.name: demo_trial.session_of(ports, a.name) for a in ACCOUNTS})


def _make(room: Path, numbers: Sequence[str], visits: Sequence[tuple[str, int]], released: bool) -> None:
    workspace = create_workspace(room / "workspace", demo=True, program=PROGRAM)
    ports = ports_of(workspace)
    manager = demo_trial.set_up(ports, shipped("protocols", "demo.toml").read_text("utf-8"))
    for number in numbers:
        for visit, days in visits:
            write_visit(room / "dicom" / number / visit, number, days)
        stored = import_folder(ports, manager, room / "dicom" / number)
        if released:
            release_all(ports, manager, stored)
            with ports.open_unit(manager) as unit:
                subject = unit.find(Subject, number=number)[0]
            assign_all(ports, manager, subject.id)
    workspace.close()


def _drawn(ports: Ports, session: Session, reading: Reading, long_mm: float) -> Drawn:
    series = reading.now.series_hung_as("main")
    assert series is not None
    with ports.open_unit(session) as unit:
        sop = [i.sop_uid for i in unit.find(Instance, series_id=series.id)][2]
    half, z = long_mm / 2, 2 * STEP_MM
    return Drawn(series.uid, sop, 2, "manual", ((-half, 0.0, z), (half, 0.0, z)), ((0.0, -half, z), (0.0, half, z)))


def read_timepoint(
    ports: Ports, session: Session, subject_id: str, long_mm: float, *, new_lesion_mm: float = 0.0
) -> Signature:
    """Read and sign the next time point: one liver target of that diameter, if asked a new lesion too."""
    reading = open_case(ports, session, subject_id)
    assert reading is not None, "nothing more to read"
    drawn = _drawn(ports, session, reading, long_mm)
    if reading.at_baseline and not reading.lesions:
        draw_lesion.add_lesion(ports, session, reading, drawn, role="target", organ="liver", site="Liver S7")
    else:
        draw_lesion.measure_again(ports, session, reading, reading.lesions[0], drawn)
    reading = reload(ports, session, reading)
    if new_lesion_mm:
        other = _drawn(ports, session, reading, new_lesion_mm)
        draw_lesion.add_lesion(ports, session, reading, other, role="new", organ="liver", site="Liver S2")
        reading = reload(ports, session, reading)
    return finish_and_sign(ports, session, reading)


def finish_and_sign(ports: Ports, session: Session, reading: Reading) -> Signature:
    """Form, sweep, warnings, statements as derived, signature."""
    fill_forms.fill_form(
        ports,
        session,
        reading,
        image_quality="optimal",
        non_target_coverage="covered",
        new_lesion_coverage="covered",
    )
    main = reading.now.series_hung_as("main")
    assert main is not None
    keep_seen(ports, session, reading, main.uid, set(range(main.slices)))
    reading = reload(ports, session, reading)
    for concern in reading_concerns(reading):
        if concern.key not in answered(reading):
            fill_forms.answer_warning(ports, session, reading, concern.key, "other", "as seen")
            reading = reload(ports, session, reading)
    sign_timepoint.sign_sheet(ports, session, reading)
    for one in responses_now(reading):
        fill_forms.state_response(ports, session, reading, one.criterion, one.overall)
        reading = reload(ports, session, reading)
    signed = sign_timepoint.sign(ports, session, reading, PASSWORD)
    assert isinstance(signed, Signature), signed
    return signed
