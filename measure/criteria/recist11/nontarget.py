"""Non-target lesions of RECIST 1.1: the reader's words, never a number (Eisenhauer 2009, 4.3.3 to 4.3.4).

Rules R11-21 to R11-24, R11-20 for a lesion that returns after overall CR.
"""

from __future__ import annotations

from dataclasses import dataclass

from measure.criteria.findings import (
    ABLATED,
    ABSENT,
    INCREASED,
    MERGED,
    NODE_NORMAL,
    NOT_EVALUABLE,
    NOT_IMAGED,
    PROGRESSED,
    RESECTED,
    Lesion,
    TimePoint,
)
from measure.criteria.recist11.target import in_scope_now, own_value
from measure.criteria.scopes import Scoped
from measure.criteria.table import CR, NA, NE, NON_CR_NON_PD, PD
from measure.rules import Rules

GONE, PERSISTS, WORSE, UNKNOWN = "gone", "persists", "worse", "unknown"
_NOT_SEEN = frozenset({NOT_EVALUABLE, NOT_IMAGED, RESECTED, ABLATED})


@dataclass(slots=True)
class NonTargetResponse:
    """The non-target response of one time point.

    progressed and increased: labels the reader named so; unknown: labels that could not be evaluated.
    """

    response: str
    rules: tuple[str, ...]
    drivers: tuple[str, ...]
    progressed: tuple[str, ...] = ()
    increased: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


NO_NON_TARGETS = NonTargetResponse(NA, (), ())


def status(lesion: Lesion, point: TimePoint, scoped: Scoped, rules: Rules) -> str:
    """What has become of one non-target lesion: gone, persists, worse or unknown."""
    row = point.found.get(lesion.label)
    if row is None or row.state in _NOT_SEEN:
        return UNKNOWN
    since = scoped.unusable_from.get(lesion.label)
    if since is not None and row.date is not None and row.date >= since:
        return UNKNOWN
    state = row.state
    if state == PROGRESSED:
        return WORSE
    if not point.non_targets_covered:
        return UNKNOWN
    if state in (ABSENT, NODE_NORMAL, MERGED):
        return GONE
    if lesion.nodal:  # R11-21: a node is gone when its short axis is normal, also one too small to measure
        short_axis = own_value(row, rules) if row.diameter_mm is None else row.diameter_mm
        if short_axis is not None and short_axis < rules.nodal_normal_below_mm:
            return GONE
    return PERSISTS


def non_target_response(point: TimePoint, scoped: Scoped, rules: Rules, *, cleared: bool) -> NonTargetResponse:
    """The non-target response of one time point; cleared: overall CR was reached before."""
    worse: list[str] = []
    back: list[str] = []
    unknown: list[str] = []
    persisting: list[str] = []
    increased: list[str] = []
    lesions = in_scope_now(scoped.non_targets, point, scoped)
    for lesion in lesions:
        what = status(lesion, point, scoped, rules)
        if what == WORSE:
            worse.append(lesion.label)
        elif what == UNKNOWN:
            unknown.append(lesion.label)
        elif what == PERSISTS:
            persisting.append(lesion.label)
            if point.found[lesion.label].state == INCREASED:
                increased.append(lesion.label)
            if cleared and not lesion.nodal:  # a node only if unequivocally progressed
                back.append(lesion.label)
    response, rule, drivers = _response(worse, back, unknown, persisting, len(lesions), rules)
    return NonTargetResponse(response, (rule,), tuple(drivers), tuple(worse or back), tuple(increased), tuple(unknown))


def _response(
    worse: list[str], back: list[str], unknown: list[str], persisting: list[str], count: int, rules: Rules
) -> tuple[str, str, list[str]]:
    """The response, its rule and the lesions behind it, in the order in which they win."""
    if worse:
        return PD, "R11-23", worse
    if back:
        return PD, "R11-20", back
    # all unknown, or all gone from the scope by treatment, is never a complete response
    if (unknown and rules.non_target_some_missing == "ne") or len(unknown) == count:
        return NE, "R11-24", unknown
    if persisting:
        return NON_CR_NON_PD, "R11-22", persisting
    return CR, "R11-21", []
