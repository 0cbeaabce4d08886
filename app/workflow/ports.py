"""What the workflow needs of the outside, named as protocols; storage fits them by shape, app.desktop joins them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, Self, TypeVar

from measure.protocol import Protocol as TrialProtocol
from measure.session import Session
from measure.volume import Volume

R = TypeVar("R")
Report = Callable[[int, int], None]
"""Progress of long work: (done, total). It raises to cancel."""


class Unit(Protocol):
    """One transaction of one session (storage.database.unit)."""

    session: Session

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def find(self, kind: type[R], **equals: object) -> list[R]: ...
    def get(self, kind: type[R], record_id: str) -> R: ...
    def add(self, record: object) -> None: ...
    def add_all(self, records: Sequence[object]) -> None: ...
    def change(self, record: R, **new: object) -> R: ...
    def keep_view(self, record: object) -> None: ...
    def audit(
        self,
        action: str,
        about: str,
        which: str,
        *,
        old: object = None,
        new: object = None,
        reason: str = "",
        subject_id: str = "",
        protocol: str = "",
        chain: str | None = None,
    ) -> None: ...
    def now(self) -> str: ...
    def commit(self) -> None: ...
    def audit_rows(
        self, chain: str, *, newest_first: bool = False, limit: int | None = None
    ) -> list[dict[str, Any]]: ...


class Passwords(Protocol):
    """Slow salted hashes (storage.database.passwords)."""

    def hashed(self, password: str) -> str: ...
    def fits(self, stored: str, password: str) -> bool: ...


@dataclass(frozen=True)
class FoundSeries:
    """One series of an import, before anything is stored: what it is and what is proposed because of what."""

    uid: str
    study_uid: str
    modality: str
    name: str
    phase: str
    slices: int
    spacing_mm: tuple[float, float, float]
    thickness_mm: str
    scan_date: str
    subject_number: str
    measurable: bool
    why_not: str
    defects: tuple[dict[str, Any], ...]
    frame_of_reference: str
    files: tuple[str, ...]
    hang_as: str
    timepoint_tag: str = ""


@dataclass(frozen=True)
class FoundImages:
    """What an import found: series, and every file left out with its reason."""

    series: tuple[FoundSeries, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class StoredImage:
    """One image after it was de-identified and stored."""

    sop_uid: str
    sha256_original: str
    sha256_stored: str


@dataclass(frozen=True)
class BlindingReport:
    """What de-identification did to one series: counts, and what a person has to look at."""

    emptied: int
    replaced: int
    burned_in_hint: str = ""


class Images(Protocol):
    """The image store (storage.images) and the readers of DICOM files (storage.dicom)."""

    def look(self, paths: Sequence[Path], report: Report | None = None) -> FoundImages: ...
    def store(
        self, series: FoundSeries, *, trial_secret: str, subject_key: str, report: Report | None = None
    ) -> tuple[str, list[StoredImage], BlindingReport]: ...
    def open(self, series_uid: str, instances: Sequence[tuple[str, str]], report: Report | None = None) -> Volume: ...


@dataclass(frozen=True)
class Ports:
    """All that the workflow is given: units of work, passwords, images, protocol reader, clock, program version."""

    open_unit: Callable[[Session], Unit]
    passwords: Passwords
    images: Images
    read_protocol: Callable[[str, str], TrialProtocol]
    now: Callable[[], datetime]
    program: str
    demo: bool

