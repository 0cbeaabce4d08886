"""Pictures of the windows, off screen: what a reader, an adjudicator and a manager see of the demo."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from app.desktop import Desktop, set_look
from measure.session import Session

SIZES = ((1920, 1080), (1366, 768))
LONGEST_S = 30.0


class Photographer:
    """Opens the desktop on a workspace and keeps pictures of its screens, at every size of SIZES."""

    def __init__(self, workspace: Path, folder: Path) -> None:
        existing = QApplication.instance()
        self._application = existing if isinstance(existing, QApplication) else QApplication([])
        set_look(self._application)
        self._folder = folder
        self._desktop = Desktop(workspace)
        self._desktop.resize(*SIZES[0])
        self._desktop.show()
        self._desktop.begin()
        self.taken: list[Path] = []

    def login(self) -> None:
        """The login window."""
        self._keep("login")

    def as_user(self, session: Session) -> None:
        """Go on as this user."""
        self._desktop.session = session

    def worklist(self) -> None:
        """The worklist of the user."""
        self._desktop.show_worklist()
        self._keep("worklist")

    def case(self, subject_id: str, name: str, *, zones: bool = False, select: bool = False) -> None:
        """A case as it stands open: reading, ablation or adjudication."""
        self._desktop.open_case(subject_id)
        self._settle()
        screen = self._desktop.screen_now
        model = getattr(screen, "model", None)
        if zones and model is not None:
            model.set_stage("zones")
        elif select and model is not None and model.reading.lesions:
            model.select(model.reading.lesions[0].lesion.lesion_id)
        self._keep(name)

    def home(self, name: str) -> None:
        """The first screen of the user's role."""
        self._desktop.show_home()
        self._keep(name)

    def tab(self, tab: str, name: str) -> None:
        """One tab of the manager's screen."""
        show = getattr(self._desktop.screen_now, "show_tab", None)
        if show is not None:
            show(tab)
            self._keep(name)

    def _wait(self, ms: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(ms, loop.quit)
        loop.exec()

    def _settle(self) -> None:
        """Until nothing runs any more."""
        began = time.monotonic()
        self._wait(120)
        while self._desktop.jobs.running and time.monotonic() - began < LONGEST_S:
            self._wait(40)
        self._wait(120)

    def _keep(self, name: str) -> None:
        for width, height in SIZES:
            self._desktop.resize(width, height)
            self._settle()
            place = self._folder / f"{name}-{width}x{height}.png"
            self._desktop.grab().save(str(place))
            self.taken.append(place)
        self._desktop.resize(*SIZES[0])

    def close(self) -> None:
        """Let go of the workspace."""
        self._desktop.close()
        self._wait(20)


def photographs(workspace: Path, folder: Path, take: Callable[[Photographer], None]) -> list[Path]:
    """Open, take, close; returns the pictures."""
    photographer = Photographer(workspace, folder)
    try:
        take(photographer)
    finally:
        photographer.close()
    return photographer.taken
