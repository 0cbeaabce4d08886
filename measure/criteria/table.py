"""Tables of the publications as data: rows of conditions and what they say, without a gap or a contradiction.

Rows may overlap but must never disagree; a table with a gap or a contradiction cannot be built.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

CR, PR, SD, PD, NE, NA = "CR", "PR", "SD", "PD", "NE", "NA"
NON_CR_NON_PD = "NON-CR/NON-PD"

YES, NO, UNSURE, NOT_ASSESSED = "yes", "no", "equivocal", "not-evaluable"
"""The new-lesion column; in the tables an equivocal or not assessed new lesion counts as none (R11-26, D14)."""

TARGETS = (CR, PR, SD, PD, NE)
NON_TARGETS = (CR, NON_CR_NON_PD, PD, NE, NA)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: which target, non-target and new-lesion states it covers, and the overall response it gives."""

    rule: str
    target: Iterable[str]
    non_target: Iterable[str]
    new_lesion: Iterable[bool]
    overall: str


Table = dict[tuple[str, str, bool], tuple[str, str]]
"""(target, non-target, new lesion) -> (overall, rule)."""


def read_table(rows: Iterable[Row], targets: Iterable[str], non_targets: Iterable[str]) -> Table:
    """The table with an answer for each combination; raises ValueError for a gap or a contradiction."""
    table: Table = {}
    listed = list(rows)
    for state in product(targets, non_targets, (False, True)):
        target, non_target, new = state
        found = [
            row for row in listed if target in row.target and non_target in row.non_target and new in row.new_lesion
        ]
        says = {row.overall for row in found}
        if len(says) != 1:
            raise ValueError(f"{state}: the table says {sorted(says) or 'nothing'}")
        table[state] = (found[0].overall, found[0].rule)
    return table
