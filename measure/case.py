"""The case side: what the read manager keeps about a subject. Readers' sessions load only part of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

# Time points (reading-room 6).
EXPECTED, RECEIVED, ACCEPTED, QUERIED, REFUSED, RELEASED, MISSED = (
    "expected",
    "received",
    "accepted",
    "queried",
    "refused",
    "released",
    "missed",
)
# Cases (reading-room 6).
READING, CONCORDANT, ADJUDICATION_OPEN, ADJUDICATED = "reading", "concordant", "adjudication open", "adjudicated"
CASE_FINAL = (CONCORDANT, ADJUDICATED)

TREATMENT_OF_TECHNIQUE = {"SBRT": "radiotherapy"}  # every other technique is an ablation (formats: findings.csv)


@dataclass(frozen=True)
class Trial:
    """One trial of the workspace; `secret` keys its de-identification and reading codes."""

    id: str
    name: str
    title: str
    demo: bool
    secret: str
    created_at: str


@dataclass(frozen=True)
class ProtocolVersion:
    """One version of a trial's protocol file, kept whole."""

    id: str
    trial_id: str
    number: int
    text: str
    sha256: str
    created_at: str
    reason: str


@dataclass(frozen=True)
class Subject:
    """One subject. A reader's session gets `number` and `site` empty."""

    id: str
    trial_id: str
    number: str
    site: str
    reading_code: str
    state: str = READING
    created_at: str = ""


@dataclass(frozen=True)
class Timepoint:
    """One visit's images. A reader's session gets `visit` and `scan_date` empty; `day` counts from baseline."""

    id: str
    subject_id: str
    visit: str
    scan_date: str
    state: str
    ordinal: int = -1
    day: int = 0
    reader_name: str = ""
    in_window: str = ""
    remark: str = ""
    received_at: str = ""
    released_at: str = ""


@dataclass(frozen=True)
class SeriesRecord:
    """One stored series. `name` is what readers see: what it is, never the scanner's own words."""

    id: str
    timepoint_id: str
    uid: str
    modality: str
    name: str
    hang_as: str
    slices: int
    spacing_mm: list[float]
    thickness_mm: str
    measurable: bool
    why_not: str = ""
    defects: list[dict[str, Any]] = field(default_factory=list)
    scan_date: str = ""
    frame_of_reference: str = ""
    manifest: str = ""


@dataclass(frozen=True)
class Instance:
    """One stored image of a series, with the hashes of what arrived and of what is kept."""

    id: str
    series_id: str
    sop_uid: str
    position: int
    sha256_original: str
    sha256_stored: str


@dataclass(frozen=True)
class ImageCheck:
    """One answered line of the image check of a time point."""

    id: str
    timepoint_id: str
    item: str
    found: str
    verdict: str
    remark: str
    at: str


@dataclass(frozen=True)
class Procedure:
    """One local treatment of a subject (form AZ-0)."""

    id: str
    subject_id: str
    number: int
    technique: str
    date: str


@dataclass(frozen=True)
class Zone:
    """One treated place. A reader's session gets `procedure_id` empty and sees it only once imaged after treatment.

    place: LPS mm in the series `series_uid` (the scan before treatment). first_timepoint_id: the first time point
    scanned on or after the procedure; empty while there is none.
    """

    id: str
    subject_id: str
    label: str
    organ: str
    site: str
    place: list[float]
    series_uid: str
    procedure_id: str
    counts_as_treated: bool
    first_timepoint_id: str = ""


@dataclass(frozen=True)
class Assignment:
    """Who reads a case under which label (R1, R2, ADJ)."""

    id: str
    subject_id: str
    user_id: str
    label: str
    active: bool
    at: str
    order_key: str = ""
    due_date: str = ""


@dataclass(frozen=True)
class ImportTable:
    """One table of clinical facts, kept as it came; never loaded in a reader's session."""

    id: str
    trial_id: str
    name: str
    text: str
    sha256: str
    at: str


@dataclass(frozen=True)
class User:
    """One account; disabled, never deleted."""

    id: str
    name: str
    printed_name: str
    password_hash: str
    disabled: bool = False
    failed: int = 0
    locked: bool = False
    next_try_at: str = ""
    created_at: str = ""


@dataclass(frozen=True)
class RoleGrant:
    """One role of one user, in a trial or (administrator) in the workspace: then trial_id is empty."""

    id: str
    user_id: str
    trial_id: str
    role: str


@dataclass(frozen=True)
class Query:
    """A question between roles about a time point or a read."""

    id: str
    subject_id: str
    timepoint_id: str
    about: str
    text: str
    to_user_id: str
    opened_by: str
    opened_at: str
    state: str = "open"
    answer: str = ""
    answered_at: str = ""


@dataclass(frozen=True)
class Correction:
    """A request to reopen a signed time point, approved or refused by another person."""

    id: str
    read_timepoint_id: str
    asked_by: str
    asked_at: str
    category: str
    reason: str
    state: str = "requested"
    decided_by: str = ""
    decided_at: str = ""
    decision_reason: str = ""


@dataclass(frozen=True)
class ExportRecord:
    """One export that was written, with its manifest."""

    id: str
    trial_id: str
    at: str
    by: str
    blinded: bool
    manifest: dict[str, Any]
