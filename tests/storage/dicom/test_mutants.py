"""Damaged files: the program never stops, and a part of a code stream is never shown."""

from __future__ import annotations

import random
from contextlib import suppress
from pathlib import Path

import pytest
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from measure.refusal import Refused
from storage.dicom.deidentify import deidentified
from storage.dicom.load import load_stack, scan
from tests.build.dicom import compressed, ct_slice, enhanced_ct, write

SYNTAXES = (ExplicitVRLittleEndian, DeflatedExplicitVRLittleEndian, JPEGLSLossless, RLELossless)


def originals(folder: Path) -> list[bytes]:
    """A small file of every kind."""
    found = []
    for k, syntax in enumerate(SYNTAXES):
        ds = ct_slice(1, rows=32, columns=32)
        if syntax in (JPEGLSLossless, RLELossless):
            compressed(ds, syntax)
        (file,) = write(folder / str(k), [ds], syntax=syntax).iterdir()
        found.append(file.read_bytes())
    (file,) = write(folder / "enhanced", [enhanced_ct(4)]).iterdir()
    return [*found, file.read_bytes()]


def mutant(content: bytes, luck: random.Random) -> bytes:
    """Cut short, bytes changed, bytes taken out, or a length that is nonsense."""
    changed = bytearray(content)
    kind = luck.randrange(4)
    if kind == 0:
        return bytes(changed[: luck.randrange(len(changed))])
    if kind == 1:
        for _ in range(luck.randrange(1, 20)):
            changed[luck.randrange(len(changed))] = luck.randrange(256)
    elif kind == 2:
        start = luck.randrange(len(changed))
        del changed[start : start + luck.randrange(1, 40)]
    else:
        start = luck.randrange(128, len(changed) - 4)
        changed[start : start + 4] = luck.choice([b"\xff\xff\xff\xff", b"\0\0\0\0", b"\xff\xff\xff\x7f"])
    return bytes(changed)


def check(tmp_path: Path, seed: int, count: int) -> None:
    luck = random.Random(seed)
    sources = originals(tmp_path / "sources")
    file = tmp_path / "mutant" / "mutant.dcm"
    file.parent.mkdir()
    for _ in range(count):
        file.write_bytes(mutant(luck.choice(sources), luck))
        found = scan(file.parent)
        assert found.stacks or found.left_out
        assert all(one.reason for one in found.left_out)
        for stack in found.stacks:
            with suppress(Refused):  # anything else ends the test
                assert load_stack(stack).array.shape[0] == len(stack.images)
                deidentified(file, key=b"k" * 32, subject="S-01")


def test_some_mutants_are_opened_or_refused_and_nothing_stops(tmp_path: Path) -> None:
    check(tmp_path, seed=1, count=250)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(5))
def test_thousands_of_mutants_are_opened_or_refused_and_nothing_stops(tmp_path: Path, seed: int) -> None:
    check(tmp_path, seed=seed + 100, count=1000)


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


def test_a_deflate_bomb_is_left_out_within_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.dicom import quick

    monkeypatch.setattr(quick, "_MOST_INFLATED", 1 << 16)
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
