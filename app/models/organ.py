"""An organ of the vocabulary, as lesion and zone forms offer it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Organ:
    """One organ of the vocabulary with its parts."""

    id: str
    label: str
    sites: tuple[str, ...] = ()
    nodal: bool = False
