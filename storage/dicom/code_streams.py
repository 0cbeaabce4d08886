"""What the head of a compressed frame says of it, read before any decoder sees it.

Decoders make room for what a code stream claims: a claim that the header does not make, or that no image of
this kind makes, is refused here (PS3.5 A.4; ISO 10918-1 B.2, 14495-1 C.2, 15444-1 A.5).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))
"""Markers without a length."""
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}
_SCAN, _END = 0xDA, 0xD9
_J2K = b"\xff\x4f\xff\x51"
_BOX = b"\x00\x00\x00\x0cjP  "
_MOST_TILES = 4096


class DamagedStream(ValueError):  # noqa: N818
    """The head of a code stream does not fit the image; the text says why."""


@dataclass(frozen=True, slots=True)
class StreamFacts:
    """What a code stream claims: size in pixels, components, bits of each sample."""

    columns: int
    rows: int
    components: int
    bits: int


def jpeg_facts(stream: bytes) -> StreamFacts:
    """Claims of a JPEG or JPEG-LS stream; its markers stand in order and its end is there."""
    if stream[:2] != b"\xff\xd8":
        raise DamagedStream("it does not begin as JPEG")
    found: StreamFacts | None = None
    at = 2
    while True:
        marker, at, length = _segment(stream, at)
        if marker in _FRAMES and marker != 0xF8:
            if found is not None:
                raise DamagedStream("two images in one frame")
            if length < 8:
                raise DamagedStream("its frame header is cut short")
            bits, rows, columns, components = struct.unpack_from(">BHHB", stream, at)
            found = StreamFacts(columns, rows, components, bits)
        if marker == _SCAN:
            break
        at += length
    if found is None:
        raise DamagedStream("it has no frame header")
    if stream.rstrip(b"\0")[-2:] not in (b"\xff\xd9",) and b"\xff\xd9" not in stream[-4:]:
        raise DamagedStream("it ends before its end marker")
    return found


def _segment(stream: bytes, at: int) -> tuple[int, int, int]:
    """The next marker, the place of its content and the length of that."""
    while at + 1 < len(stream) and stream[at] == 0xFF and stream[at + 1] == 0xFF:
        at += 1
    if at + 4 > len(stream) or stream[at] != 0xFF:
        raise DamagedStream("its markers are damaged")
    marker = stream[at + 1]
    if marker in _ALONE:
        return marker, at + 2, 0
    length = struct.unpack_from(">H", stream, at + 2)[0] - 2
    if marker == _END or length < 0 or at + 4 + length > len(stream):
        raise DamagedStream("its markers are damaged")
    return marker, at + 4, length


def jpeg2000_facts(stream: bytes) -> StreamFacts:
    """Claims of a JPEG 2000 or HTJ2K code stream, bare or in a JP2 box."""
    start = stream.find(_J2K, 0, 1 << 16) if stream[:8] == _BOX else 0 if stream[:4] == _J2K else -1
    if start < 0 or len(stream) < start + 45:
        raise DamagedStream("it does not begin as JPEG 2000")
    right, bottom, left, top, tile_x, tile_y = struct.unpack_from(">6I", stream, start + 8)
    components, depth = struct.unpack_from(">HB", stream, start + 40)
    if right <= left or bottom <= top or not tile_x or not tile_y:
        raise DamagedStream("its size is damaged")
    if -(-right // tile_x) * -(-bottom // tile_y) > _MOST_TILES:
        raise DamagedStream("it claims tiles beyond measure")
    return StreamFacts(right - left, bottom - top, components, (depth & 0x7F) + 1)


def check_rle(stream: bytes, bytes_a_pixel: int) -> None:
    """The RLE header (PS3.5 G.5): one segment a byte of the pixel, offsets in order and inside."""
    if len(stream) < 64:
        raise DamagedStream("its RLE header is cut short")
    count, *offsets = struct.unpack_from("<16I", stream)
    used = offsets[:count] if count <= 15 else []
    if count != bytes_a_pixel or used[0] != 64 or sorted(set(used)) != used or used[-1] >= len(stream):
        raise DamagedStream("its RLE header is damaged")
