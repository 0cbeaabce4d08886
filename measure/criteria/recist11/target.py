"""Target lesions of RECIST 1.1: values of one time point, their sum, and the target response.

Eisenhauer 2009, 3.2 and 4.3.1 to 4.3.2; rules R11-07 to R11-20, R11-40. Sums and diameters are mm, exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from measure.criteria.findings import (
    ABLATED,
    ABSENT,
    MEASURED,
    MERGED,
    NODE_NORMAL,
    SPLIT,
    TOO_SMALL,
    Finding,
    Lesion,
    TimePoint,
)
from measure.criteria.recist11.thresholds import ZERO, Thresholds
from measure.criteria.scopes import Scoped
from measure.criteria.table import CR, NA, NE, PD, PR, SD
from measure.rules import Rules

ARITHMETIC, CLEAR = "arithmetic", "cr"


@dataclass(slots=True)
class TargetReading:
    """The targets at one time point.

    values: label -> mm, None where not evaluable (never 0, never carried).
    sum_mm: of all targets, None when one is missing. partial_mm: of those measured. all_normal: R11-14.
    merged: labels that count 0 because they grew into another lesion; they have neither gone nor shrunk
    (R11-11). present: labels seen (non-nodal of any size, nodes of pathological size), for reappearance
    (R11-20).
    """

    values: dict[str, Decimal | None]
    sum_mm: Decimal | None
    partial_mm: Decimal
    all_normal: bool
    present: tuple[str, ...]
    missing: tuple[str, ...]
    merged: frozenset[str]
    rules: tuple[str, ...]


@dataclass(slots=True)
class TargetResponse:
    """The target response of one time point, the rules that decided it and the lesions that drove it."""

    response: str
    rules: tuple[str, ...]
    drivers: tuple[str, ...]


NO_TARGETS = TargetResponse(NA, (), ())
_SPLIT_OR_MERGED = "R11-11"


def _split_sum(pieces: Sequence[Finding], rules: Rules) -> Decimal | None:
    """R11-11: the fragments of a split lesion are added.

    One that cannot be evaluated makes the sum unknown.
    """
    total = ZERO
    for piece in pieces:
        value = own_value(piece, rules)
        if value is None:
            return None
        total += value
    return total


def own_value(row: Finding, rules: Rules) -> Decimal | None:
    """The mm a row puts into a sum, None if it is not evaluable.

    Absent and merged are 0 by the reader's word.
    """
    state = row.state
    if state in (MEASURED, NODE_NORMAL):
        return row.diameter_mm
    if state in (ABSENT, MERGED):
        return ZERO
    if state == TOO_SMALL:  # R11-10: a value that could be measured wins over the default
        return rules.too_small_default_mm if row.diameter_mm is None else row.diameter_mm
    if state in (SPLIT, ABLATED):  # split without fragments on record; a zone that the protocol keeps
        return row.diameter_mm
    return None


def lesion_value(lesion: Lesion, point: TimePoint, scoped: Scoped, rules: Rules) -> Decimal | None:
    """The value of one lesion at one time point in mm, None if it is not evaluable (R11-09 to R11-12, R11-19)."""
    row = point.found.get(lesion.label)
    pieces = point.fragments.get(lesion.label)
    if row is None and not pieces:
        return None
    since = scoped.unusable_from.get(lesion.label)
    if since is not None:
        day = row.date if row is not None else point.first_date
        if day is not None and day >= since:  # R11-40: from the treatment on
            return None
    if pieces and (row is None or row.state == SPLIT):
        return _split_sum(pieces, rules)
    return None if row is None else own_value(row, rules)


def in_scope_now(lesions: Sequence[Lesion], point: TimePoint, scoped: Scoped) -> Sequence[Lesion]:
    """The lesions still in the scope at this time point; differs only where treated ones leave it (D16)."""
    if not scoped.leaves_on:
        return lesions
    kept = []
    for lesion in lesions:
        left = scoped.leaves_on.get(lesion.label)
        row = point.found.get(lesion.label)
        day = row.date if row is not None else point.first_date
        if left is None or day is None or day < left:
            kept.append(lesion)
    return kept


def read_targets(point: TimePoint, scoped: Scoped, rules: Rules) -> TargetReading:
    """Values and sum of the targets of a scope at one time point."""
    values: dict[str, Decimal | None] = {}
    total, complete, all_normal = ZERO, True, True
    present: list[str] = []
    missing: list[str] = []
    cited: list[str] = []
    merged: list[str] = []
    for lesion in in_scope_now(scoped.targets, point, scoped):
        label = lesion.label
        value = values[label] = lesion_value(lesion, point, scoped, rules)
        if value is None:
            complete = all_normal = False
            missing.append(label)
            continue
        total += value
        row = point.found.get(label)
        if row is not None and row.state == TOO_SMALL:
            cited.append("R11-10")
        elif row is not None and row.state == MERGED:
            cited.append(_SPLIT_OR_MERGED)
            merged.append(label)
        elif label in point.fragments:
            cited.append(_SPLIT_OR_MERGED)
        if value >= rules.nodal_normal_below_mm if lesion.nodal else value > 0:
            all_normal = False
            present.append(label)
    if not values:  # every target has left the scope by treatment
        complete = all_normal = False
    return TargetReading(
        values,
        total if complete else None,
        total,
        all_normal,
        tuple(present),
        tuple(missing),
        frozenset(merged),
        tuple(cited),
    )


@dataclass(slots=True)
class Before:
    """What earlier time points mean for the target response of this one; sums in mm."""

    baseline: TargetReading
    baseline_sum: Decimal
    nadir: Decimal
    nadir_values: dict[str, Decimal | None]
    responding: bool  # an established PR (R11-17)


def target_response(
    now: TargetReading, before: Before, thresholds: Thresholds, rules: Rules, *, cleared: bool
) -> TargetResponse:
    """R11-18, in its order: all normal, reappearance, progression, partial response, continuing response, stable.

    cleared: overall CR was reached before (confirmed where the rules ask for it).
    """
    total = now.sum_mm
    progressed = _progressed(now, before, thresholds, rules)
    if now.all_normal and not (progressed and rules.nodal_all_normal == ARITHMETIC):
        return TargetResponse(CR, ("R11-14",), ())
    if cleared and now.present:
        return TargetResponse(PD, ("R11-20",), now.present)
    if not before.nadir and now.present and rules.nadir_zero == "review":  # D31
        return TargetResponse(NE, ("R11-16",), now.present)
    if progressed:
        cited = ("R11-16",) if total is not None else ("R11-16", "R11-19")
        return TargetResponse(PD, cited, _larger(now, before.nadir_values))
    if total is None:
        return TargetResponse(NE, ("R11-19",), now.missing)
    if thresholds.shrunk(total, before.baseline_sum):
        return TargetResponse(PR, ("R11-15",), _smaller(now, before.baseline.values))
    if before.responding and rules.pr_continues:
        return TargetResponse(PR, ("R11-17",), ())
    return TargetResponse(SD, ("R11-17",), ())


def _progressed(now: TargetReading, before: Before, thresholds: Thresholds, rules: Rules) -> bool:
    if now.sum_mm is not None:
        return thresholds.grown(now.sum_mm, before.nadir)
    # R11-19: what was measured may already prove progression; shrinkage it can never prove
    return rules.not_evaluable_partial_pd and thresholds.grown(now.partial_mm, before.nadir)


def _larger(now: TargetReading, then: dict[str, Decimal | None]) -> tuple[str, ...]:
    return tuple(
        label for label, value in now.values.items() if value is not None and value > (then.get(label) or ZERO)
    )


def _smaller(now: TargetReading, then: dict[str, Decimal | None]) -> tuple[str, ...]:
    return tuple(
        label
        for label, value in now.values.items()
        if value is not None and label not in now.merged and value < (then.get(label) or ZERO)
    )
