"""A workspace whose cases are rows alone, without one image: for tests of storage and of reading steps."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from app.joined import PROGRAM, ports_of
from app.workflow import demo_trial
from app.workflow.assign_readers import assign
from app.workflow.demo_accounts import ACCOUNTS
from measure.case import (
    RELEASED,
    ImportTable,
    Instance,
    Procedure,
    SeriesRecord,
    Subject,
    Timepoint,
    User,
    Zone,
)
from measure.session import NOBODY
from storage.database.workspace import create_workspace
from storage.places import shipped
from tests.build.workspace import Small

FIRST_SCAN = date(2026, 1, 12)
TREATED = date(2026, 2, 2)  # between baseline and the second scan
DAYS = (0, 56, 112)
SLICES = 6


def bare_workspace(
    folder: Path,
    *,
    numbers: Sequence[str] = ("01-001",),
    days: Sequence[int] = DAYS,
    now: Callable[[], datetime] | None = None,
) -> Small:
    """The demo's seven people and cases that are released and assigned, one treated place each."""
    workspace = create_workspace(folder / "workspace", demo=True, program=PROGRAM, now=now)
    ports = ports_of(workspace)
    manager = demo_trial.set_up(ports, shipped("protocols", "demo.toml").read_text("utf-8"))
    sessions = {a.name: demo_trial.session_of(ports, a.name) for a in ACCOUNTS}
    small = Small(workspace, ports, {**sessions, "manager": manager})
    with ports.open_unit(NOBODY) as unit:
        for k, number in enumerate(numbers):
            for record in case_rows(manager.trial_id, number, f"QDK-{417 + k}", days):
                unit.add(record)
        table = ImportTable(_new(), manager.trial_id, "patients", "subject,arm\n01-001,verum\n", "", unit.now())
        unit.add(table)
        unit.audit("import", "images", "cases of the test", chain=manager.trial_id)
        unit.commit()
        users = {user.name: user.id for user in unit.find(User)}
    for number in numbers:
        subject_id = small.subject(number).id
        for label, name in (("R1", "reader.one"), ("R2", "reader.two"), ("ADJ", "adjudicator")):
            assign(ports, manager, subject_id, label, users[name], due="2026-12-31")
    return small


def _new() -> str:
    return str(uuid.uuid4())


def case_rows(trial_id: str, number: str, code: str, days: Sequence[int] = DAYS) -> list[object]:
    """One subject: released time points with one series each, a procedure and its zone."""
    subject = Subject(_new(), trial_id, number, f"site-of-{number}", code)
    rows: list[object] = [subject]
    timepoints = []
    for k, day in enumerate(days):
        scanned = (FIRST_SCAN + timedelta(days=day)).isoformat()
        visit = "BL" if k == 0 else f"W{day // 7}"
        name = "baseline" if k == 0 else f"day {day}"
        one = Timepoint(_new(), subject.id, visit, scanned, RELEASED, k, day, name, "yes", f"remark-{number}")
        series = SeriesRecord(
            _new(), one.id, f"2.25.{uuid.uuid4().int}", "CT", "CT portal venous", "main", SLICES,
            [2.0, 2.0, 2.5], "2.5", True, scan_date=scanned, manifest="{}",
        )  # fmt: skip
        images = [Instance(_new(), series.id, f"{series.uid}.{n}", n, "0" * 64, "1" * 64) for n in range(SLICES)]
        rows += [one, series, *images]
        timepoints.append((one, series))
    procedure = Procedure(_new(), subject.id, 1, "MWA", TREATED.isoformat())
    after = next((t.id for t, _ in timepoints if t.scan_date >= procedure.date), "")
    place = [10.0, 20.0, 5.0]
    zone = Zone(_new(), subject.id, "Z1", "liver", "Liver S4", place, timepoints[0][1].uid, procedure.id, True, after)
    return [*rows, procedure, zone]
