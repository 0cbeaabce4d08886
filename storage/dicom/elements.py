"""A quick walk over the top level of a little-endian data set: the elements wanted, and where the pixels
begin.

pydicom reads everything and is used wherever this walk is unsure; a plain slice of a CT needs some forty of
its elements, and a series has hundreds of slices. Structure: PS3.5 section 7.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

IMPLICIT_LITTLE = "1.2.840.10008.1.2"
EXPLICIT_LITTLE = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG = "1.2.840.10008.1.2.2"

PIXEL_DATA = 0x7FE00010
_FLOAT_PIXELS = (0x7FE00008, 0x7FE00009)
_ITEM, _ITEM_END, _SEQUENCE_END = 0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD
_UNDEFINED = 0xFFFFFFFF
_LONG = frozenset((b"OB", b"OW", b"OF", b"SQ", b"UT", b"UN", b"OD", b"OL", b"UC", b"UR", b"OV", b"SV", b"UV"))
_DEEPEST = 24

_explicit_head = struct.Struct("<HH2sH").unpack_from
_implicit_head = struct.Struct("<HHI").unpack_from
_long_length = struct.Struct("<I").unpack_from


class Unsure(Exception):  # noqa: N818 -- not a fault: the thorough reader decides
    """The walk met something it does not understand."""


class NeedsMore(Exception):  # noqa: N818
    """The bytes at hand end before the pixels begin."""


@dataclass(slots=True)
class Walked:
    """Raw values by tag; offset and length of the pixel data (length -1: encapsulated), both counted in the
    file.
    """

    values: dict[int, bytes] = field(default_factory=dict)
    pixel_offset: int = 0
    pixel_bytes: int = 0
    has_pixels: bool = False


def _head(buffer: bytes, at: int, explicit: bool) -> tuple[int, bytes, int, int]:
    """Tag, value representation, length and place of the value of the element at `at`."""
    try:
        if not explicit:
            group, element, length = _implicit_head(buffer, at)
            return (group << 16) | element, b"", length, at + 8
        group, element, vr, length = _explicit_head(buffer, at)
        if group == 0xFFFE:
            return (group << 16) | element, b"", _long_length(buffer, at + 4)[0], at + 8
        if vr in _LONG:
            return (group << 16) | element, vr, _long_length(buffer, at + 8)[0], at + 12
    except struct.error as short:
        raise NeedsMore from short
    if not vr.isalpha() or not vr.isupper():
        raise Unsure
    return (group << 16) | element, vr, length, at + 8


def _after_sequence(buffer: bytes, at: int, explicit: bool, depth: int = 0) -> int:
    """Place behind a sequence of undefined length whose items begin at `at`."""
    if depth > _DEEPEST:
        raise Unsure
    while True:
        tag, _, length, at = _head(buffer, at, explicit)
        if tag == _SEQUENCE_END:
            return at
        if tag != _ITEM:
            raise Unsure
        if length != _UNDEFINED:
            at += length
            continue
        while True:
            tag, vr, length, at = _head(buffer, at, explicit)
            if tag == _ITEM_END:
                break
            if length == _UNDEFINED:
                at = _after_sequence(buffer, at, explicit and vr != b"UN", depth + 1)
            else:
                at += length


def walk(buffer: bytes, at: int, explicit: bool, wanted: frozenset[int], whole_size: int) -> Walked:
    """Walk from `at` to the pixel data, or to the end of the file (whole_size bytes) when there is none.

    Raises NeedsMore when the buffer ends first and Unsure when the structure is not plain.
    """
    found = Walked()
    values = found.values
    end = len(buffer)
    last_tag = 0
    while at < whole_size:
        if at + 8 > end:
            if end >= whole_size:
                return found  # trailing bytes
            raise NeedsMore
        tag, vr, length, at = _head(buffer, at, explicit)
        if tag == PIXEL_DATA:
            found.has_pixels = True
            found.pixel_offset = at
            found.pixel_bytes = -1 if length == _UNDEFINED else length
            return found
        if tag <= last_tag or tag in _FLOAT_PIXELS:
            raise Unsure
        last_tag = tag
        if length == _UNDEFINED:
            if vr not in (b"SQ", b"UN", b""):
                raise Unsure
            at = _after_sequence(buffer, at, explicit and vr != b"UN")
            if tag in wanted:
                values[tag] = b""  # that it is there is enough: the thorough reader looks inside
            continue
        if tag in wanted:
            if at + length > end:
                raise NeedsMore if end < whole_size else Unsure
            values[tag] = buffer[at : at + length]
        at += length
    if at > whole_size:
        raise Unsure
    return found


def file_meta(buffer: bytes) -> tuple[dict[int, bytes], int]:
    """The file meta information (explicit little endian) of a Part 10 file and the place behind it."""
    at = 132
    values: dict[int, bytes] = {}
    while at + 8 <= len(buffer) and buffer[at : at + 2] == b"\x02\x00":
        tag, _, length, at = _head(buffer, at, True)
        values[tag] = buffer[at : at + length]
        at += length
    return values, at
