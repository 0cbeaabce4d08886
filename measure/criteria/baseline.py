"""Warnings about the selection of lesions at baseline (R11-01, R11-03 to R11-05); the response is computed anyway."""

from __future__ import annotations

from collections import Counter

from measure.criteria.findings import NODE_NORMAL, TARGET, TOO_SMALL, Finding, Lesion, Read
from measure.criteria.recist11.target import lesion_value
from measure.criteria.results import BaselineIssue
from measure.criteria.scopes import Scoped, treated_on
from measure.rules import Rules

BELOW_MEASURABLE = "below-measurable-size"
NODE_BELOW_TARGET = "node-below-target-size"
NODE_NORMAL_SIZE = "node-of-normal-size"
TOO_MANY_OF_ORGAN = "more-than-2-per-organ"
TOO_MANY = "more-than-5-targets"
TREATED_BEFORE = "previously-treated-target"


def baseline_issues(read: Read, scoped: Scoped, rules: Rules) -> tuple[BaselineIssue, ...]:
    """The baseline issues of a scope, lesions in natural order.

    The two count issues last in order of entry.
    """
    issues = []
    for lesion in (*scoped.targets, *scoped.non_targets):
        row = read.baseline.found.get(lesion.label)
        issue = _size_issue(lesion, row, read, scoped, rules) if row is not None else ""
        if issue:
            issues.append(BaselineIssue(lesion.label, issue))
        if lesion.role == TARGET and not rules.targets_previously_treated:  # R11-04
            day = treated_on(lesion, rules)
            if day is not None and read.baseline.first_date is not None and day < read.baseline.first_date:
                issues.append(BaselineIssue(lesion.label, TREATED_BEFORE))
    return (*issues, *_count_issues(scoped, rules))


def _size_issue(lesion: Lesion, row: Finding, read: Read, scoped: Scoped, rules: Rules) -> str:
    value = lesion_value(lesion, read.baseline, scoped, rules)
    if lesion.role != TARGET:
        small = value is not None and value < rules.nodal_normal_below_mm
        return NODE_NORMAL_SIZE if lesion.nodal and (small or row.state == NODE_NORMAL) else ""
    if lesion.nodal:
        small = value is not None and value < rules.nodal_target_min_mm
        return NODE_BELOW_TARGET if small else ""
    least = rules.measurability_min_mm
    if row.slice_thickness_mm is not None:  # R11-01: twice the thickness where slices are thicker than 5 mm
        least = max(least, rules.measurability_slice_factor * row.slice_thickness_mm)
    small = value is not None and value < least
    return BELOW_MEASURABLE if small or row.state == TOO_SMALL else ""


def _count_issues(scoped: Scoped, rules: Rules) -> list[BaselineIssue]:
    """R11-05: the lesion named is the first beyond the limit, in order of entry."""
    issues = []
    entered = sorted(scoped.targets, key=lambda lesion: lesion.entry)
    per_organ: Counter[str] = Counter()
    for lesion in entered:
        per_organ[lesion.organ_key] += 1
        if per_organ[lesion.organ_key] == rules.targets_max_per_organ + 1:
            issues.append(BaselineIssue(lesion.label, TOO_MANY_OF_ORGAN))
    if len(entered) > rules.targets_max_total:
        issues.append(BaselineIssue(entered[rules.targets_max_total].label, TOO_MANY))
    return issues
