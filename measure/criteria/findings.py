"""What one reader found of one subject: rows in, time points in order and lesions out.

A `Finding` is one row of findings.csv; `arrange.py` sorts rows into a `Read`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

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
SIZED = frozenset({MEASURED, SPLIT, NODE_NORMAL, ABLATED})  # states in which a diameter counts
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
    treatments: list[tuple[str, date]] = field(default_factory=list)

    @property
    def organ_key(self) -> str:
        """The organ that counts for scopes and limits: nodes of all regions are one organ (R11-05, SC-02)."""
        return LYMPH_NODE if self.nodal else one_organ(self.organ)


_SIDES = re.compile(r"^(left|right)[- ]|[-, ]+(left|right)$")


@lru_cache(1024)
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


@lru_cache(4096)
def natural_key(label: str) -> tuple[tuple[int, int, str], ...]:
    """Sort T2 before T10."""
    return tuple((1, int(part), "") if part.isdigit() else (0, 0, part) for part in _DIGITS.split(label) if part)
