"""Names of series for readers: words of a vocabulary, never the scanner's own text."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from pydicom.dataset import Dataset

from storage.dicom.describe import dicom_date, phase_word, proposal, series_name, why_hidden
from storage.dicom.kernels import kernel_word
from storage.dicom.load import scan
from tests.build.dicom import ct_series, write


@pytest.mark.parametrize(
    ("text", "phase"),
    [
        ("CT ABD PORTAL", "portal venous"),
        ("abdomen_venous_5.0", "portal venous"),
        ("Abdomen venös 3.0", "portal venous"),
        ("THX/ABD ART", "arterial"),
        ("late arterial 2mm", "arterial"),
        ("Abd w/o contrast", "unenhanced"),
        ("NATIV 5mm", "unenhanced"),
        ("non-contrast", "unenhanced"),
        ("Delayed 5 min", "delayed"),
        ("T1 vibe HBP", "hepatobiliary"),
        ("arterial and venous", "unknown"),
        ("CHEST 1.25", "unknown"),
        ("party heart", "unknown"),
        ("", "unknown"),
    ],
)  # fmt: skip
def test_phases_are_recognised_from_words_and_never_guessed(text: str, phase: str) -> None:
    assert phase_word(text) == phase


@pytest.mark.parametrize(
    ("kernel", "word"),
    [("B30f", "soft"), ("Br40d\\3", "soft"), ("B60f", "lung"), ("Br68", "bone"), ("STANDARD", "soft"),
     ("LUNG", "lung"), ("BONEPLUS", "bone"), ("FC13", "soft"), ("FC52", "lung"), ("FC30", "bone"),
     ("", "other")],
)  # fmt: skip
def test_kernels_are_soft_lung_bone_or_other(kernel: str, word: str) -> None:
    assert kernel_word(kernel) == word


def named(folder: Path, **values: object) -> list[Dataset]:
    def change(ds: Dataset, _: int) -> None:
        for keyword, value in values.items():
            setattr(ds, keyword, value)

    return ct_series(3, change)


def test_a_label_never_holds_the_scanners_text(tmp_path: Path) -> None:
    made = named(tmp_path, SeriesDescription="POST RFA ARM B venous SMITH", ProtocolName="ARM B", Modality="MR")
    label = series_name(scan(write(tmp_path, made)).stacks[0]).label
    assert label == "MR portal venous, axial, 5 mm"


@pytest.mark.parametrize(
    ("text", "weighting"),
    [("t2_haste", "T2"), ("T1 vibe", "T1"), ("ep2d_diff_b800", "DWI"), ("ADC map", "ADC")],
)
def test_mr_weightings_are_recognised(tmp_path: Path, text: str, weighting: str) -> None:
    made = named(tmp_path, SeriesDescription=text, Modality="MR")
    assert series_name(scan(write(tmp_path, made)).stacks[0]).weighting == weighting


def test_subject_and_date_are_proposed_and_contradictions_named(tmp_path: Path) -> None:
    made = named(tmp_path, ClinicalTrialSubjectID="S-07", ClinicalTrialTimePointID="M4", AcquisitionDate="20240202")
    said = proposal(scan(write(tmp_path, made)).stacks[0])
    assert (said.subject, said.timepoint, said.scan_date) == ("S-07", "M4", date(2024, 2, 2))
    assert said.warnings == ("Patient ID and Clinical Trial Subject ID differ",)


def test_an_empty_patient_id_is_said(tmp_path: Path) -> None:
    said = proposal(scan(write(tmp_path, named(tmp_path, PatientID=""))).stacks[0])
    assert said.subject is None
    assert "the patient ID is empty" in said.warnings


def test_what_may_carry_burned_in_text_is_hidden(tmp_path: Path) -> None:
    for k, values in enumerate(({"BurnedInAnnotation": "YES"}, {"ImageType": ["DERIVED", "SECONDARY", "SCREEN SAVE"]})):
        assert why_hidden(scan(write(tmp_path / str(k), named(tmp_path, **values))).stacks[0])
    assert why_hidden(scan(write(tmp_path / "plain", ct_series(3))).stacks[0]) is None


def test_dates_of_both_forms_are_read() -> None:
    assert dicom_date("1993.04.30") == dicom_date("19930430") == date(1993, 4, 30)
    assert dicom_date("later") is None
