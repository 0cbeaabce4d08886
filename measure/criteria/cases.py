"""Cases with known answers: findings in, what the engine gets in the case's own form, and whether it agrees.

Only what a case expects is compared; numbers as exact decimals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from measure.criteria.assess import assess_read
from measure.criteria.findings import NO_FACTS, Finding, SubjectFacts
from measure.criteria.results import CriterionAssessment, Span, TimePointResponse
from measure.protocol import Criterion, Protocol, Scope, Trial
from measure.refusal import Refused
from measure.rules import Rules

LENGTHS = ("sum_mm", "baseline_sum_mm", "nadir_mm")
STATES = ("target", "non_target", "new_lesion", "overall", "mixed")
MIXED = "mixed"


@dataclass(frozen=True, slots=True)
class Case:
    """One case: criterion is recist11, irecist, mrecist or mixed, settings are the rule keys that differ."""

    id: str
    title: str
    criterion: str
    settings: Mapping[str, object]
    scope: Scope
    findings: tuple[Finding, ...]
    expected: Mapping[str, Any]
    facts: SubjectFacts = NO_FACTS


@dataclass(frozen=True, slots=True)
class CaseResult:
    """What came out, in the form of `expected`, and the first difference in words, empty when all agree."""

    id: str
    got: dict[str, Any]
    difference: str

    @property
    def passed(self) -> bool:
        """Everything that is expected was got."""
        return not self.difference


def protocol_of(case: Case) -> Protocol:
    """The protocol under which a case is assessed."""
    standard = "recist11" if case.criterion == MIXED else case.criterion
    criterion = Criterion(case.criterion, standard, case.scope.id, mixed_response=case.criterion == MIXED)
    return Protocol(
        Trial("case"), scopes=(case.scope,), criteria=(criterion,), rules=Rules().with_settings(case.settings)
    )


def run_case(case: Case) -> CaseResult:
    """Assess one case; a refusal is a failure, not an end."""
    try:
        assessed = assess_read(case.findings, protocol_of(case), case.facts).criteria[0]
    except Refused as refused:
        return CaseResult(case.id, {}, f"refused: {refused}")
    got = _got(assessed, case.expected)
    return CaseResult(case.id, got, _first_difference(case.expected, got))


def _length(value: Decimal | None) -> str | None:
    return None if value is None else format(value, "f")


def _day(value: date | None) -> str | None:
    return None if value is None else value.isoformat()


def _got(one: CriterionAssessment, expected: Mapping[str, Any]) -> dict[str, Any]:
    got: dict[str, Any] = {}
    if "timepoints" in expected:
        got["timepoints"] = [_time_point(row) for row in one.timepoints[1:]]
    if "best" in expected:
        best = one.best
        got["best"] = {
            "response": best.best,
            "confirmed": best.confirmed,
            "date": _day(best.best_date),
            "progression_date": _day(best.progression_date),
            "mixed_occurred": best.mixed_occurred,
        }
    if "endpoints" in expected:
        got["endpoints"] = {**_span("response", one.best.response), **_span("sd", one.best.stable)}
    if "baseline_issues" in expected:
        got["baseline_issues"] = [{"lesion": i.lesion, "issue": i.issue} for i in one.baseline_issues]
    return got


def _time_point(row: TimePointResponse) -> dict[str, Any]:
    got: dict[str, Any] = {"timepoint": row.timepoint}
    if row.target != "NA":
        got.update({name: _length(getattr(row, name)) for name in LENGTHS})
    got.update({name: getattr(row, name) for name in STATES if name != MIXED or row.mixed})
    got["rules"] = list(row.rules)
    return got


def _span(name: str, span: Span | None) -> dict[str, Any]:
    if span is None:
        return {f"{name}_start": None, f"{name}_end": None, f"{name}_ended_by": None}
    return {
        f"{name}_start": _day(span.start),
        f"{name}_end": _day(span.end),
        f"{name}_ended_by": span.ended_by,
    }


def _first_difference(expected: Mapping[str, Any], got: Mapping[str, Any]) -> str:
    rows = {row["timepoint"]: row for row in got.get("timepoints", ())}
    for row in expected.get("timepoints", ()):
        mine = rows.get(row["timepoint"])
        if mine is None:
            return f"{row['timepoint']}: no such time point"
        difference = _compared(row["timepoint"], row, mine)
        if difference:
            return difference
    for part in ("best", "endpoints"):
        difference = _compared(part, expected.get(part, {}), got.get(part, {}))
        if difference:
            return difference
    if "baseline_issues" in expected:
        want, have = _issues(expected["baseline_issues"]), _issues(got["baseline_issues"])
        if want != have:
            return f"baseline issues: expected {want}, got {have}"
    return ""


def _issues(listed: Sequence[Mapping[str, str]]) -> list[tuple[str, str]]:
    return sorted((one["lesion"], one["issue"]) for one in listed)


def _compared(where: str, expected: Mapping[str, Any], got: Mapping[str, Any]) -> str:
    for name, want in expected.items():
        have = got.get(name)
        if name in LENGTHS and want is not None and have is not None:
            same = Decimal(want) == Decimal(have)
        else:
            same = want == have
        if not same:
            return f"{where}: {name}: expected {want}, got {have}"
    return ""
