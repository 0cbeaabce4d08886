"""What the charter asks of the images of a time point, and how they compare with the subject's earlier ones.

CR-11: thickness, kernel, phase, modality and coverage beside the protocol's limits and beside the baseline and the
scan before; CR-17: the window of the visit; `baseline.*`: how old the baseline may be. Each check is a value.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from measure.case import ImportTable, Procedure, SeriesRecord, Timepoint
from measure.protocol import Protocol
from measure.visits import in_window, planned_date

SHORTER = 0.9
"""Coverage below this share of an earlier scan's is a change."""
_COLUMN = {"registration": "registration_date", "treatment_start": "treatment_start"}
_EVENT = {"registration": "registration", "treatment_start": "treatment start", "procedure": "the first procedure"}


@dataclass(frozen=True)
class CheckItem:
    """One line of the image check: what was found and whether a person has to answer it."""

    item: str
    found: str
    needs_answer: bool
    answer: str = ""


@dataclass(frozen=True)
class Hung:
    """The main series of one time point, with what its manifest knows (`Images.about`)."""

    name: str
    series: SeriesRecord
    about: Mapping[str, str]

    @property
    def phase(self) -> str:
        """Modality and phase as readers see them."""
        return self.series.name.split(" · ", maxsplit=1)[0]


def series_checks(protocol: Protocol, now: Hung, earlier: Sequence[Hung]) -> list[CheckItem]:
    """Modality, thickness, geometry, phase, kernel and coverage; `earlier` are the baseline and the scan before."""
    main = now.series
    thickness = Decimal(main.thickness_mm or "0")
    thicker = [e for e in earlier if e.series.thickness_mm != main.thickness_mm]
    other = [e for e in earlier if e.series.modality != main.modality]
    gaps = "; ".join(str(d["text"]) for d in main.defects)
    items = [
        CheckItem(
            "Modality",
            _beside(main.modality, [(e.name, e.series.modality) for e in other]),
            main.modality not in protocol.qc.modalities or bool(other),
        ),
        CheckItem(
            "Slice thickness",
            _beside(f"{main.thickness_mm or 'unknown'} mm", [(e.name, f"{e.series.thickness_mm} mm") for e in thicker]),
            bool(thicker) or not thickness or thickness > protocol.qc.max_slice_mm,
        ),
        CheckItem("Geometry", gaps or f"even, {main.slices} slices", not main.measurable or bool(main.defects)),
        _phase(protocol, now, earlier),
    ]
    kernel = _same("Kernel", now, earlier, "kernel")
    return [*items, *kernel, *_coverage(now, earlier), *_slopes(now)]


def _beside(words: str, others: Sequence[tuple[str, str]]) -> str:
    return ", ".join([words, *(f"{name} {value}" for name, value in others)])


def _phase(protocol: Protocol, now: Hung, earlier: Sequence[Hung]) -> CheckItem:
    other = [e for e in earlier if e.phase != now.phase]
    wanted = protocol.qc.phases
    wrong = bool(wanted) and not any(phase.lower() in now.phase.lower() for phase in wanted)
    words = _beside(now.phase, [(e.name, e.phase) for e in other])
    return CheckItem(
        "Phase", words + (f", the protocol asks for {' or '.join(wanted)}" if wrong else ""), wrong or bool(other)
    )


def _same(item: str, now: Hung, earlier: Sequence[Hung], key: str) -> list[CheckItem]:
    value = now.about.get(key, "")
    known = [e for e in earlier if e.about.get(key)]
    other = [e for e in known if e.about[key] != value]
    if not value:
        return []
    return [CheckItem(item, _beside(value, [(e.name, e.about[key]) for e in other]), bool(other))]


def _coverage(now: Hung, earlier: Sequence[Hung]) -> list[CheckItem]:
    """Millimetres covered along the slices: less than before may leave lesions out."""
    value = now.about.get("coverage_mm", "")
    if not value:
        return []
    less = [e for e in earlier if float(value) < SHORTER * float(e.about.get("coverage_mm") or 0)]
    words = _beside(f"{float(value):.0f} mm", [(e.name, f"{float(e.about['coverage_mm']):.0f} mm") for e in less])
    return [CheckItem("Coverage", words, bool(less))]


def _slopes(now: Hung) -> list[CheckItem]:
    if now.series.modality != "CT" or now.about.get("slopes", "1") == "1":
        return []
    return [CheckItem("Rescale", f"{now.about['slopes']} different rescales in one CT series", True)]


def window_check(protocol: Protocol, timepoint: Timepoint, earlier: Sequence[Timepoint]) -> CheckItem:
    """The scan's distance from the planned day of its visit."""
    if timepoint.visit == protocol.baseline.timepoint or not earlier:
        return CheckItem("Visit window", "baseline", False)
    planned = next((v for v in protocol.visit_list if v.id == timepoint.visit), None)
    if planned is None:
        return CheckItem("Visit window", "unscheduled", True)
    anchor = date.fromisoformat(min(t.scan_date for t in earlier))
    off = (date.fromisoformat(timepoint.scan_date) - planned_date(anchor, planned)).days
    allowed = f"−{protocol.visits.before_days} to +{protocol.visits.after_days}"
    return CheckItem("Visit window", f"{off:+d} days, window {allowed}", not in_window(protocol, off))


def baseline_check(
    protocol: Protocol,
    timepoint: Timepoint,
    number: str,
    procedures: Sequence[Procedure],
    tables: Sequence[ImportTable],
) -> list[CheckItem]:
    """Whether the baseline lies before its event and not too long before (`baseline.before`, `baseline.max_days`)."""
    if timepoint.visit != protocol.baseline.timepoint or not protocol.baseline.before:
        return []
    event = _EVENT[protocol.baseline.before]
    happened = _event_date(protocol, number, procedures, tables)
    if happened is None:
        return [CheckItem("Baseline window", f"the date of {event} is not known", False)]
    days = (happened - date.fromisoformat(timepoint.scan_date)).days
    most = protocol.baseline.max_days
    if days < 0:
        return [CheckItem("Baseline window", f"{-days} days after {event}", True)]
    allowed = f", at most {most} allowed" if most else ""
    return [CheckItem("Baseline window", f"{days} days before {event}{allowed}", bool(most) and days > most)]


def _event_date(
    protocol: Protocol, number: str, procedures: Sequence[Procedure], tables: Sequence[ImportTable]
) -> date | None:
    if protocol.baseline.before == "procedure":
        return min((date.fromisoformat(p.date) for p in procedures if p.date), default=None)
    newest = sorted((t for t in tables if t.name == "patients"), key=lambda t: t.at)
    if not newest:
        return None
    for row in csv.DictReader(newest[-1].text.splitlines()):
        if row.get("subject") == number:
            try:
                return date.fromisoformat(row.get(_COLUMN[protocol.baseline.before]) or "")
            except ValueError:
                return None
    return None
