"""Lengths measured on outlines against exact ones: no tissue round a lesion may make it smaller or larger."""

from __future__ import annotations

import numpy as np
import pytest

from measure.segment.candidate import best_of
from measure.segment.click import segment_click
from measure.segment.crop import SMOOTHING_MM
from measure.segment.stroke import segment_stroke
from tests.build.spheres import BLUR_MM, PIXEL_MM, MadeSphere, made_sphere

TISSUES = {"lung": (35, -860), "fat": (35, -100), "liver, darker": (60, 105), "liver, brighter": (145, 105)}


def tolerance_mm(contrast: float, noise: float) -> float:
    """Half a pixel, for a mask is made of whole ones; and what noise moves both ends of a diameter.

    The slope at a blurred border is contrast / (sqrt(2 pi) blur); smoothing leaves half of a voxel's noise, and
    the longest of many diameters lies about two standard deviations out.
    """
    blur = float(np.hypot(BLUR_MM, SMOOTHING_MM))
    slope = abs(contrast) / (np.sqrt(2 * np.pi) * blur)
    return PIXEL_MM / 2 + 2 * 0.5 * noise / slope


def stroked(made: MadeSphere) -> float:
    """Longest diameter found from a stroke over the sphere, askew in its plane."""
    half = made.section_mm / 2 * np.array([0.8, 0.6, 0.0])
    found = segment_stroke(made.volume, (made.centre - half).tolist(), (made.centre + half).tolist())
    return found[best_of(found)].axes.long_mm


@pytest.mark.parametrize("tissue", TISSUES)
@pytest.mark.parametrize("diameter", [8.0, 10.5, 13.0, 20.0, 30.0])
def test_a_round_nodule_has_its_diameter_in_every_tissue(diameter, tissue) -> None:
    inside, outside = TISSUES[tissue]
    made = made_sphere(diameter, inside, outside)
    assert stroked(made) == pytest.approx(made.section_mm, abs=tolerance_mm(inside - outside, 0))


@pytest.mark.parametrize("tissue", TISSUES)
def test_noise_leaves_the_diameter_of_a_round_nodule(tissue) -> None:
    inside, outside = TISSUES[tissue]
    errors = []
    for diameter in (8.0, 13.0, 20.0):
        made = made_sphere(diameter, inside, outside, noise=10)
        errors.append(stroked(made) - made.section_mm)
        assert abs(errors[-1]) <= tolerance_mm(inside - outside, 10)
    assert abs(np.median(errors)) <= PIXEL_MM


@pytest.mark.parametrize("tissue", ["lung", "liver, darker"])
def test_a_click_and_a_stroke_measure_the_same_nodule_alike(tissue) -> None:
    inside, outside = TISSUES[tissue]
    made = made_sphere(12.0, inside, outside, noise=10)
    found = segment_click(made.volume, made.centre.tolist())
    assert found[best_of(found)].axes.long_mm == pytest.approx(stroked(made), abs=PIXEL_MM / 2)


@pytest.mark.slow
def test_the_made_patients_lesions_have_their_true_sizes() -> None:
    from measure.phantom import demo_cast, lesion_truths, render

    subject = next(one for one in demo_cast() if one.number == "04-001")
    visit = subject.timepoints[0]
    volume = render(subject, visit)
    errors = []
    for truth in lesion_truths(subject, visit):
        for section in truth.sections:
            found = segment_click(volume, section.centre)
            errors.append(found[best_of(found)].axes.long_mm - section.long_axis_mm)
    assert len(errors) == 5
    assert np.median(np.abs(errors)) <= 0.6
    assert np.max(np.abs(errors)) <= 1.5
    assert abs(np.mean(errors)) <= 0.5
