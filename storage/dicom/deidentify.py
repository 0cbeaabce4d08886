"""The de-identifying copy of one DICOM file: only what is on the allow-list passes, at every depth.

Basis: PS3.15 Annex E, Basic Profile with modified dates, made stricter for blinding: no free text, names,
devices, institutions, descriptions, private elements, overlays. UIDs and dates are replaced with the
trial's key, coded words are kept only where the vocabulary knows them, pixel data keep their bytes. The
copy is then read again and searched; when anything of the original's texts is found in it, or an element
that is not on the list, there is no copy.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure.refusal import Refused
from storage.dicom import elements
from storage.dicom.carried import carried
from storage.dicom.kernels import kernel_word
from storage.dicom.keyed import keyed_uid, shift_days, shifted_date
from storage.dicom.syntaxes import is_supported
from storage.dicom.thorough import lenient, lenient_dataset

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

METHOD = "coread allow-list, PS3.15 basic profile, modified dates"
_IMPLEMENTATION = "2.25.281577362953063346310146427211417153537"
_PIXELS = 0x7FE00010
_SHORTEST = 4
_STORAGE_CLASS = re.compile(r"1\.2\.840\.10008\.5\.1\.4\.1\.1(\.\d{1,3}){1,4}")
_CODES = (
    ("113100", "Basic Application Confidentiality Profile"),
    ("113103", "Clean Graphics Option"),
    ("113105", "Clean Descriptors Option"),
    ("113107", "Retain Longitudinal Temporal Information Modified Dates Option"),
)

_NUMBERS = frozenset(
    (
        0x00180050, 0x00180060, 0x00180080, 0x00180081, 0x00180082, 0x00180083, 0x00180086, 0x00180087,
        0x00180088, 0x00180089, 0x00180091, 0x00180093, 0x00180094, 0x00180095, 0x00181100, 0x00181110,
        0x00181111, 0x00181114, 0x00181120, 0x00181150, 0x00181151, 0x00181152, 0x00181060, 0x00181310,
        0x00181314, 0x00189073, 0x00189079, 0x00189082, 0x00189087, 0x00189089, 0x00189305, 0x00189306,
        0x00189307, 0x00189309, 0x00189310, 0x00189311, 0x00200011, 0x00200012, 0x00200013, 0x00200032,
        0x00200037, 0x00200100, 0x00200105, 0x00201041, 0x00209057, 0x00209128, 0x00209156, 0x00209157,
        0x00209161, 0x00209162, 0x00209163, 0x00209165, 0x00209167, 0x00280002, 0x00280006, 0x00280008,
        0x00280010, 0x00280011, 0x00280030, 0x00280034, 0x00280100, 0x00280101, 0x00280102, 0x00280103,
        0x00280106, 0x00280107, 0x00280120, 0x00280121, 0x00281050, 0x00281051, 0x00281052, 0x00281053,
        0x00282112, 0x00283002, 0x00189239, 0x00541001,
    )
)  # fmt: skip
_UIDS = frozenset((0x00080018, 0x0020000D, 0x0020000E, 0x00200052, 0x00209161, 0x00209164))
_DATES = frozenset((0x00080020, 0x00080021, 0x00080022, 0x00080023))
_SEQUENCES = frozenset(
    (
        0x52009229, 0x52009230, 0x00209113, 0x00209116, 0x00289110, 0x00289145, 0x00289132, 0x00209111,
        0x00209221, 0x00209222, 0x00189329, 0x00189226, 0x00189117, 0x00189076, 0x00189114, 0x00209253,
        0x00283000, 0x00283010, 0x00189304, 0x00189314,
    )
)  # fmt: skip
_BINARY = frozenset((0x00283006, 0x7FE00001, 0x7FE00002))

_FRAME_TYPES = frozenset(
    [
        "ORIGINAL",
        "DERIVED",
        "MIXED",
        "PRIMARY",
        "SECONDARY",
        "AXIAL",
        "LOCALIZER",
        "OTHER",
        "MPR",
        "VOLUME",
        "REFORMATTED",
        "AVERAGE",
        "MIN_IP",
        "MAX_IP",
        "MEAN",
        "NONE",
        "RESAMPLED",
        "HELICAL",
        "M",
        "P",
        "R",
        "I",
        "FFE",
        "SE",
        "M_FFE",
        "M_SE",
        "M_IR",
        "ADC",
        "DIFFUSION",
        "T1",
        "T2",
        "PROJECTION",
        "NORM",
        "ND",
        "MAGNITUDE",
        "PHASE_MAP",
        "IN_PHASE",
        "OUT_OF_PHASE",
        "WATER",
        "FAT",
        "MIXED",
        "ANGIO",
        "DYNAMIC",
        "PERFUSION",
        "STATIC",
        "ECHO",
    ]
) | {"PROJECTION IMAGE"}
# Coded words by attribute: what is not in the vocabulary is dropped (or, in Image Type, becomes OTHER).
_WORDS: dict[int, frozenset[str]] = {
    0x00080008: _FRAME_TYPES,
    0x00089007: _FRAME_TYPES,
    0x00080060: frozenset(["CT", "MR", "PT", "CR", "DX", "NM", "US", "XA", "RF", "MG", "OT", "SC"]),
    0x00185100: frozenset(
        [
            "HFP",
            "HFS",
            "HFDR",
            "HFDL",
            "FFDR",
            "FFDL",
            "FFP",
            "FFS",
            "LFP",
            "LFS",
            "RFP",
            "RFS",
            "AFDR",
            "AFDL",
            "PFDR",
            "PFDL",
        ]
    ),
    0x00180020: frozenset(["SE", "IR", "GR", "EP", "RM"]),
    0x00180021: frozenset(["SK", "MTC", "SS", "TRSS", "SP", "MP", "OSP", "NONE", "TOF"]),
    0x00180023: frozenset(["2D", "3D"]),
    0x00189075: frozenset(["DIRECTIONAL", "BMATRIX", "ISOTROPIC", "NONE"]),
    0x00280004: frozenset(["MONOCHROME1", "MONOCHROME2"]),
    0x00280301: frozenset(["YES", "NO"]),
    0x00282110: frozenset(["00", "01"]),
    0x00282114: frozenset(["ISO_10918_1", "ISO_14495_1", "ISO_15444_1", "ISO_15444_15", "ISO_13818_2"]),
    0x00281054: frozenset(["HU", "US", "OD", "HU_MOD", "MGML", "PCT", "Z_EFF", "ED", "EDW", "Z_EFF"]),
    0x00281056: frozenset(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
    0x20500020: frozenset(["IDENTITY", "INVERSE"]),
    0x00089205: frozenset(["MONOCHROME", "COLOR", "MIXED"]),
    0x00089206: frozenset(["VOLUME", "SAMPLED", "DISTORTED", "MIXED"]),
    0x00089207: frozenset(["NONE", "MAX_IP", "MIN_IP", "MEAN_IP", "AVERAGE", "MEDIAN_IP"]),
    0x00089208: frozenset(["MAGNITUDE", "PHASE", "REAL", "IMAGINARY", "MIXED"]),
    0x00541000: frozenset(["STATIC", "DYNAMIC", "GATED", "WHOLE", "BODY", "IMAGE", "REPROJECTION"]),
    0x00541002: frozenset(["EMISSION", "TRANSMISSION"]),
    0x00541102: frozenset(["NONE", "START", "ADMIN"]),
}
_IMAGE_TYPES = (0x00080008, 0x00089007)
_POINTERS = frozenset((0x00209165, 0x00209167))
_KERNEL, _KERNEL_SEQUENCE = 0x00181210, 0x00189314
_SOP_CLASS, _UNITS, _STACK_ID = 0x00080016, 0x00541001, 0x00209056
_EMPTY = (
    "StudyTime", "AccessionNumber", "ReferringPhysicianName", "StudyID", "PatientBirthDate", "PatientSex",
    "PositionReferenceIndicator", "Manufacturer",
)  # fmt: skip
_ADDED = frozenset(
    (
        0x00080005, 0x00080016, 0x00080030, 0x00080050, 0x00080070, 0x00080090, 0x00100010, 0x00100020,
        0x00100030, 0x00100040, 0x00120062, 0x00120063, 0x00120064, 0x00200010, 0x00201040, 0x00280303,
        0x00080100, 0x00080102, 0x00080104, _KERNEL, _STACK_ID, _PIXELS,
    )
)  # fmt: skip
_ALLOWED = _NUMBERS | _UIDS | _DATES | _SEQUENCES | _BINARY | frozenset(_WORDS) | _ADDED
_TEXTS = frozenset(["AE", "AS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UI", "UR", "UT", "UN", "CS"])


@dataclass(frozen=True, slots=True)
class Deidentified:
    """The copy, its new identifiers, and the SHA-256 of what came and of what is stored."""

    content: bytes
    sop_uid: str
    series_uid: str
    study_uid: str
    original_sha256: str
    stored_sha256: str
    carried: frozenset[tuple[str, str]] = frozenset()
    """(kind, attribute) of what the original carried and the copy does not."""


def deidentified(path: str | Path, *, key: bytes, subject: str, pseudonym: str | None = None) -> Deidentified:
    """Make the de-identified copy of one file.

    key: the trial's secret, at least 16 bytes. subject: by whom the dates are shifted; pseudonym: what
    stands as patient name and ID (the subject, when not given). Raises Refused when the file cannot be
    read, lacks its UIDs, or the copy does not pass the search for what must not be in it.
    """
    if len(key) < 16:
        raise ValueError("the trial key must have at least 16 bytes")
    try:
        original = Path(path).read_bytes()
    except OSError as problem:
        raise Refused(f"{path}: cannot be read, {problem.strerror or problem}") from problem
    try:
        with lenient():
            source = lenient_dataset(str(path), pixels=True)
            copy = _copy(source, key, subject, pseudonym or subject)
            content = _written(copy)
            _searched(content, source, copy)
            found = carried(source)
    except Refused as refused:
        raise Refused(*(f"{path}: {line}" for line in refused.lines)) from refused
    except Exception as problem:
        raise Refused(f"{path}: cannot be de-identified ({type(problem).__name__}); it is left out") from problem
    return Deidentified(
        content=content,
        sop_uid=str(copy.SOPInstanceUID),
        series_uid=str(copy.SeriesInstanceUID),
        study_uid=str(copy.StudyInstanceUID),
        original_sha256=hashlib.sha256(original).hexdigest(),
        stored_sha256=hashlib.sha256(content).hexdigest(),
        carried=found,
    )


# --- the copy ---------------------------------------------------------------------------------------------


def _copy(source: Dataset, key: bytes, subject: str, pseudonym: str) -> Dataset:
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import UID

    for needed in ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "PixelData"):
        if not source.get(needed):
            raise Refused(f"cannot be de-identified: {needed} is missing")
    if not _STORAGE_CLASS.fullmatch(str(source.SOPClassUID)):
        raise Refused("cannot be de-identified: a private or unknown kind of object")
    if not is_supported(str(source.file_meta.TransferSyntaxUID)):
        raise Refused("cannot be de-identified: its transfer syntax is not supported")
    copy = _cleaned(source, key, shift_days(key, subject))
    for needed in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID"):
        if not copy.get(needed):
            raise Refused(f"cannot be de-identified: {needed} is not a UID")
    copy.SpecificCharacterSet = "ISO_IR 192"
    copy.SOPClassUID = source.SOPClassUID
    copy.PatientName = copy.PatientID = pseudonym
    for keyword in _EMPTY:
        setattr(copy, keyword, "")
    copy.PatientIdentityRemoved = "YES"
    copy.DeidentificationMethod = METHOD
    copy.DeidentificationMethodCodeSequence = [_code(*code) for code in _CODES]
    copy.LongitudinalTemporalInformationModified = "MODIFIED"
    copy[_PIXELS] = _pixels(source)
    syntax = str(source.file_meta.TransferSyntaxUID)
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\x00\x01"
    meta.MediaStorageSOPClassUID = copy.SOPClassUID
    meta.MediaStorageSOPInstanceUID = copy.SOPInstanceUID
    meta.TransferSyntaxUID = UID(elements.EXPLICIT_LITTLE if syntax == elements.DEFLATED else syntax)
    meta.ImplementationClassUID = UID(_IMPLEMENTATION)
    whole = Dataset()
    whole.update(copy)
    whole.file_meta = meta
    return whole


def _code(value: str, meaning: str) -> Dataset:
    from pydicom.dataset import Dataset

    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "DCM", meaning
    return item


def _pixels(source: Dataset) -> DataElement:
    """Pixel data as they are; native ones without what stands behind the last pixel."""
    from pydicom.dataelem import DataElement

    found = source[_PIXELS]
    value = bytes(found.value)
    if not found.is_undefined_length:
        frames = int(source.get("NumberOfFrames") or 1)
        needed = (
            int(source.Rows) * int(source.Columns) * frames
            * int(source.get("SamplesPerPixel") or 1) * int(source.BitsAllocated) // 8
        )  # fmt: skip
        value = value[: needed + needed % 2]
    made = DataElement(_PIXELS, found.VR, value)
    made.is_undefined_length = found.is_undefined_length
    return made


def _cleaned(source: Dataset, key: bytes, days: int) -> Dataset:
    """A new data set with what may pass of a data set or a sequence item."""
    from pydicom.dataset import Dataset

    clean = Dataset()
    for tag in list(source.keys()):
        number = int(tag)
        if number not in _ALLOWED or number == _PIXELS:
            continue
        element = source[tag]
        if number in _SEQUENCES:
            if element.VR == "SQ":
                items = [_cleaned(item, key, days) for item in element.value]
                if any(len(item) for item in items):
                    clean.add_new(tag, "SQ", items)
            continue
        value = _allowed_value(number, element, key, days)
        if value is not None:
            vr = "DS" if number in _NUMBERS and element.VR == "UN" else element.VR
            clean.add_new(tag, vr, value)
    return clean


def _allowed_value(tag: int, element: DataElement, key: bytes, days: int) -> Any:
    """What may stand in the copy for one element; None = nothing."""
    value = element.value
    if value is None or value == "" or element.VR == "SQ":
        return None
    if tag in _UIDS and element.VR == "UI":
        return keyed_uid(key, str(value)) if isinstance(value, str) else None
    if tag in _DATES:
        return shifted_date(str(value), days) or None
    if tag in _WORDS:
        return _known_words(tag, value)
    if tag == _KERNEL:
        return kernel_word(str(value if isinstance(value, str) else "\\".join(value))).upper()
    if tag == _STACK_ID:
        return str(value) if str(value).isdigit() and len(str(value)) < _SHORTEST else None
    if tag == _UNITS:
        return str(value) if str(value) in ("BQML", "CNTS", "GML", "PROPCNTS", "NONE") else None
    if tag in _POINTERS:
        return value if element.VR == "AT" else None
    if tag in _NUMBERS:
        return value if _is_number(element) else None
    if tag in _BINARY:
        return value
    return None


def _known_words(tag: int, value: Any) -> Any:
    words = [str(word).strip().upper() for word in (value if not isinstance(value, str) else [value])]
    known = _WORDS[tag]
    if tag in _IMAGE_TYPES:
        return [word if word in known else "OTHER" for word in words]
    kept = [word for word in words if word in known]
    return kept if len(kept) == len(words) else None


_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$")


def _is_number(element: DataElement) -> bool:
    """The value is made of numbers and nothing else; decimal strings are looked at as written."""
    if element.VR in ("US", "SS", "UL", "SL", "FL", "FD", "UV", "SV"):
        return True
    if element.VR not in ("DS", "IS"):
        return False
    value = element.value
    parts = value if not isinstance(value, (str, int, float)) and hasattr(value, "__iter__") else [value]
    return all(_NUMBER.match(str(getattr(part, "original_string", part)).strip()) for part in parts)


def _written(copy: Dataset) -> bytes:
    buffer = BytesIO()
    copy.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


# --- the search -------------------------------------------------------------------------------------------


def _searched(content: bytes, source: Dataset, copy: Dataset) -> None:
    """Read the copy again: only allowed elements, and none of the original's texts; Refused otherwise."""
    import pydicom

    again = pydicom.dcmread(BytesIO(content))
    if content[:128] != b"\0" * 128:
        raise Refused("the copy has a preamble; it is left out")
    own = _own_values(copy)
    forbidden = _forbidden(source)
    lettered = {text.lower() for text in forbidden if re.search(r"[^\W\d_]", text)} - {o.lower() for o in own}
    for element in _walk(again):
        if int(element.tag) not in _ALLOWED or element.tag.is_private:
            raise Refused(f"the copy holds element {element.tag}, which is not allowed; it is left out")
        if element.VR == "SQ" or int(element.tag) == _PIXELS or int(element.tag) in _BINARY:
            continue
        for value in _texts(element):
            if value in own:
                continue
            if element.VR in _TEXTS and value in forbidden:
                raise Refused(f"element {element.tag} of the copy still holds a text of the original")
            if any(text in value.lower() for text in lettered):
                raise Refused(f"element {element.tag} of the copy still holds a text of the original")
    if source[_PIXELS].is_undefined_length:
        stream = bytes(source[_PIXELS].value).lower()
        for text in lettered:
            if len(text) >= 6 and text.encode("utf-8", "ignore") in stream:
                raise Refused("the compressed pixels carry a text of the header; the file is left out")


def _own_values(copy: Dataset) -> frozenset[str]:
    """What the copy is meant to say: made values, and the vocabulary."""
    own = {METHOD, "YES", "MODIFIED", "DCM", "ISO_IR 192", str(copy.PatientID), str(copy.SOPClassUID), ""}
    own |= {part for code in _CODES for part in code}
    own |= {word for words in _WORDS.values() for word in words}
    own |= {"SOFT", "LUNG", "BONE", "OTHER", "BQML", "CNTS", "GML", "PROPCNTS", "NONE"}
    for element in _walk(copy):
        if int(element.tag) in _UIDS | _DATES:
            own |= set(_texts(element))
    return frozenset(own)


def _forbidden(source: Dataset) -> frozenset[str]:
    """Every text of the original, whole and by words, that is long enough to say something."""
    found: set[str] = set()
    for element in _walk(source):
        number = int(element.tag)
        if number == _PIXELS or element.VR in ("SQ", "OW", "OB", "OF", "OD", "DS", "IS"):
            continue
        if number in _WORDS or number in (0x00080005, _SOP_CLASS):
            continue
        for text in _texts(element):
            if text.startswith("1.2.840.10008."):
                continue
            found.add(text)
            found.update(re.split(r"[\s^=\\/,;]+", text))
    return frozenset(text for text in found if len(text) >= _SHORTEST)


def _walk(dataset: Dataset) -> Iterator[DataElement]:
    for tag in list(dataset.keys()):
        try:
            element = dataset[tag]
        except Exception:  # noqa: S112, BLE001 -- unreadable in the original, so not in the copy
            continue
        yield element
        if element.VR == "SQ":
            for item in element.value or ():
                yield from _walk(item)


def _texts(element: DataElement) -> list[str]:
    value = element.value
    if value is None:
        return []
    if isinstance(value, bytes):
        value = value.decode("latin-1") if len(value) < 4096 else ""
    several = not isinstance(value, (str, int, float)) and hasattr(value, "__iter__")
    return [str(part).strip(" \0") for part in (value if several and element.VR != "PN" else [value])]
