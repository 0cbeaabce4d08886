"""findings.csv and subjects.csv: rows become findings, one reader's read of one subject at a time.

Reads come in the natural order of trial, subject and reader. A file already in that order streams; any other
goes through one sorted temporary file, so memory stays flat and the order of rows never shows in the result.
"""

from __future__ import annotations

import json
import re
import sqlite3
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

from measure.criteria.findings import (
    ABSENT,
    COVERAGES,
    LESION_STATES,
    MEASURED,
    MERGED,
    NODE_NORMAL,
    QUALITIES,
    ROLES,
    TARGET,
    TREATMENTS,
    VISIT,
    VISIT_STATES,
    ContradictoryFinding,
    Finding,
    SubjectFacts,
)
from measure.protocol_keys import near
from measure.refusal import Refused
from measure.values import LONGEST_CREDIBLE_MM
from storage.columns import columns_of
from storage.csv_in import Dates, Decimals, Rows, open_table
from storage.places import shipped

_NODAL = {"yes": True, "no": False}


@cache
def known_organs() -> frozenset[str]:
    """The organs of the shipped vocabulary, by id."""
    tables = tomllib.loads(shipped("vocabularies", "organs.toml").read_text("utf-8"))
    return frozenset(one["id"] for one in tables["organ"])


_DIGITS = re.compile(r"\d+")
ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ReadKey:
    """Whose read it is."""

    trial: str
    subject: str
    reader: str

    @property
    def sort_text(self) -> str:
        """A text that sorts subjects naturally: S2 before S10."""
        joined = f"{self.trial}\x00{self.subject}\x00{self.reader}"
        return _DIGITS.sub(lambda found: found[0].zfill(20), joined) + "\x01" + joined


ReadRows = tuple[ReadKey, list[Finding]]


@contextmanager
def findings_of(
    path: Path, note: Callable[[str], None], report: Callable[[int, int], None] | None = None
) -> Iterator[Iterator[ReadRows]]:
    """The reads of a findings file, one after the other in natural order.

    note: called with one line for columns that nobody knows. report: called with bytes read, bytes in all.
    Raises Refused for the first row that cannot be used.
    """
    listed = columns_of("findings")
    with open_table(path, listed.required, listed.exported) as rows:
        if rows.unknown:
            note(f"{path}: columns kept aside: {', '.join(rows.unknown)}")
        in_order = _is_sorted(path)
        reads = _streamed(rows, rows.cells, note) if in_order else _sorted_reads(rows, note)
        yield reads if report is None else _reported(reads, rows, report)


def _reported(reads: Iterator[ReadRows], rows: Rows, report: Callable[[int, int], None]) -> Iterator[ReadRows]:
    for read in reads:
        report(min(rows.read_so_far(), rows.size - 1), rows.size)
        yield read
    report(rows.size, rows.size)


def _key_places(rows: Rows) -> tuple[int | None, int, int | None]:
    return rows.columns.get("trial"), rows.columns["subject"], rows.columns.get("reader")


def _key(row: list[str], places: tuple[int | None, int, int | None]) -> ReadKey:
    trial, subject, reader = places
    return ReadKey(
        row[trial].strip() if trial is not None else "",
        row[subject].strip(),
        row[reader].strip() if reader is not None else "",
    )


def _is_sorted(path: Path) -> bool:
    """Look through the file once: are its rows in the order of trial, subject and reader?"""
    listed = columns_of("findings")
    with open_table(path, listed.required, listed.exported) as rows:
        places = _key_places(rows)
        trial, subject, reader = places
        last, last_text = None, ""
        for _, row in rows.cells:
            mine = (
                row[trial] if trial is not None else "",
                row[subject],
                row[reader] if reader is not None else "",
            )
            if mine == last:
                continue
            text = _key(row, places).sort_text
            if text < last_text:
                return False
            last, last_text = mine, text
    return True


def _streamed(rows: Rows, cells: Iterator[tuple[int, list[str]]], note: Callable[[str], None]) -> Iterator[ReadRows]:
    parser = _RowParser(rows, note)
    places = _key_places(rows)
    trial, subject, reader = places
    current: ReadKey | None = None
    last: tuple[str, str, str] | None = None
    found: list[Finding] = []
    for line, row in cells:
        mine = (
            row[trial] if trial is not None else "",
            row[subject],
            row[reader] if reader is not None else "",
        )
        if mine != last:
            key = _key(row, places)
            if not key.subject:
                raise rows.refusal(line, "subject", "", "is empty, expected the subject's id")
            if current is not None and key != current:
                yield current, found
                found = []
            current, last = key, mine
        found.append(parser.finding(line, row))
    if current is not None:
        yield current, found


def _sorted_reads(rows: Rows, note: Callable[[str], None]) -> Iterator[ReadRows]:
    """Through one temporary table, sorted by key; within a read the rows keep their order."""
    with tempfile.TemporaryDirectory(prefix="coread-") as folder:
        kept = sqlite3.connect(Path(folder) / "rows.sqlite", isolation_level=None)
        try:
            kept.execute("PRAGMA journal_mode=OFF")
            kept.execute("PRAGMA synchronous=OFF")
            kept.execute("CREATE TABLE kept (key TEXT, line INTEGER, cells TEXT)")
            places = _key_places(rows)
            kept.execute("BEGIN")
            kept.executemany(
                "INSERT INTO kept VALUES (?, ?, ?)",
                ((_key(row, places).sort_text, line, json.dumps(row)) for line, row in rows.cells),
            )
            kept.execute("COMMIT")
            ordered = kept.execute("SELECT line, cells FROM kept ORDER BY key, line")
            yield from _streamed(rows, ((line, json.loads(cells)) for line, cells in ordered), note)
        finally:
            kept.close()


class _RowParser:
    """One row of findings.csv to a Finding; every cell is checked, equal cells are read once."""

    def __init__(self, rows: Rows, note: Callable[[str], None]) -> None:
        self.rows, self.note = rows, note
        self.organs = set(known_organs())
        self.dates, self.decimals = Dates(), Decimals()
        place = rows.columns
        self.timepoint, self.date, self.lesion = place["timepoint"], place["date"], place["lesion"]
        self.role, self.organ, self.nodal = place["role"], place["organ"], place["nodal"]
        self.state, self.diameter = place["state"], place.get("diameter_mm")
        self.more = [
            (name, at)
            for name in (
                "treated",
                "treated_date",
                "slice_thickness_mm",
                "split_from",
                "merged_into",
                "image_quality",
                "non_target_coverage",
                "new_lesion_coverage",
                "reason",
            )
            if (at := place.get(name)) is not None
        ]

    def finding(self, line: int, row: list[str]) -> Finding:
        """The finding of a row; raises Refused."""
        rows = self.rows
        cells = [cell.strip() for cell in row]
        timepoint, role, state = cells[self.timepoint], cells[self.role], cells[self.state]
        label = cells[self.lesion]
        if not timepoint:
            raise rows.refusal(line, "timepoint", "", "is empty, expected the name of the time point")
        if role not in ROLES:
            raise self._word(line, "role", role, ROLES)
        states = VISIT_STATES if role == VISIT else LESION_STATES
        if state not in states:
            raise self._word(line, "state", state, states)
        found = Finding(
            timepoint,
            self.dates(cells[self.date], rows, line, "date"),
            label,
            role,
            state=state,
            line=line,
        )
        if role == VISIT:
            if label:
                raise rows.refusal(line, "lesion", label, "must be empty on a visit row")
        else:
            if not label:
                raise rows.refusal(line, "lesion", "", "is empty, expected the lesion's label")
            nodal = _NODAL.get(cells[self.nodal])
            if nodal is None:
                raise self._word(line, "nodal", cells[self.nodal], tuple(_NODAL))
            found.nodal = nodal
            found.organ = cells[self.organ]
            if not found.organ:
                raise rows.refusal(line, "organ", "", "is empty, expected the organ of the lesion")
            if found.organ not in self.organs:
                self.organs.add(found.organ)
                self.note(f"{rows.name}:{line}: organ: {found.organ}: is not in the vocabulary, taken as written")
            self._diameter(found, "" if self.diameter is None else cells[self.diameter])
        for name, at in self.more:
            if cells[at]:
                self._more(found, name, cells[at])
        return found

    def _word(self, line: int, column: str, value: str, words: tuple[str, ...]) -> Refused:
        if value:
            return self.rows.refusal(
                line, column, value, f"is not known{near(value, words)}, expected one of: {', '.join(words)}"
            )
        return self.rows.refusal(line, column, "", f"is empty, expected one of: {', '.join(words)}")

    def _length(self, line: int, column: str, text: str) -> Decimal | None:
        value = self.decimals(text, self.rows, line, column)
        if value is not None and value > LONGEST_CREDIBLE_MM:
            raise self.rows.refusal(
                line, column, text, f"is too long, expected millimetres up to {LONGEST_CREDIBLE_MM}"
            )
        return value

    def _diameter(self, found: Finding, text: str) -> None:
        value = found.diameter_mm = self._length(found.line, "diameter_mm", text)
        state = found.state
        if value is None:
            if state == MEASURED or (state == NODE_NORMAL and found.role == TARGET):
                raise self.rows.refusal(found.line, "diameter_mm", "", f"is empty, but the state is {state}")
        elif state in (ABSENT, MERGED):
            if value:
                raise self.rows.refusal(
                    found.line,
                    "diameter_mm",
                    text,
                    f"a lesion that is {state} has no diameter, leave it empty",
                )
            found.diameter_mm = None
        elif not value:
            raise self.rows.refusal(
                found.line,
                "diameter_mm",
                text,
                "is not a length; a lesion that has gone has the state absent",
            )

    def _more(self, found: Finding, name: str, text: str) -> None:
        line = found.line
        if name == "treated":
            if text not in TREATMENTS:
                raise self._word(line, name, text, TREATMENTS)
            found.treated = text
        elif name == "treated_date":
            found.treated_date = self.dates(text, self.rows, line, name)
        elif name == "slice_thickness_mm":
            found.slice_thickness_mm = self.decimals(text, self.rows, line, name)
        elif name == "image_quality":
            if text not in QUALITIES:
                raise self._word(line, name, text, QUALITIES)
            found.image_quality = text
        elif name in ("non_target_coverage", "new_lesion_coverage"):
            if text not in COVERAGES:
                raise self._word(line, name, text, COVERAGES)
            setattr(found, name, text)
        else:
            setattr(found, name, text)


def located(path: Path, key: ReadKey, wrong: ContradictoryFinding) -> Refused:
    """A contradiction within a read as a line that names its place."""
    line = f":{wrong.line}" if wrong.line else ""
    reader = f", reader {key.reader}" if key.reader else ""
    return Refused(f"{path}{line}: {wrong.column}: {wrong.value}: {wrong.text} (subject {key.subject}{reader})")


def subject_facts(path: Path, note: Callable[[str], None]) -> dict[str, SubjectFacts]:
    """subjects.csv: dates by subject; an empty cell has the protocol's default."""
    listed = columns_of("subjects")
    facts: dict[str, SubjectFacts] = {}
    with open_table(path, listed.required, listed.exported) as rows:
        if rows.unknown:
            note(f"{path}: columns kept aside: {', '.join(rows.unknown)}")
        dates = Dates()
        for line, row in rows.cells:
            subject = row[rows.columns["subject"]].strip()
            if not subject:
                raise rows.refusal(line, "subject", "", "is empty, expected the subject's id")
            if subject in facts:
                raise rows.refusal(line, "subject", subject, "is there twice, expected one row a subject")
            values = {
                name: dates(row[rows.columns[name]].strip(), rows, line, name)
                for name in listed.columns[1:]
                if name in rows.columns
            }
            facts[subject] = SubjectFacts(**values)
    return facts
