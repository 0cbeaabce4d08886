"""Assessments as rows of responses.csv, best.csv and issues.csv, in the order of columns.toml."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from measure.criteria import ENGINE_VERSION
from measure.criteria.results import BestResponse, CriterionAssessment, Span, TimePointResponse
from storage.findings_file import ReadKey


def _day(value: date | None) -> str:
    return "" if value is None else value.isoformat()


def _number(value: Decimal | None) -> str:
    return "" if value is None else format(value, "f")


def response_cells(key: ReadKey, one: CriterionAssessment, row: TimePointResponse, protocol_sha256: str) -> list[str]:
    """One row of responses.csv; the stated response is the reader's and stays empty here."""
    return [
        key.trial,
        key.subject,
        key.reader,
        one.criterion,
        one.scope,
        row.timepoint,
        _day(row.date),
        _number(row.baseline_sum_mm),
        _number(row.nadir_mm),
        _number(row.sum_mm),
        _number(row.change_from_baseline_pct),
        _number(row.change_from_nadir_mm),
        _number(row.change_from_nadir_pct),
        _number(row.new_sum_mm),
        row.target,
        row.non_target,
        row.new_lesion,
        row.overall,
        row.mixed,
        " ".join(row.rules),
        " ".join(row.drivers),
        row.explanation,
        ENGINE_VERSION,
        protocol_sha256,
        one.standard,
        "",
        "",
    ]


def _span_cells(span: Span | None) -> tuple[str, str, str, str]:
    if span is None:
        return "", "", "", ""
    return _day(span.start), _day(span.end), span.ended_by, str(span.days)


def _time_cells(best: BestResponse) -> tuple[str, str, str]:
    span = best.time_to_progression
    if span is None:
        return "", "", ""
    event = "1" if span.ended_by == "progression" else "0"
    return str(span.days), event, best.time_to_progression_reason


def best_cells(key: ReadKey, one: CriterionAssessment, protocol_sha256: str) -> list[str]:
    """One row of best.csv; the pfs columns need deaths and stay empty here."""
    best = one.best
    mixed = "" if best.mixed_occurred is None else str(best.mixed_occurred).lower()
    return [
        key.trial,
        key.subject,
        key.reader,
        one.criterion,
        one.scope,
        best.best,
        _day(best.best_date),
        "true" if best.confirmed else "",
        best.unconfirmed_best,
        _day(best.confirmation_date),
        *_span_cells(best.response),
        *_span_cells(best.stable),
        _day(best.progression_date),
        best.progression_cause,
        *_time_cells(best),
        "",
        "",
        "",
        mixed,
        str(best.n_timepoints),
        " ".join(best.rules),
        best.explanation,
        ENGINE_VERSION,
        protocol_sha256,
        one.standard,
    ]


def issue_rows(key: ReadKey, one: CriterionAssessment) -> Iterator[list[str]]:
    """The rows of issues.csv of one criterion."""
    for issue in one.baseline_issues:
        yield [key.trial, key.subject, key.reader, one.criterion, one.scope, issue.lesion, issue.issue]
