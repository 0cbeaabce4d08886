"""A word in every text element of a delivery, and where it must never come out; the blinding report."""

from __future__ import annotations

import logging
import zipfile
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from app.joined import Exporter
from app.workflow import import_images, release_images
from app.workflow.blinding import LOOKED_AT, blinding_report
from app.workflow.reading import open_case
from measure.case import ImageCheck, Instance, SeriesRecord, Timepoint
from measure.refusal import Refused
from measure.session import Session
from tests.build.workspace import Small, assign_all, release_all, small_workspace, write_visit

CANARY = "QZKANARI"
_TEXTS = ("LO", "SH", "ST", "LT", "UC", "UT")


def poisoned(folder: Path) -> Path:
    """A visit of a new subject whose files carry the word in every text element the dictionary has."""
    from pydicom.datadict import DicomDictionary

    write_visit(folder, "01-777", 0)
    for file in sorted(folder.rglob("*.dcm")):
        ds = pydicom.dcmread(file)
        for tag, (vr, *_, keyword) in DicomDictionary.items():
            if tag >> 16 in (0x0008, 0x0010, 0x0018, 0x0020, 0x0028, 0x0032, 0x0040, 0x0088, 0x4008):
                if vr in _TEXTS and keyword and keyword not in ds:
                    setattr(ds, keyword, f"{CANARY} {keyword}"[:16])
                elif vr == "PN" and keyword and keyword not in ds:
                    setattr(ds, keyword, f"{CANARY}^{keyword[:20]}")
        ds.SeriesDescription = f"{CANARY} portal venous"
        ds.StudyDescription = ds.ProtocolName = ds.InstitutionName = ds.PatientComments = CANARY
        ds.PatientName = f"{CANARY}^Name"
        inner = Dataset()
        inner.PatientComments, inner.InstitutionName = CANARY, CANARY
        outer = Dataset()
        outer.RequestedProcedureDescription = CANARY
        outer.ReferencedStudySequence = Items([inner])
        ds.RequestAttributesSequence = Items([outer])
        block = ds.private_block(0x0009, CANARY, create=True)
        block.add_new(1, "LO", CANARY)
        ds.add_new(0x60000022, "LO", CANARY)
        ds.save_as(file)
        file.rename(file.with_name(f"{CANARY}_{file.name}"))
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Small:
    """A workspace into which the poisoned visit came as a ZIP, released and given to its readers."""
    place = tmp_path_factory.mktemp("canary")
    made = small_workspace(place, visits=(("BL", 0),))
    folder = poisoned(place / CANARY)
    archive = place / f"{CANARY}.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for file in folder.rglob("*.dcm"):
            opened.write(file, f"{CANARY}/{file.name}")
    manager = made.sessions["manager"]
    found = import_images.look(made.ports, [archive])
    (proposal,) = import_images.propose(made.ports, manager, found)
    decision = import_images.Decision("01-777", "BL", proposal.series)
    release_all(made.ports, manager, [import_images.store(made.ports, manager, decision)])
    assign_all(made.ports, manager, made.subject("01-777").id)
    return made


def test_no_canary_lies_in_any_file_or_name_of_the_workspace(small: Small) -> None:
    searched = 0
    for file in Path(small.workspace.folder).rglob("*"):
        assert CANARY not in file.name
        if file.is_file():
            assert CANARY.encode() not in file.read_bytes(), file
            searched += 1
    assert searched > 6


def test_no_canary_reaches_a_readers_case_or_the_log(small: Small, caplog: pytest.LogCaptureFixture) -> None:
    reader = small.sessions["reader.one"]
    with caplog.at_level(logging.DEBUG):
        reading = open_case(small.ports, reader, small.subject("01-777").id)
        assert reading is not None
        series = reading.now.series_hung_as("main")
        assert series is not None
        volume = small.ports.images.open(series.manifest)
    assert CANARY not in repr(reading)
    assert CANARY not in repr((volume.defects, volume.why_not, volume.series_uid, volume.instance_uids))
    assert CANARY not in caplog.text
    assert "01-777" not in repr(reading)


def test_no_canary_reaches_an_export(small: Small, tmp_path: Path) -> None:
    export_all(small, tmp_path)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert CANARY.encode() not in file.read_bytes()


def export_all(small: Small, folder: Path) -> None:
    Exporter(small.workspace).export(small.sessions["manager"], folder / "out", blinded=True)


def test_a_damaged_stored_image_is_told_without_any_name(small: Small, tmp_path: Path) -> None:
    manager = small.sessions["manager"]
    with small.ports.open_unit(manager) as unit:
        point = next(t for t in unit.find(Timepoint, subject_id=small.subject("01-777").id))
        (series,) = unit.find(SeriesRecord, timepoint_id=point.id)
    spoiled = series.manifest.replace('"sha256":"', '"sha256":"0')
    with pytest.raises(Refused) as refused:
        small.ports.images.open(spoiled)
    assert CANARY not in str(refused.value)


def test_the_report_names_kinds_and_attributes_and_no_value(small: Small) -> None:
    manager = small.sessions["manager"]
    with small.ports.open_unit(manager) as unit:
        point = next(t for t in unit.find(Timepoint, subject_id=small.subject("01-777").id))
        images = unit.find(Instance, series_id=[s.id for s in unit.find(SeriesRecord, timepoint_id=point.id)])
    lines = {line.about: line for line in blinding_report(small.ports, manager, point.id)}
    assert "PatientName" in lines["Identity"].words or "in the files, none kept" in lines["Identity"].words
    assert "InstitutionName" in lines["Site and device"].words or "in the files" in lines["Site and device"].words
    assert "(0009" in lines["Private elements"].words
    assert lines["Overlays and pictures"].words.startswith("1 in the files")
    assert f"rewritten in {len(images)} of {len(images)}" in lines["Header"].words
    assert lines["Looked at"].good
    assert CANARY not in repr(lines)


def test_images_are_released_only_after_somebody_looked_for_text(tmp_path: Path) -> None:
    fresh = small_workspace(tmp_path, visits=(("BL", 0),), released=False)
    manager: Session = fresh.sessions["manager"]
    point = fresh.timepoints("01-001")["BL"]
    (line,) = [one for one in release_images.image_check(fresh.ports, manager, point.id) if one.needs_answer]
    assert line.item == LOOKED_AT
    assert "no text found" in line.found
    with pytest.raises(Refused, match=LOOKED_AT):
        release_images.release(fresh.ports, manager, point.id)
    release_images.answer_check(fresh.ports, manager, point.id, LOOKED_AT, "looked at: no text")
    release_images.release(fresh.ports, manager, point.id)
    with fresh.ports.open_unit(manager) as unit:
        kept = [c for c in unit.find(ImageCheck, timepoint_id=point.id) if c.item == LOOKED_AT]
    assert [(c.verdict, c.remark) for c in kept] == [("answered", "looked at: no text")]
