"""Sets of real test images as `shared/data/unpack` lays them out; nothing is fetched, absent sets skip."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest


def image_set(name: str, *parts: str) -> Path:
    """The folder of an unpacked set, or something in it."""
    root = Path(os.environ.get("COREAD_TEST_DATA", Path.home() / ".cache" / "coread-test-data"))
    place = root / name
    if not (place / "expected.json").is_file():
        pytest.skip(f"needs the image set {name} (shared/data/unpack)")
    return place.joinpath(*parts)


def expected(name: str) -> dict[str, Any]:
    """What is known of a set."""
    known: dict[str, Any] = json.loads(image_set(name, "expected.json").read_text())
    return known
