"""iRECIST: response of each time point (Seymour 2017, Table 2; rules IR-01 to IR-14, IR-18 to IR-20).

Left column of Table 2: no unconfirmed progression pending. Right column: one is pending, and the time point
confirms it (further worsening), resets the bar (it no longer progresses), or leaves it open.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from measure.criteria.course import Assessed
from measure.criteria.recist11.thresholds import ZERO, Thresholds
from measure.criteria.recist11.timepoint import overall_response
from measure.criteria.table import CR, NA, NE, NON_CR_NON_PD, NOT_ASSESSED, PD, PR, SD, YES
from measure.rules import Rules

ICR, IPR, ISD, IUPD, ICPD = "iCR", "iPR", "iSD", "iUPD", "iCPD"
NON_ICR_NON_IUPD = "NON-iCR/NON-iUPD"
IMMUNE = {CR: ICR, PR: IPR, SD: ISD, NON_CR_NON_PD: NON_ICR_NON_IUPD, NE: NE, NA: NA, PD: IUPD}
PLAIN = {immune: plain for plain, immune in IMMUNE.items() if plain != PD}
RANK = {CR: 0, PR: 1, SD: 2, NON_CR_NON_PD: 2, PD: 3}

OF_TARGETS, OF_NON_TARGETS, OF_NEW = "target", "non-target", "new lesion"
FURTHER_MM = Decimal(5)  # IR-05, IR-07: additive, no new 20 %


@dataclass(slots=True)
class Run:
    """A pending iUPD: the first time point of the run, the categories that progressed in it.

    Its base response.
    """

    first: int
    began: date | None
    categories: set[str]
    base: str
    reference: int


@dataclass(slots=True)
class ImmuneResponse:
    """The iRECIST response of one time point. run_first: index of the first iUPD of the run it belongs to."""

    overall: str
    rules: tuple[str, ...]
    drivers: tuple[str, ...] = ()
    run_first: int | None = None
    new_sum_mm: Decimal | None = None


@dataclass(slots=True)
class _Memory:
    """What the walk carries: the pending run, iCPD, new lesions known and the lowest size of their sum."""

    pending: Run | None = None
    confirmed: ImmuneResponse | None = None
    known: set[str] = field(default_factory=set)
    new_low: dict[str, Decimal] = field(default_factory=dict)


def base_response(one: Assessed) -> str:
    """The response of the baseline disease alone, new lesions left aside (IR-12)."""
    return overall_response(one.target.response, one.non_target.response, new_lesion=False)[0]


def new_sum(one: Assessed) -> Decimal | None:
    """IR-03: sum of the new target lesions, never added to the target sum.

    None without or when incomplete.
    """
    if not one.new.sizes:
        return None
    total = ZERO
    for value in one.new.sizes.values():
        if value is None:
            return None
        total += value
    return total


def further_new_growth(now: Assessed, before: Assessed) -> Decimal:
    """Growth in mm of the new targets that were measured before; what is missing now counts 0.

    So it is a minimum.
    """
    grown = ZERO
    for label, then in before.new.sizes.items():
        if then is not None:
            grown += (now.new.sizes.get(label) or ZERO) - then
    return grown


def immune_responses(course: Sequence[Assessed], rules: Rules, thresholds: Thresholds) -> list[ImmuneResponse]:
    """The iRECIST response of every follow-up, in order."""
    memory = _Memory()
    given: list[ImmuneResponse] = []
    for number, one in enumerate(course):
        response = _judge(course, number, memory, rules, thresholds)
        response.new_sum_mm = new_sum(one)
        memory.known.update(one.new.fresh)
        for label, value in one.new.sizes.items():
            if value is not None:
                memory.new_low[label] = min(value, memory.new_low.get(label, value))
        given.append(response)
    return given


def _judge(
    course: Sequence[Assessed], number: int, memory: _Memory, rules: Rules, thresholds: Thresholds
) -> ImmuneResponse:
    one = course[number]
    if one.target.response == NA and one.non_target.response == NA:
        return ImmuneResponse(NA, ("SC-06",), one.new.drivers)
    if memory.confirmed is not None:
        if rules.after_progression == "carry" or _still_progressed(one):
            return ImmuneResponse(ICPD, ("IR-18",), (), memory.confirmed.run_first)
        return _first_column(one, number, memory, rules, thresholds, fresh_only=True)
    if memory.pending is None:
        return _first_column(one, number, memory, rules, thresholds, fresh_only=False)
    return _second_column(course, number, memory, memory.pending, rules, thresholds)


def _still_progressed(one: Assessed) -> bool:
    return one.target.response == PD or one.non_target.response == PD or one.new.status == YES


def _first_column(
    one: Assessed, number: int, memory: _Memory, rules: Rules, thresholds: Thresholds, *, fresh_only: bool
) -> ImmuneResponse:
    """No progression pending: Table 1 of RECIST 1.1 with the prefix i (IR-01), or a first iUPD (IR-02.

    IR-11).
    """
    causes = _progressed_now(one, memory, rules, thresholds)
    if causes and not fresh_only:
        memory.pending = Run(number, one.point.first_date, set(causes), base_response(one), number)
        cited = ("IR-02", "IR-11") if memory.known - set(one.new.fresh) else ("IR-02",)
        return ImmuneResponse(IUPD, cited, _drivers(one, causes), number)
    return _without_progression(one, rules, ("IR-01",))


def _progressed_now(one: Assessed, memory: _Memory, rules: Rules, thresholds: Thresholds) -> list[str]:
    """The categories that meet the RECIST 1.1 definition of progression now.

    Known new lesions only by growth.
    """
    causes = []
    if one.target.response == PD:
        causes.append(OF_TARGETS)
    if one.non_target.response == PD:
        causes.append(OF_NON_TARGETS)
    if one.new.fresh or _known_new_worse(one, memory, rules, thresholds):
        causes.append(OF_NEW)
    return causes


def _known_new_worse(one: Assessed, memory: _Memory, rules: Rules, thresholds: Thresholds) -> bool:
    """D26: new lesions known before a reset of the bar progress again by growth over their lowest sum."""
    if any(label in memory.known for label in one.new.increased):
        return True
    low = now = ZERO
    for label, value in one.new.sizes.items():
        if value is not None and label in memory.new_low and label in memory.known:
            low += memory.new_low[label]
            now += value
    if now <= low:
        return False
    rule = rules.irecist_new_lesion_progression
    if rule == "any":
        return True
    return thresholds.grown(now, low) if rule == "20pct-5mm" else now - low >= FURTHER_MM


def _without_progression(one: Assessed, rules: Rules, cited: tuple[str, ...]) -> ImmuneResponse:
    """The response by Table 1; iCR needs every new lesion gone (IR-12)."""
    base = base_response(one)
    persists = one.new.status == YES or bool(one.new.unknown and one.new.status == NOT_ASSESSED)
    if one.new.status == NOT_ASSESSED and rules.new_lesion_not_evaluable == "ne":
        return ImmuneResponse(NE, (*cited, "R11-27"), one.new.drivers)
    if base == CR and persists:
        return ImmuneResponse(IPR, (*cited, "IR-12"), one.new.drivers)
    return ImmuneResponse(IMMUNE[base], cited, one.target.drivers)


def _second_column(
    course: Sequence[Assessed],
    number: int,
    memory: _Memory,
    run: Run,
    rules: Rules,
    thresholds: Thresholds,
) -> ImmuneResponse:
    one = course[number]
    early, late = _outside_window(one, course, run, rules)
    causes, cited = _confirming(one, course[run.reference], memory, run, rules)
    if causes and not late:
        if early:
            if rules.irecist_early_scan == "NE":
                return ImmuneResponse(NE, ("IR-04",), _drivers(one, causes))
            return ImmuneResponse(IUPD, ("IR-04",), _drivers(one, causes), run.first)
        unresolved = rules.irecist_other_category_confirms == "always" or _unresolved(one, memory, run)
        if not unresolved and _only_other(causes, run):  # D24: a new iUPD, to be confirmed again
            memory.pending = Run(number, one.point.first_date, set(causes), base_response(one), number)
            return ImmuneResponse(IUPD, ("IR-02", "IR-08"), _drivers(one, causes), number)
        response = ImmuneResponse(ICPD, cited, _drivers(one, causes), run.first)
        memory.confirmed, memory.pending = response, None
        return response
    base = base_response(one)
    if not _progressed_still(one, memory, rules):
        if _unjudged(one, run):
            return ImmuneResponse(NE, ("IR-13",), one.target.drivers)
        memory.pending = None  # IR-10: the bar is reset
        return _without_progression(one, rules, ("IR-10",))
    if _resets_with_new_lesion(one, course, run, base, memory, rules):
        memory.pending = None
        return _without_progression(one, rules, ("IR-10", "IR-12"))
    only_unknown = one.target.response != PD and one.non_target.response != PD and one.new.status != YES
    if only_unknown and (base == NE or one.new.status == NOT_ASSESSED):
        return ImmuneResponse(NE, ("IR-13",), one.target.drivers or one.new.drivers)
    if early and rules.irecist_early_scan == "NE":
        return ImmuneResponse(NE, ("IR-04",), _drivers(one, list(run.categories)))
    if not early:
        _remember(one, number, run, rules)
    return ImmuneResponse(
        IUPD, ("IR-04",) if late and causes else ("IR-09",), _drivers(one, list(run.categories)), run.first
    )


def _outside_window(one: Assessed, course: Sequence[Assessed], run: Run, rules: Rules) -> tuple[bool, bool]:
    """IR-04: earlier than four weeks (less the tolerance) after the first iUPD.

    Later than the protocol allows.
    """
    day = one.point.first_date
    if day is None or run.began is None:
        return True, False
    least = rules.irecist_confirm_min_days - rules.irecist_confirm_tolerance_days
    last = course[run.reference].point.first_date or run.began
    most = rules.irecist_confirm_max_days
    return (day - run.began).days < least, most is not None and (day - last).days > most


def _remember(one: Assessed, number: int, run: Run, rules: Rules) -> None:
    """D22: what further growth is measured against next time: this assessment, if it could be evaluated."""
    evaluable = one.target.response == NA or (one.reading is not None and one.reading.sum_mm is not None)
    if rules.irecist_reference == "previous-evaluable" and evaluable:
        run.reference = number


def _confirming(
    one: Assessed, reference: Assessed, memory: _Memory, run: Run, rules: Rules
) -> tuple[list[str], tuple[str, ...]]:
    """The categories whose further worsening confirms progression now, and the rules that say so."""
    causes: list[str] = []
    cited: list[str] = []
    if OF_TARGETS in run.categories:
        if one.target.response == PD and _target_growth(one, reference, rules) >= FURTHER_MM:
            causes.append(OF_TARGETS)
            cited.append("IR-05")
    elif one.target.response == PD:
        causes.append(OF_TARGETS)
        cited.append("IR-08")
    worse = set(one.non_target.progressed) - set(reference.non_target.progressed)
    if OF_NON_TARGETS in run.categories:
        if one.non_target.increased or worse:
            causes.append(OF_NON_TARGETS)
            cited.append("IR-06")
    elif one.non_target.response == PD:
        causes.append(OF_NON_TARGETS)
        cited.append("IR-08")
    known_worse = any(label in memory.known for label in one.new.increased)
    if one.new.fresh or known_worse or further_new_growth(one, reference) >= FURTHER_MM:
        causes.append(OF_NEW)
        cited.append("IR-07" if OF_NEW in run.categories else "IR-08")
    return causes, tuple(cited)


def _target_growth(one: Assessed, reference: Assessed, rules: Rules) -> Decimal:
    """Growth in mm over the reference assessment; of a partial sum only what is proven."""
    now, before = one.reading, reference.reading
    if now is None or before is None or before.sum_mm is None:
        return ZERO
    if now.sum_mm is None and not rules.not_evaluable_partial_pd:
        return ZERO
    return now.partial_mm - before.sum_mm


def _only_other(causes: Sequence[str], run: Run) -> bool:
    """Say whether nothing but another category, or another new lesion, worsened."""
    return all(cause not in run.categories or cause == OF_NEW for cause in causes)


def _unresolved(one: Assessed, memory: _Memory, run: Run) -> bool:
    """Say whether what caused the pending iUPD is still there."""
    persisting = any(label in memory.known for label in (*one.new.unequivocal, *one.new.unknown))
    return (
        (OF_TARGETS in run.categories and one.target.response in (PD, NE))
        or (OF_NON_TARGETS in run.categories and one.non_target.response in (PD, NE))
        or (OF_NEW in run.categories and persisting)
    )


def _progressed_still(one: Assessed, memory: _Memory, rules: Rules) -> bool:
    """Say whether a category still meets the definition of progression, known new lesions included."""
    persisting = any(label in memory.known for label in (*one.new.unequivocal, *one.new.unknown))
    return one.target.response == PD or one.non_target.response == PD or persisting or bool(one.new.fresh)


def _unjudged(one: Assessed, run: Run) -> bool:
    """IR-13: the category that progressed, or all of the disease, cannot be evaluated now."""
    return base_response(one) == NE or (OF_NON_TARGETS in run.categories and one.non_target.response == NE)


def _resets_with_new_lesion(
    one: Assessed, course: Sequence[Assessed], run: Run, base: str, memory: _Memory, rules: Rules
) -> bool:
    """IR-12, D23: a persisting new lesion does not hold up iPR or iSD once the other disease improved."""
    if base in (PD, NE, NA) or one.new.fresh or _unjudged(one, run):
        return False
    if rules.irecist_reset_with_new_lesion == "never":
        return False
    improved = run.base in RANK and RANK[base] < RANK[run.base]
    if rules.irecist_reset_with_new_lesion == "category-improves":
        return improved
    before = course[run.first].reading
    shrunk = (
        one.reading is not None
        and before is not None
        and one.reading.sum_mm is not None
        and before.sum_mm is not None
        and one.reading.sum_mm < before.sum_mm
    )
    return improved or shrunk


def _drivers(one: Assessed, causes: Sequence[str]) -> tuple[str, ...]:
    drivers: list[str] = []
    if OF_TARGETS in causes:
        drivers += one.target.drivers
    if OF_NON_TARGETS in causes:
        drivers += one.non_target.increased + one.non_target.drivers
    if OF_NEW in causes:
        drivers += one.new.unequivocal
    return tuple(dict.fromkeys(drivers))
