"""How many clicks and keys a read costs (reading-room 4): a scripted reader on a synthetic patient, through windows.

The wheel and stated responses are not counted; a typed text counts one.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desktop import Desktop, set_look
from app.joined import ports_of
from app.version import PROGRAM
from app.windows.reading_screen import ReadingScreen
from app.workflow.demo_trial import import_patient, set_up
from measure.geometry import Point
from measure.phantom.cast import demo_cast
from measure.phantom.truth import LesionTruth, lesion_truths
from storage.database.workspace import create_workspace
from storage.demo_images import write_subjects
from storage.places import shipped
from tests.gui.hands import choose, choose_segment, key, log_in, press_at, screen, type_into, until

pytestmark = [pytest.mark.gui, pytest.mark.slow]

WHO = "04-001"
BASELINE_TARGET, FOLLOW_UP_TARGET, WHOLE_CASE = 4, 2, 40


class CountingReader:
    """A reader at the reading screen whose clicks and keys are counted."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop, self.actions = desktop, 0

    @property
    def reading(self) -> ReadingScreen:
        shown = screen(self.desktop, "ReadingScreen")
        assert isinstance(shown, ReadingScreen)
        return shown

    def press(self, code: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        self.actions += 1
        key(self.reading.images.grid.active, code, modifier)

    def click_lesion(self, point: Point) -> None:
        """Scroll there (the wheel, not counted) and click."""
        self.actions += 1
        view = self.reading.images._current_viewport()
        view.go_to(point, centre=False)
        QApplication.processEvents()
        x, y = view.placement.to_screen(point)
        at = QPoint(round(float(x)), round(float(y)))
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        until(lambda: self.reading.drawing.pending is not None, "an outline")

    def pick_organ(self, organ: str) -> None:
        """Open the list, choose: two actions."""
        self.actions += 2
        form = self.reading.panel.lesion_form
        choose(form._p_organ, next(o.label for o in form._organs if o.id == organ))
        self.reading.images.grid.active.setFocus()

    def fill_form(self) -> None:
        form = self.reading.panel.timepoint_form
        for row, value in ((form.quality, "optimal"), (form.non_targets, "covered"), (form.new_lesions, "covered")):
            self.actions += 1
            choose_segment(self.desktop, row, value)

    def sweep(self) -> None:
        """By wheel, not counted."""
        view = self.reading.images._current_viewport()
        for number in range(1, view.order.count + 1):
            view.set_slice(view.order.index(number))
            view.repaint()
            QApplication.processEvents()
        self.reading.model.keep_seen()

    def sign(self) -> None:
        before = self.reading
        self.press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        until(lambda: before.sheet is not None and before.sheet.isVisible(), "the sign sheet")
        for concern, answered in before.signing.warnings():
            if not answered:
                before.signing.answer(concern.key, "Seen and accepted", "as it is")
        sheet = before.sheet
        assert sheet is not None
        assert not before.model.reading.open_items(), [i.text for i in before.model.reading.open_items()]
        for line in sheet.rows:
            if line._response.overall != "BL":
                choose(line.choice, line._response.overall)
        type_into(self.desktop, sheet.password, "demo")
        press_at(self.desktop, sheet.sign_button)
        self.actions += 2
        until(lambda: self.desktop.screen_now is not before, f"signed; {sheet._answer.text()}")


@pytest.fixture
def desktop(tmp_path: Path, qapp: QApplication) -> Desktop:
    """A demo workspace of one patient, two time points released, logged in as reader one."""
    set_look(qapp)
    workspace = create_workspace(tmp_path / "workspace", demo=True, program=PROGRAM)
    ports = ports_of(workspace)
    manager = set_up(ports, shipped("protocols", "demo.toml").read_text("utf-8"))
    patients = {one.number: one for one in demo_cast()}
    for number in write_subjects([WHO], tmp_path / "dicom"):
        import_patient(ports, manager, patients[number], tmp_path / "dicom" / number, lambda _: None)
    workspace.close()
    opened = Desktop(tmp_path / "workspace")
    opened.resize(1920, 1080)
    opened.show()
    opened.begin()
    log_in(opened, "reader.one")
    return opened


def test_a_case_costs_few_clicks_and_keys(desktop: Desktop) -> None:
    who = next(one for one in demo_cast() if one.number == WHO)
    worklist = screen(desktop, "WorklistScreen")
    QTest.keyClick(worklist.table, Qt.Key.Key_Return)
    reader = CountingReader(desktop)
    until(lambda: reader.reading.images._current_viewport().volume is not None, "the picture")
    truths = [t for t in lesion_truths(who, who.timepoints[0]) if t.sections and t.role in ("target", "non-target")]
    costs = [baseline_lesion(reader, truth) for truth in truths]
    targets = [cost for cost, truth in zip(costs, truths, strict=True) if truth.role == "target"]
    assert max(targets) <= BASELINE_TARGET, costs
    reader.sweep()
    reader.fill_form()
    reader.sign()
    first = reader.reading
    assert len(first.model.reading.timepoints) == 2
    until(lambda: len(first.proposals.offered) == len(targets), "every target found again")
    follow = follow_up(reader)
    assert max(follow.values()) <= FOLLOW_UP_TARGET, follow
    reader.sweep()
    reader.fill_form()
    check_sizes(first, lesion_truths(who, who.timepoints[1]))
    reader.sign()
    print(f"\nactions: baseline {costs}, follow-up {follow}, in all {reader.actions}")
    assert reader.actions <= WHOLE_CASE
    desktop.close()


def baseline_lesion(reader: CountingReader, truth: LesionTruth) -> int:
    before = reader.actions
    reading = reader.reading
    reader.click_lesion(truth.sections[0].centre)
    pending = reading.drawing.pending
    assert pending is not None
    if truth.role == "non-target":
        reader.press(Qt.Key.Key_Q)
    if pending.organ != truth.organ:
        reader.pick_organ(truth.organ)
    reader.press(Qt.Key.Key_Return)
    assert reading.drawing.pending is None, reading.line.text
    return reader.actions - before


def follow_up(reader: CountingReader) -> dict[str, int]:
    """`O` once, then `Enter` or one answer for each lesion; the program goes on to the next by itself."""
    reading, costs = reader.reading, {}
    reader.press(Qt.Key.Key_O)
    before = reader.actions - 1
    for _ in range(len(reading.model.reading.lesions)):
        row = reading.model.row
        assert row is not None
        if row.lesion.role == "non-target":
            reader.press(Qt.Key.Key_A)
        else:
            until(lambda: reading.proposals.slice_was_seen(), f"the slice of {row.lesion.label}")
            pending = reading.drawing.pending
            assert pending is not None
            assert pending.is_offer
            reader.press(Qt.Key.Key_Return)
        done = reading.model.reading.row(row.lesion.lesion_id)
        assert done.findings[-1] is not None, reading.line.text
        costs[row.lesion.label] = reader.actions - before
        before = reader.actions
    return costs


def check_sizes(reading: ReadingScreen, truths: list[LesionTruth]) -> None:
    """What was accepted is right to 2 mm, and the record keeps what was proposed."""
    for row in reading.model.reading.lesions:
        finding, mark = row.findings[-1], row.marks[-1]
        if row.lesion.role != "target":
            continue
        assert finding is not None
        assert mark is not None
        assert finding.method == "proposal-accepted"
        assert mark.proposed["match"] == "good"
        middle = [sum(c) / 2 for c in zip(*mark.long_axis, strict=True)]
        near = min(
            (t for t in truths if t.sections),
            key=lambda t: sum((a - b) ** 2 for a, b in zip(t.sections[0].centre, middle, strict=True)),
        )
        assert near.diameter_mm is not None
        assert abs(float(finding.diameter_mm) - float(near.diameter_mm)) <= 2.0, (row.lesion.label, near.label)
