"""What the workflow needs of the outside, named as protocols; storage fits them by shape, app.desktop joins them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar

from measure.protocol import Protocol as TrialProtocol
from measure.session import Session

if TYPE_CHECKING:
    from measure.volume import Volume

R = TypeVar("R")
Report = Callable[[int, int], None]
"""Progress of long work: (done, total). It raises to cancel."""


class Unit(Protocol):
    """One transaction of one session (storage.database.unit)."""

    session: Session

    def __enter__(self) -> Self: ...
    def __exit__(self, *error: object) -> None: ...
    def find(self, kind: type[R], /, **equals: object) -> list[R]: ...
    def get(self, kind: type[R], record_id: str) -> R: ...
    def add(self, record: object) -> None: ...
    def add_all(self, records: Sequence[object]) -> None: ...
    def change(self, record: R, **new: object) -> R: ...
    def keep_view(self, record: object) -> None: ...
    def remove(self, kind: type, record_ids: Sequence[str]) -> None: ...
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


class FoundSeries(Protocol):
    """One series of an import, before anything is stored: what it is and what hangs as what (a frozen value)."""

    @property
    def uid(self) -> str: ...
    @property
    def modality(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def slices(self) -> int: ...
    @property
    def spacing_mm(self) -> tuple[float, float, float]: ...
    @property
    def thickness_mm(self) -> str: ...
    @property
    def scan_date(self) -> str: ...
    @property
    def subject_number(self) -> str: ...
    @property
    def measurable(self) -> bool: ...
    @property
    def why_not(self) -> str: ...
    @property
    def defects(self) -> tuple[dict[str, Any], ...]: ...
    @property
    def frame_of_reference(self) -> str: ...
    @property
    def files(self) -> tuple[str, ...]: ...
    @property
    def hang_as(self) -> str: ...
    @property
    def timepoint_tag(self) -> str: ...


class FoundImages(Protocol):
    """What an import found: series, and every file left out with its reason."""

    @property
    def series(self) -> Sequence[FoundSeries]: ...
    @property
    def left_out(self) -> tuple[tuple[str, str], ...]: ...


class StoredSeries(Protocol):
    """One series after it was de-identified and stored: UID, manifest, each file's (UID, old hash, new hash),
    and what it carried that readers must not see, a (kind, words) each, and the UIDs stored anew."""

    @property
    def uid(self) -> str: ...
    @property
    def manifest(self) -> str: ...
    @property
    def images(self) -> tuple[tuple[str, str, str], ...]: ...
    @property
    def blinding(self) -> tuple[tuple[str, str], ...]: ...
    @property
    def new(self) -> tuple[str, ...]: ...


class Images(Protocol):
    """The image store (storage.images) and the readers of DICOM files (storage.dicom)."""

    def look(self, paths: Sequence[Path], report: Report | None = None) -> FoundImages: ...
    def store(
        self,
        series: Any,
        *,
        trial_secret: str,
        subject_key: str,
        pseudonym: str,
        owner: Callable[[str], str] | None = None,
        report: Report | None = None,
    ) -> StoredSeries: ...
    def remove(self, sop_uids: Sequence[str]) -> int: ...
    def about(self, manifest: str) -> Mapping[str, str]: ...
    def open(self, manifest: str, report: Report | None = None) -> Volume: ...


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
