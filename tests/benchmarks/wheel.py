"""Wheel, burst and window drag of two linked viewports beside bare Qt in the same run.

The floor is the least a Qt program can do: a widget a series that windows a slice through a table and paints
it scaled. Both sides get the same stacks, sizes and events, taking turns, so that other load on the machine
meets both; a figure is the time from the event until both widgets are painted and flushed. `apart`: between
the ends of both paints; both reach the screen with the same flush. Last, the way from a start to a window.
Ratios carry over to another machine, milliseconds do not.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, QRect, Qt
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QWidget

from measure.geometry import Grid
from measure.volume import Volume
from viewer.layouts import ViewportGrid
from viewer.linking import Link
from viewer.marks import MarkAxes, MarkLabel, MarkStyle, ViewMark, circle_on_slice
from viewer.theme import Theme, set_theme
from viewer.viewport import Viewport

ROOT = Path(__file__).resolve().parents[2]
SIDE = 900
SLICES = 200
NOTCHES = 100


# --- the floor --------------------------------------------------------------------------------------------


class BareView(QWidget):
    """One picture, nothing else."""

    def __init__(self, owner: BarePair, stack: NDArray[np.int16]) -> None:
        super().__init__(owner)
        self.owner, self.stack, self.k = owner, stack, 0
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.painted = 0.0

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        painter = QPainter(self)
        shown = self.owner.table[self.stack[self.k].view(np.uint16)]
        image = QImage(shown.data, shown.shape[1], shown.shape[0], shown.shape[1] * 4, QImage.Format.Format_RGB32)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        side = min(self.width(), self.height())
        painter.drawImage(QRect((self.width() - side) // 2, (self.height() - side) // 2, side, side), image)
        painter.end()
        self.painted = time.perf_counter()

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        self.owner.scroll(-1 if event.angleDelta().y() > 0 else 1)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        self.owner.window_to(400.0 + event.position().x())


class BarePair(QWidget):
    """Two of them, moved together."""

    def __init__(self, stacks: list[NDArray[np.int16]]) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(1)
        self.table = np.zeros(65536, np.uint32)
        self.views = [BareView(self, stack) for stack in stacks]
        for view in self.views:
            row.addWidget(view)
        self.window_to(400.0)

    def scroll(self, steps: int) -> None:
        for view in self.views:
            view.k = min(len(view.stack) - 1, max(0, view.k + steps))
            view.update()

    def window_to(self, width: float) -> None:
        every = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.float32)
        grey = np.clip((every - (40.0 - width / 2.0)) * (255.0 / width), 0, 255).astype(np.uint8)
        self.table = grey.astype(np.uint32) * np.uint32(0x010101) | np.uint32(0xFF000000)
        for view in self.views:
            view.update()


# --- ours -------------------------------------------------------------------------------------------------


def a_stack(seed: int) -> Volume:
    """A body with noise and texture, 512 x 512, int16."""
    rng = np.random.default_rng(seed)
    array = np.full((SLICES, 512, 512), -1000, np.int16)
    rows, columns = np.mgrid[:512, :512]
    body = ((columns - 256) / 210.0) ** 2 + ((rows - 270) / 150.0) ** 2 < 1
    texture = rng.normal(60.0, 14.0, (8, 512, 512)).astype(np.int16)
    for k in range(SLICES):
        array[k][body] = np.roll(texture[k % 8], 3 * k, axis=1)[body]
    return Volume(array, Grid.regular((512, 512, SLICES), (0.75, 0.75, 1.0)))


def marks_on_all(volume: Volume) -> list[ViewMark]:
    """What lies on a slice in a reading: two outlines with axes and labels, and a filled zone."""
    marks = []
    every = range(volume.grid.size[2])
    for number, (i, j, radius) in enumerate(((180, 250, 14.0), (320, 300, 9.0), (250, 220, 20.0))):
        zone = number == 2
        rings = {
            k: (circle_on_slice(volume.grid, k, tuple(volume.grid.to_patient([i, j, k]).tolist()), radius, 200),)
            for k in every
        }
        middle = volume.grid.to_patient([i, j, SLICES // 2])
        x, y, z = middle.tolist()
        long_ends = ((x - radius, y, z), (x + radius, y, z))
        short_ends = ((x, y - radius, z), (x, y + radius, z))
        axes = None if zone else MarkAxes(SLICES // 2, long_ends, short_ends)
        label = MarkLabel("Z1") if zone else MarkLabel(f"T{number}", "35.3 × 27.8")
        style, colour = (MarkStyle.ZONE, "zone") if zone else (MarkStyle.SOLID, "target")
        marks.append(ViewMark(f"M{number}", style, colour, rings, axes, label))
    return marks


def clocked(viewport: Viewport, ends: dict[Viewport, float]) -> None:
    """Note when a paint of the viewport ends."""
    paint = viewport.paintEvent

    def timed(event: QPaintEvent) -> None:
        paint(event)
        ends[viewport] = time.perf_counter()

    viewport.paintEvent = timed  # type: ignore[method-assign]


# --- measuring --------------------------------------------------------------------------------------------


def send_wheel(widget: QWidget, steps: int) -> None:
    place = QPointF(widget.width() / 2.0, widget.height() / 2.0)
    glob = QPointF(widget.mapToGlobal(place))
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(
        widget, QWheelEvent(place, glob, QPoint(), QPoint(0, -120 * steps), none, keys, phase, False)
    )


def send_drag(widget: QWidget, kind: str, x: float) -> None:
    types = {
        "press": QMouseEvent.Type.MouseButtonPress,
        "move": QMouseEvent.Type.MouseMove,
        "release": QMouseEvent.Type.MouseButtonRelease,
    }
    place = QPointF(x, 400.0)
    right = Qt.MouseButton.RightButton
    held = Qt.MouseButton.NoButton if kind == "release" else right
    button = Qt.MouseButton.NoButton if kind == "move" else right
    glob = QPointF(widget.mapToGlobal(place))
    keys = Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QMouseEvent(types[kind], place, glob, button, held, keys))


Timed = tuple[float, float, float]


def taking_turns(
    floor: Callable[[int], None],
    ours: Callable[[int], None],
    ends: Callable[[], list[float]],
    times: int,
) -> list[Timed]:
    """For each turn: ms of the floor, ms of ours (act to painted and flushed), ms between our two paints."""
    found = []
    for number in range(times):
        took = []
        for act in (floor, ours):
            start = time.perf_counter()
            act(number)
            QApplication.processEvents()
            took.append(1000 * (time.perf_counter() - start))
        painted = ends()
        found.append((took[0], took[1], 1000 * (max(painted) - min(painted))))
    return found


def row(name: str, timed: list[Timed]) -> str:
    """One line of the table; the ratio is the median of the ratios of each turn."""
    ours = sorted(one[1] for one in timed)
    ratio = statistics.median(one[1] / one[0] for one in timed)
    return (
        f"{name:<34}{statistics.median(one[0] for one in timed):7.2f}{statistics.median(ours):9.2f}"
        f"{ours[int(0.95 * len(ours))]:9.2f}{ratio:9.2f} x{statistics.median(one[2] for one in timed):9.2f}"
    )


def run(notches: int = NOTCHES) -> None:
    """Measure and print the table."""
    application = QApplication.instance() or QApplication([])
    set_theme(Theme.from_tables(tomllib.loads((ROOT / "resources/theme/dark.toml").read_text("utf-8"))))
    volumes = [a_stack(1), a_stack(2)]
    bare = BarePair([np.asarray(volume.array, np.int16) for volume in volumes])
    bare.resize(2 * SIDE, SIDE)
    grid = ViewportGrid(layout="1x2")
    grid.resize(2 * SIDE, SIDE + 26)
    link = Link(grid.viewports[:2])
    ends: dict[Viewport, float] = {}
    for viewport, volume in zip(grid.viewports, volumes, strict=False):
        viewport.fit_to = "field"
        viewport.set_volume(volume)
        clocked(viewport, ends)
    link.clear_offsets()
    first, other = grid.viewports[:2]
    for window in (bare, grid):
        window.show()
    application.processEvents()

    def our_ends() -> list[float]:
        return [ends[first], ends[other]]

    def there_and_back(number: int) -> int:
        return 1 if number % (2 * SLICES - 2) < SLICES - 1 else -1

    def wheel() -> list[Timed]:
        first.set_slice(first.order.index(1))
        application.processEvents()
        return taking_turns(
            lambda n: send_wheel(bare.views[0], there_and_back(n)),
            lambda n: send_wheel(first, there_and_back(n)),
            our_ends,
            notches,
        )

    title = f"two linked viewports, {SIDE} px"
    print(f"{title:<34}{'floor':>7}{'ours':>9}{'p95':>9}{'ratio':>11}{'apart':>9}")
    wheel()
    print(row("wheel notch to both painted, ms", wheel()))
    for viewport, volume in zip((first, other), volumes, strict=True):
        viewport.set_marks(marks_on_all(volume))
    wheel()
    print(row("the same with three marks, ms", wheel()))
    for viewport in (first, other):
        viewport.set_marks([])
    print(row("window drag step, ms", window_drag(first, bare, our_ends, notches)))
    print(burst(first, other, bare, application))


def window_drag(first: Viewport, bare: BarePair, ends: Callable[[], list[float]], notches: int) -> list[Timed]:
    """Steps of 3 px with the right button held."""
    send_drag(first, "press", 100.0)
    send_drag(first, "move", 110.0)
    found = taking_turns(
        lambda n: bare.window_to(401.0 + 3 * n),
        lambda n: send_drag(first, "move", 120.0 + 3 * n),
        ends,
        notches,
    )
    send_drag(first, "release", 120.0 + 3 * notches)
    return found


def burst(first: Viewport, other: Viewport, bare: BarePair, application: QApplication) -> str:
    """A hundred notches before anything is painted: time until both rest, and how far they came."""
    totals: list[float] = []
    for widget in (bare.views[0], first):
        first.set_slice(first.order.index(1))
        application.processEvents()
        start = time.perf_counter()
        for _ in range(100):
            send_wheel(widget, 1)
        application.processEvents()
        totals.append(1000 * (time.perf_counter() - start))
    came = first.order.number(first.slice) - 1, other.order.number(other.slice) - 1
    return (
        f"{'burst of 100 notches at rest, ms':<34}{totals[0]:7.2f}{totals[1]:9.2f}{'':9}"
        f"{totals[1] / totals[0]:9.2f} x   slices {came[0]} and {came[1]}"
    )


def start_ms(code: str, times: int = 3) -> float:
    """Wall time of a fresh interpreter that runs some code, median."""
    found = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
        found.append(1000 * (time.perf_counter() - start))
    return statistics.median(found)


def starts() -> None:
    """Print the way to a window: bare Qt with numpy, and the viewer's imports with two empty viewports."""
    bare = (
        "import numpy; from PySide6.QtWidgets import QApplication, QWidget; a = QApplication([]);"
        "w = QWidget(); w.show(); a.processEvents()"
    )
    ours = (
        "from PySide6.QtWidgets import QApplication; a = QApplication([]);"
        "from app.command_line.view import take_theme; take_theme();"
        "from app.windows.view_window import ViewWindow; w = ViewWindow(2); w.show(); a.processEvents()"
    )
    floor, own = start_ms(bare), start_ms(ours)
    print(f"{'process start to window, ms':<34}{floor:7.0f}{own:9.0f}{'':9}{own / floor:9.2f} x")


def main() -> None:
    """Command line: python -m tests.benchmarks.wheel [--notches N]."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--notches", type=int, default=NOTCHES)
    args = parser.parse_args()
    run(args.notches)
    starts()


if __name__ == "__main__":
    main()
