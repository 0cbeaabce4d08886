"""A protocol made ready for reads: its criteria in order, and which of them share the course of a scope."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from measure.criteria.mrecist import timepoint as mrecist
from measure.criteria.recist11.newlesion import NewLesionSizes
from measure.criteria.recist11.thresholds import Thresholds
from measure.protocol import Criterion, Protocol, Scope
from measure.rules import Rules

RECIST11, IRECIST, MRECIST = "recist11", "irecist", "mrecist"
STANDARDS = (RECIST11, IRECIST, MRECIST)


@dataclass(slots=True)
class Prepared:
    """One criterion of the plan; criteria with the same `share` see the same course."""

    criterion: Criterion
    scope: Scope
    rules: Rules
    thresholds: Thresholds
    sizes: NewLesionSizes
    share: int


@dataclass(slots=True)
class Plan:
    """A protocol made ready: its criteria in order. skipped: ids of criteria that are no response criteria."""

    criteria: list[Prepared]
    baseline: str
    visit_order: tuple[str, ...]
    missed_visits_censor: bool
    skipped: tuple[str, ...] = ()


def prepare(protocol: Protocol, criteria: Sequence[str] = (), scopes: Sequence[str] = ()) -> Plan:
    """Make a protocol ready; criteria and scopes name those wanted, empty means all.

    Criteria of standard `local-recurrence` are not responses and are listed as skipped.
    """
    prepared: list[Prepared] = []
    skipped: list[str] = []
    shares: dict[tuple[Scope, Rules, bool], int] = {}
    for criterion in protocol.criteria:
        if (criteria and criterion.id not in criteria) or (scopes and criterion.scope not in scopes):
            continue
        if criterion.standard not in STANDARDS:
            skipped.append(criterion.id)
            continue
        rules, scope = protocol.rules_of(criterion), protocol.scope(criterion.scope)
        viable = criterion.standard == MRECIST
        share = shares.setdefault((scope, rules, viable), len(shares))
        prepared.append(
            Prepared(
                criterion,
                scope,
                rules,
                mrecist.thresholds(rules) if viable else Thresholds.of(rules),
                mrecist.sizes(rules) if viable else NewLesionSizes(rules.new_lesion_nodal_min_mm),
                share,
            )
        )
    return Plan(
        prepared,
        protocol.baseline.timepoint,
        tuple(visit.id for visit in protocol.visit_list),
        protocol.censoring.missed_visits,
        tuple(skipped),
    )
