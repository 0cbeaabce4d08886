"""iRECIST: response of each time point (Seymour 2017, Table 2; rules IR-01 to IR-14, IR-18 to IR-20).

Left column of Table 2: no unconfirmed progression pending. Right column: one is pending, and the time point
confirms it (further worsening, `pending.py`), resets the bar (it no longer progresses), or leaves it open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from measure.criteria.course import Assessed
from measure.criteria.dates import OF_NEW, OF_NON_TARGETS, OF_TARGETS
from measure.criteria.irecist.newsum import KnownNewLesions, new_sum
from measure.criteria.irecist.pending import Run
from measure.criteria.recist11.thresholds import Thresholds
from measure.criteria.recist11.timepoint import overall_response
from measure.criteria.table import CR, NA, NE, NON_CR_NON_PD, NOT_ASSESSED, PD, PR, SD, YES
from measure.rules import Rules

ICR, IPR, ISD, IUPD, ICPD = "iCR", "iPR", "iSD", "iUPD", "iCPD"
NON_ICR_NON_IUPD = "NON-iCR/NON-iUPD"
IMMUNE = {CR: ICR, PR: IPR, SD: ISD, NON_CR_NON_PD: NON_ICR_NON_IUPD, NE: NE, NA: NA, PD: IUPD}
PLAIN = {immune: plain for plain, immune in IMMUNE.items() if plain != PD}
RANK = {CR: 0, PR: 1, SD: 2, NON_CR_NON_PD: 2, PD: 3}


@dataclass(slots=True)
class ImmuneResponse:
    """The iRECIST response of one time point.

    causes: the categories behind an iUPD or iCPD. run_first: index of the first iUPD of the run it belongs to.
    """

    overall: str
    rules: tuple[str, ...]
    drivers: tuple[str, ...] = ()
    run_first: int | None = None
    causes: tuple[str, ...] = ()
    new_sum_mm: Decimal | None = None


def immune_responses(course: Sequence[Assessed], rules: Rules, thresholds: Thresholds) -> list[ImmuneResponse]:
    """The iRECIST response of every follow-up, in order."""
    walk = _Walk(rules, KnownNewLesions(rules, thresholds))
    given: list[ImmuneResponse] = []
    for number, one in enumerate(course):
        response = walk.next(number, one)
        response.new_sum_mm = new_sum(one.new)
        walk.known.remember(one.new)
        given.append(response)
    return given


def base_response(one: Assessed) -> str:
    """The response of the baseline disease alone, new lesions left aside (IR-12)."""
    return overall_response(one.target.response, one.non_target.response, new_lesion=False)[0]


class _Walk:
    """What is carried from one time point to the next: the pending iUPD, iCPD, the new lesions known."""

    def __init__(self, rules: Rules, known: KnownNewLesions) -> None:
        self.rules, self.known = rules, known
        self.pending: Run | None = None
        self.confirmed: ImmuneResponse | None = None

    def next(self, number: int, one: Assessed) -> ImmuneResponse:
        """Judge one time point."""
        if one.target.response == NA and one.non_target.response == NA:
            return ImmuneResponse(NA, ("SC-06",), one.new.drivers)
        if self.confirmed is not None:  # IR-18, unless the protocol assesses on (D19)
            if self.rules.after_progression == "carry" or base_response(one) == PD or one.new.status == YES:
                return ImmuneResponse(ICPD, ("IR-18",), (), self.confirmed.run_first)
            return self._without_progression(one, ("IR-01",))
        if self.pending is None:
            return self._left_column(number, one)
        return self._right_column(number, one, self.pending)

    def _left_column(self, number: int, one: Assessed) -> ImmuneResponse:
        """No progression pending: a first iUPD (IR-02, IR-11), or Table 1 with the prefix i (IR-01)."""
        causes = []
        if one.target.response == PD:
            causes.append(OF_TARGETS)
        if one.non_target.response == PD:
            causes.append(OF_NON_TARGETS)
        if one.new.fresh or self.known.worse(one.new):
            causes.append(OF_NEW)
        if not causes:
            return self._without_progression(one, ("IR-01",))
        again = self.known.labels.difference(one.new.fresh)
        return self._first_iupd(number, one, causes, ("IR-02", "IR-11") if again else ("IR-02",))

    def _first_iupd(self, number: int, one: Assessed, causes: Sequence[str], cited: tuple[str, ...]) -> ImmuneResponse:
        self.pending = Run.begun(number, one, causes, base_response(one))
        return ImmuneResponse(IUPD, cited, _drivers(one, causes), number, tuple(causes))

    def _without_progression(self, one: Assessed, cited: tuple[str, ...]) -> ImmuneResponse:
        """The response by Table 1; iCR needs every new lesion gone (IR-12)."""
        base = base_response(one)
        if one.new.status == NOT_ASSESSED and self.rules.new_lesion_not_evaluable == "ne":
            return ImmuneResponse(NE, (*cited, "R11-27"), one.new.drivers)
        if base == CR and one.new.still_there(self.known.labels):
            if one.target.response == NA:
                return ImmuneResponse(NON_ICR_NON_IUPD, (*cited, "IR-12", "IR-19"), one.new.drivers)
            return ImmuneResponse(IPR, (*cited, "IR-12"), one.new.drivers)
        return ImmuneResponse(IMMUNE[base], cited, one.target.drivers)

    def _right_column(self, number: int, one: Assessed, run: Run) -> ImmuneResponse:
        """A progression is pending: confirmed, void, not evaluable, or still open."""
        rules, categories = self.rules, tuple(sorted(run.categories))
        early, late = run.outside_window(one.point.first_date, rules)
        causes, cited = run.worsened(one, self.known, rules)
        if causes and early:
            if rules.irecist_early_scan == "NE":
                return ImmuneResponse(NE, ("IR-04",), _drivers(one, causes))
            return ImmuneResponse(IUPD, ("IR-04",), _drivers(one, causes), run.first, tuple(causes))
        if causes and not late:
            if rules.irecist_other_category_confirms != "always" and self._first_cause_gone(one, causes, run):
                return self._first_iupd(number, one, causes, ("IR-02", "IR-08"))  # D24: to be confirmed again
            self.pending = None
            self.confirmed = ImmuneResponse(ICPD, cited, _drivers(one, causes), run.first, tuple(causes))
            return self.confirmed
        base = base_response(one)
        new_there = one.new.still_there(self.known.labels) or bool(one.new.fresh)
        unjudged = self._unjudged(one, base, run)
        if base != PD and not new_there:
            if unjudged:
                return ImmuneResponse(NE, ("IR-13",), one.target.drivers)
            self.pending = None  # IR-10: the bar is reset
            return self._without_progression(one, ("IR-10",))
        if not unjudged and self._resets_with_new_lesion(one, base, run):
            self.pending = None
            return self._without_progression(one, ("IR-10", "IR-12"))
        if base != PD and one.new.status != YES and (base == NE or one.new.status == NOT_ASSESSED):
            return ImmuneResponse(NE, ("IR-13",), one.target.drivers)
        if early and rules.irecist_early_scan == "NE":
            return ImmuneResponse(NE, ("IR-04",), _drivers(one, categories))
        if not early:
            run.remember(one, rules)
        rule = "IR-04" if causes else "IR-09"  # worse, but too late for the protocol; or unchanged
        return ImmuneResponse(IUPD, (rule,), _drivers(one, categories), run.first, categories)

    def _first_cause_gone(self, one: Assessed, causes: Sequence[str], run: Run) -> bool:
        """D24: only another category, or another new lesion, worsened, and what caused the iUPD is not there."""
        if any(cause in run.categories and cause != OF_NEW for cause in causes):
            return False
        unresolved = (
            (OF_TARGETS in run.categories and one.target.response in (PD, NE))
            or (OF_NON_TARGETS in run.categories and one.non_target.response in (PD, NE))
            or (OF_NEW in run.categories and one.new.still_there(self.known.labels))
        )
        return not unresolved

    def _unjudged(self, one: Assessed, base: str, run: Run) -> bool:
        """IR-13: what progressed, or all of the disease, cannot be evaluated now."""
        return (
            base == NE
            or (OF_NON_TARGETS in run.categories and one.non_target.response == NE)
            or (OF_NEW in run.categories and any(label in self.known.labels for label in one.new.unknown))
        )

    def _resets_with_new_lesion(self, one: Assessed, base: str, run: Run) -> bool:
        """IR-12, D23: a persisting new lesion does not hold up iPR or iSD once the other disease improved."""
        rule = self.rules.irecist_reset_with_new_lesion
        if base == PD or one.new.fresh or rule == "never":
            return False
        improved = run.base in RANK and RANK[base] < RANK[run.base]
        return improved or (rule == "any-shrinkage" and run.shrunk_since_first(one))


def _drivers(one: Assessed, causes: Sequence[str]) -> tuple[str, ...]:
    drivers: list[str] = []
    if OF_TARGETS in causes:
        drivers += one.target.drivers
    if OF_NON_TARGETS in causes:
        drivers += one.non_target.increased + one.non_target.drivers
    if OF_NEW in causes:
        drivers += one.new.unequivocal
    return tuple(dict.fromkeys(drivers))
