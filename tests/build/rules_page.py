"""The manual's page of rules and questions, made from what the engine reads: `python -m tests.build.rules_page`."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

from measure.protocol_keys import Key
from measure.rules import RULE_KEYS, Rules, RuleValue
from storage.rule_texts import rule_texts

RESOURCES = Path(__file__).resolve().parents[2] / "resources"
PAGE = RESOURCES / "manual" / "rules.md"

HEAD = """# Rules and questions

Every identifier that stands in the `rules` column of `responses.csv` and `best.csv`, and every question that a
protocol decides. This page is made from `resources/rules.toml`, `resources/questions.toml` and the keys of the
engine (`python -m tests.build.rules_page`); a test fails when it says anything else.

| short | source |
| --- | --- |
| EIS | Eisenhauer EA et al. RECIST 1.1. Eur J Cancer 2009;45:228-247 |
| SCH | Schwartz LH et al. RECIST 1.1, update and clarification. Eur J Cancer 2016;62:132-137 |
| FAQ | answers of the RECIST working group, recist.eortc.org |
| SEY | Seymour L et al. iRECIST. Lancet Oncol 2017;18:e143-e152 |
| LEN | Lencioni R, Llovet JM. mRECIST. Semin Liver Dis 2010;30:52-60 |
| FDA | Clinical trial endpoints for the approval of cancer drugs, 2007 and 2018 |
| SITA, SHRINK | texts of the two trials for which scopes and mixed response were made |

## Rules

| rule | says | source |
| --- | --- | --- |
"""

QUESTIONS = """
## Questions

A setting stands in the protocol, for the trial or for one criterion, or behind `--set KEY=VALUE`.

| question | key | default | or |
| --- | --- | --- | --- |
"""


def _shown(value: RuleValue) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(value)
    return str(value)


def _or(value: RuleValue, what: Key) -> str:
    """The other settings of a key."""
    if what.words and not isinstance(value, tuple):
        return ", ".join(word for word in what.words if word != value)
    if isinstance(value, bool):
        return _shown(not value)
    if isinstance(value, tuple):
        return "some of them"
    if isinstance(value, Decimal) or what.kind == "decimal":
        return "a decimal"
    return {"count": "a count", "date": "an ISO date", "text": "a text"}[what.kind]


def page() -> str:
    """The whole page."""
    rules = "".join(f"| `{one.rule}` | {one.text} | {one.source} |\n" for one in rule_texts().values())
    questions = tomllib.loads((RESOURCES / "questions.toml").read_text("utf-8"))
    lines = []
    for name, one in questions.items():
        asked = f"{'' if name == 'fixed' else f'{name}. '}{one['text']}"
        for number, key in enumerate(one["keys"]):
            value = Rules().value(key)
            lines.append(
                f"| {asked if not number else ''} | `{key}` | {_shown(value)} | {_or(value, RULE_KEYS[key][1])} |\n"
            )
    return HEAD + rules + QUESTIONS + "".join(lines)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
