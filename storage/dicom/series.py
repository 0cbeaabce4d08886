"""Facts of images to ordered stacks, with everything that is wrong with them: the one place that sorts
slices.

A stack is measurable when it has more than two slices, their distances are equal within 2 %, the stack
leans less than 0.5 degrees off the slice normal, no position occurs twice and the spacing is known;
whatever else was mixed into the series waits for a decision of the person who checks images. Order and
spacing come from Image Position (Patient) alone: never from file names, instance numbers or Slice
Thickness.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from measure.volume import Defect
from storage.dicom.facts import ImageFacts
from storage.dicom.judge import judged
from storage.dicom.split_geometry import by_geometry, by_orientation
from storage.dicom.split_repeats import by_distinction
from storage.dicom.stack import Part, SamePixels, Stack


def assemble(images: Iterable[ImageFacts], same_pixels: SamePixels | None = None) -> list[Stack]:
    """Sort any number of images into stacks, series by series, in a stable order.

    same_pixels tells whether two images that claim to be one instance, or one position, hold equal pixels;
    without it they count as different.
    """
    by_series: dict[tuple[str, str, str], list[ImageFacts]] = defaultdict(list)
    for image in sorted(images, key=_stable):
        uid = image.series_uid or f"without series UID: {image.path}"
        by_series[(image.origin.patient_key, image.study_uid, uid)].append(image)
    stacks: list[Stack] = []
    for members in by_series.values():
        stacks.extend(_series(members, same_pixels or (lambda a, b: False)))
    return stacks


def _stable(image: ImageFacts) -> tuple[str, str, int, str, int]:
    number = image.instance_number if image.instance_number is not None else 0
    return (image.study_uid, image.series_uid, number, image.path, image.frame)


def _series(images: list[ImageFacts], same_pixels: SamePixels) -> list[Stack]:
    images, notes = _without_resent(images, same_pixels)
    notes += _missing_parts(images)
    parts: list[Part] = []
    overviews = [image for image in images if image.is_localizer]
    others = [image for image in images if not image.is_localizer]
    parts.extend(Part(group, [], "localizer", localizer=True) for group in by_orientation(overviews))
    for part in by_geometry(others, notes):
        parts.extend(by_distinction(part, same_pixels))
    stacks = [judged(part) for part in parts]
    if len(stacks) > 1:
        stacks.sort(key=lambda stack: (stack.kind == "localizer", -len(stack.images)))
        stacks = [replace(stack, part=k + 1, parts=len(stacks)) for k, stack in enumerate(stacks)]
    return stacks


def _without_resent(images: list[ImageFacts], same_pixels: SamePixels) -> tuple[list[ImageFacts], list[Defect]]:
    """Drop instances that came twice with equal pixels; note those that came with other pixels (interop
    S6).
    """
    kept: list[ImageFacts] = []
    first_of: dict[tuple[str, int], ImageFacts] = {}
    conflicts = 0
    for image in images:
        key = (image.sop_uid, image.frame)
        first = first_of.get(key)
        if not image.sop_uid or first is None:
            first_of[key] = image
            kept.append(image)
        elif not _same_place(first, image) or not same_pixels(first, image):
            conflicts += 1
            kept.append(image)
    if not conflicts:
        return kept, []
    text = f"{conflicts} image(s) came under an instance UID that another image with other pixels already has"
    return kept, [Defect("duplicate-position", text)]


def _missing_parts(images: list[ImageFacts]) -> list[Defect]:
    """Objects that were sent in parts (concatenations) and of which not every part came."""
    parts: dict[str, set[int]] = defaultdict(set)
    totals: dict[str, int] = defaultdict(int)
    for image in images:
        if image.part_of is not None:
            uid, number, total = image.part_of
            parts[uid].add(number)
            totals[uid] = max(totals[uid], total, number)
    lacking = [(len(numbers), totals[uid]) for uid, numbers in parts.items() if len(numbers) < totals[uid]]
    return [
        Defect("truncated", f"only {there} of {total} parts of a multi-frame object came") for there, total in lacking
    ]


def _same_place(a: ImageFacts, b: ImageFacts) -> bool:
    return (a.position, a.row_axis, a.column_axis, a.rows, a.columns, a.spacing_mm) == (
        b.position,
        b.row_axis,
        b.column_axis,
        b.rows,
        b.columns,
        b.spacing_mm,
    )
