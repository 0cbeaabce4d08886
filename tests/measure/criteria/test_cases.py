"""Every case with a known answer: the shipped ones, and those beside the checkout."""

from __future__ import annotations

import pytest

from measure.criteria.cases import Case, run_case
from storage.cases_file import read_cases, shipped_cases
from tests.build.shared import shared


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
    from tests.build.courses import findings

    rows = tuple(findings("BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=30"))
    from measure.protocol import Scope

    expected = {part: [{"timepoint": "W8", name: wrong}] if part == "timepoints" else {name: wrong}}
    result = run_case(Case("x", "", "recist11", {}, Scope("all"), rows, expected))
    assert name in result.difference
