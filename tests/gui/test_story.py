"""The whole main job through real windows: both readers, the adjudicator, the manager's export, against the truth.

Two synthetic patients are drawn: one on whom the readers part by a millimetre, one with an ablation zone. Readers
measure with the mouse (two-axis tool) and type; nothing is entered behind the windows.
"""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desktop import Desktop, set_look
from app.joined import Exporter, ports_of
from app.version import PROGRAM
from app.windows.adjudication_screen import AdjudicationScreen
from app.windows.reading_screen import ReadingScreen
from app.workflow import compare_reads
from app.workflow.demo_trial import import_patient, session_of, set_up
from measure.case import Subject
from measure.phantom.cast import demo_cast
from measure.phantom.course import Subject as Patient
from measure.phantom.truth import LesionTruth, Section, lesion_truths, zone_truths
from storage.database.workspace import create_workspace
from storage.demo_images import write_subjects
from storage.places import shipped
from tests.gui.hands import choose, choose_segment, key, log_in, press_at, screen, type_into, until

pytestmark = [pytest.mark.gui, pytest.mark.slow, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

PARTED, ZONED = "02-005", "05-002"


@pytest.fixture(scope="module")
def workspace_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo workspace with the two patients imported and released, readers assigned."""
    folder = tmp_path_factory.mktemp("story")
    workspace = create_workspace(folder / "workspace", demo=True, program=PROGRAM)
    ports = ports_of(workspace)
    manager = set_up(ports, shipped("protocols", "demo.toml").read_text("utf-8"))
    patients = {patient.number: patient for patient in demo_cast()}
    for number in write_subjects([PARTED, ZONED], folder / "dicom"):
        import_patient(ports, manager, patients[number], folder / "dicom" / number, lambda _: None)
    workspace.close()
    return folder / "workspace"


def patient(number: str) -> Patient:
    return next(one for one in demo_cast() if one.number == number)


def codes(desktop: Desktop) -> dict[str, str]:
    """Reading codes by subject number: the test knows both."""
    with desktop.ports.open_unit(session_of(desktop.ports, "manager")) as unit:
        return {s.number: s.reading_code for s in unit.find(Subject)}


def open_from_worklist(desktop: Desktop, code: str) -> ReadingScreen:
    """Select the case in the worklist with the mouse and open it with Enter."""
    worklist = screen(desktop, "WorklistScreen")
    rows = [item.code for item in worklist._model.items]
    table = worklist.table
    place = table.visualRect(table.model().index(rows.index(code), 1)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    QTest.keyClick(table, Qt.Key.Key_Return)
    opened = screen(desktop, "ReadingScreen")
    assert isinstance(opened, ReadingScreen)
    return opened


def picture_ready(reading: ReadingScreen) -> None:
    until(lambda: reading.images._current_viewport().volume is not None, "the picture")


def draw_axes(reading: ReadingScreen, section: Section, *, longer_mm: float = 0.0, nodal: bool = False) -> None:
    """With the two-axis tool: drag along the long axis, then along the short one, on the right slice."""
    view = reading.images._current_viewport()
    view.go_to(section.centre)
    for _ in range(4):  # closer, at the lesion: the pixel of the screen is the limit of a hand
        place = view.placement.to_screen(section.centre)
        view.zoom(1.25, QPointF(float(place[0]), float(place[1])))
    view.go_to(section.centre)
    QApplication.processEvents()
    key(view, Qt.Key.Key_B)
    long_ends = [np.asarray(end, float) for end in section.long_ends]
    short_ends = [np.asarray(end, float) for end in section.short_ends]
    stretched = short_ends if nodal else long_ends
    way = stretched[1] - stretched[0]
    stretched[1] = stretched[1] + way / np.linalg.norm(way) * longer_mm
    for ends in (long_ends, short_ends):
        (x1, y1), (x2, y2) = (view.placement.to_screen(tuple(end)) for end in ends)
        QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, QPoint(round(x1), round(y1)))
        QTest.mouseMove(view, QPoint(round((x1 + x2) / 2), round((y1 + y2) / 2)))
        QTest.mouseMove(view, QPoint(round(x2), round(y2)))
        QTest.mouseRelease(
            view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, QPoint(round(x2), round(y2))
        )
    until(lambda: reading.drawing.pending is not None, "the drawn axes")


def site_of(truth: LesionTruth) -> str:
    return f"{truth.site} {truth.label}"


def enter_lesion(desktop: Desktop, reading: ReadingScreen, truth: LesionTruth, role: str, longer_mm: float) -> None:
    """Draw a lesion, say what it is, keep it with Enter."""
    reading.model.select("")
    draw_axes(reading, truth.sections[0], longer_mm=longer_mm, nodal=truth.nodal)
    form = reading.panel.lesion_form
    organ = next(o.label for o in form._organs if o.id == truth.organ)
    if form._p_organ.currentText() != organ:
        choose(form._p_organ, organ)
    if reading.model.reading.at_baseline:
        choose(form._p_role, role)
    if reading.drawing.pending.nodal != truth.nodal:
        key(reading.images._current_viewport(), Qt.Key.Key_N)
    edit = form._p_site.lineEdit()
    edit.setFocus()
    edit.selectAll()
    QTest.keyClicks(edit, site_of(truth))
    QTest.keyClick(edit, Qt.Key.Key_Return)  # ends the field and keeps the lesion
    assert reading.drawing.pending is None, reading.line.text


def follow_up(reading: ReadingScreen, truth: LesionTruth, longer_mm: float) -> None:
    """Answer a known lesion by key, or measure it again."""
    view = reading.images._current_viewport()
    row = next(r for r in reading.model.reading.lesions if r.lesion.site == site_of(truth))
    reading.model.select(row.lesion.lesion_id)
    view.setFocus()
    if truth.state == "ablated":
        reading.panel.lesion_form.answer("ablated")
    elif not truth.sections:
        key(view, Qt.Key.Key_0)
    elif row.lesion.role == "non-target":
        key(view, Qt.Key.Key_A)
    elif truth.state == "too-small":
        key(view, Qt.Key.Key_M)
    else:
        draw_axes(reading, truth.sections[0], longer_mm=longer_mm, nodal=truth.nodal)
        key(view, Qt.Key.Key_Return)
    again = reading.model.reading.row(row.lesion.lesion_id)
    assert again.findings[-1] is not None, reading.line.text


def judge_zones(desktop: Desktop, reading: ReadingScreen, who: Patient, k: int) -> None:
    """Form AZ-1 by mouse and key."""
    for row, truth in zip(reading.model.reading.zones, zone_truths(who, who.timepoints[k]), strict=False):
        key(reading.images._current_viewport(), Qt.Key.Key_V)
        reading.model.select(row.zone.id)
        form = reading.panel.zone_form
        lesion = next(r.lesion for r in reading.model.reading.lesions if truth.lesion in r.lesion.site)
        if row.own_lesion == "":
            index = form.own.findData(lesion.lesion_id)
            choose(form.own, form.own.itemText(index))
        choose_segment(desktop, form.rows["visible"], "yes")
        choose_segment(desktop, form.rows["evaluability"], "optimal")
        choose_segment(desktop, form.rows["rim"], "thin-even")
        choose_segment(desktop, form.rows["nodule"], "none")
        key(reading.images._current_viewport(), Qt.Key.Key_1, Qt.KeyboardModifier.AltModifier)
        choose_segment(desktop, form.certainty, "4")
        form_now = reading.model.reading.zones[0].forms[-1]
        assert form_now is not None
        assert form_now.judgement == "no local tumour"


def sweep(reading: ReadingScreen) -> None:
    """Look at every slice with the arrow key, each really painted, once every picture is there."""
    until(lambda: all(v.volume is not None for v in reading.images.grid.shown()), "every picture")
    until(lambda: not reading.model.jobs.running, "openings and registrations")
    view = reading.images._current_viewport()
    view.setFocus()
    key(view, Qt.Key.Key_Home)
    for _ in range(view.order.count):
        QApplication.processEvents()
        view.repaint()
        key(view, Qt.Key.Key_Down)
    QApplication.processEvents()
    reading.model.keep_seen()


def fill_and_sign(desktop: Desktop, reading: ReadingScreen) -> None:
    """The time point form by mouse, the sweep, the sign sheet with warnings, responses and password."""
    reading.model.set_stage("summary")
    form = reading.panel.timepoint_form
    choose_segment(desktop, form.quality, "optimal")
    choose_segment(desktop, form.non_targets, "covered")
    choose_segment(desktop, form.new_lesions, "covered")
    sweep(reading)
    key(reading.images._current_viewport(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    until(lambda: reading.sheet is not None and reading.sheet.isVisible(), "the sign sheet")
    for concern, answered in reading.signing.warnings():
        if not answered:
            reading.signing.answer(concern.key, "Seen and accepted", "as it is")
    assert not [i.text for i in reading.model.reading.open_items()]
    sheet = reading.sheet
    assert sheet is not None
    for line in sheet.rows:
        if line._response.overall != "BL":
            choose(line.choice, line._response.overall)
    type_into(desktop, sheet.password, "demo")
    press_at(desktop, sheet.sign_button)
    until(lambda: desktop.screen_now is not reading, f"signed; {sheet._answer.text()}")


def read_all(desktop: Desktop, name: str, who: Patient, extra: dict[str, float]) -> None:
    """One reader reads every time point of a patient. extra: mm by which a lesion is drawn longer."""
    log_in(desktop, name)
    reading = open_from_worklist(desktop, codes(desktop)[who.number])
    for k, point in enumerate(who.timepoints):
        reading = screen(desktop, "ReadingScreen")
        assert isinstance(reading, ReadingScreen)
        picture_ready(reading)
        assert len(reading.model.reading.timepoints) == k + 1
        known = {r.lesion.site for r in reading.model.reading.lesions}
        for truth in lesion_truths(who, point):
            longer = extra.get(f"{truth.label} {point.visit}", 0.0)
            if site_of(truth) in known:
                follow_up(reading, truth, longer)
            elif k == 0 and truth.role in ("target", "non-target"):
                enter_lesion(desktop, reading, truth, truth.role, longer)
        judge_zones(desktop, reading, who, k)
        fill_and_sign(desktop, reading)
    until(lambda: type(desktop.screen_now).__name__ == "WorklistScreen", "the worklist again")
    desktop.log_out()


def rows_of(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(newline="", encoding="utf-8") as opened:
        return list(csv.DictReader(opened))


def test_login_to_csv_both_readers_and_the_adjudicator(
    workspace_folder: Path, tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_look(qapp)
    desktop = Desktop(workspace_folder)
    desktop.resize(1920, 1080)
    desktop.show()
    desktop.begin()
    try:
        parted, zoned = patient(PARTED), patient(ZONED)
        second = {
            f"{d.label} {visit}": float(d.delta_mm)
            for d in parted.reader_differences
            if d.reader == 2 and d.kind == "measures"
            for visit in d.visits
        }
        for name, extra in (("reader.one", {}), ("reader.two", second)):
            read_all(desktop, name, parted, extra)
            read_all(desktop, name, zoned, {})
        settle_case(desktop, parted, zoned)
        manifest = Exporter(desktop.workspace).export(session_of(desktop.ports, "manager"), tmp_path, blinded=False)
    finally:
        desktop.close()
    assert manifest["open_cases"] == 0
    check_truth(tmp_path, (parted, zoned))
    accepted = {r["reader"] for r in rows_of(tmp_path, "best.csv") if r["subject"] == PARTED and r["accepted"] == "yes"}
    assert accepted == {"R1"}
    assert any(r["agree"] == "no" and r["chosen_reader"] == "R1" for r in rows_of(tmp_path, "adjudication.csv"))


def settle_case(desktop: Desktop, parted: Patient, zoned: Patient) -> None:
    """The manager closes both cases; the adjudicator chooses reader one's reading through the window."""
    manager = session_of(desktop.ports, "manager")
    with desktop.ports.open_unit(manager) as unit:
        subjects = {s.number: s for s in unit.find(Subject)}
    assert compare_reads.close_reading(desktop.ports, manager, subjects[zoned.number].id) == "concordant"
    assert compare_reads.close_reading(desktop.ports, manager, subjects[parted.number].id) == "adjudication open"
    log_in(desktop, "adjudicator")
    worklist = screen(desktop, "WorklistScreen")
    QTest.keyClick(worklist.table, Qt.Key.Key_Return)
    shown = screen(desktop, "AdjudicationScreen")
    assert isinstance(shown, AdjudicationScreen)
    until(lambda: shown.grid.shown()[0].volume is not None, "the pictures")
    best = {side.name: side.responses.of("recist11").best for side in (shown.model.case.a, shown.model.case.b)}
    assert sorted(best.values()) == ["PR", "SD"]
    side = next(name for name, value in best.items() if value == parted.expected.recist_best)
    card = next(card for card in shown.cards if card.side == side)
    press_at(desktop, card)
    choose(shown.code, "Measurement")
    type_into(desktop, shown.reason, "nearer to the rim")
    type_into(desktop, shown.password, "demo")
    press_at(desktop, shown.sign_button)
    until(lambda: type(desktop.screen_now).__name__ == "WorklistScreen", f"signed; {shown.answer.text()}")
    desktop.log_out()


def check_truth(folder: Path, patients: tuple[Patient, ...]) -> None:
    """Reader one's CSVs against the truth: responses exactly, diameters within 1.5 mm."""
    responses, best = rows_of(folder, "responses_R1.csv"), rows_of(folder, "best_R1.csv")
    findings = rows_of(folder, "findings_R1.csv")
    for who in patients:
        for criterion, expected, top in (
            ("recist11", who.expected.recist, who.expected.recist_best),
            ("irecist", who.expected.irecist, who.expected.irecist_best),
        ):
            got = [r["overall"] for r in responses if r["subject"] == who.number and r["criterion"] == criterion]
            assert got == ["BL", *expected], (who.number, criterion)
            (row,) = [r for r in best if r["subject"] == who.number and r["criterion"] == criterion]
            assert row["best"] == top
        for point in who.timepoints:
            truths = {site_of(t): t for t in lesion_truths(who, point)}
            for row in findings:
                if row["subject"] != who.number or row["timepoint"] != point.visit or row["state"] != "measured":
                    continue
                truth = next(t for site, t in truths.items() if site in row["note"])
                assert truth.diameter_mm is not None
                off = abs(Decimal(row["diameter_mm"]) - truth.diameter_mm)
                assert off <= Decimal("1.5"), (who.number, point.visit, truth.label, row["diameter_mm"])
