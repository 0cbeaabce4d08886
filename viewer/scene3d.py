"""The process that draws surfaces: the only module that knows VTK, started when a 3-D view is opened.

It runs beside the program (`python -m viewer.scene3d`), because VTK without a usable OpenGL ends its process
without a word: then the view is hidden with a reason and the reading goes on. Drawing there keeps the
windows free, too. Requests come on standard input, pictures go out on standard output; end of input ends it.

A request is one line of JSON and the bytes it announces:
    {"do": "scene", "surfaces": [{"points", "triangles", "colour", "opacity", "coloured"}], "lines": [{"points",
    "colour", "width"}]}, then of each surface float32 points, int64 triangles, uint8 RGB of each point where
    `coloured`, then of each line float32 ends (points x 2 x 3)
    {"do": "picture", "width", "height", "centre", "right", "up", "toward", "mm_per_px"}
The answer to a picture is the line {"width", "height"} and uint8 RGB rows from the top; to a scene {"drawn"}.
"""

from __future__ import annotations

import json
import sys
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

FAR_MM = 4000.0


class Scene:
    """Surfaces and lines in an off-screen window."""

    def __init__(self) -> None:
        import vtkmodules.vtkRenderingOpenGL2  # noqa: F401  registers what draws
        from vtkmodules.vtkCommonCore import vtkObject
        from vtkmodules.vtkRenderingCore import vtkRenderer, vtkRenderWindow

        vtkObject.GlobalWarningDisplayOff()
        self._renderer = vtkRenderer()
        self._renderer.SetBackground(0.0, 0.0, 0.0)
        self._renderer.GetActiveCamera().SetParallelProjection(1)
        self._window = vtkRenderWindow()
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.AddRenderer(self._renderer)
        self._renderer.SetUseFXAA(True)
        self._renderer.SetUseDepthPeeling(True)
        self._renderer.SetMaximumNumberOfPeels(6)

    def show(self, surfaces: list[dict[str, Any]], lines: list[dict[str, Any]]) -> None:
        """Take other surfaces and lines; see the module's text for their fields, arrays included."""
        self._renderer.RemoveAllViewProps()
        for surface in surfaces:
            self._renderer.AddActor(_surface_actor(surface))
        for line in lines:
            self._renderer.AddActor(_line_actor(line))

    def picture(self, asked: dict[str, Any]) -> NDArray[np.uint8]:
        """Draw it, shape (height, width, 3), first row at the top."""
        from vtkmodules.util.numpy_support import vtk_to_numpy
        from vtkmodules.vtkCommonCore import vtkUnsignedCharArray

        width, height = int(asked["width"]), int(asked["height"])
        self._window.SetSize(width, height)
        camera = self._renderer.GetActiveCamera()
        centre = np.asarray(asked["centre"], float)
        camera.SetFocalPoint(*centre)
        camera.SetPosition(*(centre + FAR_MM * np.asarray(asked["toward"], float)))
        camera.SetViewUp(*asked["up"])
        camera.SetParallelScale(0.5 * height * float(asked["mm_per_px"]))
        self._renderer.ResetCameraClippingRange()
        self._window.Render()
        values = vtkUnsignedCharArray()
        self._window.GetPixelData(0, 0, width - 1, height - 1, 1, values, 0)
        found = np.asarray(vtk_to_numpy(values), np.uint8).reshape(height, width, 3)
        return np.ascontiguousarray(found[::-1])


def _surface_actor(surface: dict[str, Any]) -> Any:
    from vtkmodules.util.numpy_support import numpy_to_vtk
    from vtkmodules.vtkFiltersCore import vtkPolyDataNormals
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    data = _polygons(surface["xyz"], surface["corners"])
    if surface["rgb"] is not None:
        colours = numpy_to_vtk(surface["rgb"], deep=1)
        colours.SetName("colours")
        data.GetPointData().SetScalars(colours)
    normals = vtkPolyDataNormals()
    normals.SetInputData(data)
    normals.SplittingOff()
    mapper = vtkPolyDataMapper()
    mapper.SetInputConnection(normals.GetOutputPort())
    mapper.SetScalarVisibility(surface["rgb"] is not None)
    actor = vtkActor()
    actor.SetMapper(mapper)
    look = actor.GetProperty()
    look.SetColor(*surface["colour"])
    look.SetOpacity(surface["opacity"])
    look.SetAmbient(0.25)
    look.SetDiffuse(0.75)
    look.SetSpecular(0.0)
    return actor


def _polygons(points: NDArray[np.float32], corners: NDArray[np.int64]) -> Any:
    from vtkmodules.util.numpy_support import numpy_to_vtk, numpy_to_vtkIdTypeArray
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkPolyData

    places = vtkPoints()
    places.SetData(numpy_to_vtk(points, deep=1))
    cells = vtkCellArray()
    count, size = corners.shape
    ends = np.arange(0, size * (count + 1), size, dtype=np.int64)
    cells.SetData(numpy_to_vtkIdTypeArray(ends, deep=1), numpy_to_vtkIdTypeArray(corners.ravel(), deep=1))
    data = vtkPolyData()
    data.SetPoints(places)
    (data.SetPolys if size > 2 else data.SetLines)(cells)
    return data


def _line_actor(line: dict[str, Any]) -> Any:
    from vtkmodules.vtkRenderingCore import vtkActor, vtkPolyDataMapper

    ends = line["ends"].reshape(-1, 3)
    mapper = vtkPolyDataMapper()
    mapper.SetInputData(_polygons(ends, np.arange(len(ends), dtype=np.int64).reshape(-1, 2)))
    mapper.SetResolveCoincidentTopologyToPolygonOffset()
    mapper.SetRelativeCoincidentTopologyLineOffsetParameters(0.0, -8.0)
    actor = vtkActor()
    actor.SetMapper(mapper)
    look = actor.GetProperty()
    look.SetColor(*line["colour"])
    look.SetLineWidth(line["width"])
    look.LightingOff()
    return actor


def serve(requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until the input ends."""
    scene = Scene()
    while line := requests.readline():
        asked = json.loads(line)
        if asked["do"] == "scene":
            surfaces, lines = _read_scene(asked, requests)
            scene.show(surfaces, lines)
            _answer(answers, {"drawn": len(surfaces)}, b"")
        else:
            picture = scene.picture(asked)
            _answer(answers, {"width": picture.shape[1], "height": picture.shape[0]}, picture.tobytes())


def _read_scene(asked: dict[str, Any], requests: BinaryIO) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    for one in asked["surfaces"]:
        points, triangles = one["points"], one["triangles"]
        one["xyz"] = np.frombuffer(requests.read(12 * points), np.float32).reshape(points, 3)
        one["corners"] = np.frombuffer(requests.read(24 * triangles), np.int64).reshape(triangles, 3)
        one["rgb"] = None
        if one["coloured"]:
            one["rgb"] = np.frombuffer(requests.read(3 * points), np.uint8).reshape(points, 3)
    for one in asked["lines"]:
        one["ends"] = np.frombuffer(requests.read(24 * one["points"]), np.float32).reshape(-1, 2, 3)
    return asked["surfaces"], asked["lines"]


def _answer(answers: BinaryIO, words: dict[str, int], data: bytes) -> None:
    answers.write(json.dumps(words).encode() + b"\n" + data)
    answers.flush()


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
