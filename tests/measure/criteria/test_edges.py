"""Edges that a small fault in the engine would move: found by mutation testing (`tests/mutants.py`)."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from measure.criteria.assess import assess_read
from measure.criteria.findings import SubjectFacts
from measure.protocol import Criterion, Scope
from tests.build.courses import assessed, day, findings, follow_ups, overalls, protocol

# --- iRECIST: what confirms ---


def test_targets_that_progress_for_the_first_time_in_a_run_need_no_further_5_mm() -> None:
    course = "BL 0: T1=50\nW8 56: T1=58 LT1=12\nW16 112: T1=62 LT1=12"
    assert overalls(course, "irecist") == ["iUPD", "iCPD"]
    assert "IR-08" in assessed(course, "irecist").timepoints[-1].rules


def test_a_growing_sum_does_not_confirm_where_all_nodes_are_normal_again() -> None:
    course = "BL 0: T1=30 T2n=18\nW8 56: T1=absent T2n=3\nW16 112: T1=1 T2n=3\nW24 168: T1=absent T2n=9.5"
    assert overalls(course, "irecist") == ["iCR", "iUPD", "iCR"]


def test_growth_of_a_partial_sum_confirms_only_where_partial_sums_count() -> None:
    course = "BL 0: T1=30 T2=20\nW8 56: T1=absent T2=absent\nW16 112: T1=6 T2=absent\nW24 168: T1=12 T2=not-evaluable"
    assert overalls(course, "irecist") == ["iCR", "iUPD", "iCPD"]
    assert overalls(course, "irecist", not_evaluable__partial_pd=False) == ["iCR", "iUPD", "iUPD"]
    whole = "BL 0: T1=50\nW8 56: T1=64\nW16 112: T1=69"
    assert overalls(whole, "irecist", not_evaluable__partial_pd=False) == ["iUPD", "iCPD"]


def test_one_more_non_target_that_progresses_confirms() -> None:
    course = (
        "BL 0: T1=50 N1=present N2=present\nW8 56: T1=50 N1=unequivocal-progression N2=present\n"
        "W16 112: T1=50 N1=unequivocal-progression N2=unequivocal-progression"
    )
    assert overalls(course, "irecist") == ["iUPD", "iCPD"]


def test_a_non_target_that_was_better_in_between_is_worse_only_than_the_last_time_point() -> None:
    course = (
        "BL 0: T1=50 N1=present\nW8 56: T1=64 N1=unequivocal-progression\nW16 112: T1=64 N1=present\n"
        "W24 168: T1=64 N1=unequivocal-progression"
    )
    assert overalls(course, "irecist") == ["iUPD", "iUPD", "iCPD"]
    assert overalls(course, "irecist", irecist__reference="first-iupd") == ["iUPD", "iUPD", "iUPD"]


@pytest.mark.parametrize(
    ("between", "expected"),
    [("T1=64", "iCPD"), ("T1=not-evaluable", "iUPD"), ("", "iUPD")],
)
def test_the_latest_confirmation_counts_from_the_last_evaluable_iupd(between: str, expected: str) -> None:
    course = f"BL 0: T1=50\nW8 56: T1=64\nW16 112: {between}\nW24 168: T1=70"
    assert overalls(course, "irecist", irecist__confirm_max_days=60)[-1] == expected


def test_the_latest_confirmation_of_disease_without_targets() -> None:
    worse = "N1=unequivocal-progression"
    course = f"BL 0: N1=present\nW8 56: {worse}\nW16 112: {worse}\nW24 168: N1=increased"
    assert overalls(course, "irecist", irecist__confirm_max_days=60) == ["iUPD", "iUPD", "iCPD"]


def test_a_partial_sum_is_no_reference_for_the_latest_confirmation() -> None:
    course = "BL 0: T1=50 T2=9\nW8 56: T1=64 T2=9\nW16 112: T1=75 T2=not-imaged\nW24 168: T1=80 T2=9"
    late = {"irecist__confirm_max_days": 60}
    assert overalls(course, "irecist", **late) == ["iUPD", "iUPD", "iUPD"]


def test_shrinkage_is_unknown_where_the_first_iupd_had_no_sum() -> None:
    shrinks = {"irecist__reset_with_new_lesion": "any-shrinkage"}
    course = "BL 0: T1=50\nW8 56: T1=not-evaluable LT1=12\nW16 112: T1=45 LT1=12"
    assert overalls(course, "irecist", **shrinks) == ["iUPD", "iUPD"]
    without = "BL 0: N1=present\nW8 56: N1=present LT1=12\nW16 112: N1=present LT1=12"
    assert overalls(without, "irecist", **shrinks) == ["iUPD", "iUPD"]


def test_a_known_new_lesion_measured_for_the_first_time_has_not_grown() -> None:
    course = "BL 0: T1=50\nW8 56: T1=50 LT1=present\nW16 112: T1=30 LT1=present\nW24 168: T1=30 LT1=12"
    assert overalls(course, "irecist") == ["iUPD", "iPR", "iPR"]


def test_without_targets_the_old_disease_improves_from_progression_to_non_cr_non_pd() -> None:
    course = "BL 0: N1=present\nW8 56: N1=unequivocal-progression LT1=12\nW16 112: N1=present LT1=12"
    assert overalls(course, "irecist") == ["iUPD", "NON-iCR/NON-iUPD"]


def test_a_known_new_lesion_that_is_equivocal_now_leaves_the_iupd_open() -> None:
    course = "BL 0: T1=50\nW8 56: T1=50 L1=12\nW16 112: T1={} L1=equivocal"
    assert overalls(course.format("50"), "irecist") == ["iUPD", "iUPD"]
    row = assessed(course.format("not-evaluable"), "irecist").timepoints[2]
    assert (row.overall, row.drivers) == ("NE", ("T1",))


def test_not_evaluable_while_pending_names_what_could_not_be_seen() -> None:
    row = assessed("BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=50 LT1=not-evaluable", "irecist").timepoints[2]
    assert (row.overall, row.rules[0], row.drivers) == ("NE", "IR-13", ("LT1",))


def test_a_new_lesion_too_late_to_confirm_is_no_reset_either() -> None:
    course = "BL 0: T1=50\nW8 56: T1=64\nW24 168: T1=50 L1=12"
    assert overalls(course, "irecist", irecist__confirm_max_days=60) == ["iUPD", "iUPD"]
    assert overalls(course, "irecist") == ["iUPD", "iCPD"]


def test_an_early_scan_is_not_evaluable_only_while_it_is_early() -> None:
    course = "BL 0: T1=50\nW8 56: T1=64\nU1 70: T1=64\nW16 112: T1=64"
    assert overalls(course, "irecist", irecist__early_scan="NE") == ["iUPD", "NE", "iUPD"]


def test_other_category_after_the_first_has_gone() -> None:
    key = "irecist__other_category_confirms"
    other = "BL 0: T1=50 N1=present\nW8 56: T1=64 N1=present\nW16 112: T1=50 N1=unequivocal-progression"
    assert overalls(other, "irecist", **{key: "only-if-unresolved"}) == ["iUPD", "iUPD"]
    targets = "BL 0: T1=50 N1=present\nW8 56: T1=50 N1=unequivocal-progression\nW16 112: T1=64 N1=present"
    assert overalls(targets, "irecist", **{key: "only-if-unresolved"}) == ["iUPD", "iUPD"]
    still = "BL 0: T1=50 N1=present\nW8 56: T1=50 N1=unequivocal-progression\n"
    still += "W16 112: T1=50 N1=unequivocal-progression L1=present"
    assert overalls(still, "irecist", **{key: "only-if-unresolved"}) == ["iUPD", "iCPD"]
    both = "BL 0: T1=50 N1=present\nW8 56: T1=50 N1=unequivocal-progression\nW16 112: T1=50 N1=increased L1=present"
    assert overalls(both, "irecist", **{key: "only-if-unresolved"}) == ["iUPD", "iCPD"]


def test_a_new_lesion_that_began_the_run_keeps_it_unresolved_one_of_an_earlier_run_does_not() -> None:
    key = "irecist__other_category_confirms"
    there = "BL 0: T1=50 N1=present\nW8 56: T1=50 N1=present LN1=present\n"
    there += "W16 112: T1=50 N1=unequivocal-progression LN1=present"
    assert overalls(there, "irecist", **{key: "only-if-unresolved"}) == ["iUPD", "iCPD"]
    earlier = "BL 0: T1=50 N1=present\nW8 56: T1=50 N1=present LN1=present\nW16 112: T1=30 N1=present LN1=present\n"
    earlier += "W24 168: T1=40 N1=present LN1=present\nW32 224: T1=30 N1=unequivocal-progression LN1=present"
    assert overalls(earlier, "irecist", **{key: "only-if-unresolved"}) == ["iUPD", "iPR", "iUPD", "iUPD"]


def test_what_did_not_progress_may_be_missing_when_the_bar_is_reset() -> None:
    course = "BL 0: T1=50 N1=present\nW8 56: T1=64 N1=present\nW16 112: T1=50 N1=not-evaluable"
    assert overalls(course, "irecist") == ["iUPD", "iSD"]
    known = "BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=30 LT1=12\nW24 168: T1=40 LT1=12\n"
    known += "W32 224: T1=30 LT1=not-evaluable"
    assert overalls(known, "irecist") == ["iUPD", "iPR", "iUPD", "iPR"]


def test_after_icpd_assessed_on_a_persisting_new_lesion_is_still_icpd() -> None:
    course = "BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=50 LT1=17\nW24 168: T1=50 LT1=17\nW32 224: T1=50 LT1=absent"
    found = overalls(course, "irecist", after_progression="assess")
    assert found == ["iUPD", "iCPD", "iCPD", "iSD"]


@pytest.mark.parametrize("standard", ["recist11", "irecist"])
def test_new_lesions_that_were_looked_for_and_not_found_leave_the_response(standard: str) -> None:
    course = "BL 0: T1=60\nW8 56: T1=40 L1=absent\nW16 112: T1=40"
    prefix = "i" if standard == "irecist" else ""
    assert overalls(course, standard, new_lesion__not_evaluable="ne") == [f"{prefix}PR"] * 2


def test_a_confirmed_complete_response_is_not_forgotten() -> None:
    course = "BL 0: T1=50\nW8 56: T1=absent\nW16 112: T1=absent\nW24 168: T1=4\nW32 224: T1=absent\nW40 280: T1=4"
    one = assessed(course, settings={"cr.reappearance": "pd-after-confirmed"})
    assert [row.target for row in follow_ups(one)] == ["CR", "CR", "PD", "CR", "PD"]


# --- confirmation ---


def test_a_response_does_not_confirm_itself() -> None:
    course = "BL 0: T1=50\nW8 56: T1=30"
    assert assessed(course, settings={"confirmation.min_days": 0}).best.best == "SD"


def test_only_stable_disease_may_stand_between_where_it_is_allowed() -> None:
    course = "BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=44\nW24 168: T1=30"
    best = assessed(course, "irecist", {"confirmation.allow_sd_between": True}).best
    assert best.best == "iSD"


# --- baseline issues ---


@pytest.mark.parametrize(
    ("course", "issues"),
    [
        ("BL 0: N1=present@ablation:-60", []),
        ("BL 0: N1n=too-small", [("N1n", "node-of-normal-size")]),
        ("BL 0: N1n=node-normal", [("N1n", "node-of-normal-size")]),
        ("BL 0: N1=8", []),
        ("BL 0: N1n=present", []),
        ("BL 0: T1n=14.9 T2n=15", [("T1n", "node-below-target-size")]),
        ("BL 0: T1=9.9 T2=10/lung", [("T1", "below-measurable-size")]),
        (
            "BL 0: T1=9.9^5 T2=10/lung^5 T3=13.9/bone^7 T4=14/skin^7",
            [("T1", "below-measurable-size"), ("T3", "below-measurable-size")],
        ),
    ],
)
def test_baseline_issues(course: str, issues: list[tuple[str, str]]) -> None:
    assert [(one.lesion, one.issue) for one in assessed(course).baseline_issues] == issues


def test_a_target_too_small_to_measure_is_below_the_measurable_size_whatever_it_counts() -> None:
    found = assessed("BL 0: T1=too-small", settings={"too_small.default_mm": 12}).baseline_issues
    assert [one.issue for one in found] == ["below-measurable-size"]


# --- scans before an event ---


def test_the_baseline_stays_even_where_the_event_lies_before_it() -> None:
    course = "BL 0: T1=30\nW8 56: T1=20"
    one = assessed(course, facts=SubjectFacts(resection_date=day(-5)), last_scan_before="resection")
    assert [row.overall for row in one.timepoints] == ["BL"]


def test_scans_on_the_day_of_the_event_do_not_count() -> None:
    course = "BL 0: T1=30\nW8 56: T1=20\nW16 112: T1=absent"
    facts = SubjectFacts(resection_date=day(112))
    one = assessed(course, facts=facts, last_scan_before="resection")
    assert [row.overall for row in follow_ups(one)] == ["PR"]


def test_a_missed_visit_before_the_event_stays_at_its_place() -> None:
    course = "BL 0: T1=30\nW8 -: missed\nW16 112: T1=20\nW24 168: T1=20"
    facts = SubjectFacts(resection_date=day(150))
    one = assessed(course, facts=facts, last_scan_before="resection", visits=("W8", "W16", "W24"))
    assert [(row.timepoint, row.overall) for row in follow_ups(one)] == [("W8", "NE"), ("W16", "PR")]


def test_treatment_at_the_event_and_later_is_not_yet_known_before_it() -> None:
    course = "BL 0: T1=30 T2=20\nW8 56: T1=20 T2=10\nW16 112: T1=20@surgery:100 T2=10@ablation:40"
    untreated = Scope("untreated", exclude_treated=True)
    facts = SubjectFacts(resection_date=day(100))
    one = assessed(course, scope=untreated, facts=facts, last_scan_before="resection")
    assert [row.sum_mm for row in one.timepoints] == [Decimal(30), Decimal(20)]


# --- new therapy ---


def test_a_scan_on_the_day_of_a_new_therapy_still_counts_and_one_the_day_after_does_not() -> None:
    course = "BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=30"
    for began, best in ((112, "PR"), (111, "SD")):
        found = assessed(course, facts=SubjectFacts(subsequent_therapy_date=day(began))).best
        assert found.best == best
        assert ("R11-41" in found.rules) == (began == 111)


def test_an_undated_visit_is_not_after_a_new_therapy() -> None:
    course = "BL 0: T1=50\nW8 56: T1=30\nW12 -: missed\nW16 112: T1=30"
    facts = SubjectFacts(subsequent_therapy_date=day(60))
    found = assessed(course, facts=facts, visits=("W8", "W12", "W16")).best
    assert found.time_to_progression is not None
    assert found.time_to_progression.days == 56


# --- rows that are left as they were read ---


def test_dates_of_a_time_point_are_its_first_and_last_scan_in_any_order() -> None:
    for order in (1, -1):
        rows = findings("BL 0: T1=40 T2=20\nW8 56: T1=20#4 T2=12#2\nW16 112: T1=20 T2=12")
        one = assessed(rows[::order])
        assert one.timepoints[1].date == day(58)
        assert one.best.best_date == day(60)


# --- nadir, established response ---


def test_without_the_baseline_the_nadir_is_the_smallest_follow_up_not_the_last() -> None:
    course = "BL 0: T1=50\nW8 56: T1=58\nW16 112: T1=69\nW24 168: T1=72"
    one = assessed(course, settings={"nadir.includes_baseline": False})
    assert [(row.nadir_mm, row.target) for row in follow_ups(one)] == [(50, "SD"), (58, "SD"), (58, "PD")]


def test_lesions_that_drive_progression_are_larger_than_when_the_nadir_was_first_reached() -> None:
    course = "BL 0: T1=30 T2=30\nW8 56: T1=20 T2=20\nW16 112: T1=10 T2=30\nW24 168: T1=40 T2=30"
    assert assessed(course).timepoints[3].drivers == ("T1", "T2")


def test_an_established_response_outlasts_time_points_that_could_not_be_evaluated() -> None:
    course = "BL 0: T1=100\nW8 56: T1=70\nW12 84: T1=70\nW16 112:\nW20 140:\nW24 168: T1=70\nW28 196: T1=80"
    assert overalls(course)[-1] == "PR"


def test_only_disease_without_targets_may_be_stable_from_the_first_day() -> None:
    settings = {"best.non_cr_non_pd_min_days": False}
    assert assessed("BL 0: T1=50\nW4 28: T1=50", settings=settings).best.best == "NE"
    assert assessed("BL 0: N1=present\nW4 28: N1=present", settings=settings).best.best == "NON-CR/NON-PD"


# --- dates of new lesions known before ---

RESET = "BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=30 LT1=12\n"


def test_a_known_new_lesion_that_grew_dates_the_iupd_by_its_scan() -> None:
    assert assessed(f"{RESET}W24 168: T1=30 LT1=17#3", "irecist").best.progression_date == day(171)


def test_an_additional_new_lesion_dates_the_iupd_not_the_known_one() -> None:
    assert assessed(f"{RESET}W24 168: T1=30 LT1=12 LT2=8#5", "irecist").best.progression_date == day(173)


# --- counts, words and flags of the rows ---


def test_flags_of_the_best_response() -> None:
    dated_back = assessed("BL 0: T1=44\nW8 56: T1=44\nW12 84: T1=44 L1=equivocal\nW16 112: T1=44 L1=present").best
    assert "R11-26" in dated_back.rules
    plain = assessed("BL 0: T1=44\nW8 56: T1=44\nW16 112: T1=44 L1=present").best
    assert plain.rules == ("R11-32", "R11-34", "R11-37")
    assert (plain.n_timepoints, dated_back.n_timepoints) == (2, 3)


def test_growth_shown_is_that_of_the_partial_sum_only_where_it_proves_progression() -> None:
    course = "BL 0: T1=50 T2=20\nW8 56: T1={} T2=not-evaluable"
    proven = assessed(course.format(90)).timepoints[1]
    assert (proven.sum_mm, proven.change_from_nadir_mm, proven.change_from_nadir_pct) == (None, 20, Decimal("28.57"))
    unproven = assessed(course.format(50)).timepoints[1]
    assert (unproven.sum_mm, unproven.change_from_nadir_mm, unproven.change_from_nadir_pct) == (None, None, None)


def test_the_scans_of_the_back_dated_day_itself_do_not_feed_the_best_response() -> None:
    course = "BL 0: T1=50\nW8 56: T1=50\nW12 84: T1=50 L1=equivocal\nW16 112: T1=50 L1=present"
    best = assessed(course, settings={"stable_disease.min_days": 84}).best
    assert (best.best, best.progression_date) == ("PD", day(84))


# --- mixed response, rewriting ---


def test_a_continuing_partial_response_with_a_new_lesion_is_mixed() -> None:
    course = "BL 0: T1=100\nW8 56: T1=70\nW16 112: T1=70\nW24 168: T1=80 L1=present"
    row = assessed(course, mixed=True).timepoints[3]
    assert (row.target, row.mixed) == ("PR", "MR (PR)")


def test_a_target_that_counted_nothing_at_baseline_cannot_regress() -> None:
    course = "BL 0: T1=too-small T2=40\nW8 56: T1=absent T2=44"
    row = assessed(course, settings={"too_small.default_mm": 0}, mixed=True).timepoints[1]
    assert (row.target, row.mixed) == ("SD", "none")


def test_only_progression_of_a_non_target_blocks_mixed_response() -> None:
    course = "BL 0: T1=40 T2=40 N1=present\nW8 56: T1=26 T2=44 N1=present"
    assert assessed(course, settings={"mixed.non_target_pd": "block"}, mixed=True).timepoints[1].mixed == "MR (SD)"


def test_what_turns_equivocal_again_after_it_was_certain_is_not_rewritten() -> None:
    course = "BL 0: T1=44\nW8 56: T1=44 L1=equivocal\nW16 112: T1=44 L1=12\nW24 168: T1=44 L1=equivocal\n"
    one = assessed(f"{course}W32 224: T1=44 L1=12", settings={"new_lesion.backdate": "rewrite"})
    assert [row.new_lesion for row in follow_ups(one)] == ["yes", "yes", "equivocal", "yes"]


def test_a_new_node_is_named_by_its_rule_whatever_else_is_new() -> None:
    assert "R11-28" in assessed("BL 0: T1=50\nW8 56: T1=50 L1n=12 L2=9").timepoints[1].rules


def test_a_new_lesion_that_is_there_and_not_measured_is_no_part_of_the_new_sum() -> None:
    course = "BL 0: T1=50\nW8 56: T1=50 LT1=12 L2=present"
    assert assessed(course, "irecist").timepoints[1].new_sum_mm == 12


def test_one_visit_missed_before_progression_censors_nothing() -> None:
    best = assessed("BL 0: T1=50\nW8 56: T1=50\nW16 112:\nW24 168: T1=80").best
    assert best.time_to_progression is not None
    assert (best.time_to_progression.days, best.time_to_progression.ended_by) == (168, "progression")


def test_a_visit_that_did_not_cover_new_lesions_says_so_also_where_one_is_known_elsewhere() -> None:
    rows = findings("BL 0: T1=50\nW8 56: T1=50\nW8 56:\nW16 112: T1=50 L1=present")
    rows[2].new_lesion_coverage = "not-covered"
    assert [row.new_lesion for row in follow_ups(assessed(rows))] == ["not-evaluable", "yes"]


@pytest.mark.parametrize(("node", "response"), [("present", "NON-CR/NON-PD"), ("10", "NON-CR/NON-PD"), ("9.9", "CR")])
def test_a_non_target_node_is_gone_below_10_mm(node: str, response: str) -> None:
    assert assessed(f"BL 0: T1=50 N1n=present\nW8 56: T1=50 N1n={node}").timepoints[1].non_target == response


def test_missed_visits_are_counted_before_the_progression_only() -> None:
    best = assessed("BL 0: T1=50\nW8 56:\nW16 112: T1=80\nW24 168:").best
    assert best.time_to_progression is not None
    assert (best.time_to_progression.days, best.time_to_progression.ended_by) == (112, "progression")


def test_one_more_non_target_that_returns_confirms() -> None:
    course = (
        "BL 0: T1=50 N1=present N2=present\nW8 56: T1=absent N1=absent N2=absent\n"
        "W16 112: T1=absent N1=present N2=absent\nW24 168: T1=absent N1=present N2=present"
    )
    assert overalls(course, "irecist") == ["iCR", "iUPD", "iCPD"]


def test_fragments_count_also_without_a_row_of_the_whole() -> None:
    row = assessed("BL 0: T1=40\nW8 56: T1a<T1=11 T1b<T1=9").timepoints[1]
    assert (row.sum_mm, row.target, row.rules[0]) == (20, "PR", "R11-11")


# --- thresholds at zero, and rounded ones ---


def test_nothing_stays_nothing_whatever_the_thresholds() -> None:
    gone = "BL 0: T1=30\nW8 56: T1=absent\nW16 112: T1=absent"
    for standard in ("recist11", "mrecist"):
        assert overalls(gone, standard, nodal__all_normal="arithmetic", pd__absolute_mm=0) == ["CR", "CR"]


def test_rounded_percentages_of_zero_are_none() -> None:
    nadir = "BL 0: T1=28 N1=present\nW8 56: T1=absent N1=present\nW16 112: T1={} N1=present"
    assert overalls(nadir.format(5), arithmetic__percent="round1") == ["PR", "PD"]
    assert overalls(nadir.format("4.9"), arithmetic__percent="round1") == ["PR", "PR"]
    baseline = "BL 0: T1=too-small\nW8 56: T1=4"
    assert overalls(baseline, arithmetic__percent="round1", too_small__default_mm=0) == ["SD"]


def test_review_of_growth_over_zero_leaves_everything_else() -> None:
    assert overalls("BL 0: T1=28\nW8 56: T1=27", nadir__zero="review") == ["SD"]
    course = "BL 0: T1=28 T2=20 N1=present\nW8 56: T1=absent T2=absent N1=present\nW16 112: T2=absent N1=present"
    row = assessed(course, settings={"nadir.zero": "review"}).timepoints[2]
    assert (row.target, row.rules[0], row.drivers) == ("NE", "R11-19", ("T1", "N1"))


def test_only_targets_that_shrank_drive_a_response() -> None:
    assert assessed("BL 0: T1=30 T2=30\nW8 56: T1=10 T2=30").timepoints[1].drivers == ("T1",)


def test_the_diameter_of_a_measured_target_wins_over_fragments() -> None:
    assert assessed("BL 0: T1=40\nW8 56: T1=30 T1a<T1=11").timepoints[1].sum_mm == 30


@pytest.mark.parametrize(("treated", "total"), [(63, 29), (64, 29), (66, 29), (67, 65)])
def test_a_treated_lesion_leaves_the_scope_by_the_day_of_its_own_scan(treated: int, total: int) -> None:
    course = f"BL 0: T1=40 T2=30\nW9 63: T1=36@ablation:{treated}#3 T2=29"
    untreated = Scope("untreated", exclude_treated=True)
    one = assessed(course, settings={"scope.treated_exclusion": "from-treatment"}, scope=untreated)
    assert one.timepoints[1].sum_mm == total


def test_missed_visits_censor_only_where_the_protocol_says_so() -> None:
    course = "BL 0: T1=50\nW8 56:\nW16 112:\nW24 168: T1=80"
    made = protocol()
    for censors, ended in ((True, "censored"), (False, "progression")):
        with_rule = replace(made, censoring=replace(made.censoring, missed_visits=censors))
        span = assess_read(findings(course), with_rule).criteria[0].best.time_to_progression
        assert span is not None
        assert span.ended_by == ended
    one = assessed("BL 0: T1=50\nW8 56:\nW16 112: T1=80", settings={"pfs.missed_visits": 1}).best
    assert one.time_to_progression_reason == "missed_visits"


# --- treatment of new lesions, first of several treatments ---


def test_a_new_lesion_treated_on_the_day_of_its_scan_is_no_longer_evaluable() -> None:
    course = "BL 0: T1=30\nW8 56: T1=30 LT1=12\nW16 112: T1=30 LT1=40@ablation:{}"
    assert overalls(course.format(112), "irecist") == ["iUPD", "NE"]
    assert overalls(course.format(113), "irecist") == ["iUPD", "iCPD"]


def test_what_is_seen_after_its_treatment_confirms_no_equivocal_lesion() -> None:
    course = "BL 0: T1=30\nW8 56: T1=30 L1=equivocal\nW16 112: T1=30 L1=equivocal@ablation:90\n"
    course += "W24 168: T1=30 L1=40@ablation:90"
    one = assessed(course, settings={"new_lesion.backdate": "rewrite"})
    assert [row.new_lesion for row in follow_ups(one)] == ["equivocal", "not-evaluable", "not-evaluable"]


def test_the_first_of_several_treatments_counts() -> None:
    course = "BL 0: T1=30\nW8 56: T1=20@ablation:40\nW16 112: T1=20@radiotherapy:100"
    assert overalls(course) == ["NE", "NE"]


def test_an_untreated_scope_may_ask_for_no_new_lesions() -> None:
    scope = Scope("old", exclude_treated=True, new_lesions="none")
    assert assessed("BL 0: T1=30\nW8 56: T1=30 L1=9", scope=scope).timepoints[1].new_lesion == "no"


def test_a_lesion_treated_at_the_baseline_is_not_evaluable_from_the_next_day_on() -> None:
    assert overalls("BL 0: T1=30@ablation:0\nU1 1: T1=20@ablation:0") == ["NE"]


def test_a_new_lesion_first_seen_on_the_day_of_the_treatment_lies_at_its_zone() -> None:
    course = "BL 0: T1=30 T2=20\nW8 56: T1=30@ablation:56 T2=20 L1=9/liver@ablation:{}"
    untreated = Scope("untreated", exclude_treated=True)
    assert assessed(course.format(56), scope=untreated).timepoints[1].new_lesion == "no"
    assert assessed(course.format(57), scope=untreated).timepoints[1].new_lesion == "yes"


def test_a_scope_of_treated_lesions_passes_over_the_others_whatever_their_order() -> None:
    scope = Scope("zones", only_treated=True)
    course = "BL 0: T1=30 T2=20\nW8 56: T1=30 T2=25@ablation:20"
    one = assessed(course, settings={"treated.handling": "keep"}, scope=scope)
    assert [row.sum_mm for row in one.timepoints] == [20, 25]


def test_a_lesion_treated_before_the_study_was_never_in_the_untreated_scope() -> None:
    course = "BL 0: T1=30@ablation:-60 T2=20\nW8 56: T1=30 T2=19"
    untreated = Scope("untreated", exclude_treated=True)
    for setting in ("whole-study", "from-treatment"):
        one = assessed(course, settings={"scope.treated_exclusion": setting}, scope=untreated)
        assert [row.sum_mm for row in one.timepoints] == [20, 19]


def test_a_visit_missed_before_an_evaluable_one_does_not_count() -> None:
    best = assessed("BL 0: T1=50\nW8 56:\nW16 112: T1=50\nW24 168: T1=80").best
    assert best.time_to_progression is not None
    assert (best.time_to_progression.days, best.time_to_progression.ended_by) == (168, "progression")


def test_a_new_lesion_treated_later_stays_in_the_sum_where_zones_are_kept() -> None:
    course = "BL 0: T1=30\nW8 56: T1=30 LT1=12\nW16 112: T1=30 LT1=40@ablation:80"
    assert overalls(course, "irecist", treated__handling="keep") == ["iUPD", "iCPD"]
    assert overalls(course, "irecist") == ["iUPD", "NE"]


def test_a_lesion_treated_on_the_day_of_the_baseline_leaves_the_scope_after_it() -> None:
    course = "BL 0: T1=30@ablation:0 T2=20\nW8 56: T1=40@ablation:0 T2=18"
    untreated = Scope("untreated", exclude_treated=True)
    one = assessed(course, settings={"scope.treated_exclusion": "from-treatment"}, scope=untreated)
    assert [row.sum_mm for row in one.timepoints] == [50, 18]


def test_scopes_share_the_read_without_the_scans_after_an_event() -> None:
    scopes = (Scope("all"), Scope("liver", include_organs=("liver",)))
    criteria = tuple(Criterion(one.id, "recist11", one.id, "resection") for one in scopes)
    made = replace(protocol(), scopes=scopes, criteria=criteria)
    course = "BL 0: T1=30 T2=20/lung\nW8 56: T1=20 T2=20\nW16 112: T1=10 T2=10"
    found = assess_read(findings(course), made, SubjectFacts(resection_date=day(112))).criteria
    assert [[row.sum_mm for row in one.timepoints] for one in found] == [[50, 40], [30, 20]]
