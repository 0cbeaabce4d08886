"""The quick reading of a plain little-endian header: forty elements of it, and where the pixels are.

Whatever it is unsure of is left to storage.dicom.thorough.
"""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from io import FileIO

from storage.dicom import elements
from storage.dicom.attributes import FREE_TEXT, INSIDE, NAME_OF, TEXTS, WANTED, WORDS, Texts
from storage.dicom.written_numbers import whole

FIRST_READ = 1 << 16
_INFLATED_ANYWAY = 1 << 26
_MOST_INFLATED = 1 << 30
_MOST_RATIO = 100


NOT_DICOM = "not a DICOM file"
_OTHER_ARCHIVES = (
    (b"\x1f\x8b", "gzip"),
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "RAR"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"BZh", "bzip2"),
)


def looks_like_dicom(first: bytes) -> bool:
    """The first kilobyte of a file may be that of a DICOM file, with a preamble or without."""
    return first[128:132] == b"DICM" or sniffed(first) is not None


def quickly(opened: FileIO, first: bytes, size: int) -> tuple[Texts, str, elements.Walked] | str | None:
    """The quick walk: texts, transfer syntax and the place of the pixels; a reason; or None for the
    thorough reader.
    """
    if size == 0:
        return "empty file"
    if first[128:132] == b"DICM":
        meta, at = elements.file_meta(first)
        if 0x00020010 not in meta:
            return "no transfer syntax in the file meta information"
        syntax = plain(meta[0x00020010])
        if plain(meta.get(0x00020002, b"")) == "1.2.840.10008.1.3.10":
            return "directory file (DICOMDIR): the images it lists are looked for themselves"
    else:
        guessed = sniffed(first)
        if guessed is None:
            return _what_else(first)
        if guessed == "":
            return None
        syntax, at = guessed, 0
    if syntax == elements.DEFLATED and not _inflates_within(opened, at):
        return "damaged: the deflated data set grows beyond all measure"
    if syntax in (elements.DEFLATED, elements.EXPLICIT_BIG):
        return None
    explicit = syntax != elements.IMPLICIT_LITTLE
    walked = _walked(opened, first, at, explicit, size)
    if walked.values.keys() & INSIDE:
        return None
    texts = _texts(walked.values)
    if whole(texts.get("frame_count", "")) not in (None, 0, 1):
        return None
    return texts, syntax, walked


def _inflates_within(opened: FileIO, at: int) -> bool:
    """A deflated data set stays below _MOST_INFLATED bytes and _MOST_RATIO times its size (images are never
    that empty); looked at piece by piece, nothing is kept.
    """
    size = os.fstat(opened.fileno()).st_size - at
    most = min(_MOST_INFLATED, max(_INFLATED_ANYWAY, _MOST_RATIO * size))
    opened.seek(at)
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    total = 0
    rest = opened.read(1 << 20)
    while rest and not inflater.eof:
        try:
            total += len(inflater.decompress(rest, 1 << 24))
        except zlib.error:
            return True  # damaged: the thorough reader says so
        if total > most:
            return False
        rest = inflater.unconsumed_tail or opened.read(1 << 20)
    return True


def _walked(opened: FileIO, buffer: bytes, at: int, explicit: bool, size: int) -> elements.Walked:
    """Walk over the header, reading more of the file until it ends where the pixels begin."""
    amount = FIRST_READ
    while True:
        try:
            return elements.walk(buffer, at, explicit, WANTED, size)
        except elements.NeedsMore:
            if len(buffer) >= size:
                raise elements.Unsure from None
            amount = min(amount * 8, size)
            opened.seek(0)
            buffer = opened.read(amount)


def sniffed(first: bytes) -> str | None:
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


def _what_else(first: bytes) -> str:
    """What a file is that is not DICOM: an archive of a kind that is not opened is named."""
    for sign, name in _OTHER_ARCHIVES:
        if first.startswith(sign):
            return f"an archive ({name}): unpack it first"
    if first[257:262] == b"ustar":
        return "an archive (tar): unpack it first"
    return NOT_DICOM


def plain(raw: bytes) -> str:
    """The text of a raw value without its padding."""
    return raw.decode("latin-1").strip(" \0")


def _texts(values: dict[int, bytes]) -> Texts:
    """Raw values to texts; numbers of two bytes to decimal texts."""
    texts: Texts = {}
    for tag, raw in values.items():
        name = NAME_OF.get(tag)
        if name is None:
            continue
        if name in WORDS:
            if len(raw) >= 2:
                texts[name] = str(int.from_bytes(raw[:2], "little"))
        elif name in ("b_value", "gradient", "temporal_index", "effective_echo_time", "inversion_times"):
            texts[name] = raw.hex()  # binary numbers; only told apart
        else:
            texts[name] = raw.decode("latin-1").strip(" \0")
    charset = texts.get("character_set", "")
    for name in FREE_TEXT:
        if (name in texts and not texts[name].isascii()) or "\x1b" in texts.get(name, ""):
            texts[name] = _decoded(values[TEXTS[name]], charset)
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
