"""The manual names every key, every column and every command, and links only to what is there."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from app.command_line import COMMANDS
from measure.audit_chain import START, row_hash
from measure.rules import RULE_KEYS
from tests.build import rules_page

ROOT = Path(__file__).resolve().parents[1]
MANUAL = ROOT / "resources" / "manual"
ADDED = "Columns that an export adds"
PAGES = sorted([*MANUAL.rglob("*.md"), *ROOT.glob("*.md")])


def table(name: str) -> dict[str, Any]:
    return tomllib.loads((ROOT / "resources" / name).read_text("utf-8"))


def sections(page: Path) -> dict[str, list[str]]:
    """Lines under each heading of the second level."""
    found: dict[str, list[str]] = {}
    title = ""
    for line in page.read_text("utf-8").splitlines():
        if line.startswith("## "):
            title = line[3:]
        found.setdefault(title, []).append(line)
    return found


def first_cells(lines: list[str]) -> list[str]:
    """First cell of every table row, where it is code."""
    return [match[1] for line in lines if (match := re.match(r"\| `([^`]+)` \|", line))]


def test_every_key_has_its_line_and_says_what_the_key_table_says() -> None:
    lines = sections(MANUAL / "read-a-case.md")["Keys"]
    keys = table("keys.toml")
    wanted = [f"| `{a['key']}` | {a['label']} | {a['help']} |" for a in keys["action"].values()]
    wanted += [f"| {m['hand']} | {m['label']} |" for m in keys["mouse"].values()]
    assert [line for line in wanted if line not in lines] == []
    caps = {action["key"] for action in keys["action"].values()}
    assert [cap for cap in first_cells(lines) if cap not in caps] == []


@pytest.mark.parametrize("name", sorted(table("columns.toml")))
def test_every_column_of_a_file_has_its_line_in_its_order(name: str) -> None:
    columns = table("columns.toml")[name]["columns"]
    assert first_cells(sections(MANUAL / "files.md")[f"{name}.csv"]) == columns


def test_every_column_that_an_export_adds_has_its_line() -> None:
    added = {column for one in table("columns.toml").values() for column in one["right"]}
    named = first_cells(sections(MANUAL / "files.md")[ADDED])
    assert sorted(named) == sorted(added)


def test_the_page_of_rules_says_what_the_engine_does() -> None:
    assert rules_page.PAGE.read_text("utf-8") == rules_page.page()


def test_every_rule_key_belongs_to_one_question() -> None:
    asked = [key for one in table("questions.toml").values() for key in one["keys"]]
    assert sorted(asked) == sorted(RULE_KEYS)
    assert [f"D{n}" for n in range(1, 33)] == [name for name in table("questions.toml") if name != "fixed"]


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_its_line_in_the_manual_and_in_the_readme(command: str) -> None:
    assert f"| `coread {command}` |" in "\n".join(sections(MANUAL / "index.md")["Commands"])
    assert f"`coread {command}" in "\n".join(sections(ROOT / "README.md")["Commands"])


def test_the_manual_names_no_command_that_does_not_exist() -> None:
    named = first_cells(sections(MANUAL / "index.md")["Commands"])
    assert sorted(named) == sorted(f"coread {command}" for command in COMMANDS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_exist(page: Path) -> None:
    links = re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text("utf-8"))
    local = [link for link in links if not link.startswith(("http://", "https://", "mailto:"))]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_every_page_of_the_manual_is_reached_from_its_index() -> None:
    links = set(re.findall(r"\]\(([^)#\s]+)\)", (MANUAL / "index.md").read_text("utf-8")))
    pages = {str(page.relative_to(MANUAL)) for page in MANUAL.rglob("*.md")} - {"index.md"}
    assert pages - links == set()


def code_paths(text: str) -> list[str]:
    """What a text names in code as a file or folder of one of the rooms."""
    rooms = "app|viewer|measure|storage|resources|tests"
    return [name for name in re.findall(rf"`((?:{rooms})/[\w./-]*)`", text) if "..." not in name]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_files_named_in_a_text_exist(page: Path) -> None:
    assert [name for name in code_paths(page.read_text("utf-8")) if not (ROOT / name).exists()] == []


def test_the_chain_is_verified_by_the_ten_lines_of_the_manual(capsys: pytest.CaptureFixture[str]) -> None:
    code = re.search(r"```python\n(.*?)```", (MANUAL / "files.md").read_text("utf-8"), re.DOTALL)
    assert code is not None
    opening = 'open("AUDIT.jsonl", encoding="utf-8")'
    assert opening in code[1]
    source = code[1].replace(opening, "trail")
    rows: list[dict[str, Any]] = []
    for number in (1, 2, 3):
        before = rows[-1]["hash"] if rows else START
        row: dict[str, Any] = {"number": number, "reason": "ä −", "previous_hash": before}
        rows.append({**row, "hash": row_hash(row)})
    exec(source, {"trail": [json.dumps(row) for row in rows]})  # noqa: S102 -- the manual's own lines
    assert capsys.readouterr().out.split() == ["3", "rows", "hold;", "head", rows[-1]["hash"]]
    rows[1]["reason"] = "another"
    with pytest.raises(AssertionError, match="row 2 does not hold"):
        exec(source, {"trail": [json.dumps(row) for row in rows]})  # noqa: S102 -- the manual's own lines
