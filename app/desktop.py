"""The desktop program: opens the workspace, shows one screen after the other; here the parts are put together."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLockFile, QObject, QTimer
from PySide6.QtGui import QCloseEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QWidget

from app.background import Jobs
from app.joined import Exporter, ports_of
from app.models.messages import BLOCKED, Message
from app.models.organ import Organ
from app.problems import report
from app.version import PROGRAM, PROGRAM_VERSION
from app.windows import style
from app.windows.frame import Screen
from app.windows.key_map import KeyAction, KeyMap, MouseAction, keep_keys, kept_keys
from app.windows.key_sheet import KeySheet
from measure.refusal import Refused
from measure.session import ADJUDICATOR, ADMINISTRATOR, READER, Session
from storage import tables_shipped
from storage.database.workspace import Workspace, exists, open_workspace
from storage.places import default_workspace, shipped
from viewer.icons import set_icon_source
from viewer.theme import Theme, set_theme

if TYPE_CHECKING:
    from app.models.prefetch import Prefetch
    from app.models.reading import ReadingModel

COVER_MS = 600
IDLE_MS = 15 * 60 * 1000


def set_look(application: QApplication, scale: float = 1.0) -> None:
    """Theme, fonts, icons and style of the whole program."""
    set_theme(Theme.from_tables(tables_shipped.theme_tables()).scaled(scale))
    set_icon_source(tables_shipped.icon)
    style.apply(application, tables_shipped.fonts(), str(shipped("icons", "combo-arrow.svg")))


def key_map() -> KeyMap:
    """The key table as the windows use it."""
    actions, mouse = tables_shipped.key_table()
    return KeyMap(
        {name: KeyAction(name, **found) for name, found in actions.items()},
        tuple(MouseAction(**one) for one in mouse),
    )


def organs() -> list[Organ]:
    """The organs of the vocabulary."""
    return [
        Organ(one["id"], one["label"], tuple(one.get("sites", ())), bool(one.get("nodal")))
        for one in tables_shipped.organs()
    ]


class Desktop(QMainWindow):
    """The one window. Its title is `coread`, nothing else: no code, no name."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.setWindowTitle("coread")
        self.setMinimumSize(1280, 720)
        self.folder = folder
        self.jobs = Jobs(self)
        self.jobs.problem.connect(self._problem)
        self.keys = key_map()
        self.stack = QStackedWidget()
        self.setCentralWidget(self.stack)
        self.workspace: Workspace | None = None
        self.session: Session | None = None
        self._ahead: Prefetch | None = None
        self._read_last: ReadingModel | None = None
        self._lock: QLockFile | None = None
        self._idle = QTimer(self, interval=IDLE_MS, singleShot=True)
        self._idle.timeout.connect(self._cover)

    # --- screens -----------------------------------------------------------------------------------------------

    @property
    def screen_now(self) -> QWidget | None:
        """The screen shown."""
        return self.stack.currentWidget()

    def _put(self, screen: QWidget) -> None:
        old = self.stack.currentWidget()
        self.stack.addWidget(screen)
        self.stack.setCurrentWidget(screen)
        if old is not None and old is not screen:
            if hasattr(old, "stop"):
                old.stop()
            self.stack.removeWidget(old)
            old.deleteLater()
        left = getattr(screen, "left", None)
        if left is not None:
            left.connect(self.log_out)
        if isinstance(screen, Screen) and not hasattr(screen, "toggle_keys"):
            screen.help_asked.connect(lambda: self._show_keys(screen))
            QShortcut(QKeySequence("F1"), screen).activated.connect(screen.help_asked.emit)

    def _show_keys(self, screen: QWidget) -> None:
        """The key sheet over a screen that has none of its own."""
        sheet = KeySheet(self.keys, screen)
        sheet.closed.connect(sheet.deleteLater)
        width, height = min(1416, screen.width() - 24), min(900, screen.height() - 80)
        sheet.setGeometry((screen.width() - width) // 2, 44, width, height)
        sheet.show()
        sheet.raise_()
        sheet.search.setFocus()

    def begin(self) -> None:
        """Open the workspace; without any, make the demo first."""
        if not exists(self.folder):
            self._make_demo()
            return
        lock = QLockFile(str(self.folder / "window.lock"))
        lock.setStaleLockTime(0)
        if not lock.tryLock(100):
            raise Refused("This workspace is open in another coread window. Close it there, then start again.")
        self._lock = lock
        self.workspace = open_workspace(self.folder, program=PROGRAM)
        self.ports = ports_of(self.workspace)
        self.show_login()
        QTimer.singleShot(200, self._warm)

    def _warm(self) -> None:
        """While the person types, load what the worklist, the pictures and the hand need."""
        self.jobs.start("", lambda _: _import_early(), lambda _: None)

    def _make_demo(self) -> None:
        from app.joined import make_demo
        from app.windows.first_start import FirstStart

        screen = FirstStart(f"workspace: {self.folder}")
        self._put(screen)

        def work(progress: object) -> Workspace:
            def step(done: int, total: int, words: str) -> None:
                self._demo_words = words
                progress(done, total)  # type: ignore[operator]

            return make_demo(self.folder, step)

        self._demo_words = ""

        def made(workspace: Workspace) -> None:
            workspace.close()
            self.begin()

        job = self.jobs.start("Making the demo", work, made, lambda problem: _reported(problem, screen.show_problem))
        job.progressed.connect(lambda done, total: screen.show_step(done, total, self._demo_words))
        job.cancelled.connect(self.close)
        screen.cancelled.connect(job.cancel)
        screen.cancelled.connect(lambda: self.close() if not self.jobs.running else None)

    def show_login(self) -> None:
        """The login window."""
        from app.models.login import LoginModel
        from app.windows.login import DemoUser, LoginScreen
        from app.workflow.demo_accounts import ACCOUNTS, PASSWORD

        assert self.workspace is not None  # noqa: S101 -- opened in begin()
        users = [DemoUser(a.name, a.title, a.does) for a in ACCOUNTS] if self.workspace.demo else []
        model = LoginModel(self.ports, self.jobs, self)
        place = (
            "workspace: demo, on this computer"
            if self.workspace.demo
            else f"workspace: {self.folder.name}, on this computer"
        )
        from measure.criteria import ENGINE_VERSION

        screen = LoginScreen(
            model,
            self.jobs,
            version=f"coread {PROGRAM_VERSION}     engine {ENGINE_VERSION}",
            place=place,
            demo_users=users,
            password=PASSWORD,
        )
        model.logged_in.connect(self._logged_in)
        self.session = None
        self._forget_ahead()
        self._idle.stop()
        self._put(screen)

    def _forget_ahead(self) -> None:
        """What was read ahead belongs to one session."""
        if self._ahead is not None:
            self._ahead.deleteLater()
        self._ahead, self._read_last = None, None

    def log_out(self) -> None:
        """Back to the login; what was being read stays as it is."""
        from app.workflow.accounts import log_out

        if self.session is not None:
            log_out(self.ports, self.session)
        self.show_login()

    def _logged_in(self, session: Session) -> None:
        self.session = session
        self.keys.take(kept_keys(session.user_name))
        self.keys.keep = partial(keep_keys, session.user_name)
        self._idle.start()
        self.show_home()

    def show_home(self, line: str = "") -> None:
        """The first screen of the role."""
        assert self.session is not None  # noqa: S101 -- logged in
        if self.session.role in (READER, ADJUDICATOR):
            self.show_worklist(line)
        elif self.session.role == ADMINISTRATOR:
            from app.windows.accounts_screen import AccountsScreen

            self._put(AccountsScreen(self.ports, self.session, self.jobs))
        else:
            from app.windows.manager.screen import ManagerScreen

            self._put(ManagerScreen(self.ports, self.session, self.jobs, self.exporter(), organs()))

    def exporter(self) -> Exporter:
        """Writes the exports: the manager's tab gets it handed in."""
        assert self.workspace is not None  # noqa: S101 -- opened in begin()
        return Exporter(self.workspace)

    def show_worklist(self, line: str = "") -> None:
        """Own cases."""
        from app.models.worklist import WorklistModel
        from app.windows.worklist import WorklistScreen

        assert self.session is not None  # noqa: S101 -- logged in
        if self._ahead is not None and self._read_last is not None:
            self._ahead.put_back(self._read_last.reading.subject.id, self._read_last.volumes)
        self._read_last = None
        model = WorklistModel(self.ports, self.session)
        screen = WorklistScreen(model, self.jobs, demo=self.ports.demo, user=self._user_words())
        model.opened.connect(self.open_case)
        model.setParent(screen)
        self._put(screen)
        model.refresh()
        if line:
            screen.line.say(Message(line))
        if self.session.role == READER and model.items:
            first = model.items[0].subject_id
            QTimer.singleShot(0, self, lambda: self._read_ahead(first))

    def _read_ahead(self, subject_id: str) -> None:
        from app.models.prefetch import Prefetch

        if self.session is not None:
            if self._ahead is None:
                self._ahead = Prefetch(self.ports, self.session, self.jobs, self)
            self._ahead.ask(subject_id)

    def _user_words(self) -> str:
        assert self.session is not None  # noqa: S101 -- logged in
        return f"{self.session.user_name} · {self.session.role}"

    def open_case(self, subject_id: str) -> None:
        """Open what is next in a case."""
        assert self.session is not None  # noqa: S101 -- logged in
        try:
            if self.session.role == ADJUDICATOR:
                self._open_adjudication(subject_id)
                return
            from app.workflow.reading import open_case

            opened = open_case(self.ports, self.session, subject_id)
        except Refused as refused:
            self._tell(str(refused))
            return
        if opened is None:
            self.show_worklist("Nothing more to read now.")
            return
        from app.models.reading import ReadingModel
        from app.windows.reading_screen import ReadingScreen

        model = ReadingModel(self.ports, self.session, self.jobs, opened)
        if self._ahead is not None:
            self._ahead.hand_over(subject_id, model)
        self._read_last = model
        screen = ReadingScreen(model, self.jobs, self.keys, organs(), demo=self.ports.demo, user=self.session.user_name)
        screen.finished.connect(self._after_signing)
        self._put(screen)
        screen.images.grid.active.setFocus()

    def _open_adjudication(self, subject_id: str) -> None:
        from app.windows.adjudication_screen import AdjudicationScreen

        assert self.session is not None  # noqa: S101 -- logged in
        screen = AdjudicationScreen(self.ports, self.session, self.jobs, self.keys, subject_id)
        screen.finished.connect(lambda: self._cover_then(lambda: self.show_worklist()))
        self._put(screen)

    def _after_signing(self, subject_id: str) -> None:
        """The same short covered wait whether more follows or not (blinding)."""
        self._cover_then(lambda: self.open_case(subject_id))

    def _cover_then(self, action: object) -> None:
        from app.windows.cover import Cover

        self._put(Cover())
        QTimer.singleShot(COVER_MS, action)  # type: ignore[call-overload]

    # --- idle, problems, end -----------------------------------------------------------------------------------

    def event_seen(self) -> None:
        """Somebody is there."""
        if self.session is not None:
            self._idle.start()

    def _cover(self) -> None:
        from app.windows.cover import IdleCover

        if self.session is None:
            return
        cover = IdleCover(self, self.ports, self.session, self.jobs)
        cover.setGeometry(self.rect())
        cover.show()
        cover.raise_()
        cover.password.setFocus()

    def _tell(self, text: str) -> None:
        screen = self.stack.currentWidget()
        line = getattr(screen, "line", None)
        if line is not None:
            line.say(Message(text, BLOCKED))

    def _problem(self, problem: BaseException) -> None:
        report(problem, self._tell)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep what is to be kept and let go of the workspace."""
        screen = self.stack.currentWidget()
        stop = getattr(screen, "stop", None)
        if stop is not None:
            stop()
        for job in self.jobs.running:
            job.cancel()
        if self.workspace is not None:
            self.workspace.close()
        if self._lock is not None:
            self._lock.unlock()
        super().closeEvent(event)


class _Presence(QObject):
    """Sees that somebody is there, for the idle cover."""

    def __init__(self, desktop: Desktop) -> None:
        super().__init__(desktop)
        self._desktop = desktop

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Key and mouse presses restart the idle time."""
        if event.type() in (QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.Wheel):
            self._desktop.event_seen()
        return False


def _reported(problem: BaseException, tell: Callable[[str], None]) -> None:
    report(problem, tell)


EARLY = ("sqlalchemy", "numpy", "app.windows.reading_screen", "storage.images", "argon2")
FOR_THE_HAND = (
    "SimpleITK",
    "scipy.ndimage",
    "scipy.spatial",
    "scipy.sparse.csgraph",
    "scipy.interpolate",
    "skimage.measure",
    "measure.segment.click",
    "measure.segment.stroke",
    "measure.segment.brush",
    "measure.register",
)
"""What a click, a stroke and the registration need: loading it holds the window up for a moment, so it is loaded while
the name is typed and not under the first click."""


def _import_early() -> None:
    _import_all(EARLY)
    importlib.import_module("storage.dicom.workers").warm()
    _import_all(FOR_THE_HAND)
    importlib.import_module("measure.segment.rays").sphere_rays().prepare()


def _import_all(names: Sequence[str]) -> None:
    for name in names:
        importlib.import_module(name)


def refusal_window(text: str) -> QWidget:
    """One clear line where the program cannot start."""
    from app.windows.cover import RefusalWindow

    return RefusalWindow(text)


def run_windows() -> int:
    """Open the windows; returns the exit code."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    application = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(application, QApplication)  # noqa: S101 -- the only kind we make
    application.setApplicationName("coread")
    set_look(application)
    window: QWidget
    try:
        desktop = Desktop(default_workspace())
        desktop.begin()
        application.installEventFilter(_Presence(desktop))
        desktop.showMaximized()
        window = desktop
    except Refused as refused:
        print(refused, file=sys.stderr)  # noqa: T201 -- the line for whoever started it from a shell
        window = refusal_window(str(refused))
        window.show()
    sys.excepthook = lambda kind, problem, trace: report(problem, lambda line: _last_word(window, line))
    return application.exec()


def _last_word(window: QWidget, line: str) -> None:
    if isinstance(window, Desktop):
        window._tell(line)  # noqa: SLF001 -- the program's own window
