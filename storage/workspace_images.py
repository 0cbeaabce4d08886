"""The image side of the workflow's ports: look at folders, store de-identified, open with every hash verified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure.volume import Volume
from storage.dicom.stack import Stack
from storage.images import ImageStore, SeriesManifest

Report = Any


@dataclass(frozen=True)
class Found:
    """One series found, with the stack it will be stored from (shape of app.workflow.ports.FoundSeries)."""

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
    timepoint_tag: str
    stack: Stack


@dataclass(frozen=True)
class FoundAll:
    """What a look found (shape of app.workflow.ports.FoundImages)."""

    series: tuple[Found, ...]
    left_out: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Kept:
    """One stored series (shape of app.workflow.ports.StoredSeries)."""

    uid: str
    manifest: str
    images: tuple[tuple[str, str, str], ...]


class WorkspaceImages:
    """Reads DICOM folders and keeps the workspace's image store."""

    def __init__(self, workspace: Path) -> None:
        self._store = ImageStore(workspace)

    def look(self, paths: Sequence[Path], report: Report | None = None) -> FoundAll:
        """Headers only; series that may carry burned-in text or are no images for reading are left out by name."""
        from storage.dicom.describe import why_hidden
        from storage.dicom.load import scan

        found = scan([str(path) for path in paths], report)
        left_out = [(one.path, one.reason) for one in found.left_out]
        series: list[Found] = []
        for stack in found.stacks:
            hidden = why_hidden(stack)
            if hidden or stack.kind == "localizer":
                reason = hidden or "a localizer, not for reading"
                left_out += [(image.path, reason) for image in stack.images]
            else:
                series.append(_found(stack))
        return FoundAll(_hung(series), tuple(left_out))

    def store(
        self, series: Found, *, trial_secret: str, subject_key: str, pseudonym: str, report: Report | None = None
    ) -> Kept:
        """De-identify and store one series; returns its manifest and what came and what is kept of each file."""
        images: list[tuple[str, str, str]] = []

        def keep(_: str, original: str, sop_uid: str, stored: str) -> None:
            images.append((sop_uid, original, stored))

        manifest = self._store.store_stack(
            series.stack,
            key=bytes.fromhex(trial_secret) if _is_hex(trial_secret) else trial_secret.encode(),
            subject=subject_key,
            pseudonym=pseudonym,
            keep=keep,
            report=report,
        )
        return Kept(manifest.series_uid, manifest.to_json(), tuple(images))

    def open(self, manifest: str, report: Report | None = None) -> Volume:
        """Open a stored series; a slice whose hash differs is named, black, and a defect."""
        return self._store.open_volume(SeriesManifest.from_json(manifest), report)


def _is_hex(text: str) -> bool:
    return len(text) % 2 == 0 and all(ch in "0123456789abcdef" for ch in text)


def _found(stack: Stack) -> Found:
    from storage.dicom.describe import proposal, series_name

    first = stack.images[0]
    said = proposal(stack)
    row_mm, column_mm = first.spacing_mm or (0.0, 0.0)
    words = series_name(stack)
    thickness = words.thickness_mm
    kind = " ".join(w for w in (words.modality, words.weighting, words.phase) if w and w != "unknown")
    step = stack.slice_mm or 0.0
    name = f"{kind} · {max(step, thickness or 0.0):.1f} mm" if step or thickness else kind
    larger = max(round(step, 3), thickness or 0.0)  # R11-01: the larger of thickness and distance counts
    return Found(
        uid=stack.series_uid,
        study_uid=first.study_uid,
        modality=stack.modality,
        name=name,
        phase=words.phase,
        slices=len(stack.images),
        spacing_mm=(float(column_mm), float(row_mm), float(step)),
        thickness_mm=f"{larger:g}" if larger else "",
        scan_date=said.scan_date.isoformat() if said.scan_date else "",
        subject_number=said.subject or "",
        measurable=stack.measurable,
        why_not=stack.why_not or "",
        defects=tuple({"code": d.code, "text": d.text, "slices": list(d.slices)} for d in stack.defects),
        frame_of_reference=first.frame_of_reference,
        files=tuple(dict.fromkeys(image.path for image in stack.images)),
        hang_as="",
        timepoint_tag=said.timepoint or "",
        stack=stack,
    )


def _hung(series: list[Found]) -> tuple[Found, ...]:
    """Propose what hangs as main: a portal venous (or the only) regular series; the rest is up to a person."""
    from dataclasses import replace

    groups: dict[tuple[str, str], list[Found]] = {}
    for one in series:
        groups.setdefault((one.subject_number, one.scan_date), []).append(one)
    hung: list[Found] = []
    for group in groups.values():
        best = max(
            group, key=lambda s: (s.measurable, s.modality in ("CT", "MR"), s.phase == "portal venous", s.slices)
        )
        hung += [replace(one, hang_as="main" if one is best else "") for one in group]
    return tuple(hung)
