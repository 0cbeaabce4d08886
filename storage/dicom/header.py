"""A file to the facts of its images, without pixels: read leniently, checked strictly.

Plain little-endian files are walked over quickly (storage.dicom.quick); enhanced multi-frame, deflated and
big-endian files, and whatever the quick walk is unsure of, are read by pydicom (storage.dicom.thorough).
"""

from __future__ import annotations

import os
import struct
from pathlib import Path

from storage.dicom import elements
from storage.dicom.attributes import Texts
from storage.dicom.checked import checked
from storage.dicom.facts import ImageFacts, LeftOut
from storage.dicom.quick import FIRST_READ, quickly
from storage.dicom.thorough import lenient, thoroughly


def read_images(path: str | Path) -> tuple[ImageFacts, ...] | LeftOut:
    """Read the facts of every image of one file, or say why the file is left out. Never raises for a bad
    file.
    """
    place = os.fspath(path)
    first, size = b"", 0
    quick: tuple[Texts, str, elements.Walked] | str | None = None
    try:
        with Path(place).open("rb", buffering=0) as opened:
            size = os.fstat(opened.fileno()).st_size
            first = opened.read(FIRST_READ)
            quick = quickly(opened, first, size)
    except OSError as problem:
        return LeftOut(place, f"cannot be read: {problem.strerror or problem}")
    except (elements.Unsure, elements.NeedsMore, ValueError, IndexError, struct.error, RecursionError):
        pass  # the thorough reader decides
    if isinstance(quick, str):
        return LeftOut(place, quick)
    try:
        if quick is None:
            with lenient():
                return thoroughly(place, first, size)
        texts, syntax, walked = quick
        return checked(place, texts, syntax, size, walked, [(1, texts)])
    except MemoryError:
        return LeftOut(place, "damaged: it claims more memory than there is", "corrupt")
    except Exception as problem:  # noqa: BLE001 -- a damaged file is a value, whatever is wrong with it
        return LeftOut(place, f"damaged: {_one_line(problem)}", "corrupt")


def _one_line(problem: BaseException) -> str:
    text = " ".join(str(problem).split()) or type(problem).__name__
    return text[:200]
