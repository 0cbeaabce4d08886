"""What a file carried that a reader must not see, by kind and by the attribute's name, never by its value.

For the blinding report: the copy for readers holds none of it (storage.dicom.deidentify sees to that).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

IDENTITY, DATES, SITE, TEXTS, PRIVATE, DRAWN = (
    "Identity",
    "Dates and times",
    "Site and device",
    "Free texts",
    "Private elements",
    "Overlays and pictures",
)
KINDS = (IDENTITY, DATES, SITE, TEXTS, PRIVATE, DRAWN)
_SITE = frozenset(
    (
        0x00080070, 0x00080080, 0x00080081, 0x00080082, 0x00081010, 0x00081040, 0x00081090, 0x00181000, 0x00181020,
        0x00181002, 0x00181008, 0x00181050, 0x00181200, 0x00400241, 0x00400242, 0x00400243,
    )
)  # fmt: skip
_IDENTITY = frozenset((0x00080050, 0x00200010, 0x00401001, 0x00402016, 0x00402017))
_DRAWN_GROUPS = frozenset((*range(0x5000, 0x5020, 2), *range(0x6000, 0x6020, 2)))
_ICON = 0x00880200
_MOST_DEPTH = 12


def carried(source: Dataset) -> frozenset[tuple[str, str]]:
    """(kind, attribute) of everything filled in a data set, at every depth, that a reader must not see."""
    return frozenset((kind, name) for kind, name in _walk(source, 0))


def _walk(dataset: Dataset, depth: int) -> Iterator[tuple[str, str]]:
    for tag in list(dataset.keys()):
        if tag.group == 0x7FE0:
            continue
        try:
            element = dataset[tag]
            empty = element.value is None or element.value == "" or element.value == []
        except Exception:  # noqa: S112, BLE001 -- unreadable, so not in the copy either
            continue
        kind = _kind(element)
        if kind and not empty:
            yield kind, element.keyword or str(tag)
        if element.VR == "SQ" and depth < _MOST_DEPTH and not tag.is_private:
            for item in element.value or ():
                yield from _walk(item, depth + 1)


def _kind(element: DataElement) -> str:
    tag = element.tag
    number = int(tag)
    kinds = (
        (PRIVATE, tag.is_private),
        (DRAWN, tag.group in _DRAWN_GROUPS or number == _ICON),
        (SITE, number in _SITE),
        (IDENTITY, tag.group in (0x0010, 0x0012, 0x0038) or element.VR == "PN" or number in _IDENTITY),
        (DATES, element.VR in ("DA", "TM", "DT")),
        (TEXTS, element.VR in ("LO", "LT", "SH", "ST", "UC", "UT", "UR")),
    )
    return next((kind for kind, fits in kinds if fits and element.VR != "SQ"), "")
