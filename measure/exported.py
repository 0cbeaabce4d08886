"""What an export carries from the workflow to the writer of files: rows by column name, assessments beside them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from measure.criteria.results import ReadAssessment

Row = Mapping[str, str]


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
    """Everything of one trial: reads in a stable order, adjudication rows, what the manifest says."""

    trial: str
    protocol_sha256: str
    blinded: bool
    reads: tuple[ExportedRead, ...]
    adjudication: tuple[Row, ...]
    reader_csv: bool
    facts: Mapping[str, object] = field(default_factory=dict)
