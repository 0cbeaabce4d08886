"""Apart what one volume can have only once: size, spacing, frame of reference, orientation (interop S2, 1 to 3)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from math import acos, degrees

from measure.volume import Defect
from storage.dicom.facts import ImageFacts, normal_of
from storage.dicom.stack import FEWEST_SLICES, Part

SAME_COSINE = 1e-4  # interop S2
SAME_SPACING = 1e-4  # relative, interop S8
OTHER_PLANE_DEG = 30.0


def spacing_key(spacing: tuple[float, float] | None, known: list[tuple[float, float]]) -> int:
    """Index of the spacing among those met before, equal within SAME_SPACING; -1 for unknown."""
    if spacing is None:
        return -1
    for index, other in enumerate(known):
        if all(abs(a - b) <= SAME_SPACING * b for a, b in zip(spacing, other, strict=True)):
            return index
    known.append(spacing)
    return len(known) - 1


def by_orientation(images: list[ImageFacts]) -> list[list[ImageFacts]]:
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


def by_geometry(images: list[ImageFacts], notes: list[Defect]) -> list[Part]:
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
        spacing = spacing_key(image.spacing_mm, known)
        key = (
            image.rows,
            image.columns,
            spacing,
            image.frame_of_reference,
            image.modality,
            image.photometric,
        )
        keyed[key].append(image)
    groups = [cluster for members in keyed.values() for cluster in by_orientation(members)]
    if len(groups) == 1:
        return [Part(groups[0], list(notes))]
    groups.sort(key=len, reverse=True)
    mixed = _mixture(groups)
    main, strays = groups[0], groups[1:]
    every_part_stands = all(len(group) >= FEWEST_SLICES for group in groups)
    dominated = len(main) >= 5 and all(len(g) < FEWEST_SLICES for g in strays) and len(strays) <= 2
    if not every_part_stands and not dominated:
        return [Part(images, [*notes, *mixed], refused="; ".join(defect.text for defect in mixed))]
    only_planes = all(defect.code == "mixed-orientation" for defect in mixed) and all(
        _angle(main[0], group[0]) > OTHER_PLANE_DEG for group in strays
    )
    reason = None if only_planes else "; ".join(defect.text for defect in mixed)
    parts = []
    for group in groups:
        part = Part(group, [*notes, *mixed], _geometry_words(group[0]), refused=reason)
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
    if differ([spacing_key(f.spacing_mm, known) for f in firsts]):
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
    if len(by_orientation(oriented)) > 1:
        count = len(by_orientation(oriented))
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
