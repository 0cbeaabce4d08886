"""A file to the facts of its images, without pixels: read leniently, checked strictly.

Plain little-endian files are walked over quickly; enhanced multi-frame, deflated and big-endian files, and
whatever the quick walk is unsure of, are read by pydicom. Every frame of a multi-frame object becomes an
image of its own: shared and per-frame functional groups are merged over the data set (PS3.3 C.7.6.16).
"""

from __future__ import annotations

import hashlib
import os
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from storage.dicom import elements
from storage.dicom.facts import ImageFacts, LeftOut, Origin
from storage.dicom.syntaxes import SYNTAXES, is_lossy
from storage.dicom.written_numbers import number, numbers, orientation, spacing_mm, whole

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


_FIRST_READ = 1 << 16
_MOST_FRAMES = 20_000
_MOST_PIXELS = 1 << 26
_MOST_INFLATED = 1 << 30

_VOLUME_CLASSES = {
    "1.2.840.10008.5.1.4.1.1.2": "CT",
    "1.2.840.10008.5.1.4.1.1.2.1": "CT",
    "1.2.840.10008.5.1.4.1.1.2.2": "CT",
    "1.2.840.10008.5.1.4.1.1.4": "MR",
    "1.2.840.10008.5.1.4.1.1.4.1": "MR",
    "1.2.840.10008.5.1.4.1.1.4.4": "MR",
    "1.2.840.10008.5.1.4.1.1.128": "PT",
    "1.2.840.10008.5.1.4.1.1.128.1": "PT",
    "1.2.840.10008.5.1.4.1.1.130": "PT",
}
_NOT_IMAGES = (
    ("1.2.840.10008.5.1.4.1.1.88.", "structured report"),
    ("1.2.840.10008.5.1.4.1.1.66.4", "segmentation (SEG)"),
    ("1.2.840.10008.5.1.4.1.1.66.7", "label map segmentation (SEG)"),
    ("1.2.840.10008.5.1.4.1.1.66.", "registration, fiducials or surface"),
    ("1.2.840.10008.5.1.4.1.1.67", "real-world value map"),
    ("1.2.840.10008.5.1.4.1.1.481.1", "radiotherapy image"),
    ("1.2.840.10008.5.1.4.1.1.481.2", "radiotherapy dose (RTDOSE)"),
    ("1.2.840.10008.5.1.4.1.1.481.3", "contours (RTSTRUCT)"),
    ("1.2.840.10008.5.1.4.1.1.481.", "radiotherapy object"),
    ("1.2.840.10008.5.1.4.1.1.11.", "presentation state"),
    ("1.2.840.10008.5.1.4.1.1.104.", "encapsulated document"),
    ("1.2.840.10008.5.1.4.1.1.9.", "waveform"),
    ("1.2.840.10008.5.1.4.1.1.30", "parametric map"),
    ("1.2.840.10008.1.3.10", "directory file (DICOMDIR)"),
)
SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"

_TEXT = {
    "character_set": 0x00080005,
    "image_type": 0x00080008,
    "sop_class": 0x00080016,
    "sop_uid": 0x00080018,
    "study_date": 0x00080020,
    "acquisition_date": 0x00080022,
    "acquisition_time_at": 0x0008002A,
    "acquisition_time": 0x00080032,
    "content_time": 0x00080033,
    "modality": 0x00080060,
    "study_description": 0x00081030,
    "series_description": 0x0008103E,
    "patient_name": 0x00100010,
    "patient_id": 0x00100020,
    "trial_subject_id": 0x00120040,
    "trial_timepoint_id": 0x00120050,
    "contrast_agent": 0x00180010,
    "body_part": 0x00180015,
    "scanning_sequence": 0x00180020,
    "thickness": 0x00180050,
    "echo_time": 0x00180081,
    "inversion_time": 0x00180082,
    "echo_number": 0x00180086,
    "protocol_name": 0x00181030,
    "trigger_time": 0x00181060,
    "imager_spacing": 0x00181164,
    "kernel": 0x00181210,
    "effective_echo_time": 0x00189082,
    "inversion_times": 0x00189079,
    "b_value": 0x00189087,
    "gradient": 0x00189089,
    "study_uid": 0x0020000D,
    "series_uid": 0x0020000E,
    "series_number": 0x00200011,
    "acquisition_number": 0x00200012,
    "instance_number": 0x00200013,
    "position": 0x00200032,
    "orientation": 0x00200037,
    "frame_of_reference": 0x00200052,
    "temporal_position": 0x00200100,
    "temporal_index": 0x00209128,
    "stack_id": 0x00209056,
    "photometric": 0x00280004,
    "frame_count": 0x00280008,
    "pixel_spacing": 0x00280030,
    "burned_in": 0x00280301,
    "lossy": 0x00282110,
    "intercept": 0x00281052,
    "slope": 0x00281053,
}
_WORDS = {
    "samples": 0x00280002,
    "rows": 0x00280010,
    "columns": 0x00280011,
    "bits_allocated": 0x00280100,
    "bits_stored": 0x00280101,
    "high_bit": 0x00280102,
    "signed": 0x00280103,
    "padding": 0x00280120,
}
_INSIDE = frozenset((0x52009229, 0x52009230, 0x00283000))
"""Functional groups and Modality LUT: files with these are for the thorough reader."""
_NAME_OF = {tag: name for name, tag in (_TEXT | _WORDS).items()}
_WANTED = frozenset(_NAME_OF) | _INSIDE
_FREE_TEXT = (
    "study_description",
    "series_description",
    "patient_name",
    "patient_id",
    "protocol_name",
    "contrast_agent",
)

# The order is the order in which a split is tried (interop S2, step 4).
_DISTINCTIONS = (
    ("image type", "image_type"),
    ("stack", "stack_id"),
    ("echo number", "echo_number"),
    ("echo time", "echo_time"),
    ("acquisition number", "acquisition_number"),
    ("temporal position", "temporal_position"),
    ("trigger time", "trigger_time"),
    ("inversion time", "inversion_time"),
    ("b-value", "b_value"),
    ("gradient direction", "gradient"),
    ("contrast agent", "contrast_agent"),
    ("reconstruction kernel", "kernel"),
    ("scanning sequence", "scanning_sequence"),
    ("slice thickness", "thickness"),
    ("acquisition time", "acquired_at"),
)

_Texts = dict[str, str]


def read_images(path: str | Path) -> tuple[ImageFacts, ...] | LeftOut:
    """Read the facts of every image of one file, or say why the file is left out. Never raises for a bad
    file.
    """
    place = os.fspath(path)
    first, size = b"", 0
    quick: tuple[_Texts, str, elements.Walked] | str | None = None
    try:
        with Path(place).open("rb", buffering=0) as opened:
            size = os.fstat(opened.fileno()).st_size
            first = opened.read(_FIRST_READ)
            quick = _quickly(opened, first, size)
    except OSError as problem:
        return LeftOut(place, f"cannot be read: {problem.strerror or problem}")
    except (elements.Unsure, elements.NeedsMore, ValueError, IndexError, struct.error, RecursionError):
        pass  # the thorough reader decides
    if isinstance(quick, str):
        return LeftOut(place, quick)
    try:
        if quick is None:
            with lenient():
                return _thoroughly(place, first, size)
        texts, syntax, walked = quick
        return _checked(place, texts, syntax, size, walked, [(1, texts)])
    except MemoryError:
        return LeftOut(place, "damaged: it claims more memory than there is", "corrupt")
    except Exception as problem:  # noqa: BLE001 -- a damaged file is a value, whatever is wrong with it
        return LeftOut(place, f"damaged: {_one_line(problem)}", "corrupt")


def _one_line(problem: BaseException) -> str:
    text = " ".join(str(problem).split()) or type(problem).__name__
    return text[:200]


def _quickly(opened: FileIO, first: bytes, size: int) -> tuple[_Texts, str, elements.Walked] | str | None:
    """The quick walk: texts, transfer syntax and the place of the pixels; a reason; or None for the
    thorough reader.
    """
    if size == 0:
        return "empty file"
    if first[128:132] == b"DICM":
        meta, at = elements.file_meta(first)
        if 0x00020010 not in meta:
            return "no transfer syntax in the file meta information"
        syntax = _plain(meta[0x00020010])
        if _plain(meta.get(0x00020002, b"")) == "1.2.840.10008.1.3.10":
            return "directory file (DICOMDIR): the images it lists are looked for themselves"
    else:
        guessed = _sniffed(first)
        if guessed is None:
            return "not a DICOM file"
        if guessed == "":
            return None
        syntax, at = guessed, 0
    if syntax == elements.DEFLATED and not _inflates_within(opened, at):
        return "damaged: the deflated data set grows beyond all measure"
    if syntax in (elements.DEFLATED, elements.EXPLICIT_BIG):
        return None
    explicit = syntax != elements.IMPLICIT_LITTLE
    walked = _walked(opened, first, at, explicit, size)
    if walked.values.keys() & _INSIDE:
        return None
    texts = _texts(walked.values)
    if whole(texts.get("frame_count", "")) not in (None, 0, 1):
        return None
    return texts, syntax, walked


def _inflates_within(opened: FileIO, at: int) -> bool:
    """A deflated data set stays below _MOST_INFLATED bytes; looked at piece by piece, nothing is kept."""
    opened.seek(at)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    total = 0
    rest = opened.read(1 << 20)
    while rest and not inflater.eof:
        try:
            total += len(inflater.decompress(rest, 1 << 24))
        except zlib.error:
            return True  # damaged: the thorough reader says so
        if total > _MOST_INFLATED:
            return False
        rest = inflater.unconsumed_tail or opened.read(1 << 20)
    return True


def _walked(opened: FileIO, buffer: bytes, at: int, explicit: bool, size: int) -> elements.Walked:
    """Walk over the header, reading more of the file until it ends where the pixels begin."""
    amount = _FIRST_READ
    while True:
        try:
            return elements.walk(buffer, at, explicit, _WANTED, size)
        except elements.NeedsMore:
            if len(buffer) >= size:
                raise elements.Unsure from None
            amount = min(amount * 8, size)
            opened.seek(0)
            buffer = opened.read(amount)


def _sniffed(first: bytes) -> str | None:
    """Transfer syntax of a file without preamble; "" = for the thorough reader; None = not DICOM."""
    if len(first) < 16:
        return None
    group, element = struct.unpack_from("<HH", first)
    if group == 2 and element <= 0x102 and first[4:6].isalpha():
        return ""
    if group != 8 or element > 0x20:
        return None
    if first[4:6].isalpha() and first[4:6].isupper():
        return elements.EXPLICIT_LITTLE
    return elements.IMPLICIT_LITTLE if struct.unpack_from("<I", first, 4)[0] < len(first) else None


def _plain(raw: bytes) -> str:
    return raw.decode("latin-1").strip(" \0")


def _texts(values: dict[int, bytes]) -> _Texts:
    """Raw values to texts; numbers of two bytes to decimal texts."""
    texts: _Texts = {}
    for tag, raw in values.items():
        name = _NAME_OF.get(tag)
        if name is None:
            continue
        if name in _WORDS:
            if len(raw) >= 2:
                texts[name] = str(int.from_bytes(raw[:2], "little"))
        elif name in ("b_value", "gradient", "temporal_index", "effective_echo_time", "inversion_times"):
            texts[name] = raw.hex()  # binary numbers; only told apart
        else:
            texts[name] = raw.decode("latin-1").strip(" \0")
    charset = texts.get("character_set", "")
    for name in _FREE_TEXT:
        if (name in texts and not texts[name].isascii()) or "\x1b" in texts.get(name, ""):
            texts[name] = _decoded(values[_TEXT[name]], charset)
    return texts


def _decoded(raw: bytes, charset: str) -> str:
    from pydicom.charset import convert_encodings, decode_bytes

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            encodings = convert_encodings([part.strip() for part in charset.split("\\")])
            return decode_bytes(raw, encodings, {0x5C, 0x5E, 0x3D}).strip(" \0")
        except (LookupError, UnicodeError, ValueError):
            return raw.decode("latin-1").strip(" \0")


@contextmanager
def lenient() -> Iterator[None]:
    """Let pydicom read odd values without warnings and without refusing them; its values are made when
    asked for.
    """
    import pydicom

    settings = pydicom.config.settings
    old = settings.reading_validation_mode
    settings.reading_validation_mode = pydicom.config.IGNORE
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        settings.reading_validation_mode = old


def lenient_dataset(path: str, *, pixels: bool) -> Dataset:
    """Read a whole file with pydicom, without a need for a preamble; best within `lenient()`."""
    import pydicom

    with lenient():
        return pydicom.dcmread(path, stop_before_pixels=not pixels, force=True)


def _thoroughly(place: str, first: bytes, size: int) -> tuple[ImageFacts, ...] | LeftOut:
    """Read with pydicom: deflated, big endian, multi-frame and odd files."""
    if first[128:132] != b"DICM" and _sniffed(first) is None:
        return LeftOut(place, "not a DICOM file")
    dataset = lenient_dataset(place, pixels=True)
    meta = getattr(dataset, "file_meta", None)
    syntax = str(getattr(meta, "TransferSyntaxUID", "") or "")
    if not syntax:
        return LeftOut(place, "no transfer syntax in the file meta information")
    texts = _dataset_texts(dataset)
    if "ModalityLUTSequence" in dataset and "slope" not in texts:
        reason = "its values go through a Modality LUT, which is not supported"
        return LeftOut(place, reason, "corrupt", texts.get("series_uid", ""), texts.get("study_uid", ""))
    walked = elements.Walked()
    if "PixelData" in dataset:
        raw = dataset.get_item("PixelData")
        value = raw.value or b""
        walked.has_pixels = True
        walked.pixel_offset = int(getattr(raw, "value_tell", 0) or getattr(raw, "file_tell", 0) or 0)
        walked.pixel_bytes = -1 if SYNTAXES.get(syntax, ("", ""))[1] not in ("native", "") else len(value)
    count = whole(texts.get("frame_count", "")) or 1
    if count > _MOST_FRAMES:
        return LeftOut(place, f"damaged: claims {count} frames", "corrupt")
    return _checked(place, texts, syntax, size, walked, list(_frames(dataset, texts, count)))


def _dataset_texts(dataset: Dataset) -> _Texts:
    """The wanted elements of one data set, not of its sequences, as texts."""
    texts: _Texts = {}
    for tag, name in _NAME_OF.items():
        if tag not in dataset:
            continue
        try:
            element = dataset[tag]
        except Exception:  # noqa: S112, BLE001 -- an unreadable optional value is an absent one
            continue
        value = element.value
        if value is None or element.VR == "SQ":
            continue
        parts = value if isinstance(value, (list, tuple)) or element.VM > 1 else [value]
        texts[name] = "\\".join(_decimal(part) for part in parts).strip(" \0")
    return texts


def _decimal(value: object) -> str:
    written = getattr(value, "original_string", None)
    if isinstance(written, str):
        return written
    return repr(value) if isinstance(value, float) else str(value)


def _frames(dataset: Dataset, texts: _Texts, count: int) -> Iterator[tuple[int, _Texts]]:
    """The virtual header of every frame: data set, then shared, then per-frame functional groups."""
    shared = _group_texts(dataset.get("SharedFunctionalGroupsSequence"), 0)
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence")
    for index in range(count):
        yield index + 1, texts | shared | _group_texts(per_frame, index)


def _group_texts(groups: object, index: int) -> _Texts:
    """The wanted elements of all macros of one item of functional groups, two levels deep."""
    merged: _Texts = {}
    if not groups or index >= len(groups):  # type: ignore[arg-type]
        return merged
    for macro in groups[index]:  # type: ignore[index]
        if macro.VR != "SQ" or not macro.value or macro.tag.is_private:
            continue
        item = macro.value[0]
        found = _dataset_texts(item)
        for inner in item:
            if inner.VR == "SQ" and inner.value and not inner.tag.is_private:
                found = _dataset_texts(inner.value[0]) | found
        for name in ("sop_class", "sop_uid", "study_uid", "series_uid", "image_type"):
            found.pop(name, None)  # references to other instances
        merged |= found
        if macro.keyword in ("CTImageFrameTypeSequence", "MRImageFrameTypeSequence") and "FrameType" in item:
            merged["image_type"] = "\\".join(str(word) for word in item.FrameType)
        if "FrameAcquisitionDateTime" in item:
            merged["acquisition_time_at"] = str(item.FrameAcquisitionDateTime)
    return merged


def _not_an_image(texts: _Texts, has_pixels: bool) -> str | None:
    sop_class = texts.get("sop_class", "")
    for prefix, what in _NOT_IMAGES:
        if sop_class.startswith(prefix):
            return what
    if not has_pixels:
        return "no pixel data"
    if (whole(texts.get("samples", "1")) or 1) != 1:
        return "colour image" + (" (Secondary Capture)" if sop_class.startswith(SECONDARY_CAPTURE) else "")
    return None


def _checked(
    place: str,
    texts: _Texts,
    syntax: str,
    size: int,
    walked: elements.Walked,
    frames: list[tuple[int, _Texts]],
) -> tuple[ImageFacts, ...] | LeftOut:
    """Strict checks on what was read leniently; facts of every frame, or the reason."""
    modality = texts.get("modality", "").upper() or _VOLUME_CLASSES.get(texts.get("sop_class", ""), "")
    patient = hashlib.sha256(f"{texts.get('patient_name', '')}|{texts.get('patient_id', '')}".encode()).hexdigest()[:16]

    def left_out(reason: str, code: str) -> LeftOut:
        return LeftOut(
            place,
            reason,
            code,
            texts.get("series_uid", ""),
            texts.get("study_uid", ""),
            modality,
            texts.get("series_description", ""),
            patient,
        )

    if not texts.get("sop_class") and not texts.get("rows") and not walked.has_pixels:
        return left_out("not a DICOM image: no SOP class and no pixel data", "")
    what = _not_an_image(texts, walked.has_pixels)
    if what is not None:
        return left_out(f"not an image for reading: {what}", "not-an-image")
    rows, columns = whole(texts.get("rows", "")), whole(texts.get("columns", ""))
    allocated = whole(texts.get("bits_allocated", ""))
    if not rows or not columns or allocated is None:
        return left_out("damaged: rows, columns or bits allocated are missing", "corrupt")
    if allocated not in (8, 16, 32):
        return left_out(f"{allocated} bits a pixel are not supported, 8, 16 or 32 are", "corrupt")
    stored = whole(texts.get("bits_stored", "")) or allocated
    high_bit = whole(texts.get("high_bit", ""))
    high_bit = stored - 1 if high_bit is None else high_bit
    if not (0 < stored <= allocated and stored - 1 <= high_bit < allocated):
        return left_out(f"damaged: {stored} bits stored, high bit {high_bit} in {allocated} bits", "corrupt")
    if rows * columns > _MOST_PIXELS:
        return left_out(f"damaged: claims {len(frames)} frames of {columns} x {rows} pixels", "corrupt")
    extra = 0
    if walked.pixel_bytes >= 0:
        needed = rows * columns * (allocated // 8) * len(frames)
        there = walked.pixel_bytes
        if syntax in (elements.IMPLICIT_LITTLE, elements.EXPLICIT_LITTLE):
            there = min(there, size - walked.pixel_offset)
        if there < needed:
            return left_out(f"truncated: pixel data has {there} of {needed} bytes", "truncated")
        if there >= needed + rows * columns * (allocated // 8):
            frames_there = there // (rows * columns * (allocated // 8))
            return left_out(f"pixel data holds {frames_there} frames, the header says {len(frames)}", "corrupt")
        extra = walked.pixel_bytes - needed if walked.pixel_bytes - needed > 1 else 0
    elif walked.pixel_offset and not _fragments_whole(place, walked.pixel_offset, size):
        return left_out("truncated: the compressed pixel data ends before its end", "truncated")
    signed = texts.get("signed") == "1"
    origin = _origin(texts, patient)
    shape = (rows, columns, allocated, stored, high_bit)
    return tuple(
        _facts(place, turn, len(frames), own, texts, syntax, walked, shape, signed, modality, extra, origin)
        for turn, own in frames
    )


def _fragments_whole(place: str, at: int, size: int) -> bool:
    """The items of encapsulated pixel data (PS3.5 A.4) lie within the file, up to delimiter or last byte.

    A part of a code stream may decode for long and to anything, so it is never tried.
    """
    items = 0
    with Path(place).open("rb") as opened:
        while at + 8 <= size:
            opened.seek(at)
            group, element, length = struct.unpack("<HHI", opened.read(8))
            at += 8
            if (group, element) == (0xFFFE, 0xE0DD):
                return items > 1
            if (group, element) != (0xFFFE, 0xE000) or length > size - at:
                return False
            items += 1
            at += length
    return at == size and items > 1


def _origin(texts: _Texts, patient: str) -> Origin:
    return Origin(
        patient_key=patient,
        patient_id=texts.get("patient_id", ""),
        trial_subject_id=texts.get("trial_subject_id", ""),
        trial_timepoint_id=texts.get("trial_timepoint_id", ""),
        study_date=texts.get("study_date", ""),
        acquisition_date=texts.get("acquisition_date", "") or texts.get("acquisition_time_at", "")[:8],
        study_description=texts.get("study_description", ""),
        series_description=texts.get("series_description", ""),
        protocol_name=texts.get("protocol_name", ""),
        contrast_agent=texts.get("contrast_agent", ""),
        series_number=texts.get("series_number", ""),
        body_part=texts.get("body_part", ""),
        burned_in=texts.get("burned_in", ""),
    )


def _facts(
    place: str,
    frame_number: int,
    count: int,
    own: _Texts,
    texts: _Texts,
    syntax: str,
    walked: elements.Walked,
    shape: tuple[int, int, int, int, int],
    signed: bool,
    modality: str,
    extra: int,
    origin: Origin,
) -> ImageFacts:
    get = own.get
    rows, columns, allocated, stored, high_bit = shape
    axes = orientation(get("orientation", ""))
    position = numbers(get("position", ""), 3)
    spacing = spacing_mm(get("pixel_spacing", ""))
    slope = number(get("slope", ""))
    intercept = number(get("intercept", ""))
    padding = whole(get("padding", ""))
    if padding is not None and signed and padding >= 1 << 15:
        padding -= 1 << 16
    acquired_at = get("acquisition_time_at", "") or get("acquisition_date", "") + get("acquisition_time", "")
    own = own | {
        "acquired_at": acquired_at,
        "echo_time": get("effective_echo_time", "") or get("echo_time", ""),
        "inversion_time": get("inversion_times", "") or get("inversion_time", ""),
        "temporal_position": get("temporal_index", "") or get("temporal_position", ""),
    }
    return ImageFacts(
        path=place,
        frame=frame_number,
        frames=count,
        sop_class=texts.get("sop_class", ""),
        sop_uid=texts.get("sop_uid", ""),
        study_uid=texts.get("study_uid", ""),
        series_uid=texts.get("series_uid", ""),
        frame_of_reference=get("frame_of_reference", ""),
        modality=modality,
        image_type=tuple(word.strip().upper() for word in get("image_type", "").split("\\") if word.strip()),
        rows=rows,
        columns=columns,
        photometric=get("photometric", "MONOCHROME2").upper(),
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high_bit,
        signed=signed,
        transfer_syntax=syntax,
        pixel_offset=walked.pixel_offset,
        pixel_bytes=walked.pixel_bytes,
        spacing_mm=spacing,
        imager_spacing_only=spacing is None and spacing_mm(get("imager_spacing", "")) is not None,
        position=None if position is None else (position[0], position[1], position[2]),
        row_axis=axes[0] if axes else None,
        column_axis=axes[1] if axes else None,
        slope=1.0 if slope is None or slope == 0 else slope,
        intercept=intercept or 0.0,
        padding=padding,
        lossy=get("lossy", "") == "01" or is_lossy(syntax),
        thickness_mm=number(get("thickness", "")),
        instance_number=whole(get("instance_number", "")),
        kernel=get("kernel", ""),
        distinctions=tuple((label, own[name]) for label, name in _DISTINCTIONS if own.get(name)),
        time_order=(acquired_at, get("content_time", ""), whole(get("instance_number", "")) or frame_number),
        extra_bytes=extra,
        origin=origin,
    )
