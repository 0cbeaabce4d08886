"""`coread view A [B]`: one or two series in linked viewports; nothing is stored."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from concurrent.futures import Future

    from measure.volume import Volume

POLL_MS = 5


def arguments(parser: argparse.ArgumentParser) -> None:
    """One or two series."""
    parser.add_argument("a", metavar="A", help="folder or file of a series")
    parser.add_argument("b", metavar="B", nargs="?", help="a second series, beside it")
    parser.add_argument("--series", metavar="UID", action="append", help="which series, once for A, once for B")


def run(args: argparse.Namespace) -> int:
    """Open the window; back when it is closed. Raises Refused for a series that cannot be opened.

    The series are read by a thread from the first moment on, while Qt is still being imported here.
    """
    from concurrent.futures import ThreadPoolExecutor

    paths = [args.a] if args.b is None else [args.a, args.b]
    uids: list[str | None] = [*(args.series or []), None, None]
    with ThreadPoolExecutor(1, "series") as reader:
        reading = [reader.submit(_read, path, uid) for path, uid in zip(paths, uids, strict=False)]
        try:
            _show(reading)
        finally:
            reader.shutdown(wait=False, cancel_futures=True)
    return 0


def _read(path: str, uid: str | None) -> Volume:
    from storage.dicom.load import load_series

    return load_series(path, uid)


def _show(reading: Sequence[Future[Volume]]) -> None:
    """Run the window until it is closed; what a reading refused is raised here."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from app.windows.view_window import ViewWindow

    application = QApplication.instance() or QApplication(["coread"])
    take_theme()
    window = ViewWindow(len(reading))
    waiting = dict(enumerate(reading))
    refused: list[BaseException] = []

    def look() -> None:
        for place, one in list(waiting.items()):
            if not one.done():
                break
            del waiting[place]
            problem = one.exception()
            if problem is not None:
                refused.append(problem)
                window.close()
                break
            window.set_volume(place, one.result())
        if not waiting or refused:
            poll.stop()

    poll = QTimer(window)
    poll.timeout.connect(look)
    window.resize(1424, 1046)
    window.showMaximized()
    poll.start(POLL_MS)
    application.exec()
    poll.stop()
    if refused:
        raise refused[0]


def take_theme() -> None:
    """Paint with the shipped theme and icons."""
    from storage import tables_shipped
    from viewer.icons import set_icon_source
    from viewer.theme import Theme, set_theme

    set_theme(Theme.from_tables(tables_shipped.theme_tables()))
    set_icon_source(tables_shipped.icon)
