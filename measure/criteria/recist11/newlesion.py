"""New lesions (Eisenhauer 2009, 4.3.5): unequivocal, equivocal, none; when each was first seen.

Rules R11-25 to R11-28; the protocol decides D12 to D14.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from measure.criteria.findings import (
    ABLATED,
    ABSENT,
    EQUIVOCAL,
    INCREASED,
    MEASURED,
    MERGED,
    NEW_NON_TARGET,
    NODE_NORMAL,
    NOT_EVALUABLE,
    NOT_IMAGED,
    RESECTED,
    SPLIT,
    TOO_SMALL,
    Finding,
    Lesion,
    TimePoint,
)
from measure.criteria.recist11.target import lesion_value, own_value
from measure.criteria.scopes import Scoped
from measure.criteria.table import NO, NOT_ASSESSED, UNSURE, YES
from measure.rules import Rules

_NOT_SEEN = frozenset({NOT_EVALUABLE, NOT_IMAGED, RESECTED, ABLATED})
_SIZED = frozenset({MEASURED, TOO_SMALL, SPLIT})


@dataclass(frozen=True, slots=True)
class NewLesionSizes:
    """From which size (mm) a new lesion counts: nodes (R11-28), and for mRECIST all others (HC-05), else None."""

    nodal_min_mm: Decimal
    other_min_mm: Decimal | None = None


@dataclass(slots=True)
class NewLesionStatus:
    """New lesions at one time point.

    unequivocal, unsure, unknown: labels by what was seen now. fresh: unequivocal for the first time, or again
    after the lesion had gone (IR-11: one more).
    onsets: of the fresh ones, the date of the first scan that showed them (R11-26).
    sizes: mm of the known new targets, 0 when gone, None when not evaluable. increased: labels the reader calls
    larger.
    """

    status: str
    rules: tuple[str, ...]
    unequivocal: tuple[str, ...]
    fresh: tuple[str, ...]
    onsets: dict[str, date]
    sizes: dict[str, Decimal | None]
    increased: tuple[str, ...]
    unsure: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def drivers(self) -> tuple[str, ...]:
        """The lesions behind the status."""
        return self.unequivocal or self.unsure or self.unknown

    def still_there(self, known: Set[str]) -> bool:
        """Say whether one of the known new lesions is there or may be: it was not seen to have gone."""
        return any(label in known for label in (*self.unequivocal, *self.unsure, *self.unknown))


@dataclass(slots=True)
class NewLesionHistory:
    """What is known of new lesions from earlier time points.

    suspected_on: first equivocal sighting. known: was unequivocal. gone: known and then absent.
    """

    suspected_on: dict[str, date] = field(default_factory=dict)
    known: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)


NOTHING_NEW = NewLesionStatus(NO, (), (), (), {}, {}, ())


def _seen(lesion: Lesion, row: Finding, sizes: NewLesionSizes, rules: Rules) -> str:
    state = row.state
    if state in _NOT_SEEN:
        return NOT_ASSESSED
    if state in (ABSENT, MERGED, NODE_NORMAL):
        return NO
    if state == EQUIVOCAL:
        return UNSURE
    size = own_value(row, rules) if state in _SIZED else row.diameter_mm
    if size is not None:
        if lesion.nodal:
            return YES if size >= sizes.nodal_min_mm else NO
        if sizes.other_min_mm is not None and size < sizes.other_min_mm:
            return UNSURE
    return YES


def _judged(lesion: Lesion, row: Finding, scoped: Scoped, sizes: NewLesionSizes, rules: Rules) -> str:
    """What a row says of a new lesion; after its own local treatment nothing (R11-40)."""
    since = scoped.unusable_from.get(lesion.label)
    if since is not None and row.date is not None and row.date >= since:
        return NOT_ASSESSED
    return _seen(lesion, row, sizes, rules)


def later_confirmed(
    timepoints: Sequence[TimePoint], scoped: Scoped, sizes: NewLesionSizes, rules: Rules
) -> frozenset[tuple[str, str]]:
    """D12 `rewrite`: time point and label of equivocal lesions that a later scan shows to be new."""
    found: set[tuple[str, str]] = set()
    for lesion in scoped.new:
        suspected: list[str] = []
        for point in timepoints:
            row = point.found.get(lesion.label)
            what = NOT_ASSESSED if row is None else _judged(lesion, row, scoped, sizes, rules)
            if what == UNSURE:
                suspected.append(point.name)
            elif what == YES:
                found.update((name, lesion.label) for name in suspected)
                break
            elif what == NO:
                suspected.clear()
    return frozenset(found)


def new_lesions(
    point: TimePoint,
    scoped: Scoped,
    rules: Rules,
    sizes: NewLesionSizes,
    history: NewLesionHistory,
    rewritten: frozenset[tuple[str, str]] = frozenset(),
) -> NewLesionStatus:
    """The new-lesion status of one time point; the history is brought forward.

    A new lesion already known that has no row, or none that shows it, is not assessed: it is never taken for
    gone.
    """
    if not scoped.new:
        if point.new_lesions_covered:
            return NOTHING_NEW
        return NewLesionStatus(NOT_ASSESSED, ("R11-27",), (), (), {}, {}, ())
    unequivocal: list[str] = []
    fresh: list[str] = []
    unsure: list[str] = []
    unknown: list[str] = []
    increased: list[str] = []
    onsets: dict[str, date] = {}
    measured: dict[str, Decimal | None] = {}
    nodal = False
    for lesion in scoped.new:
        label = lesion.label
        row = point.found.get(label)
        if row is None:
            if label in history.known:
                unknown.append(label)
                measured[label] = None
            continue
        what = YES if (point.name, label) in rewritten else _judged(lesion, row, scoped, sizes, rules)
        if what == YES:
            unequivocal.append(label)
            nodal = nodal or lesion.nodal
            if (label not in history.known or label in history.gone) and row.date is not None:
                fresh.append(label)
                history.known.add(label)
                history.gone.discard(label)
                onsets[label] = history.suspected_on.get(label, row.date)
            if row.state == INCREASED:
                increased.append(label)
        elif what == UNSURE and row.date is not None:
            unsure.append(label)
            history.suspected_on.setdefault(label, row.date)
        elif what == NO:
            history.suspected_on.pop(label, None)  # it had gone: what comes later is another sighting
            if row.state == ABSENT:
                history.gone.add(label)
        else:
            unknown.append(label)
        sized = row.state in _SIZED or what in (NO, NOT_ASSESSED)
        if sized and label in history.known and lesion.role != NEW_NON_TARGET:
            measured[label] = lesion_value(lesion, point, scoped, rules)
    status, cited = _status(unequivocal, unsure, unknown, nodal=nodal, covered=point.new_lesions_covered)
    return NewLesionStatus(
        status,
        cited,
        tuple(unequivocal),
        tuple(fresh),
        onsets,
        measured,
        tuple(increased),
        tuple(unsure),
        tuple(unknown),
    )


def _status(
    unequivocal: Sequence[str], unsure: Sequence[str], unknown: Sequence[str], *, nodal: bool, covered: bool
) -> tuple[str, tuple[str, ...]]:
    if unequivocal:
        return YES, (("R11-25", "R11-28") if nodal else ("R11-25",))
    if unsure:
        return UNSURE, ("R11-26",)
    if unknown or not covered:
        return NOT_ASSESSED, ("R11-27",)
    return NO, ()
