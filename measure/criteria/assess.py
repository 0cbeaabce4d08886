"""One read in, every criterion and scope out.

`prepare` (`plan.py`) turns a protocol into a plan once; `assess_read` applies it to one reader's read of one subject.
Criteria that share a scope and its rules share the course of the time points. Nothing depends on another
subject.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Context, localcontext

from measure.criteria.arrange import arrange
from measure.criteria.baseline import baseline_issues
from measure.criteria.course import Course, follow
from measure.criteria.findings import NO_FACTS, Finding, Read, SubjectFacts
from measure.criteria.plan import Plan, Prepared, prepare
from measure.criteria.results import BaselineIssue, CriterionAssessment, ReadAssessment
from measure.criteria.rows import RowsAndBest, baseline_row
from measure.criteria.scopes import select
from measure.protocol import Protocol

EXACT = Context(prec=80)
"""Decimals of any length a file may hold are added and multiplied without rounding (R11-42)."""


def assess_read(rows: Iterable[Finding], protocol: Protocol | Plan, facts: SubjectFacts = NO_FACTS) -> ReadAssessment:
    """Responses, best responses and baseline issues of one reader's findings of one subject, in any row order.

    Raises measure.criteria.findings.ContradictoryFinding when the rows contradict each other.
    """
    plan = protocol if isinstance(protocol, Plan) else prepare(protocol)
    shared = _Shared(list(rows), plan)
    with localcontext(EXACT):
        return ReadAssessment([_assess(shared, one, plan, facts) for one in plan.criteria])


class _Shared:
    """What criteria share within one read: the read without the scans of a day and later, and its courses."""

    def __init__(self, rows: list[Finding], plan: Plan) -> None:
        self.rows, self.plan = rows, plan
        self.whole = arrange(rows, plan.baseline, plan.visit_order)
        self._cut: dict[date, Read] = {}
        self._courses: dict[tuple[int, date | None], tuple[Course, tuple[BaselineIssue, ...]]] = {}

    def until(self, day: date | None) -> Read:
        """The read without what was scanned on or after a day; the baseline stays, and treatment before the day."""
        if day is None:
            return self.whole
        read = self._cut.get(day)
        if read is None:
            kept = [
                row for row in self.rows if row.timepoint == self.plan.baseline or row.date is None or row.date < day
            ]
            read = self._cut[day] = arrange(kept, self.plan.baseline, self.plan.visit_order)
            for label, lesion in read.lesions.items():
                known = self.whole.lesions[label].treatments
                lesion.treatments = [(kind, on) for kind, on in known if on < day]
        return read

    def course(self, one: Prepared, cut: date | None) -> tuple[Course, tuple[BaselineIssue, ...]]:
        """The course of a criterion's scope, and the warnings about its baseline."""
        found = self._courses.get((one.share, cut))
        if found is None:
            read = self.until(cut)
            course = follow(read, select(read, one.scope, one.rules), one.rules, one.thresholds, one.sizes)
            found = self._courses[one.share, cut] = course, baseline_issues(read, course.scoped, one.rules)
        return found


def _assess(shared: _Shared, one: Prepared, plan: Plan, facts: SubjectFacts) -> CriterionAssessment:
    event = one.criterion.last_scan_before
    cut = {"resection": facts.resection_date, "procedure": facts.procedure_date}.get(event)
    course, issues = shared.course(one, cut)
    rows, best = RowsAndBest(course, one, plan, facts).made()
    return CriterionAssessment(
        one.criterion.id,
        one.criterion.standard,
        one.scope.id,
        [baseline_row(shared.whole.baseline, course), *rows],
        best,
        issues,
    )
