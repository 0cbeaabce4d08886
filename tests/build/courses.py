"""Courses of findings in a few words, for tests of the response engine.

One line a time point: name, day, findings. `T1=30` a target of 30 mm, `N1=present` a non-target, `L1` a new
lesion, `LT1` and `LN1` new-target and new-non-target; an n at the end of the label makes a node (`T2n=18`).
After the value: `/lung` the organ, `@ablation:40` a treatment and its day, `#3` the scan lies 3 days later,
`^7` slices of 7 mm. `T1a<T1=11` is a fragment of T1, `T2=merged>T1` a lesion grown into T1. `-` for the
day: a missed visit.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from measure.criteria.assess import assess_read
from measure.criteria.findings import (
    MEASURED,
    MISSED,
    NEW,
    NEW_NON_TARGET,
    NEW_TARGET,
    NO_FACTS,
    NON_TARGET,
    TARGET,
    VISIT,
    Finding,
    SubjectFacts,
)
from measure.criteria.results import CriterionAssessment, TimePointResponse
from measure.protocol import Criterion, Protocol, Scope, Trial, Visit
from measure.rules import Rules

START = date(2024, 1, 1)
ALL = Scope("all")
UNTREATED = Scope("untreated", exclude_treated=True)

_ROLES = {"T": TARGET, "N": NON_TARGET, "L": NEW, "LT": NEW_TARGET, "LN": NEW_NON_TARGET}
_ORGANS = {"T": "liver", "N": "peritoneum", "L": "lung", "LT": "lung", "LN": "bone"}
_TOKEN = re.compile(
    r"(?P<label>(?P<kind>LT|LN|T|N|L)\d+[a-c]?n?)(<(?P<split>\w+))?=(?P<value>[\w.-]+)(>(?P<merged>\w+))?"
    r"(/(?P<organ>[\w-]+))?(@(?P<treated>\w+):(?P<when>-?\d+))?(#(?P<later>\d+))?(\^(?P<slice>[\d.]+))?"
)


def day(number: int) -> date:
    """A date by its number of days after the baseline."""
    return START + timedelta(days=number)


def findings(text: str) -> list[Finding]:
    """The findings of a course."""
    rows: list[Finding] = []
    organs: dict[str, str] = {}
    for line in text.strip().splitlines():
        head, _, body = line.strip().partition(":")
        name, when = head.split()
        if when == "-":
            rows.append(Finding(name, None, "", VISIT, state=MISSED))
            continue
        tokens = body.split()
        if not tokens:
            rows.append(Finding(name, day(int(when)), "", VISIT, state="done"))
        rows += [_finding(name, int(when), token, organs) for token in tokens]
    return rows


def _finding(timepoint: str, when: int, token: str, organs: dict[str, str]) -> Finding:
    found = _TOKEN.fullmatch(token)
    if found is None:
        raise ValueError(f"{token!r} is no finding")
    label, value, kind = found["label"], found["value"], found["kind"]
    usual = "lymph-node" if label.endswith("n") else _ORGANS[kind]
    organ = organs[label] = found["organ"] or organs.get(label, usual)
    measured = value[0].isdigit()
    return Finding(
        timepoint,
        day(when + int(found["later"] or 0)),
        label,
        _ROLES[kind],
        organ,
        label.endswith("n"),
        MEASURED if measured else value,
        Decimal(value) if measured else None,
        found["treated"] or "",
        day(int(found["when"])) if found["when"] else None,
        Decimal(found["slice"]) if found["slice"] else None,
        found["split"] or "",
        found["merged"] or "",
    )


def protocol(
    standard: str = "recist11",
    settings: Mapping[str, object] | None = None,
    scope: Scope = ALL,
    *,
    mixed: bool = False,
    last_scan_before: str = "",
    visits: tuple[str, ...] = (),
) -> Protocol:
    """A protocol of one criterion."""
    criterion = Criterion(standard, standard, scope.id, last_scan_before, mixed)
    planned = tuple(Visit(name, days=56 * number) for number, name in enumerate(visits, 1))
    rules = Rules().with_settings(settings or {})
    return Protocol(Trial("test"), scopes=(scope,), criteria=(criterion,), rules=rules, visit_list=planned)


def assessed(
    course: str | list[Finding],
    standard: str = "recist11",
    settings: Mapping[str, object] | None = None,
    scope: Scope = ALL,
    *,
    facts: SubjectFacts = NO_FACTS,
    mixed: bool = False,
    last_scan_before: str = "",
    visits: tuple[str, ...] = (),
) -> CriterionAssessment:
    """The assessment of a course under one criterion."""
    rows = findings(course) if isinstance(course, str) else course
    made = protocol(standard, settings, scope, mixed=mixed, last_scan_before=last_scan_before, visits=visits)
    return assess_read(rows, made, facts).criteria[0]


def overalls(course: str | list[Finding], standard: str = "recist11", **settings: object) -> list[str]:
    """The overall responses of the follow-ups; rule keys with two underscores for the dot."""
    dotted = {name.replace("__", "."): value for name, value in settings.items()}
    return [row.overall for row in assessed(course, standard, dotted).timepoints[1:]]


def follow_ups(one: CriterionAssessment) -> list[TimePointResponse]:
    """The rows after the baseline."""
    return one.timepoints[1:]
