"""Talks to the process that draws surfaces: one request at a time, the newest picture wins."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
from PySide6.QtCore import QObject, QProcess, QProcessEnvironment, QTimer, Signal
from PySide6.QtGui import QImage

from viewer.scene_values import SceneLines, SceneSurface, View

PATIENCE_MS = 30_000
NO_3D = "No 3-D view: this computer draws no OpenGL. The planes show the same."
_BACK_ENDS = ("", "vtkEGLRenderWindow") if sys.platform.startswith("linux") else ("",)


class SceneClient(QObject):
    """Starts the drawing process, hands it a scene and asks for pictures; `failed` once when it cannot."""

    drawn = Signal(object, object)  # QImage, View
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None, *, command: Sequence[str] = ()) -> None:
        super().__init__(parent)
        self._command = tuple(command) or (sys.executable, "-P", "-m", "viewer.scene3d")
        self._process: QProcess | None = None
        self._attempt = 0
        self._scene = b""
        self._scene_sent = True
        self._wanted: View | None = None
        self._asked: View | None = None
        self._waiting = ""
        self._buffer = bytearray()
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.timeout.connect(self._give_up)

    def set_scene(self, surfaces: Sequence[SceneSurface], lines: Sequence[SceneLines] = ()) -> None:
        """Draw these from now on."""
        words: dict[str, Any] = {"do": "scene", "surfaces": [], "lines": []}
        data = []
        for one in surfaces:
            words["surfaces"].append(
                {
                    "points": len(one.points),
                    "triangles": len(one.triangles),
                    "colour": one.colour,
                    "opacity": one.opacity,
                    "coloured": one.colours is not None,
                }
            )
            data += [np.asarray(one.points, np.float32).tobytes(), np.asarray(one.triangles, np.int64).tobytes()]
            if one.colours is not None:
                data.append(np.asarray(one.colours, np.uint8).tobytes())
        for line in lines:
            ends = np.asarray(line.ends, np.float32).reshape(-1, 2, 3)
            words["lines"].append({"points": len(ends), "colour": line.colour, "width": line.width})
            data.append(ends.tobytes())
        self._scene = json.dumps(words).encode() + b"\n" + b"".join(data)
        self._scene_sent = False

    def ask(self, view: View) -> None:
        """Ask for a picture; while one is being drawn only the newest wish is kept."""
        self._wanted = view
        if self._process is None:
            self._start()
        self._next()

    def close(self) -> None:
        """End the process."""
        self._patience.stop()
        process, self._process = self._process, None
        if process is not None:
            process.finished.disconnect()
            process.errorOccurred.disconnect()
            process.closeWriteChannel()
            if not process.waitForFinished(200):
                process.kill()
                process.waitForFinished(1000)

    def _start(self) -> None:
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        back_end = _BACK_ENDS[self._attempt]
        if back_end:
            environment.insert("VTK_DEFAULT_OPENGL_WINDOW", back_end)
        process.setProcessEnvironment(environment)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        process.finished.connect(self._ended)
        process.errorOccurred.connect(self._ended)
        self._process = process
        process.start(self._command[0], list(self._command[1:]))
        self._patience.start(PATIENCE_MS)

    def _next(self) -> None:
        if self._process is None or self._waiting:
            return
        if not self._scene_sent:
            self._waiting, self._scene_sent = "scene", True
            self._process.write(self._scene)
        elif self._wanted is not None:
            self._waiting, self._asked, self._wanted = "picture", self._wanted, None
            self._process.write(json.dumps({"do": "picture", **_words(self._asked)}).encode() + b"\n")

    def _read(self) -> None:
        if self._process is None:
            return
        self._buffer += self._process.readAllStandardOutput().data()
        while self._waiting:
            end = self._buffer.find(b"\n")
            if end < 0:
                return
            head = json.loads(bytes(self._buffer[:end]))
            size = 3 * head.get("width", 0) * head.get("height", 0)
            if len(self._buffer) < end + 1 + size:
                return
            data = bytes(self._buffer[end + 1 : end + 1 + size])
            del self._buffer[: end + 1 + size]
            self._waiting = ""
            if size and self._asked is not None:
                self._patience.stop()
                width, height = head["width"], head["height"]
                image = QImage(data, width, height, 3 * width, QImage.Format.Format_RGB888).copy()
                self.drawn.emit(image, self._asked)
            self._next()

    def _ended(self, *_: object) -> None:
        """The process is gone or never came: another back end, else the reason."""
        process, self._process = self._process, None
        if process is None:
            return
        process.deleteLater()
        self._buffer.clear()
        self._waiting, self._scene_sent = "", False
        self._attempt += 1
        if self._attempt < len(_BACK_ENDS):
            self._wanted = self._wanted or self._asked
            self._start()
            self._next()
            return
        self._patience.stop()
        self.failed.emit(NO_3D)

    def _give_up(self) -> None:
        self.close()
        self.failed.emit(NO_3D)


def _words(view: View) -> dict[str, object]:
    names = ("centre", "right", "up", "toward", "mm_per_px", "width", "height")
    return {name: getattr(view, name) for name in names}
