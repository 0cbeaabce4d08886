"""Stored values, rescale and decoders: what the bits say, and nothing from decoders found by chance."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ImplicitVRLittleEndian,
    JPEG2000Lossless,
    JPEGLSLossless,
    RLELossless,
)

from measure.refusal import Refused
from storage.dicom.load import load_series, load_stack, scan
from storage.dicom.pixels import rescaled
from storage.dicom.workers import decode_all, outward
from tests.build.dicom import compressed, ct_series, ct_slice, pixels_of, write


def one(folder: Path, ds: Dataset, *, syntax: UID = ImplicitVRLittleEndian) -> np.ndarray:
    return load_series(write(folder, [ds], syntax=syntax)).array[0]


def test_twelve_signed_bits_in_sixteen_are_sign_extended(tmp_path: Path) -> None:
    ds = ct_slice(0)
    ds.BitsStored, ds.HighBit = 12, 11
    values = np.linspace(-2048, 2047, 80).astype(np.int16).reshape(8, 10)
    ds.PixelData = (values.view(np.uint16) & 0x0FFF).tobytes()
    np.testing.assert_array_equal(one(tmp_path, ds), values.astype(int) - 1024)


def test_a_high_bit_above_the_stored_bits_is_shifted_down(tmp_path: Path) -> None:
    ds = ct_slice(0)
    ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 12, 15, 0
    values = np.arange(80, dtype=np.uint16).reshape(8, 10) * 50
    ds.PixelData = (values << 4).tobytes()
    np.testing.assert_array_equal(one(tmp_path, ds), values.astype(int) - 1024)


def test_overlay_bits_above_the_stored_bits_do_not_count(tmp_path: Path) -> None:
    ds = ct_slice(0)
    ds.BitsStored, ds.HighBit, ds.PixelRepresentation = 12, 11, 0
    values = np.arange(80, dtype=np.uint16).reshape(8, 10)
    ds.PixelData = (values | 0x8000).tobytes()
    np.testing.assert_array_equal(one(tmp_path, ds), values.astype(int) - 1024)


def test_padding_outside_the_stored_bits_stays_padding(tmp_path: Path) -> None:
    ds = ct_slice(0)
    ds.BitsStored, ds.HighBit = 12, 11
    ds.add_new(0x00280120, "SS", -3024)
    values = np.arange(80, dtype=np.int16).reshape(8, 10)
    values[0] = -3024
    ds.PixelData = values.tobytes()
    volume = load_series(write(tmp_path, [ds]))
    assert (volume.array[0, 0] == -3024 - 1024).all()
    assert volume.padding == -3024 - 1024


def test_unsigned_sixteen_bits_beyond_int16_become_float(tmp_path: Path) -> None:
    ds = ct_slice(0)
    ds.PixelRepresentation, ds.RescaleIntercept = 0, "0"
    values = np.linspace(0, 65535, 80).astype(np.uint16).reshape(8, 10)
    ds.PixelData = values.tobytes()
    found = one(tmp_path, ds)
    assert found.dtype == np.float32
    np.testing.assert_array_equal(found, values)


def test_every_slice_has_its_own_rescale(tmp_path: Path) -> None:
    def slope(ds: Dataset, k: int) -> None:
        ds.RescaleSlope, ds.RescaleIntercept, ds.Modality = f"{0.5 + k}", "0", "PT"

    volume = load_series(write(tmp_path, ct_series(4, slope)))
    assert volume.unit == "a.u."
    for k in range(4):
        np.testing.assert_allclose(volume.array[k], pixels_of(k) * (0.5 + k))


def test_monochrome1_values_are_untouched(tmp_path: Path) -> None:
    ds = ct_slice(0)
    ds.PhotometricInterpretation = "MONOCHROME1"
    np.testing.assert_array_equal(one(tmp_path, ds), pixels_of(0) - 1024)


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, DeflatedExplicitVRLittleEndian])
def test_native_forms_give_the_same_values(tmp_path: Path, syntax: UID) -> None:
    np.testing.assert_array_equal(one(tmp_path, ct_slice(3), syntax=syntax), pixels_of(3) - 1024)


def test_big_endian_words_are_turned(tmp_path: Path) -> None:
    ds = ct_slice(3)
    ds.PixelData = pixels_of(3).astype(">i2").tobytes()
    np.testing.assert_array_equal(one(tmp_path, ds, syntax=ExplicitVRBigEndian), pixels_of(3) - 1024)


@pytest.mark.parametrize("syntax", [JPEGLSLossless, JPEG2000Lossless, RLELossless])
def test_compressed_forms_give_the_same_values(tmp_path: Path, syntax: UID) -> None:
    made = [compressed(ds, syntax) for ds in ct_series(9, rows=32, columns=32)]
    volume = load_series(write(tmp_path, made, syntax=syntax))
    for k in range(9):
        np.testing.assert_array_equal(volume.array[k], pixels_of(k, 32, 32) - 1024)


def test_signed_twelve_bits_in_a_sixteen_bit_jpeg_ls_stream_come_out_right(tmp_path: Path) -> None:
    from jpeg_ls import encode_array

    ds = ct_slice(0)
    ds.BitsStored, ds.HighBit = 12, 11
    values = np.linspace(-2000, 2000, 80).astype(np.int16).reshape(8, 10)
    ds.PixelData = encapsulate([bytes(encode_array(values.view(np.uint16)))])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    np.testing.assert_array_equal(one(tmp_path, ds, syntax=JPEGLSLossless), values.astype(int) - 1024)


def test_a_damaged_code_stream_is_named_and_black_and_the_rest_goes_on(tmp_path: Path) -> None:
    made = [compressed(ds, JPEGLSLossless) for ds in ct_series(4, rows=32, columns=32)]
    made[1].PixelData = encapsulate([b"\xff\xd8\xff\xf7 this is no code stream at all \xff\xd9"])
    volume = load_series(write(tmp_path, made, syntax=JPEGLSLossless))
    assert (volume.array[1] == -1024).all()
    np.testing.assert_array_equal(volume.array[2], pixels_of(2, 32, 32) - 1024)
    assert [(d.code, d.slices) for d in volume.defects] == [("corrupt", (1,))]
    assert not volume.measurable


def test_a_code_stream_of_another_size_is_never_shown(tmp_path: Path) -> None:
    ds = compressed(ct_slice(0, rows=32, columns=32), JPEGLSLossless)
    ds.Rows = 16
    with pytest.raises(Refused, match="32 x 32"):
        load_series(write(tmp_path, [ds], syntax=JPEGLSLossless))


def test_an_unknown_syntax_is_refused_by_name(tmp_path: Path) -> None:
    ds = ct_slice(0)
    ds.PixelData = encapsulate([b"video"])
    ds["PixelData"].is_undefined_length = True
    ds["PixelData"].VR = "OB"
    folder = write(tmp_path, [ds], syntax=UID("1.2.840.10008.1.2.4.102"))
    assert "unsupported-syntax" in {d.code for d in scan(folder).stacks[0].defects}
    with pytest.raises(Refused, match=r"1\.2\.840\.10008\.1\.2\.4\.102"):
        load_series(folder)


def test_a_decoder_that_ends_its_process_costs_one_slice(tmp_path: Path) -> None:
    made = [compressed(ds, JPEGLSLossless) for ds in ct_series(9, rows=32, columns=32)]
    (stack,) = scan(write(tmp_path, made, syntax=JPEGLSLossless)).stacks
    results = dict(decode_all(stack.images, work=_deadly))
    assert sorted(results) == list(range(9))
    assert [k for k, result in results.items() if isinstance(result, str)] == [4]


def _deadly(images: list) -> list:  # type: ignore[type-arg]
    import os

    from storage.dicom.pixels import decoded

    if any(image.instance_number == 5 for image in images):
        os.abort()
    return list(decoded(images))


def test_decoding_goes_outward_from_the_middle() -> None:
    assert outward(5) == [2, 1, 3, 0, 4]
    assert sorted(outward(12)) == list(range(12))


def test_rescale_is_int16_exactly_where_that_is_exact() -> None:
    stored = np.array([[-5, 7]])
    assert rescaled(stored, 2, -1).tolist() == [[-11, 13]]
    assert rescaled(stored, 2, -1).dtype == np.int16
    assert rescaled(stored, 1e6, 0).dtype == np.float32
    assert rescaled(stored, 0.5, 0).tolist() == [[-2.5, 3.5]]


def test_a_gpl_decoder_in_the_environment_is_never_loaded(tmp_path: Path) -> None:
    """A package `libjpeg` that betrays being imported lies first on the path; every syntax is decoded."""
    from tests.build.image_sets import image_set

    (tmp_path / "libjpeg").mkdir()
    (tmp_path / "libjpeg" / "__init__.py").write_text("raise SystemExit('libjpeg was imported')")
    script = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from storage.dicom.header import read_images\n"
        "from storage.dicom.pixels import stored_values\n"
        "for path in sys.argv[2:]:\n"
        "    stored_values(read_images(path)[0])\n"
        "assert sys.modules.get('libjpeg') is None\n"
        "print('clean')\n"
    )
    files = [str(path) for path in image_set("ct-transfer-syntaxes").glob("CTImage*.dcm")]
    ended = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path), *files], capture_output=True, text=True, check=False
    )
    assert ended.stdout.strip() == "clean", ended.stderr


def test_a_native_series_of_any_place_in_a_stack_equals_the_careful_way(tmp_path: Path) -> None:
    from storage.dicom import load

    (stack,) = scan(write(tmp_path, ct_series(20))).stacks
    quick = load_stack(stack).array
    careful = load._decoded(stack.images, None, {})
    np.testing.assert_array_equal(quick, careful)
