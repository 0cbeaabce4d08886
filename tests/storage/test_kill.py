"""Killed at any moment of a read, the program has lost nothing it acknowledged, and reading goes on."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.joined import PROGRAM, ports_of
from app.workflow.demo_trial import session_of
from app.workflow.sign_timepoint import digest_of, signed_content
from measure.read import Finding, Lesion, ReadTimepoint, Signature, TimepointForm, ZoneForm
from storage.database.audit import verify_rows
from storage.database.workspace import DATABASE, open_workspace
from tests.build.bare_workspace import bare_workspace
from tests.build.scripted_read import stored_counts

ROOT = Path(__file__).resolve().parents[2]
SEED = 20260504


@dataclasses.dataclass
class Tally:
    """What the kills did."""

    kills: int = 0
    acknowledged: int = 0
    finished: int = 0
    half: int = 0  # kills after which more was stored than had been acknowledged: the step in flight
    moments: dict[str, int] = dataclasses.field(default_factory=dict)


def _read_until_killed(folder: Path, seed: int, steps: int, delay_s: float) -> list[dict[str, Any]]:
    """Start the child, kill it so many steps and so much time after it is ready; what it acknowledged."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.build.reading_child", str(folder), str(seed)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    said = []
    for line in child.stdout:
        said.append(json.loads(line))
        if len(said) > steps or said[-1]["step"] == "all read":
            break
    time.sleep(delay_s)
    os.kill(child.pid, signal.SIGKILL)
    rest = child.stdout.read()
    child.wait()
    child.stdout.close()
    said += [json.loads(line) for line in rest.split("\n")[:-1]]  # a line cut short was not said
    return said


def _check(folder: Path, said: list[dict[str, Any]]) -> dict[str, int]:
    """Open again: everything acknowledged is there, whole, signed content unchanged, both chains hold."""
    workspace = open_workspace(folder, program=PROGRAM)
    ports = ports_of(workspace)
    reader, inspector = session_of(ports, "reader.one"), session_of(ports, "inspector")
    with workspace.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall() == []
    with ports.open_unit(inspector) as unit:
        for chain in ("", inspector.trial_id):
            assert verify_rows(chain, unit.audit_rows(chain)).broken == ""
        rows = [row for row in unit.audit_rows(inspector.trial_id) if row["actor"] == reader.user_name]
    now = stored_counts(ports, reader)
    for kind, count in said[-1]["stored"].items():
        assert now[kind] >= count, f"{kind}: {count} acknowledged, {now[kind]} stored"
    assert sum(row["action"] == "sign" for row in rows) == now["Signature"] == now["signed"]
    _one_row_a_version(ports, reader, rows)
    workspace.close()
    return now


def _one_row_a_version(ports: Any, reader: Any, rows: list[dict[str, Any]]) -> None:
    """Change and audit row came together: as many versions as the trail tells of; digests still fit."""
    told = {"lesion": 0, "finding": 0, "time point form": 0, "zone form": 0}
    for row in rows:
        for name in set(row["new"]) & set(told):
            told[name] += 1
    with ports.open_unit(reader) as unit:
        stored = {
            "lesion": len(unit.find(Lesion)),
            "finding": len(unit.find(Finding)),
            "time point form": len(unit.find(TimepointForm)),
            "zone form": len(unit.find(ZoneForm)),
        }
        signatures = {s.object_id: s.digest for s in unit.find(Signature)}
        signed = unit.find(ReadTimepoint, state="signed")
        assert {r.id for r in signed} == set(signatures)
        for part in signed:
            assert digest_of(signed_content(unit, part.id)) == signatures[part.id]
    assert stored == told


def _kill_again_and_again(tmp_path: Path, kills: int, seed: int) -> Tally:
    chance = Random(seed)
    tally = Tally()
    numbers = [f"01-{k:03d}" for k in range(1, 4)]
    made = 0
    folder = Path()
    while tally.kills < kills:
        if not folder.name or tally.finished > made - 1:
            made += 1
            place = tmp_path / f"round-{made}"
            bare_workspace(place, numbers=numbers).workspace.close()
            folder = place / "workspace"
        seed_now, steps = chance.randrange(10**9), chance.randrange(13)
        said = _read_until_killed(folder, seed_now, steps, chance.uniform(0.0, 0.04))
        now = _check(folder, said)
        tally.kills += 1
        tally.acknowledged += len(said) - 1
        tally.half += now != said[-1]["stored"]
        last = said[-1]["step"]
        tally.finished += last == "all read"
        tally.moments[last.split()[0]] = tally.moments.get(last.split()[0], 0) + 1
    assert (folder / DATABASE).is_file()
    return tally


def _reported(tally: Tally, seed: int, record: Any) -> None:
    record("seed", seed)
    for name, value in dataclasses.asdict(tally).items():
        record(name, value)
    print(f"seed {seed}: {tally}")


def test_a_read_killed_at_a_few_random_moments_loses_nothing(tmp_path: Path, record_property: Any) -> None:
    tally = _kill_again_and_again(tmp_path, 5, SEED)
    _reported(tally, SEED, record_property)
    assert tally.acknowledged > 5


@pytest.mark.slow
def test_a_read_killed_at_a_hundred_random_moments_loses_nothing(tmp_path: Path, record_property: Any) -> None:
    tally = _kill_again_and_again(tmp_path, 100, SEED + 1)
    _reported(tally, SEED + 1, record_property)
    assert tally.acknowledged > 300
    assert len(tally.moments) >= 4, tally.moments
