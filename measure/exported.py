"""What an export carries from the workflow to the writer of files: rows by column name, assessments beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from measure.criteria.results import ReadAssessment

Row = Mapping[str, str]
DAY_ZERO = date(2000, 1, 1)
"""The stand-in date of the baseline scan where true dates are not loaded: only the days between scans are true."""


@dataclass(frozen=True)
class ExportedRead:
    """One read of one subject as it leaves the program.

    findings: rows of findings.csv by column. right: the right-hand columns of each time point by its exported name,
    and of the whole read under "". stated: (time point, criterion) to (overall, reason). ablation: rows.
    """

    trial: str
    subject: str
    reader: str
    findings: tuple[Row, ...]
    assessment: ReadAssessment
    right: Mapping[str, Row]
    stated: Mapping[tuple[str, str], tuple[str, str]]
    ablation: tuple[Row, ...]


@dataclass(frozen=True)
class ExportedTrial:
    """Everything of one trial: reads in a stable order, adjudication rows, what the manifest says.

    history: superseded versions, re-reads and training reads; never part of the tables that count.
    """

    trial: str
    protocol_sha256: str
    blinded: bool
    reads: tuple[ExportedRead, ...]
    adjudication: tuple[Row, ...]
    reader_csv: bool
    facts: Mapping[str, object] = field(default_factory=dict)
    history: tuple[ExportedRead, ...] = ()
