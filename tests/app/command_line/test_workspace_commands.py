"""Workspace commands: the account's role obeyed, audited like the windows, refusals in one line."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random
from typing import Any

import pytest

from app.command_line import run
from app.workflow.demo_accounts import PASSWORD
from storage.database.workspace import DATABASE
from tests.build.bare_workspace import bare_workspace
from tests.build.scripted_read import sign_now, steps
from tests.build.workspace import Small, small_workspace, write_visit

NEW = "a long enough password"


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    small = bare_workspace(tmp_path_factory.mktemp("commands"))
    subject = small.subject("01-001").id
    for _ in steps(small.ports, small.sessions["reader.one"], subject, Random(3)):
        pass
    sign_now(small.ports, small.sessions["reader.two"], subject, 20.0)
    return small


@pytest.fixture(autouse=True)
def password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COREAD_PASSWORD", PASSWORD)
    monkeypatch.setenv("COREAD_NEW_PASSWORD", NEW)
    monkeypatch.delenv("COREAD_WORKSPACE", raising=False)


def _on(small: Small, user: str, *words: str) -> list[str]:
    return [*words, "--workspace", str(small.workspace.folder), "--user", user]


def _refused(capsys: pytest.CaptureFixture[str], argv: list[str]) -> str:
    capsys.readouterr()
    assert run(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    return err.strip()


def _json(capsys: pytest.CaptureFixture[str], argv: list[str], code: int = 0) -> Any:
    capsys.readouterr()
    assert run([*argv, "--json"]) == code
    return json.loads(capsys.readouterr().out)


def _trail(small: Small) -> list[dict[str, Any]]:
    inspector = small.sessions["inspector"]
    with small.ports.open_unit(inspector) as unit:
        return unit.audit_rows(inspector.trial_id)


# --- accounts and roles -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "words"),
    [
        ("reader.one", ("export", "--trial", "demo", "--to", "out")),
        ("inspector", ("export", "--trial", "demo", "--to", "out")),
        ("administrator", ("import", ".", "--trial", "demo")),
        ("reader.two", ("audit", "verify")),
        ("adjudicator", ("audit", "export", "--out", "a.jsonl")),
        ("manager", ("users", "list")),
        ("inspector", ("trial", "new", "p.toml")),
    ],
    ids=lambda v: v if isinstance(v, str) else " ".join(v[:2]),
)
def test_a_role_that_may_not_is_refused_and_nothing_is_left(
    small: Small,
    user: str,
    words: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "p.toml").write_text('schema = 1\n[trial]\nid = "other"\n')
    line = _refused(capsys, _on(small, user, *words))
    assert "This is for:" in line or line == "Name or password is wrong."
    assert sorted(p.name for p in tmp_path.iterdir()) == ["p.toml"]


def test_a_wrong_password_is_refused_and_counted(
    small: Small, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COREAD_PASSWORD", "wrong")
    line = _refused(capsys, _on(small, "medical.lead", "audit", "verify"))
    assert line == "Name or password is wrong. Next try in 2 s."
    with small.ports.open_unit(small.sessions["inspector"]) as unit:
        last = unit.audit_rows("", newest_first=True, limit=1)[0]
    assert (last["which"], last["new"]["result"]) == ("medical.lead", "failed, 1 of 5")


def test_what_is_missing_is_asked_for_in_one_line(
    small: Small, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = str(small.workspace.folder)
    assert "--user NAME" in _refused(capsys, ["audit", "verify", "--workspace", folder])
    nowhere = ["audit", "verify", "--user", "x", "--workspace", str(tmp_path)]
    assert "holds no workspace" in _refused(capsys, nowhere)
    assert "There is no trial 'none'" in _refused(capsys, _on(small, "manager", "audit", "verify", "--trial", "none"))
    monkeypatch.delenv("COREAD_PASSWORD")
    assert "COREAD_PASSWORD" in _refused(capsys, _on(small, "manager", "audit", "verify"))


def test_the_workspace_may_come_from_the_environment(
    small: Small, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("COREAD_WORKSPACE", str(small.workspace.folder))
    assert _json(capsys, ["audit", "verify", "--user", "inspector"])["holds"]


def test_a_command_logs_in_and_out_in_the_trail(small: Small, capsys: pytest.CaptureFixture[str]) -> None:
    before = len(_trail(small))
    assert run(_on(small, "inspector", "audit", "verify")) == 0
    capsys.readouterr()
    assert [row["action"] for row in _trail(small)[before:]] == ["log in", "log out"]


# --- export -----------------------------------------------------------------------------------------------


def test_the_demo_exports_unblinded_and_blinded_when_asked(
    small: Small, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    plain, blind = tmp_path / "plain", tmp_path / "blind"
    manifest = _json(capsys, _on(small, "manager", "export", "--trial", "demo", "--to", str(plain)))
    assert manifest["blinded"] is False
    assert "01-001" in (plain / "findings.csv").read_text()
    assert _json(capsys, _on(small, "manager", "export", "--trial", "demo", "--to", str(blind), "--blinded"))["blinded"]
    for file in blind.glob("*.csv"):
        text = file.read_text()
        assert "01-001" not in text, file.name
        assert "2026-" not in text, file.name
    assert {row["which"] for row in _trail(small) if row["action"] == "export"} >= {"blinded", "unblinded"}


def test_the_same_export_gives_the_same_bytes(small: Small, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("one", "two"):
        assert run(_on(small, "manager", "export", "--trial", "demo", "--to", str(tmp_path / name))) == 0
    capsys.readouterr()
    for file in sorted((tmp_path / "one").glob("*.csv")):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_an_export_into_a_file_or_of_an_unknown_kind_is_refused(
    small: Small, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    to_file = ("export", "--trial", "demo", "--to", str(tmp_path / "file"))
    assert "is a file" in _refused(capsys, _on(small, "manager", *to_file))
    line = _refused(capsys, _on(small, "manager", "export", "--trial", "demo", "--to", "x", "--what", "csv,sr"))
    assert "'sr' cannot be written" in line


# --- audit ------------------------------------------------------------------------------------------------


def test_the_exported_trail_verifies_without_workspace_or_account(
    small: Small, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "audit.jsonl"
    told = _json(capsys, _on(small, "inspector", "audit", "export", "--out", str(file)))
    lines = file.read_text("utf-8").splitlines()
    assert told["rows"] == len(lines) > 50
    verdict = _json(capsys, ["audit", "verify", "--file", str(file)])
    assert verdict["chains"][0]["head"] == told["head"] == json.loads(lines[-1])["hash"]


def test_one_changed_letter_in_the_exported_trail_is_found(
    small: Small, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "audit.jsonl"
    assert run(_on(small, "inspector", "audit", "export", "--out", str(file))) == 0
    lines = file.read_text("utf-8").splitlines()
    lines[20] = lines[20].replace("reader.one", "reader.ona", 1)
    file.write_text("\n".join(lines) + "\n", "utf-8")
    verdict = _json(capsys, ["audit", "verify", "--file", str(file)], code=1)
    assert verdict["chains"][0]["broken"] == "row 21 was changed after it was written"


def test_a_trail_whose_end_was_cut_off_is_found_by_the_exports_that_saw_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fresh = bare_workspace(tmp_path)
    sign_now(fresh.ports, fresh.sessions["reader.one"], fresh.subject("01-001").id, 20.0)
    assert run(_on(fresh, "manager", "export", "--trial", "demo", "--to", str(tmp_path / "out"))) == 0
    assert run(_on(fresh, "inspector", "audit", "verify")) == 0
    trial = fresh.sessions["manager"].trial_id
    with fresh.workspace.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_delete")
        connection.exec_driver_sql("DELETE FROM audit WHERE chain = ? AND number > 20", (trial,))
    capsys.readouterr()
    verdict = _json(capsys, _on(fresh, "inspector", "audit", "verify"), code=1)
    assert "is not the one that the export" in verdict["chains"][0]["broken"]


def test_a_changed_database_row_is_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fresh = bare_workspace(tmp_path)
    with fresh.workspace.engine.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_no_update")
        connection.exec_driver_sql("UPDATE audit SET reason = 'planted' WHERE chain = '' AND number = 4")
    assert run(_on(fresh, "inspector", "audit", "verify")) == 1
    assert "workspace: row 4 was changed" in capsys.readouterr().out


def test_what_is_no_trail_is_refused_with_file_and_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "audit.jsonl"
    for text in ("{}\n", "no json\n", '{"chain": "", "number": "1", "hash": "", "previous_hash": ""}\n'):
        file.write_text(text)
        assert _refused(capsys, ["audit", "verify", "--file", str(file)]).startswith(f"{file}:1: ")
    assert "cannot be read" in _refused(capsys, ["audit", "verify", "--file", str(tmp_path / "none")])


# --- users and trials -------------------------------------------------------------------------------------


def test_a_real_workspace_from_nothing_to_its_trial(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COREAD_PASSWORD", NEW)
    at = ["--workspace", str(tmp_path / "real")]
    admin, boss = [*at, "--user", "admin"], [*at, "--user", "boss"]
    protocol = tmp_path / "p.toml"
    protocol.write_text('schema = 1\n[trial]\nid = "my-trial"\ntitle = "Mine"\n')
    assert run(["users", "first", "admin", "--printed-name", "Ada Min", *at]) == 0
    assert "already holds a workspace" in _refused(capsys, ["users", "first", "other", *at])
    assert run(["users", "add", "boss", "--printed-name", "The Manager", *admin]) == 0
    assert run(["users", "grant", "boss", "manager", *admin]) == 0
    assert run(["trial", "new", str(protocol), *boss]) == 0
    assert "exists already" in _refused(capsys, ["trial", "new", str(protocol), *boss])
    trials = _json(capsys, ["trial", "list", *boss])["trials"]
    assert [t["name"] for t in trials] == ["my-trial"]
    assert run(["users", "add", "r1", *admin]) == 0
    assert run(["users", "grant", "r1", "reader", "--trial", "my-trial", *admin]) == 0
    users = {u["name"]: u for u in _json(capsys, ["users", "list", *admin])["users"]}
    assert users["r1"]["roles"] == [["my-trial", "reader"]]
    assert users["boss"]["printed_name"] == "The Manager"
    assert "password" not in str(users)
    told = _json(capsys, ["export", "--trial", "my-trial", "--to", str(tmp_path / "out"), *boss])
    assert told["blinded"] is True
    assert _json(capsys, ["audit", "verify", *boss])["holds"]


def test_short_passwords_unknown_roles_and_names_given_twice_are_refused(
    small: Small, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    on = _on(small, "administrator")
    assert "There is no role 'boss'" in _refused(capsys, ["users", "grant", "manager", "boss", *on])
    assert "never given twice" in _refused(capsys, ["users", "add", "manager", *on])
    assert "expected NAME ROLE" in _refused(capsys, ["users", "grant", "manager", *on])
    monkeypatch.setenv("COREAD_NEW_PASSWORD", "short")
    first = ["users", "first", "admin", "--workspace", str(tmp_path / "new")]
    assert "shorter than 10" in _refused(capsys, first)
    assert not (tmp_path / "new").exists()


def test_a_locked_account_is_unlocked(
    small: Small, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from measure.case import User
    from measure.session import NOBODY

    with small.ports.open_unit(NOBODY) as unit:
        user = unit.find(User, name="medical.lead")[0]
        unit.change(user, locked=True, failed=5)
        unit.audit("lock", "user", user.name, chain="")
        unit.commit()
    verify = _on(small, "medical.lead", "audit", "verify")
    assert "is locked" in _refused(capsys, verify)
    assert run(_on(small, "administrator", "users", "unlock", "medical.lead")) == 0
    assert run(verify) == 0


# --- import -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def receiving(tmp_path_factory: pytest.TempPathFactory) -> Small:
    return small_workspace(tmp_path_factory.mktemp("import"), numbers=())


def _import(receiving: Small, *words: str) -> list[str]:
    return _on(receiving, "manager", "import", "--trial", "demo", *words)


@pytest.mark.filterwarnings("ignore:The value length")  # pydicom while it writes the file
@pytest.mark.parametrize("number", ["../../../evil", "A\x1b[2J\nB", "x" * 200])
def test_a_hostile_number_in_the_header_leads_nowhere(
    receiving: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str], number: str
) -> None:
    import pydicom

    for file in sorted(write_visit(tmp_path / "in", "03-009", 0).rglob("*.dcm")):
        ds = pydicom.dcmread(file)
        ds.PatientID = number
        ds.save_as(file)
    kept = tmp_path / "kept"
    capsys.readouterr()
    words = [str(tmp_path / "in"), "--timepoint", "BL", "--keep-originals", str(kept)]
    assert run(_import(receiving, *words)) in (0, 1)
    assert "\x1b" not in "".join(capsys.readouterr())
    assert {p.name for p in tmp_path.iterdir()} <= {"in", "kept"}
    assert not list(tmp_path.parent.glob("evil*"))


def test_what_is_clear_is_stored_and_comes_again_once(
    receiving: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for visit, days in (("a", 0), ("b", 56)):
        write_visit(tmp_path / visit, "03-001", days)
    kept = tmp_path / "kept"
    told = _json(capsys, _import(receiving, str(tmp_path), "--keep-originals", str(kept)))
    assert [(s["subject"], s["timepoint"], s["files"]) for s in told["stored"]] == [
        ("03-001", "BL", 6),
        ("03-001", "W8", 6),
    ]
    assert told["left"] == []
    originals = {p.read_bytes() for p in (*(tmp_path / "a").iterdir(), *(tmp_path / "b").iterdir())}
    assert {p.read_bytes() for p in kept.rglob("*") if p.is_file()} == originals
    again = _json(capsys, _import(receiving, str(tmp_path / "a")), code=1)
    assert "has images already" in again["left"][0]["reason"]
    assert set(receiving.timepoints("03-001")) == {"BL", "W8"}


def test_a_lone_scan_is_listed_until_its_time_point_is_named(
    receiving: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_visit(tmp_path / "scan", "03-002", 0)
    told = _json(capsys, _import(receiving, str(tmp_path)), code=1)
    assert told["stored"] == []
    assert "--timepoint" in told["left"][0]["reason"]
    told = _json(capsys, _import(receiving, str(tmp_path), "--timepoint", "BL", "--site", "03"))
    assert [(s["subject"], s["timepoint"]) for s in told["stored"]] == [("03-002", "BL")]
    assert receiving.subject("03-002").site == "03"


def test_a_scan_far_from_every_visit_is_listed(
    receiving: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for visit, days in (("a", 0), ("b", 400)):
        write_visit(tmp_path / visit, "03-003", days)
    told = _json(capsys, _import(receiving, str(tmp_path)), code=1)
    assert [s["timepoint"] for s in told["stored"]] == ["BL"]
    assert "outside the visit's window" in told["left"][0]["reason"]


def test_a_person_names_subject_and_time_point(
    receiving: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_visit(tmp_path / "scan", "HOSPITAL-77", 0)
    told = _json(capsys, _import(receiving, str(tmp_path), "--subject", "03-004"), code=1)
    assert "the header says subject HOSPITAL-77" in told["left"][0]["reason"]
    named = ("--subject", "03-004", "--timepoint", "BL")
    assert _json(capsys, _import(receiving, str(tmp_path), *named))["stored"]
    assert set(receiving.timepoints("03-004")) == {"BL"}


def test_wrong_use_of_import_is_refused_before_anything_is_stored(
    receiving: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in ("03-008", "03-009"):
        write_visit(tmp_path / "two" / number, number, 0)
    (tmp_path / "none").mkdir()
    two = str(tmp_path / "two")
    assert "these are 2 scans" in _refused(capsys, _import(receiving, two, "--timepoint", "BL"))
    assert "belong to several" in _refused(capsys, _import(receiving, two, "--subject", "03-008"))
    assert "no DICOM images" in _refused(capsys, _import(receiving, str(tmp_path / "none")))
    assert "does not exist" in _refused(capsys, _import(receiving, str(tmp_path / "missing")))
    inside = str(receiving.workspace.folder / "originals")
    assert "kept outside it" in _refused(capsys, _import(receiving, two, "--keep-originals", inside))
    assert (receiving.workspace.folder / DATABASE).is_file()
    with receiving.ports.open_unit(receiving.sessions["manager"]) as unit:
        from measure.case import Subject

        assert not unit.find(Subject, number=["03-008", "03-009"])


def test_an_unknown_visit_is_listed_with_the_visits_there_are(
    receiving: Small, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_visit(tmp_path / "scan", "03-005", 0)
    told = _json(capsys, _import(receiving, str(tmp_path), "--timepoint", "W99"), code=1)
    assert "no visit of the protocol. Visits: BL, W8" in told["left"][0]["reason"]
