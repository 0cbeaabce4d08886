"""The read side: what one reader recorded. Findings, marks and forms are versions: added, never changed.

Append-only classes carry `version` (1, 2, ...); the newest of a key counts, and `voided` takes it back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PRIMARY, ADJUDICATION_READ, RE_READ, TRAINING = "primary", "adjudication", "re-read", "training"
OPEN, SIGNED = "open", "signed"


@dataclass(frozen=True)
class Read:
    """One reader's read of one case. An adjudicator's session gets `user_id` and `label` empty."""

    id: str
    subject_id: str
    user_id: str
    label: str
    kind: str = PRIMARY
    version: int = 1
    supersedes_id: str = ""
    state: str = OPEN
    created_at: str = ""


@dataclass(frozen=True)
class ReadTimepoint:
    """One time point of a read: open until signed, then locked for ever."""

    id: str
    read_id: str
    timepoint_id: str
    state: str = OPEN
    opened_at: str = ""
    signed_at: str = ""
    view: dict[str, Any] = field(default_factory=dict)
    response_shown_at: str = ""


@dataclass(frozen=True)
class Lesion:
    """One lesion of a read, by a label that stays: T1, NT1, NL1, R1. One version of its facts.

    `lesion_id` is the identity over time; role, organ, site and nodal may be corrected until baseline is signed.
    """

    id: str
    lesion_id: str
    read_id: str
    read_timepoint_id: str
    version: int
    label: str
    role: str
    organ: str
    site: str
    nodal: bool
    zone_id: str = ""
    split_from: str = ""
    at: str = ""
    voided: bool = False


@dataclass(frozen=True)
class Mark:
    """What was drawn, in patient mm (LPS), on one series; outlines by slice index; values as they were computed.

    proposed: the values offered before a person accepted or changed them, else empty.
    """

    id: str
    read_timepoint_id: str
    series_uid: str
    sop_uid: str
    slice: int
    method: str
    long_axis: list[list[float]]
    short_axis: list[list[float]]
    outlines: dict[str, list[list[list[float]]]] = field(default_factory=dict)
    mask_box: list[int] = field(default_factory=list)
    mask_bits: bytes = b""
    drawn_long_mm: float = 0.0
    drawn_short_mm: float = 0.0
    volume_ml: str = ""
    mean: str = ""
    sd: str = ""
    proposed: dict[str, Any] = field(default_factory=dict)
    at: str = ""


@dataclass(frozen=True)
class Finding:
    """One lesion at one time point, one version. Lengths are exact decimals as text, empty when not measured."""

    id: str
    read_timepoint_id: str
    lesion_id: str
    version: int
    state: str
    diameter_mm: str = ""
    long_axis_mm: str = ""
    short_axis_mm: str = ""
    volume_ml: str = ""
    method: str = ""
    mark_id: str = ""
    treated: str = ""
    merged_into: str = ""
    reason: str = ""
    note: str = ""
    after_response: bool = False
    at: str = ""
    voided: bool = False


@dataclass(frozen=True)
class TimepointForm:
    """Quality, coverage and comment of one time point; answers to warnings; stated responses. One version."""

    id: str
    read_timepoint_id: str
    version: int
    image_quality: str = ""
    quality_reason: str = ""
    non_target_coverage: str = ""
    new_lesion_coverage: str = ""
    comment: str = ""
    warnings: dict[str, Any] = field(default_factory=dict)
    stated: dict[str, Any] = field(default_factory=dict)
    at: str = ""
    voided: bool = False


@dataclass(frozen=True)
class ZoneForm:
    """Form AZ-1: one zone at one time point, one version. answers: the form's fields by name."""

    id: str
    read_timepoint_id: str
    zone_id: str
    version: int
    judgement: str = ""
    certainty: str = ""
    answers: dict[str, Any] = field(default_factory=dict)
    mark_id: str = ""
    judged_after_margin: bool = False
    at: str = ""
    voided: bool = False


@dataclass(frozen=True)
class SlicesSeen:
    """Which slices of a series were painted while a time point was open; bits as hex, first slice highest."""

    id: str
    read_timepoint_id: str
    series_uid: str
    bits: str


@dataclass(frozen=True)
class Signature:
    """Who signed what, when, with which meaning, over which content."""

    id: str
    about: str
    object_id: str
    user_id: str
    printed_name: str
    meaning: str
    at: str
    digest: str
    program: str
    engine: str
    protocol: str


@dataclass(frozen=True)
class ResponseSnapshot:
    """The responses as they stood when a time point was signed; never the source, always derived again."""

    id: str
    read_timepoint_id: str
    rows: list[dict[str, Any]]
    at: str


@dataclass(frozen=True)
class Comparison:
    """The two reads of a case compared on the protocol's variables."""

    id: str
    subject_id: str
    read_1_id: str
    read_2_id: str
    rows: list[dict[str, Any]]
    discordant: bool
    at: str


@dataclass(frozen=True)
class Adjudication:
    """One case before the adjudicator; side A is a read drawn at random and kept."""

    id: str
    subject_id: str
    comparison_id: str
    user_id: str
    side_a_read_id: str
    side_b_read_id: str
    state: str = OPEN
    chosen_read_id: str = ""
    reason_code: str = ""
    reason: str = ""
    signed_at: str = ""


VERSIONED = (Lesion, Finding, TimepointForm, ZoneForm)
