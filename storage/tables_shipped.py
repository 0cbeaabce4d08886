"""Strict readers of the shipped tables: keys, organs, theme, icons, fonts. A table that does not fit ends the start."""

from __future__ import annotations

import tomllib
from typing import Any

from measure.refusal import Refused
from storage.places import shipped

_KEY_FIELDS = {"key", "label", "group", "help"}


def theme_tables() -> dict[str, Any]:
    """The theme file, parsed."""
    return tomllib.loads(shipped("theme", "dark.toml").read_text("utf-8"))


def icon(name: str) -> bytes:
    """One icon as SVG."""
    return shipped("icons", f"{name}.svg").read_bytes()


def fonts() -> list[bytes]:
    """The shipped fonts."""
    files = sorted((one for one in shipped("fonts").iterdir() if one.name.endswith(".otf")), key=lambda one: one.name)
    return [one.read_bytes() for one in files]


def key_table(text: str | None = None) -> tuple[dict[str, dict[str, str]], list[dict[str, str]]]:
    """Key actions by name, and what the mouse does; unknown or missing fields and a key used twice are refused."""
    tables = tomllib.loads(text if text is not None else shipped("keys.toml").read_text("utf-8"))
    actions: dict[str, dict[str, str]] = tables["action"]
    used: dict[str, str] = {}
    for name, row in actions.items():
        if set(row) != _KEY_FIELDS:
            raise Refused(
                f"keys.toml: {name}: fields are {', '.join(sorted(_KEY_FIELDS))}, found {', '.join(sorted(row))}"
            )
        plain = row["key"].replace(" ", "").casefold()
        if plain in used:
            raise Refused(f"keys.toml: {name}: {row['key']} is the key of {used[plain]} already; choose another")
        used[plain] = name
    return actions, list(tables["mouse"].values())


def organs() -> list[dict[str, Any]]:
    """The organs of the vocabulary with their parts."""
    table = tomllib.loads(shipped("vocabularies", "organs.toml").read_text("utf-8"))
    rows: list[dict[str, Any]] = table["organ"]
    for row in rows:
        unknown = set(row) - {"id", "label", "sites", "nodal"}
        if unknown or not row.get("id") or not row.get("label"):
            raise Refused(f"organs.toml: {row}: an organ has id, label and perhaps sites and nodal")
    return rows
