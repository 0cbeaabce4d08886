"""The time point form and form AZ-1: field by field, each stored at once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.workflow.drawn import Drawn, to_mark
from app.workflow.ports import Ports
from app.workflow.reading import Reading, ZoneRow
from app.workflow.record import Step, record
from measure.read import TimepointForm, ZoneForm
from measure.refusal import Refused
from measure.session import Session

CHOICES = {
    "image_quality": ("optimal", "readable", "not-readable"),
    "non_target_coverage": ("covered", "partly", "not-covered"),
    "new_lesion_coverage": ("covered", "partly", "not-covered"),
}
JUDGEMENTS = ("no local tumour", "equivocal", "residual tumour", "local tumour progression", "not evaluable")
ZONE_CHOICES = {
    "visible": ("yes", "involuted", "not imaged", "not evaluable"),
    "evaluability": ("optimal", "limited", "not evaluable"),
    "rim": ("none", "thin-even", "thick", "irregular", "nodular"),
    "nodule": ("none", "probable", "definite"),
    "growth": ("smaller", "same", "larger"),
    "certainty": ("1", "2", "3", "4", "5"),
}


def fill_form(ports: Ports, session: Session, reading: Reading, **fields: Any) -> Step:
    """Set fields of the time point form."""
    for name, value in fields.items():
        if name in CHOICES and value not in CHOICES[name]:
            raise Refused(f"{name}: {value!r} is none of {', '.join(CHOICES[name])}.")
    rtp = reading.now.read_timepoint
    form = reading.form or TimepointForm("", rtp.id, 0)
    words = ", ".join(_said(name, value) for name, value in fields.items())
    return record(ports, session, rtp.id, "field", "", words, replace(form, **fields))


_FIELD_WORDS = {
    "image_quality": "Image quality",
    "quality_reason": "Reason",
    "non_target_coverage": "Non-targets",
    "new_lesion_coverage": "New lesions",
    "comment": "Comment",
}


def _said(name: str, value: Any) -> str:
    """A field and its value in words."""
    if name == "warnings":
        return "Warning answered"
    if name == "stated":
        return "Response stated"
    if name == "comment":
        return "Comment kept"
    return f"{_FIELD_WORDS[name]}: {str(value).replace('-', ' ')}"


def answer_warning(ports: Ports, session: Session, reading: Reading, key: str, code: str, text: str) -> Step:
    """Answer one warning with a reason; without one it stays open."""
    if not (code or text).strip():
        raise Refused("Give a reason.")
    present = dict(reading.form.warnings) if reading.form else {}
    return fill_form(ports, session, reading, warnings={**present, key: {"code": code, "text": text}})


def state_response(
    ports: Ports, session: Session, reading: Reading, criterion: str, stated: str, reason: str = ""
) -> Step:
    """The reader's own response beside the derived one (CR-36)."""
    present = dict(reading.form.stated) if reading.form else {}
    answer = {"overall": stated, "reason": reason}
    return fill_form(ports, session, reading, stated={**present, criterion: answer})


def first_adequate(row: ZoneRow) -> int:
    """Index of the time point that is the zone's reference: the first evaluable one after its procedure."""
    for k in range(row.first, len(row.forms)):
        form = row.forms[k]
        if form is None or form.answers.get("evaluability") != "not evaluable":
            return k
    return len(row.forms) - 1


def fill_zone(ports: Ports, session: Session, reading: Reading, row: ZoneRow, **fields: Any) -> Step:
    """Set fields of form AZ-1 of one zone at the current time point (judgement, certainty or any answer)."""
    rtp = reading.now.read_timepoint
    form = row.forms[-1] or ZoneForm("", rtp.id, row.zone.id, 0)
    for name, value in fields.items():
        allowed = JUDGEMENTS if name == "judgement" else ZONE_CHOICES.get(name)
        if allowed is not None and value not in allowed:
            raise Refused(f"{row.zone.label} {name}: {value!r} is none of {', '.join(allowed)}.")
    if fields.get("judgement") == JUDGEMENTS[2] and first_adequate(row) != len(row.forms) - 1:
        raise Refused(f"{row.zone.label}: residual tumour is judged at the zone's first adequate scan only.")
    own = {name: fields.pop(name) for name in ("judgement", "certainty") if name in fields}
    changed_late = bool(
        "judgement" in own and form.judgement and form.judgement != own["judgement"] and form.answers.get("margin")
    )
    changed = replace(
        form,
        **own,
        answers={**form.answers, **fields},
        judged_after_margin=form.judged_after_margin or changed_late,
    )
    names = ", ".join(
        f"{name.replace('_', ' ')} {value}" if name != "own_lesion" else "own lesion linked"
        for name, value in [*own.items(), *fields.items()]
    )
    return record(ports, session, rtp.id, "field", row.zone.label, f"{row.zone.label}: {names}", changed)


def draw_zone(ports: Ports, session: Session, reading: Reading, row: ZoneRow, drawn: Drawn) -> Step:
    """The zone's outline and axes at this time point."""
    rtp = reading.now.read_timepoint
    mark = to_mark(drawn, rtp.id, "")
    form = row.forms[-1] or ZoneForm("", rtp.id, row.zone.id, 0)
    changed = replace(form, mark_id=mark.id)
    return record(ports, session, rtp.id, "draw", row.zone.label, f"{row.zone.label} outlined", changed, also=[mark])
