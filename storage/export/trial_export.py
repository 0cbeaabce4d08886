"""The export of one trial: five CSVs, one per reader where asked, what was superseded apart, and a manifest."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from measure.exported import DAY_ZERO, ExportedRead, ExportedTrial, Row
from measure.refusal import Refused
from storage.atomic import refused_write, write_beside
from storage.columns import ColumnList, columns_of
from storage.csv_out import csv_text
from storage.findings_file import ReadKey
from storage.response_rows import best_cells, response_cells

DATED_BEST = (
    "best_date",
    "confirmation_date",
    "response_start_date",
    "response_end_date",
    "stable_start_date",
    "stable_end_date",
    "progression_date",
)
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
READER_FILES = ("findings", "responses", "best", "ablation")


def write_trial(trial: ExportedTrial, folder: Path) -> dict[str, Any]:
    """Write all files of an export into a folder; returns the manifest."""
    tables = _tables(trial, trial.reads)
    files = {f"{name}.csv": (columns_of(name), rows) for name, rows in tables.items()}
    files["adjudication.csv"] = (columns_of("adjudication"), _cells("adjudication", trial.adjudication))
    if trial.reader_csv:
        for label in sorted({read.reader for read in trial.reads}):
            for name in READER_FILES:
                columns = columns_of(name)
                at = columns.exported.index("reader")
                files[f"{name}_{label}.csv"] = (columns, [row for row in tables[name] if row[at] == label])
    for name, rows in _tables(trial, trial.history).items():
        files[f"{name}_history.csv"] = (columns_of(name), rows)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise refused_write(folder, problem) from problem
    written: dict[str, dict[str, object]] = {}
    for name, (columns, rows) in files.items():
        content = csv_text(columns.exported, rows).encode()
        write_beside(folder / name, content)
        written[name] = {"rows": len(rows), "sha256": hashlib.sha256(content).hexdigest()}
    manifest = {**trial.facts, "files": written}
    text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    write_beside(folder / "manifest.json", text.encode())
    return manifest


def _tables(trial: ExportedTrial, reads: Sequence[ExportedRead]) -> dict[str, list[list[str]]]:
    """The rows of each table of READER_FILES for some reads."""
    return {
        "findings": _cells("findings", [row for read in reads for row in read.findings]),
        "responses": [cells for read in reads for cells in _responses(trial, read)],
        "best": [cells for read in reads for cells in _best(trial, read)],
        "ablation": _cells("ablation", [row for read in reads for row in read.ablation]),
    }


def _cells(name: str, rows: Sequence[Row]) -> list[list[str]]:
    columns = columns_of(name).exported
    return [[row.get(column, "") for column in columns] for row in rows]


def _key(read: ExportedRead) -> ReadKey:
    return ReadKey(read.trial, read.subject, read.reader)


def _right(columns: ColumnList, right: Row) -> list[str]:
    return [right.get(name, "") for name in columns.right]


def _blank(columns: ColumnList, cells: list[str], names: Sequence[str]) -> list[str]:
    for name in names:
        cells[columns.columns.index(name)] = ""
    return cells


def _responses(trial: ExportedTrial, read: ExportedRead) -> list[list[str]]:
    columns = columns_of("responses")
    rows = []
    for one in read.assessment.criteria:
        for point in one.timepoints:
            cells = response_cells(_key(read), one, point, trial.protocol_sha256)
            overall, reason = read.stated.get((point.timepoint, one.criterion), ("", ""))
            cells[columns.columns.index("stated_overall")] = overall
            cells[columns.columns.index("stated_reason")] = reason
            if trial.blinded:
                cells = _blank(columns, cells, ("date",))
                at = columns.columns.index("explanation")
                cells[at] = in_days(cells[at])
            rows.append(cells + _right(columns, read.right.get(point.timepoint, read.right[""])))
    return rows


def _best(trial: ExportedTrial, read: ExportedRead) -> list[list[str]]:
    columns = columns_of("best")
    rows = []
    for one in read.assessment.criteria:
        cells = best_cells(_key(read), one, trial.protocol_sha256)
        if trial.blinded:
            cells = _blank(columns, cells, DATED_BEST)
            at = columns.columns.index("explanation")
            cells[at] = in_days(cells[at])
        rows.append(cells + _right(columns, read.right[""]))
    return rows


def in_days(text: str) -> str:
    """A sentence with its (stand-in) dates as days from the baseline scan."""
    return _DATE.sub(lambda found: f"day {(date.fromisoformat(found[0]) - DAY_ZERO).days}", text)


def check_folder(folder: Path) -> None:
    """Refuse a place that cannot take the files before the work begins."""
    if folder.exists() and not folder.is_dir():
        raise Refused(f"{folder} is a file. Name a folder for the export.")


def manifest_rows(manifest: Mapping[str, Any]) -> list[tuple[str, int, str]]:
    """(file, rows, hash) of a manifest, for showing."""
    return [(name, int(f["rows"]), str(f["sha256"])) for name, f in sorted(manifest["files"].items())]
