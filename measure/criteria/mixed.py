"""Mixed response of the SHRINK trial: a label beside RECIST 1.1, never instead of it (rules MR-01 to MR-08).

It looks at the response of the sum of targets, at single targets 30 % below their own baseline, and at new
lesions.
"""

from __future__ import annotations

from decimal import Decimal

from measure.criteria.course import Assessed
from measure.criteria.recist11.target import TargetReading
from measure.criteria.table import CR, NA, NE, PD, PR, SD, YES
from measure.rules import Rules

MR_SD, MR_PD, MR_PR, NONE = "MR (SD)", "MR (PD)", "MR (PR)", "none"

TABLE = {  # (status of the sum, a target regressed, a new lesion) -> mixed response; what is missing is none
    (SD, True, False): (MR_SD, "MR-02"),
    (PD, True, False): (MR_PD, "MR-03"),
    (PR, True, True): (MR_PR, "MR-04"),
    (PR, False, True): (MR_PR, "MR-04"),  # a continuing PR
    (SD, True, True): (NONE, "MR-05"),
    (PD, True, True): (NONE, "MR-05"),
}
MIXED = frozenset({MR_SD, MR_PD, MR_PR})
SEVEN, TEN = Decimal(7), Decimal(10)


def regressed(now: TargetReading, baseline: TargetReading) -> tuple[str, ...]:
    """MR-02: targets at least 30 % smaller than their own baseline, `10 * now <= 7 * baseline`; gone is 100 %."""
    found = []
    for label, value in now.values.items():
        before = baseline.values.get(label)
        if value is not None and before and label not in now.merged and TEN * value <= SEVEN * before:
            found.append(label)
    return tuple(found)


def mixed_response(one: Assessed, baseline: TargetReading | None, rules: Rules) -> tuple[str, str, tuple[str, ...]]:
    """The mixed response of one time point, its rule, and the targets that regressed."""
    status = one.target.response
    if status in (NE, NA) or one.reading is None or baseline is None:
        return NE, "MR-07", ()
    found = regressed(one.reading, baseline)
    new = one.new.status == YES
    if one.non_target.response == PD and rules.mixed_non_target_pd == "block":
        return NONE, "MR-08", found
    if status == CR and new:
        return (MR_PR if rules.mixed_cr_with_new_lesion == "mr-pr" else NONE), "MR-06", found
    mixed, rule = TABLE.get((status, bool(found), new), (NONE, "MR-01"))
    return mixed, rule, found
