"""No window of one story is left lying over those of the next test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtWidgets import QApplication


@pytest.fixture(autouse=True)
def no_window_left(qapp: QApplication) -> Iterator[None]:
    """Hide what a test left open."""
    yield
    for window in qapp.topLevelWidgets():
        window.hide()
