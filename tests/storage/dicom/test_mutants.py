"""Damaged and hostile files through the workers: nothing stops, nothing grows, no wrong pixels are shown as right.

A mutant that opens must show what lies in its own bytes: native pixels those of the file, and of a changed code
stream what a third decoder (imagecodecs) reads from it, too. Unchanged pixels must come out unchanged.
"""

from __future__ import annotations

import io
import random
import resource
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, JPEGLSLossless, RLELossless

from measure.refusal import Refused
from storage.dicom.deidentify import deidentified
from storage.dicom.facts import ImageFacts
from storage.dicom.load import Scan, load_stack, scan
from storage.dicom.pixels import _READ_ALIKE, code_stream
from storage.dicom.second_decoder import decoded_twice
from storage.dicom.workers import decode_all
from tests.build.dicom import compressed, ct_slice, enhanced_ct, write
from tests.build.syntaxes import BASELINE, EVERY, EXTENDED, HT_LOSSY, J2K, LOSSLESS, LOSSY, LS, NATIVE, in_syntax, uid


@dataclass(frozen=True)
class Sound:
    """A small file without a fault, and what it shows."""

    content: bytes
    images: tuple[ImageFacts, ...]
    values: tuple[NDArray[np.generic], ...]
    streams: tuple[bytes, ...]


def sound_files(folder: Path) -> list[Sound]:
    """One file of every transfer syntax, and an enhanced multi-frame one."""
    made = [write(folder / syntax, [in_syntax(syntax, 1)], syntax=uid(syntax)) for syntax in EVERY]
    made.append(write(folder / "enhanced", [enhanced_ct(4)]))
    found = []
    for place in made:
        (file,) = place.iterdir()
        (stack,) = scan(place).stacks
        array = load_stack(stack).array
        streams = tuple(code_stream(f) if f.pixel_bytes < 0 else b"" for f in stack.images)
        found.append(Sound(file.read_bytes(), stack.images, tuple(array), streams))
    return found


def mutant(content: bytes, luck: random.Random) -> bytes:
    """Cut short, bytes changed, taken out or put in, a piece copied elsewhere, or a length that is nonsense."""
    changed = bytearray(content)
    kind = luck.randrange(7)
    pixels = max(content.find(b"\xe0\x7f\x10\x00"), 0) if kind == 6 else 0
    if kind == 0:
        return bytes(changed[: luck.randrange(len(changed))])
    if kind in (1, 6):
        for _ in range(luck.randrange(1, 20)):
            changed[luck.randrange(pixels, len(changed))] = luck.randrange(256)
    elif kind == 2:
        start = luck.randrange(len(changed))
        del changed[start : start + luck.randrange(1, 40)]
    elif kind == 3:
        start = luck.randrange(len(changed))
        changed[start:start] = luck.randbytes(luck.randrange(1, 40))
    elif kind == 4:
        start, to = luck.randrange(len(changed)), luck.randrange(len(changed))
        piece = changed[start : start + luck.randrange(1, 200)]
        changed[to : to + len(piece)] = piece
    else:
        start = luck.randrange(128, len(changed) - 4)
        changed[start : start + 4] = luck.choice(
            [b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f", b"\xff\xff\0\0"]
        )
    return bytes(changed)


def read_otherwise(stream: bytes, syntax: str) -> NDArray[np.generic] | None:
    """A code stream by a third decoder; None where imagecodecs is the first or gives up."""
    import imagecodecs

    decode = {
        "ljpeg": imagecodecs.jpegsof3_decode,
        "jpegls": imagecodecs.jpegls_decode,
        "openjpeg": imagecodecs.jpeg2k_decode,
    }
    from storage.dicom.syntaxes import SYNTAXES

    try:
        return np.asarray(decode[SYNTAXES[syntax][1]](stream))
    except (KeyError, ValueError, RuntimeError):
        return None


def look_at(file: Path, source: Sound, seen: Counter[str]) -> None:
    """Scan, decode as an import does, compare with what the bytes say, make the de-identified copy."""
    found = scan(file.parent)
    assert found.stacks or found.left_out
    assert all(one.reason for one in found.left_out)
    for stack in found.stacks:
        assert stack.measurable or stack.why_not
        if any(d.code == "unsupported-syntax" for d in stack.defects):
            continue
        for k, got in decode_all(stack.images, work=decoded_twice):
            if isinstance(got, str):
                seen["refused by a decoder"] += 1
            else:
                right(stack.images[k], got, source, seen)
        try:
            copy = deidentified(file, key=b"k" * 32, subject="S-01")
        except Refused:
            seen["not copied"] += 1
            continue
        header = pydicom.dcmread(io.BytesIO(copy.content))
        del header.PixelData  # a piece of the header may lie in it now
        assert "TP-1" not in str(header)
        assert "Test^Patient" not in str(header)


def right(image: ImageFacts, got: NDArray[np.generic], source: Sound, seen: Counter[str]) -> None:
    """The values shown are those of the bytes."""
    twin = next((k for k, f in enumerate(source.images) if f.frame == image.frame), None)
    alike = twin is not None and all(getattr(image, n) == getattr(source.images[twin], n) for n in _READ_ALIKE)
    if image.pixel_bytes >= 0:
        seen["native, shown"] += 1
        return
    stream = code_stream(image)
    if alike and twin is not None and stream == source.streams[twin]:
        np.testing.assert_array_equal(got, source.values[twin])
        seen["same code stream, same values"] += 1
        return
    seen["other code stream, shown"] += 1
    other = read_otherwise(stream, image.transfer_syntax)
    if other is not None and alike and image.transfer_syntax not in LOSSY:
        shown = np.asarray(got, np.int64) - int(image.intercept)
        mask = (1 << image.bits_stored) - 1
        np.testing.assert_array_equal(shown & mask, other.astype(np.int64) & mask)


def fuzz(tmp_path: Path, seed: int, count: int) -> Counter[str]:
    luck = random.Random(seed)
    sources = sound_files(tmp_path / "sources")
    file = tmp_path / "mutant" / "mutant.dcm"
    file.parent.mkdir()
    seen: Counter[str] = Counter()
    for turn in range(count):
        source = sources[turn % len(sources)]
        file.write_bytes(mutant(source.content, luck))
        look_at(file, source, seen)
    return seen


def test_some_mutants_of_every_syntax_are_shown_rightly_or_refused(tmp_path: Path) -> None:
    seen = fuzz(tmp_path, seed=1, count=170)
    assert seen["refused by a decoder"]
    assert seen["same code stream, same values"]
    assert seen["native, shown"]


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_thousands_of_mutants_of_every_syntax_are_shown_rightly_or_refused(tmp_path: Path, seed: int) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen = fuzz(tmp_path, seed=seed + 100, count=1020)
    print(dict(seen))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # KB


@pytest.mark.parametrize("syntax", [*NATIVE, BASELINE, EXTENDED, LOSSLESS, LS, J2K, HT_LOSSY])
def test_native_and_compressed_pixels_cut_short_are_never_filled_up(tmp_path: Path, syntax: str) -> None:
    (file,) = write(tmp_path, [in_syntax(syntax)], syntax=uid(syntax)).iterdir()
    content = file.read_bytes()
    for kept in (0.6, 0.9, 0.99):
        file.write_bytes(content[: int(len(content) * kept)])
        found = scan(tmp_path)
        assert not found.stacks
        assert found.left_out[0].code in ("truncated", "corrupt", "not-an-image")


@pytest.mark.parametrize("syntax", [JPEGLSLossless, RLELossless])
@pytest.mark.parametrize("kept", [0.5, 0.8, 0.99])
def test_a_compressed_file_cut_short_is_truncated(tmp_path: Path, syntax: UID, kept: float) -> None:
    ds = compressed(ct_slice(1, rows=64, columns=64), syntax)
    (file,) = write(tmp_path, [ds], syntax=syntax).iterdir()
    content = file.read_bytes()
    start = content.index(b"\xfe\xff\x00\xe0")
    file.write_bytes(content[: start + int((len(content) - start) * kept)])
    (left_out,) = scan(tmp_path).left_out
    assert left_out.code == "truncated"


# --- bombs ------------------------------------------------------------------------------------------------


def test_a_deflate_bomb_is_left_out_within_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.dicom import quick

    monkeypatch.setattr(quick, "_INFLATED_ANYWAY", 1 << 16)
    ds = ct_slice(0, rows=512, columns=512)
    ds.PixelData = b"\0" * (512 * 512 * 2)
    write(tmp_path, [ds], syntax=DeflatedExplicitVRLittleEndian)
    (left_out,) = scan(tmp_path).left_out
    assert "grows beyond" in left_out.reason


@pytest.mark.parametrize(("keyword", "value"), [("Rows", 65535), ("NumberOfFrames", 1_000_000)])
def test_absurd_claims_are_left_out(tmp_path: Path, keyword: str, value: int) -> None:
    ds = compressed(ct_slice(0, rows=32, columns=32), JPEGLSLossless)
    setattr(ds, keyword, value)
    if keyword == "Rows":
        ds.Columns = value
    write(tmp_path, [ds], syntax=JPEGLSLossless)
    (left_out,) = scan(tmp_path).left_out
    assert left_out.code == "corrupt"


def nested(depth: int, explicit: bool) -> bytes:
    """Sequences in sequences, of undefined length, as deep as asked."""
    head = b"\x08\x00\x40\x11" + (b"SQ\0\0" if explicit else b"") + b"\xff\xff\xff\xff"
    return (head + b"\xfe\xff\x00\xe0\xff\xff\xff\xff") * depth


@pytest.mark.parametrize("explicit", [True, False])
@pytest.mark.parametrize("depth", [30, 2_000, 100_000])
def test_sequences_of_any_depth_end_in_a_reason_or_an_image(tmp_path: Path, depth: int, explicit: bool) -> None:
    syntax = ExplicitVRLittleEndian if explicit else UID("1.2.840.10008.1.2")
    (file,) = write(tmp_path, [ct_slice(0)], syntax=syntax).iterdir()
    content = file.read_bytes()
    at = content.index(b"\x10\x00\x10\x00")  # before Patient's Name
    file.write_bytes(content[:at] + nested(depth, explicit) + content[at:])
    assert_answered(scan(tmp_path))


def assert_answered(found: Scan) -> None:
    assert found.stacks or all(one.reason for one in found.left_out)


def test_a_million_items_in_a_private_sequence_are_passed_over(tmp_path: Path) -> None:
    ds = ct_slice(0)
    block = ds.private_block(0x0009, "SITE", create=True)
    block.add_new(1, "SQ", Items([Dataset()]))
    (file,) = write(tmp_path, [ds]).iterdir()
    content = file.read_bytes()
    item = b"\xfe\xff\x00\xe0\x00\x00\x00\x00"
    at = content.index(item)
    grown = bytearray(content[:at] + item * 1_000_000 + content[at + 8 :])
    length = at - 4
    grown[length : length + 4] = (8_000_000).to_bytes(4, "little")
    file.write_bytes(grown)
    (stack,) = scan(tmp_path).stacks
    assert load_stack(stack).array.shape == (1, 8, 10)


def test_names_full_of_terminal_codes_paths_and_zeros_do_nothing(tmp_path: Path) -> None:
    hostile = "../../\x1b[2J\x07;rm -rf /\u202eevil%s%n{0}"

    def poison(ds: Dataset) -> Dataset:
        ds.PatientName, ds.PatientID, ds.SeriesDescription = hostile, hostile[:60], hostile
        ds.ProtocolName, ds.StudyDescription, ds.StationName = hostile, hostile, hostile[:16]
        return ds

    (stack,) = scan(write(tmp_path, [poison(ct_slice(k)) for k in range(4)])).stacks
    assert stack.measurable
    copy = deidentified(stack.images[0].path, key=b"k" * 32, subject="S-01")
    assert b"rm -rf" not in copy.content
