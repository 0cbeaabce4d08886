"""How slices are called in words: by the numbers that the viewer shows beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from measure.geometry import AXIAL_COSINE
from storage.dicom.facts import ImageFacts, normal_of

_MOST_NAMED = 8


@dataclass(frozen=True, slots=True)
class SliceNames:
    """Numbers from 1: axial stacks are counted from the head, as they are scrolled, others as they are stored."""

    count: int
    from_last: bool = True

    @classmethod
    def of(cls, images: Sequence[ImageFacts], placed: bool) -> SliceNames:
        """The names for sorted images; placed: their positions are known (others are shown as if axial)."""
        normal = normal_of(images[0]) if placed else None
        return cls(len(images), normal is None or normal[2] > AXIAL_COSINE)

    def number(self, index: int) -> int:
        """The number shown for an index of the array."""
        return self.count - index if self.from_last else index + 1

    def pair(self, first: int) -> str:
        """`3 and 4` for the slice at an index and its neighbour."""
        a, b = sorted((self.number(first), self.number(first + 1)))
        return f"{a} and {b}"

    def listed(self, indices: Sequence[int]) -> str:
        """`3, 4, 9` and how they are counted."""
        numbers = sorted(self.number(k) for k in indices)
        more = ", ..." if len(numbers) > _MOST_NAMED else ""
        return ", ".join(str(n) for n in numbers[:_MOST_NAMED]) + more + self.counted

    @property
    def counted(self) -> str:
        """From where the numbers count."""
        return " (counted from the head)" if self.from_last else " (counted as stored)"
