"""One sentence a response, from the trace, the numbers and the driver lesions; nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from measure.criteria.course import Assessed
from measure.criteria.results import BestResponse, TimePointResponse
from measure.criteria.scopes import Scoped
from measure.criteria.table import CR, NA, NE, NON_CR_NON_PD, NOT_ASSESSED, PD, PR, SD, UNSURE, YES

_WORDS = {
    "R11-40": "lesions treated on study are not evaluable from the treatment on",
    "R11-44": "progression was reached before and stays",
    "SC-06": "no lesion of this scope at baseline",
    "IR-01": "no progression is pending",
    "IR-02": "progression, unconfirmed",
    "IR-04": "outside the time in which an iUPD can be confirmed",
    "IR-05": "targets grew by a further 5 mm or more, which confirms progression",
    "IR-06": "non-targets increased further, which confirms progression",
    "IR-07": "new lesions grew or became more, which confirms progression",
    "IR-08": "another category progressed, which confirms progression",
    "IR-09": "unchanged, progression stays unconfirmed",
    "IR-10": "no longer progressed, the pending iUPD is void",
    "IR-11": "known new lesions count again only by growth or number",
    "IR-12": "a new lesion persists",
    "IR-13": "not evaluable while an iUPD is pending",
    "IR-18": "progression was confirmed before and stays",
}


def mm(value: Decimal) -> str:
    """A length as it was computed, without an exponent."""
    return format(value, "f")


def _mm(value: Decimal | None, *, signed: bool = False) -> str:
    return "not evaluable" if value is None else f"{_signed(value) if signed else mm(value)} mm"


def _signed(value: Decimal) -> str:
    return f"+{mm(value)}" if value > 0 else mm(value)


def _names(labels: Sequence[str]) -> str:
    return ", ".join(labels)


def _target_words(one: Assessed, row: TimePointResponse) -> str:
    target, cited = one.target.response, one.target.rules
    named = _names(one.target.drivers)
    if target == CR:
        return "all targets gone" + (", nodes below normal size" if row.sum_mm else "")
    if "R11-20" in cited:
        return f"{named} returned after complete response"
    if target == NE and "R11-16" in cited:
        return f"sum grew from a nadir of 0 mm ({named}), which the protocol gives to manual review"
    if target == NE:
        return f"targets not evaluable ({named})" if named else "no target left to evaluate"
    if target == PD:
        return _growth(one, row)
    return _size(one, row)


def _size(one: Assessed, row: TimePointResponse) -> str:
    total, first = row.sum_mm, row.baseline_sum_mm
    text = f"sum {_mm(total)} against {_mm(first)} at baseline"
    if row.change_from_baseline_pct is not None:
        text += f" ({_signed(row.change_from_baseline_pct)} %)"
    if one.target.response == PR and "R11-17" in one.target.rules:
        return f"{text}, an established partial response continues"
    if one.target.response == SD:
        return f"{text}, {_mm(row.change_from_nadir_mm, signed=True)} from the nadir of {_mm(row.nadir_mm)}"
    return text


def _growth(one: Assessed, row: TimePointResponse) -> str:
    missing = one.reading.missing if one.reading is not None else ()
    shown = one.reading.partial_mm if one.reading is not None else None
    what = f"sum of the measured targets alone ({_names(missing)} missing)" if missing else "sum"
    text = f"{what} {_mm(shown)} is {_mm(row.change_from_nadir_mm)}"
    if row.change_from_nadir_pct is not None:
        text += f" (+{row.change_from_nadir_pct} %)"
    text += f" above the nadir of {_mm(row.nadir_mm)}"
    return f"{text}, by {_names(one.target.drivers)}"


def _non_target_words(one: Assessed) -> str:
    response, drivers = one.non_target.response, _names(one.non_target.drivers)
    if response == PD:
        what = "returned after complete response" if "R11-20" in one.non_target.rules else "unequivocally progressed"
        return f"non-target {drivers} {what}"
    return {
        CR: "non-targets gone",
        NON_CR_NON_PD: f"non-targets persist ({drivers})",
        NE: f"non-targets not all evaluated ({drivers})" if drivers else "non-targets not evaluated",
        NA: "",
    }[response]


def _new_words(one: Assessed) -> str:
    if one.new.status == YES:
        return f"new lesion {_names(one.new.unequivocal)}"
    if one.new.status == UNSURE:
        return f"equivocal new lesion {_names(one.new.drivers)} counts as none until confirmed"
    if one.new.status == NOT_ASSESSED:
        named = f" ({_names(one.new.drivers)})" if one.new.drivers else ""
        return f"new lesions not assessable{named}"
    return ""


def scope_words(scoped: Scoped, day: date | None) -> list[str]:
    """What the scope did to treated lesions, by the protocol's stated rule (SC-03, SC-04)."""
    words = []
    if scoped.left_out:
        words.append(f"left out of this scope: {_names(scoped.left_out)}")
    gone = [label for label, since in scoped.leaves_on.items() if day is not None and day >= since]
    if gone:
        words.append(f"{_names(gone)} left the scope when treated, the baseline sum still contains it")
    return words


def time_point(one: Assessed, row: TimePointResponse, scoped: Scoped) -> str:
    """The sentence of a follow-up row."""
    parts = [f"{row.overall}: "]
    deciding = [_WORDS[rule] for rule in row.rules if rule in _WORDS]
    findings = [text for text in (_target_words(one, row) if row.target != NA else "", _non_target_words(one)) if text]
    new = _new_words(one)
    if new:
        findings.append(new)
    if row.mixed and row.mixed != "none":
        findings.append(f"mixed response {row.mixed}")
    findings += scope_words(scoped, one.point.last_date)
    parts.append("; ".join([*deciding, *findings]) or "nothing to assess")
    return "".join(parts) + "."


def baseline(row: TimePointResponse, scoped: Scoped) -> str:
    """The sentence of the baseline row."""
    text = "Baseline, no targets in this scope"
    if row.sum_mm is not None:
        text = f"Baseline, sum {mm(row.sum_mm)} mm"
    return "; ".join([text, *scope_words(scoped, None)]) + "."


def best(result: BestResponse) -> str:
    """The sentence of a best response."""
    if result.confirmed and result.confirmation_date:
        text = f"{result.best} of {result.best_date}, confirmed on {result.confirmation_date}"
    elif result.best_date is not None:
        text = f"{result.best} of {result.best_date}"
    else:
        text = result.best
    if result.unconfirmed_best not in ("", result.best):
        text += f" (without confirmation {result.unconfirmed_best})"
    if result.progression_date is not None:
        text += f"; progression on {result.progression_date} by {result.progression_cause}"
    elif result.n_timepoints:
        text += "; no progression"
    return f"{text}; {result.n_timepoints} follow-up time point{'' if result.n_timepoints == 1 else 's'}."
