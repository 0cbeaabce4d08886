"""The image side of the workflow's ports: look at folders, store de-identified, open with every hash verified."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
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
    blinding: tuple[tuple[str, str], ...] = ()
    new: tuple[str, ...] = ()


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
        self,
        series: Found,
        *,
        trial_secret: str,
        subject_key: str,
        pseudonym: str,
        owner: Callable[[str], str] | None = None,
        report: Report | None = None,
    ) -> Kept:
        """De-identify and store one series; returns its manifest and what came and what is kept of each file.

        owner(UID) names the time point that holds an instance (`ImageStore.put`). What a series that fails had
        stored anew is taken away again.
        """
        images: list[tuple[str, str, str]] = []
        carried: set[tuple[str, str]] = set()

        def keep(_: str, original: str, sop_uid: str, stored: str) -> None:
            images.append((sop_uid, original, stored))

        made: list[str] = []
        try:
            manifest = self._store.store_stack(
                series.stack,
                key=bytes.fromhex(trial_secret) if _is_hex(trial_secret) else trial_secret.encode(),
                subject=subject_key,
                pseudonym=pseudonym,
                owner=owner,
                made=made,
                keep=keep,
                note=carried.update,
                report=report,
            )
            blinding = _blinding(series.stack, carried)
        except BaseException:  # refused, cancelled or interrupted: as if it had not begun
            self._store.remove(made)
            raise
        return Kept(manifest.series_uid, manifest.to_json(), tuple(images), blinding, tuple(made))

    def remove(self, sop_uids: Sequence[str]) -> int:
        """Remove stored instances that no time point holds any more."""
        return self._store.remove(sop_uids)

    def about(self, manifest: str) -> Mapping[str, str]:
        """What image checks compare: `kernel`, `coverage_mm` along the slices, `slopes` (how many rescales)."""
        stored = SeriesManifest.from_json(manifest)
        slices = [one.facts for one in stored.slices]
        first, last = slices[0].position, slices[-1].position
        coverage = ""
        if stored.placed and first is not None and last is not None and stored.slice_mm:
            coverage = f"{math.dist(first, last) + stored.slice_mm:.1f}"
        return {
            "kernel": slices[0].kernel.lower(),
            "coverage_mm": coverage,
            "slopes": str(len({(f.slope, f.intercept) for f in slices})),
        }

    def open(self, manifest: str, report: Report | None = None) -> Volume:
        """Open a stored series; a slice whose hash differs is named, black, and a defect."""
        return self._store.open_volume(SeriesManifest.from_json(manifest), report)


def _blinding(stack: Stack, carried: set[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """What came with a series and what became of it, a line each: never a value of the site's."""
    from storage.dicom.carried import DATES, KINDS

    lines: list[tuple[str, str]] = []
    for kind in KINDS:
        names = sorted(name for of, name in carried if of == kind)
        words = "none in the files" if not names else f"{len(names)} in the files, none kept: {_some(names)}"
        if kind == DATES and names:
            words = f"{len(names)} in the files; days shifted, times not kept: {_some(names)}"
        lines.append((kind, words))
    lines.append(("File names", "not kept: images are stored under new UIDs"))
    said = {image.origin.burned_in.upper() or "nothing" for image in stack.images}
    lines.append(("Header on burned-in text", ", ".join(sorted(said)).lower()))
    lines.append(("Text finder", _text_hint(stack)))
    return tuple(lines)


def _some(names: list[str]) -> str:
    return ", ".join(names[:6]) + (", ..." if len(names) > 6 else "")


def _text_hint(stack: Stack) -> str:
    """What the text finder says of the first, the middle and the last slice; a hint, never a clearance."""
    from measure.burned_in import text_places
    from storage.dicom.load import decode_each
    from storage.dicom.slice_names import SliceNames
    from storage.dicom.syntaxes import is_supported

    if not all(is_supported(image.transfer_syntax) for image in stack.images):
        return "the images cannot be opened"
    chosen = sorted({0, len(stack.images) // 2, len(stack.images) - 1})
    got = dict(decode_each([stack.images[k] for k in chosen]))
    planes = {k: got[turn] for turn, k in enumerate(chosen)}
    names = SliceNames.of(stack.images, stack.grid is not None)
    suspect = [k for k, plane in planes.items() if not isinstance(plane, str) and text_places(plane)]
    if suspect:
        return f"may be text in slice {names.listed(suspect)}"
    return "no text found in the first, middle and last slice"


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
