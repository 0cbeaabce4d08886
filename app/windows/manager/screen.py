"""The manager's window: tabs in the top bar, one shown; which and what they may do is the role's rights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QStackedLayout

from app.background import Jobs
from app.models.manager import rights as r
from app.models.manager.rights import Rights, rights_of
from app.models.organ import Organ
from app.windows.frame import Screen
from app.windows.manager.tab import NARROW, Tab
from app.windows.manager.tab_strip import TabStrip, TabWords
from app.windows.parts import Chip
from app.workflow.ports import Ports
from measure.session import Session

WORDS = {
    r.IMAGES: TabWords(r.IMAGES, "Subjects and images", "Images"),
    r.ZONES: TabWords(r.ZONES, "Zones and procedures", "Zones"),
    r.READERS: TabWords(r.READERS, "Readers", "Readers"),
    r.PROGRESS: TabWords(r.PROGRESS, "Progress", "Progress"),
    r.QUERIES: TabWords(r.QUERIES, "Queries", "Queries"),
    r.CORRECTIONS: TabWords(r.CORRECTIONS, "Corrections", "Corrections"),
    r.EXPORTS: TabWords(r.EXPORTS, "Exports", "Exports"),
    r.PROTOCOL: TabWords(r.PROTOCOL, "Protocol", "Protocol"),
    r.AUDIT: TabWords(r.AUDIT, "Audit", "Audit"),
}


class Exporter(Protocol):
    """Writes an export of the session's trial (handed in by the desktop)."""

    def export(self, session: Session, folder: Path, *, blinded: bool) -> dict[str, Any]:
        """Write all files; returns the manifest."""


class ManagerScreen(Screen):
    """All tabs of a role; counts of what needs somebody stand in the top bar from the start."""

    def __init__(
        self, ports: Ports, session: Session, jobs: Jobs, exporter: Exporter, organs: Sequence[Organ] = ()
    ) -> None:
        super().__init__(jobs, demo=ports.demo, user=session.user_name)
        self.rights = rights_of(session.role)
        makers = _makers(ports, session, jobs, self.rights, exporter, organs)
        self.tabs: dict[str, Tab] = {key: makers[key]() for key in self.rights.tabs}
        self.strip = TabStrip([WORDS[key] for key in self.rights.tabs])
        self.bar.addSpacing(4)
        self.bar.addWidget(self.strip)
        self.read_only = Chip("read only")
        self.read_only.setVisible(self.rights.read_only)
        self.bar_right.insertWidget(0, self.read_only)
        self._pages = QStackedLayout(self.body)
        for key, tab in self.tabs.items():
            self._pages.addWidget(tab)
            tab.model.said.connect(self.line.say)
            tab.model.counted.connect(lambda count, of=key: self.strip.set_count(of, count))
            tab.model.touched.connect(lambda of=key: self._touched(of))
        self.strip.chosen.connect(self.show_tab)
        for step, keys in ((1, "Ctrl+PgDown"), (-1, "Ctrl+PgUp")):
            QShortcut(QKeySequence(keys), self).activated.connect(lambda by=step: self._step(by))
        if self.rights.read_only:
            self.line.facts.setText("You see everything and change nothing. Your views are in the trail.")
        else:
            self.line.facts.setText("all saved")
        for key in (r.IMAGES, r.QUERIES, r.CORRECTIONS, r.READERS, r.ZONES):
            if key in self.tabs:
                self.tabs[key].look()
        if self.rights.tabs:
            self.show_tab(self.rights.tabs[0])

    @property
    def shown(self) -> str:
        """Key of the tab shown."""
        return self.strip.key

    def show_tab(self, key: str) -> None:
        """Go to a tab; it loads what it shows."""
        if key in self.tabs:
            self.strip.set_key(key)
            self._pages.setCurrentWidget(self.tabs[key])
            self.tabs[key].look()

    def _step(self, by: int) -> None:
        keys = self.rights.tabs
        self.show_tab(keys[(keys.index(self.shown) + by) % len(keys)])

    def _touched(self, by: str) -> None:
        """What one tab stored may change the counts of others."""
        for key in (r.IMAGES, r.QUERIES, r.CORRECTIONS, r.READERS, r.ZONES):
            if key in self.tabs and key != by:
                self.tabs[key].look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Short words and narrow cards on small screens."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW
        self.strip.set_short(narrow)
        for tab in self.tabs.values():
            tab.set_narrow(narrow)

    def stop(self) -> None:
        """Cancel what runs for this screen: nothing is kept of an import that was not finished."""
        for tab in self.tabs.values():
            tab.model.stop()


def _makers(
    ports: Ports, session: Session, jobs: Jobs, rights: Rights, exporter: Exporter, organs: Sequence[Organ]
) -> dict[str, Callable[[], Tab]]:
    """How each tab is made; modules of tabs that a role does not have are never imported."""

    def images() -> Tab:
        from app.models.manager.images import ImagesModel
        from app.windows.manager.images_tab import ImagesTab

        return ImagesTab(ImagesModel(ports, session, jobs, rights))

    def zones() -> Tab:
        from app.models.manager.zones import ZonesModel
        from app.windows.manager.zones_tab import ZonesTab

        return ZonesTab(ZonesModel(ports, session, jobs, rights), organs)

    def readers() -> Tab:
        from app.models.manager.readers import ReadersModel
        from app.windows.manager.readers_tab import ReadersTab

        return ReadersTab(ReadersModel(ports, session, jobs, rights))

    def progress() -> Tab:
        from app.models.manager.progress import ProgressModel
        from app.windows.manager.progress_tab import ProgressTab

        return ProgressTab(ProgressModel(ports, session, jobs, rights))

    def queries() -> Tab:
        from app.models.manager.queries import QueriesModel
        from app.windows.manager.queries_tab import QueriesTab

        return QueriesTab(QueriesModel(ports, session, jobs, rights))

    def corrections() -> Tab:
        from app.models.manager.corrections import CorrectionsModel
        from app.windows.manager.corrections_tab import CorrectionsTab

        return CorrectionsTab(CorrectionsModel(ports, session, jobs, rights))

    def exports() -> Tab:
        from app.models.manager.exports import ExportsModel
        from app.windows.manager.exports_tab import ExportsTab

        return ExportsTab(ExportsModel(ports, session, jobs, rights, exporter))

    def protocol() -> Tab:
        from app.models.manager.protocol import ProtocolModel
        from app.windows.manager.protocol_tab import ProtocolTab

        return ProtocolTab(ProtocolModel(ports, session, jobs, rights))

    def audit() -> Tab:
        from app.models.manager.audit import AuditModel
        from app.windows.manager.audit_tab import AuditTab

        return AuditTab(AuditModel(ports, session, jobs, rights))

    return {
        r.IMAGES: images,
        r.ZONES: zones,
        r.READERS: readers,
        r.PROGRESS: progress,
        r.QUERIES: queries,
        r.CORRECTIONS: corrections,
        r.EXPORTS: exports,
        r.PROTOCOL: protocol,
        r.AUDIT: audit,
    }
