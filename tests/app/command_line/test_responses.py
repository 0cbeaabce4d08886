"""`coread assess`, `best-response` and `verify`, run as a person runs them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from app.command_line import run
from measure.criteria import ENGINE_VERSION
from storage.columns import columns_of
from tests.build.shared import shared

FINDINGS = """subject,timepoint,date,lesion,role,organ,nodal,state,diameter_mm,treated,treated_date
S1,BL,2024-01-01,T1,target,liver,no,measured,30.0,,
S1,BL,2024-01-01,T2,target,lung,no,measured,9,,
S1,W8,2024-02-26,T1,target,liver,no,measured,20,,
S1,W8,2024-02-26,T2,target,lung,no,absent,,,
S1,W16,2024-04-22,T1,target,liver,no,measured,20,,
S1,W16,2024-04-22,T2,target,lung,no,absent,,,
S10,BL,2024-01-01,T1,target,liver,no,measured,30,,
S10,W8,2024-02-26,T1,target,liver,no,measured,45,ablation,2024-02-01
S2,BL,2024-01-01,T1,target,liver,no,measured,30,,
S2,W8,2024-02-26,T1,target,liver,no,measured,64,,
S2,W16,2024-04-22,T1,target,liver,no,measured,70,,
"""


@pytest.fixture
def findings(tmp_path: Path) -> Path:
    path = tmp_path / "findings.csv"
    path.write_text(FINDINGS, "utf-8")
    return path


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def test_assess_without_a_protocol_is_recist_on_all_lesions(findings: Path, tmp_path: Path) -> None:
    out = tmp_path / "R.csv"
    assert run(["assess", str(findings), "--out", str(out), "--quiet"]) == 0
    found = rows(out)
    assert tuple(found[0]) == columns_of("responses").columns
    assert [(r["subject"], r["timepoint"], r["overall"]) for r in found] == [
        ("S1", "BL", "BL"),
        ("S1", "W8", "PR"),
        ("S1", "W16", "PR"),
        ("S2", "BL", "BL"),
        ("S2", "W8", "PD"),
        ("S2", "W16", "PD"),
        ("S10", "BL", "BL"),
        ("S10", "W8", "NE"),
    ]
    first = found[1]
    assert (first["criterion"], first["standard"], first["scope"]) == ("recist11", "recist11", "all")
    assert (first["sum_mm"], first["baseline_sum_mm"], first["nadir_mm"]) == ("20", "39.0", "39.0")
    assert (first["change_from_baseline_pct"], first["change_from_nadir_mm"]) == ("-48.72", "-19.0")
    assert (first["rules"], first["drivers"]) == ("R11-15 R11-29", "T1 T2")
    assert (first["engine"], len(first["protocol"])) == (ENGINE_VERSION, 64)
    assert found[-1]["sum_mm"] == ""


def test_the_order_of_rows_changes_no_byte(findings: Path, tmp_path: Path) -> None:
    header, *body = FINDINGS.splitlines()
    shuffled = tmp_path / "shuffled.csv"
    shuffled.write_text("\n".join((header, *reversed(body), "")), "utf-8")
    for name, source in (("a", findings), ("b", shuffled)):
        assert run(["assess", str(source), "--out", str(tmp_path / f"{name}.csv"), "--quiet"]) == 0
        assert run(["best-response", str(source), "--out", str(tmp_path / f"{name}_best.csv"), "--quiet"]) == 0
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    assert (tmp_path / "a_best.csv").read_bytes() == (tmp_path / "b_best.csv").read_bytes()


def test_issues_are_written_beside_and_warn_only(
    findings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, issues = tmp_path / "R.csv", tmp_path / "I.csv"
    assert run(["assess", str(findings), "--out", str(out), "--issues", str(issues), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["reads"], said["rows"], said["issues"]) == (3, 8, 1)
    assert [(r["subject"], r["lesion"], r["issue"]) for r in rows(issues)] == [("S1", "T2", "below-measurable-size")]


def test_a_protocol_gives_its_criteria_and_options_choose_among_them(
    findings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    protocol = tmp_path / "P.toml"
    protocol.write_text(
        'schema = 1\n[trial]\nid = "t"\n[[scope]]\nid = "all"\n[[scope]]\nid = "untreated"\n'
        "exclude_treated = true\n"
        '[[criterion]]\nid = "r"\n[[criterion]]\nid = "i"\nstandard = "irecist"\nscope = "untreated"\n'
        '[[criterion]]\nid = "local"\nstandard = "local-recurrence"\n',
        "utf-8",
    )
    out = tmp_path / "R.csv"
    base = ["assess", str(findings), "--protocol", str(protocol), "--out", str(out)]
    assert run(base) == 0
    assert {(r["criterion"], r["standard"], r["scope"]) for r in rows(out)} == {
        ("r", "recist11", "all"),
        ("i", "irecist", "untreated"),
    }
    assert "local" in capsys.readouterr().err
    treated = [r for r in rows(out) if r["subject"] == "S10" and r["criterion"] == "i"]
    assert [r["overall"] for r in treated] == ["BL", "NA"]
    assert "left out of this scope: T1" in treated[1]["explanation"]
    for option in (["--criterion", "i"], ["--scope", "untreated"]):
        assert run([*base, *option, "--quiet"]) == 0
        assert {r["criterion"] for r in rows(out)} == {"i"}
    assert run([*base, "--criterion", "x"]) == 2
    assert run([*base, "--scope", "x"]) == 2
    assert run([*base, "--criterion", "r", "--scope", "untreated"]) == 2
    assert run([*base, "--criterion", "local"]) == 2


def test_set_overrides_one_rule_key_and_the_hash_says_so(findings: Path, tmp_path: Path) -> None:
    out = tmp_path / "R.csv"
    hashes = set()
    for setting, overall in (
        (None, "NE"),
        ('treated.handling="keep"', "PD"),
        ("treated.handling=exclude", "NA"),
        ("confirmation.max_days=none", "NE"),
        ("reference.start_date=2024-01-03", "NE"),
    ):
        extra = [] if setting is None else ["--set", setting]
        assert run(["assess", str(findings), "--out", str(out), "--quiet", *extra]) == 0
        last = rows(out)[-1]
        assert last["overall"] == overall
        hashes.add(last["protocol"])
    assert len(hashes) == 5
    for wrong in ("pr.continue=true", "pr.continues=maybe", "pr.continues"):
        assert run(["assess", str(findings), "--out", str(out), "--set", wrong]) == 2


def test_set_wins_over_the_settings_of_a_criterion(findings: Path, tmp_path: Path) -> None:
    protocol = tmp_path / "P.toml"
    protocol.write_text(
        'schema = 1\n[trial]\nid = "t"\n[[criterion]]\nid = "r"\nsettings = { "treated.handling" = "exclude" }\n',
        "utf-8",
    )
    out = tmp_path / "R.csv"
    base = ["assess", str(findings), "--protocol", str(protocol), "--out", str(out), "--quiet"]
    assert run(base) == 0
    assert rows(out)[-1]["overall"] == "NA"
    assert run([*base, "--set", "treated.handling=keep"]) == 0
    assert rows(out)[-1]["overall"] == "PD"


def test_best_response_gives_dates_and_durations(findings: Path, tmp_path: Path) -> None:
    out = tmp_path / "B.csv"
    assert run(["best-response", str(findings), "--out", str(out), "--quiet"]) == 0
    first, second, third = rows(out)
    assert tuple(first) == columns_of("best").columns
    assert (first["best"], first["best_date"], first["confirmed"]) == ("PR", "2024-02-26", "true")
    assert (first["confirmation_date"], first["response_days"]) == ("2024-04-22", "56")
    assert (first["ttp_days"], first["ttp_event"], first["ttp_reason"]) == ("112", "0", "last_assessment")
    assert (second["best"], second["progression_date"], second["progression_cause"]) == (
        "PD",
        "2024-02-26",
        "target",
    )
    assert (second["ttp_days"], second["ttp_event"], second["ttp_reason"]) == ("56", "1", "progression")
    assert (third["best"], third["confirmed"], third["pfs_days"], third["mixed_occurred"]) == (
        "NE",
        "",
        "",
        "",
    )


def test_dates_of_subjects_are_used(findings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    subjects = tmp_path / "S.csv"
    subjects.write_text("subject,subsequent_therapy_date\nS1,2024-03-01\n", "utf-8")
    out = tmp_path / "B.csv"
    assert run(["best-response", str(findings), "--subjects", str(subjects), "--out", str(out), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["rows"] == 3
    assert rows(out)[0]["best"] == "SD"


def test_deaths_wait_for_the_endpoint_tables(
    findings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "B.csv"
    assert run(["best-response", str(findings), "--tables", str(tmp_path), "--out", str(out)]) == 2
    assert "endpoint tables" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("command", ["assess", "best-response"])
def test_bad_input_leaves_nothing_behind(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = tmp_path / "F.csv", tmp_path / "out.csv"
    for text, message in (
        (
            FINDINGS.replace("S2,W16,2024-04-22", "S2,W16,2023-04-22"),
            f"{path}:12: date: 2023-04-22: W16 lies before",
        ),
        (FINDINGS.replace("measured,70", "shrunk,70"), f"{path}:12: state: shrunk: is not known"),
        (FINDINGS.replace("S2,W16", "S2,W8"), f"{path}:12: lesion: T1: two findings of it at time point W8"),
        (
            FINDINGS.replace("S2,BL", "S2,W4"),
            "timepoint: BL: there is no dated baseline of this subject (subject S2)",
        ),
    ):
        path.write_text(text, "utf-8")
        assert run([command, str(path), "--out", str(out)]) == 2
        said = capsys.readouterr()
        assert message in said.err
        assert said.out == ""
        assert [one.name for one in tmp_path.iterdir()] == ["F.csv"]
    assert run([command, str(path), "--protocol", str(tmp_path / "none.toml"), "--out", str(out)]) == 2
    (tmp_path / "P.toml").write_bytes(b"\xff")
    assert run([command, str(path), "--protocol", str(tmp_path / "P.toml"), "--out", str(out)]) == 2
    assert run([command, str(path), "--out", str(tmp_path / "none" / "out.csv")]) == 2


def test_a_file_is_never_written_over_what_is_read_or_written_beside_it(
    findings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "R.csv"
    for words in (["--out", str(findings)], ["--out", str(out), "--issues", str(out)]):
        assert run(["assess", str(findings), *words]) == 2
        assert "another file" in capsys.readouterr().err
    assert findings.read_text("utf-8") == FINDINGS
    assert not out.exists()


def test_verify_runs_the_shipped_cases(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["verify", "--quiet"]) == 0
    count, passed = (int(word.split()[0]) for word in capsys.readouterr().out.split("(")[0].split(", ")[:2])
    assert count == passed >= 200


CASE = {
    "id": "X-1",
    "title": "stable",
    "criterion": "recist11",
    "protocol": {},
    "scope": "all",
    "findings": [
        {"timepoint": name, "date": day, "lesion": "T1", "role": "target", "organ": "liver", "nodal": False}
        | {"state": "measured", "diameter_mm": "30"}
        for name, day in (("BL", "2024-01-01"), ("W8", "2024-02-26"))
    ],
    "expected": {"timepoints": [{"timepoint": "W8", "overall": "SD", "sum_mm": "30.0"}]},
}


def test_verify_says_what_failed_and_writes_what_was_got(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = {**CASE, "id": "X-2", "expected": {"timepoints": [{"timepoint": "W8", "overall": "PR"}]}}
    refused = {**CASE, "id": "X-3", "findings": CASE["findings"][1:]}
    issues = {**CASE, "id": "X-4", "expected": {"baseline_issues": [{"lesion": "T1", "issue": "x"}]}}
    absent = {**CASE, "id": "X-5", "expected": {"timepoints": [{"timepoint": "W9"}]}}
    cases, out = tmp_path / "C.json", tmp_path / "out.json"
    cases.write_text(json.dumps([CASE, wrong, refused, issues, absent]), "utf-8")
    assert run(["verify", str(cases), "--out", str(out)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "X-2: stable: W8: overall: expected PR, got SD"
    assert lines[-1].startswith("5 cases, 1 passed, 4 failed")
    results = json.loads(out.read_text("utf-8"))
    assert [(one["id"], one["pass"]) for one in results] == [
        ("X-1", True),
        ("X-2", False),
        ("X-3", False),
        ("X-4", False),
        ("X-5", False),
    ]
    assert results[0]["got"]["timepoints"][0]["sum_mm"] == "30"
    assert run(["verify", str(cases), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["failed"] == 4


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[", "this is not JSON"),
        ("{}", "expected a JSON list"),
        ('[{"id": "km", "method": "km_curve"}]', "endpoint cases"),
        ('[{"id": "a", "criterion": "who"}]', "criterion: who"),
        ('[{"id": "a", "criterion": "recist11"}]', "findings: is missing"),
        ('[{"id": "a", "criterion": "recist11", "findings": 3}]', "cannot be read"),
    ],
)
def test_case_files_that_cannot_be_used_are_refused(
    text: str, message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = tmp_path / "C.json"
    cases.write_text(text, "utf-8")
    assert run(["verify", str(cases)]) == 2
    assert message in capsys.readouterr().err
    assert run(["verify", str(tmp_path / "none.json")]) == 2
    cases.write_bytes(b"\xff")
    assert run(["verify", str(cases)]) == 2


def test_a_case_with_an_unknown_state_is_refused(tmp_path: Path) -> None:
    row = {**CASE["findings"][0], "state": "big"}  # type: ignore[dict-item]
    (tmp_path / "C.json").write_text(json.dumps([{**CASE, "findings": [row]}]), "utf-8")
    assert run(["verify", str(tmp_path / "C.json")]) == 2


def test_endpoint_cases_beside_the_checkout_wait_for_the_endpoint_tables(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["verify", str(shared("cases", "endpoints.json"))]) == 2
    assert "endpoint tables" in capsys.readouterr().err
