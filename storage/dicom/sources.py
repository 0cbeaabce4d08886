"""Which files are to be read: folders, single files, archives and disc directories, and what is not touched.

Nothing is read outside what was named: links are not followed out of a folder, entries of an archive or of a
DICOMDIR that lead elsewhere are left out and named.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from measure.refusal import Refused
from storage.dicom.archives import Folder, is_archive, unpacked
from storage.dicom.dicomdir import is_directory_file, listed_files
from storage.dicom.facts import LeftOut
from storage.dicom.quick import NOT_DICOM

Report = Callable[[int, int], None]


@dataclass
class Sources:
    """Files to be read, each once, in a stable order; what was left out; how files of archives are called.

    kept: the folder that archives were unpacked to, None when there was none; it must be held as long as the
    files are needed.
    """

    files: dict[str, None] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    kept: Folder | None = None


def sources(paths: Iterable[str | Path], report: Report | None = None) -> Sources:
    """Find every file below the paths.

    Raises Refused for a path that does not exist, or when there is no room to unpack an archive.
    """
    found = Sources()
    plain: dict[str, None] = {}
    for path in paths:
        place = os.fspath(path)
        if Path(place).is_dir():
            _folder(place, plain, found)
        elif Path(place).is_file():
            plain[place] = None
        else:
            raise Refused(f"{place}: there is no such file or folder")
    named = {os.fspath(path) for path in paths}
    try:
        for place in plain:
            _file(place, place in named, plain, found, report)
    except BaseException:
        if found.kept is not None:
            found.kept.remove()
        raise
    return found


def _folder(place: str, plain: dict[str, None], found: Sources) -> None:
    """Regular files of a folder and below; links, devices and unreadable folders are named."""

    def unreadable(problem: OSError) -> None:
        found.left_out.append(LeftOut(problem.filename or place, f"cannot be read: {problem.strerror or problem}"))

    for folder, below, names in os.walk(place, onerror=unreadable):
        below.sort()
        root = folder.rstrip(os.sep)
        found.left_out += [
            LeftOut(f"{root}{os.sep}{name}", "a link: not followed") for name in below if Path(root, name).is_symlink()
        ]
        for name in sorted(names):
            full = f"{root}{os.sep}{name}"
            try:
                mode = os.lstat(full).st_mode
            except OSError as problem:
                found.left_out.append(LeftOut(full, f"cannot be read: {problem.strerror or problem}"))
                continue
            if stat.S_ISREG(mode):
                plain[full] = None
            else:
                why = "a link: not followed" if stat.S_ISLNK(mode) else "not a regular file: not read"
                found.left_out.append(LeftOut(full, why))


def _file(place: str, named: bool, plain: dict[str, None], found: Sources, report: Report | None) -> None:
    """One regular file: itself, what lies in it when it is an archive, what it lists when it is a DICOMDIR."""
    try:
        with Path(place).open("rb", buffering=0) as opened:
            first = opened.read(1024)
    except OSError:
        first = b""  # the header reader says why
    if is_archive(first):
        if found.kept is None:
            found.kept = Folder()
        files, left_out = unpacked(place, found.kept, report)
        found.files.update(dict.fromkeys(one.path for one in files))
        found.names.update({one.path: one.name for one in files})
        if not files and all(one.reason == NOT_DICOM for one in left_out):
            left_out = [LeftOut(place, f"an archive without DICOM files ({len(left_out)} others)")]
        found.left_out += left_out
        return
    found.files[place] = None
    if is_directory_file(first):
        listed, missing = listed_files(place)
        found.left_out += missing
        if named:
            found.files.update({file: None for file in listed if file not in plain})
