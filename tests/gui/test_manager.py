"""The windows of manager, medical lead, inspector and administrator, driven with mouse and keys."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QFileDialog, QLabel, QWidget
from pytestqt.qtbot import QtBot

from app.background import Jobs
from app.desktop import organs, set_look
from app.joined import Exporter
from app.models.manager import rights
from app.windows.accounts_screen import AccountsScreen
from app.windows.manager.audit_tab import AuditTab
from app.windows.manager.check_card import CheckCard
from app.windows.manager.corrections_tab import CorrectionsTab
from app.windows.manager.exports_tab import ExportsTab
from app.windows.manager.images_tab import ImagesTab
from app.windows.manager.progress_tab import ProgressTab
from app.windows.manager.queries_tab import QueriesTab
from app.windows.manager.readers_tab import ReadersTab
from app.windows.manager.screen import ManagerScreen
from app.windows.manager.tab import Choice
from app.windows.manager.zones_tab import ZonesTab
from app.workflow import accounts
from app.workflow.progress import progress
from measure.case import CONCORDANT, RELEASED, User, Zone
from measure.session import Session
from tests.build.hands import click, settle
from tests.build.workspace import Small, read_timepoint, small_workspace, write_visit

pytestmark = pytest.mark.gui
Open = Callable[[Small, str], ManagerScreen]


@pytest.fixture(scope="module", autouse=True)
def look(qapp: QApplication) -> None:
    """The shipped theme, once."""
    set_look(qapp)


@pytest.fixture
def opened(qtbot: QtBot) -> Iterator[Open]:
    """Open the manager's window for a user."""
    screens: list[tuple[ManagerScreen, Jobs]] = []

    def open_for(small: Small, name: str) -> ManagerScreen:
        jobs = Jobs()
        screen = ManagerScreen(small.ports, small.sessions[name], jobs, Exporter(small.workspace), organs())
        qtbot.addWidget(screen)
        screen.resize(1600, 900)
        screen.show()
        qtbot.waitExposed(screen)
        screens.append((screen, jobs))
        return screen

    yield open_for
    for screen, jobs in screens:
        screen.stop()
        qtbot.waitUntil(partial(_at_rest, jobs), timeout=30_000)


def _at_rest(jobs: Jobs) -> bool:
    return not jobs.running


def go(screen: ManagerScreen, key: str) -> Any:
    """Click a tab; returns it."""
    at = screen.strip.centre(key)
    click(screen.strip, (at.x(), at.y()))
    settle()
    assert screen.shown == key
    return screen.tabs[key]


def press(button: QAbstractButton) -> None:
    """Click a button as a hand does; it must be there and open."""
    assert button.isVisible(), button.text()
    assert button.isEnabled(), button.text()
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    settle()


def pick(choice: Choice, words: str) -> None:
    """Open a combo box by key and choose the entry that begins with words."""
    at = next(k for k in range(choice.count()) if choice.itemText(k).startswith(words))
    choice.setFocus()
    choice.showPopup()
    view = choice.view()
    settle()
    view.setCurrentIndex(choice.model().index(at, 0))
    QTest.keyClick(view, Qt.Key.Key_Return)
    settle()


def shown_buttons(widget: QWidget) -> set[str]:
    """Words on the buttons that can be seen."""
    return {one.text() for one in widget.findChildren(QAbstractButton) if one.isVisible()}


def look_for_text(check: CheckCard, qtbot: QtBot) -> None:
    """Open the contact sheet and say that there is no text."""
    with qtbot.waitSignal(check._model.sheet_ready, timeout=20_000):
        press(check.look)
    settle()
    assert len(check.sheet.findChildren(QLabel)) >= 4
    press(check.sheet.clear)
    settle()


def test_a_folder_is_looked_at_corrected_stored_checked_and_released(
    tmp_path: Path, qtbot: QtBot, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = small_workspace(tmp_path, visits=(("BL", 0),))
    folder = write_visit(tmp_path / "late", "01-001", 68, thickness_mm=5.0)  # 12 days late, thicker slices
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(folder))
    screen = opened(small, "manager")
    tab = screen.tabs[rights.IMAGES]
    assert isinstance(tab, ImagesTab)
    press(tab.stored.folder)
    qtbot.waitUntil(lambda: bool(tab.images.found) and not tab.images.busy, timeout=20_000)
    card = tab.found
    assert card.isVisible()
    assert (card.subject.value, card.visit.value) == ("01-001", "W8")
    assert "nearest planned visit" in card._because_visit.text()
    edit = card.visit.lineEdit()
    assert edit is not None
    edit.selectAll()
    QTest.keyClicks(edit, "BL")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    settle()
    assert "BL has images already" in card.store.toolTip()
    pick(card.hung[0], "not hung")
    assert not card.store.isEnabled()
    pick(card.hung[0], "main")
    edit = card.visit.lineEdit()
    assert edit is not None
    edit.selectAll()
    QTest.keyClicks(edit, "W16")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    settle()
    press(card.store)
    qtbot.waitUntil(lambda: not tab.images.busy, timeout=20_000)
    settle()
    assert "W16" in small.timepoints("01-001")
    check = tab.check
    assert [line.item for line in tab.images.open_lines] == ["Slice thickness", "Visit window", "Burned-in text"]
    assert not check.release.isEnabled()
    assert screen.strip.count(rights.IMAGES) == 1
    pick(check.answers["Slice thickness"], "accepted: comparable")
    assert not check.release.isEnabled()
    edit = check.answers["Visit window"].lineEdit()
    assert edit is not None
    QTest.keyClicks(edit, "scanner was down")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    settle()
    assert not check.release.isEnabled(), "nobody has looked for burned-in text"
    look_for_text(check, qtbot)
    press(check.release)
    assert small.timepoints("01-001")["W16"].state == RELEASED
    assert "released" in screen.line.text
    assert screen.strip.count(rights.IMAGES) == 0


def test_a_query_to_the_site_holds_the_images_until_it_is_answered(tmp_path: Path, opened: Open) -> None:
    small = small_workspace(tmp_path, visits=(("BL", 0),), released=False)
    screen = opened(small, "manager")
    images, queries = screen.tabs[rights.IMAGES], screen.tabs[rights.QUERIES]
    assert isinstance(images, ImagesTab)
    assert isinstance(queries, QueriesTab)
    grid = images.grid
    cell = grid.visualRect(grid.model().index(0, 2)).center()
    QTest.mouseClick(grid.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, cell)
    settle()
    assert images.images.selected is not None
    assert not images.check.query.isEnabled()
    QTest.keyClicks(images.check.reason, "Which phase is this?")
    press(images.check.query)
    assert small.timepoints("01-001")["BL"].state == "queried"
    assert not images.check.release.isEnabled()
    assert screen.strip.count(rights.QUERIES) == 1
    go(screen, rights.QUERIES)
    QTest.keyClicks(queries.text, "Portal venous.")
    press(queries.send)
    assert small.timepoints("01-001")["BL"].state == "received"
    assert screen.strip.count(rights.QUERIES) == 0


def test_a_zone_is_entered_by_a_click_on_the_baseline(tmp_path: Path, qtbot: QtBot, opened: Open) -> None:
    small = small_workspace(tmp_path, visits=(("BL", 0),))
    screen = opened(small, "manager")
    tab = go(screen, rights.ZONES)
    assert isinstance(tab, ZonesTab)
    qtbot.waitUntil(lambda: tab.viewport.volume is not None, timeout=60_000)
    settle()
    pick(tab.technique, "MWA")
    QTest.keyClicks(tab.day, "2026-02-30")
    press(tab.add_procedure)
    assert "no date" in screen.line.text
    screen.line.read()
    tab.day.clear()
    QTest.keyClicks(tab.day, "2026-02-20")
    press(tab.add_procedure)
    assert screen.strip.count(rights.ZONES) == 1  # a procedure without a zone
    place = QPoint(tab.viewport.width() // 2, tab.viewport.height() // 2)
    QTest.mouseClick(tab.viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, place)
    qtbot.waitUntil(lambda: tab.zones.place is not None, timeout=3_000)
    settle()
    pick(tab.procedure, "1 · MWA")
    pick(tab.organ, "Liver")
    edit = tab.site.lineEdit()
    assert edit is not None
    QTest.keyClicks(edit, "Liver S7")
    press(tab.add_zone)
    with small.ports.open_unit(small.sessions["inspector"]) as unit:
        zone = unit.find(Zone)[0]
    assert (zone.label, zone.organ, zone.site, zone.counts_as_treated) == ("Z1", "liver", "Liver S7", True)
    assert max(abs(c) for c in zone.place[:2]) < 32.0
    assert screen.strip.count(rights.ZONES) == 0


def test_parts_are_given_until_a_read_has_begun(tmp_path: Path, opened: Open) -> None:
    small = small_workspace(tmp_path, numbers=("01-001", "01-002"), visits=(("BL", 0),))
    with small.ports.open_unit(small.sessions["administrator"]) as unit:
        assert unit.find(User)
    manager, admin = small.sessions["manager"], small.sessions["administrator"]
    accounts.add_user(small.ports, admin, "reader.three", "Reader Three", "demo")
    accounts.grant_role(small.ports, admin, "reader.three", "reader", manager.trial_id)
    subject = small.subject("01-001")
    read_timepoint(small.ports, small.sessions["reader.one"], subject.id, 20.0)
    screen = opened(small, "manager")
    tab = go(screen, rights.READERS)
    assert isinstance(tab, ReadersTab)
    assert set(tab.choices) == {"R2", "ADJ"}
    pick(tab.choices["R2"], "reader.three")
    press(tab.gives["R2"])
    parts = {part.label: part.name for part in tab.readers.table.cases[0].parts}
    assert parts == {"R1": "reader.one", "R2": "reader.three", "ADJ": "adjudicator"}
    QTest.keyClick(tab.table, Qt.Key.Key_Down)
    settle()
    assert tab.readers.case is not None
    assert tab.readers.case.subject.number == "01-002"
    assert set(tab.choices) == {"R1", "R2", "ADJ"}


def test_a_complete_case_is_compared_and_counted(tmp_path: Path, opened: Open) -> None:
    small = small_workspace(tmp_path)
    subject = small.subject("01-001")
    for name in ("reader.one", "reader.two"):
        for size in (20.0, 30.0):
            read_timepoint(small.ports, small.sessions[name], subject.id, size)
    screen = opened(small, "manager")
    tab = go(screen, rights.PROGRESS)
    assert isinstance(tab, ProgressTab)
    assert tab.figures["Signed by both"].value.text() == "2"
    press(tab.compare)
    assert small.subject("01-001").state == CONCORDANT
    page = progress(small.ports, small.sessions["manager"])
    assert page.compared == 1
    assert {(rate.differing.count, rate.differing.of) for rate in page.rates} == {(0, 1)}
    assert not tab.compare.isEnabled()


def test_a_correction_is_asked_by_the_manager_and_approved_by_the_lead(tmp_path: Path, opened: Open) -> None:
    small = small_workspace(tmp_path)
    subject = small.subject("01-001")
    for size in (20.0, 30.0):
        read_timepoint(small.ports, small.sessions["reader.one"], subject.id, size)
    screen = opened(small, "manager")
    tab = go(screen, rights.CORRECTIONS)
    assert isinstance(tab, CorrectionsTab)
    pick(tab.part, "01-001 BL")
    pick(tab.kind, "slip")
    QTest.keyClicks(tab.why, "measured the vessel")
    press(tab.ask)
    assert not tab.approve.isVisible()
    lead = opened(small, "medical.lead")
    assert lead.rights.tabs == (rights.PROGRESS, rights.CORRECTIONS)
    assert lead.strip.count(rights.CORRECTIONS) == 1
    decided = go(lead, rights.CORRECTIONS)
    assert isinstance(decided, CorrectionsTab)
    assert not decided.form.isVisible()
    assert "One later time point" in decided.meaning.text()
    assert not decided.approve.isEnabled()
    QTest.keyClicks(decided.reason, "agreed")
    press(decided.approve)
    assert decided.corrections.lines[0].correction.state == "approved"
    assert lead.strip.count(rights.CORRECTIONS) == 0


def test_exports_are_listed_with_rows_and_hashes(
    tmp_path: Path, qtbot: QtBot, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = small_workspace(tmp_path, visits=(("BL", 0),))
    read_timepoint(small.ports, small.sessions["reader.one"], small.subject("01-001").id, 20.0)
    out = tmp_path / "out"
    out.mkdir()
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: str(out))
    screen = opened(small, "manager")
    tab = go(screen, rights.EXPORTS)
    assert isinstance(tab, ExportsTab)
    press(tab.blinded)
    qtbot.waitUntil(lambda: bool(tab.exports.records) and not tab.exports.busy, timeout=30_000)
    settle()
    names = [tab.files.model().index(k, 0).data() for k in range(tab.files.model().rowCount())]
    assert "findings.csv" in names
    assert {file.name for file in out.iterdir()} == {*names, "manifest.json"}
    assert tab.kind.text() == "blinded"


def test_the_inspector_sees_every_tab_and_no_button_that_changes(
    tmp_path: Path, qtbot: QtBot, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    small = small_workspace(tmp_path)
    screen = opened(small, "inspector")
    assert screen.read_only.isVisible()
    assert screen.rights.tabs == rights.ALL_TABS
    allowed = {"needs you", "Verify again", "Export trail", "‹", "›", "F1", "Log out", ""}
    for key in rights.ALL_TABS:
        go(screen, key)
        assert shown_buttons(screen) <= allowed, key
    audit = screen.tabs[rights.AUDIT]
    assert isinstance(audit, AuditTab)
    qtbot.waitUntil(lambda: audit.audit.verdict is not None, timeout=10_000)
    settle()
    assert audit.verdict.text().startswith("The chain holds")
    pick(audit.did, "release")
    assert {row.action for row in audit.audit.rows} == {"release"}
    file = tmp_path / "trail.jsonl"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_: (str(file), ""))
    press(audit.export)
    qtbot.waitUntil(file.exists, timeout=10_000)
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    views = [row for row in rows if row["actor"] == "inspector" and row["action"] == "view"]
    assert [view["new"]["filter"] for view in views] == ["all rows", "did release"]


@pytest.fixture
def administrated(tmp_path: Path, qtbot: QtBot) -> Iterator[tuple[Small, AccountsScreen]]:
    """The administrator's window on a workspace without any subject."""
    small = small_workspace(tmp_path, numbers=())
    screen = AccountsScreen(small.ports, small.sessions["administrator"], Jobs())
    qtbot.addWidget(screen)
    screen.resize(1366, 768)
    screen.show()
    qtbot.waitExposed(screen)
    yield small, screen
    screen.stop()


def test_an_administrator_adds_a_reader_who_can_log_in_until_disabled(
    administrated: tuple[Small, AccountsScreen],
) -> None:
    small, screen = administrated
    trial_id = small.sessions["manager"].trial_id
    QTest.keyClicks(screen.new_name, "reader.three")
    QTest.keyClicks(screen.new_printed, "Reader Three")
    QTest.keyClicks(screen.new_password, "demo")
    press(screen.add)
    assert screen.name.text() == "reader.three"
    assert not isinstance(accounts.log_in(small.ports, "reader.three", "demo", trial_id), Session)
    pick(screen.role, "reader")
    press(screen.grant)
    assert isinstance(accounts.log_in(small.ports, "reader.three", "demo", trial_id), Session)
    QTest.keyClicks(screen.reason, "left the trial")
    press(screen.disable)
    assert screen.state.text() == "disabled"
    assert not isinstance(accounts.log_in(small.ports, "reader.three", "demo", trial_id), Session)
    press(screen.disable)
    assert screen.state.text() == "active"
    QTest.keyClicks(screen.password, "another")
    press(screen.set_password)
    assert isinstance(accounts.log_in(small.ports, "reader.three", "another", trial_id), Session)


def test_a_locked_name_is_unlocked(administrated: tuple[Small, AccountsScreen]) -> None:
    small, screen = administrated
    with small.ports.open_unit(small.sessions["administrator"]) as unit:
        user = unit.find(User, name="reader.one")[0]
        unit.change(user, locked=True, failed=5)
        unit.audit("lock", "user", "reader.one", chain="")
        unit.commit()
    screen.model.refresh()
    line = next(k for k, one in enumerate(screen.model.accounts) if one.name == "reader.one")
    screen.table.selectRow(line)
    settle()
    assert screen.state.text() == "locked"
    press(screen.unlock)
    assert screen.state.text() == "active"
