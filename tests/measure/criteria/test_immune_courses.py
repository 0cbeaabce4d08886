"""Hard courses of iRECIST, each worked out by hand from the rule it names."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.build.courses import assessed, day, follow_ups, overalls

COURSES: dict[str, tuple[str, list[str], int | None]] = {
    # name: (course, responses, day of progression)
    "IR-11: after a reset the nadir of the whole study counts, not the sum of the reset": (
        "BL 0: T1=50\nW8 56: T1=35\nW16 112: T1=45\nW24 168: T1=40\nW32 224: T1=42\nW40 280: T1=47",
        ["iPR", "iUPD", "iSD", "iUPD", "iCPD"],
        224,
    ),
    "IR-04: an early scan neither confirms nor becomes the reference": (
        "BL 0: T1=50\nW8 56: T1=64\nU1 70: T1=72\nW12 84: T1=67\nW20 140: T1=72",
        ["iUPD", "iUPD", "iUPD", "iCPD"],
        56,
    ),
    "IR-13: not evaluable twice, then further growth against the last evaluable time point": (
        "BL 0: T1=50\nW8 56: T1=63\nW16 112:\nW24 168:\nW32 224: T1=68",
        ["iUPD", "NE", "NE", "iCPD"],
        56,
    ),
    "IR-05: 4.9 mm are not enough": (
        "BL 0: T1=50\nW8 56: T1=63\nW16 112: T1=67.9",
        ["iUPD", "iUPD"],
        56,
    ),
    "IR-07: an additional new lesion confirms although the first has gone": (
        "BL 0: T1=50\nW8 56: T1=50 LN1=present\nW16 112: T1=50 LN1=absent LT2=8",
        ["iUPD", "iCPD"],
        56,
    ),
    "IR-07: new targets together +4.9 mm, then +5.1 mm": (
        "BL 0: T1=50\nW8 56: T1=50 LT1=12 LT2=10\nW16 112: T1=50 LT1=16 LT2=10.9\nW24 168: T1=50 LT1=16 LT2=16",
        ["iUPD", "iUPD", "iCPD"],
        56,
    ),
    "IR-03: new lesions never enter the sum of the targets": (
        "BL 0: T1=50\nW8 56: T1=40 LT1=30\nW16 112: T1=40 LT1=34",
        ["iUPD", "iUPD"],
        56,
    ),
    "IR-06: any further increase of the non-targets": (
        (
            "BL 0: T1=50 N1=present N2=present\nW8 56: T1=50 N1=unequivocal-progression N2=present\n"
            "W16 112: T1=50 N1=unequivocal-progression N2=increased"
        ),
        ["iUPD", "iCPD"],
        56,
    ),
    "IR-08: a mere increase in a category that had not progressed is not enough": (
        "BL 0: T1=50 N1=present\nW8 56: T1=64 N1=present\nW16 112: T1=64 N1=increased",
        ["iUPD", "iUPD"],
        56,
    ),
    "IR-08: progression of that category is": (
        "BL 0: T1=50 N1=present\nW8 56: T1=64 N1=present\nW16 112: T1=64 N1=unequivocal-progression",
        ["iUPD", "iCPD"],
        56,
    ),
    "IR-09: progression of a non-target repeated after a visit without it is no further change": (
        (
            "BL 0: T1=50 N1=present\nW8 56: T1=64 N1=unequivocal-progression\nW16 112: T1=64 N1=not-evaluable\n"
            "W24 168: T1=64 N1=unequivocal-progression"
        ),
        ["iUPD", "iUPD", "iUPD"],
        56,
    ),
    "IR-14: a new lesion missed at one visit is compared with its last measurement": (
        "BL 0: T1=50\nW8 56: T1=64 LT1=12\nW16 112: T1=64 LT1=not-evaluable\nW24 168: T1=64 LT1=17",
        ["iUPD", "iUPD", "iCPD"],
        56,
    ),
    "IR-14: targets missed at one visit, new lesions compared with that visit": (
        "BL 0: T1=50 T2=9\nW8 56: T1=64 T2=9 LT1=12\nW16 112: T1=66 T2=not-imaged LT1=15\nW24 168: T1=64 T2=9 LT1=19",
        ["iUPD", "iUPD", "iUPD"],
        56,
    ),
    "IR-08 and IR-11: a new lesion of an earlier run grew 6 mm over its lowest size": (
        "BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=30 LT1=12\nW24 168: T1=40 LT1=15\nW32 224: T1=40 LT1=18",
        ["iUPD", "iPR", "iUPD", "iCPD"],
        168,
    ),
    "IR-10: both categories back, new lesion gone, the bar is reset": (
        (
            "BL 0: T1=50 N1=present\nW8 56: T1=64 N1=unequivocal-progression LT1=12\n"
            "W16 112: T1=52 N1=present LT1=absent\nW24 168: T1=64 N1=present LT1=absent"
        ),
        ["iUPD", "iSD", "iUPD"],
        168,
    ),
    "IR-12: a new lesion that cannot be seen does not let the pending progression go": (
        "BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=30 LT1=not-evaluable\nW24 168: T1=30 LT1=12",
        ["iUPD", "NE", "iPR"],
        None,
    ),
    "IR-12: a known new lesion that is now equivocal has not gone": (
        (
            "BL 0: T1=50\nW8 56: T1=50 L1=12\nW16 112: T1=absent L1=12\nW24 168: T1=absent L1=equivocal\n"
            "W32 224: T1=absent L1=absent"
        ),
        ["iUPD", "iPR", "iPR", "iCR"],
        None,
    ),
    "IR-12: PR was there before the new lesion and stays, scenario F": (
        "BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=30 LT1=12\nW24 168: T1=30 LT1=12",
        ["iPR", "iUPD", "iUPD"],
        112,
    ),
    "IR-12: from PR to CR of the old disease the category improves": (
        "BL 0: T1=50\nW8 56: T1=30 LT1=12\nW16 112: T1=absent LT1=12",
        ["iUPD", "iPR"],
        None,
    ),
    "IR-19: without targets a persisting new lesion leaves non-iCR/non-iUPD": (
        "BL 0: N1=present\nW8 56: N1=present LT1=12\nW16 112: N1=absent LT1=12\nW24 168: N1=absent LT1=absent",
        ["iUPD", "NON-iCR/NON-iUPD", "iCR"],
        None,
    ),
    "IR-11: a new lesion that had gone and is back is one more again": (
        (
            "BL 0: T1=50\nW8 56: T1=50 LN1=present\nW16 112: T1=absent LN1=absent\nW24 168: T1=absent LN1=present\n"
            "W32 224: T1=absent LN1=present"
        ),
        ["iUPD", "iCR", "iUPD", "iUPD"],
        168,
    ),
    "IR-11: a new node that shrank below 10 mm and is back at 11 mm has not grown by 5 mm": (
        "BL 0: T1=50\nW8 56: T1=50 LT1n=12\nW16 112: T1=30 LT1n=9\nW24 168: T1=30 LT1n=11",
        ["iUPD", "iPR", "iPR"],
        None,
    ),
    "R11-20 in iRECIST: a target that returns after iCR is iUPD, and +5 mm confirm it": (
        "BL 0: T1=50\nW8 56: T1=absent\nW16 112: T1=4\nW24 168: T1=4\nW32 224: T1=9",
        ["iCR", "iUPD", "iUPD", "iCPD"],
        112,
    ),
    "R11-20 in iRECIST: a non-target that returns after iCR and stays is not confirmed": (
        (
            "BL 0: T1=50 N1=present\nW8 56: T1=absent N1=absent\nW16 112: T1=absent N1=present\n"
            "W24 168: T1=absent N1=present\nW32 224: T1=absent N1=increased"
        ),
        ["iCR", "iUPD", "iUPD", "iCPD"],
        112,
    ),
    "R11-26 in iRECIST: the date of progression goes back to the scan that showed the lesion first": (
        "BL 0: T1=50\nW8 56: T1=50 L1=equivocal\nW16 112: T1=50 L1=12\nW24 168: T1=50 L1=17",
        ["iSD", "iUPD", "iCPD"],
        56,
    ),
    "D14: an area not imaged does not take away a complete response": (
        "BL 0: T1=50\nW8 56: T1=absent L1=not-evaluable",
        ["iCR"],
        None,
    ),
    "IR-17: an iUPD void by a reset is no date": (
        "BL 0: T1=50\nW8 56: T1=64\nW16 112: T1=50\nW24 168: T1=64\nW32 224: T1=70",
        ["iUPD", "iSD", "iUPD", "iCPD"],
        168,
    ),
    "IR-18: after iCPD nothing changes": (
        "BL 0: T1=50\nW8 56: T1=64\nW16 112: T1=70\nW24 168: T1=absent",
        ["iUPD", "iCPD", "iCPD"],
        56,
    ),
    "IR-09: proven by part of the targets, unchanged when all are measured": (
        "BL 0: T1=50 T2=20\nW8 56: T1=90 T2=not-evaluable\nW16 112: T1=91 T2=20\nW24 168: T1=96 T2=20",
        ["iUPD", "iUPD", "iCPD"],
        56,
    ),
}


@pytest.mark.parametrize("name", COURSES)
def test_course(name: str) -> None:
    course, expected, number = COURSES[name]
    one = assessed(course, "irecist")
    assert [row.overall for row in follow_ups(one)] == expected
    assert one.best.progression_date == (None if number is None else day(number))


def test_creeping_growth_of_a_new_lesion_against_the_first_iupd() -> None:
    course = "BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=50 LT1=15\nW24 168: T1=50 LT1=17"
    assert overalls(course, "irecist") == ["iUPD", "iUPD", "iUPD"]
    assert overalls(course, "irecist", irecist__reference="first-iupd") == ["iUPD", "iUPD", "iCPD"]


def test_what_the_first_iupd_did_not_show_is_compared_with_its_first_measurement_after_it() -> None:
    settings = {"irecist__reference": "first-iupd"}
    sums = "BL 0: T1=50 T2=20\nW8 56: T1=90 T2=not-evaluable\nW16 112: T1=91 T2=20\nW24 168: T1=94 T2=20\n"
    assert overalls(f"{sums}W32 224: T1=96 T2=20", "irecist", **settings) == ["iUPD", "iUPD", "iUPD", "iCPD"]
    unmeasured = "BL 0: T1=50\nW8 56: T1=50 LT1=present\nW16 112: T1=50 LT1=12\nW24 168: T1=50 LT1=15\n"
    assert overalls(f"{unmeasured}W32 224: T1=50 LT1=17", "irecist", **settings) == ["iUPD", "iUPD", "iUPD", "iCPD"]


def test_a_response_over_an_accepted_iupd_has_its_duration() -> None:
    course = "BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=44\nW24 168: T1=30"
    best = assessed(course, "irecist", {"irecist.iupd_between_responses": True}).best
    assert best.best == "iPR"
    assert best.response is not None
    assert (best.response.start, best.response.end, best.response.ended_by) == (day(56), day(168), "censored")


def test_an_iupd_that_is_not_established_censors_before_itself() -> None:
    course = "BL 0: T1=50\nW8 56: T1=48\nW16 112: T1=63\nW24 168:"
    best = assessed(course, "irecist", {"irecist.open_iupd": "not-established"}).best
    assert best.time_to_progression is not None
    assert (best.time_to_progression.days, best.time_to_progression.ended_by) == (56, "censored")
    assert best.time_to_progression_reason == "iupd_open"
    assert best.progression_date is None


def test_confirmation_of_an_immune_response_after_an_iupd() -> None:
    course = "BL 0: T1=50\nW8 56: T1=64\nW16 112: T1=30\nW24 168: T1=30"
    best = assessed(course, "irecist").best
    assert (best.best, best.confirmed, best.best_date, best.progression_date) == ("iPR", True, day(112), None)


def test_an_unconfirmed_iupd_does_not_end_a_response() -> None:
    course = "BL 0: T1=50\nW8 56: T1=30\nW16 112: T1=30\nW24 168: T1=40"
    best = assessed(course, "irecist").best
    assert best.response is not None
    assert (best.response.end, best.response.ended_by) == (day(168), "censored")
    confirmed = assessed(f"{course}\nW32 224: T1=46", "irecist").best
    assert confirmed.response is not None
    assert (confirmed.response.end, confirmed.response.ended_by) == (day(168), "progression")


def test_an_iupd_is_dated_by_what_caused_it_not_by_a_new_lesion_that_merely_persists() -> None:
    course = "BL 0: T1=50\nW8 56: T1=50 LT1=12\nW16 112: T1=30 LT1=12\nW24 168: LT1=12 T1=40#3\nW32 224: LT1=12 T1=46"
    best = assessed(course, "irecist").best
    assert (best.best, best.progression_date, best.progression_cause) == ("iSD", day(171), "target")


def test_stable_disease_of_irecist_ends_with_the_open_iupd() -> None:
    best = assessed("BL 0: T1=50\nW8 56: T1=50\nW16 112: T1=64", "irecist").best
    assert best.best == "iSD"
    assert best.stable is not None
    assert (best.stable.days, best.stable.ended_by) == (112, "progression")


def test_new_target_sum_stands_apart() -> None:
    one = assessed("BL 0: T1=50\nW8 56: T1=40 LT1=12 LT2=9.5\nW16 112: T1=40 LT1=12 LT2=absent", "irecist")
    assert [row.new_sum_mm for row in one.timepoints] == [None, Decimal("21.5"), Decimal(12)]
    assert [row.sum_mm for row in one.timepoints] == [50, 40, 40]
