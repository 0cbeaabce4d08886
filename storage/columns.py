"""The column lists of the CSV files, read once from resources/columns.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache

from storage.places import shipped


@dataclass(frozen=True, slots=True)
class ColumnList:
    """columns: what a command reads or writes, in order; right: added by an export; required: for reading."""

    columns: tuple[str, ...]
    right: tuple[str, ...]
    required: tuple[str, ...]

    @property
    def exported(self) -> tuple[str, ...]:
        """The columns of an export."""
        return self.columns + self.right


@cache
def columns_of(file: str) -> ColumnList:
    """The columns of a file: findings, subjects, responses, best, issues, ablation, adjudication; else
    KeyError.
    """
    tables = tomllib.loads(shipped("columns.toml").read_text("utf-8"))
    one = tables[file]
    return ColumnList(tuple(one["columns"]), tuple(one["right"]), tuple(one["required"]))
