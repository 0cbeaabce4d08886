"""Work off the window's thread: who hears its answer."""

from __future__ import annotations

import threading

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication
from shiboken6 import delete

from app.background import Jobs
from tests.gui.hands import until


def test_an_answer_reaches_its_owner_and_nobody_once_the_owner_is_gone(qapp: QApplication) -> None:
    jobs, heard = Jobs(), []
    there, gone = QObject(), QObject()
    gate = threading.Event()
    jobs.start("kept", lambda _: gate.wait(10), lambda _: heard.append("there"), owner=there)
    jobs.start("dropped", lambda _: gate.wait(10), lambda _: heard.append("gone"), owner=gone)
    delete(gone)
    gate.set()
    until(lambda: not jobs.running, "both jobs")
    assert heard == ["there"]
