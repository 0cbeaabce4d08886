"""Start-up, login to worklist and case open of the desktop, beside bare Qt in the same run.

`python -m tests.benchmarks.desktop WORKSPACE`: a demo workspace (it is copied without its images, which are linked).
Off screen, so painting is software; ratios to bare Qt carry over to another machine, milliseconds do not.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

RUNS = 5

BARE = """
import sys, time
from PySide6.QtWidgets import QApplication, QLabel
a = QApplication([])
w = QLabel("login"); w.resize(1920, 1080); w.show(); a.processEvents()
print("login", time.time() - float(sys.argv[1]))
"""

OURS = """
import sys, time
from pathlib import Path
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication
from app.desktop import Desktop, set_look
def main():
    def until(condition):
        while not condition():
            loop = QEventLoop(); QTimer.singleShot(2, loop.quit); loop.exec()
    a = QApplication([]); set_look(a)
    d = Desktop(Path(sys.argv[2])); d.resize(1920, 1080); d.begin(); d.show(); a.processEvents()
    print("login", time.time() - float(sys.argv[1]))
    loop = QEventLoop(); QTimer.singleShot(2500, loop.quit); loop.exec()  # the person types
    s = d.screen_now; s.fill("reader.one"); t = time.time(); s._try()
    until(lambda: type(d.screen_now).__name__ == "WorklistScreen"); a.processEvents()
    print("worklist", time.time() - t)
    for name in ("case", "case again"):
        t = time.time(); d.screen_now._model.open(0)
        until(lambda: type(d.screen_now).__name__ == "ReadingScreen")
        until(lambda: d.screen_now.images._current_viewport().volume is not None); a.processEvents()
        print(name, time.time() - t)
        d.show_worklist()
    d.close()
if __name__ == "__main__":
    main()
"""


def _run(script: Path, *more: str) -> dict[str, float]:
    import time

    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    out = subprocess.run(
        [sys.executable, str(script), str(time.time()), *more],
        capture_output=True,
        text=True,
        env=environment,
        check=True,
    ).stdout
    return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1]) for line in out.splitlines() if " " in line}


def main() -> None:
    """Run bare Qt and the desktop in turn; print medians and the ratio to bare Qt."""
    source = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as room:
        bare, ours = Path(room) / "bare.py", Path(room) / "ours.py"
        bare.write_text(BARE)
        ours.write_text(OURS)
        found: dict[str, list[float]] = {}
        floors: list[float] = []
        for turn in range(RUNS + 1):
            workspace = Path(room) / f"workspace{turn}"
            workspace.mkdir()
            shutil.copy(source / "coread.sqlite", workspace)
            (workspace / "images").symlink_to(source.resolve() / "images")
            floor, times = _run(bare)["login"], _run(ours, str(workspace))
            if turn:  # the first is the warm-up
                floors.append(floor)
                for name, value in times.items():
                    found.setdefault(name, []).append(value)
    floor = statistics.median(floors)
    print(f"{'bare Qt window':<16}{floor * 1000:8.0f} ms")
    for name, values in found.items():
        middle = statistics.median(values)
        spread = f"({min(values):.2f}-{max(values):.2f} s)"
        print(f"{name:<16}{middle * 1000:8.0f} ms   {middle / floor:5.1f} x bare Qt   {spread}")


if __name__ == "__main__":
    main()
