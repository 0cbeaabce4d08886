"""What can be wrong with sorted slices: distances, lean, pixels; and their true geometry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from math import acos, degrees, hypot
from statistics import median

from measure.geometry import Grid, Point
from measure.volume import Defect
from storage.dicom.facts import ImageFacts, normal_of
from storage.dicom.slice_names import SliceNames
from storage.dicom.syntaxes import is_supported, syntax_name

EVEN_WITHIN = 0.02  # of the median distance (formats: measurable)
EVEN_WITHIN_MM = 0.01  # positions are written with so few digits
SAME_POSITION_MM = 0.1  # interop S4: closer slices are one position twice
GAP_WITHIN = 0.05  # of the median distance (interop S4)
LARGEST_SHEAR_DEG = 0.5


def key_along(images: Sequence[ImageFacts]) -> list[float] | None:
    """Position of each image along the normal of the first, mm; None when any is unknown."""
    normal = normal_of(images[0])
    if normal is None or any(image.position is None for image in images):
        return None
    return [
        image.position[0] * normal[0] + image.position[1] * normal[1] + image.position[2] * normal[2]
        for image in images
        if image.position is not None
    ]


def step_defects(along: list[float], names: SliceNames) -> tuple[list[Defect], float | None, tuple[int, ...]]:
    """Repeated positions, gaps and uneven steps; the even distance or None; after which slices some are
    missing.
    """
    defects: list[Defect] = []
    steps = [b - a for a, b in pairwise(along)]
    repeated = [k for k, step in enumerate(steps) if step < SAME_POSITION_MM]
    if repeated:
        slices = tuple(sorted({k for first in repeated for k in (first, first + 1)}))
        text = f"{len(slices)} slices share positions with others: " + _pairs(repeated, names)
        defects.append(Defect("duplicate-position", text, slices))
    real = [step for step in steps if step >= SAME_POSITION_MM]
    if not real:
        return defects, None, ()
    usual = median(real)
    allowed = max(EVEN_WITHIN_MM, EVEN_WITHIN * usual)
    gaps: list[tuple[int, int]] = []
    odd: list[int] = []
    for k, step in enumerate(steps):
        if step < SAME_POSITION_MM or abs(step - usual) <= allowed:
            continue
        times = round(step / usual)
        if times >= 2 and abs(step - times * usual) <= max(GAP_WITHIN * usual, EVEN_WITHIN_MM):
            gaps.append((k, times - 1))
        else:
            odd.append(k)
    if gaps:
        ordered = sorted(gaps, key=lambda gap: names.number(gap[0]))
        words = ", ".join(f"{count} between slices {names.pair(k)}" for k, count in ordered[:8])
        more = (", ..." if len(gaps) > 8 else "") + names.counted
        missing = sum(count for _, count in gaps)
        slices = tuple(sorted({index for k, _ in gaps for index in (k, k + 1)}))
        defects.append(Defect("gap", f"{missing} slice(s) missing: {words}{more}", slices))
    if odd:
        counted: dict[float, int] = defaultdict(int)
        for step in real:
            counted[round(step, 3)] += 1
        words = ", ".join(f"{step:g} mm ({count} times)" for step, count in sorted(counted.items())[:6])
        slices = tuple(sorted({index for k in odd for index in (k, k + 1)}))
        words = f"{words}; at slices {names.listed(slices)}"
        defects.append(Defect("irregular-spacing", f"uneven distances between slices: {words}", slices))
    even = not odd and (len(gaps) == 0 or len(real) > 2)
    return defects, usual if even else None, tuple(k for k, _ in gaps)


def _pairs(firsts: list[int], names: SliceNames) -> str:
    words = ", ".join(names.pair(k) for k in sorted(firsts, key=names.number)[:6])
    return words + (", ..." if len(firsts) > 6 else "") + names.counted


def lean_defects(images: list[ImageFacts], names: SliceNames) -> list[Defect]:
    """Gantry tilt or shear: the angle between the line of the positions and the normal (interop S5)."""
    normal, first, last = normal_of(images[0]), images[0].position, images[-1].position
    if normal is None or first is None or last is None:
        return []
    way = [b - a for a, b in zip(first, last, strict=True)]
    length = hypot(*way)
    if length < SAME_POSITION_MM:
        return []
    cosine = sum(a * b for a, b in zip(way, normal, strict=True)) / length
    angle = degrees(acos(max(-1.0, min(1.0, cosine))))
    if angle < LARGEST_SHEAR_DEG:
        return _wander(images, normal, names)
    text = f"the stack leans {angle:.1f} degrees off the slice normal (gantry tilt)"
    return [Defect("gantry-tilt", text, tuple(range(len(images))))]


def _wander(images: list[ImageFacts], normal: Point, names: SliceNames) -> list[Defect]:
    """Slices that step sideways although the stack as a whole stands upright."""
    sideways: list[int] = []
    for k, (a, b) in enumerate(pairwise(images)):
        if a.position is None or b.position is None:
            continue
        step = [y - x for x, y in zip(a.position, b.position, strict=True)]
        along = sum(x * n for x, n in zip(step, normal, strict=True))
        across = hypot(*(x - along * n for x, n in zip(step, normal, strict=True)))
        if across > max(0.1, 0.05 * abs(along)):
            sideways += [k, k + 1]
    if not sideways:
        return []
    slices = tuple(sorted(set(sideways)))
    text = f"slices are shifted sideways against their neighbours: {names.listed(slices)}"
    return [Defect("irregular-spacing", text, slices)]


def pixel_defects(images: list[ImageFacts]) -> list[Defect]:
    """Defects that single images bring along."""
    defects: list[Defect] = []

    def where(test: Callable[[ImageFacts], bool]) -> tuple[int, ...]:
        return tuple(k for k, image in enumerate(images) if test(image))

    lacking = where(lambda f: f.spacing_mm is None)
    if lacking:
        defects.append(Defect("missing-spacing", "no pixel spacing: no millimetres", lacking))
    imager = where(lambda f: f.imager_spacing_only)
    if imager:
        text = "only the spacing at the detector is known (Imager Pixel Spacing): not used for measuring"
        defects.append(Defect("imager-spacing-only", text, imager))
    unknown = where(lambda f: not is_supported(f.transfer_syntax))
    if unknown:
        names = ", ".join(sorted({syntax_name(images[k].transfer_syntax) for k in unknown}))
        defects.append(Defect("unsupported-syntax", f"no decoder for transfer syntax {names}", unknown))
    lossy = where(lambda f: f.lossy)
    if lossy:
        defects.append(Defect("lossy", f"{len(lossy)} image(s) were compressed with loss", lossy))
    longer = where(lambda f: f.extra_bytes > 0)
    if longer:
        text = f"{len(longer)} image(s) carry padding behind the pixels, ignored"
        defects.append(Defect("padding", text, longer))
    return defects


def grid_of(images: Sequence[ImageFacts]) -> Grid:
    """The true geometry; positions that coincide are kept apart by a thousandth of a millimetre each."""
    first = images[0]
    row, column = first.row_axis, first.column_axis
    if row is None or column is None:
        raise ValueError("a stack without orientation has no geometry")
    normal = normal_of(first) or (0.0, 0.0, 1.0)
    between_rows, between_columns = first.spacing_mm or (1.0, 1.0)
    origins: list[Point] = []
    last = float("-inf")
    for image in images:
        if image.position is None:
            raise ValueError("a stack without positions has no geometry")
        point = image.position
        along = sum(p * n for p, n in zip(point, normal, strict=True))
        if along < last + 1e-3:
            lift = last + 1e-3 - along
            point = (point[0] + lift * normal[0], point[1] + lift * normal[1], point[2] + lift * normal[2])
            along = last + 1e-3
        origins.append(point)
        last = along
    return Grid(
        (first.columns, first.rows, len(images)),
        (between_columns, between_rows),
        row,
        column,
        tuple(origins),
        first.frame_of_reference,
    )
