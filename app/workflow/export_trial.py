"""A trial as rows: every signed time point of every current read, the accepted ones flagged, never copied.

Unblinded: subject numbers and true dates. Blinded: reading codes and days from the baseline scan, no date at all.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from app.workflow.compare_reads import PROGRESSED
from app.workflow.ports import Ports, Unit
from app.workflow.reading import OneTimepoint, Reading, ZoneRow, load_read
from app.workflow.responses import Treatment, engine_findings, text_mm
from app.workflow.trials import current_protocol
from measure.case import (
    ADJUDICATED,
    CONCORDANT,
    TREATMENT_OF_TECHNIQUE,
    ExportRecord,
    Procedure,
    SeriesRecord,
    Subject,
    Timepoint,
    Trial,
    User,
)
from measure.criteria import ENGINE_VERSION
from measure.criteria.assess import assess_read
from measure.criteria.findings import Finding as EngineFinding
from measure.exported import DAY_ZERO, ExportedRead, ExportedTrial, Row
from measure.protocol import Protocol
from measure.read import ADJUDICATION_READ, PRIMARY, SIGNED, Adjudication, Comparison, Read
from measure.session import Session
from measure.values import rounded_length

STATUS = {
    "no local tumour": "complete",
    "equivocal": "equivocal",
    "residual tumour": "residual",
    PROGRESSED: "local-progression",
    "not evaluable": "not-evaluable",
}


@dataclass(frozen=True)
class _Names:
    """How one subject is named in an export, and how its dates are written."""

    trial: Trial
    subject: Subject
    protocol: Protocol
    blinded: bool

    @property
    def subject_text(self) -> str:
        return self.subject.reading_code if self.blinded else self.subject.number

    def timepoint(self, point: OneTimepoint) -> str:
        return point.timepoint.visit

    def day(self, point: OneTimepoint, series: str = "") -> date:
        scanned = next(
            (s.scan_date for s in point.series if s.uid == series and s.scan_date), point.timepoint.scan_date
        )
        return date.fromisoformat(scanned)

    def written(self, day: date | None) -> str:
        return "" if day is None or self.blinded else day.isoformat()


def export_rows(ports: Ports, session: Session, *, blinded: bool) -> ExportedTrial:
    """Gather the whole trial; only what is signed."""
    protocol = current_protocol(ports, session)
    reads: list[ExportedRead] = []
    history: list[ExportedRead] = []
    adjudication: list[Row] = []
    states: dict[str, int] = {}
    with ports.open_unit(session) as unit:
        trial = unit.get(Trial, session.trial_id)
        users = {user.id: user for user in unit.find(User)}
        for subject in sorted(unit.find(Subject, trial_id=trial.id), key=lambda s: s.number):
            states[subject.state] = states.get(subject.state, 0) + 1
            names = _Names(trial, subject, protocol, blinded)
            accepted = accepted_read(unit, subject, protocol)
            for read in sorted(unit.find(Read, subject_id=subject.id), key=lambda r: (r.label, r.version)):
                made = _read_rows(unit, names, read, accepted)
                if made is not None:
                    (reads if _counts(read) else history).append(made)
            adjudication += _adjudication_rows(unit, names, users)
        head = unit.audit_rows(trial.id, newest_first=True, limit=1)
    facts = {
        "trial": trial.name,
        "program": ports.program,
        "engine": ENGINE_VERSION,
        "protocol": protocol.sha256,
        "chain_head": head[0]["hash"] if head else "",
        "chain_rows": head[0]["number"] if head else 0,
        "cases": states,
        "open_cases": sum(n for state, n in states.items() if state not in (CONCORDANT, ADJUDICATED)),
        "blinded": blinded,
        "demo": ports.demo,
        "note": ("Demo: synthetic images, no patients. " if ports.demo else "")
        + "For research reading only. Not a medical device.",
        "unconfirmed": list(protocol.trial.unconfirmed),
    }
    return ExportedTrial(
        trial.name,
        protocol.sha256,
        blinded,
        tuple(reads),
        tuple(adjudication),
        protocol.export.reader_csv,
        facts,
        tuple(history),
    )


def _counts(read: Read) -> bool:
    """A current version of a primary or adjudication read; the rest stands in the history files."""
    return read.kind in (PRIMARY, ADJUDICATION_READ) and read.state != "superseded"


def accepted_read(unit: Unit, subject: Subject, protocol: Protocol) -> str:
    """Id of the read that is the case's final record; empty while the case is open."""
    if subject.state == ADJUDICATED:
        done = [a for a in unit.find(Adjudication, subject_id=subject.id) if a.state == SIGNED]
        return max(done, key=lambda a: a.signed_at).chosen_read_id if done else ""
    if subject.state == CONCORDANT:
        label = protocol.reading.concordant_accept if protocol.reading.readers > 1 else protocol.export.reader_labels[0]
        same = [r for r in unit.find(Read, subject_id=subject.id, label=label) if r.state != "superseded"]
        return same[-1].id if same else ""
    return ""


def _read_rows(unit: Unit, names: _Names, read: Read, accepted: str) -> ExportedRead | None:
    reading = load_read(unit, read, names.protocol, only_signed=True)
    if not reading.timepoints:
        return None
    procedures = {p.id: p for p in unit.find(Procedure, subject_id=names.subject.id)}

    def treatment_of(zone: ZoneRow) -> Treatment | None:
        procedure = procedures.get(zone.zone.procedure_id)
        if procedure is None or not zone.zone.counts_as_treated:
            return None
        return TREATMENT_OF_TECHNIQUE.get(procedure.technique, "ablation"), date.fromisoformat(procedure.date)

    rows = engine_findings(reading, names.timepoint, names.day, treatment_of)
    assessment = assess_read(rows, names.protocol)
    if names.blinded:  # the same read with stand-in dates: days between scans stay, dates go
        shift = names.day(reading.timepoints[0]) - DAY_ZERO
        blind = engine_findings(
            reading,
            names.timepoint,
            lambda p, s: names.day(p, s) - shift,
            lambda z: _shifted(treatment_of(z), shift),
        )
        assessment = assess_read(blind, names.protocol)
    right = {names.timepoint(p): _right(names, read, p, accepted) for p in reading.timepoints}
    right[""] = {
        **right[names.timepoint(reading.timepoints[-1])],
        **dict.fromkeys(("timepoint_no", "visit_no", "in_window", "study_day"), ""),
    }
    stated = {}
    for k, point in enumerate(reading.timepoints):
        form = reading.forms[k]
        for criterion, said in (form.stated if form else {}).items():
            stated[(names.timepoint(point), criterion)] = (
                str(said.get("overall", "")),
                str(said.get("reason", "")),
            )
    return ExportedRead(
        names.trial.name,
        names.subject_text,
        read.label,
        tuple(_finding_rows(names, reading, rows, right)),
        assessment,
        right,
        stated,
        tuple(_ablation_rows(names, reading, procedures, right, read)),
    )


def _shifted(treatment: Treatment | None, shift: timedelta) -> Treatment | None:
    return None if treatment is None else (treatment[0], treatment[1] - shift)


def _right(names: _Names, read: Read, point: OneTimepoint, accepted: str) -> Row:
    visits = [v.id for v in names.protocol.visit_list]
    visit = point.timepoint.visit
    is_baseline = visit == names.protocol.baseline.timepoint
    number = "0" if is_baseline else str(visits.index(visit) + 1) if visit in visits else ""
    return {
        "read_id": read.id,
        "read_kind": read.kind,
        "read_version": str(read.version),
        "accepted": "" if not accepted else "yes" if read.id == accepted else "no",
        "case_status": names.subject.state,
        "timepoint_no": str(point.timepoint.ordinal),
        "visit_no": number,
        "in_window": point.timepoint.in_window,
        "study_day": str(point.timepoint.day),
        "signed_at": "" if names.blinded else point.read_timepoint.signed_at,
        "engine": ENGINE_VERSION,
        "protocol": names.protocol.sha256,
        "finding_id": "",
    }


def _finding_rows(names: _Names, reading: Reading, rows: list[EngineFinding], right: dict[str, Row]) -> list[Row]:
    stored = {}
    for row in reading.lesions:
        for k, found in enumerate(row.findings):
            if found is not None:
                stored[(names.timepoint(reading.timepoints[k]), row.lesion.label)] = (
                    found,
                    row.marks[k],
                    row.lesion,
                )
    made: list[Row] = []
    for one in rows:
        found, mark, lesion = stored.get((one.timepoint, one.lesion), (None, None, None))
        series = _series_of(reading, mark.series_uid) if mark else None
        made.append(
            {
                **right[one.timepoint],
                "trial": names.trial.name,
                "reader": reading.read.label,
                "subject": names.subject_text,
                "timepoint": one.timepoint,
                "date": names.written(one.date),
                "lesion": one.lesion,
                "role": one.role,
                "organ": one.organ,
                "nodal": "" if one.role == "visit" else "yes" if one.nodal else "no",
                "state": one.state,
                "diameter_mm": found.diameter_mm if found else "",
                "treated": one.treated,
                "treated_date": names.written(one.treated_date),
                "slice_thickness_mm": series.thickness_mm if series else "",
                "split_from": one.split_from,
                "merged_into": one.merged_into,
                "image_quality": one.image_quality,
                "non_target_coverage": one.non_target_coverage,
                "new_lesion_coverage": one.new_lesion_coverage,
                "reason": one.reason,
                "long_axis_mm": found.long_axis_mm if found else "",
                "short_axis_mm": found.short_axis_mm if found else "",
                "volume_ml": found.volume_ml if found else "",
                "series_uid": mark.series_uid if mark else "",
                "slice": str(mark.slice) if mark else "",
                "method": found.method if found else "",
                "note": _note(
                    found.note if found else "",
                    lesion.site if lesion else "",
                    bool(found and found.after_response),
                ),
                "finding_id": found.id if found else "",
            }
        )
    return made


def _note(note: str, site: str, after_response: bool) -> str:
    parts = [note, site, "changed after the response was shown" if after_response else ""]
    return "; ".join(part for part in parts if part)


def _series_of(reading: Reading, uid: str) -> SeriesRecord | None:
    return next((s for p in reading.timepoints for s in p.series if s.uid == uid), None)


def _ablation_rows(
    names: _Names, reading: Reading, procedures: dict[str, Procedure], right: dict[str, Row], read: Read
) -> list[Row]:
    rows: list[Row] = []
    precision = names.protocol.precision.length_mm
    labels = {r.lesion.lesion_id: r.lesion.label for r in reading.lesions}
    for zone in reading.zones:
        procedure = procedures[zone.zone.procedure_id]
        treated = date.fromisoformat(procedure.date)
        event = next((k for k, f in enumerate(zone.forms) if f and f.judgement == PROGRESSED), None)
        event_day = names.day(reading.timepoints[event]) if event is not None else None
        for k, point in enumerate(reading.timepoints):
            form, mark = zone.forms[k], zone.marks[k]
            answers = form.answers if form else {}
            recurrence = next(
                (r.findings[k] for r in reading.lesions if r.lesion.zone_id == zone.zone.id and r.findings[k]),
                None,
            )
            day = names.day(point)
            status = "not-yet-imaged" if k < zone.first else STATUS.get(form.judgement, "") if form else ""
            rows.append(
                {
                    **right[names.timepoint(point)],
                    "trial": names.trial.name,
                    "subject": names.subject_text,
                    "reader": read.label,
                    "zone": zone.zone.label,
                    "lesion": labels.get(zone.own_lesion, zone.own_lesion),
                    "technique": "" if names.blinded else procedure.technique,
                    "procedure_no": "" if names.blinded else str(procedure.number),
                    "procedure_date": names.written(treated),
                    "timepoint": names.timepoint(point),
                    "date": names.written(day),
                    "days_since_procedure": "" if names.blinded else str((day - treated).days),
                    "status": status,
                    "certainty": form.certainty if form else "",
                    "long_axis_mm": text_mm(rounded_length(mark.drawn_long_mm, precision)) if mark else "",
                    "short_axis_mm": text_mm(rounded_length(mark.drawn_short_mm, precision)) if mark else "",
                    "volume_ml": f"{float(mark.volume_ml):.2f}" if mark and mark.volume_ml else "",
                    "rim": str(answers.get("rim", "")),
                    "nodule": str(answers.get("nodule", "")),
                    "growth": str(answers.get("growth", "")),
                    "minimal_margin_mm": str(answers.get("minimal_margin_mm", "")),
                    "tumour_covered_pct": str(answers.get("tumour_covered_pct", "")),
                    "recurrence_longest_mm": recurrence.long_axis_mm if recurrence else "",
                    "recurrence_distance_to_zone_mm": str(answers.get("distance_mm", "")),
                    "recurrence_date": names.written(event_day) if event is not None and k >= event else "",
                    "days_to_recurrence": str((event_day - treated).days)
                    if event_day and event is not None and k >= event and not names.blinded
                    else "",
                    "note": str(answers.get("comment", "")),
                    "judged_after_margin": "yes" if form and form.judged_after_margin else "",
                }
            )
    return rows


def _adjudication_rows(unit: Unit, names: _Names, users: dict[str, User]) -> list[Row]:
    comparisons = unit.find(Comparison, subject_id=names.subject.id)
    if not comparisons:
        return []
    comparison = max(comparisons, key=lambda c: c.at)
    reads = {r.id: r for r in unit.find(Read, subject_id=names.subject.id)}
    settled = unit.find(Adjudication, comparison_id=comparison.id)
    one = settled[0] if settled else None
    rows: list[Row] = []
    visits = sorted(
        {p.ordinal: p.visit for p in unit.find(Timepoint, subject_id=names.subject.id) if p.ordinal >= 0}.items()
    )
    for row in comparison.rows:
        first, second = reads[row["read_1"]], reads[row["read_2"]]
        parted = row["first_difference"]
        signed = one is not None and one.state == SIGNED
        side = ""
        if one is not None and signed:
            side = "A" if one.chosen_read_id == one.side_a_read_id else "B"
        rows.append(
            {
                "trial": names.trial.name,
                "subject": names.subject_text,
                "variable": row["variable"],
                "criterion": row["criterion"],
                "scope": row["scope"],
                "zone": row["zone"],
                "reader_1": first.label,
                "value_1": row["value_1"],
                "read_version_1": str(first.version),
                "reader_2": second.label,
                "value_2": row["value_2"],
                "read_version_2": str(second.version),
                "agree": "yes" if row["agree"] else "no",
                "difference_class": row["difference_class"],
                "first_difference_timepoint": "" if parted is None else dict(visits).get(parted, ""),
                "adjudicator": names.protocol.export.reader_labels[-1] if one is not None else "",
                "adjudicator_side": side,
                "chosen_reader": reads[one.chosen_read_id].label if one is not None and signed else "",
                "reason_code": one.reason_code if one is not None else "",
                "reason": one.reason if one is not None else "",
                "signed_at": "" if one is None or names.blinded else one.signed_at,
            }
        )
    return rows


def note_export(ports: Ports, session: Session, manifest: dict[str, Any], *, blinded: bool) -> None:
    """Keep that an export was written, with its manifest."""
    with ports.open_unit(session) as unit:
        unit.add(
            ExportRecord(str(uuid.uuid4()), session.trial_id, unit.now(), session.user_name, blinded, dict(manifest))
        )
        rows = {name: one["rows"] for name, one in manifest["files"].items()}
        unit.audit(
            "export",
            "tables",
            "blinded" if blinded else "unblinded",
            new=rows,
            protocol=str(manifest["protocol"]),
        )
        unit.commit()
