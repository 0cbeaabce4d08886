"""The published tables as data, and the order in which rules win."""

from __future__ import annotations

import pytest

from measure.criteria import durations
from measure.criteria.findings import SubjectFacts, natural_key, one_organ
from measure.criteria.plan import prepare
from measure.criteria.recist11.timepoint import OVERALL, TABLE_1, overall_response
from measure.criteria.table import NON_TARGETS, TARGETS, Row, read_table
from measure.protocol import Criterion, Protocol, Scope, Trial
from tests.build.courses import UNTREATED, assessed, day, follow_ups, overalls


def test_the_tables_answer_every_combination() -> None:
    assert len(OVERALL) == 60
    assert overall_response("CR", "NE", new_lesion=False) == ("PR", "R11-29")
    assert overall_response("NA", "NE", new_lesion=False) == ("NE", "R11-30")
    assert overall_response("NE", "CR", new_lesion=True) == ("PD", "R11-29")


def test_a_table_with_a_gap_or_a_contradiction_cannot_be_read() -> None:
    with pytest.raises(ValueError, match="nothing"):
        read_table(TABLE_1[:-1], TARGETS, NON_TARGETS)
    with pytest.raises(ValueError, match="PD"):
        read_table((*TABLE_1, Row("x", ("SD",), ("CR",), (False,), "PD")), TARGETS, NON_TARGETS)


def test_labels_sort_as_people_count() -> None:
    assert sorted(["T10", "T2", "NT1", "T1"], key=natural_key) == ["NT1", "T1", "T2", "T10"]


def test_paired_organs_are_one_organ() -> None:
    assert {one_organ(name) for name in ("lung", "left lung", "lung-right", "Lung, left")} == {"lung"}


def test_progression_beats_partial_response_when_both_formulas_hold() -> None:
    assert overalls("BL 0: T1=100\nW8 56: T1=20\nW16 112: T1=40") == ["PR", "PD"]


def test_an_incomplete_sum_never_becomes_the_nadir() -> None:
    course = "BL 0: T1=50 T2=50\nW8 56: T1=40 T2=not-evaluable\nW16 112: T1=50 T2=48"
    assert [row.nadir_mm for row in follow_ups(assessed(course))] == [100, 100]


def test_continuing_response_ends_with_progression() -> None:
    course = "BL 0: T1=100\nW8 56: T1=70\nW16 112: T1=70\nW24 168: T1=90\nW32 224: T1=80"
    assert overalls(course, "irecist") == ["iPR", "iPR", "iUPD", "iSD"]


def test_a_pending_iupd_stays_open_over_visits_that_cannot_be_evaluated() -> None:
    course = (
        "BL 0: N1=present T1=50\nW8 56: N1=unequivocal-progression T1=50\nW16 112: T1=50\nW24 168: N1=increased T1=50"
    )
    assert overalls(course, "irecist") == ["iUPD", "NE", "iCPD"]
    lost = "BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=50\nW24 168: T1=50 LT1=17"
    assert overalls(lost, "irecist") == ["iUPD", "NE", "iCPD"]


def test_growth_after_an_iupd_proven_by_part_of_the_targets() -> None:
    course = "BL 0: T1=50 T2=20\nW8 56: T1=70 T2=20\nW16 112: T1=96 T2=not-evaluable"
    assert overalls(course, "irecist") == ["iUPD", "iCPD"]
    assert overalls(course, "irecist", not_evaluable__partial_pd=False) == ["iUPD", "NE"]


def test_an_undated_visit_confirms_nothing() -> None:
    course = "BL 0: T1=50\nW8 56: T1=64\nW16 -: missed\nW24 168: T1=72"
    one = assessed(course, "irecist", visits=("W8", "W16", "W24"))
    assert [row.overall for row in follow_ups(one)] == ["iUPD", "NE", "iCPD"]
    assert one.best.progression_date == day(56)


def test_target_growth_cannot_confirm_against_a_partial_sum() -> None:
    course = "BL 0: T1=50 T2=20\nW8 56: T1=96 T2=not-evaluable\nW16 112: T1=99 T2=20"
    assert overalls(course, "irecist") == ["iUPD", "iUPD"]


def test_immune_best_after_complete_response_and_open_progression() -> None:
    one = assessed("BL 0: N1=present\nW8 56: N1=absent\nW16 112: N1=unequivocal-progression", "irecist")
    assert (one.best.best, one.best.unconfirmed_best) == ("NON-iCR/NON-iUPD", "iCR")
    assert one.best.stable is not None
    assert one.best.stable.end == day(112)


def test_time_to_progression_without_any_assessment_is_censored_at_the_start() -> None:
    for course in ("BL 0: T1=50", "BL 0: T1=50\nW8 56:"):
        best = assessed(course).best
        assert best.time_to_progression is not None
        assert (best.time_to_progression.days, best.time_to_progression_reason) == (
            0,
            durations.NO_ASSESSMENT,
        )
        assert best.best == "NE"


def test_causes_of_progression_are_named() -> None:
    course = "BL 0: T1=50 N1=present\nW8 56: T1=70 N1=unequivocal-progression L1=9"
    assert assessed(course).best.progression_cause == "target; non-target; new lesion"


@pytest.mark.parametrize(
    ("course", "words"),
    [
        ("BL 0: T1=50\nW8 56: T1=72", "sum 72 mm is 22 mm (+44.00 %) above the nadir of 50 mm, by T1"),
        (
            "BL 0: T1=50 T2=9\nW8 56: T1=80 T2=not-imaged",
            "sum of the measured targets alone (T2 missing) 80 mm",
        ),
        ("BL 0: T1=50\nW8 56: T1=51", "+1 mm from the nadir of 50 mm"),
        ("BL 0: T1n=16\nW8 56: T1n=8", "all targets gone, nodes below normal size"),
        ("BL 0: T1=50\nW8 56: T1=absent\nW16 112: T1=3", "T1 returned after complete response"),
        ("BL 0: N1=present\nW8 56: N1=absent\nW16 112: N1=present", "N1 returned after complete response"),
        ("BL 0: T1=50\nW8 56:", "targets not evaluable (T1)"),
        ("BL 0: T1=50 N1=present\nW8 56: T1=50", "non-targets not all evaluated (N1)"),
        ("BL 0: T1=50\nW8 56: T1=50 L1=equivocal", "equivocal new lesion L1 counts as none until confirmed"),
        ("BL 0: T1=50\nW8 56: T1=50 L1=not-evaluable", "new lesions not assessable (L1)"),
        ("BL 0: T1=50\nW8 56: T1=70\nW16 112: T1=20", "progression was reached before and stays"),
        (
            "BL 0: T1=90\nW8 56: T1=60\nW16 112: T1=60\nW24 168: T1=68",
            "an established partial response continues",
        ),
    ],
)
def test_every_response_explains_itself(course: str, words: str) -> None:
    assert words in assessed(course).timepoints[-1].explanation


def test_explanations_do_not_invent_numbers() -> None:
    one = assessed("BL 0: T1=50\nW8 56: T1=20 L1=present", mixed=True)
    assert one.timepoints[1].explanation.startswith("PD: sum 20 mm against 50 mm at baseline (-60.00 %); new lesion L1")
    assert "MR (PR)" in one.timepoints[1].explanation
    assert assessed("BL 0: N1=present").timepoints[0].explanation == "Baseline, no targets in this scope."


def test_new_therapy_after_the_last_scan_censors_nothing() -> None:
    facts = SubjectFacts(subsequent_therapy_date=day(400))
    best = assessed("BL 0: T1=50\nW8 56: T1=50", facts=facts).best
    assert (best.best, best.time_to_progression_reason) == ("SD", durations.NO_PROGRESSION)


def test_iupd_alone_is_the_best_response_even_where_it_may_stand_between_responses() -> None:
    course = "BL 0: T1=50\nW8 56: T1=64"
    one = assessed(course, "irecist", {"irecist.iupd_between_responses": True})
    assert (one.best.best, one.best.progression_date) == ("iUPD", day(56))


def test_a_known_new_non_target_that_increases_after_a_reset_is_a_new_iupd() -> None:
    course = "BL 0: T1=50\nW8 56: T1=50 LN1=present\nW16 112: T1=30 LN1=present\nW24 168: T1=30 LN1=increased"
    assert overalls(course, "irecist") == ["iUPD", "iPR", "iUPD"]


def test_complete_response_of_a_split_target() -> None:
    course = "BL 0: T1=40\nW8 56: T1=split T1a<T1=absent T1b<T1=absent"
    assert overalls(course) == ["CR"]


def test_a_small_node_target_at_baseline_is_warned_about() -> None:
    one = assessed("BL 0: T1n=12 N1n=8 N2n=12")
    assert [(i.lesion, i.issue) for i in one.baseline_issues] == [
        ("T1n", "node-below-target-size"),
        ("N1n", "node-of-normal-size"),
    ]


def test_a_lesion_that_left_the_scope_by_treatment_is_named() -> None:
    course = "BL 0: T1=40 T2=30\nW9 63: T1=20 T2=29\nW18 126: T1=36@ablation:100 T2=28"
    one = assessed(course, settings={"scope.treated_exclusion": "from-treatment"}, scope=UNTREATED)
    said = [row.explanation for row in one.timepoints]
    assert ["T1 left the scope" in text for text in said] == [False, False, True]


def test_rules_and_drivers_name_what_decided() -> None:
    grown = assessed("BL 0: T1=30 T2=30\nW8 56: T1=50 T2=30").timepoints[1]
    assert (grown.rules, grown.drivers) == (("R11-16", "R11-29"), ("T1",))
    shrunk = assessed("BL 0: T1=30 T2=30 T3=30\nW8 56: T1=40 T2=10 T3=merged>T1").timepoints[1]
    assert (shrunk.rules, shrunk.drivers) == (("R11-11", "R11-15", "R11-29"), ("T2",))
    plain = assessed("BL 0: T1=30\nW8 56: T1=30").timepoints[1]
    assert (plain.rules, plain.drivers) == (("R11-17", "R11-29"), ())
    small = assessed("BL 0: T1=30 T2=20\nW8 56: T1=31 T2=too-small").timepoints[1]
    assert small.rules == ("R11-10", "R11-17", "R11-29")


def test_limits_of_node_size_and_of_treatment_dates_at_baseline() -> None:
    assert assessed("BL 0: N1n=10").baseline_issues == ()
    assert len(assessed("BL 0: N1n=9.9").baseline_issues) == 1
    same_day = assessed("BL 0: T1=30@ablation:0", settings={"treated.handling": "keep"})
    assert same_day.baseline_issues == ()


def test_a_time_point_with_an_incomplete_sum_is_no_reference_for_further_growth() -> None:
    course = "BL 0: T1=50 T2=20\nW8 56: T1=70 T2=20\nW16 112: T1=90 T2=not-imaged\nW24 168: T1=80 T2=20"
    assert overalls(course, "irecist") == ["iUPD", "iUPD", "iCPD"]


def test_new_targets_have_their_own_sum_which_is_unknown_when_one_is_missing() -> None:
    course = (
        "BL 0: T1=50\nW8 56: T1=50 LT1=12 LT2=9 LN1=present\nW16 112: T1=50 LT1=12 LT2=absent LN1=present\n"
        "W24 168: T1=50 LT1=not-evaluable LT2=9 LN1=present"
    )
    one = assessed(course, "irecist")
    assert [row.new_sum_mm for row in one.timepoints] == [None, 21, 12, None]
    unmeasured = assessed("BL 0: T1=50\nW8 56: T1=50 L1=present", "irecist")
    assert unmeasured.timepoints[1].new_sum_mm is None


def test_shrinkage_of_targets_that_are_still_progressed_resets_nothing() -> None:
    course = "BL 0: T1=50\nW8 56: T1=80 LT1=12\nW16 112: T1=75 LT1=12\nW24 168: T1=80 LT1=12"
    found = overalls(course, "irecist", irecist__reset_with_new_lesion="any-shrinkage")
    assert found == ["iUPD", "iUPD", "iCPD"]


def test_irecist_rows_name_their_rule_first() -> None:
    def first_rules(course: str, **settings: object) -> list[str]:
        dotted = {name.replace("__", "."): value for name, value in settings.items()}
        return [row.rules[0] for row in follow_ups(assessed(course, "irecist", dotted))]

    assert first_rules("BL 0: T1=50\nW8 56: T1=64\nW16 112: T1=70") == ["IR-02", "IR-05"]
    assert first_rules("BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=50 LT1=17") == ["IR-02", "IR-07"]
    assert first_rules("BL 0: T1=50\nW8 56: T1=64\nW16 112: T1=64 LT1=12") == ["IR-02", "IR-08"]
    assert first_rules("BL 0: T1=50\nW8 56: T1=64\nW16 112: T1=64\nW24 168: T1=50") == [
        "IR-02",
        "IR-09",
        "IR-10",
    ]
    assert first_rules("BL 0: T1=50\nW8 56: T1=50\nW16 112: T1=64\nW17 119: T1=72") == [
        "IR-01",
        "IR-02",
        "IR-04",
    ]
    best = assessed("BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=30\nW24 168: T1=64", "irecist").best
    assert best.rules == ("IR-16", "IR-17")
    alone = assessed("BL 0: T1=50\nW8 56: T1=30", "irecist", {"confirmation.required": False}).best
    assert (alone.rules, alone.confirmed) == (("IR-15",), None)


def test_a_plan_takes_the_criteria_and_scopes_asked_for_and_says_what_is_no_response_criterion() -> None:
    scopes = (Scope("all"), Scope("liver", include_organs=("liver",)))
    criteria = (
        Criterion("r"),
        Criterion("i", "irecist"),
        Criterion("liver", "recist11", "liver"),
        Criterion("zones", "local-recurrence"),
    )
    protocol = Protocol(Trial("t"), scopes=scopes, criteria=criteria)
    plan = prepare(protocol)
    assert [one.criterion.id for one in plan.criteria] == ["r", "i", "liver"]
    assert plan.skipped == ("zones",)
    assert [one.criterion.id for one in prepare(protocol, ["i", "liver"]).criteria] == ["i", "liver"]
    assert [one.criterion.id for one in prepare(protocol, (), ["liver"]).criteria] == ["liver"]
    assert prepare(protocol, ["r"], ["liver"]).criteria == []
    assert prepare(protocol, ["r"]).skipped == ()
    shares = [one.share for one in plan.criteria]
    assert shares[0] == shares[1] != shares[2]  # one course for both criteria of a scope


def test_a_baseline_sum_of_zero_has_no_percentage() -> None:
    course = "BL 0: T1=too-small\nW8 56: T1=4"
    row = assessed(course, settings={"too_small.default_mm": 0}).timepoints[1]
    assert (row.baseline_sum_mm, row.target, row.change_from_baseline_pct) == (0, "SD", None)
    assert row.explanation == "SD: sum 4 mm against 0 mm at baseline, +4 mm from the nadir of 0 mm."
