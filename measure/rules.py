"""The rule keys: everything on which the published criteria leave room, each with its documented default.

One attribute a key, the dot written as an underscore: `confirmation.min_days` is `confirmation_min_days`.
D1 to D32 are the open questions of the criteria (resources/manual). Lengths in mm and percentages are exact.
"""

# ruff: noqa: RUF009 -- key() makes the dataclass field
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from decimal import Decimal
from typing import Any, cast

from measure.protocol_keys import Key, checked, key, near
from measure.refusal import Refused

RuleValue = str | int | bool | Decimal | date | tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Rules:
    """All rule keys of one criterion; defaults are those of the guideline where it has one."""

    confirmation_required: bool = key(True, "flag")  # D1
    confirmation_min_days: int = key(28, "count", low="0")  # D2
    confirmation_max_days: int | None = key(None, "count", low="0", null=True)  # D2
    confirmation_max_ne_between: int = key(1, "count", low="0")  # D3
    confirmation_allow_sd_between: bool = key(False, "flag")  # D3
    stable_disease_min_days: int = key(42, "count", low="0")  # D4
    reference_start_date: date | None = key(None, "date", null=True)  # D4; null: date of the baseline scan
    too_small_default_mm: Decimal = key(Decimal(5), "decimal", low="0")  # D5
    arithmetic_percent: str = key("exact", "text", "exact round0 round1 round2")  # D6
    nadir_includes_baseline: bool = key(True, "flag")  # D7
    not_evaluable_partial_pd: bool = key(True, "flag")  # D8
    pr_continues: bool = key(True, "flag")  # D9
    cr_reappearance: str = key("pd", "text", "pd pd-after-confirmed arithmetic")  # D10
    nadir_zero: str = key("absolute-only", "text", "absolute-only review")  # D31
    nodal_all_normal: str = key("cr", "text", "cr arithmetic")  # D11
    nodal_normal_below_mm: Decimal = key(Decimal(10), "decimal", low="0")  # D11
    new_lesion_backdate: str = key("date-only", "text", "date-only rewrite none")  # D12
    new_lesion_nodal_min_mm: Decimal = key(Decimal(10), "decimal", low="0")  # D13
    new_lesion_not_evaluable: str = key("as-no", "text", "as-no ne")  # D14
    treated_handling: str = key("ne", "text", "ne exclude keep")  # D15
    treated_kinds: tuple[str, ...] = key(
        ("ablation", "radiotherapy", "surgery"), "words", "ablation radiotherapy surgery"
    )  # D15
    scope_treated_exclusion: str = key("whole-study", "text", "whole-study from-treatment")  # D16
    ablation_recurrence_in_untreated_scope: str = key("exclude", "text", "exclude include")  # D16
    progression_date_rule: str = key("earliest-contributing", "text", "earliest-contributing earliest-scan fda")  # D17
    response_date_rule: str = key("latest-scan", "text", "latest-scan earliest-scan")  # D17
    subsequent_therapy_date: date | None = key(None, "date", null=True)  # D18
    subsequent_therapy_rule: str = key("censor", "text", "censor ignore")  # D18
    pfs_missed_visits: int = key(2, "count", low="0")  # D18
    after_progression: str = key("carry", "text", "carry assess")  # D19
    non_target_some_missing: str = key("ne", "text", "ne ignore")  # D20
    best_non_cr_non_pd_min_days: bool = key(True, "flag")  # D20
    irecist_confirm_min_days: int = key(28, "count", low="0")  # D21
    irecist_confirm_tolerance_days: int = key(2, "count", low="0")  # D21
    irecist_confirm_max_days: int | None = key(None, "count", low="0", null=True)  # D21
    irecist_early_scan: str = key("iUPD", "text", "iUPD NE")  # D21
    irecist_open_iupd: str = key("event", "text", "event not-established")  # D32
    irecist_reference: str = key("previous-evaluable", "text", "previous-evaluable first-iupd")  # D22
    irecist_reset_with_new_lesion: str = key(
        "category-improves", "text", "category-improves any-shrinkage never"
    )  # D23
    irecist_other_category_confirms: str = key("always", "text", "always only-if-unresolved")  # D24
    irecist_iupd_between_responses: bool = key(False, "flag")  # D25
    irecist_new_lesion_progression: str = key("5mm", "text", "5mm 20pct-5mm any")  # D26
    mrecist_pd_absolute_mm: Decimal | None = key(None, "decimal", low="0", null=True)  # D27
    mixed_cr_with_new_lesion: str = key("none", "text", "none mr-pr")  # D28
    mixed_non_target_pd: str = key("ignore", "text", "ignore block")  # D28
    pr_relative_percent: Decimal = key(Decimal(30), "decimal", low="0", high="100")
    pd_relative_percent: Decimal = key(Decimal(20), "decimal", low="0")
    pd_absolute_mm: Decimal = key(Decimal(5), "decimal", low="0")
    targets_max_total: int = key(5, "count", low="0")
    targets_max_per_organ: int = key(2, "count", low="0")
    targets_previously_treated: bool = key(False, "flag")
    measurability_min_mm: Decimal = key(Decimal(10), "decimal", low="0")
    measurability_slice_factor: Decimal = key(Decimal(2), "decimal", low="0")
    nodal_target_min_mm: Decimal = key(Decimal(15), "decimal", low="0")
    duration_plus_one_day: bool = key(False, "flag")  # D30
    non_target_numeric_guide: str = key("none", "text")  # D29, shown to the reader, never computed with
    ablation_min_margin_mm: Decimal = key(Decimal(5), "decimal", low="0")  # display only

    def with_settings(self, settings: Mapping[str, object]) -> Rules:
        """These rules with some keys (dotted names) set; raises Refused for unknown keys and wrong values."""
        changed: dict[str, object] = {}
        for dotted, value in settings.items():
            if dotted not in RULE_KEYS:
                raise Refused(f"{dotted}: there is no such rule key{near(dotted, RULE_KEYS)}")
            attribute, what = RULE_KEYS[dotted]
            try:
                changed[attribute] = checked(value, what)
            except ValueError as wrong:
                raise Refused(f"{dotted}: {wrong}") from None
        return replace(self, **cast("dict[str, Any]", changed))

    def value(self, dotted: str) -> RuleValue:
        """The value of a key by its dotted name; raises KeyError for an unknown one."""
        return cast("RuleValue", getattr(self, RULE_KEYS[dotted][0]))


# The first words of dotted names that hold an underscore themselves.
_TABLES = ("stable_disease", "too_small", "not_evaluable", "new_lesion", "subsequent_therapy", "non_target")


def _dotted(attribute: str) -> str:
    if attribute == "after_progression":  # the one key without a table
        return attribute
    for table in _TABLES:
        if attribute.startswith(table + "_"):
            return f"{table}.{attribute[len(table) + 1 :]}"
    table, _, rest = attribute.partition("_")
    return f"{table}.{rest}"


RULE_KEYS: dict[str, tuple[str, Key]] = {_dotted(one.name): (one.name, one.metadata["key"]) for one in fields(Rules)}
"""Dotted name -> (attribute of Rules, what it may hold)."""
