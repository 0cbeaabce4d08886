"""The demo played by scripted readers: what is true of the synthetic patients, entered through the readers' own steps.

Reader one records the truth; reader two sees it a fraction of a millimetre otherwise and, where the cast says so,
differs as a plausible reader would. Nothing here goes round the workflow: every mark, form and signature is stored
and audited like any reader's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from app.workflow import adjudicate, compare_reads, draw_lesion, fill_forms, fragments, sign_timepoint
from app.workflow.demo_accounts import PASSWORD
from app.workflow.drawn import Drawn, Ends
from app.workflow.open_items import answered, reading_concerns
from app.workflow.ports import Ports
from app.workflow.reading import LesionRow, Reading, keep_seen, open_case, reload
from app.workflow.worklist import worklist
from measure.case import ADJUDICATION_OPEN, Assignment, Instance, SeriesRecord, Subject
from measure.phantom.course import ReaderDifference
from measure.phantom.course import Subject as Patient
from measure.phantom.truth import LesionTruth, Section, ZoneTruth, lesion_truths, zone_truths
from measure.refusal import Refused
from measure.session import Session

JITTER_MM = 0.2
STATUS_JUDGEMENT = {
    "complete": "no local tumour",
    "equivocal": "equivocal",
    "residual": "residual tumour",
    "local-progression": "local tumour progression",
    "not-evaluable": "not evaluable",
}
BeforeSigning = Callable[[Session, Patient, Reading], None]


@dataclass(frozen=True)
class ScriptedReader:
    """One scripted reader: which number in the cast's differences."""

    session: Session
    number: int

    def difference(self, patient: Patient, kind: str, label: str, visit: str) -> ReaderDifference | None:
        """The cast's difference of this reader for a lesion or zone at a visit, if there is one."""
        return next(
            (
                d
                for d in patient.reader_differences
                if d.reader == self.number
                and d.kind == kind
                and d.label == label
                and (visit in d.visits or not d.visits)
            ),
            None,
        )

    def delta_mm(self, patient: Patient, label: str, visit: str) -> float:
        """By how much this reader's diameter differs from the truth."""
        found = self.difference(patient, "measures", label, visit)
        if found is not None:
            return float(found.delta_mm)
        if self.number == 1:
            return 0.0
        digest = hashlib.sha256(f"{patient.number} {label} {visit}".encode()).digest()
        return JITTER_MM * (digest[0] / 127.5 - 1.0)


def _stretched(ends: Ends, by_mm: float) -> Ends:
    a, b = np.asarray(ends[0]), np.asarray(ends[1])
    way = (b - a) / max(float(np.linalg.norm(b - a)), 1e-9) * by_mm / 2
    return _ends(a - way, b + way)


def _ends(
    a: np.ndarray[tuple[int, ...], np.dtype[np.float64]], b: np.ndarray[tuple[int, ...], np.dtype[np.float64]]
) -> Ends:
    return (float(a[0]), float(a[1]), float(a[2])), (float(b[0]), float(b[1]), float(b[2]))


def drawn_of(
    ports: Ports, session: Session, series: SeriesRecord, section: Section, nodal: bool, delta_mm: float
) -> Drawn:
    """A mark with the truth's axes, stretched by what this reader sees otherwise."""
    with ports.open_unit(session) as unit:
        sops = [i.sop_uid for i in unit.find(Instance, series_id=series.id)]
    long_ends = _ends(*(np.asarray(end, float) for end in section.long_ends))
    short_ends = _ends(*(np.asarray(end, float) for end in section.short_ends))
    if nodal:
        short_ends = _stretched(short_ends, delta_mm)
    else:
        long_ends = _stretched(long_ends, delta_mm)
    return Drawn(
        series.uid,
        sops[section.slice],
        section.slice,
        "manual",
        long_ends,
        short_ends,
        outlines={section.slice: [_ellipse(long_ends, short_ends)]},
        volume_ml=section.volume_ml,
    )


def _ellipse(long_ends: Ends, short_ends: Ends, steps: int = 48) -> list[tuple[float, float, float]]:
    """A closed outline through the four ends."""
    a, b, c, d = (np.asarray(end) for end in (*long_ends, *short_ends))
    middle, half_long, half_short = (a + b) / 2, (b - a) / 2, (d - c) / 2
    ring = []
    for turn in np.linspace(0, 2 * np.pi, steps + 1):
        point = middle + np.cos(turn) * half_long + np.sin(turn) * half_short
        ring.append((float(point[0]), float(point[1]), float(point[2])))
    return ring


def read_case(
    ports: Ports,
    reader: ScriptedReader,
    patient: Patient,
    subject_id: str,
    before_signing: BeforeSigning | None = None,
) -> None:
    """Read and sign every released time point of one case."""
    for _ in patient.timepoints:
        reading = open_case(ports, reader.session, subject_id)
        if reading is None:
            raise Refused(f"{patient.number}: nothing to read, though not all was read.")
        reading = read_timepoint(ports, reader, patient, reading)
        if before_signing is not None:
            before_signing(reader.session, patient, reading)
        sign_as_derived(ports, reader.session, reading)


def read_timepoint(ports: Ports, reader: ScriptedReader, patient: Patient, reading: Reading) -> Reading:
    """Everything a time point needs, but the signature."""
    at = len(reading.timepoints) - 1
    point = patient.timepoints[at]
    session = reader.session
    series = reading.now.series_hung_as("main")
    if series is None:
        raise Refused(f"{patient.number} {point.visit}: no main series.")
    for truth in lesion_truths(patient, point):
        reading = _one_lesion(ports, reader, patient, reading, truth, point.visit, series)
    for zone in zone_truths(patient, point):
        reading = _one_zone(ports, reader, patient, reading, zone, point.visit, series)
    fill_forms.fill_form(
        ports,
        session,
        reading,
        image_quality="optimal",
        non_target_coverage="covered",
        new_lesion_coverage="covered",
    )
    for kind in reading.protocol.reading.sweep_series:
        swept = reading.now.series_hung_as(kind)
        if swept is not None:
            keep_seen(ports, session, reading, swept.uid, set(range(swept.slices)))
    reading = reload(ports, session, reading)
    for concern in reading_concerns(reading):
        if concern.key not in answered(reading):
            fill_forms.answer_warning(ports, session, reading, concern.key, "Seen and accepted", "as the patient shows")
            reading = reload(ports, session, reading)
    return reading


def _row_of(reading: Reading, label: str) -> LesionRow | None:
    return next((r for r in reading.lesions if r.lesion.site == label), None)


def _site(patient: Patient, label: str) -> str:
    lesion = next(one for one in patient.lesions if one.label == label)
    return f"{lesion.site} ({label})"


def _role(reader: ScriptedReader, patient: Patient, truth: LesionTruth, visit: str) -> str:
    for one in patient.reader_differences:
        if one.reader == reader.number and one.kind == "other-target":
            if one.label == truth.label:
                return "target"
            if one.instead_of == truth.label:
                return "non-target"
    if truth.role == "mimic":
        said = reader.difference(patient, "new-lesion", truth.label, visit)
        return "new" if said is not None else ""
    return truth.role


def _one_lesion(
    ports: Ports,
    reader: ScriptedReader,
    patient: Patient,
    reading: Reading,
    truth: LesionTruth,
    visit: str,
    series: SeriesRecord,
) -> Reading:
    session = reader.session
    site = _site(patient, truth.label)
    row = _row_of(reading, site)
    role = _role(reader, patient, truth, visit)
    delta = reader.delta_mm(patient, truth.label, visit)
    if row is None:
        if not role or not truth.sections or (role in ("target", "non-target") and not reading.at_baseline):
            return reading
        if role in ("new", "recurrence") and reading.at_baseline:
            return reading
        drawn = drawn_of(ports, session, series, truth.sections[0], truth.nodal, delta)
        zone_id = next((z.zone.id for z in reading.zones if z.zone.label == _zone_label(patient, truth.zone)), "")
        draw_lesion.add_lesion(
            ports,
            session,
            reading,
            drawn,
            role="new" if role in ("new", "recurrence") else role,
            organ=truth.organ,
            site=site,
            nodal=truth.nodal,
            zone_id=zone_id if role == "recurrence" else "",
        )
        return reload(ports, session, reading)
    if row.findings[-1] is not None:
        return reading
    _follow_up(ports, session, reading, row, truth, series, delta)
    return reload(ports, session, reading)


def _zone_label(patient: Patient, cast_label: str) -> str:
    labels = [z.label for z in patient.zones]
    return f"Z{labels.index(cast_label) + 1}" if cast_label in labels else ""


def _follow_up(
    ports: Ports,
    session: Session,
    reading: Reading,
    row: LesionRow,
    truth: LesionTruth,
    series: SeriesRecord,
    delta: float,
) -> None:
    measured = row.lesion.role in ("target", "new-target")
    parts = fragments.fragments_of(reading, row.lesion.lesion_id)
    if parts:
        _parts_again(ports, session, reading, parts, truth, series)
    elif truth.state == "ablated":
        draw_lesion.answer(ports, session, reading, row, "ablated")
    elif not truth.sections:
        draw_lesion.answer(ports, session, reading, row, "absent")
    elif truth.state == "too-small" and measured:
        draw_lesion.answer(ports, session, reading, row, "too-small")
    elif truth.state == "split" and row.lesion.role == "target":
        _split(ports, session, reading, row, truth, series)
    elif measured:
        drawn = drawn_of(ports, session, series, truth.sections[0], truth.nodal, delta)
        draw_lesion.measure_again(ports, session, reading, row, drawn)
    else:
        before = next((m.drawn_long_mm for m in reversed(row.marks[:-1]) if m is not None), None)
        larger = before is not None and truth.sections[0].long_axis_mm > before + 2.0
        drawn = drawn_of(ports, session, series, truth.sections[0], truth.nodal, delta)
        draw_lesion.measure_again(ports, session, reading, row, drawn)
        if larger and row.lesion.role == "new-non-target":
            again = reload(ports, session, reading)
            draw_lesion.answer(ports, session, again, again.row(row.lesion.lesion_id), "increased")


def _split(
    ports: Ports, session: Session, reading: Reading, row: LesionRow, truth: LesionTruth, series: SeriesRecord
) -> None:
    """The lesion fell apart: each piece is drawn as a part of it."""
    draw_lesion.answer(ports, session, reading, row, "split")
    for section in truth.sections:
        again = reload(ports, session, reading)
        drawn = drawn_of(ports, session, series, section, truth.nodal, 0.0)
        fragments.add_fragment(ports, session, again, again.row(row.lesion.lesion_id), drawn)


def _parts_again(
    ports: Ports,
    session: Session,
    reading: Reading,
    parts: Sequence[LesionRow],
    truth: LesionTruth,
    series: SeriesRecord,
) -> None:
    """The parts of a lesion that fell apart earlier: pieces in order, what is left of them is gone."""
    for k, part in enumerate(parts):
        again = reload(ports, session, reading)
        now = again.row(part.lesion.lesion_id)
        if k >= len(truth.sections):
            draw_lesion.answer(ports, session, again, now, "absent")
        elif truth.state == "too-small":
            draw_lesion.answer(ports, session, again, now, "too-small")
        else:
            drawn = drawn_of(ports, session, series, truth.sections[k], truth.nodal, 0.0)
            draw_lesion.measure_again(ports, session, again, now, drawn)


def _one_zone(
    ports: Ports,
    reader: ScriptedReader,
    patient: Patient,
    reading: Reading,
    truth: ZoneTruth,
    visit: str,
    series: SeriesRecord,
) -> Reading:
    label = _zone_label(patient, truth.label)
    zone = next((z for z in reading.zones if z.zone.label == label), None)
    if zone is None or truth.section is None:
        return reading
    session = reader.session
    own = next((r.lesion.lesion_id for r in reading.lesions if r.lesion.site == _site(patient, truth.lesion)), "none")
    fill_forms.draw_zone(ports, session, reading, zone, drawn_of(ports, session, series, truth.section, False, 0.0))
    reading = reload(ports, session, reading)
    zone = next(z for z in reading.zones if z.zone.label == label)
    said = reader.difference(patient, "zone", truth.label, visit)
    status = said.value if said is not None else truth.status
    judgement = STATUS_JUDGEMENT.get(status, status)
    recurs = judgement == "local tumour progression"
    first = next((m.drawn_long_mm for m in zone.marks if m is not None), truth.section.long_axis_mm)
    change = truth.section.long_axis_mm - first
    fill_forms.fill_zone(
        ports,
        session,
        reading,
        zone,
        own_lesion=own,
        visible="yes",
        evaluability="optimal",
        rim="nodular" if recurs else "thin-even",
        nodule="definite" if recurs else "none",
        growth="larger" if change > 1 else "smaller" if change < -1 else "same",
        judgement=judgement,
        certainty="5" if recurs else "4",
    )
    return reload(ports, session, reading)


def sign_as_derived(ports: Ports, session: Session, reading: Reading) -> None:
    """Open the sheet, state what is derived, sign."""
    sheet = sign_timepoint.sign_sheet(ports, session, reading)
    if sheet.open:
        raise Refused(f"{reading.subject.reading_code} {reading.now.name}: {sheet.open[0].text}")
    reading = reload(ports, session, reading)
    derived = {one.criterion: one.overall for one in sheet.responses or ()}
    for one in sheet.to_state:
        fill_forms.state_response(ports, session, reading, one.criterion, derived.get(one.criterion, "NE"))
        reading = reload(ports, session, reading)
    answer = sign_timepoint.sign(ports, session, reading, PASSWORD)
    if hasattr(answer, "line"):
        raise Refused(answer.line)


def play_reads(
    ports: Ports,
    reader: ScriptedReader,
    patients: dict[str, Patient],
    said: Callable[[str], None],
    before_signing: BeforeSigning | None = None,
) -> None:
    """One scripted reader works through the whole worklist, in its order."""
    codes = _codes(ports, patients)
    while items := worklist(ports, reader.session):
        patient = patients[codes[items[0].code]]
        read_case(ports, reader, patient, items[0].subject_id, before_signing)
        said(f"{reader.session.user_name} {items[0].code}")


def _codes(ports: Ports, patients: dict[str, Patient]) -> dict[str, str]:
    """Subject number by reading code: the script knows its patients, a reader does not."""
    from measure.session import NOBODY

    with ports.open_unit(NOBODY) as unit:
        return {s.reading_code: s.number for s in unit.find(Subject) if s.number in patients}


def settle(
    ports: Ports,
    manager: Session,
    adjudicator: Session,
    patients: dict[str, Patient],
    before_choice: Callable[[str], None] | None = None,
) -> dict[str, str]:
    """The manager closes every case; the adjudicator endorses the reading nearer to the truth (reader one's)."""
    with ports.open_unit(manager) as unit:
        subjects = unit.find(Subject, trial_id=manager.trial_id)
        first = {a.subject_id: a.user_id for a in unit.find(Assignment, label="R1", active=True)}
    states = {}
    for subject in sorted(subjects, key=lambda s: s.number):
        if subject.number not in patients:
            continue
        state = compare_reads.close_reading(ports, manager, subject.id)
        if state == ADJUDICATION_OPEN:
            if before_choice is not None:
                before_choice(subject.id)
            side = _side_of(ports, subject.id, first[subject.id])
            answer = adjudicate.choose(
                ports,
                adjudicator,
                subject.id,
                side,
                "measurement",
                "Nearer to the edges in all scans.",
                PASSWORD,
            )
            if hasattr(answer, "line"):
                raise Refused(answer.line)
            state = "adjudicated"
        states[subject.number] = state
    return states


def _side_of(ports: Ports, subject_id: str, user_id: str) -> str:
    """Under which letter the adjudicator sees a reader: known to the script alone."""
    from measure.read import Adjudication, Read
    from measure.session import NOBODY

    with ports.open_unit(NOBODY) as unit:
        one = unit.find(Adjudication, subject_id=subject_id, state="open")[0]
        reads = {r.id: r.user_id for r in unit.find(Read, subject_id=subject_id)}
    return "A" if reads[one.side_a_read_id] == user_id else "B"
