"""Responses of one read: its findings given to the engine, the answers as windows and comparison use them.

A reader's session holds no true dates and no techniques (blinding), so time points carry stand-in dates that keep
the days between scans; the export derives the same responses again with the true dates (export_trial).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from app.workflow.reading import LesionRow, OneTimepoint, Reading, ZoneRow
from app.workflow.statements import title_of
from measure.criteria.assess import assess_read
from measure.criteria.findings import Finding
from measure.criteria.results import BASELINE, CriterionAssessment, ReadAssessment, TimePointResponse
from measure.exported import DAY_ZERO

LOCAL_RECURRENCE = "local progression"
Treatment = tuple[str, date]


@dataclass(frozen=True)
class CriterionResponse:
    """The response of one time point by one criterion, with its reason."""

    criterion: str
    scope: str
    standard: str
    title: str
    timepoint: int
    target: str
    non_target: str
    new_lesion: str
    overall: str
    sum_mm: str
    baseline_sum_mm: str
    nadir_mm: str
    change_from_baseline_pct: str
    change_from_nadir_mm: str
    change_from_nadir_pct: str
    mixed: str
    rules: str
    drivers: tuple[str, ...]
    explanation: str


@dataclass(frozen=True)
class Course:
    """One criterion over all time points, and its best response with the time points its dates fall on."""

    criterion: str
    scope: str
    standard: str
    title: str
    timepoints: tuple[CriterionResponse, ...]
    best: str
    confirmed: bool
    best_explanation: str
    response_at: int | None
    progression_at: int | None


@dataclass(frozen=True)
class CaseResponses:
    """Every criterion of a read."""

    courses: tuple[Course, ...]

    def of(self, criterion: str) -> Course:
        """The course of one criterion; raises KeyError."""
        for course in self.courses:
            if course.criterion == criterion:
                return course
        raise KeyError(criterion)


def stand_in_date(point: OneTimepoint) -> date:
    """The date a reader's session gives a time point: only the days between scans are true."""
    return DAY_ZERO + timedelta(days=point.timepoint.day)


def engine_findings(
    reading: Reading,
    name_of: Callable[[OneTimepoint], str],
    date_of: Callable[[OneTimepoint, str], date],
    treatment_of: Callable[[ZoneRow], Treatment | None],
) -> list[Finding]:
    """The rows of findings.csv that this read amounts to, as the engine takes them.

    date_of gets the time point and the series UID of a mark ("" for its first scan).
    """
    rows: list[Finding] = []
    treated = treated_lesions(reading, treatment_of)
    for k, point in enumerate(reading.timepoints):
        form = reading.forms[k]
        rows.append(
            Finding(
                timepoint=name_of(point),
                date=date_of(point, ""),
                lesion="",
                role="visit",
                state="done",
                image_quality=form.image_quality if form else "",
                non_target_coverage=form.non_target_coverage if form else "",
                new_lesion_coverage=form.new_lesion_coverage if form else "",
            )
        )
        for row in reading.lesions:
            made = _finding(reading, row, k, name_of(point), date_of, treated.get(row.lesion.lesion_id))
            if made is not None:
                rows.append(made)
    return rows


def treated_lesions(reading: Reading, treatment_of: Callable[[ZoneRow], Treatment | None]) -> dict[str, Treatment]:
    """Local treatments by lesion id: linked by the reader to a zone of the case, or lying at one (SC-07)."""
    treated: dict[str, Treatment] = {}
    for zone in reading.zones:
        treatment = treatment_of(zone)
        if treatment is None:
            continue
        if zone.own_lesion not in ("", "none"):
            treated.setdefault(zone.own_lesion, treatment)
        for row in reading.lesions:
            if row.lesion.zone_id == zone.zone.id:
                treated.setdefault(row.lesion.lesion_id, treatment)
    return treated


def _finding(
    reading: Reading,
    row: LesionRow,
    k: int,
    name: str,
    date_of: Callable[[OneTimepoint, str], date],
    treatment: Treatment | None,
) -> Finding | None:
    found, mark = row.findings[k], row.marks[k]
    if found is None:
        return None
    point = reading.timepoints[k]
    series = next((s for s in point.series if mark and s.uid == mark.series_uid), None)
    day = date_of(point, mark.series_uid if mark else "")
    counts = treatment if treatment and (treatment[1] <= day or reading.timepoints[0] is point) else None
    labels = {r.lesion.lesion_id: r.lesion.label for r in reading.lesions}
    return Finding(
        timepoint=name,
        date=day,
        lesion=row.lesion.label,
        role=row.lesion.role,
        organ=row.lesion.organ,
        nodal=row.lesion.nodal,
        state=found.state,
        diameter_mm=Decimal(found.diameter_mm) if found.diameter_mm else None,
        treated=counts[0] if counts else found.treated,
        treated_date=counts[1] if counts else None,
        slice_thickness_mm=Decimal(series.thickness_mm) if series and series.thickness_mm else None,
        split_from=labels.get(row.lesion.split_from, row.lesion.split_from),
        merged_into=labels.get(found.merged_into, found.merged_into),
        reason=found.reason,
    )


def _in_session(reading: Reading) -> ReadAssessment:
    names = _names(reading)
    rules = reading.protocol.rules

    def treatment_of(zone: ZoneRow) -> Treatment | None:
        if not zone.zone.counts_as_treated:
            return None
        return rules.treated_kinds[0], stand_in_date(reading.timepoints[zone.first])

    rows = engine_findings(reading, lambda p: names[p.timepoint.id], lambda p, _: stand_in_date(p), treatment_of)
    return assess_read(rows, reading.protocol)


def _names(reading: Reading) -> dict[str, str]:
    baseline = reading.protocol.baseline.timepoint
    return {p.timepoint.id: baseline if k == 0 else f"day {p.timepoint.day}" for k, p in enumerate(reading.timepoints)}


def text_mm(value: Decimal | None) -> str:
    """A length as it is written: exact, at least one decimal; empty when there is none."""
    if value is None:
        return ""
    exponent = value.normalize().as_tuple().exponent
    return f"{value:.1f}" if isinstance(exponent, int) and exponent >= -1 else f"{value:f}"


def text_pct(value: Decimal | None) -> str:
    """A percentage with two decimals, for display; empty when there is none."""
    return "" if value is None else f"{value:.2f}"


def _response(one: CriterionAssessment, k: int, point: TimePointResponse) -> CriterionResponse:
    return CriterionResponse(
        criterion=one.criterion,
        scope=one.scope,
        standard=one.standard,
        title=title_of(one.standard, one.scope),
        timepoint=k,
        target=point.target,
        non_target=point.non_target,
        new_lesion=point.new_lesion,
        overall=point.overall,
        sum_mm=text_mm(point.sum_mm),
        baseline_sum_mm=text_mm(point.baseline_sum_mm),
        nadir_mm=text_mm(point.nadir_mm),
        change_from_baseline_pct=text_pct(point.change_from_baseline_pct),
        change_from_nadir_mm=text_mm(point.change_from_nadir_mm),
        change_from_nadir_pct=text_pct(point.change_from_nadir_pct),
        mixed=point.mixed,
        rules=" ".join(point.rules),
        drivers=tuple(point.drivers),
        explanation=point.explanation,
    )


def as_courses(reading: Reading, assessment: ReadAssessment) -> CaseResponses:
    """The engine's answer laid out over the reading's time points."""
    names = list(_names(reading).values())
    place = {stand_in_date(p): k for k, p in enumerate(reading.timepoints)}
    courses = []
    for one in assessment.criteria:
        by_name = {point.timepoint: point for point in one.timepoints}
        points = tuple(
            _response(one, k, by_name.get(name) or TimePointResponse(name, None, overall="NE" if k else BASELINE))
            for k, name in enumerate(names)
        )
        best = one.best
        start = best.response.start if best.response else None
        courses.append(
            Course(
                one.criterion,
                one.scope,
                one.standard,
                points[0].title,
                points,
                best.best,
                bool(best.confirmed),
                best.explanation,
                place.get(start) if start else None,
                place.get(best.progression_date) if best.progression_date else None,
            )
        )
    return CaseResponses(tuple(courses))


def case_responses(reading: Reading) -> CaseResponses:
    """Time-point and best responses of every criterion, with what a blinded session may know."""
    return as_courses(reading, _in_session(reading))


def responses_now(reading: Reading) -> tuple[CriterionResponse, ...]:
    """The responses of the current time point, one a criterion."""
    return tuple(course.timepoints[-1] for course in case_responses(reading).courses)
