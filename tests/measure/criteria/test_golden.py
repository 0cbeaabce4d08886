"""A stored read gives the same bytes for ever (CR-40): 47 courses, three criteria, every column.

Most courses are those worked out by hand in `test_courses.py` and `test_immune_courses.py`; the stored files hold
every other column, too. A change of a byte is a change of the engine: then
`ENGINE_VERSION` rises, CHANGELOG.md says which numbers change, and the files are written anew by the two commands.
"""

from __future__ import annotations

import csv
import random
from pathlib import Path

import pytest

from app.command_line import run
from measure.criteria import ENGINE_VERSION

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "engine"


def _written(findings: Path, folder: Path) -> dict[str, bytes]:
    words = [str(findings), "--protocol", str(GOLDEN / "protocol.toml"), "--subjects", str(GOLDEN / "subjects.csv")]
    out = {name: folder / name for name in ("responses.csv", "issues.csv", "best.csv")}
    assess = ["assess", *words, "--out", str(out["responses.csv"]), "--issues", str(out["issues.csv"])]
    assert run([*assess, "--quiet"]) == 0
    assert run(["best-response", *words, "--out", str(out["best.csv"]), "--quiet"]) == 0
    return {name: path.read_bytes() for name, path in out.items()}


def test_a_stored_read_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, written in _written(GOLDEN / "findings.csv", tmp_path).items():
        assert written.decode().splitlines() == (GOLDEN / name).read_text("utf-8").splitlines(), name
        assert written == (GOLDEN / name).read_bytes()


def test_in_whatever_order_its_rows_stand(tmp_path: Path) -> None:
    header, *rows = (GOLDEN / "findings.csv").read_text("utf-8").splitlines()
    random.Random(3).shuffle(rows)
    shuffled = tmp_path / "shuffled.csv"
    shuffled.write_text("\n".join((header, *rows, "")), "utf-8")
    found = _written(shuffled, tmp_path)
    for name in ("responses.csv", "best.csv"):  # the count issues name lesions in order of entry
        assert found[name] == (GOLDEN / name).read_bytes()


@pytest.mark.parametrize("name", ["responses.csv", "best.csv"])
def test_every_row_names_the_engine_and_the_protocol(name: str) -> None:
    with (GOLDEN / name).open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert len(rows) > 100
    assert {row["engine"] for row in rows} == {ENGINE_VERSION}
    (sha256,) = {row["protocol"] for row in rows}
    assert len(sha256) == 64
