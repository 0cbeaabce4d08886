"""What a time point still needs before it can be signed, stage by stage."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.workflow.statements import asked_before_the_sheet, missing_statements
from measure.conformity import Concern, concerns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.workflow.reading import LesionRow, Reading
    from measure.read import Finding

FEWEST_PARTS = 2

SURVEY, TARGETS, NON_TARGETS, SWEEP, ZONES, SUMMARY = (
    "survey",
    "targets",
    "non-targets",
    "sweep",
    "zones",
    "summary",
)


@dataclass(frozen=True)
class OpenItem:
    """One open thing: the stage it belongs to, what it is about (lesion or zone id, or a form's field), in words."""

    stage: str
    about: str
    text: str


def open_items(reading: Reading) -> tuple[OpenItem, ...]:
    """All open things of the current time point in the order of the stages."""
    items = [*_lesion_items(reading), *_sweep_items(reading), *_zone_items(reading), *_form_items(reading)]
    items += [
        OpenItem(SUMMARY, f"warning:{c.key}", f"{c.text} Answer it before signing.")
        for c in reading_concerns(reading)
        if c.key not in answered(reading)
    ]
    order = {stage: k for k, stage in enumerate(reading.protocol.reading.stages)}
    return tuple(sorted(items, key=lambda item: order.get(item.stage, len(order))))


def answered(reading: Reading) -> dict[str, object]:
    """Answers to warnings of this time point by the warning's key."""
    return dict(reading.form.warnings) if reading.form else {}


def reading_concerns(reading: Reading) -> tuple[Concern, ...]:
    """The protocol's limits that the current time point touches."""
    return concerns(reading)


def _lesion_items(reading: Reading) -> list[OpenItem]:
    items = []
    for row in reading.lesions:
        finding, label = row.findings[-1], row.lesion.label
        stage = NON_TARGETS if row.lesion.role == "non-target" else TARGETS
        if finding is None and not _answered_elsewhere(row.findings[:-1]):
            items.append(OpenItem(stage, row.lesion.lesion_id, f"{label} is open."))
        elif finding is not None and finding.state == "split" and _parts(reading, row) < FEWEST_PARTS:
            items.append(OpenItem(stage, row.lesion.lesion_id, f"{label} is split: draw its parts, click each."))
    return items


def _parts(reading: Reading, row: LesionRow) -> int:
    return sum(one.lesion.split_from == row.lesion.lesion_id for one in reading.lesions)


def _answered_elsewhere(earlier: Sequence[Finding | None]) -> bool:
    """It merged into another lesion, or fell apart into others: those are answered from then on."""
    return any(f is not None and f.state in ("merged", "split") for f in earlier)


def _sweep_items(reading: Reading) -> list[OpenItem]:
    items = []
    for kind in reading.protocol.reading.sweep_series:
        series = reading.now.series_hung_as(kind)
        if series and reading.seen_share(series) < 1.0:
            items.append(OpenItem(SWEEP, f"sweep:{kind}", f"{kind}: {reading.seen_share(series):.0%} seen."))
    return items


def _zone_items(reading: Reading) -> list[OpenItem]:
    items = []
    for row in reading.zones:
        form = row.forms[-1]
        label = row.zone.label
        if not row.own_lesion:
            items.append(OpenItem(ZONES, row.zone.id, f"{label}: link your own lesion, or None seen."))
        elif form is None or not form.judgement:
            items.append(OpenItem(ZONES, row.zone.id, f"{label} is open."))
        elif not form.certainty:
            items.append(OpenItem(ZONES, row.zone.id, f"{label}: how certain are you."))
    return items


def _form_items(reading: Reading) -> list[OpenItem]:
    form = reading.form
    fields = {
        "image_quality": "image quality",
        "non_target_coverage": "coverage of non-targets",
        "new_lesion_coverage": "coverage for new lesions",
    }
    items = [
        OpenItem(SUMMARY, f"form:{name}", f"Time point: {words} is open.")
        for name, words in fields.items()
        if form is None or not getattr(form, name)
    ]
    if form and form.image_quality == "not-readable" and not form.quality_reason:
        items.append(OpenItem(SUMMARY, "form:quality_reason", "Time point: say why it is not readable."))
    if asked_before_the_sheet(reading):
        items += [
            OpenItem(SUMMARY, f"form:stated:{one.criterion}", f"Time point: state your response, {one.title}.")
            for one in missing_statements(reading)
        ]
    return items
