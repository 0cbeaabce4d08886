"""Every transfer syntax: the values of the encoder, and of a second decoder of different make."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk  # noqa: N813
from pydicom.encaps import encapsulate

from measure.refusal import Refused
from storage.dicom import workers
from storage.dicom.load import load_series, load_stack, scan
from storage.dicom.second_decoder import decoded_twice
from tests.build.dicom import ct_slice, write
from tests.build.syntaxes import (
    BASELINE,
    BIG,
    EVERY,
    EXACT,
    HT_LOSSY,
    J2K,
    J2K_LOSSY,
    LOSSLESS,
    LOSSLESS_FIRST,
    LOSSY,
    LS,
    NATIVE,
    RLE,
    in_syntax,
    textured,
    uid,
)


def made(folder: Path, syntax: str, count: int = 3) -> Path:
    return write(folder, [in_syntax(syntax, k) for k in range(count)], syntax=uid(syntax))


@pytest.mark.parametrize("syntax", [*NATIVE, *EXACT])
def test_lossless_syntaxes_give_the_values_that_were_encoded(tmp_path: Path, syntax: str) -> None:
    volume = load_series(made(tmp_path, syntax))
    for k in range(3):
        np.testing.assert_array_equal(volume.array[k], textured(k).astype(int) - 1024)
    assert volume.measurable
    assert not volume.defects


@pytest.mark.parametrize("syntax", LOSSY)
def test_lossy_syntaxes_come_near_and_say_that_they_are_lossy(tmp_path: Path, syntax: str) -> None:
    volume = load_series(made(tmp_path, syntax))
    bits = 8 if syntax == BASELINE else 12
    for k in range(3):
        apart = np.abs(volume.array[k] + 1024 - textured(k, bits=bits).astype(int))
        assert apart.mean() < (1 << bits) / 60
    assert [d.code for d in volume.defects] == ["lossy"]


@pytest.mark.parametrize("syntax", [s for s in EVERY if s != BIG])
def test_simpleitk_reads_the_same_values_from_the_same_files(tmp_path: Path, syntax: str) -> None:
    (stack,) = scan(made(tmp_path, syntax)).stacks
    ours = load_stack(stack).array
    for k, image in enumerate(stack.images):
        theirs = sitk.GetArrayFromImage(sitk.ReadImage(image.path))[0]
        apart = int(np.abs(theirs.astype(int) - ours[k]).max())
        assert apart <= (2 if syntax in (J2K_LOSSY, HT_LOSSY, BASELINE) else 0)


@pytest.mark.parametrize("predictor", range(1, 8))
def test_every_selection_value_of_lossless_jpeg_is_decoded(tmp_path: Path, predictor: int) -> None:
    import imagecodecs

    ds = in_syntax(LOSSLESS)
    stream = imagecodecs.jpeg8_encode(textured(), lossless=True, predictor=predictor, bitspersample=12)
    ds.PixelData = encapsulate([bytes(stream)])
    array = load_series(write(tmp_path, [ds], syntax=uid(LOSSLESS))).array[0]
    np.testing.assert_array_equal(array, textured().astype(int) - 1024)


@pytest.mark.parametrize("syntax", [LOSSLESS_FIRST, LS, J2K])
@pytest.mark.parametrize("bits", [10, 12, 16])
def test_signed_values_of_odd_depths_come_back(tmp_path: Path, syntax: str, bits: int) -> None:
    """Stored as the two's complement in Bits Stored, as scanners write it."""
    import imagecodecs

    low = -(1 << (bits - 1))
    values = (textured(5, bits=bits).astype(int) + low).astype(np.int16)
    stream = values.view(np.uint16) & ((1 << bits) - 1)
    encoders = {
        LOSSLESS_FIRST: lambda: imagecodecs.ljpeg_encode(stream, bitspersample=bits),
        LS: lambda: imagecodecs.jpegls_encode(stream),
        J2K: lambda: imagecodecs.jpeg2k_encode(stream, level=0, reversible=True, codecformat="j2k"),
    }
    ds = ct_slice(0, rows=32, columns=32)
    ds.RescaleIntercept = "0"
    ds.BitsStored, ds.HighBit, ds.PixelRepresentation = bits, bits - 1, 1
    ds.PixelData = encapsulate([bytes(encoders[syntax]())])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    (stack,) = scan(write(tmp_path, [ds], syntax=uid(syntax))).stacks
    np.testing.assert_array_equal(load_stack(stack).array[0], values)
    ((_, twice),) = workers.decode_all(stack.images, work=decoded_twice)
    np.testing.assert_array_equal(twice, values)


@pytest.mark.parametrize("syntax", [RLE, J2K, LOSSLESS_FIRST])
def test_a_frame_in_many_fragments_is_one_frame(tmp_path: Path, syntax: str) -> None:
    ds = in_syntax(syntax)
    from pydicom.encaps import get_frame

    stream = get_frame(ds.PixelData, 0, number_of_frames=1)
    ds.PixelData = encapsulate([stream], fragments_per_frame=4)
    array = load_series(write(tmp_path, [ds], syntax=uid(syntax))).array[0]
    np.testing.assert_array_equal(array, textured().astype(int) - 1024)


@pytest.mark.parametrize("syntax", [*EXACT, *LOSSY])
def test_two_decoders_agree_on_sound_streams(tmp_path: Path, syntax: str) -> None:
    (stack,) = scan(made(tmp_path, syntax, 2)).stacks
    once, twice = dict(workers.decode_all(stack.images)), dict(workers.decode_all(stack.images, work=decoded_twice))
    for k in range(2):
        np.testing.assert_array_equal(once[k], twice[k])


def test_damage_that_the_fast_decoder_passes_over_is_seen_by_the_second(tmp_path: Path) -> None:
    ds = in_syntax(LOSSLESS_FIRST)
    from pydicom.encaps import get_frame

    stream = bytearray(get_frame(ds.PixelData, 0, number_of_frames=1))
    del stream[300:330]
    ds.PixelData = encapsulate([bytes(stream)])
    (stack,) = scan(write(tmp_path, [ds], syntax=uid(LOSSLESS_FIRST))).stacks
    ((_, once),) = workers.decode_all(stack.images)
    ((_, twice),) = workers.decode_all(stack.images, work=decoded_twice)
    assert not isinstance(once, str)
    assert isinstance(twice, str)
    assert "damaged" in twice or "do not agree" in twice


@pytest.mark.parametrize("syntax", [one for one in (*EXACT, *LOSSY) if one != RLE])  # RLE claims no size
def test_a_stream_that_claims_more_than_the_header_meets_no_decoder(tmp_path: Path, syntax: str) -> None:
    """65535 x 65535 in the code stream of a small image: refused from its head, within no memory."""
    ds = in_syntax(syntax)
    from pydicom.encaps import get_frame

    stream = bytearray(get_frame(ds.PixelData, 0, number_of_frames=1))
    if stream[:4] == b"\xff\x4f\xff\x51":
        stream[8:16] = (65535).to_bytes(4, "big") * 2
    else:
        frame = next(
            at for at in range(len(stream)) if stream[at] == 0xFF and stream[at + 1] in (0xC0, 0xC1, 0xC3, 0xF7)
        )
        stream[frame + 5 : frame + 9] = b"\xff" * 4
    ds.PixelData = encapsulate([bytes(stream)])
    (stack,) = scan(write(tmp_path, [ds], syntax=uid(syntax))).stacks
    with pytest.raises(Refused, match=r"65535 x 65535|tiles beyond measure"):
        load_stack(stack)


def test_no_compressed_frame_is_decoded_in_the_program_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.dicom import pixels

    (stack,) = scan(made(tmp_path, LS, 1)).stacks
    monkeypatch.setattr(pixels, "_jpegls", lambda *_: pytest.fail("decoded here"))
    assert load_stack(stack).array.shape == (1, 32, 32)


def test_images_in_the_same_bytes_are_equal_without_a_decoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage.dicom import load

    monkeypatch.setattr(load, "decode_all", lambda *_: pytest.fail("decoded"))
    sent = [in_syntax(J2K, k) for k in (0, 1, 2, 1)]
    (stack,) = scan(write(tmp_path, sent, syntax=uid(J2K))).stacks
    assert len(stack.images) == 3
    other = replace(stack.images[0], intercept=5.0)
    assert not load.same_bytes(stack.images[0], other)
