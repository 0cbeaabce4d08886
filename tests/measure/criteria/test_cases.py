"""Every case with a known answer: the shipped ones, and those beside the checkout."""

from __future__ import annotations

import pytest

from measure.criteria.cases import Case, run_case
from measure.protocol import Scope
from storage.cases_file import read_cases, shipped_cases
from tests.build.courses import findings
from tests.build.shared import shared

COURSE = "BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=30"


def _failures(cases: list[Case]) -> list[str]:
    results = [run_case(case) for case in cases]
    return [f"{one.id}: {one.difference}" for one in results if not one.passed]


def test_all_shipped_cases_pass_and_there_are_at_least_200() -> None:
    cases = shipped_cases()
    assert len(cases) >= 200
    assert len({case.id for case in cases}) == len(cases)
    assert _failures(cases) == []


def test_all_cases_beside_the_checkout_pass() -> None:
    cases = read_cases(shared("cases", "criteria.json"))
    assert len(cases) >= 392
    assert _failures(cases) == []


@pytest.mark.parametrize(
    ("part", "name", "wrong"),
    [
        ("timepoints", "overall", "CR"),
        ("timepoints", "sum_mm", "29.9"),
        ("best", "response", "CR"),
        ("endpoints", "response_start", "2024-01-01"),
    ],
)
def test_a_wrong_expectation_is_noticed(part: str, name: str, wrong: str) -> None:
    rows = tuple(findings(COURSE))
    expected = {part: [{"timepoint": "W8", name: wrong}] if part == "timepoints" else {name: wrong}}
    result = run_case(Case("x", "", "recist11", {}, Scope("all"), rows, expected))
    assert name in result.difference


def _run(course: str, **expected: object) -> tuple[str, bool]:
    result = run_case(Case("x", "", "recist11", {}, Scope("all"), tuple(findings(course)), expected))
    return result.difference, result.passed


def test_a_refused_case_has_failed_and_says_why() -> None:
    difference, passed = _run("W8 56: T1=30", best={"response": "NE"})
    assert not passed
    assert difference.startswith("refused: ")
    assert "no dated baseline" in difference


def test_a_time_point_that_does_not_exist_is_a_failure() -> None:
    assert _run(COURSE, timepoints=[{"timepoint": "W9"}]) == ("W9: no such time point", False)


def test_baseline_issues_are_compared_in_any_order() -> None:
    small = "BL 0: T1=9 T2=8"
    found = [{"lesion": f"T{n}", "issue": "below-measurable-size"} for n in (2, 1)]
    assert _run(small, baseline_issues=found) == ("", True)
    assert _run(small, baseline_issues=[])[0].startswith("baseline issues: expected []")
    assert _run(COURSE, baseline_issues=[]) == ("", True)


def test_numbers_of_a_case_are_compared_as_numbers() -> None:
    row = {"timepoint": "W8", "sum_mm": "30.00", "nadir_mm": "50", "baseline_sum_mm": "50.0"}
    assert _run(COURSE, timepoints=[row]) == ("", True)
    assert "nadir_mm" in _run(COURSE, timepoints=[{"timepoint": "W8", "nadir_mm": None}])[0]
