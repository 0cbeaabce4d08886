"""Every test of this room paints with the shipped theme."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from viewer.theme import Theme, set_theme
from viewer.viewport import Viewport

SHIPPED = Path(__file__).resolve().parents[2] / "resources" / "theme" / "dark.toml"


@pytest.fixture(scope="session", autouse=True)
def shipped_theme() -> Theme:
    theme = Theme.from_tables(tomllib.loads(SHIPPED.read_text("utf-8")))
    set_theme(theme)
    return theme


@pytest.fixture
def viewport(qtbot: QtBot) -> Iterator[Viewport]:
    """An empty viewport on the (off-screen) screen, 420 x 446 px: image area 420 x 420."""
    shown = Viewport()
    qtbot.addWidget(shown)
    shown.resize(420, 446)
    shown.show()
    qtbot.waitExposed(shown)
    yield shown
    shown.stop_cine()
