"""The workspace's image store: de-identified instances by UID, written whole or not at all, verified before
shown.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from measure.refusal import Refused
from measure.volume import Defect, Volume
from storage.atomic import refused_write, write_beside
from storage.dicom.facts import ImageFacts, LeftOut, Origin
from storage.dicom.slice_names import SliceNames
from storage.dicom.stack import Stack

Report = Callable[[int, int], None]
_READERS = 2
_LEFTOVER_AGE_S = 3600.0


@dataclass(frozen=True, slots=True)
class StoredImage:
    """What a put did: UID, SHA-256 of the stored bytes, place relative to the store, and whether it was
    new.
    """

    sop_uid: str
    sha256: str
    place: str
    new: bool


@dataclass(frozen=True)
class StoredSlice:
    """One slice of a stored series: the facts of the stored image (place relative to the store) and its
    SHA-256.
    """

    facts: ImageFacts
    sha256: str


@dataclass(frozen=True)
class SeriesManifest:
    """A stored stack: its slices in order, and what was found when it was assembled from the originals.

    Holds nothing of the sending site but geometry and acquisition physics; `to_json` is what the database
    keeps.
    """

    series_uid: str
    kind: str
    slices: tuple[StoredSlice, ...]
    defects: tuple[Defect, ...]
    measurable: bool
    in_plane_measurable: bool
    why_not: str | None
    missing_after: tuple[int, ...]
    slice_mm: float | None
    placed: bool
    """Position and orientation in the patient are known."""

    def to_json(self) -> str:
        """The manifest as JSON with stable order."""
        plain = asdict(self)
        for one in plain["slices"]:
            one["facts"].pop("origin")
        return json.dumps(plain, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> SeriesManifest:
        """The manifest again; raises ValueError or KeyError for what `to_json` did not write."""
        plain = json.loads(text)
        slices = tuple(StoredSlice(_facts_again(one["facts"]), one["sha256"]) for one in plain.pop("slices"))
        defects = tuple(Defect(d["code"], d["text"], tuple(d["slices"])) for d in plain.pop("defects"))
        missing = tuple(plain.pop("missing_after"))
        return cls(slices=slices, defects=defects, missing_after=missing, **plain)


def _facts_again(plain: dict[str, Any]) -> ImageFacts:
    for name in ("image_type", "spacing_mm", "position", "row_axis", "column_axis", "time_order", "part_of"):
        if plain.get(name) is not None:
            plain[name] = tuple(plain[name])
    plain["distinctions"] = tuple((name, value) for name, value in plain["distinctions"])
    return ImageFacts(**plain)


class ImageStore:
    """Instances below `images/` of a workspace."""

    def __init__(self, workspace: str | Path) -> None:
        self.folder = Path(workspace) / "images"

    def place_of(self, sop_uid: str) -> str:
        """Where an instance lies, relative to the store; raises Refused for what is no UID."""
        if not sop_uid or len(sop_uid) > 64 or not all(ch.isdigit() or ch == "." for ch in sop_uid):
            raise Refused(f"{sop_uid!r} is not an instance UID")
        return f"{hashlib.sha256(sop_uid.encode()).hexdigest()[:2]}/{sop_uid}.dcm"

    def put(self, sop_uid: str, content: bytes, owner: Callable[[str], str] | None = None) -> StoredImage:
        """Store one instance. The same bytes again change nothing; other bytes under the same UID are
        refused, saying whose they are.

        owner(UID) names the time point that holds the stored instance, or is empty where none does: then it was
        left by an import that did not end, and is replaced.

        Raises Refused, with nothing half-written left, when the disk is full or read-only.
        """
        place = self.place_of(sop_uid)
        path = self.folder / place
        digest = hashlib.sha256(content).hexdigest()
        if path.exists():
            if _digest(path) == digest:
                return StoredImage(sop_uid, digest, place, False)
            holder = "another time point" if owner is None else owner(sop_uid)
            if holder:
                raise Refused(
                    f"images of this series are stored already under {holder}, with other content. Where that was "
                    "the wrong place, withdraw them there (before their release) and import again; nothing was changed"
                )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise refused_write(path.parent, problem) from problem
        write_beside(path, content)
        return StoredImage(sop_uid, digest, place, True)

    def verified(self, sop_uid: str, sha256: str) -> bytes:
        """The bytes of one instance; raises Refused when they are gone or changed."""
        path = self.folder / self.place_of(sop_uid)
        try:
            content = path.read_bytes()
        except OSError as problem:
            raise Refused(f"instance {sop_uid} cannot be read: {problem.strerror}") from problem
        if hashlib.sha256(content).hexdigest() != sha256:
            raise Refused(f"instance {sop_uid} was changed after it was stored")
        return content

    def remove(self, sop_uids: Iterable[str]) -> int:
        """Remove instances that no time point holds any more; returns how many were there."""
        removed = 0
        for sop_uid in sop_uids:
            with suppress(FileNotFoundError):
                (self.folder / self.place_of(sop_uid)).unlink()
                removed += 1
        return removed

    def sweep(self, older_than_s: float = _LEFTOVER_AGE_S) -> int:
        """Remove what an interrupted write left beside its place; returns how many."""
        removed = 0
        now = time.time()
        for part in self.folder.glob("??/.*.part"):
            with suppress(OSError):
                if now - part.stat().st_mtime >= older_than_s:
                    part.unlink()
                    removed += 1
        return removed

    def store_stack(
        self,
        stack: Stack,
        *,
        key: bytes,
        subject: str,
        pseudonym: str | None = None,
        owner: Callable[[str], str] | None = None,
        made: list[str] | None = None,
        keep: Callable[[str, str, str, str], None] | None = None,
        note: Callable[[frozenset[tuple[str, str]]], None] | None = None,
        report: Report | None = None,
    ) -> SeriesManifest:
        """De-identify and store every image of a stack; returns the manifest of what is stored.

        Compressed frames are decoded once by two decoders; a slice they do not agree on is a `corrupt` defect,
        will be shown black, and the series is not measurable.

        made takes the UIDs that were not in the store before, as they come: what to take away when the import does
        not end. keep(path, SHA-256 of the original, stored UID, SHA-256 of the stored bytes) is called once a file:
        the caller's record of what came; note(kinds and attributes that the file carried and the copy does not),
        too. Raises Refused at the first file that cannot be de-identified or
        stored; instances stored before stay, they are whole and will be recognised next time.
        """
        from storage.dicom.deidentify import deidentified
        from storage.dicom.header import read_images

        facts_of: dict[tuple[str, int], StoredSlice] = {}
        paths = list(dict.fromkeys(image.path for image in stack.images))
        for done, path in enumerate(paths):
            if report is not None:
                report(done, len(paths))
            copy = deidentified(path, key=key, subject=subject, pseudonym=pseudonym)
            stored = self.put(copy.sop_uid, copy.content, owner)
            if stored.new and made is not None:
                made.append(stored.sop_uid)
            if keep is not None:
                keep(path, copy.original_sha256, copy.sop_uid, copy.stored_sha256)
            if note is not None:
                note(copy.carried)
            again = read_images(self.folder / stored.place)
            if isinstance(again, LeftOut):
                raise Refused(f"{path}: the stored copy cannot be read: {again.reason}")
            for facts in again:
                own = replace(facts, path=stored.place, origin=Origin())
                facts_of[(path, facts.frame)] = StoredSlice(own, stored.sha256)
        if report is not None:
            report(len(paths), len(paths))
        damaged = _damaged_streams(stack)
        why = "; ".join(text for text in (stack.why_not, *(defect.text for defect in damaged)) if text)
        slices = tuple(facts_of[(image.path, image.frame)] for image in stack.images)
        return SeriesManifest(
            series_uid=slices[0].facts.series_uid,
            kind=stack.kind,
            slices=slices,
            defects=(*stack.defects, *damaged),
            measurable=stack.measurable and not damaged,
            in_plane_measurable=stack.in_plane_measurable,
            why_not=why or None,
            missing_after=stack.missing_after,
            slice_mm=stack.slice_mm,
            placed=stack.grid is not None,
        )

    def open_volume(self, manifest: SeriesManifest, report: Report | None = None) -> Volume:
        """Open a stored series; every slice's SHA-256 is checked before it is shown.

        A damaged or missing slice is named, black, and a `corrupt` defect; the others are shown. Raises
        Refused when not one slice is sound.
        """
        from storage.dicom.defects import grid_of
        from storage.dicom.load import load_stack

        known = [d for d in manifest.defects if d.code == "corrupt" and d.slices]
        broken = {k: defect.text for defect in known for k in defect.slices} | dict(self._damaged(manifest))
        images = tuple(replace(one.facts, path=str(self.folder / one.facts.path)) for one in manifest.slices)
        stack = Stack(
            images=images,
            kind=manifest.kind,
            grid=grid_of(images) if manifest.placed else None,
            slice_mm=manifest.slice_mm,
            defects=tuple(d for d in manifest.defects if d not in known),
            measurable=manifest.measurable,
            in_plane_measurable=manifest.in_plane_measurable,
            why_not=manifest.why_not,
            missing_after=manifest.missing_after,
        )
        return load_stack(stack, report, broken)

    def _damaged(self, manifest: SeriesManifest) -> Iterator[tuple[int, str]]:
        """Slice index and reason for every slice whose file is gone or changed."""
        expected: Mapping[str, str] = {one.facts.path: one.sha256 for one in manifest.slices}
        places = list(expected)
        with ThreadPoolExecutor(_READERS) as readers:
            digests = dict(zip(places, readers.map(self._digest_or_none, places), strict=True))
        names = SliceNames.of([one.facts for one in manifest.slices], manifest.placed)
        for k, one in enumerate(manifest.slices):
            found = digests[one.facts.path]
            if found is None:
                yield k, f"slice {names.number(k)} is missing from the store"
            elif found != one.sha256:
                yield k, f"slice {names.number(k)} was changed after it was stored"

    def _digest_or_none(self, place: str) -> str | None:
        try:
            return _digest(self.folder / place)
        except OSError:
            return None


def _damaged_streams(stack: Stack) -> list[Defect]:
    """The slices whose code streams two decoders do not agree on, as a defect; none for native pixels."""
    from storage.dicom.second_decoder import decoded_twice
    from storage.dicom.syntaxes import SYNTAXES
    from storage.dicom.workers import decode_all

    compressed = [
        k for k, image in enumerate(stack.images) if SYNTAXES.get(image.transfer_syntax, ("", "native"))[1] != "native"
    ]
    images = [stack.images[k] for k in compressed]
    damaged = sorted(compressed[k] for k, got in decode_all(images, work=decoded_twice) if isinstance(got, str))
    if not damaged:
        return []
    named = SliceNames.of(stack.images, stack.grid is not None).listed(damaged)
    return [
        Defect("corrupt", f"{len(damaged)} slice(s) with damaged code streams, shown black: {named}", tuple(damaged))
    ]


def _digest(path: Path) -> str:
    with path.open("rb", buffering=0) as opened:
        size = os.fstat(opened.fileno()).st_size
        if size < 1 << 26:
            return hashlib.sha256(opened.read()).hexdigest()
        return hashlib.file_digest(opened, "sha256").hexdigest()
