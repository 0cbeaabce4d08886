"""The blinding report of a time point: what came with its images, what readers see, and a person's look at them."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from app.workflow.ports import Ports
from measure.case import ImageCheck, Instance, SeriesRecord, Subject, Timepoint
from measure.session import Session

LOOKED_AT = "Burned-in text"
"""The line of the image check that waits for a person's look at the first, middle and last slice."""
_FOUND = "blinding"


@dataclass(frozen=True)
class BlindingLine:
    """One line of the report: about what, in which series (empty: all), in words, and whether it looks well."""

    about: str
    series: str
    words: str
    good: bool


def blinding_rows(timepoint_id: str, lines: Sequence[tuple[str, str, str]], at: str) -> list[ImageCheck]:
    """The rows that keep what an import found: (series, kind, words) each."""
    return [
        ImageCheck(str(uuid.uuid4()), timepoint_id, f"{_FOUND}: {kind}", words, "found", series, at)
        for series, kind, words in lines
    ]


def is_finding(check: ImageCheck) -> bool:
    """A row of the report, not an answer to a line of the image check."""
    return check.item.startswith(f"{_FOUND}: ")


def text_hints(checks: Sequence[ImageCheck]) -> str:
    """What the text finder and the headers said about burned-in text, all series together."""
    said = [c.found for c in checks if c.item == f"{_FOUND}: Text finder" and not _well(c)]
    header = [c for c in checks if c.item == f"{_FOUND}: Header on burned-in text" and "yes" in c.found.split(", ")]
    words = dict.fromkeys([*said, *("the header says that text is burned in" for _ in header[:1])])
    return "; ".join(words) or "no text found in the first, middle and last slice of each series"


def _well(check: ImageCheck) -> bool:
    return "may be text" not in check.found and "cannot be opened" not in check.found


def blinding_report(ports: Ports, session: Session, timepoint_id: str) -> tuple[BlindingLine, ...]:
    """Everything a reader could see of who, where, when and what was done; the person's look comes last."""
    with ports.open_unit(session) as unit:
        timepoint = unit.get(Timepoint, timepoint_id)
        subject = unit.get(Subject, timepoint.subject_id)
        series = unit.find(SeriesRecord, timepoint_id=timepoint_id)
        images = unit.find(Instance, series_id=[s.id for s in series])
        checks = unit.find(ImageCheck, timepoint_id=timepoint_id)
    changed = sum(i.sha256_original != i.sha256_stored for i in images)
    lines = [
        BlindingLine("Header", "", f"rewritten in {changed} of {len(images)} images", changed == len(images)),
        BlindingLine(
            "Readers see", "", f"{subject.reading_code}, {timepoint.reader_name or 'time point set at release'}", True
        ),
        BlindingLine("Series names", "", "; ".join(s.name for s in series if s.hang_as) or "none hung", True),
        BlindingLine("Integrity", "", f"{len(images)} hashes before and after kept", bool(images)),
    ]
    several = len({c.remark for c in checks if is_finding(c)}) > 1
    lines += [
        BlindingLine(c.item.removeprefix(f"{_FOUND}: "), c.remark if several else "", c.found, _well(c))
        for c in checks
        if is_finding(c)
    ]
    looks = [c for c in checks if c.item == LOOKED_AT]
    said = looks[-1].remark if looks else "nobody has looked at the first, middle and last slice yet"
    lines.append(BlindingLine("Looked at", "", said, bool(looks)))
    return tuple(lines)
