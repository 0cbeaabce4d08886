"""What was read leniently is checked strictly: the facts of every frame, or why the file is left out."""

from __future__ import annotations

import hashlib
import struct
from pathlib import Path

from storage.dicom import elements
from storage.dicom.attributes import DISTINCTIONS, Texts
from storage.dicom.facts import ImageFacts, LeftOut, Origin
from storage.dicom.sop_classes import VOLUME_CLASSES, not_an_image
from storage.dicom.syntaxes import is_lossy
from storage.dicom.written_numbers import number, numbers, orientation, spacing_mm, whole

_MOST_PIXELS = 1 << 26
_LARGEST = 1e12
"""No rescale of an image is larger; PET in Bq/ml comes to some millions."""


class _Unfit(Exception):  # noqa: N818 -- becomes a LeftOut
    """The file is left out: (reason, code)."""


def checked(
    place: str,
    texts: Texts,
    syntax: str,
    size: int,
    walked: elements.Walked,
    frames: list[tuple[int, Texts]],
) -> tuple[ImageFacts, ...] | LeftOut:
    """Strict checks on what was read leniently; facts of every frame, or the reason."""
    modality = texts.get("modality", "").upper() or VOLUME_CLASSES.get(texts.get("sop_class", ""), "")
    patient = hashlib.sha256(f"{texts.get('patient_name', '')}|{texts.get('patient_id', '')}".encode()).hexdigest()[:16]
    try:
        if not texts.get("sop_class") and not texts.get("rows") and not walked.has_pixels:
            raise _Unfit("not a DICOM image: no SOP class and no pixel data", "")
        what = not_an_image(texts, walked.has_pixels)
        if what is not None:
            raise _Unfit(f"not an image for reading: {what}", "not-an-image")
        shape = _shape(texts, len(frames))
        extra = _extra_bytes(place, shape, syntax, size, walked, len(frames))
        for _, own in frames:
            _check_rescale(own)
    except _Unfit as unfit:
        reason, code = unfit.args
        series, study = texts.get("series_uid", ""), texts.get("study_uid", "")
        return LeftOut(place, reason, code, series, study, modality, texts.get("series_description", ""), patient)
    signed = texts.get("signed") == "1"
    origin = _origin(texts, patient)
    return tuple(
        _facts(place, turn, len(frames), own, texts, syntax, walked, shape, signed, modality, extra, origin)
        for turn, own in frames
    )


def _shape(texts: Texts, count: int) -> tuple[int, int, int, int, int]:
    """Rows, columns, bits allocated, bits stored, high bit; raises _Unfit for what no image has."""
    rows, columns = whole(texts.get("rows", "")), whole(texts.get("columns", ""))
    allocated = whole(texts.get("bits_allocated", ""))
    if not rows or not columns or allocated is None:
        raise _Unfit("damaged: rows, columns or bits allocated are missing", "corrupt")
    if allocated not in (8, 16, 32):
        raise _Unfit(f"{allocated} bits a pixel are not supported, 8, 16 or 32 are", "corrupt")
    stored = whole(texts.get("bits_stored", "")) if texts.get("bits_stored") else allocated
    if stored is None:
        raise _Unfit("damaged: bits stored is no number", "corrupt")
    if texts.get("signed", "0") not in ("0", "1"):
        raise _Unfit(f"damaged: Pixel Representation is {texts['signed'][:8]!r}, not 0 or 1", "corrupt")
    high_bit = whole(texts.get("high_bit", ""))
    high_bit = stored - 1 if high_bit is None else high_bit
    if not (0 < stored <= allocated and stored - 1 <= high_bit < allocated):
        raise _Unfit(f"damaged: {stored} bits stored, high bit {high_bit} in {allocated} bits", "corrupt")
    if rows * columns > _MOST_PIXELS:
        raise _Unfit(f"damaged: claims {count} frames of {columns} x {rows} pixels", "corrupt")
    return rows, columns, allocated, stored, high_bit


def _extra_bytes(
    place: str, shape: tuple[int, int, int, int, int], syntax: str, size: int, walked: elements.Walked, count: int
) -> int:
    """Bytes of pixel data beyond those needed; raises _Unfit when there are fewer, or another frame's."""
    frame_bytes = shape[0] * shape[1] * (shape[2] // 8)
    if walked.pixel_bytes < 0:
        if walked.pixel_offset and not _fragments_whole(place, walked.pixel_offset, size):
            raise _Unfit("truncated: the compressed pixel data ends before its end", "truncated")
        return 0
    needed = frame_bytes * count
    there = walked.pixel_bytes
    if syntax in (elements.IMPLICIT_LITTLE, elements.EXPLICIT_LITTLE):
        there = min(there, size - walked.pixel_offset)
    if there < needed:
        raise _Unfit(f"truncated: pixel data has {there} of {needed} bytes", "truncated")
    if there >= needed + frame_bytes:
        raise _Unfit(f"pixel data holds {there // frame_bytes} frames, the header says {count}", "corrupt")
    return walked.pixel_bytes - needed if walked.pixel_bytes - needed > 1 else 0


def _check_rescale(own: Texts) -> None:
    """Raise _Unfit for a rescale that is written and is no number, or makes every pixel the same."""
    for name, words in (("slope", "Rescale Slope"), ("intercept", "Rescale Intercept")):
        written = own.get(name, "")
        value = number(written)
        if written and (value is None or abs(value) > _LARGEST or (name == "slope" and abs(value) < 1 / _LARGEST)):
            raise _Unfit(f"damaged: its {words} is {written[:20]!r}, so its values mean nothing", "corrupt")


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


def _origin(texts: Texts, patient: str) -> Origin:
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
    own: Texts,
    texts: Texts,
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
        slope=1.0 if slope is None else slope,
        intercept=intercept or 0.0,
        padding=padding,
        lossy=get("lossy", "") == "01" or is_lossy(syntax),
        thickness_mm=number(get("thickness", "")),
        instance_number=whole(get("instance_number", "")),
        kernel=get("kernel", ""),
        distinctions=tuple((label, own[name]) for label, name in DISTINCTIONS if own.get(name)),
        time_order=(acquired_at, get("content_time", ""), whole(get("instance_number", "")) or frame_number),
        extra_bytes=extra,
        part_of=_part_of(texts),
        hounsfield=modality == "CT" and bool(get("intercept", "")) and get("rescale_type", "HU").upper() in ("HU", ""),
        origin=origin,
    )


def _part_of(texts: Texts) -> tuple[str, int, int] | None:
    """Concatenation UID, this part's number and how many there are (PS3.3 C.7.6.16.1.1)."""
    uid, number_in = texts.get("concatenation", ""), whole(texts.get("concatenation_number", ""))
    if not uid or number_in is None:
        return None
    return uid, number_in, whole(texts.get("concatenation_total", "")) or 0
