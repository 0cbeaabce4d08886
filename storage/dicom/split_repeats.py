"""Phases, echoes and dynamics apart, where positions repeat (interop S2, steps 4 to 6)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations, pairwise

from storage.dicom.defects import SAME_POSITION_MM, key_along
from storage.dicom.facts import ImageFacts
from storage.dicom.stack import FEWEST_SLICES, Part, SamePixels


def _positions_of(images: Sequence[ImageFacts]) -> list[list[int]]:
    """Indices of the images at each position, positions in order along the normal."""
    along = key_along(images)
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


def repeats(images: Sequence[ImageFacts]) -> bool:
    """Some position occurs more than once."""
    return any(len(cluster) > 1 for cluster in _positions_of(images))


def by_distinction(part: Part, same_pixels: SamePixels) -> list[Part]:
    """Take phases, echoes and dynamics apart where positions repeat (interop S2, steps 4 to 6)."""
    if part.refused is not None and part.notes and not part.split_by:
        return [part]
    if not repeats(part.images):
        return [part]
    part.images = _without_equal_resent(part.images, same_pixels)
    if not repeats(part.images):
        return [part]
    for names in _candidates(part.images):
        groups: dict[str, list[ImageFacts]] = defaultdict(list)
        for image in part.images:
            own = dict(image.distinctions)
            groups[", ".join(f"{name} {own.get(name, 'none')}" for name in names)].append(image)
        if len(groups) < 2 or any(repeats(group) for group in groups.values()):
            continue
        if all(len(group) >= FEWEST_SLICES for group in groups.values()):
            return [
                Part(group, list(part.notes), _joined(part.split_by, words), multi=True, refused=part.refused)
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


def _dealt(part: Part, clusters: list[list[int]]) -> list[Part]:
    """Deal k repeats of every position into k stacks by time; the split is inferred and says so."""
    ordered = [sorted((part.images[i] for i in cluster), key=lambda f: f.time_order) for cluster in clusters]
    if any(a.time_order == b.time_order for row in ordered for a, b in pairwise(row)):
        return [part]
    count = len(ordered[0])
    why = f"every position occurs {count} times and only time and number tell the volumes apart (inferred)"
    return [
        Part(
            [row[turn] for row in ordered],
            list(part.notes),
            _joined(part.split_by, f"pass {turn + 1} (inferred)"),
            multi=True,
            refused=_joined(part.refused or "", why),
        )
        for turn in range(count)
    ]
