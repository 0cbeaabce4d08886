"""Properties that hold for every course, drawn at random."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from measure.criteria.assess import assess_read
from measure.criteria.findings import MEASURED, NEW_TARGET, NON_TARGET, TARGET, VISIT, Finding
from measure.criteria.irecist import newsum, pending
from measure.criteria.irecist.newsum import FURTHER_MM
from measure.criteria.plan import prepare
from measure.criteria.results import BaselineIssue, CriterionAssessment, ReadAssessment
from measure.protocol import Criterion, Protocol, Scope, Trial
from measure.rules import Rules
from storage.findings_file import findings_of
from tests.build.courses import day

BETTER = {"CR": 0, "PR": 1, "SD": 2, "PD": 3}
RESPONSES = {"CR", "PR", "iCR", "iPR"}

sizes = st.integers(0, 800).map(lambda tenths: Decimal(tenths) / 10)
later_states = st.one_of(
    sizes.map(lambda mm: (MEASURED, mm) if mm else ("absent", None)),
    st.sampled_from([("absent", None), ("not-evaluable", None), ("too-small", None)]),
)
non_target_states = st.sampled_from(["present", "absent", "increased", "unequivocal-progression", "not-evaluable"])
new_states = st.one_of(
    st.just(("", None)),
    st.sampled_from([("equivocal", None), ("absent", None), ("not-evaluable", None)]),
    st.integers(30, 300).map(lambda tenths: (MEASURED, Decimal(tenths) / 10)),
)


@st.composite
def courses(draw: st.DrawFn, most: int = 5) -> list[Finding]:
    """A baseline and some follow-ups of one to three targets (nodes among them), a non-target and a new
    lesion.
    """
    targets = [(f"T{n}", draw(st.booleans())) for n in range(1, draw(st.integers(1, 3)) + 1)]
    rows = [
        Finding("BL", day(0), label, TARGET, "lymph-node" if nodal else "liver", nodal, MEASURED, draw(sizes) + 10)
        for label, nodal in targets
    ]
    with_non_target = draw(st.booleans())
    if with_non_target:
        rows.append(Finding("BL", day(0), "N1", NON_TARGET, "bone", state="present"))
    when = 0
    for number in range(1, draw(st.integers(1, most)) + 1):
        when += draw(st.integers(14, 60))
        name = f"V{number}"
        for label, nodal in targets:
            state, mm = draw(later_states)
            rows.append(Finding(name, day(when), label, TARGET, "lymph-node" if nodal else "liver", nodal, state, mm))
        if with_non_target:
            rows.append(Finding(name, day(when), "N1", NON_TARGET, "bone", state=draw(non_target_states)))
        state, mm = draw(new_states)
        if state:
            rows.append(Finding(name, day(when), "L1", NEW_TARGET, "lung", state=state, diameter_mm=mm))
    return rows


def protocol(**changed: object) -> Protocol:
    rules = Rules().with_settings({name.replace("__", "."): value for name, value in changed.items()})
    scopes = (Scope("all"), Scope("liver", include_organs=("liver",)))
    criteria = tuple(
        Criterion(f"{standard}-{scope.id}", standard, scope.id, mixed_response=True)
        for standard in ("recist11", "irecist", "mrecist")
        for scope in scopes
    )
    return Protocol(Trial("test"), scopes=scopes, criteria=criteria, rules=rules)


PROTOCOL = protocol()


def assessed(rows: list[Finding], with_protocol: Protocol = PROTOCOL) -> ReadAssessment:
    return assess_read(rows, with_protocol)


@given(courses())
def test_every_course_has_an_answer_with_rules_and_a_sentence(rows: list[Finding]) -> None:
    for one in assessed(rows).criteria:
        assert one.timepoints[0].overall == "BL"
        for row in one.timepoints[1:]:
            assert row.overall
            assert row.rules
            assert row.explanation.startswith(f"{row.overall}: ")
            assert row.explanation.endswith(".")
        assert one.best.rules
        assert one.best.explanation.startswith(one.best.best)


@given(courses(), st.data())
def test_enlarging_a_target_never_improves_the_target_response_of_that_time_point(
    rows: list[Finding], data: st.DataObject
) -> None:
    measured = [
        n for n, row in enumerate(rows) if row.state == MEASURED and row.timepoint != "BL" and row.role == TARGET
    ]
    if not measured:
        return
    chosen = data.draw(st.sampled_from(measured))
    bigger = replace(rows[chosen], diameter_mm=(rows[chosen].diameter_mm or 0) + data.draw(sizes))
    enlarged = [*rows[:chosen], bigger, *rows[chosen + 1 :]]
    for before, after in zip(assessed(rows).criteria, assessed(enlarged).criteria, strict=True):
        for old, new in zip(before.timepoints, after.timepoints, strict=True):
            if old.timepoint == bigger.timepoint and old.target in BETTER:
                assert BETTER[new.target] >= BETTER[old.target]


@given(courses(), st.randoms(use_true_random=False))
def test_the_order_of_rows_never_matters(rows: list[Finding], random: object) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for one, other in zip(assessed(rows).criteria, assessed(shuffled).criteria, strict=True):
        assert (one.timepoints, one.best) == (other.timepoints, other.best)
        assert not_counted(one) == not_counted(other)


def not_counted(one: CriterionAssessment) -> list[BaselineIssue]:
    """The baseline issues but the two that name a lesion by the order of entry."""
    return [issue for issue in one.baseline_issues if not issue.issue.startswith("more-than")]


@settings(max_examples=50)
@given(courses(), courses(), st.randoms(use_true_random=False))
def test_one_subject_never_depends_on_another(one: list[Finding], other: list[Finding], random: object) -> None:
    plan = prepare(PROTOCOL)
    alone = assess_read(one, plan)
    assess_read(other, plan)
    assert assess_read(one, plan) == alone
    lines = [f"S1,{line}" for line in as_csv(one)] + [f"S2,{line}" for line in as_csv(other)]
    random.shuffle(lines)  # type: ignore[attr-defined]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "both.csv"
        path.write_text("\n".join((f"subject,{CSV_HEADER}", *lines, "")), "utf-8")
        with findings_of(path, print) as reads:
            together = {key.subject: assess_read(rows, plan) for key, rows in reads}
    for found, expected in zip(together["S1"].criteria, alone.criteria, strict=True):
        assert (found.timepoints, found.best) == (expected.timepoints, expected.best)


CSV_HEADER = "timepoint,date,lesion,role,organ,nodal,state,diameter_mm"


def as_csv(rows: list[Finding]) -> list[str]:
    return [
        f"{row.timepoint},{row.date},{row.lesion},{row.role},{row.organ},{'yes' if row.nodal else 'no'},{row.state},"
        f"{'' if row.diameter_mm is None else row.diameter_mm}"
        for row in rows
    ]


@given(courses(), st.integers(1, 200))
def test_a_visit_that_cannot_be_evaluated_never_creates_a_response(rows: list[Finding], when: int) -> None:
    days = {row.date for row in rows}
    if day(when) in days:
        return
    added = [*rows, Finding("EXTRA", day(when), "", VISIT, state="done")]
    for before, after in zip(assessed(rows).criteria, assessed(added).criteria, strict=True):
        extra = next(row for row in after.timepoints if row.timepoint == "EXTRA")
        assert extra.overall in ("NE", "NA", "PD", "iCPD")  # progression is carried
        if after.best.best in RESPONSES:
            assert before.best.best in RESPONSES


@settings(max_examples=50)
@given(courses())
def test_time_points_one_by_one_give_what_the_whole_course_gives(rows: list[Finding]) -> None:
    names = list(dict.fromkeys(row.timepoint for row in rows))
    whole = assessed(rows)
    for count in range(1, len(names) + 1):
        part = assessed([row for row in rows if row.timepoint in names[:count]])
        for one, other in zip(whole.criteria, part.criteria, strict=True):
            for full, early in zip(one.timepoints[:count], other.timepoints, strict=True):
                assert full == early  # a lesion that first appears later changes nothing of what was read before


@given(courses(), st.sampled_from(["0.5", "2", "10", "0.1"]))
def test_scaling_lengths_and_length_thresholds_together_changes_nothing(rows: list[Finding], factor: str) -> None:
    by = Decimal(factor)
    scaled_rows = [replace(row, diameter_mm=None if row.diameter_mm is None else row.diameter_mm * by) for row in rows]
    lengths = {
        "too_small.default_mm": 5,
        "nodal.normal_below_mm": 10,
        "new_lesion.nodal_min_mm": 10,
        "pd.absolute_mm": 5,
        "measurability.min_mm": 10,
        "nodal.target_min_mm": 15,
    }
    scaled = protocol(**{name: str(mm * by) for name, mm in lengths.items()})
    further = FURTHER_MM * by  # of iRECIST, the one length that is no key
    with patch.object(newsum, "FURTHER_MM", further), patch.object(pending, "FURTHER_MM", further):
        found = assessed(scaled_rows, scaled)
    for one, other in zip(assessed(rows).criteria, found.criteria, strict=True):
        assert [r.overall for r in one.timepoints] == [r.overall for r in other.timepoints]
        assert one.best.best == other.best.best


@given(courses())
def test_irecist_never_changes_recist(rows: list[Finding]) -> None:
    alone = replace(PROTOCOL, criteria=tuple(one for one in PROTOCOL.criteria if one.standard == "recist11"))
    both = {one.criterion: one for one in assessed(rows).criteria}
    for one in assessed(rows, alone).criteria:
        assert one == both[one.criterion]


@given(courses())
def test_progression_by_irecist_begins_no_earlier_than_by_recist(rows: list[Finding]) -> None:
    found = {one.criterion: one for one in assessed(rows).criteria}
    recist, immune = found["recist11-all"], found["irecist-all"]
    for plain, other in zip(recist.timepoints, immune.timepoints, strict=True):
        if other.overall in ("iUPD", "iCPD"):
            assert plain.overall == "PD"


@pytest.mark.parametrize(
    ("before", "now", "response"),
    [("14.0", "9.8", "PR"), ("27.0", "32.4", "PD"), ("23.0", "16.1", "PR"), ("100", "70.0000000001", "SD")],
)
def test_thresholds_are_met_exactly(before: str, now: str, response: str) -> None:
    rows = [
        Finding("BL", day(0), "T1", TARGET, "liver", state=MEASURED, diameter_mm=Decimal(before)),
        Finding("V1", day(56), "T1", TARGET, "liver", state=MEASURED, diameter_mm=Decimal(now)),
    ]
    assert assessed(rows).criteria[0].timepoints[1].target == response
