"""The series of one subject at one time point, as a scanner would deliver it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from measure.phantom.anatomy import Anatomy, build_anatomy
from measure.phantom.course import Subject, Timepoint
from measure.phantom.scanner import scanned
from measure.phantom.truth import lesion_bodies
from measure.volume import Volume


@lru_cache(maxsize=1)
def _latest_anatomy(subject: Subject) -> Anatomy:
    """Anatomy of the subject rendered last: a subject's series follow each other, so one is enough."""
    return build_anatomy(subject.habitus, subject.modality)


def render(
    subject: Subject,
    timepoint: Timepoint,
    report: Callable[[float], None] | None = None,
    *,
    slices: range | None = None,
    noise: float | None = None,
    anatomy: Anatomy | None = None,
) -> Volume:
    """Make the series: int16 HU (CT) or arbitrary units (MR) on timepoint.grid.

    report receives the share done, 0 to 1, about once a slice; an exception raised in it ends the work.
    slices: make only these (the others hold air). noise: sigma in HU, 0 for the noise-free truth, None as
    usual. anatomy: from build_anatomy(subject.habitus, subject.modality); without it the last subject's is
    remembered, so render a subject's time points one after the other: its anatomy takes 4 s, a series 1 s.
    """
    body = anatomy if anatomy is not None else _latest_anatomy(subject)
    array = scanned(
        body,
        timepoint.grid,
        timepoint.motion,
        [piece for _, piece in lesion_bodies(subject, timepoint)],
        seed=timepoint.seed,
        noise=10.0 if noise is None else noise,
        slices=slices,
        report=report,
    )
    return Volume(array, timepoint.grid, modality=subject.modality, unit="HU" if subject.modality == "CT" else "a.u.")
