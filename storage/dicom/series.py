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
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from math import acos, degrees

from measure.geometry import Grid
from measure.volume import Defect
from storage.dicom.defects import (
    SAME_POSITION_MM,
    grid_of,
    lean_defects,
    normal_of,
    pixel_defects,
    step_defects,
)
from storage.dicom.facts import ImageFacts
from storage.dicom.header import SECONDARY_CAPTURE

SAME_COSINE = 1e-4  # interop S2
SAME_SPACING = 1e-4  # relative, interop S8
OTHER_PLANE_DEG = 30.0
FEWEST_SLICES = 3

SamePixels = Callable[[ImageFacts, ImageFacts], bool]

_PROJECTIONS = frozenset(("CR", "DX", "MG", "XA", "RF", "US", "OT", "NM", "ES", "XC", "IO", "PX", "RG", "SC", "DR"))


@dataclass(frozen=True)
class Stack:
    """Images that belong together, sorted along the normal of their slices, or why they cannot be sorted.

    kind: "volume", "multi-volume" (one of several volumes of the series), "single" or "localizer".
    grid: None when positions or orientation are unknown. slice_mm: distance of neighbours along the normal,
    None when it is unknown or uneven. missing_after: slice indices after which slices are missing.
    split_by: what tells this stack from the others of the series, empty when it is alone.
    """

    images: tuple[ImageFacts, ...]
    kind: str
    grid: Grid | None
    slice_mm: float | None
    defects: tuple[Defect, ...]
    measurable: bool
    in_plane_measurable: bool
    why_not: str | None
    missing_after: tuple[int, ...] = ()
    split_by: str = ""
    part: int = 1
    parts: int = 1

    @property
    def series_uid(self) -> str:
        """Series Instance UID as the site wrote it."""
        return self.images[0].series_uid

    @property
    def modality(self) -> str:
        """Modality of the images."""
        return self.images[0].modality


@dataclass
class _Part:
    """Images on their way to a stack, with what was noticed about them so far."""

    images: list[ImageFacts]
    notes: list[Defect]
    split_by: str = ""
    localizer: bool = False
    multi: bool = False
    refused: str | None = None


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
    parts: list[_Part] = []
    overviews = [image for image in images if image.is_localizer]
    others = [image for image in images if not image.is_localizer]
    parts.extend(_Part(group, [], "localizer", localizer=True) for group in _by_orientation(overviews))
    for part in _by_geometry(others, notes):
        parts.extend(_by_distinction(part, same_pixels))
    stacks = [_judged(part) for part in parts]
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


def _same_place(a: ImageFacts, b: ImageFacts) -> bool:
    return (a.position, a.row_axis, a.column_axis, a.rows, a.columns, a.spacing_mm) == (
        b.position,
        b.row_axis,
        b.column_axis,
        b.rows,
        b.columns,
        b.spacing_mm,
    )


# --- step 1: size, spacing, frame of reference, orientation -----------------------------------------------


def _spacing_key(spacing: tuple[float, float] | None, known: list[tuple[float, float]]) -> int:
    """Index of the spacing among those met before, equal within SAME_SPACING; -1 for unknown."""
    if spacing is None:
        return -1
    for index, other in enumerate(known):
        if all(abs(a - b) <= SAME_SPACING * b for a, b in zip(spacing, other, strict=True)):
            return index
    known.append(spacing)
    return len(known) - 1


def _by_orientation(images: list[ImageFacts]) -> list[list[ImageFacts]]:
    """Clusters of equal direction cosines within SAME_COSINE; images without orientation are a cluster."""
    clusters: list[tuple[tuple[float, ...] | None, list[ImageFacts]]] = []
    for image in images:
        axes = image.row_axis + image.column_axis if image.row_axis and image.column_axis else None
        for other, members in clusters:
            if axes is None or other is None:
                if axes is other:
                    members.append(image)
                    break
            elif all(abs(a - b) <= SAME_COSINE for a, b in zip(axes, other, strict=True)):
                members.append(image)
                break
        else:
            clusters.append((axes, [image]))
    return [members for _, members in clusters]


def _by_geometry(images: list[ImageFacts], notes: list[Defect]) -> list[_Part]:
    """Split by what one volume can have only once. A split that is no clean one is refused as a whole.

    Clean: every part is a stack of its own (at least three slices), or one part holds nearly everything and
    the others are one or two images set aside. Mixed sizes and frames of reference stay unmeasurable even
    then, until a person has decided; so do strays in nearly the same plane, for they belong to the stack.
    """
    if not images:
        return []
    known: list[tuple[float, float]] = []
    keyed: dict[tuple[object, ...], list[ImageFacts]] = defaultdict(list)
    for image in images:
        spacing = _spacing_key(image.spacing_mm, known)
        key = (
            image.rows,
            image.columns,
            spacing,
            image.frame_of_reference,
            image.modality,
            image.photometric,
        )
        keyed[key].append(image)
    groups = [cluster for members in keyed.values() for cluster in _by_orientation(members)]
    if len(groups) == 1:
        return [_Part(groups[0], list(notes))]
    groups.sort(key=len, reverse=True)
    mixed = _mixture(groups)
    main, strays = groups[0], groups[1:]
    every_part_stands = all(len(group) >= FEWEST_SLICES for group in groups)
    dominated = len(main) >= 5 and all(len(g) < FEWEST_SLICES for g in strays) and len(strays) <= 2
    if not every_part_stands and not dominated:
        return [_Part(images, [*notes, *mixed], refused="; ".join(defect.text for defect in mixed))]
    only_planes = all(defect.code == "mixed-orientation" for defect in mixed) and all(
        _angle(main[0], group[0]) > OTHER_PLANE_DEG for group in strays
    )
    reason = None if only_planes else "; ".join(defect.text for defect in mixed)
    parts = []
    for group in groups:
        part = _Part(group, [*notes, *mixed], _geometry_words(group[0]), refused=reason)
        parts.append(part)
    return parts


def _mixture(groups: list[list[ImageFacts]]) -> list[Defect]:
    """One defect for each thing that differs between the groups."""
    firsts = [group[0] for group in groups]
    defects: list[Defect] = []

    def differ(values: Sequence[object]) -> bool:
        return len(set(values)) > 1

    if differ([(f.rows, f.columns) for f in firsts]):
        sizes = ", ".join(sorted({f"{f.columns} x {f.rows}" for f in firsts}))
        defects.append(Defect("mixed-size", f"images of different size in one series: {sizes}"))
    known: list[tuple[float, float]] = []
    if differ([_spacing_key(f.spacing_mm, known) for f in firsts]):
        lacking = sum(len(g) for g in groups if g[0].spacing_mm is None)
        if lacking:
            defects.append(Defect("missing-spacing", f"{lacking} image(s) of the series have no pixel spacing"))
        if len(known) > 1:
            defects.append(Defect("mixed-size", "images of different pixel spacing in one series"))
    if differ([f.frame_of_reference for f in firsts]):
        count = len({f.frame_of_reference for f in firsts})
        defects.append(Defect("mixed-frame-of-reference", f"{count} frames of reference in one series"))
    if any(f.row_axis is None for f in firsts) and any(f.row_axis is not None for f in firsts):
        lacking = sum(len(g) for g in groups if g[0].row_axis is None)
        defects.append(Defect("missing-position", f"{lacking} image(s) of the series have no orientation"))
    oriented = [f for f in firsts if f.row_axis is not None]
    if len(_by_orientation(oriented)) > 1:
        count = len(_by_orientation(oriented))
        defects.append(Defect("mixed-orientation", f"images of {count} different orientations in one series"))
    if not defects:
        defects.append(Defect("mixed-size", "images of different modality or pixel meaning in one series"))
    return defects


def _geometry_words(image: ImageFacts) -> str:
    normal = normal_of(image)
    plane = ""
    if normal is not None:
        plane = ("sagittal", "coronal", "axial")[max(range(3), key=lambda axis: abs(normal[axis]))] + ", "
    return f"{plane}{image.columns} x {image.rows}"


def _angle(a: ImageFacts, b: ImageFacts) -> float:
    """Angle between the planes of two images in degrees; 0 when one is unknown."""
    first, second = normal_of(a), normal_of(b)
    if first is None or second is None:
        return 0.0
    return degrees(acos(min(1.0, abs(sum(x * y for x, y in zip(first, second, strict=True))))))


# --- step 2: repeated positions ---------------------------------------------------------------------------


def _key_along(images: Sequence[ImageFacts]) -> list[float] | None:
    """Position of each image along the normal of the first, mm; None when any is unknown."""
    normal = normal_of(images[0])
    if normal is None or any(image.position is None for image in images):
        return None
    return [
        image.position[0] * normal[0] + image.position[1] * normal[1] + image.position[2] * normal[2]
        for image in images
        if image.position is not None
    ]


def _positions_of(images: Sequence[ImageFacts]) -> list[list[int]]:
    """Indices of the images at each position, positions in order along the normal."""
    along = _key_along(images)
    if along is None:
        return []
    order = sorted(range(len(images)), key=along.__getitem__)
    clusters: list[list[int]] = []
    for index in order:
        if clusters and along[index] - along[clusters[-1][0]] < SAME_POSITION_MM:
            clusters[-1].append(index)
        else:
            clusters.append([index])
    return clusters


def _repeats(images: Sequence[ImageFacts]) -> bool:
    return any(len(cluster) > 1 for cluster in _positions_of(images))


def _by_distinction(part: _Part, same_pixels: SamePixels) -> list[_Part]:
    """Take phases, echoes and dynamics apart where positions repeat (interop S2, steps 4 to 6)."""
    if part.refused is not None and part.notes and not part.split_by:
        return [part]
    if not _repeats(part.images):
        return [part]
    part.images = _without_equal_resent(part.images, same_pixels)
    if not _repeats(part.images):
        return [part]
    for names in _candidates(part.images):
        groups: dict[str, list[ImageFacts]] = defaultdict(list)
        for image in part.images:
            own = dict(image.distinctions)
            groups[", ".join(f"{name} {own.get(name, 'none')}" for name in names)].append(image)
        if len(groups) < 2 or any(_repeats(group) for group in groups.values()):
            continue
        if all(len(group) >= FEWEST_SLICES for group in groups.values()):
            return [
                _Part(group, list(part.notes), _joined(part.split_by, words), multi=True, refused=part.refused)
                for words, group in groups.items()
            ]
    clusters = _positions_of(part.images)
    counts = {len(cluster) for cluster in clusters}
    if len(counts) == 1 and len(clusters) >= FEWEST_SLICES:
        return _dealt(part, clusters)
    return [part]


def _joined(first: str, second: str) -> str:
    return f"{first}, {second}" if first else second


def _candidates(images: Sequence[ImageFacts]) -> list[tuple[str, ...]]:
    """The distinctions whose values differ inside the group: alone, then in pairs."""
    names: list[str] = []
    for image in images:
        names.extend(name for name, _ in image.distinctions if name not in names)
    differing = [name for name in names if len({dict(image.distinctions).get(name) for image in images}) > 1]
    return [(name,) for name in differing] + list(combinations(differing, 2))


def _without_equal_resent(images: list[ImageFacts], same_pixels: SamePixels) -> list[ImageFacts]:
    """Drop images that repeat a position with all distinctions and all pixels equal: sent again under a new
    UID.
    """
    dropped: set[int] = set()
    for cluster in _positions_of(images):
        for later in range(1, len(cluster)):
            for earlier in cluster[:later]:
                a, b = images[earlier], images[cluster[later]]
                if a.distinctions == b.distinctions and earlier not in dropped and same_pixels(a, b):
                    dropped.add(cluster[later])
                    break
    return [image for index, image in enumerate(images) if index not in dropped]


def _dealt(part: _Part, clusters: list[list[int]]) -> list[_Part]:
    """Deal k repeats of every position into k stacks by time; the split is inferred and says so."""
    ordered = [sorted((part.images[i] for i in cluster), key=lambda f: f.time_order) for cluster in clusters]
    if any(a.time_order == b.time_order for row in ordered for a, b in pairwise(row)):
        return [part]
    count = len(ordered[0])
    why = f"every position occurs {count} times and only time and number tell the volumes apart (inferred)"
    return [
        _Part(
            [row[turn] for row in ordered],
            list(part.notes),
            _joined(part.split_by, f"pass {turn + 1} (inferred)"),
            multi=True,
            refused=_joined(part.refused or "", why),
        )
        for turn in range(count)
    ]


# --- step 3: judge one stack ------------------------------------------------------------------------------


def _judged(part: _Part) -> Stack:
    """Sort one part and name everything that is wrong with it."""
    images = part.images
    defects = list(part.notes)
    refused_whole = part.refused is not None and not part.split_by
    along = None if refused_whole else _key_along(images)
    if along is not None:
        order = sorted(range(len(images)), key=along.__getitem__)
        images = [images[i] for i in order]
        along = [along[i] for i in order]
    else:
        images = sorted(images, key=lambda f: (f.instance_number or 0, f.path, f.frame))
        if any(f.position is None or f.row_axis is None for f in images):
            lacking = tuple(k for k, f in enumerate(images) if f.position is None or f.row_axis is None)
            text = f"{len(lacking)} image(s) have no position or orientation in the patient"
            if not any(d.code == "missing-position" for d in defects):
                defects.append(Defect("missing-position", text, lacking))
    slice_mm: float | None = None
    missing_after: tuple[int, ...] = ()
    if along is not None and len(images) > 1:
        uneven, slice_mm, missing_after = step_defects(along)
        defects += uneven
        defects += lean_defects(images)
    if len(images) < FEWEST_SLICES:
        text = "a single slice" if len(images) == 1 else f"only {len(images)} slices"
        defects.append(Defect("single-slice", f"{text}: not a volume", tuple(range(len(images)))))
    defects += pixel_defects(images)
    return _stack(part, images, defects, slice_mm, missing_after, along is not None)


def _stack(
    part: _Part,
    images: list[ImageFacts],
    defects: list[Defect],
    slice_mm: float | None,
    missing_after: tuple[int, ...],
    placed: bool,
) -> Stack:
    first = images[0]
    for_reading = _why_not_for_reading(first, part)
    grid = grid_of(images) if placed else None
    blocking = [d.text for d in defects if d.code not in ("lossy", "padding") and not d.code.startswith("mixed-")]
    if part.refused is not None:
        blocking = [part.refused, *(text for text in blocking if text not in part.refused)]
    if for_reading is not None:
        blocking.insert(0, for_reading)
    known: list[tuple[float, float]] = []
    in_plane = (
        first.spacing_mm is not None
        and for_reading is None
        and len({_spacing_key(f.spacing_mm, known) for f in images}) == 1
        and not any(d.code in ("unsupported-syntax", "corrupt") for d in defects)
    )
    kind = "localizer" if part.localizer else "single" if len(images) < FEWEST_SLICES else "volume"
    return Stack(
        images=tuple(images),
        kind="multi-volume" if part.multi and kind == "volume" else kind,
        grid=grid,
        slice_mm=slice_mm,
        defects=tuple(defects),
        measurable=not blocking,
        in_plane_measurable=in_plane,
        why_not="; ".join(dict.fromkeys(blocking)) or None,
        missing_after=missing_after,
        split_by=part.split_by,
    )


def _why_not_for_reading(image: ImageFacts, part: _Part) -> str | None:
    if part.localizer:
        return "a localizer, not for measuring"
    if image.sop_class.startswith(SECONDARY_CAPTURE):
        return "a Secondary Capture, not for measuring"
    if image.modality in _PROJECTIONS:
        return f"modality {image.modality} is not cross-sectional"
    if not image.modality:
        return "the modality is not known"
    if image.origin.burned_in.upper() == "YES" and "DERIVED" in image.image_type:
        return "a derived image with burned-in annotation, not for measuring"
    if "PROJECTION IMAGE" in image.image_type:
        return "a projection, not for measuring"
    return None
