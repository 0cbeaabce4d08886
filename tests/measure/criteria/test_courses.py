"""Hard courses of RECIST 1.1, mRECIST, scopes and dates, each worked out by hand from the rule it names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from measure.criteria.findings import ContradictoryFinding
from measure.protocol import Scope
from tests.build.courses import UNTREATED, assessed, day, findings, follow_ups, overalls

D = Decimal

COURSES: dict[str, tuple[str, list[str], str]] = {
    "R11-16: from a nadir of 25 mm exactly 20 % and exactly 5 mm, the nadir at an unscheduled scan": (
        "BL 0: T1=40\nU1 20: T1=25\nW8 56: T1=30",
        ["PR", "PD"],
        "PD",
    ),
    "R11-16: below 25 mm the 5 mm decide": (
        "BL 0: T1=20\nW8 56: T1=10\nW16 112: T1=14.9\nW24 168: T1=15",
        ["PR", "SD", "PD"],
        "SD",
    ),
    "R11-19: a partial sum of exactly 120 % of the full nadir proves progression": (
        "BL 0: T1=50 T2=20 T3=15\nW8 56: T1=76 T2=26 T3=not-evaluable",
        ["PD"],
        "PD",
    ),
    "R11-19: a partial sum just below it proves nothing": (
        "BL 0: T1=50 T2=20 T3=15\nW8 56: T1=76 T2=25.9 T3=not-evaluable",
        ["NE"],
        "NE",
    ),
    "R11-19: the partial sum is compared with the full nadir, not with the baseline": (
        "BL 0: T1=50 T2=20\nW8 56: T1=30 T2=10\nW16 112: T1=48 T2=not-imaged",
        ["PR", "PD"],
        "SD",
    ),
    "R11-13: the small sum of an incomplete time point is no nadir": (
        "BL 0: T1=50 T2=50\nW8 56: T1=20 T2=not-evaluable\nW16 112: T1=50 T2=50",
        ["NE", "SD"],
        "SD",
    ),
    "R11-20: after overall CR a nodal target of 9.9 mm has not returned, of 10 mm it has": (
        "BL 0: T1=30 T2n=18\nW8 56: T1=absent T2n=9\nW16 112: T1=absent T2n=9.9\nW24 168: T1=absent T2n=10",
        ["CR", "CR", "PD"],
        "CR",
    ),
    "R11-20: without overall CR a node over 10 mm merely re-enters the sum": (
        "BL 0: T1n=16 N1=present\nW8 56: T1n=9 N1=present\nW16 112: T1n=12 N1=present\nW24 168: T1n=14 N1=present",
        ["PR", "SD", "PD"],
        "SD",
    ),
    "R11-17: a response repeated after 27 days is not established": (
        "BL 0: T1=100\nW8 56: T1=70\nW12 83: T1=70\nW16 112: T1=80",
        ["PR", "PR", "SD"],
        "SD",
    ),
    "R11-17: repeated after 28 days it is, and continues up to 20 % above the nadir": (
        "BL 0: T1=100\nW8 56: T1=70\nW12 84: T1=70\nW16 112: T1=83.9\nW24 168: T1=84",
        ["PR", "PR", "PR", "PD"],
        "PR",
    ),
    "R11-17: a response lost before it was repeated is not established": (
        "BL 0: T1=100\nW8 56: T1=65\nW16 112: T1=75\nW24 168: T1=65\nW32 224: T1=75",
        ["PR", "SD", "PR", "SD"],
        "SD",
    ),
    "R11-18: 60 % below baseline and yet progression": (
        "BL 0: T1=100\nW8 56: T1=30\nW16 112: T1=30\nW24 168: T1=40",
        ["PR", "PR", "PD"],
        "PR",
    ),
    "R11-32: two not evaluable time points between are one too many": (
        "BL 0: T1=50\nW8 56: T1=absent\nW16 112:\nW24 168:\nW32 224: T1=absent",
        ["CR", "NE", "NE", "CR"],
        "SD",
    ),
    "R11-32: the first of three CR is confirmed by the third, 28 days later": (
        "BL 0: T1=50\nW8 56: T1=absent\nU1 83: T1=absent\nU2 84: T1=absent",
        ["CR", "CR", "CR"],
        "CR",
    ),
    "R11-32: CR twice, 27 days apart, is confirmed neither as CR nor as PR": (
        "BL 0: T1=50\nW8 56: T1=absent\nU1 83: T1=absent",
        ["CR", "CR"],
        "SD",
    ),
    "R11-32: a CR before the minimum of stable disease, then PD, is PD": (
        "BL 0: T1=50\nW4 41: T1=absent\nW8 70: T1=3",
        ["CR", "PD"],
        "PD",
    ),
    "R11-32: on the 42nd day it is SD": (
        "BL 0: T1=50\nW6 42: T1=absent\nW8 70: T1=3",
        ["CR", "PD"],
        "SD",
    ),
    "R11-32: PR, NE, PD before the minimum is PD": (
        "BL 0: T1=50\nW4 28: T1=30\nW8 56:\nW12 84: T1=60",
        ["PR", "NE", "PD"],
        "PD",
    ),
    "R11-32: PR confirmed by CR is a confirmed PR": (
        "BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=absent\nW24 168: T1=8",
        ["PR", "CR", "PD"],
        "PR",
    ),
    "R11-29: target CR while a non-target was not looked at is PR, and PR confirmed by CR": (
        "BL 0: T1=30 N1=present N2=present\nW8 56: T1=absent N1=absent\nW16 112: T1=absent N1=absent N2=absent",
        ["PR", "CR"],
        "PR",
    ),
    "R11-30: non-target disease only, complete response confirmed": (
        "BL 0: N1=present N2n=12\nW8 56: N1=absent N2n=9.9\nW16 112: N1=absent N2n=9",
        ["CR", "CR"],
        "CR",
    ),
    "R11-30: non-target disease only, one not seen is NE": (
        "BL 0: N1=present N2=present\nW8 56: N1=present\nW16 112: N1=present N2=increased",
        ["NE", "NON-CR/NON-PD"],
        "NON-CR/NON-PD",
    ),
    "R11-11: fragments are added, shrink and grow together": (
        "BL 0: T1=40\nW8 56: T1=split T1a<T1=15 T1b<T1=12\nW16 112: T1=split T1a<T1=20 T1b<T1=14",
        ["PR", "PD"],
        "SD",
    ),
    "R11-11: a fragment too small to measure counts 5 mm": (
        "BL 0: T1=40\nW8 56: T1=split T1a<T1=23 T1b<T1=too-small\nW16 112: T1=split T1a<T1=23 T1b<T1=5.1",
        ["PR", "SD"],
        "SD",
    ),
    "R11-11: two targets that coalesced count once": (
        "BL 0: T1=30 T2=30\nW8 56: T1=50 T2=merged>T1\nW16 112: T1=42 T2=merged>T1",
        ["SD", "PR"],
        "SD",
    ),
    "R11-40: resected is not absent, even where all the rest has gone": (
        "BL 0: T1=30 T2=20\nW8 56: T1=resected T2=absent",
        ["NE"],
        "NE",
    ),
    "R11-21: a non-target node too small to measure is normal": (
        "BL 0: T1=30 N1n=12\nW8 56: T1=absent N1n=too-small",
        ["CR"],
        "SD",
    ),
    "R11-22: a non-target elsewhere too small to measure is still there": (
        "BL 0: T1=30 N1=present\nW8 56: T1=absent N1=too-small",
        ["PR"],
        "SD",
    ),
    "R11-28: a new node too small to measure is no new lesion": (
        "BL 0: T1=30\nW8 56: T1=30 L1n=too-small",
        ["SD"],
        "SD",
    ),
    "R11-25: a new lesion elsewhere too small to measure is one": (
        "BL 0: T1=30\nW8 56: T1=20 L1=too-small",
        ["PD"],
        "PD",
    ),
    "R11-35: visits missed in between keep the nadir": (
        "BL 0: T1=60\nW8 56: T1=40\nW16 112:\nW24 168:\nW32 224: T1=48",
        ["PR", "NE", "NE", "PD"],
        "SD",
    ),
    "R11-44: what shrinks after progression changes nothing": (
        "BL 0: T1=50\nW8 56: T1=50 L1=present\nW16 112: T1=20 L1=absent\nW24 168: T1=20 L1=absent",
        ["PD", "PD", "PD"],
        "PD",
    ),
}


@pytest.mark.parametrize("name", COURSES)
def test_course(name: str) -> None:
    course, expected, best = COURSES[name]
    one = assessed(course)
    assert [row.overall for row in follow_ups(one)] == expected
    assert one.best.best == best


# --- dates on scans of several days (R11-36, R11-37) ---

PROGRESSION_DATES = {
    "a partial sum: a target that could not be evaluated contributed nothing": (
        "BL 0: T1=50 T2=20\nW8 56: T2=not-evaluable T1=90#3",
        59,
    ),
    "a returning target: the scan that shows it": (
        "BL 0: T1=50 T2=20\nW8 56: T1=absent T2=absent\nW16 112: T1=absent T2=6#3",
        115,
    ),
    "a returning target, elsewhere stable disease: the first of those that returned": (
        "BL 0: T1=50 T2=20 T3=9\nW8 56: T1=absent T2=absent T3=absent\nW16 112: T1=absent T2=6#5 T3=6#3",
        115,
    ),
    "targets and a new lesion: the earlier of the two": (
        "BL 0: T1=40 T2=20\nW8 56: T1=66#2 T2=33#1 L1=9#5",
        57,
    ),
    "a new lesion suspected on the first day of an earlier time point": (
        "BL 0: T1=40 T2=20\nW8 56: T1=40 T2=20#3 L1=equivocal#2\nW16 112: T1=40 T2=20 L1=present",
        58,
    ),
    "non-targets: the scan of the one that progressed": (
        "BL 0: T1=40 N1=present N2=present\nW8 56: T1=40 N1=present#1 N2=unequivocal-progression#4",
        60,
    ),
}


@pytest.mark.parametrize("name", PROGRESSION_DATES)
def test_progression_is_dated_by_the_scan_that_contributes_first(name: str) -> None:
    course, number = PROGRESSION_DATES[name]
    assert assessed(course).best.progression_date == day(number)


def test_last_target_scan_of_the_fda_rule_leaves_out_what_could_not_be_evaluated() -> None:
    course = "BL 0: T1=50 T2=20\nW8 56: T1=90 T2=not-evaluable#3"
    fda = assessed(course, settings={"progression.date_rule": "fda"}).best
    assert fda.progression_date == day(56)


def test_a_response_is_dated_by_the_last_scan_needed_non_targets_too() -> None:
    course = "BL 0: T1=40 N1=present\nW8 56: T1=20 N1=present#4\nW16 112: T1=20 N1=present"
    best = assessed(course).best
    assert (best.best, best.best_date, best.confirmation_date) == ("PR", day(60), day(112))


# --- scopes (SC) ---


def test_each_scope_has_its_own_nadir() -> None:
    course = "BL 0: T1=40 T2=20/lung\nW8 56: T1=20 T2=20\nW16 112: T1=26 T2=20"
    assert [row.overall for row in follow_ups(assessed(course))] == ["PR", "SD"]
    liver = assessed(course, scope=Scope("liver", include_organs=("liver",)))
    assert [row.overall for row in follow_ups(liver)] == ["PR", "PD"]
    assert [row.nadir_mm for row in follow_ups(liver)] == [D(40), D(20)]


def test_a_node_in_the_liver_hilum_is_extrahepatic() -> None:
    course = "BL 0: T1=30 T2n=20/liver\nW8 56: T1=20 T2n=20"
    liver = assessed(course, scope=Scope("liver", include_organs=("liver",)))
    outside = assessed(course, scope=Scope("outside", exclude_organs=("liver",)))
    assert [row.sum_mm for row in liver.timepoints] == [D(30), D(20)]
    assert [row.sum_mm for row in outside.timepoints] == [D(20), D(20)]


def test_a_lesion_treated_late_is_out_of_the_untreated_scope_from_the_baseline_on() -> None:
    course = "BL 0: T1=30 T2=25\nW4 28: T1=10 T2=25\nW16 112: T1=50@ablation:60 T2=25"
    one = assessed(course, scope=UNTREATED)
    assert [(row.sum_mm, row.overall) for row in one.timepoints[1:]] == [(D(25), "SD"), (D(25), "SD")]
    kept_out = assessed(course, settings={"treated.handling": "exclude"})
    assert [row.sum_mm for row in kept_out.timepoints] == [D(25), D(25), D(25)]


def test_a_new_lesion_away_from_the_zone_counts_beside_one_at_the_zone() -> None:
    course = "BL 0: T1=30 T2=25\nW8 56: T1=30@ablation:30 T2=25 L1=9/liver@ablation:30 L2=9/liver"
    row = assessed(course, scope=UNTREATED).timepoints[1]
    assert (row.overall, row.new_lesion, row.drivers) == ("PD", "yes", ("L2",))


def test_a_non_target_treated_on_study_cannot_be_evaluated_and_does_not_progress() -> None:
    course = "BL 0: T1=30 N1=present\nW8 56: T1=absent N1=unequivocal-progression@radiotherapy:20"
    row = assessed(course).timepoints[1]
    assert (row.target, row.non_target, row.overall) == ("CR", "NE", "PR")


# --- mRECIST (HC) ---


def test_a_small_new_nodule_in_mrecist_is_equivocal_until_it_has_10_mm_and_is_dated_back() -> None:
    course = "BL 0: T1=33\nW8 56: T1=33 L1=8/liver\nW16 112: T1=33 L1=10/liver"
    one = assessed(course, "mrecist")
    assert [(row.new_lesion, row.overall) for row in follow_ups(one)] == [("equivocal", "SD"), ("yes", "PD")]
    assert one.best.progression_date == day(56)


def test_a_new_node_in_mrecist_counts_from_15_mm() -> None:
    assert overalls("BL 0: T1=33\nW8 56: T1=33 L1n=14.9", "mrecist") == ["SD"]
    assert overalls("BL 0: T1=33\nW8 56: T1=33 L1n=15", "mrecist") == ["PD"]


def test_any_viable_tumour_over_a_nadir_of_zero_is_progression_in_mrecist() -> None:
    course = "BL 0: T1=33 N1=present\nW8 56: T1=absent N1=present\nW16 112: T1=1 N1=present"
    assert overalls(course, "mrecist") == ["PR", "PD"]


# --- what cannot stand ---


@pytest.mark.parametrize(
    ("course", "column"),
    [
        ("BL 0: T1=split T1a<T1=11 T1b<T1=not-evaluable", "lesion"),
        ("BL 0: T1=split", "lesion"),
        ("BL 0: T1=merged>T2 T2=30", "lesion"),
        ("BL 0: T1=30\nW8 56: T1=node-normal", "state"),
        ("BL 0: T1=30\nW8 56: T1=merged>T1", "merged_into"),
    ],
)
def test_findings_without_a_sense_are_refused(course: str, column: str) -> None:
    with pytest.raises(ContradictoryFinding) as refused:
        assessed(course)
    assert refused.value.column == column


def test_a_fragment_is_another_row_of_the_same_role() -> None:
    rows = findings("BL 0: T1=30\nW8 56: T1=split T1a<T1=9")
    rows[2].role = "non-target"
    with pytest.raises(ContradictoryFinding, match="T1 is target, expected the same of its fragments"):
        assessed(rows)
    rows[2].role, rows[2].split_from = "target", "T1a"
    with pytest.raises(ContradictoryFinding, match="split_from: T1a: is the lesion itself"):
        assessed(rows)


def test_the_date_of_a_treatment_needs_the_treatment() -> None:
    rows = findings("BL 0: T1=30\nW8 56: T1=30@ablation:30")
    rows[1].treated = ""
    with pytest.raises(ContradictoryFinding) as refused:
        assessed(rows)
    assert refused.value.column == "treated_date"
    rows[1].state, rows[1].diameter_mm = "resected", None
    assert assessed(rows).timepoints[1].overall == "NE"  # the state says which treatment it was


@pytest.mark.parametrize("state", ["resected", "not-evaluable", "not-imaged"])
def test_a_diameter_beside_a_state_that_measures_nothing_makes_no_baseline(state: str) -> None:
    rows = findings("BL 0: T1=30")
    rows[0].state = state
    with pytest.raises(ContradictoryFinding, match="must be measured at baseline"):
        assessed(rows)


def test_a_missed_visit_has_no_findings() -> None:
    rows = [*findings("BL 0: T1=30\nW8 56: T1=30"), *findings("W8 -: missed")]
    with pytest.raises(ContradictoryFinding, match="missed"):
        assessed(rows)
