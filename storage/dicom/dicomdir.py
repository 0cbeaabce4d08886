"""What a DICOMDIR lists (PS3.10 section 8, PS3.3 F.3): a hint that is never trusted (interop S13).

Its paths may be of the wrong case, stale or hostile. A listed file counts only when it lies below the DICOMDIR's
own folder, reached without a link; records without a file are reported.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from storage.dicom.facts import LeftOut
from storage.dicom.thorough import lenient, lenient_dataset

_CLASS = b"1.2.840.10008.1.3.10"
_MOST_BYTES = 1 << 26
_MOST_NAMED = 20
_SIGNS = frozenset(("", ".", ".."))


def is_directory_file(first: bytes) -> bool:
    """The first bytes of a file are those of a DICOMDIR (its storage class stands in the meta information)."""
    return first[128:132] == b"DICM" and _CLASS in first[132:]


def listed_files(place: str) -> tuple[list[str], list[LeftOut]]:
    """The files a DICOMDIR lists that are there, and what is wrong with the rest of the list."""
    try:
        if Path(place).stat().st_size > _MOST_BYTES:
            return [], [LeftOut(place, "a directory file (DICOMDIR) too long to be read")]
        records = _file_ids(place)
    except Exception:  # noqa: BLE001 -- a damaged list is a value: its folder can still be read
        return [], [LeftOut(place, "a damaged directory file (DICOMDIR): name its folder instead")]
    root = str(Path(place).parent)
    folders: dict[str, dict[str, str]] = {}
    found: dict[str, None] = {}
    wrong: list[LeftOut] = []
    for parts in records:
        shown = "/".join(parts)
        if any(part in _SIGNS or "/" in part or "\\" in part or "\0" in part or ":" in part for part in parts):
            wrong.append(LeftOut(f"{place}: {shown}", "listed in the DICOMDIR, but leads out of its folder: not read"))
            continue
        file = _below(root, parts, folders)
        if file is None:
            wrong.append(LeftOut(f"{place}: {shown}", "listed in the DICOMDIR, but there is no such file"))
        else:
            found[file] = None
    if len(wrong) > _MOST_NAMED:
        rest = len(wrong) - _MOST_NAMED
        wrong = [*wrong[:_MOST_NAMED], LeftOut(place, f"{rest} more records of the DICOMDIR have no file")]
    return list(found), wrong


def _file_ids(place: str) -> list[list[str]]:
    """Referenced File ID (0004,1500) of every directory record that has one, each once."""
    with lenient():
        dataset = lenient_dataset(place, pixels=False)
        found: dict[tuple[str, ...], None] = {}
        for record in dataset.get("DirectoryRecordSequence") or ():
            value = record.get("ReferencedFileID")
            if not value:
                continue
            parts = [value] if isinstance(value, str) else list(value)
            found[tuple(str(part).strip(" \0") for part in parts)] = None
    return [list(parts) for parts in found]


def _below(root: str, parts: list[str], folders: dict[str, dict[str, str]]) -> str | None:
    """The regular file of that name below the root, upper and lower case alike; None when it is not there."""
    at = root
    for turn, part in enumerate(parts):
        if at not in folders:
            try:
                folders[at] = {one.name.casefold(): one.name for one in sorted(Path(at).iterdir(), reverse=True)}
            except OSError:
                folders[at] = {}
        wanted = part.casefold()
        names = folders[at]
        name = names.get(wanted) or names.get(f"{wanted}.") or names.get(f"{wanted};1") or names.get(f"{wanted}.dcm")
        if name is None:
            return None
        at = f"{at.rstrip(os.sep)}{os.sep}{name}"
        mode = os.lstat(at).st_mode
        if not (stat.S_ISREG(mode) if turn == len(parts) - 1 else stat.S_ISDIR(mode)):
            return None
    return at
