"""The audit trail: append-only rows, each hashed over its content and the row before it, one chain a trial.

A row's hash is SHA-256 over the JSON of its fields (sorted keys, no blanks, UTF-8, `hash` left out); the
first row's `previous_hash` is 64 zeros. So any program can verify the chain from an exported trail.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

START = "0" * 64


def row_hash(row: Mapping[str, Any]) -> str:
    """Hash of one row as stored, `hash` left out."""
    content = {name: value for name, value in row.items() if name != "hash"}
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True)
class ChainVerdict:
    """Whether one chain holds: rows read, its head, and the first break in words (empty when none)."""

    chain: str
    rows: int
    head: str
    broken: str = ""


def verify_rows(chain: str, rows: Iterable[Mapping[str, Any]]) -> ChainVerdict:
    """Recompute a chain in order; names the first row that does not fit."""
    previous, count = START, 0
    for row in rows:
        count += 1
        if row["number"] != count:
            return ChainVerdict(chain, count, previous, f"row {count} is missing (found {row['number']})")
        if row["previous_hash"] != previous:
            return ChainVerdict(chain, count, previous, f"row {count} does not follow the row before it")
        if row_hash(row) != row["hash"]:
            return ChainVerdict(chain, count, previous, f"row {count} was changed after it was written")
        previous = row["hash"]
    return ChainVerdict(chain, count, previous)
