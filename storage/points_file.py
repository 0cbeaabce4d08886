"""Points as CSV: `lesion,x_mm,y_mm,z_mm`, LPS mm; found again with quality, similarity and a note."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from measure.geometry import Point
from measure.refusal import Refused
from measure.register import Found
from storage.csv_in import open_table
from storage.csv_out import csv_files

COLUMNS = ("lesion", "x_mm", "y_mm", "z_mm")
FOUND_COLUMNS = (*COLUMNS, "quality", "similarity", "note")

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?")
_FARTHEST_MM = 10_000.0


def read_points(path: Path) -> list[tuple[str, Point]]:
    """Read lesion names and points. Raises Refused with file, line, column and value."""
    points: list[tuple[str, Point]] = []
    with open_table(path, COLUMNS, COLUMNS) as rows:
        for line, cells in rows.cells:
            x, y, z = (_coordinate(path, line, name, cells[rows.columns[name]].strip()) for name in COLUMNS[1:])
            points.append((cells[rows.columns["lesion"]].strip(), (x, y, z)))
    return points


def _coordinate(path: Path, line: int, column: str, value: str) -> float:
    if _NUMBER.fullmatch(value) and abs(float(value)) <= _FARTHEST_MM:
        return float(value)
    hint = "decimal comma, expected a decimal point" if re.fullmatch(r"[+-]?\d+,\d+", value) else ""
    raise Refused(f"{path}:{line}: {column}: {value}: {hint or 'not a coordinate, expected millimetres'}")


def write_found(path: Path, found: Sequence[tuple[str, Found]]) -> None:
    """Write points found again, in the order given."""
    with csv_files((path, FOUND_COLUMNS)) as (writer,):
        for lesion, one in found:
            place = [f"{value:.2f}" for value in one.point]
            writer.row([lesion, *place, one.quality, f"{one.similarity:.3f}", one.note])
