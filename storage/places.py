"""Where shipped data and workspaces lie."""

from __future__ import annotations

import os
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

APP_NAME = "coread"


def shipped(*parts: str) -> Traversable:
    """A file or folder of resources/."""
    place: Traversable = resources.files("resources")
    for part in parts:
        place = place / part
    return place


def default_workspace() -> Path:
    """The workspace of `COREAD_WORKSPACE`, else the one in the user's data folder."""
    named = os.environ.get("COREAD_WORKSPACE")
    if named:
        return Path(named)
    import platformdirs

    return Path(platformdirs.user_data_dir(APP_NAME, appauthor=False)) / "workspace"
