"""What one reader found of one subject: rows in, time points in order and lesions out.

A `Finding` is one row of findings.csv. `arrange` sorts rows into a `Read` and refuses what contradicts
itself; the order of the rows plays no part, except that the count issues name lesions in the order of entry.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from measure.refusal import Refused

TARGET, NON_TARGET, NEW, NEW_TARGET, NEW_NON_TARGET, VISIT = (
    "target",
    "non-target",
    "new",
    "new-target",
    "new-non-target",
    "visit",
)
NEW_ROLES = frozenset({NEW, NEW_TARGET, NEW_NON_TARGET})
ROLES = (TARGET, NON_TARGET, NEW, NEW_TARGET, NEW_NON_TARGET, VISIT)

MEASURED, TOO_SMALL, ABSENT, PRESENT, INCREASED = "measured", "too-small", "absent", "present", "increased"
PROGRESSED, EQUIVOCAL, NOT_EVALUABLE = "unequivocal-progression", "equivocal", "not-evaluable"
SPLIT, MERGED, RESECTED, ABLATED = "split", "merged", "resected", "ablated"
NOT_IMAGED, NODE_NORMAL = "not-imaged", "node-normal"
LESION_STATES = (
    MEASURED,
    TOO_SMALL,
    ABSENT,
    PRESENT,
    INCREASED,
    PROGRESSED,
    EQUIVOCAL,
    NOT_EVALUABLE,
    SPLIT,
    MERGED,
    RESECTED,
    ABLATED,
    NOT_IMAGED,
    NODE_NORMAL,
)
DONE, MISSED = "done", "missed"
VISIT_STATES = (DONE, MISSED)

_ANYWHERE = {
    MEASURED,
    TOO_SMALL,
    ABSENT,
    NOT_EVALUABLE,
    SPLIT,
    MERGED,
    RESECTED,
    ABLATED,
    NOT_IMAGED,
    NODE_NORMAL,
}
STATES_OF: dict[str, frozenset[str]] = {
    TARGET: frozenset(_ANYWHERE),
    NON_TARGET: frozenset(_ANYWHERE | {PRESENT, INCREASED, PROGRESSED}),
    NEW: frozenset(_ANYWHERE | {PRESENT, INCREASED, PROGRESSED, EQUIVOCAL}),
    NEW_TARGET: frozenset(_ANYWHERE | {PRESENT, INCREASED, PROGRESSED, EQUIVOCAL}),
    NEW_NON_TARGET: frozenset(_ANYWHERE | {PRESENT, INCREASED, PROGRESSED, EQUIVOCAL}),
    VISIT: frozenset(VISIT_STATES),
}
_SIZED = frozenset({MEASURED, SPLIT, NODE_NORMAL, ABLATED})  # states in which a diameter counts
TREATMENTS = ("ablation", "radiotherapy", "surgery")
QUALITIES = ("optimal", "readable", "not-readable")
COVERAGES = ("covered", "partly", "not-covered")

LYMPH_NODE = "lymph-node"


Day = date


class ContradictoryFinding(Refused):
    """A finding that cannot stand beside the others: which row, column and value, and what is expected."""

    def __init__(self, line: int, column: str, value: str, text: str) -> None:
        super().__init__(f"{line}: {column}: {value}: {text}")
        self.line, self.column, self.value, self.text = line, column, value, text


@dataclass(slots=True)
class Finding:
    """One lesion at one time point, or (role `visit`) the visit itself. Not changed once made.

    diameter_mm: the one that counts, exactly as written: longest, for a node the short axis, for mRECIST the
    longest viable diameter. line: row of the file it came from, 0 if none.
    """

    timepoint: str
    date: Day | None
    lesion: str
    role: str
    organ: str = ""
    nodal: bool = False
    state: str = MEASURED
    diameter_mm: Decimal | None = None
    treated: str = ""
    treated_date: Day | None = None
    slice_thickness_mm: Decimal | None = None
    split_from: str = ""
    merged_into: str = ""
    image_quality: str = ""
    non_target_coverage: str = ""
    new_lesion_coverage: str = ""
    reason: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """Dates of one subject that the images do not show; None has the default of the protocol."""

    reference_start_date: date | None = None
    subsequent_therapy_date: date | None = None
    resection_date: date | None = None
    procedure_date: date | None = None


NO_FACTS = SubjectFacts()


@dataclass(slots=True)
class Lesion:
    """What stays the same of a lesion over time, and the local treatments recorded for it (kind, date)."""

    label: str
    role: str
    organ: str
    nodal: bool
    entry: int
    first_seen: date
    line: int = 0
    treatments: list[tuple[str, date | None]] = field(default_factory=list)

    @property
    def organ_key(self) -> str:
        """The organ that counts for scopes and limits: nodes of all regions are one organ (R11-05, SC-02)."""
        return LYMPH_NODE if self.nodal else one_organ(self.organ)


_SIDES = re.compile(r"^(left|right)[- ]|[-, ]+(left|right)$")


def one_organ(organ: str) -> str:
    """Paired organs are one organ: `lung-left` and `right lung` are `lung` (R11-05)."""
    return _SIDES.sub("", organ.strip().lower())


@dataclass(slots=True)
class TimePoint:
    """One time point: the findings by lesion label, fragments by the lesion they split from, scan dates."""

    name: str
    found: dict[str, Finding] = field(default_factory=dict)
    fragments: dict[str, list[Finding]] = field(default_factory=dict)
    first_date: date | None = None
    last_date: date | None = None
    missed: bool = False
    non_targets_covered: bool = True
    new_lesions_covered: bool = True


@dataclass(slots=True)
class Read:
    """One reader's read of one subject: time points in order (baseline first), lesions in order of entry."""

    timepoints: list[TimePoint]
    lesions: dict[str, Lesion]

    @property
    def baseline(self) -> TimePoint:
        """The baseline time point."""
        return self.timepoints[0]


_DIGITS = re.compile(r"(\d+)")


def natural_key(label: str) -> tuple[tuple[int, int, str], ...]:
    """Sort T2 before T10."""
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in _DIGITS.split(label) if part)


def arrange(rows: Iterable[Finding], baseline: str = "BL", visit_order: Sequence[str] = ()) -> Read:
    """Sort the rows of one subject and reader into a read.

    baseline: name of the baseline time point. visit_order: the protocol's visits, in which an undated missed
    visit has its place; one that is not among them counts for nothing. Raises ContradictoryFinding.
    """
    timepoints: dict[str, TimePoint] = {}
    lesions: dict[str, Lesion] = {}
    for row in rows:
        point = timepoints.get(row.timepoint)
        if point is None:
            point = timepoints[row.timepoint] = TimePoint(row.timepoint)
        day = row.date
        if day is not None:
            if point.first_date is None or day < point.first_date:
                point.first_date = day
            if point.last_date is None or day > point.last_date:
                point.last_date = day
        if row.role == VISIT:
            _visit(point, row)
        else:
            _enter(point, row, lesions)
    for point in timepoints.values():
        first = next(iter(point.found.values()), None)
        if point.missed and first is not None:
            raise ContradictoryFinding(
                first.line, "timepoint", point.name, "has findings, but its visit row says that it was missed"
            )
    ordered = _in_order(timepoints, baseline, visit_order)
    _check_references(ordered, lesions)
    _check_baseline(ordered[0], lesions)
    return Read(ordered, lesions)


def _visit(point: TimePoint, row: Finding) -> None:
    if row.state == MISSED:
        point.missed = True
    if row.non_target_coverage == "not-covered":
        point.non_targets_covered = False
    if row.new_lesion_coverage == "not-covered" or row.image_quality == "not-readable":
        point.new_lesions_covered = False


def _enter(point: TimePoint, row: Finding, lesions: dict[str, Lesion]) -> None:
    label = row.lesion
    if label in point.found or any(label == one.lesion for pieces in point.fragments.values() for one in pieces):
        raise ContradictoryFinding(row.line, "lesion", label, f"two findings of it at time point {row.timepoint}")
    if row.date is None:
        raise ContradictoryFinding(row.line, "date", "", "is empty, expected the date of the scan")
    if row.state not in STATES_OF[row.role]:
        raise ContradictoryFinding(
            row.line,
            "state",
            row.state,
            f"not a state of a {row.role} lesion, expected {' '.join(sorted(STATES_OF[row.role]))}",
        )
    if row.state == NODE_NORMAL and not row.nodal:
        raise ContradictoryFinding(row.line, "state", row.state, f"{label} is no node (nodal is no)")
    if row.merged_into == label:
        raise ContradictoryFinding(row.line, "merged_into", label, "a lesion cannot have merged into itself")
    if row.split_from:
        point.fragments.setdefault(row.split_from, []).append(row)
        return
    point.found[label] = row
    lesion = lesions.get(label)
    if lesion is None:
        lesion = lesions[label] = Lesion(label, row.role, row.organ, row.nodal, len(lesions), row.date, row.line)
    elif lesion.role != row.role:
        raise ContradictoryFinding(row.line, "role", row.role, f"{label} is {lesion.role} elsewhere")
    elif lesion.nodal != row.nodal:
        raise ContradictoryFinding(
            row.line, "nodal", "yes" if row.nodal else "no", f"{label} is the contrary elsewhere"
        )
    elif lesion.organ != row.organ:
        raise ContradictoryFinding(row.line, "organ", row.organ, f"{label} is in {lesion.organ!r} elsewhere")
    lesion.first_seen = min(lesion.first_seen, row.date)
    if row.treated or row.state in (RESECTED, ABLATED):
        kind = row.treated or ("surgery" if row.state == RESECTED else "ablation")
        treatment = (kind, row.treated_date or row.date)
        if treatment not in lesion.treatments:
            lesion.treatments.append(treatment)


def _in_order(timepoints: dict[str, TimePoint], baseline: str, visit_order: Sequence[str]) -> list[TimePoint]:
    start = timepoints.get(baseline)
    if start is None or start.first_date is None or start.last_date is None:
        line = min((row.line for point in timepoints.values() for row in point.found.values()), default=0)
        raise ContradictoryFinding(line, "timepoint", baseline, "there is no dated baseline of this subject")
    dated = []
    for point in timepoints.values():
        if point is start or point.first_date is None:
            continue
        if point.first_date <= start.last_date:
            line = next((row.line for row in point.found.values() if row.date == point.first_date), 0)
            if point.first_date < start.first_date:
                text = f"{point.name} lies before the baseline of {start.first_date}"
            else:
                text = f"{point.name} does not lie after the baseline, whose last scan is of {start.last_date}"
            raise ContradictoryFinding(line, "date", str(point.first_date), text)
        dated.append((point.first_date, natural_key(point.name), point))
    dated.sort(key=lambda one: one[:2])
    ordered = [start, *(point for _, _, point in dated)]
    place = {name: number for number, name in enumerate(visit_order)}
    undated = sorted(
        (p for p in timepoints.values() if p.first_date is None and p.name in place),
        key=lambda p: place[p.name],
    )
    for point in undated:
        where = next(
            (n for n, other in enumerate(ordered) if place.get(other.name, -1) > place[point.name]),
            len(ordered),
        )
        ordered.insert(where, point)
    return ordered


def _check_references(ordered: list[TimePoint], lesions: dict[str, Lesion]) -> None:
    for point in ordered:
        for pieces in point.fragments.values():
            for row in pieces:
                if row.split_from not in lesions:
                    raise ContradictoryFinding(row.line, "split_from", row.split_from, "there is no such lesion")
        for row in point.found.values():
            if row.merged_into and row.merged_into not in lesions:
                raise ContradictoryFinding(row.line, "merged_into", row.merged_into, "there is no such lesion")


def _has_size(row: Finding | None, fragments: Sequence[Finding]) -> bool:
    """Say whether a target has a diameter that counts: its own, or those of all its fragments (R11-08)."""
    if fragments and (row is None or row.state == SPLIT):
        return all(_has_size(one, ()) for one in fragments)
    if row is None:
        return False
    return row.state == TOO_SMALL or (row.diameter_mm is not None and row.state in _SIZED)


def _check_baseline(start: TimePoint, lesions: dict[str, Lesion]) -> None:
    for lesion in lesions.values():
        row = start.found.get(lesion.label)
        if lesion.role in NEW_ROLES:
            if row is not None:
                raise ContradictoryFinding(row.line, "role", row.role, f"{row.lesion} cannot be new at baseline")
        elif lesion.role == TARGET and not _has_size(row, start.fragments.get(lesion.label, [])):
            raise ContradictoryFinding(
                row.line if row else lesion.line,
                "lesion",
                lesion.label,
                "a target must be measured at baseline",
            )
