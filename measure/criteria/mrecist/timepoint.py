"""mRECIST on the course of RECIST 1.1: viable diameters, other thresholds, other sizes of new lesions.

Diameters are of the viable (arterially enhancing) part and `absent` means no enhancement left (HC-01, HC-02),
so sums, nadir and Table 1 are those of RECIST 1.1 (HC-04). The 2010 table asks for +20 % alone (HC-03).
"""

from __future__ import annotations

from measure.criteria.recist11.newlesion import NewLesionSizes
from measure.criteria.recist11.thresholds import Thresholds
from measure.rules import Rules

CITED = {
    "R11-14": "HC-02",
    "R11-15": "HC-02",
    "R11-16": "HC-02",
    "R11-21": "HC-04",
    "R11-22": "HC-04",
    "R11-25": "HC-05",
}
"""Where mRECIST has a rule of its own for what RECIST 1.1 decided."""


def thresholds(rules: Rules) -> Thresholds:
    """HC-02, HC-03: -30 %, +20 %, and an absolute minimum only where the protocol sets one (D27)."""
    return Thresholds.of(rules, mrecist=True)


def sizes(rules: Rules) -> NewLesionSizes:
    """HC-05: a new lesion counts from 10 mm, a node from 15 mm; a smaller one stays equivocal until it grows."""
    return NewLesionSizes(max(rules.new_lesion_nodal_min_mm, rules.nodal_target_min_mm), rules.measurability_min_mm)


def cite(rules: tuple[str, ...]) -> tuple[str, ...]:
    """The identifiers of a time point in the words of mRECIST."""
    return tuple(dict.fromkeys(CITED.get(rule, rule) for rule in rules))
