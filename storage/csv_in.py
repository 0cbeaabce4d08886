"""CSV read strictly: UTF-8, comma, semicolon or tab, quotes as RFC 4180, ISO dates, decimal point.

What cannot be read is refused as `FILE:LINE: COLUMN: VALUE: what is wrong, what is expected`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from measure.protocol_keys import near
from measure.refusal import Refused

DELIMITERS = (",", ";", "\t")

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_DECIMAL = re.compile(r"\d{1,12}(\.\d{1,12})?")
_DECIMAL_COMMA = re.compile(r"\d+,\d+")


@dataclass(slots=True)
class Rows:
    """An open table: its columns by place, those nobody knows, its rows as (line, cells); sizes in bytes."""

    name: str
    columns: dict[str, int]
    unknown: tuple[str, ...]
    cells: Iterator[tuple[int, list[str]]]
    size: int = 0
    read_so_far: Callable[[], int] = int

    def refusal(self, line: int, column: str, value: str, text: str) -> Refused:
        """A refusal that names the place."""
        return Refused(f"{self.name}:{line}: {column}: {value}: {text}")


def _delimiter(header: str) -> str:
    """The delimiter found most often in the header, outside quotes."""
    bare = re.sub(r'"[^"]*"', "", header)
    return max(DELIMITERS, key=lambda one: (bare.count(one), -DELIMITERS.index(one)))


@contextmanager
def open_table(path: Path, required: Sequence[str], known: Sequence[str]) -> Iterator[Rows]:
    """Open a CSV file and check its header; required columns must be there, their order is free."""
    try:
        raw = path.open("rb")
    except OSError as problem:
        raise Refused(f"{path}: cannot be read: {problem.strerror}") from problem
    with raw, io.TextIOWrapper(raw, encoding="utf-8-sig", newline="") as opened:
        try:
            header = opened.readline()
            opened.seek(0)
        except UnicodeDecodeError as problem:
            raise _not_utf8(path, 1) from problem
        if not header.strip():
            raise Refused(f"{path}:1: the file is empty, expected a header with {', '.join(required)}")
        reader = csv.reader(opened, delimiter=_delimiter(header), strict=True)
        cells = _numbered(path, reader)
        _, names = next(cells)
        columns, unknown = _header(path, [name.strip() for name in names], required, known)
        body = _same_width(path, cells, len(names))
        yield Rows(str(path), columns, unknown, body, path.stat().st_size, raw.tell)


def _not_utf8(path: Path, line: int) -> Refused:
    return Refused(f"{path}:{line}: the file is not UTF-8, save it as CSV UTF-8")


def _numbered(path: Path, reader: csv._reader) -> Iterator[tuple[int, list[str]]]:  # type: ignore[name-defined]
    """Rows with the number of the line they begin on."""
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            raise Refused(f"{path}:{line}: this row is not CSV: {problem}") from problem
        except UnicodeDecodeError as problem:
            raise _not_utf8(path, line) from problem
        if cells:
            yield line, cells


def _same_width(path: Path, cells: Iterator[tuple[int, list[str]]], width: int) -> Iterator[tuple[int, list[str]]]:
    for line, row in cells:
        if not any(row):  # a spreadsheet's empty row
            continue
        if len(row) != width:
            raise Refused(f"{path}:{line}: the row has {len(row)} cells, expected {width} as in the header")
        yield line, row


def _header(
    path: Path, names: list[str], required: Sequence[str], known: Sequence[str]
) -> tuple[dict[str, int], tuple[str, ...]]:
    columns: dict[str, int] = {}
    unknown = []
    for place, name in enumerate(names):
        if name in columns:
            raise Refused(f"{path}:1: {name}: the column is there twice")
        columns[name] = place
        if name not in known:
            unknown.append(name)
    for name in required:
        if name not in columns:
            hint = near(name, unknown).replace("did you mean", "there is")
            raise Refused(f"{path}:1: {name}: the column is missing{hint}")
    return columns, tuple(unknown)


def _iso_date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None


class Dates:
    """ISO dates; each text is read once."""

    def __init__(self) -> None:
        self._read: dict[str, date] = {}

    def __call__(self, text: str, rows: Rows, line: int, column: str) -> date | None:
        """The date of a cell, None if it is empty."""
        if not text:
            return None
        found = self._read.get(text)
        if found is None:
            found = _iso_date(text)
            if found is None:
                raise rows.refusal(line, column, text, "is not a date, expected ISO such as 2026-03-31")
            self._read[text] = found
        return found


class Decimals:
    """Exact decimals with a point, kept as written; each text is read once."""

    def __init__(self) -> None:
        self._read: dict[str, Decimal] = {}

    def __call__(self, text: str, rows: Rows, line: int, column: str) -> Decimal | None:
        """The decimal of a cell, None if it is empty."""
        if not text:
            return None
        found = self._read.get(text)
        if found is None:
            if not _DECIMAL.fullmatch(text):
                hint = "a decimal number with a point, such as 12.5"
                if _DECIMAL_COMMA.fullmatch(text):
                    hint = f"a decimal point: {text.replace(',', '.')}"
                raise rows.refusal(line, column, text, f"is not a number, expected {hint}")
            found = self._read[text] = Decimal(text)
        return found
