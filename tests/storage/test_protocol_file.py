"""Protocol files: defaults, merging, and refusals that name file, line, key and cure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from measure.protocol import Protocol
from measure.refusal import Refused
from measure.rules import RULE_KEYS, Rules
from storage.protocol_file import protocol_warnings, read_protocol
from storage.shipped import shipped_protocol, shipped_protocols
from tests.build.shared import shared

SHORT = 'schema = 1\n[trial]\nid = "my-trial"\n'


def read(more: str = "", start: str = SHORT) -> Protocol:
    return read_protocol(start + more, "P.toml")


def refusal(more: str, start: str = SHORT) -> str:
    with pytest.raises(Refused) as refused:
        read(more, start)
    return str(refused.value)


def test_a_file_states_only_what_differs() -> None:
    made = read()
    assert (made.trial.id, made.trial.title, made.reading.case_order_seed) == ("my-trial",) * 3
    assert [one.id for one in made.scopes] == ["all"]
    assert [(one.id, one.standard, one.scope) for one in made.criteria] == [("recist11", "recist11", "all")]
    assert [(one.id, one.label) for one in made.arms] == [("all", "all")]
    assert [one.id for one in made.cutoffs] == ["final"]
    assert (made.visit_list, made.endpoints, made.imports) == ((), (), ())
    assert made.rules == Rules()
    assert made.reading.show_response == "before-signing"
    assert made.reading.stages == ("survey", "targets", "non-targets", "sweep", "zones", "summary")
    assert made.export.reader_labels == ("R1", "R2", "ADJ")
    assert len(made.sha256) == 64
    assert made.sha256 != read("# a comment\n").sha256
    assert made.text == SHORT


def test_tables_merge_key_by_key_and_lists_replace_the_default() -> None:
    made = read('[visits]\nbefore_days = 3\n[nodal]\ntarget_min_mm = "14.5"\n[[scope]]\nid = "all"\nlabel = "All"\n')
    assert (made.visits.before_days, made.visits.after_days) == (3, 7)
    assert (made.rules.nodal_target_min_mm, made.rules.nodal_normal_below_mm) == (
        Decimal("14.5"),
        Decimal(10),
    )
    assert [one.label for one in made.scopes] == ["All"]


@pytest.mark.parametrize("written", ["5.25", '"5.25"'])
def test_lengths_are_exact_however_written(written: str) -> None:
    assert read(f"[too_small]\ndefault_mm = {written}\n").rules.too_small_default_mm == Decimal("5.25")


def test_null_is_a_key_left_out_or_none() -> None:
    made = read(
        '[confirmation]\nmax_days = "none"\n[mrecist]\npd_absolute_mm = 5\n[reference]\nstart_date = 2026-03-31\n'
    )
    assert made.rules.confirmation_max_days is None
    assert made.rules.mrecist_pd_absolute_mm == 5
    assert made.rules.reference_start_date == date(2026, 3, 31)
    assert read('[trial]\nid = "t"\nfirst_patient_in = "2026-01-02"\n', "schema = 1\n").trial.first_patient_in == date(
        2026, 1, 2
    )
    assert read('[trial]\nid = "t"\nfirst_patient_in = ""\n', "schema = 1\n").trial.first_patient_in is None


def test_settings_of_a_criterion_hold_for_it_alone() -> None:
    made = read(
        '[confirmation]\nmin_days = 35\n[[criterion]]\nid = "a"\n'
        '[[criterion]]\nid = "b"\n'
        'settings = { "confirmation.required" = false, "treated.kinds" = ["ablation"] }\n'
    )
    first, second = (made.rules_of(one) for one in made.criteria)
    assert (first.confirmation_required, second.confirmation_required) == (True, False)
    assert (first.confirmation_min_days, second.confirmation_min_days) == (35, 35)
    assert second.treated_kinds == ("ablation",)


def test_the_rule_key_of_scopes_stands_quoted_beside_scopes_or_in_its_table() -> None:
    for start, more in (
        ('"scope.treated_exclusion" = "from-treatment"\n' + SHORT, '[[scope]]\nid = "all"\n'),
        (SHORT, '[scope]\ntreated_exclusion = "from-treatment"\n'),
    ):
        assert read(more, start).rules.scope_treated_exclusion == "from-treatment"
    start = '"confirmation.required" = false\n' + SHORT
    assert "given twice" in refusal("[confirmation]\nrequired = true\n", start)


def test_ablation_keys_and_rule_keys_share_their_table() -> None:
    made = read('[ablation]\nmin_margin_mm = 7\nrecurrence_in_untreated_scope = "include"\n')
    assert (made.ablation.min_margin_mm, made.rules.ablation_min_margin_mm) == (7, 7)
    assert made.rules.ablation_recurrence_in_untreated_scope == "include"


REFUSALS = {
    "an unknown table": ("[confirmatoin]\nrequired = true\n", "P.toml:4: confirmatoin", "'confirmation'"),
    "an unknown key": ("[reading]\nreader = 2\n", "P.toml:5: reading.reader:", "'readers'"),
    "an unknown rule key": ("[pr]\ncontinue = true\n", "P.toml:5: pr.continue:", "'pr.continues'"),
    "an unknown key of an item": ('[[visit]]\nid = "W8"\nday = 56\n', "P.toml:6: visit.day:", "'days'"),
    "a wrong type": ('[reading]\nreaders = "2"\n', "P.toml:5: reading.readers:", "whole number"),
    "true for a number": ("[reading]\nreaders = true\n", "reading.readers: True", "whole number"),
    "a number for a flag": ("[reading]\nadjudication = 1\n", "reading.adjudication: 1", "true or false"),
    "a number for text": ("[calendar]\nanchor = 3\n", "calendar.anchor", "one of 'registration'"),
    "a word that is not allowed": (
        '[reading]\nshow_response = "now"\n',
        "reading.show_response: 'now'",
        "'live'",
    ),
    "a stage that does not exist": ('[reading]\nstages = ["looking"]\n', "reading.stages", "'survey'"),
    "a stage twice": ('[reading]\nstages = ["survey", "survey"]\n', "reading.stages", "a list of"),
    "no stage": ("[reading]\nstages = []\n", "reading.stages", "at least one"),
    "text for a list": ('[reading]\nstages = "survey"\n', "reading.stages", "a list of"),
    "too many readers": ("[reading]\nreaders = 3\n", "reading.readers: 3", "at most 2"),
    "a negative length": ("[pd]\nabsolute_mm = -1\n", "pd.absolute_mm", "at least 0"),
    "no length at all": ('[pd]\nabsolute_mm = "five"\n', "pd.absolute_mm: 'five'", "decimal"),
    "a length that is not finite": ("[pd]\nabsolute_mm = inf\n", "pd.absolute_mm", "decimal"),
    "a flag for a length": ("[pd]\nabsolute_mm = true\n", "pd.absolute_mm", "decimal"),
    "zero precision": ("[precision]\nlength_mm = 0\n", "precision.length_mm: 0", "above 0"),
    "a date in another form": ('[reference]\nstart_date = "31.3.2026"\n', "reference.start_date", "ISO date"),
    "a date that does not exist": (
        '[reference]\nstart_date = "2026-02-30"\n',
        "reference.start_date",
        "ISO date",
    ),
    "a time for a date": (
        "[reference]\nstart_date = 2026-02-20T10:00:00\n",
        "reference.start_date",
        "ISO date",
    ),
    "an id with a blank": ('[trial]\nid = "my trial"\n', "P.toml:3: trial.id", "A-Za-z"),
    "no id": ('[trial]\ntitle = "x"\n', "trial.id: is missing", ""),
    "an item without id": ("[[scope]]\nexclude_treated = true\n", "P.toml:4: scope.id: is missing", ""),
    "an import without table": ("[[import]]\nrequired = false\n", "import.table: is missing", ""),
    "an endpoint without method": (
        '[[endpoint]]\nid = "e"\nkind = "table"\n',
        "endpoint.method: is missing",
        "",
    ),
    "an id twice": ('[[arm]]\nid = "a"\n[[arm]]\nid = "a"\n', "P.toml:7: arm.id: 'a' is used twice", ""),
    "a scope that does not exist": (
        '[[criterion]]\nid = "c"\nscope = "al"\n',
        "P.toml:6: criterion.scope",
        "'all'",
    ),
    "a criterion that does not exist": (
        '[[endpoint]]\nid = "e"\nkind = "table"\nmethod = "count"\ncriterion = "c"\n',
        "P.toml:8: endpoint.criterion",
        "'recist11'",
    ),
    "a cutoff that does not exist": (
        '[[endpoint]]\nid = "e"\nkind = "table"\nmethod = "count"\ncutoff = "c"\n',
        "endpoint.cutoff",
        "'final'",
    ),
    "a zone baseline that is no visit": (
        '[ablation]\nzone_baseline = "M1"\n',
        "ablation.zone_baseline",
        "first-adequate",
    ),
    "a criterion to adjudicate that does not exist": (
        '[reading]\nadjudicate_criteria = ["x"]\n',
        "reading.adjudicate_criteria",
        "'recist11'",
    ),
    "a visit with neither days nor months": ('[[visit]]\nid = "W8"\n', "P.toml:4: visit.days", "neither"),
    "a visit with both": ('[[visit]]\nid = "W8"\ndays = 56\nmonths = 2\n', "visit.days", "both"),
    "a visit on day 0": ('[[visit]]\nid = "W8"\ndays = 0\n', "visit.days: 0", "at least 1"),
    "one reader with adjudication": ("[reading]\nreaders = 1\n", "reading.readers", "adjudication = false"),
    "both sides of treatment": (
        ('[[scope]]\nid = "s"\nexclude_treated = true\nonly_treated = true\n[[criterion]]\nid = "c"\nscope = "s"\n'),
        "scope.only_treated",
        "exclude_treated",
    ),
    "a two-stage design without its rates": ("[simon]\nenabled = true\n", "simon.p0: is missing", ""),
    "rates the wrong way round": (
        "[simon]\nenabled = true\np0 = 0.3\np1 = 0.2\n",
        "simon.p1",
        "more than p0",
    ),
    "stages the wrong way round": (
        '[simon]\nenabled = true\nkind = "given"\np0 = 0.1\np1 = 0.2\nr1 = 5\nn1 = 20\nr = 2\nn = 10\n',
        "simon.n: 10",
        "n1 = 20",
    ),
    "days of surgery the wrong way round": (
        "[surgery]\nday_min = 9\nday_max = 1\n",
        "surgery.day_max",
        "day_min",
    ),
    "more answers than items": ("[pro]\nmin_answered = 2\n", "pro.min_answered", "items"),
    "an unknown setting": (
        '[[criterion]]\nid = "c"\nsettings = { "pr.continue" = true }\n',
        'criterion.settings."pr.continue"',
        "'pr.continues'",
    ),
    "a setting of the wrong type": (
        '[[criterion]]\nid = "c"\nsettings = { "pr.continues" = 1 }\n',
        'criterion.settings."pr.continues"',
        "true or false",
    ),
    "settings that are no table": ('[[criterion]]\nid = "c"\nsettings = 3\n', "criterion.settings", "table"),
    "a list written as a table": ("[visit]\ndays = 3\n", "visit: is a list of tables", "[[visit]]"),
    "a table written as a value": ("", "reading: is a table", "[reading]"),
    "another schema": ("", "schema", "expected 1"),
}
STARTS = {
    "a table written as a value": "reading = 3\n" + SHORT,
    "another schema": SHORT.replace("1", "2", 1),
    "an id with a blank": "schema = 1\n",
    "no id": "schema = 1\n",
}


@pytest.mark.parametrize("what", REFUSALS)
def test_what_is_wrong_is_refused_with_line_key_and_cure(what: str) -> None:
    more, place, cure = REFUSALS[what]
    text = refusal(more, STARTS.get(what, SHORT))
    assert place in text
    assert cure in text
    assert all(line.startswith("P.toml:") for line in text.splitlines())


def test_a_missing_schema_and_broken_toml_are_refused() -> None:
    assert "schema: is missing" in refusal("", '[trial]\nid = "t"\n')
    assert refusal("[reading\n").startswith("P.toml:4: this is not TOML")


def test_all_problems_are_said_at_once() -> None:
    assert len(refusal("[reading]\nreaders = 3\nproposal = true\n[pr]\ncontinue = 1\n").splitlines()) == 3


def test_shipped_protocols_are_read_and_named() -> None:
    assert shipped_protocols() == ("demo", "recist11", "seed-000", "seed-001", "seed-002")
    for name in shipped_protocols():
        assert shipped_protocol(name).trial.id == name
    with pytest.raises(Refused, match="no such shipped protocol"):
        shipped_protocol("recist")


def test_the_demo_has_two_readers_three_scopes_and_both_standards() -> None:
    demo = shipped_protocol("demo")
    assert demo.reading.readers == 2
    assert "local_recurrence" in demo.reading.adjudicate_on
    assert [visit.days for visit in demo.visit_list] == [56, 112, 168]
    assert [scope.id for scope in demo.scopes] == ["all", "untreated", "untreated-liver"]
    assert demo.criterion("recist11").mixed_response
    assert demo.rules_of(demo.criterion("recist11-all")).treated_handling == "exclude"
    assert demo.scope("untreated-liver").include_organs == ("liver",)
    assert demo.visit("W8").reader_label == "W8"
    for missing in (demo.criterion, demo.scope, demo.visit):
        with pytest.raises(KeyError):
            missing("nowhere")


def test_shipped_protocols_say_what_the_specification_says() -> None:
    for name in ("recist11", "seed-000", "seed-001", "seed-002"):
        text = shared("spec", "protocols", f"{name}.toml").read_text("utf-8")
        assert shipped_protocol(name).text == text


def test_every_rule_key_has_its_documented_default() -> None:
    table = shared("spec", "protocol.md").read_text("utf-8").split("## 2.")[1]
    rows = [line.split("|")[1:3] for line in table.splitlines() if line.startswith("| `")]
    named = {key.strip(" `"): value.strip() for keys, value in rows for key in keys.split(",")}
    assert set(named) == set(RULE_KEYS)
    simple = {key: value for key, value in named.items() if not set(value) & {"[", ","} and "null" not in value}
    for key, value in simple.items():
        found = Rules().value(key)
        shown = str(found).lower() if isinstance(found, bool) else str(found)
        assert shown == value.strip('"'), key


def test_settings_of_the_command_line_are_checked_the_same_way() -> None:
    with pytest.raises(Refused, match=r"did you mean 'pr\.continues'"):
        Rules().with_settings({"pr.continue": True})
    with pytest.raises(Refused, match="true or false"):
        Rules().with_settings({"pr.continues": "yes"})
    with pytest.raises(Refused, match="stable_disease"):
        Rules().with_settings({"stable_disease.min_days": "x"})
    assert Rules().with_settings({"stable_disease.min_days": 35}).value("stable_disease.min_days") == 35


SIMON = """[simon]
enabled = true
endpoint = "orr"
p0 = 0.1
p1 = 0.3
{}
[[endpoint]]
id = "orr"
kind = "proportion"
method = "clopper_pearson"
"""


@pytest.mark.parametrize(
    ("lines", "warning"),
    [
        ("r1 = 1\nn1 = 10\nr = 5\nn = 29", ""),
        ('kind = "minimax"\nr1 = 1\nn1 = 15\nr = 5\nn = 25', ""),
        ('kind = "given"\nr1 = 1\nn1 = 11\nr = 5\nn = 29', ""),
        ("", ""),
        ("r1 = 1\nn1 = 11\nr = 5\nn = 29", "1/11, 5/29 is not the optimal design for p0 = 0.1, p1 = 0.3"),
        ('kind = "minimax"\nr1 = 1\nn1 = 10\nr = 5\nn = 29', "which is 1/15, 5/25"),
        ("r1 = 1\nn1 = 10\nr = 5\nn = 400", "too large to check"),
    ],
)
def test_a_simon_design_that_its_rates_do_not_give_is_warned_about(lines: str, warning: str) -> None:
    said = protocol_warnings(read(SIMON.format(lines)))
    assert len(said) == (1 if warning else 0)
    assert warning in "".join(said)


def test_rates_for_which_there_is_no_design_are_warned_about(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("measure.statistics.simon.optimal_design", lambda *_: None)  # the true search takes long
    (said,) = protocol_warnings(read(SIMON.format("r1 = 1\nn1 = 10\nr = 5\nn = 29")))
    assert said.startswith("simon: there is no optimal design of up to 110 patients")


def test_what_is_not_confirmed_must_exist() -> None:
    def named(name: str) -> str:
        return f'schema = 1\n[trial]\nid = "t"\nunconfirmed = ["{name}"]\n[[visit]]\nid = "W8"\ndays = 56\n'

    for known in ("visit", "visit.days", "visit.W8.days", "visit.W8", "confirmation.min_days", "after_progression"):
        assert read_protocol(named(known), "P.toml").trial.unconfirmed == (known,)
    for wrong, hint in (("vist", "'visit'"), ("visit.W9.days", "'visit.W8.days'"), ("simon.alfa", "'simon.alpha'")):
        with pytest.raises(Refused, match=f"P.toml:4: trial.unconfirmed: '{wrong}' is no table or key, .*{hint}"):
            read_protocol(named(wrong), "P.toml")
