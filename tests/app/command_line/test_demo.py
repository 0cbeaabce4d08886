"""The demo played without windows: nine patients from images to CSVs, their final responses as drawn into them."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.command_line import run
from measure.phantom.cast import demo_cast

pytestmark = pytest.mark.slow


def rows_of(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def test_the_whole_job_ends_in_the_responses_that_were_drawn(tmp_path: Path) -> None:
    assert run(["demo", "--headless", "--no-pictures", "--quiet", "--to", str(tmp_path / "demo")]) == 0
    folder = tmp_path / "demo" / "export"
    responses = [r for r in rows_of(folder / "responses.csv") if r["accepted"] == "yes"]
    best = [r for r in rows_of(folder / "best.csv") if r["accepted"] == "yes"]
    for who in demo_cast():
        for criterion, expected, top in (
            ("recist11", who.expected.recist, who.expected.recist_best),
            ("irecist", who.expected.irecist, who.expected.irecist_best),
        ):
            got = [r["overall"] for r in responses if r["subject"] == who.number and r["criterion"] == criterion]
            assert got == ["BL", *expected], (who.number, criterion)
            assert [r["best"] for r in best if r["subject"] == who.number and r["criterion"] == criterion] == [top]
    split = [r for r in rows_of(folder / "findings.csv") if r["split_from"] and r["accepted"] == "yes"]
    assert {r["split_from"] for r in split} == {"T1"}
    assert len({r["lesion"] for r in split}) == 2
