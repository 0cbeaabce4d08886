"""CSV read strictly: UTF-8, comma, semicolon or tab, quotes as RFC 4180, ISO dates, decimal point.

What cannot be read is refused as `FILE:LINE: COLUMN: VALUE: what is wrong, what is expected`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from measure.protocol_keys import near
from measure.refusal import Refused

DELIMITERS = (",", ";", "\t")

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DECIMAL = re.compile(r"[0-9]{1,12}(\.[0-9]{1,12})?")
_DECIMAL_COMMA = re.compile(r"[0-9]+,[0-9]+")
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Dates outside are slips of the pen."""
SHOWN = 60
"""Characters of a wrong value that a message repeats."""


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
        shown = value if len(value) <= SHOWN else f"{value[:SHOWN]}..."
        return Refused(f"{self.name}:{line}: {column}: {shown}: {text}")


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
            raise _not_utf8(path) from problem
        if not header.strip():
            raise Refused(f"{path}:1: the file is empty, expected a header with {', '.join(required)}")
        reader = csv.reader(_without_nul(path, opened), delimiter=_delimiter(header), strict=True)
        cells = _numbered(path, reader)
        _, names = next(cells)
        columns, unknown = _header(path, [name.strip() for name in names], required, known)
        body = _same_width(path, cells, names)
        yield Rows(str(path), columns, unknown, body, path.stat().st_size, raw.tell)


def _not_utf8(path: Path) -> Refused:
    """The refusal of a file that is not UTF-8, with the first line that is not."""
    with path.open("rb") as raw:
        for line, text in enumerate(raw, 1):
            try:
                text.decode("utf-8")
            except UnicodeDecodeError:
                return Refused(f"{path}:{line}: the file is not UTF-8, save it as CSV UTF-8")
    return Refused(f"{path}:1: the file is not UTF-8, save it as CSV UTF-8")


def _without_nul(path: Path, lines: Iterable[str]) -> Iterator[str]:
    for line, text in enumerate(lines, 1):
        if "\0" in text:
            raise Refused(f"{path}:{line}: the line holds a NUL character, so this is no text file")
        yield text


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
            raise _not_utf8(path) from problem
        if cells:
            yield line, cells


def _same_width(
    path: Path, cells: Iterator[tuple[int, list[str]]], names: Sequence[str]
) -> Iterator[tuple[int, list[str]]]:
    width = len(names)
    for line, row in cells:
        if not any(row):  # a spreadsheet's empty row
            continue
        if len(row) != width:
            raise _wrong_width(path, line, row, names)
        yield line, row


def _wrong_width(path: Path, line: int, row: list[str], names: Sequence[str]) -> Refused:
    """The refusal of a row that is longer or shorter than the header; a decimal comma is called by its name."""
    for place, name in enumerate(names):
        torn = row[place : place + 2]
        if len(row) == len(names) + 1 and name.endswith("_mm") and all(part.isdecimal() for part in torn):
            whole, rest = torn
            text = f"is not a number, expected a decimal point: {whole}.{rest}"
            return Refused(f"{path}:{line}: {name}: {whole},{rest}: {text}")
    return Refused(f"{path}:{line}: the row has {len(row)} cells, expected {len(names)} as in the header")


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
        read = date.fromisoformat(text) if _DATE.fullmatch(text) else None
    except ValueError:
        return None
    return read if read is not None and FIRST_YEAR <= read.year <= LAST_YEAR else None


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
                raise rows.refusal(line, column, text, _why_no_decimal(text))
            found = self._read[text] = Decimal(text)
        return found


def _why_no_decimal(text: str) -> str:
    if _DECIMAL_COMMA.fullmatch(text):
        return f"is not a number, expected a decimal point: {text.replace(',', '.')}"
    if text[0] == "-" and _DECIMAL.fullmatch(text[1:]):
        return "is negative, expected a decimal number of 0 or more"
    return "is not a number, expected a decimal number with a point, such as 12.5"
