"""Material outside the repository: tests that need it skip, saying so, when it is not there."""

from __future__ import annotations

from pathlib import Path

import pytest

_BESIDE = Path(__file__).resolve().parents[2].parent / "shared"


def shared(*parts: str) -> Path:
    """A file or folder of `shared`, which lies beside the checkout."""
    place = _BESIDE.joinpath(*parts)
    if not place.exists():
        pytest.skip(f"needs shared/{'/'.join(parts)} beside the checkout")
    return place
