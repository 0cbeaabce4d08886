from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tests.build.stacks import coded_stack
from viewer.window_level import (
    GreyPicture,
    Window,
    first_window,
    grey,
    moved_window,
    percentile_window,
    preset_window,
)

windows = st.builds(Window, st.integers(2, 4000).map(float), st.integers(-1500, 1500).map(float))


@given(st.integers(-32768, 32767), windows)
def test_grey_follows_the_linear_function_of_the_standard(value: int, window: Window) -> None:
    """PS3.3 C.11.2.1.2.1, with exact arithmetic beside it; half a grey step is rounded up."""
    low = window.centre - 0.5 - (window.width - 1) / 2
    high = window.centre - 0.5 + (window.width - 1) / 2
    if value <= low:
        expected = 0.0
    elif value > high:
        expected = 255.0
    else:
        expected = ((value - (window.centre - 0.5)) / (window.width - 1) + 0.5) * 255
    shown = int(grey(np.array([value], np.int16), window)[0])
    assert abs(shown - expected) <= 0.5 + 1e-3


@given(arrays(np.int16, (7, 9)), windows, st.booleans())
def test_the_table_paints_what_the_formula_says(
    values: np.ndarray[tuple[int, ...], np.dtype[np.int16]], window: Window, invert: bool
) -> None:
    picture = GreyPicture().image(values, window, invert=invert)
    expected = grey(values, window)
    for row in range(7):
        for column in range(9):
            shown = picture.pixelColor(column, row)
            wanted = int(expected[row, column])
            assert shown.red() == shown.green() == shown.blue() == (255 - wanted if invert else wanted)


@given(arrays(np.int16, (5, 5), elements=st.integers(-1000, 1000)), windows)
def test_brighter_stored_is_never_darker_shown(
    values: np.ndarray[tuple[int, ...], np.dtype[np.int16]], window: Window
) -> None:
    order = np.argsort(values, axis=None)
    assert (np.diff(grey(values, window).ravel()[order].astype(int)) >= 0).all()


def test_a_window_of_width_one_is_a_step() -> None:
    assert grey(np.array([39, 40, 41], np.int16), Window(1.0, 40.0)).tolist() == [0, 255, 255]


def test_signals_that_are_no_whole_numbers_get_their_full_range() -> None:
    shown = grey(np.array([0.0, 0.5, 1.0], np.float32), Window(1.0, 0.5))
    assert shown.tolist() == [0, 128, 255]


def test_float_slices_are_painted_like_their_formula() -> None:
    values = np.linspace(0, 3, 12, dtype=np.float32).reshape(3, 4)
    picture = GreyPicture().image(values, Window(3.0, 1.5))
    assert picture.pixelColor(0, 0).red() == 0
    assert picture.pixelColor(3, 2).red() == 255


def test_ct_presets_are_the_ones_of_the_key_sheet() -> None:
    volume = coded_stack()
    shown = {n: preset_window(n, volume, None) for n in range(1, 7)}
    assert {n: (w.width, w.centre, w.name) for n, w in shown.items()} == {
        1: (380.0, 60.0, "soft tissue"),
        2: (220.0, 95.0, "liver"),
        3: (1500.0, -600.0, "lung"),
        4: (1800.0, 400.0, "bone"),
        5: (350.0, 50.0, "mediastinum"),
        6: (80.0, 40.0, "brain"),
    }


def test_as_stored_uses_the_stored_window_and_nothing_of_width_zero() -> None:
    volume = coded_stack()
    assert preset_window(7, volume, Window(400.0, 40.0)) == Window(400.0, 40.0, "as stored")
    for useless in (None, Window(0.0, 0.0)):
        assert preset_window(7, volume, useless).name == "percentiles"


def test_mr_opens_as_stored_or_by_percentiles_and_never_in_hu() -> None:
    volume = replace(coded_stack(slices=100), modality="MR", unit="a.u.")
    assert first_window(volume).name == "percentiles"
    assert first_window(volume, Window(90.0, 45.0)).name == "as stored"
    assert preset_window(3, volume, None).name == "percentiles"


def test_percentiles_leave_padding_out() -> None:
    volume = coded_stack(slices=100)
    volume.array[:, :40] = -2000
    plain = percentile_window(replace(volume, padding=-2000))
    assert plain.centre - plain.width / 2 >= 0
    assert percentile_window(volume).centre - percentile_window(volume).width / 2 < 0


@given(windows, st.floats(-2000, 2000), st.floats(-2000, 2000), st.booleans())
def test_a_window_drag_never_loses_the_width(window: Window, dx: float, dy: float, whole: bool) -> None:
    assert moved_window(window, dx, dy, whole=whole).width > 0


def test_right_widens_and_down_raises_the_centre() -> None:
    moved = moved_window(Window(400.0, 40.0), 10, 10, whole=True)
    assert (moved.width, moved.centre) == (416.0, 56.0)
    assert moved.name == ""


@pytest.mark.parametrize("number", range(1, 9))
def test_every_preset_shows_something_of_an_even_picture(number: int) -> None:
    volume = coded_stack()
    volume.array[:] = 7
    assert preset_window(number, volume, None).width > 0
