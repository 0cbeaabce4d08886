"""Scopes: which lesions count, and what local treatment makes of them (SC-01 to SC-06, R11-40, AB-06).

A scope filters lesions, at baseline and follow-up alike; the full rules then run on what remains. Lesions
treated on study follow `treated.handling` in scopes that keep them: not evaluable from the treatment on, left
out for the whole study, or kept as measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from measure.criteria.findings import NEW_ROLES, TARGET, Lesion, Read, natural_key
from measure.protocol import Scope
from measure.rules import Rules


@dataclass(slots=True)
class Scoped:
    """The lesions of a read that count in a scope, in natural order of their labels.

    unusable_from: from this date the lesion is not evaluable (treated on study). leaves_on: from this date it
    has left the scope, while the baseline still contains it (`scope.treated_exclusion = "from-treatment"`).
    left_out: labels that do not count because they were treated. rules: identifiers behind all this.
    """

    targets: list[Lesion]
    non_targets: list[Lesion]
    new: list[Lesion]
    unusable_from: dict[str, date]
    leaves_on: dict[str, date]
    left_out: tuple[str, ...]
    rules: tuple[str, ...]


def in_organs(lesion: Lesion, scope: Scope) -> bool:
    """SC-02: the organ filter; a node is extrahepatic whatever its station."""
    organ = lesion.organ_key
    included = "*" in scope.include_organs or organ in scope.include_organs
    return included and organ not in scope.exclude_organs


def treated_on(lesion: Lesion, rules: Rules) -> date | None:
    """Date of the first local treatment of a kind that counts (`treated.kinds`), None if untreated."""
    return min((day for kind, day in lesion.treatments if kind in rules.treated_kinds), default=None)


def _new_lesion_counts(treated: bool, scope: Scope, rules: Rules) -> bool:
    """SC-04, D16: new lesions at a treated zone are recurrences there, in or out by the protocol's word."""
    which = scope.new_lesions
    if scope.exclude_treated and which == "all" and rules.ablation_recurrence_in_untreated_scope == "exclude":
        which = "outside-treated-zone"
    return (
        which == "all" or (which == "outside-treated-zone" and not treated) or (which == "at-treated-zone" and treated)
    )


def select(read: Read, scope: Scope, rules: Rules) -> Scoped:
    """The lesions of the read that count in this scope under these rules."""
    scoped = Scoped([], [], [], {}, {}, (), ())
    left_out: list[str] = []
    cited: set[str] = set()
    # the dates of the baseline are there: arrange() refuses a read without
    start = read.baseline.first_date or date.min
    after_baseline = (read.baseline.last_date or date.min) + timedelta(days=1)
    for lesion in sorted(read.lesions.values(), key=lambda one: natural_key(one.label)):
        if not in_organs(lesion, scope):
            continue
        day = treated_on(lesion, rules)
        if lesion.role in NEW_ROLES:
            at_zone = day is not None and day <= lesion.first_seen
            if _new_lesion_counts(at_zone, scope, rules):
                scoped.new.append(lesion)
                if day is not None and not at_zone and rules.treated_handling != "keep":
                    scoped.unusable_from[lesion.label] = day  # it was new, and was treated later
            else:
                left_out.append(lesion.label)
                cited.add("SC-04")
            continue
        if scope.only_treated and day is None:
            continue
        if day is not None and not _baseline_lesion_counts(lesion, day, start, scope, rules, scoped, cited):
            left_out.append(lesion.label)
            continue
        if lesion.role == TARGET:
            scoped.targets.append(lesion)
        else:
            scoped.non_targets.append(lesion)
    for since in (scoped.unusable_from, scoped.leaves_on):  # the baseline scan itself always counts
        since.update((label, max(day, after_baseline)) for label, day in since.items())
    scoped.left_out = tuple(left_out)
    scoped.rules = tuple(sorted(cited))
    return scoped


def _baseline_lesion_counts(
    lesion: Lesion, day: date, start: date, scope: Scope, rules: Rules, scoped: Scoped, cited: set[str]
) -> bool:
    if scope.exclude_treated:
        cited.add("SC-03")
        if rules.scope_treated_exclusion == "whole-study" or day < start:
            return False
        scoped.leaves_on[lesion.label] = day
        return True
    if day < start or rules.treated_handling == "keep":  # treated before the study, or the zone is kept
        return True
    cited.add("R11-40")
    if rules.treated_handling == "exclude":
        return False
    scoped.unusable_from[lesion.label] = day
    return True
