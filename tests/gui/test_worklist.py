"""The worklist by mouse and key: a reader asks for a correction of what was signed."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.background import Jobs
from app.desktop import set_look
from app.models.worklist import WorklistModel
from app.windows.worklist import WorklistScreen
from app.workflow import correct_read
from tests.build.workspace import Small, read_timepoint, small_workspace
from tests.gui.hands import choose, press_at

pytestmark = pytest.mark.gui


def worklist_of(small: Small, name: str) -> WorklistScreen:
    model = WorklistModel(small.ports, small.sessions[name])
    screen = WorklistScreen(model, Jobs(), demo=True, user=name)
    model.setParent(screen)
    screen.resize(1366, 768)
    screen.show()
    model.refresh()
    QApplication.processEvents()
    return screen


def test_a_reader_asks_for_a_correction_of_an_own_signed_time_point(tmp_path: Path, qapp: QApplication) -> None:
    set_look(qapp)
    small = small_workspace(tmp_path, visits=(("BL", 0), ("W8", 56)))
    subject = small.subject("01-001")
    assert not worklist_of(small, "reader.one").correct_button.isVisible(), "nothing is signed yet"
    read_timepoint(small.ports, small.sessions["reader.one"], subject.id, 20.0)
    screen = worklist_of(small, "reader.one")
    press_at(screen, screen.correct_button)
    sheet = screen.sheet
    assert sheet is not None
    assert not sheet.button.isEnabled()
    words = [sheet.part.itemText(k) for k in range(sheet.part.count())]
    assert words == [f"{subject.reading_code}, baseline"], "the reading code and the day, no number, no visit"
    choose(sheet.part, words[0])
    choose(sheet.kind, "slip of the hand")
    QTest.keyClicks(sheet.why, "the wrong lesion was measured")
    press_at(screen, sheet.button)
    assert screen.sheet is None
    (line,) = correct_read.corrections(small.ports, small.sessions["medical.lead"])
    assert (line.correction.state, line.correction.category, line.asked_by) == ("requested", "slip", "reader.one")
    assert not worklist_of(small, "reader.two").correct_button.isVisible(), "another reader's time point is not offered"
    small.workspace.close()
