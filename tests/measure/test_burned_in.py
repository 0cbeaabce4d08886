"""The text finder points at letters and leaves anatomy alone."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from measure.burned_in import text_places


def slice_of_ct(seed: int = 0) -> NDArray[np.int16]:
    y, x = np.mgrid[0:256, 0:256]
    body = np.where(np.hypot(x - 128, y - 128) < 100, 40, -1000)
    return (body + np.random.default_rng(seed).normal(0, 12, body.shape)).astype(np.int16)


def with_text(text: str, size: int, value: int, at: tuple[int, int]) -> NDArray[np.int16]:
    picture = Image.new("L", (256, 256))
    ImageDraw.Draw(picture).text(at, text, fill=255, font=ImageFont.load_default(size))
    plane = slice_of_ct()
    plane[np.asarray(picture) > 127] = value
    return plane


@pytest.mark.parametrize("size", [10, 14, 20])
@pytest.mark.parametrize(("value", "at"), [(3071, (5, 5)), (3071, (60, 120)), (-1024, (70, 130))])
def test_letters_are_found_where_they_stand(size: int, value: int, at: tuple[int, int]) -> None:
    found = text_places(with_text("DOE 1956", size, value, at))
    assert found
    top, left, bottom, right = found[0].box
    assert at[1] <= top <= bottom <= at[1] + 2 * size
    assert at[0] <= left <= right <= at[0] + 10 * size


@pytest.mark.parametrize("seed", range(4))
def test_noise_edges_and_flat_air_are_no_text(seed: int) -> None:
    plane = slice_of_ct(seed)
    assert not text_places(plane)
    plane[plane < -900] = -1024
    assert not text_places(plane)
    plane[100:110, 60:200] = 3071  # a metal rod
    assert not text_places(plane)


def test_empty_flat_and_tiny_slices_are_no_text() -> None:
    assert not text_places(np.zeros((64, 64), np.int16))
    assert not text_places(np.zeros((1, 1), np.float32))
    assert not text_places(np.arange(80, dtype=np.int16).reshape(8, 10))
