"""D1 to D32: every question on which authorities differ, each setting of its key."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

import measure.criteria
from measure.criteria.findings import SubjectFacts
from measure.criteria.results import BestResponse
from measure.protocol import Scope
from measure.rules import RULE_KEYS, Rules
from tests.build.courses import UNTREATED, assessed, day, overalls

D = Decimal
PR_TWICE = "BL 0: T1=50\nW8 56: T1=30\nW16 {}: T1=30"


def best(course: str, standard: str = "recist11", **settings: object) -> BestResponse:
    dotted = {name.replace("__", "."): value for name, value in settings.items()}
    return assessed(course, standard, dotted).best


def test_d1_confirmation() -> None:
    course = "BL 0: T1=50\nW8 56: T1=30"
    assert best(course).best == "SD"
    assert best(course).unconfirmed_best == "PR"
    assert best(course, confirmation__required=False).best == "PR"


@pytest.mark.parametrize(
    ("second", "settings", "expected"),
    [
        (84, {}, "PR"),
        (83, {}, "SD"),
        (83, {"confirmation__min_days": 27}, "PR"),
        (140, {"confirmation__max_days": 84}, "PR"),
        (141, {"confirmation__max_days": 84}, "SD"),
    ],
)
def test_d2_interval(second: int, settings: dict[str, object], expected: str) -> None:
    assert best(PR_TWICE.format(second), **settings).best == expected


def test_d3_what_may_lie_between() -> None:
    one = "BL 0: T1=50\nW8 56: T1=30\nW16 112:\nW24 168: T1=30"
    two = "BL 0: T1=50\nW8 56: T1=30\nW16 112:\nW20 140:\nW24 168: T1=30"
    assert best(one).best == "PR"
    assert best(one, confirmation__max_ne_between=0).best == "SD"
    assert best(two).best == "SD"
    assert best(two, confirmation__max_ne_between=2).best == "PR"
    stable = "BL 0: T1=50\nW8 56: T1=34\nW16 112: T1=37\nW24 168: T1=34"
    assert best(stable).best == "SD"
    assert best(stable, confirmation__allow_sd_between=True).best == "PR"


def test_d4_minimum_of_stable_disease_and_its_clock() -> None:
    course = "BL 0: T1=50\nW6 41: T1=50"
    assert best(course).best == "NE"
    assert best(course, stable_disease__min_days=41).best == "SD"
    late = "BL 0: T1=50\nW6 50: T1=50"
    assert best(late).best == "SD"
    assert best(late, reference__start_date="2024-01-10").best == "NE"
    facts = SubjectFacts(reference_start_date=day(-10))
    assert assessed(course, facts=facts).best.best == "SD"


def test_d5_too_small_to_measure() -> None:
    course = "BL 0: T1=30 T2=12/lung\nW8 56: T1=26 T2=too-small"
    assert assessed(course).timepoints[1].sum_mm == D(31)
    assert assessed(course, settings={"too_small.default_mm": 3}).timepoints[1].sum_mm == D(29)


@pytest.mark.parametrize(
    ("sum_mm", "percent", "expected"),
    [
        ("70.5", "exact", "SD"),
        ("70.5", "round0", "PR"),
        ("70.6", "round0", "SD"),
        ("70.04", "round1", "PR"),
        ("70.06", "round1", "SD"),
        ("70.004", "round2", "PR"),
        ("70.006", "round2", "SD"),
        ("119.5", "round0", "PD"),
        ("119.4", "round0", "SD"),
        ("119.95", "round1", "PD"),
        ("119.995", "round2", "PD"),
        ("119.995", "exact", "SD"),
    ],
)
def test_d6_percentages(sum_mm: str, percent: str, expected: str) -> None:
    assert overalls(f"BL 0: T1=100\nW8 56: T1={sum_mm}", arithmetic__percent=percent) == [expected]


def test_d7_nadir_with_and_without_baseline() -> None:
    course = "BL 0: T1=50\nW8 56: T1=58\nW16 112: T1=62"
    assert overalls(course) == ["SD", "PD"]
    assert overalls(course, nadir__includes_baseline=False) == ["SD", "SD"]
    row = assessed(course, settings={"nadir.includes_baseline": False}).timepoints[2]
    assert row.nadir_mm == D(58)


def test_d8_progression_proven_by_a_partial_sum() -> None:
    course = "BL 0: T1=50 T2=20\nW8 56: T1=90 T2=not-evaluable"
    assert overalls(course) == ["PD"]
    assert overalls(course, not_evaluable__partial_pd=False) == ["NE"]


def test_d9_an_established_response_continues() -> None:
    course = "BL 0: T1=100\nW8 56: T1=70\nW16 112: T1=70\nW24 168: T1=80"
    assert overalls(course) == ["PR", "PR", "PR"]
    assert overalls(course, pr__continues=False) == ["PR", "PR", "SD"]
    unconfirmed = "BL 0: T1=100\nW8 56: T1=70\nW16 112: T1=80"
    assert overalls(unconfirmed) == ["PR", "SD"]
    assert overalls(unconfirmed, confirmation__required=False) == ["PR", "PR"]


def test_d10_reappearance_after_complete_response() -> None:
    once = "BL 0: T1=50\nW8 56: T1=absent\nW16 112: T1=4"
    twice = "BL 0: T1=50\nW8 56: T1=absent\nW16 112: T1=absent\nW24 168: T1=4"
    assert overalls(once) == ["CR", "PD"]
    assert overalls(once, cr__reappearance="pd-after-confirmed") == ["CR", "PR"]
    assert overalls(twice, cr__reappearance="pd-after-confirmed") == ["CR", "CR", "PD"]
    assert overalls(twice, cr__reappearance="arithmetic") == ["CR", "CR", "PR"]
    node = "BL 0: T1=50 N1n=present\nW8 56: T1=absent N1n=absent\nW16 112: T1=absent N1n=11"
    assert overalls(node) == ["CR", "PR"]  # a node only if unequivocally progressed


def test_d11_all_nodes_normal() -> None:
    course = "BL 0: T1n=16\nW8 56: T1n=4\nW16 112: T1n=9.5"
    assert overalls(course) == ["CR", "CR"]
    assert overalls(course, nodal__all_normal="arithmetic") == ["CR", "PD"]
    assert overalls(course, nodal__normal_below_mm="9") == ["CR", "PD"]


def test_d12_back_dating() -> None:
    course = "BL 0: T1=44\nW8 56: T1=44 L1=equivocal\nW16 112: T1=44 L1=present"
    dated = assessed(course)
    assert ([r.overall for r in dated.timepoints[1:]], dated.best.progression_date) == (["SD", "PD"], day(56))
    assert dated.best.best == "PD"
    none = assessed(course, settings={"new_lesion.backdate": "none"})
    assert (none.best.best, none.best.progression_date) == ("SD", day(112))
    rewritten = assessed(course, settings={"new_lesion.backdate": "rewrite"})
    assert [(r.new_lesion, r.overall) for r in rewritten.timepoints[1:]] == [("yes", "PD"), ("yes", "PD")]
    assert rewritten.best.progression_date == day(56)
    gone = "BL 0: T1=44\nW8 56: T1=44 L1=equivocal\nW16 112: T1=44 L1=absent\nW24 168: T1=44 L1=present"
    for rule in ("date-only", "rewrite"):
        assert best(gone, new_lesion__backdate=rule).progression_date == day(168)


def test_d12_rewrite_reaches_back_over_visits_that_did_not_show_the_area() -> None:
    course = "BL 0: T1=44\nW8 56: T1=44 L1=equivocal\nW16 112: T1=44 L1=not-evaluable\nW24 168: T1=44 L1=present"
    assert overalls(course, new_lesion__backdate="rewrite") == ["PD", "PD", "PD"]
    assert overalls(course) == ["SD", "SD", "PD"]
    assert best(course).progression_date == day(56)
    never = "BL 0: T1=44\nW8 56: T1=44 L1=equivocal\nW16 112: T1=44 L1=equivocal"
    assert overalls(never, new_lesion__backdate="rewrite") == ["SD", "SD"]


def test_d13_new_node() -> None:
    course = "BL 0: T1=44\nW8 56: T1=44 L1n=11"
    assert overalls(course) == ["PD"]
    assert overalls(course, new_lesion__nodal_min_mm="15") == ["SD"]
    assert overalls("BL 0: T1=44\nW8 56: T1=44 L1n=9.9") == ["SD"]


@pytest.mark.parametrize("standard", ["recist11", "irecist"])
def test_d14_area_for_new_lesions_not_imaged(standard: str) -> None:
    course = "BL 0: T1=60\nW8 56: T1=40 L1=not-evaluable"
    prefix = "i" if standard == "irecist" else ""
    assert overalls(course, standard) == [f"{prefix}PR"]
    assert overalls(course, standard, new_lesion__not_evaluable="ne") == ["NE"]
    progressed = "BL 0: T1=60\nW8 56: T1=90 L1=not-evaluable"
    assert overalls(progressed, new_lesion__not_evaluable="ne") == ["PD"]


def test_d15_lesion_treated_on_study() -> None:
    course = "BL 0: T1=30 T2=25 T3=15/lung\nW8 56: T1=58@ablation:30 T2=17 T3=10"
    assert overalls(course) == ["NE"]
    assert overalls(course, treated__handling="exclude") == ["PR"]
    assert overalls(course, treated__handling="keep") == ["PD"]
    assert overalls(course, treated__kinds=["radiotherapy"]) == ["PD"]


def test_d16_exclusion_for_the_whole_study_or_from_treatment() -> None:
    course = "BL 0: T1=40 T2=30\nW9 63: T1=20 T2=29\nW18 126: T1=36@ablation:100 T2=28"
    whole = assessed(course, scope=UNTREATED)
    assert [r.sum_mm for r in whole.timepoints] == [D(30), D(29), D(28)]
    late = assessed(course, settings={"scope.treated_exclusion": "from-treatment"}, scope=UNTREATED)
    assert [r.sum_mm for r in late.timepoints] == [D(70), D(49), D(28)]
    assert [r.overall for r in late.timepoints[1:]] == ["PR", "PR"]
    alone = "BL 0: T1=40 N1=present\nW9 63: T1=30@ablation:50 N1=absent@surgery:50"
    row = assessed(alone, settings={"scope.treated_exclusion": "from-treatment"}, scope=UNTREATED).timepoints[1]
    assert (row.target, row.non_target, row.overall) == ("NE", "NE", "NE")


def test_d16_recurrence_in_the_untreated_scope() -> None:
    course = "BL 0: T1=30 T2=25\nW8 56: T1=30@ablation:30 T2=25 L1=9/liver@ablation:30"
    key = "ablation.recurrence_in_untreated_scope"
    assert assessed(course, scope=UNTREATED).timepoints[1].overall == "SD"
    assert assessed(course, settings={key: "include"}, scope=UNTREATED).timepoints[1].overall == "PD"
    outside = Scope("out", exclude_treated=True, new_lesions="outside-treated-zone")
    assert assessed(course, settings={key: "include"}, scope=outside).timepoints[1].overall == "SD"


def test_d17_dates_within_a_time_point() -> None:
    grown = "BL 0: T1=40 T2=20\nW8 56: T1=66 T2=33#3"
    assert best(grown).progression_date == day(56)
    assert best(grown, progression__date_rule="fda").progression_date == day(59)
    assert best(grown, progression__date_rule="earliest-scan").progression_date == day(56)
    new = "BL 0: T1=40 T2=20\nW8 56: T1=40 T2=20#3 L1=9#3"
    assert best(new).progression_date == day(59)
    assert best(new, progression__date_rule="earliest-scan").progression_date == day(56)
    non_target = "BL 0: T1=40 N1=present\nW8 56: T1=40 N1=unequivocal-progression#4"
    assert best(non_target).progression_date == day(60)
    shrunk = "BL 0: T1=40 T2=20\nW8 56: T1=20 T2=12#3\nW16 112: T1=20 T2=12"
    assert best(shrunk).best_date == day(59)
    assert best(shrunk, response__date_rule="earliest-scan").best_date == day(56)


def test_d18_new_therapy() -> None:
    course = "BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=30\nW24 168: T1=60"
    for facts, settings in (
        (SubjectFacts(subsequent_therapy_date=day(80)), {}),
        (SubjectFacts(), {"subsequent_therapy.date": "2024-03-21"}),
    ):
        censored = assessed(course, settings=settings, facts=facts).best
        assert (censored.best, censored.progression_date) == ("SD", None)
        assert censored.time_to_progression is not None
        assert (censored.time_to_progression.days, censored.time_to_progression_reason) == (56, "new_therapy")
        ignored = assessed(course, settings={**settings, "subsequent_therapy.rule": "ignore"}, facts=facts).best
        assert (ignored.best, ignored.progression_date) == ("PR", day(168))


def test_d18_progression_after_missed_visits_is_censored_in_the_time_to_progression() -> None:
    course = "BL 0: T1=50\nW8 56: T1=50\nW16 112:\nW24 168:\nW32 224: T1=80"
    found = best(course)
    assert found.progression_date == day(224)
    assert found.time_to_progression is not None
    assert (found.time_to_progression.days, found.time_to_progression_reason) == (56, "missed_visits")
    for visits in (3, 0):
        event = best(course, pfs__missed_visits=visits).time_to_progression
        assert event is not None
        assert (event.days, event.ended_by) == (224, "progression")


def test_d19_after_progression() -> None:
    course = "BL 0: T1=50\nW8 56: T1=65\nW16 112: T1=30"
    assert overalls(course) == ["PD", "PD"]
    assert overalls(course, after_progression="assess") == ["PD", "PR"]
    immune = "BL 0: T1=50\nW8 56: T1=65\nW16 112: T1=75\nW24 168: T1=30\nW32 224: T1=80"
    assert overalls(immune, "irecist") == ["iUPD", "iCPD", "iCPD", "iCPD"]
    assert overalls(immune, "irecist", after_progression="assess") == ["iUPD", "iCPD", "iPR", "iCPD"]


def test_d20_some_non_targets_missing() -> None:
    course = "BL 0: N1=present N2=present\nW8 56: N1=absent N2=not-evaluable"
    assert overalls(course) == ["NE"]
    assert overalls(course, non_target__some_missing="ignore") == ["CR"]
    nothing = "BL 0: N1=present\nW8 56: N1=not-evaluable"
    assert overalls(nothing, non_target__some_missing="ignore") == ["NE"]


def test_d20_minimum_duration_of_non_cr_non_pd() -> None:
    course = "BL 0: N1=present\nW4 28: N1=present"
    assert best(course).best == "NE"
    assert best(course, best__non_cr_non_pd_min_days=False).best == "NON-CR/NON-PD"
    assert best("BL 0: N1=present\nW8 56: N1=absent").best == "NON-CR/NON-PD"  # a CR that nothing confirms


@pytest.mark.parametrize(
    ("second", "settings", "expected"),
    [
        (82, {}, "iCPD"),
        (81, {}, "iUPD"),
        (81, {"irecist__early_scan": "NE"}, "NE"),
        (83, {"irecist__confirm_tolerance_days": 0}, "iUPD"),
        (70, {"irecist__confirm_min_days": 14}, "iCPD"),
        (112, {"irecist__confirm_max_days": 56}, "iCPD"),
        (113, {"irecist__confirm_max_days": 56}, "iUPD"),
    ],
)
def test_d21_window_of_confirmation(second: int, settings: dict[str, object], expected: str) -> None:
    course = f"BL 0: T1=50\nW8 56: T1=64\nW12 {second}: T1=72"
    assert overalls(course, "irecist", **settings) == ["iUPD", expected]


def test_d21_an_early_scan_is_no_reference_for_further_growth() -> None:
    course = "BL 0: T1=50\nW8 56: T1=64\nW10 70: T1=72\nW16 112: T1=74"
    assert overalls(course, "irecist") == ["iUPD", "iUPD", "iCPD"]
    unchanged = "BL 0: T1=50\nW8 56: T1=64\nW10 70: T1=64"
    assert overalls(unchanged, "irecist") == ["iUPD", "iUPD"]
    assert overalls(unchanged, "irecist", irecist__early_scan="NE") == ["iUPD", "NE"]


def test_d22_reference_for_further_growth() -> None:
    course = "BL 0: T1=50\nW8 56: T1=63\nW16 112: T1=66\nW24 168: T1=69"
    assert overalls(course, "irecist") == ["iUPD", "iUPD", "iUPD"]
    assert overalls(course, "irecist", irecist__reference="first-iupd") == ["iUPD", "iUPD", "iCPD"]


def test_d23_reset_while_a_new_lesion_persists() -> None:
    key = "irecist__reset_with_new_lesion"
    improved = "BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=30 LT1=12"
    assert overalls(improved, "irecist") == ["iUPD", "iPR"]
    assert overalls(improved, "irecist", **{key: "never"}) == ["iUPD", "iUPD"]
    shrunk = "BL 0: T1=50\nW8 56: T1=30 LT1=12\nW16 112: T1=25 LT1=12"
    assert overalls(shrunk, "irecist") == ["iUPD", "iUPD"]
    assert overalls(shrunk, "irecist", **{key: "any-shrinkage"}) == ["iUPD", "iPR"]
    same = "BL 0: T1=50\nW8 56: T1=30 LT1=12\nW16 112: T1=30 LT1=12"
    assert overalls(same, "irecist", **{key: "any-shrinkage"}) == ["iUPD", "iUPD"]


def test_d24_another_category_after_the_first_has_regressed() -> None:
    key = "irecist__other_category_confirms"
    resolved = "BL 0: T1=50\nW8 56: T1=64\nW16 112: T1=50 LN1=present"
    assert overalls(resolved, "irecist") == ["iUPD", "iCPD"]
    assert overalls(resolved, "irecist", **{key: "only-if-unresolved"}) == ["iUPD", "iUPD"]
    assert assessed(
        resolved, "irecist", {"irecist.other_category_confirms": "only-if-unresolved"}
    ).best.progression_date == day(112)
    still = "BL 0: T1=50\nW8 56: T1=64\nW16 112: T1=64 LN1=present"
    assert overalls(still, "irecist", **{key: "only-if-unresolved"}) == ["iUPD", "iCPD"]
    replaced = "BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=50 LT1=absent LT2=12"
    assert overalls(replaced, "irecist", **{key: "only-if-unresolved"}) == ["iUPD", "iUPD"]
    itself = "BL 0: T1=50\nW8 56: T1=64\nW16 112: T1=70 LN1=present"
    assert overalls(itself, "irecist", **{key: "only-if-unresolved"}) == ["iUPD", "iCPD"]


def test_d25_iupd_between_two_responses() -> None:
    course = "BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=44\nW24 168: T1=30"
    assert overalls(course, "irecist") == ["iPR", "iUPD", "iPR"]
    assert best(course, "irecist").best == "iSD"
    passed = best(course, "irecist", irecist__iupd_between_responses=True)
    assert (passed.best, passed.best_date, passed.confirmation_date) == ("iPR", day(56), day(168))


@pytest.mark.parametrize(
    ("size", "rule", "expected"),
    [
        ("17", "5mm", "iUPD"),
        ("16.9", "5mm", "iPR"),
        ("35", "20pct-5mm", "iUPD"),
        ("13", "any", "iUPD"),
        ("12", "any", "iPR"),
    ],
)
def test_d26_known_new_lesions_growing_after_a_reset(size: str, rule: str, expected: str) -> None:
    course = f"BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=30 LT1=12\nW24 168: T1=30 LT1={size}"
    found = overalls(course, "irecist", irecist__new_lesion_progression=rule)
    assert found == ["iUPD", "iPR", expected]


def test_d26_twenty_per_cent_of_a_large_new_lesion() -> None:
    course = "BL 0: T1=50\nW8 56: T1=50 LT1=40\nW16 112: T1=30 LT1=40\nW24 168: T1=30 LT1=46"
    assert overalls(course, "irecist")[-1] == "iUPD"
    assert overalls(course, "irecist", irecist__new_lesion_progression="20pct-5mm")[-1] == "iPR"


def test_d27_absolute_minimum_of_mrecist() -> None:
    course = "BL 0: T1=15\nW8 56: T1=18"
    assert overalls(course, "mrecist") == ["PD"]
    assert overalls(course, "mrecist", mrecist__pd_absolute_mm="5") == ["SD"]
    assert overalls(course, "mrecist", mrecist__pd_absolute_mm="none") == ["PD"]


def test_d28_gaps_of_mixed_response() -> None:
    cleared = "BL 0: T1=40\nW8 56: T1=absent L1=present"
    assert assessed(cleared, mixed=True).timepoints[1].mixed == "none"
    read = assessed(cleared, settings={"mixed.cr_with_new_lesion": "mr-pr"}, mixed=True)
    assert (read.timepoints[1].mixed, read.best.mixed_occurred) == ("MR (PR)", True)
    worse = "BL 0: T1=40 T2=40 N1=present\nW8 56: T1=26 T2=44 N1=unequivocal-progression"
    assert assessed(worse, mixed=True).timepoints[1].mixed == "MR (SD)"
    assert assessed(worse, settings={"mixed.non_target_pd": "block"}, mixed=True).timepoints[1].mixed == "none"


def test_d29_the_numeric_guide_is_never_computed_with() -> None:
    course = "BL 0: N1=present\nW8 56: N1=increased"
    assert overalls(course) == overalls(course, non_target__numeric_guide="+73 % of the volume")


def test_d30_days_of_a_duration() -> None:
    course = "BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=30\nW24 168: T1=60"
    for plus_one, days in ((False, 112), (True, 113)):
        span = best(course, duration__plus_one_day=plus_one).response
        assert span is not None
        assert (span.days, span.ended_by) == (days, "progression")


def test_d31_growth_over_a_nadir_of_zero() -> None:
    course = "BL 0: T1=28 N1=present\nW8 56: T1=absent N1=present\nW16 112: T1={} N1=present"
    assert overalls(course.format(4)) == ["PR", "PR"]
    assert overalls(course.format(5)) == ["PR", "PD"]
    reviewed = assessed(course.format(5), settings={"nadir.zero": "review"}).timepoints[2]
    assert (reviewed.target, reviewed.overall) == ("NE", "NE")
    assert "manual review" in reviewed.explanation


def test_d32_an_iupd_open_at_the_end() -> None:
    course = "BL 0: T1=50\nW8 56: T1=63"
    assert best(course, "irecist").progression_date == day(56)
    assert best(course, "irecist", irecist__open_iupd="not-established").progression_date is None


def test_fixed_numbers_may_be_changed_to_read_old_criteria_again() -> None:
    assert overalls("BL 0: T1=100\nW8 56: T1=75", pr__relative_percent=25) == ["PR"]
    assert overalls("BL 0: T1=100\nW8 56: T1=110", pd__relative_percent=10) == ["PD"]
    assert overalls("BL 0: T1=10\nW8 56: T1=13", pd__absolute_mm=3) == ["PD"]


def test_limits_of_selection_and_measurability() -> None:
    three = "BL 0: T1=30 T2=30 T3=30"
    assert len(assessed(three).baseline_issues) == 1
    assert assessed(three, settings={"targets.max_per_organ": 3}).baseline_issues == ()
    assert len(assessed(three, settings={"targets.max_per_organ": 3, "targets.max_total": 2}).baseline_issues) == 1
    thick = "BL 0: T1=12^7"
    assert len(assessed(thick).baseline_issues) == 1
    assert assessed(thick, settings={"measurability.slice_factor": "1"}).baseline_issues == ()
    assert assessed("BL 0: T1=9", settings={"measurability.min_mm": 9}).baseline_issues == ()
    assert assessed("BL 0: T1n=14", settings={"nodal.target_min_mm": 14}).baseline_issues == ()
    assert [i.issue for i in assessed("BL 0: T1=too-small").baseline_issues] == ["below-measurable-size"]


def test_every_setting_of_every_key_stands_in_a_test() -> None:
    """Each key, each other word of it, and both flags: none decides silently."""
    folder = Path(__file__).parent
    tests = "".join((folder / f"test_{name}.py").read_text("utf-8") for name in ("disagreements", "states"))
    shown_only = {"ablation.min_margin_mm"}
    for key, (attribute, what) in RULE_KEYS.items():
        if key in shown_only:
            continue
        spelled = f"{key.replace('.', '__')}=", f'"{key}"', f'"{key.replace(".", "__")}"'
        assert any(one in tests for one in spelled), key
        default = Rules().value(key)
        for word in what.words:
            assert word == default or word in str(default) or f'"{word}"' in tests, f"{key} = {word}"
        assert attribute in ENGINE or key == "non_target.numeric_guide", key


ENGINE = "".join(one.read_text("utf-8") for one in Path(measure.criteria.__file__).parent.rglob("*.py"))
