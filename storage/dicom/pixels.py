"""Pixels of one image: decoded by the decoder named for its syntax, range checked again, rescaled without
loss.

Stored values are returned as the bits say (masked to Bits Stored, sign extended), MONOCHROME1 untouched;
rescale gives int16 where that is exact and float32 otherwise. Every function is safe in a spawned worker
process.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from functools import lru_cache
from io import BytesIO
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from measure.refusal import Refused
from storage.dicom import elements
from storage.dicom.code_streams import check_rle, jpeg2000_facts, jpeg_facts
from storage.dicom.facts import ImageFacts
from storage.dicom.syntaxes import SYNTAXES, syntax_name

Stored = NDArray[np.int32]  # shape (rows, columns)
Values = NDArray[np.generic]  # shape (rows, columns), int16 or float32

_INT16 = np.iinfo(np.int16)
_MOST_FILE_BYTES = 1 << 32
_ROOM = 1 << 30
_READ_ALIKE = (
    "transfer_syntax", "rows", "columns", "bits_allocated", "bits_stored", "high_bit", "signed", "padding",
    "slope", "intercept",
)  # fmt: skip


class Undecodable(Exception):  # noqa: N818
    """The pixels of one image cannot be decoded; the text says what is wrong with them."""


def stored_values(image: ImageFacts) -> Stored:
    """Stored values of one image before rescale, shape (rows, columns).

    Raises Undecodable when the code stream is damaged and Refused when no decoder is named for its syntax.
    """
    return interpreted(_raw(image), image)


def rescaled(stored: NDArray[np.integer], slope: float, intercept: float) -> Values:
    """stored x slope + intercept: int16 when that is exact, else float32 (computed in double)."""
    if slope == int(slope) and intercept == int(intercept) and abs(slope) < _ROOM and abs(intercept) < _ROOM:
        small = (
            stored.dtype == np.int32
            and slope == 1
            and abs(intercept) < _ROOM
            and -_ROOM < int(stored.min(initial=0)) <= int(stored.max(initial=0)) < _ROOM
        )
        whole = stored + np.int32(intercept) if small else stored.astype(np.int64) * int(slope) + int(intercept)
        if whole.size == 0 or (whole.min() >= _INT16.min and whole.max() <= _INT16.max):
            return whole.astype(np.int16)
        return whole.astype(np.float32)
    return (stored.astype(np.float64) * slope + intercept).astype(np.float32)


def decoded(images: Sequence[ImageFacts]) -> list[Values | str]:
    """Rescaled values of some images, or for each that cannot be decoded the reason; the work of one
    worker.
    """
    results: list[Values | str] = []
    for image in images:
        try:
            results.append(rescaled(stored_values(image), image.slope, image.intercept))
        except (Undecodable, Refused, OSError) as problem:
            results.append(str(problem) or type(problem).__name__)
        except MemoryError:
            results.append(f"{image.name}: claims more memory than an image may have")
    return results


def same_bytes(a: ImageFacts, b: ImageFacts) -> bool:
    """Two images hold their pixels in the same bytes, to be read alike: then they are equal undecoded."""
    if any(getattr(a, name) != getattr(b, name) for name in _READ_ALIKE):
        return False
    try:
        if SYNTAXES.get(a.transfer_syntax, ("", ""))[1] == "native":
            return _native_bytes(a) == _native_bytes(b)
        return code_stream(a) == code_stream(b)
    except (Undecodable, OSError):
        return False


def _raw(image: ImageFacts) -> NDArray[np.integer]:
    """Unsigned values as they come out of the decoder, shape (rows, columns)."""
    if image.transfer_syntax not in SYNTAXES:
        raise Refused(f"{image.name}: no decoder for transfer syntax {syntax_name(image.transfer_syntax)}")
    decoder = SYNTAXES[image.transfer_syntax][1]
    if decoder == "native":
        return _native(image)
    frame = code_stream(image)
    try:
        _fits_its_header(frame, image, decoder)
        decode = {
            "rle": _rle,
            "jpegls": _jpegls,
            "openjpeg": _openjpeg,
            "pillow": _jpeg8,
            "simpleitk": by_simpleitk,
            "ljpeg": _ljpeg,
        }[decoder]
        values = decode(frame, image)
    except (Undecodable, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # the RLE decoder's panics are no Exceptions
        words = " ".join(str(problem).split())[-160:] or type(problem).__name__
        name = syntax_name(image.transfer_syntax)
        raise Undecodable(f"{image.name}: the {name} code stream is damaged ({words})") from problem
    if values.shape != (image.rows, image.columns):
        raise Undecodable(
            f"{image.name}: the code stream holds {values.shape[-1]} x {values.shape[0]} pixels, "
            f"the header says {image.columns} x {image.rows}"
        )
    return values


def _native(image: ImageFacts) -> NDArray[np.integer]:
    kind = np.dtype(f"u{image.bits_allocated // 8}").newbyteorder("<")
    if image.transfer_syntax == elements.EXPLICIT_BIG:
        kind = kind.newbyteorder(">")
    found = _native_bytes(image)
    return np.frombuffer(found, kind).reshape(image.rows, image.columns).astype(kind.newbyteorder("="))


def _native_bytes(image: ImageFacts) -> bytes:
    """The bytes of one native frame."""
    size = image.frame_bytes
    if image.transfer_syntax in (elements.IMPLICIT_LITTLE, elements.EXPLICIT_LITTLE) and image.pixel_offset:
        with Path(image.path).open("rb", buffering=0) as opened:
            opened.seek(image.pixel_offset + (image.frame - 1) * size)
            found = opened.read(size)
    else:
        whole = _pixel_bytes(image.path, _state(image.path))
        found = whole[(image.frame - 1) * size : image.frame * size]
        if image.transfer_syntax == elements.EXPLICIT_BIG and image.bits_allocated == 8:
            found = _words_turned(found, image.path)  # two bytes a word (OW) stand the other way round
    if len(found) < size:
        raise Undecodable(f"{image.name}: truncated, {len(found)} of {size} bytes")
    return found


def _state(path: str) -> tuple[int, ...]:
    """What tells that a file was replaced or written again since it was read."""
    found = Path(path).stat()
    return found.st_ino, found.st_size, found.st_mtime_ns


@lru_cache(maxsize=1)
def _pixel_bytes(path: str, state: tuple[int, ...]) -> bytes:
    """Pixel data of a deflated or big-endian file."""
    from storage.dicom.thorough import lenient_dataset

    return bytes(lenient_dataset(path, pixels=True).PixelData)


def _words_turned(found: bytes, path: str) -> bytes:
    from storage.dicom.thorough import lenient_dataset

    if lenient_dataset(path, pixels=True)["PixelData"].VR != "OW":
        return found
    even = found + b"\0" * (len(found) % 2)
    return np.frombuffer(even, ">u2").astype("<u2").tobytes()[: len(found)]


@lru_cache(maxsize=1)
def _fragments(path: str, offset: int, state: tuple[int, ...]) -> bytes:
    """The encapsulated pixel data of a file, from its offset table on."""
    with Path(path).open("rb", buffering=0) as opened:
        if os.fstat(opened.fileno()).st_size > _MOST_FILE_BYTES:
            raise Undecodable(f"{Path(path).name}: larger than 4 GB")
        opened.seek(offset)
        return opened.read()


def code_stream(image: ImageFacts) -> bytes:
    """The compressed bytes of one frame."""
    from pydicom.encaps import get_frame

    if not image.pixel_offset:
        raise Undecodable(f"{image.name}: the compressed pixels were not found")
    try:
        return get_frame(
            _fragments(image.path, image.pixel_offset, _state(image.path)),
            image.frame - 1,
            number_of_frames=image.frames,
        )
    except (ValueError, IndexError) as problem:
        raise Undecodable(f"{image.name}: the compressed pixels are damaged ({problem})") from problem


def _fits_its_header(frame: bytes, image: ImageFacts, decoder: str) -> None:
    """What the code stream claims is what the header says; no decoder makes room for anything else."""
    if decoder == "rle":
        check_rle(frame, image.bits_allocated // 8)
        return
    claimed = jpeg2000_facts(frame) if decoder == "openjpeg" else jpeg_facts(frame)
    if (claimed.columns, claimed.rows) != (image.columns, image.rows):
        raise Undecodable(
            f"{image.name}: the code stream holds {claimed.columns} x {claimed.rows} pixels, "
            f"the header says {image.columns} x {image.rows}"
        )
    if claimed.components != 1:
        raise Undecodable(f"{image.name}: a colour code stream in a grey image")
    if claimed.bits > image.bits_allocated:
        raise Undecodable(f"{image.name}: the code stream holds {claimed.bits} bits, not {image.bits_allocated}")


def _rle(frame: bytes, image: ImageFacts) -> NDArray[np.integer]:
    from rle.rle import decode_frame

    flat = decode_frame(frame, image.rows * image.columns, image.bits_allocated, "<")
    kind = np.dtype(f"<u{image.bits_allocated // 8}")
    return np.frombuffer(bytes(flat), kind).reshape(image.rows, image.columns)


def _jpegls(frame: bytes, image: ImageFacts) -> NDArray[np.integer]:
    from jpeg_ls import decode_pixel_data

    flat, facts = decode_pixel_data(frame)
    kind = np.dtype("u1" if facts["bits_per_sample"] <= 8 else "<u2")
    return np.frombuffer(bytes(flat), kind).reshape(facts["height"], facts["width"])


def _openjpeg(frame: bytes, image: ImageFacts) -> NDArray[np.integer]:
    from openjpeg import decode

    values = np.asarray(decode(frame))
    if values.ndim != 2:
        raise Undecodable(f"{image.name}: a colour code stream in a grey image")
    return values


def _jpeg8(frame: bytes, image: ImageFacts) -> NDArray[np.integer]:
    from PIL import Image

    with Image.open(BytesIO(frame), formats=("JPEG",)) as picture:
        if picture.mode != "L":
            raise Undecodable(f"{image.name}: a colour code stream in a grey image")
        return np.asarray(picture)


def _ljpeg(frame: bytes, image: ImageFacts) -> NDArray[np.integer]:
    """Lossless Huffman JPEG, all selection values; measured four times as fast as SimpleITK."""
    from imagecodecs import ljpeg_decode

    return np.asarray(ljpeg_decode(frame))


def by_simpleitk(frame: bytes, image: ImageFacts) -> NDArray[np.integer]:
    """Decode by SimpleITK from a file of its own that holds nothing but this frame (interop T3).

    Without rescale, padding, MONOCHROME1 and identity, and unsigned, so that the reader has nothing to
    change.
    """
    import SimpleITK as sitk  # noqa: N813

    bits = 16 if image.bits_allocated > 8 else 8
    with tempfile.TemporaryDirectory(prefix="coread-frame-") as folder:
        lonely = Path(folder) / "frame.dcm"
        lonely.write_bytes(_lonely_file(frame, image, bits))
        reader = sitk.ImageFileReader()
        reader.SetImageIO("GDCMImageIO")
        reader.SetFileName(str(lonely))
        values = np.squeeze(sitk.GetArrayFromImage(reader.Execute()))
    return np.asarray(values, np.uint16 if bits == 16 else np.uint8)


def _lonely_file(frame: bytes, image: ImageFacts, bits: int) -> bytes:
    """A minimal Part 10 file with one frame."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import UID

    capture = UID("1.2.840.10008.5.1.4.1.1.7")
    header = Dataset()
    header.SOPClassUID, header.SOPInstanceUID = capture, UID("2.25.1")
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.Rows, header.Columns = image.rows, image.columns
    header.BitsAllocated = bits
    lossy = SYNTAXES[image.transfer_syntax][2]
    header.BitsStored = min(image.bits_stored, bits) if lossy else bits
    header.HighBit = header.BitsStored - 1
    header.PixelRepresentation = 0
    header.PixelData = encapsulate([frame])
    header["PixelData"].is_undefined_length = True
    header["PixelData"].VR = "OB"
    header.file_meta = FileMetaDataset()
    header.file_meta.MediaStorageSOPClassUID = capture
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID
    header.file_meta.TransferSyntaxUID = UID(image.transfer_syntax)
    buffer = BytesIO()
    header.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def _simply(raw: NDArray[np.integer], image: ImageFacts) -> Stored | None:
    """The same for 16-bit words whose unused bits are empty or repeat the sign; None where they are not."""
    stored = image.bits_stored
    if not image.signed:
        return raw.astype(np.int32) if stored == 16 or not (raw >> stored).any() else None
    values = raw.view(np.int16)
    if stored < 16 and (values.min(initial=0) < -(1 << (stored - 1)) or values.max(initial=0) >= 1 << (stored - 1)):
        return None
    return values.astype(np.int32)


def interpreted(raw: NDArray[np.integer], image: ImageFacts) -> Stored:
    """Mask to Bits Stored, extend the sign, keep padding that lies outside the stored bits.

    A code stream of more bits than Bits Stored (signed 12 bits in a 16-bit stream) comes out right this
    way; bits above Bits Stored in native data are overlays of old files. Signed streams (JPEG 2000) are
    folded back first.
    """
    allocated, stored = image.bits_allocated, image.bits_stored
    if raw.dtype == np.uint16 and allocated == 16 and image.high_bit == stored - 1:
        simple = _simply(raw, image)
        if simple is not None:
            return simple
    values = raw.astype(np.int64)
    whole = (1 << allocated) - 1
    words = values & whole
    shift = image.high_bit - (stored - 1) if SYNTAXES[image.transfer_syntax][1] == "native" else 0
    kept = (words >> shift) & ((1 << stored) - 1)
    if image.signed:
        kept = np.where(kept >= 1 << (stored - 1), kept - (1 << stored), kept)
    if image.padding is not None and stored < allocated:
        kept[words == (image.padding & whole)] = image.padding
    if SYNTAXES[image.transfer_syntax][1] != "native" and not image.signed and (values > whole).any():
        raise Undecodable(f"{image.name}: decoded values do not fit in {allocated} bits")
    if kept.size and (kept.min() < -(1 << 31) or kept.max() >= 1 << 31):
        raise Undecodable(f"{image.name}: values beyond 31 bits")
    return kept.astype(np.int32)
