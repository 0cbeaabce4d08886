"""Case files (JSON, one case a line): findings, protocol keys and expected answers. Shipped cases are read
here too.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from measure.criteria.cases import Case
from measure.criteria.findings import DONE, MISSED, STATES_OF, VISIT, Finding, SubjectFacts
from measure.protocol import Scope
from measure.refusal import Refused
from storage.places import shipped

CRITERIA = ("recist11", "irecist", "mrecist", "mixed")


def read_cases(path: Path) -> list[Case]:
    """The cases of a file. Raises Refused, also for endpoint cases, which are another file."""
    try:
        text = path.read_text("utf-8")
    except OSError as problem:
        raise Refused(f"{path}: cannot be read: {problem.strerror}") from problem
    except UnicodeDecodeError as problem:
        raise Refused(f"{path}:1: the file is not UTF-8") from problem
    return cases_of(text, str(path))


def shipped_cases() -> list[Case]:
    """The cases that ship with the program, in the order of their files."""
    files = sorted((one for one in shipped("cases").iterdir() if one.name.endswith(".json")), key=lambda f: f.name)
    return [case for one in files for case in cases_of(one.read_text("utf-8"), one.name)]


def cases_of(text: str, name: str) -> list[Case]:
    """The cases of a JSON text."""
    try:
        listed = json.loads(text)
    except json.JSONDecodeError as wrong:
        raise Refused(f"{name}:{wrong.lineno}: this is not JSON: {wrong.msg}") from None
    if not isinstance(listed, list) or not all(isinstance(one, dict) for one in listed):
        raise Refused(f"{name}:1: expected a JSON list of cases")
    if any("method" in one for one in listed):
        raise Refused(
            f"{name}: these are endpoint cases; they come with the endpoint tables, which this version does not compute"
        )
    return [_case(one, number, name) for number, one in enumerate(listed, 1)]


def _case(one: Mapping[str, Any], number: int, name: str) -> Case:
    place = f"{name}: case {one.get('id', number)}"
    try:
        criterion = one["criterion"]
        if criterion not in CRITERIA:
            raise Refused(f"{place}: criterion: {criterion}: expected one of {', '.join(CRITERIA)}")
        rows = [_finding(row) for row in one["findings"]]
        rows += [_visit(row) for row in one.get("visits", ())]
        return Case(
            one["id"],
            one.get("title", ""),
            criterion,
            dict(one.get("protocol") or {}),
            _scope(one.get("scope", "all")),
            tuple(rows),
            one["expected"],
            SubjectFacts(**{key: _day(value) for key, value in one.get("subject", {}).items()}),
        )
    except KeyError as missing:
        raise Refused(f"{place}: {missing.args[0]}: is missing") from None
    except (TypeError, ValueError, AttributeError, InvalidOperation) as wrong:
        raise Refused(f"{place}: cannot be read: {wrong}") from None


def _day(value: str | None) -> date | None:
    return None if value is None else date.fromisoformat(value)


def _decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def _finding(row: Mapping[str, Any]) -> Finding:
    if row["role"] not in STATES_OF or row["state"] not in STATES_OF[row["role"]]:
        raise ValueError(f"{row['lesion']}: no such role and state: {row['role']}, {row['state']}")
    return Finding(
        row["timepoint"],
        _day(row["date"]),
        row["lesion"],
        row["role"],
        row["organ"],
        row["nodal"],
        row["state"],
        _decimal(row["diameter_mm"]),
        row.get("treated") or "",
        _day(row.get("treated_date")),
        _decimal(row.get("slice_thickness_mm")),
        row.get("split_from") or "",
        row.get("merged_into") or "",
    )


def _visit(row: Mapping[str, Any]) -> Finding:
    day = _day(row["date"])
    return Finding(
        row["timepoint"],
        day,
        "",
        VISIT,
        state=MISSED if day is None else DONE,
        image_quality=row.get("image_quality", ""),
        non_target_coverage=row.get("non_target_coverage", ""),
        new_lesion_coverage=row.get("new_lesion_coverage", ""),
    )


def _scope(value: str | Mapping[str, Any]) -> Scope:
    if value == "all" or isinstance(value, str):
        return Scope("all")
    return Scope(
        "case",
        include_organs=tuple(value.get("organs", ("*",))),
        exclude_organs=tuple(value.get("exclude_organs", ())),
        exclude_treated=value.get("exclude_treated", False),
        only_treated=value.get("only_treated", False),
    )
