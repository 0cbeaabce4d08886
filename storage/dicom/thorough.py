"""The thorough reading of a header by pydicom: deflated, big endian, multi-frame and odd files.

Every frame of a multi-frame object gets a header of its own: shared and per-frame functional groups are merged over
the data set (PS3.3 C.7.6.16).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from storage.dicom import elements
from storage.dicom.attributes import NAME_OF, Texts
from storage.dicom.checked import checked
from storage.dicom.facts import ImageFacts, LeftOut
from storage.dicom.quick import NOT_DICOM, sniffed
from storage.dicom.syntaxes import SYNTAXES
from storage.dicom.written_numbers import whole

if TYPE_CHECKING:
    from pydicom.dataset import Dataset


_MOST_FRAMES = 20_000


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


def thoroughly(place: str, first: bytes, size: int) -> tuple[ImageFacts, ...] | LeftOut:
    """Read with pydicom: deflated, big endian, multi-frame and odd files."""
    if first[128:132] != b"DICM" and sniffed(first) is None:
        return LeftOut(place, NOT_DICOM)
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
    return checked(place, texts, syntax, size, walked, list(_frames(dataset, texts, count)))


def _dataset_texts(dataset: Dataset) -> Texts:
    """The wanted elements of one data set, not of its sequences, as texts."""
    texts: Texts = {}
    for tag, name in NAME_OF.items():
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


def _frames(dataset: Dataset, texts: Texts, count: int) -> Iterator[tuple[int, Texts]]:
    """The virtual header of every frame: data set, then shared, then per-frame functional groups."""
    shared = _group_texts(dataset.get("SharedFunctionalGroupsSequence"), 0)
    per_frame = dataset.get("PerFrameFunctionalGroupsSequence")
    for index in range(count):
        yield index + 1, texts | shared | _group_texts(per_frame, index)


def _group_texts(groups: object, index: int) -> Texts:
    """The wanted elements of all macros of one item of functional groups, two levels deep."""
    merged: Texts = {}
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
