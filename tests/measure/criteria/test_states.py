"""Kinds of finding beyond measured and absent: split, merged, treated, not imaged, normal nodes, visits."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from measure.criteria.arrange import arrange
from measure.criteria.findings import ContradictoryFinding, Finding, SubjectFacts
from measure.protocol import Scope
from tests.build.courses import UNTREATED, assessed, day, findings, follow_ups, overalls

D = Decimal


def test_a_split_lesion_is_the_sum_of_its_fragments() -> None:
    row = assessed("BL 0: T1=40 T2=20\nW8 56: T1=split T1a<T1=11 T1b<T1=9 T2=20").timepoints[1]
    assert row.sum_mm == D(40)
    assert "R11-11" in row.rules


def test_a_fragment_that_cannot_be_evaluated_makes_the_lesion_not_evaluable() -> None:
    row = assessed("BL 0: T1=40\nW8 56: T1=split T1a<T1=11 T1b<T1=not-evaluable").timepoints[1]
    assert (row.sum_mm, row.target, row.drivers) == (None, "NE", ("T1",))


def test_a_split_lesion_without_fragments_on_record_has_its_own_diameter() -> None:
    rows = findings("BL 0: T1=40\nW8 56: T1=split")
    rows[1].diameter_mm = D(26)
    assert assessed(rows).timepoints[1].sum_mm == D(26)


def test_a_merged_lesion_counts_nothing_and_has_not_shrunk() -> None:
    one = assessed("BL 0: T1=30 T2=30\nW8 56: T1=58 T2=merged>T1", mixed=True)
    row = one.timepoints[1]
    assert (row.sum_mm, row.target, row.mixed) == (D(58), "SD", "none")
    assert "R11-11" in row.rules
    gone = assessed("BL 0: T1=30 T2=30\nW8 56: T1=58 T2=absent", mixed=True).timepoints[1]
    assert gone.mixed == "MR (SD)"


@pytest.mark.parametrize("state", ["resected", "ablated"])
def test_a_resected_or_ablated_target_is_not_evaluable_and_never_gone(state: str) -> None:
    course = f"BL 0: T1=30 T2=20\nW8 56: T1={state} T2=10"
    assert overalls(course) == ["NE"]
    assert overalls(course, treated__handling="keep") == ["NE"]
    excluded = assessed(course, settings={"treated.handling": "exclude"}).timepoints[1]
    assert (excluded.baseline_sum_mm, excluded.overall) == (D(20), "PR")


def test_an_ablated_zone_with_a_diameter_counts_only_where_the_protocol_keeps_it() -> None:
    rows = findings("BL 0: T1=30\nW8 56: T1=ablated")
    rows[1].diameter_mm = D(45)
    assert assessed(rows).timepoints[1].target == "NE"
    assert assessed(rows, settings={"treated.handling": "keep"}).timepoints[1].target == "PD"


def test_not_imaged_is_not_evaluable() -> None:
    assert overalls("BL 0: T1=30\nW8 56: T1=not-imaged") == ["NE"]
    assert overalls("BL 0: N1=present\nW8 56: N1=not-imaged") == ["NE"]


def test_a_normal_node_keeps_its_diameter_in_the_sum_and_allows_complete_response() -> None:
    rows = findings("BL 0: T1n=18 N1n=12\nW8 56: T1n=node-normal N1n=node-normal")
    rows[2].diameter_mm = D(8)
    row = assessed(rows).timepoints[1]
    assert (row.sum_mm, row.target, row.non_target, row.overall) == (D(8), "CR", "CR", "CR")


def test_a_non_target_merged_into_another_is_no_longer_seen_apart() -> None:
    row = assessed("BL 0: N1=present N2=present\nW8 56: N1=present N2=merged>N1").timepoints[1]
    assert (row.non_target, row.drivers) == ("NON-CR/NON-PD", ("N1",))


def test_a_visit_without_findings_is_a_row_that_is_not_evaluable() -> None:
    one = assessed("BL 0: T1=30\nW8 56:\nW16 112: T1=20")
    assert [row.overall for row in follow_ups(one)] == ["NE", "PR"]


def test_an_undated_missed_visit_stands_at_its_place_in_the_plan_else_it_counts_for_nothing() -> None:
    course = "BL 0: T1=30\nW16 112: T1=20\nW24 168: T1=20\nW8 -: missed"
    planned = assessed(course, visits=("W8", "W16", "W24"))
    assert [(row.timepoint, row.overall) for row in follow_ups(planned)] == [
        ("W8", "NE"),
        ("W16", "PR"),
        ("W24", "PR"),
    ]
    assert planned.timepoints[1].date is None
    assert [row.timepoint for row in follow_ups(assessed(course))] == ["W16", "W24"]


def test_missed_visits_count_between_a_response_and_its_confirmation() -> None:
    course = "BL 0: T1=30\nW8 56: T1=20\nW16 -: missed\nW24 -: missed\nW32 224: T1=20"
    assert assessed(course, visits=("W8", "W16", "W24", "W32")).best.best == "SD"
    assert assessed(course).best.best == "PR"


def test_uncovered_non_targets_and_new_lesions_are_not_evaluable() -> None:
    rows = findings("BL 0: T1=30 N1=present\nW8 56: T1=30 N1=absent\nW8 56:")
    rows[-1].non_target_coverage = "not-covered"
    rows[-1].new_lesion_coverage = "not-covered"
    row = assessed(rows).timepoints[1]
    assert (row.non_target, row.new_lesion, row.overall) == ("NE", "not-evaluable", "SD")
    rows[-1].non_target_coverage = rows[-1].new_lesion_coverage = "partly"
    row = assessed(rows).timepoints[1]
    assert (row.non_target, row.new_lesion) == ("CR", "no")


def test_unequivocal_progression_stands_even_where_coverage_was_poor() -> None:
    rows = findings("BL 0: N1=present\nW8 56: N1=unequivocal-progression\nW8 56:")
    rows[-1].non_target_coverage = "not-covered"
    assert assessed(rows).timepoints[1].overall == "PD"


def test_unreadable_images_leave_new_lesions_unassessed() -> None:
    rows = findings("BL 0: T1=30\nW8 56: T1=30\nW8 56:")
    rows[-1].image_quality = "not-readable"
    assert assessed(rows).timepoints[1].new_lesion == "not-evaluable"


def test_scans_on_or_after_the_event_are_ignored_where_the_criterion_says_so() -> None:
    course = "BL 0: T1=30\nW8 56: T1=20\nW16 112: T1=20 N1=present#5\nW24 168: T1=absent"
    rows = [row for row in findings(course) if row.lesion != "N1"]
    facts = SubjectFacts(resection_date=day(168))
    cut = assessed(rows, facts=facts, last_scan_before="resection")
    assert [row.timepoint for row in follow_ups(cut)] == ["W8", "W16"]
    assert [row.timepoint for row in follow_ups(assessed(rows, facts=facts))] == ["W8", "W16", "W24"]
    assert len(follow_ups(assessed(rows, last_scan_before="resection"))) == 3
    assert len(follow_ups(assessed(rows, facts=facts, last_scan_before="procedure"))) == 3


def test_a_time_point_over_the_event_keeps_its_earlier_scans() -> None:
    course = "BL 0: T1=30 T2=20\nW8 56: T1=split T1a<T1=10 T1b<T1=5#4 T2=12#4"
    facts = SubjectFacts(resection_date=day(58))
    row = assessed(course, facts=facts, last_scan_before="resection").timepoints[1]
    assert (row.target, row.drivers) == ("NE", ("T2",))


# --- scopes and treatment ---


def test_a_lesion_treated_before_baseline_counts_normally_but_is_warned_about() -> None:
    one = assessed("BL 0: T1=30@ablation:-60\nW8 56: T1=20@ablation:-60")
    assert one.timepoints[1].overall == "PR"
    assert [(i.lesion, i.issue) for i in one.baseline_issues] == [("T1", "previously-treated-target")]
    allowed = assessed("BL 0: T1=30@ablation:-60", settings={"targets.previously_treated": True})
    assert allowed.baseline_issues == ()


def test_the_baseline_scan_counts_when_the_lesion_is_treated_on_the_same_day() -> None:
    row = assessed("BL 0: T1=30@ablation:0 T2=20\nW8 56: T1=40@ablation:0 T2=10").timepoints[1]
    assert (row.baseline_sum_mm, row.target) == (D(50), "NE")


def test_only_treatments_of_the_kinds_that_count_make_a_lesion_treated() -> None:
    course = "BL 0: T1=30\nW8 56: T1=20@surgery:30"
    assert overalls(course) == ["NE"]
    assert overalls(course, treated__kinds=["ablation"]) == ["PR"]


def test_a_new_lesion_that_is_treated_later_stays_new_and_is_not_taken_for_gone() -> None:
    course = "BL 0: T1=30\nW8 56: T1=30 LT1=12\nW16 112: T1=30 LT1=40@ablation:80"
    one = assessed(course, "irecist", scope=UNTREATED)
    assert [(row.new_lesion, row.overall) for row in follow_ups(one)] == [
        ("yes", "iUPD"),
        ("not-evaluable", "NE"),
    ]


def test_scope_of_treated_lesions_only() -> None:
    scope = Scope("zones", only_treated=True, new_lesions="at-treated-zone")
    course = "BL 0: T1=30 T2=20\nW8 56: T1=35@ablation:20 T2=20 L1=9/liver@ablation:20 L2=9"
    row = assessed(course, settings={"treated.handling": "keep"}, scope=scope).timepoints[1]
    assert (row.baseline_sum_mm, row.sum_mm, row.drivers) == (D(30), D(35), ("L1",))


def test_a_scope_may_ask_for_no_new_lesions() -> None:
    scope = Scope("old", new_lesions="none")
    assert assessed("BL 0: T1=30\nW8 56: T1=30 L1=9", scope=scope).timepoints[1].new_lesion == "no"


def test_no_lesion_of_the_scope_at_baseline_is_not_applicable_and_new_ones_are_only_reported() -> None:
    scope = Scope("bone", include_organs=("bone",))
    for standard in ("recist11", "irecist"):
        one = assessed("BL 0: T1=30\nW8 56: T1=30 L1=present/bone", standard, scope=scope)
        assert (one.timepoints[1].overall, one.timepoints[1].new_lesion, one.best.best) == ("NA", "yes", "NA")


# --- contradictions are refused ---

CONTRADICTIONS = {
    "a time point before the baseline": ("BL 0: T1=30\nW8 -9: T1=30", "date"),
    "a second baseline later": ("BL 0: T1=30\nW8 56: T1=30\nBL 100: T2=30", "date"),
    "no baseline": ("W8 56: T1=30", "timepoint"),
    "a target never measured at baseline": ("BL 0: T1=30\nW8 56: T1=30 T2=20", "lesion"),
    "a target not evaluable at baseline": ("BL 0: T1=not-evaluable", "lesion"),
    "a new lesion at baseline": ("BL 0: T1=30 L1=10", "role"),
    "two findings of a lesion": ("BL 0: T1=30 T1=31", "lesion"),
    "two findings of a fragment": ("BL 0: T1=30\nW8 56: T1=split T1a<T1=9 T1a<T1=9", "lesion"),
    "another organ": ("BL 0: T1=30\nW8 56: T1=30/lung", "organ"),
    "a state that a target cannot have": ("BL 0: T1=30\nW8 56: T1=present", "state"),
    "a fragment of nothing": ("BL 0: T1=30\nW8 56: T1=9 T2a<T2=9", "split_from"),
    "merged into nothing": ("BL 0: T1=30\nW8 56: T1=merged>T9", "merged_into"),
}


@pytest.mark.parametrize("what", CONTRADICTIONS)
def test_findings_that_contradict_each_other_are_refused(what: str) -> None:
    course, column = CONTRADICTIONS[what]
    with pytest.raises(ContradictoryFinding) as refused:
        assessed(course)
    assert refused.value.column == column


def test_a_lesion_that_changes_role_or_nodal_flag_is_refused() -> None:
    first, second = findings("BL 0: T1=30\nW8 56: T1=30")
    for column, changed in (
        ("role", replace(second, role="non-target")),
        ("nodal", replace(second, nodal=True)),
    ):
        with pytest.raises(ContradictoryFinding) as refused:
            arrange([first, changed])
        assert refused.value.column == column
    with pytest.raises(ContradictoryFinding, match="date"):
        arrange([first, Finding("W8", None, "T1", "target", "liver")])


def test_another_name_for_the_baseline_is_accepted() -> None:
    read = arrange(findings("SCR 0: T1=30\nW8 56: T1=30"), "SCR")
    assert read.baseline.name == "SCR"


def test_a_lesion_is_treated_from_the_day_of_the_treatment_on_by_its_own_scan() -> None:
    assert overalls("BL 0: T1=30\nW8 56: T1=20@ablation:57") == ["PR"]
    assert overalls("BL 0: T1=30\nW8 56: T1=20@ablation:56") == ["NE"]
    assert overalls("BL 0: N1=present\nW8 56: N1=absent@radiotherapy:57") == ["CR"]
    assert overalls("BL 0: N1=present\nW8 56: N1=absent@radiotherapy:56") == ["NE"]
    two_days = "BL 0: T1=30 T2=30\nW8 56: T1=15 T2=15@ablation:58#3"
    assert overalls(two_days) == ["NE"]
    assert overalls(two_days.replace("ablation:58", "ablation:60")) == ["PR"]


def test_a_measured_new_non_target_does_not_enter_the_sum_of_new_targets() -> None:
    one = assessed("BL 0: T1=30\nW8 56: T1=30 LT1=12 LN1=20", "irecist")
    assert one.timepoints[1].new_sum_mm == D(12)
