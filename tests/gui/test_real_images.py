"""Real images through the program: imported, opened in the window, measured; visits paired, volumes refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.desktop import Desktop, set_look
from app.windows.reading_screen import ReadingScreen
from app.workflow import assign_readers, import_images, release_images
from measure.case import Subject, User
from tests.build.image_sets import image_set
from tests.build.real_trial import PASSWORD, real_trial
from tests.gui.hands import choose, key, log_in, screen, until

pytestmark = [pytest.mark.gui, pytest.mark.slow]


def test_the_liver_tumour_is_imported_opened_and_measured_in_the_window(tmp_path: Path, qapp: QApplication) -> None:
    """Oracle: longest axial diameter of the expert mask, 64.99 mm (centres) to 65.86 mm (corners), slice 96."""
    images = image_set("ct-liver-tumours-ircadb17") / "PATIENT_DICOM"
    workspace, ports, sessions = real_trial(tmp_path)
    manager = sessions["manager"]
    found = import_images.look(ports, [images])
    (proposal,) = import_images.propose(ports, manager, found)
    assert proposal.subject == "", "the identifier is empty: a person says whose images these are"
    decision = import_images.Decision("17", "BL", proposal.series)
    point = import_images.store(ports, manager, decision)
    for line in release_images.image_check(ports, manager, point.id):
        if line.needs_answer:
            release_images.answer_check(ports, manager, point.id, line.item, "accepted for the test")
    release_images.decide(ports, manager, point.id, "accepted")
    release_images.release(ports, manager, point.id)
    with ports.open_unit(manager) as unit:
        subject, users = unit.find(Subject)[0], {u.name: u for u in unit.find(User)}
    assign_readers.assign(ports, manager, subject.id, "R1", users["reader.one"].id)
    workspace.close()
    set_look(qapp)
    desktop = Desktop(tmp_path / "workspace")
    desktop.resize(1920, 1080)
    desktop.show()
    desktop.begin()
    try:
        log_in(desktop, "reader.one", PASSWORD)
        worklist = screen(desktop, "WorklistScreen")
        QTest.keyClick(worklist.table, Qt.Key.Key_Return)
        reading = screen(desktop, "ReadingScreen")
        assert isinstance(reading, ReadingScreen)
        view = reading.images._current_viewport()
        until(lambda: view.volume is not None, "the picture")
        assert view.volume is not None
        grid = view.volume.grid
        assert grid.size == (512, 512, 119)
        ends = [tuple(float(c) for c in grid.to_patient([i, j, 96])) for i, j in ((135, 144), (119, 230))]
        middle = tuple((a + b) / 2 for a, b in zip(*ends, strict=True))
        view.go_to(middle)
        QApplication.processEvents()
        key(view, Qt.Key.Key_B)
        (x1, y1), (x2, y2) = (view.placement.to_screen(end) for end in ends)
        QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, QPoint(round(x1), round(y1)))
        QTest.mouseMove(view, QPoint(round((x1 + x2) / 2), round((y1 + y2) / 2)))
        QTest.mouseMove(view, QPoint(round(x2), round(y2)))
        QTest.mouseRelease(
            view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.AltModifier, QPoint(round(x2), round(y2))
        )
        key(view, Qt.Key.Key_Return)
        until(lambda: reading.drawing.pending is not None, "the drawn axis")
        choose(reading.panel.lesion_form._p_organ, "Liver")
        key(view, Qt.Key.Key_Return)
        until(lambda: bool(reading.model.reading.lesions), "the stored lesion")
        stored = reading.model.reading.lesions[0].findings[-1]
        assert stored is not None
        assert 64.0 <= float(stored.diameter_mm) <= 66.9
        assert reading.model.reading.lesions[0].lesion.label == "T1"
    finally:
        desktop.close()


def test_prior_and_current_slices_are_paired_and_no_volume_is_allowed(tmp_path: Path) -> None:
    folder = image_set("ct-prior-current-slices")
    workspace, ports, sessions = real_trial(tmp_path)
    found = import_images.look(ports, [folder])
    proposals = import_images.propose(ports, sessions["manager"], found)
    by_subject: dict[str, list[import_images.Proposal]] = {}
    for one in proposals:
        by_subject.setdefault(one.subject, []).append(one)
    assert set(by_subject) == {"A002304", "A027284"}
    for visits in by_subject.values():
        first, second = sorted(visits, key=lambda one: one.scan_date)
        assert first.visit == "BL"
        assert second.scan_date > first.scan_date
        for series in (*first.series, *second.series):
            assert not series.measurable
            assert series.why_not
    workspace.close()


def test_ct_and_mr_of_one_patient_open_with_their_own_geometry_and_window(tmp_path: Path, qapp: QApplication) -> None:
    from storage.dicom.load import load_series
    from viewer.viewport import Viewport

    folder = image_set("ct-mr-pet-sarcoma") / "dicom" / "STS_002"
    set_look(qapp)
    view = Viewport()
    view.resize(500, 500)
    shown = {}
    for kind, size in (("CT", (161, 143, 48)), ("MR_T1", (115, 90, 35))):
        volume = load_series(str(folder / kind / "image"))
        assert volume.grid.size == size
        assert volume.grid.slice_step_mm == pytest.approx(3.27, abs=0.01)
        view.set_volume(volume)
        shown[kind] = (volume.unit, view.grey_window.name)
    assert shown == {"CT": ("HU", "soft tissue"), "MR_T1": ("a.u.", "percentiles")}
