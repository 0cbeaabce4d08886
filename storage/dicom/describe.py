"""What a series is called for readers, and what its headers propose for its place in the trial.

The scanner's own text never passes: words found in it choose a term of the vocabulary, and what is not
understood stays unknown. Proposals are for the person who imports; nothing is assigned by them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from storage.dicom.facts import ImageFacts
from storage.dicom.kernels import kernel_word
from storage.dicom.sop_classes import SECONDARY_CAPTURE
from storage.dicom.stack import Stack

UNKNOWN = "unknown"

_PHASES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("unenhanced", re.compile(
        r"\b(native?|nativ\w*|plain|un-?enhanced|non-?\s?(contrast|enhanced|ce)|without( iv)?( contrast)?"
        r"|pre-?\s?(contrast|km|gd|iv)|ohne( km)?|sans (iv|injection|contraste)|sin contraste|senza mdc)\b")),
    ("arterial", re.compile(r"\b(art(erial\w*|eriell\w*|eriel\w*)?|hap)\b")),
    ("portal venous", re.compile(
        r"\b(porto?-?\s?(venous|venös|venoes)?|portal\w*|pvp?|ven(ous|ös\w*|oes\w*)?)\b")),
    ("delayed", re.compile(r"\b(delay(ed)?|late|equilibrium|equil|tardif|tard\w*|spät\w*|spaet\w*)\b")),
    ("hepatobiliary", re.compile(r"\b(hepato-?biliary|hbp|leberspezifisch\w*)\b")),
)  # fmt: skip
_LATE_ARTERIAL = re.compile(r"\b(early|late|spät\w*|spaet\w*)[\s_-]*art")
_WEIGHTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("ADC", re.compile(r"\badc\b|apparent diff")),
    ("DWI", re.compile(r"\b(dwi|diff(usion)?|b ?\d{3,4}|ep2d)\b|diffusion")),
    ("FLAIR", re.compile(r"flair|dark fluid")),
    ("T2", re.compile(r"\bt2|haste|ssfse|\btirm\b|\bstir\b")),
    ("T1", re.compile(r"\bt1|vibe|lava|thrive|mprage|spgr|flash|dixon")),
)


@dataclass(frozen=True, slots=True)
class SeriesName:
    """A series in the vocabulary's words; `label` is what a reader may see."""

    modality: str
    phase: str
    weighting: str
    kernel: str
    plane: str
    thickness_mm: float | None

    @property
    def label(self) -> str:
        """For example `CT portal venous, axial, soft, 1.6 mm`; unknown parts are left out."""
        head = " ".join(word for word in (self.modality, self.weighting, self.phase) if word and word != UNKNOWN)
        thickness = "" if self.thickness_mm is None else f"{self.thickness_mm:g} mm"
        tail = [word for word in (self.plane, self.kernel, thickness) if word and word not in (UNKNOWN, "other")]
        return ", ".join([head, *tail])


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the headers say about subject and visit; to be confirmed by a person, never trusted alone
    (CR-15).
    """

    subject: str | None
    subject_from: str
    timepoint: str | None
    scan_date: date | None
    warnings: tuple[str, ...]


def series_name(stack: Stack) -> SeriesName:
    """The words for a stack, from coded values and from words recognised in its descriptions."""
    first = stack.images[0]
    origin = first.origin
    texts = (origin.series_description, origin.protocol_name, origin.contrast_agent)
    weighting = UNKNOWN
    if first.modality == "MR":
        weighting = _first_found(_WEIGHTS, " ".join(texts[:2])) or UNKNOWN
        if weighting == UNKNOWN and any(name == "b-value" for name, _ in first.distinctions):
            weighting = "DWI"
    return SeriesName(
        modality={"PT": "PET"}.get(first.modality, first.modality),
        phase=phase_word(*texts) if first.modality in ("CT", "MR") else UNKNOWN,
        weighting=weighting if first.modality == "MR" else "",
        kernel=kernel_word(first.kernel) if first.modality == "CT" else "",
        plane=_plane(first),
        thickness_mm=first.thickness_mm,
    )


def phase_word(*texts: str) -> str:
    """The contrast phase that some texts name; `unknown` when none or several are named."""
    for text in texts:  # the first text that names a phase decides
        words = re.sub(r"[_/.,;:()\[\]+]+", " ", text.lower().replace("w/o", "without"))
        words = _LATE_ARTERIAL.sub("art", words)
        found = [phase for phase, pattern in _PHASES if pattern.search(words)]
        if len(found) == 1:
            return found[0]
        if found:
            return UNKNOWN
    return UNKNOWN


def _first_found(patterns: tuple[tuple[str, re.Pattern[str]], ...], text: str) -> str | None:
    words = re.sub(r"[_/.,;:()\[\]+]+", " ", text.lower())
    return next((word for word, pattern in patterns if pattern.search(words)), None)


def _plane(image: ImageFacts) -> str:
    """The plane within 30 degrees, else oblique."""
    if image.row_axis is None or image.column_axis is None:
        return UNKNOWN
    (a, b, c), (d, e, f) = image.row_axis, image.column_axis
    normal = (abs(b * f - c * e), abs(c * d - a * f), abs(a * e - b * d))
    largest = max(normal)
    return ("sagittal", "coronal", "axial")[normal.index(largest)] if largest > 0.866 else "oblique"


def why_hidden(stack: Stack) -> str | None:
    """Why a stack is not to be shown to readers (interop B5): it may carry burned-in text; None when it
    may.
    """
    first = stack.images[0]
    if first.sop_class.startswith(SECONDARY_CAPTURE):
        return "a Secondary Capture may carry burned-in text"
    if any(word in kind for kind in first.image_type for word in ("SCREEN", "SAVE", "DOSE", "LOCALIZER")):
        return "a localizer, screen save or dose sheet may carry burned-in text"
    if first.origin.burned_in.upper() == "YES":
        return "the header says that text is burned in"
    return None


def dicom_date(written: str) -> date | None:
    """YYYYMMDD, or the old YYYY.MM.DD; None when it is no date."""
    plain = written.strip().replace(".", "")[:8]
    try:
        return date(int(plain[:4]), int(plain[4:6]), int(plain[6:8]))
    except ValueError:
        return None


def proposal(stack: Stack) -> Proposal:
    """Subject, time point and scan date as the headers have them, with what is odd about them."""
    origins = {image.origin for image in stack.images}
    first = stack.images[0].origin
    warnings: list[str] = []
    if len({o.patient_id for o in origins}) > 1 or len({o.patient_key for o in origins}) > 1:
        warnings.append("the images name more than one patient")
    if not first.patient_id:
        warnings.append("the patient ID is empty")
    subject, source = first.trial_subject_id, "Clinical Trial Subject ID"
    if not subject:
        subject, source = first.patient_id, "Patient ID"
    elif first.patient_id and first.patient_id != subject:
        warnings.append("Patient ID and Clinical Trial Subject ID differ")
    scanned = dicom_date(first.acquisition_date) or dicom_date(first.study_date)
    dates = {dicom_date(o.acquisition_date) or dicom_date(o.study_date) for o in origins}
    if len(dates) > 1:
        warnings.append("the images were taken on more than one day")
    if scanned is None:
        warnings.append("there is no scan date")
    return Proposal(
        subject or None, source if subject else "", first.trial_timepoint_id or None, scanned, tuple(warnings)
    )
