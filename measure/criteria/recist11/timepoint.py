"""RECIST 1.1, Tables 1 and 2: overall response of one time point (Eisenhauer 2009, 4.4; R11-29, R11-30)."""

from __future__ import annotations

from measure.criteria.table import (
    CR,
    NA,
    NE,
    NON_CR_NON_PD,
    NON_TARGETS,
    PD,
    PR,
    SD,
    TARGETS,
    Row,
    read_table,
)

ANY_TARGET = TARGETS
ANY_NON_TARGET = NON_TARGETS
NOT_PROGRESSED = (CR, NON_CR_NON_PD, NE, NA)
NO, YES, EITHER = (False,), (True,), (False, True)

TABLE_1 = (  # measurable disease
    Row("R11-29", ANY_TARGET, ANY_NON_TARGET, YES, PD),
    Row("R11-29", ANY_TARGET, (PD,), EITHER, PD),
    Row("R11-29", (PD,), ANY_NON_TARGET, EITHER, PD),
    Row("R11-29", (CR,), (CR, NA), NO, CR),
    Row("R11-29", (CR,), (NON_CR_NON_PD,), NO, PR),
    Row("R11-29", (CR,), (NE,), NO, PR),
    Row("R11-29", (PR,), NOT_PROGRESSED, NO, PR),
    Row("R11-29", (SD,), NOT_PROGRESSED, NO, SD),
    Row("R11-29", (NE,), NOT_PROGRESSED, NO, NE),
)

TABLE_2 = (  # non-target disease only
    Row("R11-30", (NA,), NON_TARGETS, YES, PD),
    Row("R11-30", (NA,), (PD,), EITHER, PD),
    Row("R11-30", (NA,), (CR,), NO, CR),
    Row("R11-30", (NA,), (NON_CR_NON_PD,), NO, NON_CR_NON_PD),
    Row("R11-30", (NA,), (NE,), NO, NE),
    Row("SC-06", (NA,), (NA,), NO, NA),
)

OVERALL = {**read_table(TABLE_1, TARGETS, NON_TARGETS), **read_table(TABLE_2, (NA,), NON_TARGETS)}
OVERALL[NA, NA, True] = (NA, "SC-06")  # no lesion at baseline in the scope: a new lesion is reported, no more


def overall_response(target: str, non_target: str, *, new_lesion: bool) -> tuple[str, str]:
    """The overall response of one time point and the rule of its table."""
    return OVERALL[target, non_target, new_lesion]
