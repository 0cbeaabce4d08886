"""What the rule identifiers of a response mean and where each comes from, from resources/rules.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from storage.places import shipped


@dataclass(frozen=True, slots=True)
class RuleText:
    """One rule: what it decides, in one sentence, and its source."""

    rule: str
    text: str
    source: str


@cache
def rule_texts() -> dict[str, RuleText]:
    """All rules by identifier, in the order of the file."""
    tables = tomllib.loads(shipped("rules.toml").read_text("utf-8"))
    return {rule: RuleText(rule, one["text"], one["source"]) for rule, one in tables.items()}
