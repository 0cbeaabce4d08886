"""One sentence a response, from the trace, the numbers and the driver lesions; nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from measure.criteria.course import Assessed
from measure.criteria.results import BestResponse, TimePointResponse
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
    if total is None or first is None:
        return f"targets {one.target.response}"
    text = f"sum {mm(total)} mm against {mm(first)} mm at baseline"
    if row.change_from_baseline_pct is not None:
        text += f" ({_signed(row.change_from_baseline_pct)} %)"
    if one.target.response == PR and "R11-17" in one.target.rules:
        return f"{text}, an established partial response continues"
    if one.target.response == SD and row.change_from_nadir_mm is not None and row.nadir_mm is not None:
        return f"{text}, {_signed(row.change_from_nadir_mm)} mm from the nadir of {mm(row.nadir_mm)} mm"
    return text


def _growth(one: Assessed, row: TimePointResponse) -> str:
    reading, nadir = one.reading, row.nadir_mm
    if reading is None or nadir is None:
        return "targets progressed"
    what = "sum"
    if reading.sum_mm is None:
        what = f"sum of the measured targets alone ({_names(reading.missing)} missing)"
    text = f"{what} {mm(reading.partial_mm)} mm is {mm(reading.partial_mm - nadir)} mm"
    if row.change_from_nadir_pct is not None:
        text += f" (+{row.change_from_nadir_pct} %)"
    text += f" above the nadir of {mm(nadir)} mm"
    return f"{text}, by {_names(one.target.drivers)}" if one.target.drivers else text


def _non_target_words(one: Assessed) -> str:
    response, drivers = one.non_target.response, _names(one.non_target.drivers)
    if response == PD:
        what = (
            "returned after complete response"
            if "R11-20" in one.non_target.rules
            else "unequivocally progressed"
        )
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


def time_point(one: Assessed, row: TimePointResponse, left_out: Sequence[str]) -> str:
    """The sentence of a follow-up row."""
    parts = [f"{row.overall}: "]
    deciding = [_WORDS[rule] for rule in row.rules if rule in _WORDS]
    findings = [
        text for text in (_target_words(one, row) if row.target != NA else "", _non_target_words(one)) if text
    ]
    new = _new_words(one)
    if new:
        findings.append(new)
    if row.mixed and row.mixed != "none":
        findings.append(f"mixed response {row.mixed}")
    if left_out:
        findings.append(f"left out of this scope: {_names(left_out)}")
    parts.append("; ".join([*deciding, *findings]) or "nothing to assess")
    return "".join(parts) + "."


def baseline(row: TimePointResponse, left_out: Sequence[str]) -> str:
    """The sentence of the baseline row."""
    text = (
        f"Baseline, sum {mm(row.sum_mm)} mm"
        if row.sum_mm is not None
        else "Baseline, no targets in this scope"
    )
    return f"{text}; left out of this scope: {_names(left_out)}." if left_out else f"{text}."


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
