"""A reader's steps by script, on cases without images: draw, answer, undo, fill in, sign."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from app.workflow import draw_lesion, fill_forms, sign_timepoint
from app.workflow.demo_accounts import PASSWORD
from app.workflow.drawn import Drawn
from app.workflow.open_items import answered, reading_concerns
from app.workflow.ports import Ports
from app.workflow.reading import Reading, keep_seen, open_case, reload
from app.workflow.record import take_back
from app.workflow.responses import responses_now
from measure.case import Instance
from measure.read import Finding, Lesion, Mark, ReadTimepoint, Signature, TimepointForm, ZoneForm
from measure.session import Session

VERSIONED = (Lesion, Mark, Finding, TimepointForm, ZoneForm, Signature)
FORM = {"image_quality": "optimal", "non_target_coverage": "covered", "new_lesion_coverage": "covered"}


def drawn(ports: Ports, session: Session, reading: Reading, long_mm: float, at: float = 0.0) -> Drawn:
    """Two axes on the third slice of the main series, their middle shifted by `at` mm."""
    series = reading.now.series_hung_as("main")
    assert series is not None
    with ports.open_unit(session) as unit:
        sop = unit.find(Instance, series_id=series.id)[2].sop_uid
    half = long_mm / 2
    long_ends = ((at - half, 0.0, 5.0), (at + half, 0.0, 5.0))
    short_ends = ((at, -half / 2, 5.0), (at, half / 2, 5.0))
    return Drawn(series.uid, sop, 2, "manual", long_ends, short_ends)


def steps(ports: Ports, session: Session, subject_id: str, chance: Random) -> Iterator[str]:
    """Read every time point that is due; yields a word after each step that was stored."""
    while (reading := open_case(ports, session, subject_id)) is not None:
        yield f"open {reading.now.name}"
        yield from _timepoint(ports, session, reading, chance)


def sign_now(ports: Ports, session: Session, subject_id: str, long_mm: float) -> None:
    """Read and sign the next time point as if nothing grew but by what is asked."""
    reading = open_case(ports, session, subject_id)
    assert reading is not None
    for _ in _timepoint(ports, session, reading, Random(0), long_mm):
        pass


def _timepoint(ports: Ports, session: Session, reading: Reading, chance: Random, long_mm: float = 0.0) -> Iterator[str]:
    rtp = reading.now.read_timepoint.id
    if reading.at_baseline:
        for k in range(len(reading.lesions), 3):
            role = "target" if k < 2 else "non-target"
            organ = ("liver", "lung", "liver")[k]
            one = drawn(ports, session, reading, long_mm or chance.uniform(12, 60), 20.0 * k)
            draw_lesion.add_lesion(ports, session, reading, one, role=role, organ=organ, site=f"place {k}")
            reading = reload(ports, session, reading)
            yield f"draw {role}"
    for lesion_id in [row.lesion.lesion_id for row in reading.lesions if row.findings[-1] is None]:
        row = reading.row(lesion_id)
        if row.lesion.role == "target":
            again = drawn(ports, session, reading, long_mm or chance.uniform(12, 60))
            step = draw_lesion.measure_again(ports, session, reading, row, again)
            yield "measure"
            if not long_mm and chance.random() < 0.5:
                back = take_back(ports, session, rtp, step)
                yield "undo"
                take_back(ports, session, rtp, back)
                yield "redo"
        else:
            draw_lesion.answer(ports, session, reading, row, "present")
            yield "answer"
        reading = reload(ports, session, reading)
    for name, value in FORM.items():
        if reading.form is None or not getattr(reading.form, name):
            fill_forms.fill_form(ports, session, reading, **{name: value})
            reading = reload(ports, session, reading)
            yield f"field {name}"
    for zone in reading.zones:
        if zone.forms[-1] is None or not zone.forms[-1].judgement:
            judged = {"judgement": "no local tumour", "certainty": "4", "own_lesion": "none"}
            fill_forms.fill_zone(ports, session, reading, zone, **judged)
            reading = reload(ports, session, reading)
            yield "zone"
    yield from _finished(ports, session, reading)


def _finished(ports: Ports, session: Session, reading: Reading) -> Iterator[str]:
    main = reading.now.series_hung_as("main")
    assert main is not None
    keep_seen(ports, session, reading, main.uid, set(range(main.slices)))
    reading = reload(ports, session, reading)
    for concern in reading_concerns(reading):
        if concern.key not in answered(reading):
            fill_forms.answer_warning(ports, session, reading, concern.key, "other", "as seen")
            reading = reload(ports, session, reading)
            yield "warning"
    sheet = sign_timepoint.sign_sheet(ports, session, reading)
    reading = reload(ports, session, reading)
    if sheet.responses is not None:
        for one in responses_now(reading):
            if reading.form is None or reading.form.stated.get(one.criterion, {}).get("overall") != one.overall:
                fill_forms.state_response(ports, session, reading, one.criterion, one.overall)
                reading = reload(ports, session, reading)
                yield "state"
    signed = sign_timepoint.sign(ports, session, reading, PASSWORD)
    assert isinstance(signed, Signature), signed
    yield "sign"


def stored_counts(ports: Ports, session: Session) -> dict[str, int]:
    """How many rows of each kind this reader has: what was acknowledged can only grow."""
    with ports.open_unit(session) as unit:
        counts = {kind.__name__: len(unit.find(kind)) for kind in VERSIONED}
        signed = [r for r in unit.find(ReadTimepoint) if r.state == "signed"]
    return {**counts, "signed": len(signed)}
