"""Images that belong together, and images on their way there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from measure.geometry import Grid
from measure.volume import Defect
from storage.dicom.facts import ImageFacts

FEWEST_SLICES = 3
SamePixels = Callable[[ImageFacts, ImageFacts], bool]


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
    kept: object | None = field(default=None, repr=False, compare=False)
    """What has to live as long as the images are read: the folder an archive was unpacked to."""

    @property
    def series_uid(self) -> str:
        """Series Instance UID as the site wrote it."""
        return self.images[0].series_uid

    @property
    def modality(self) -> str:
        """Modality of the images."""
        return self.images[0].modality


@dataclass
class Part:
    """Images on their way to a stack, with what was noticed about them so far."""

    images: list[ImageFacts]
    notes: list[Defect]
    split_by: str = ""
    localizer: bool = False
    multi: bool = False
    refused: str | None = None
