"""ZIP archives unpacked into a folder of their own: bounded in bytes, files and depth, no name of theirs used.

What lies in an archive is written under running numbers, so that no entry can name a place; entries that try
(`..`, absolute names, links) are left out and named. The folder lives as long as what was read from it.
"""

from __future__ import annotations

import os
import shutil
import stat
import struct
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from storage.atomic import refused_write
from storage.dicom.facts import LeftOut
from storage.dicom.quick import NOT_DICOM, looks_like_dicom

LEAST_BUDGET = 1 << 28
MOST_RATIO = 100
MOST_BYTES = 1 << 34
MOST_DIRECTORY = 1 << 24
DEEPEST = 3
_SPARED = 1 << 29
"""So much of the disk stays free."""
_PIECE = 1 << 20
_PREFIX = "coread-zip-"

Report = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Unpacked:
    """One file of an archive: where its bytes lie, and `archive.zip/its/name` for a person."""

    path: str
    name: str


class Folder:
    """A private temporary folder that is removed when nothing refers to it any more, at the latest at exit."""

    def __init__(self) -> None:
        _sweep()
        self.path = tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-")
        self.free = max(0, shutil.disk_usage(self.path).free - _SPARED)
        self._count = 0
        self._end = weakref.finalize(self, shutil.rmtree, self.path, True)

    def remove(self) -> None:
        """Remove it now."""
        self._end()

    def place(self) -> str:
        """A new name in it."""
        self._count += 1
        part = Path(self.path, f"{self._count // 1000:04d}")
        part.mkdir(exist_ok=True)
        return str(part / f"{self._count:06d}")


def _sweep() -> None:
    """Remove what a killed program left behind."""
    if os.name != "posix":
        return  # elsewhere a process cannot be asked for without ending it
    for left in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        number = left.name[len(_PREFIX) :].split("-")[0]
        with suppress(OSError, ValueError):
            if left.is_symlink() or left.stat().st_uid != os.getuid() or int(number) == os.getpid():
                continue
            try:
                os.kill(int(number), 0)
            except ProcessLookupError:
                shutil.rmtree(left, ignore_errors=True)


class _Budget:
    """Bytes that one archive, with all archives in it, may still unpack to."""

    def __init__(self, size: int, free: int) -> None:
        self.whole = self.left = min(MOST_BYTES, max(LEAST_BUDGET, MOST_RATIO * size), free)


class _TooMuch(Exception):  # noqa: N818 -- ends the archive
    """The archive unpacks to more than it may."""


class _NotOpened(Exception):  # noqa: N818 -- ends one entry
    """One entry is left out; the text says why."""


def is_archive(first: bytes) -> bool:
    """The first bytes of a file are those of a ZIP, and no DICOM file hides behind them."""
    return first[:4] in (b"PK\x03\x04", b"PK\x05\x06") and first[128:132] != b"DICM"


def unpacked(archive: str, folder: Folder, report: Report | None = None) -> tuple[list[Unpacked], list[LeftOut]]:
    """Unpack one archive into the folder; the files, and what was left out with the reason.

    An archive that unpacks to more than MOST_RATIO times its size (and LEAST_BUDGET), or to more than the disk
    holds, gives nothing at all. Raises Refused when the disk is full or read-only.
    """
    try:
        size = Path(archive).stat().st_size
    except OSError as problem:
        return [], [LeftOut(archive, f"cannot be read: {problem.strerror or problem}")]
    budget = _Budget(size, folder.free)
    files: list[Unpacked] = []
    left_out: list[LeftOut] = []
    try:
        for one in _entries(archive, archive, folder, budget, 1, report):
            (files if isinstance(one, Unpacked) else left_out).append(one)  # type: ignore[arg-type]
    except _TooMuch:
        for file in files:
            with suppress(OSError):
                Path(file.path).unlink()
        words = f"an archive that unpacks to more than {budget.whole >> 20} MB: nothing of it was read"
        return [], [LeftOut(archive, words, "corrupt")]
    folder.free -= budget.whole - budget.left
    return files, left_out


def _entries(
    archive: str, name: str, folder: Folder, budget: _Budget, depth: int, report: Report | None
) -> Iterator[Unpacked | LeftOut]:
    """Every file of one archive and of the archives in it."""
    try:
        directory = _directory_bytes(archive)
        if directory > MOST_DIRECTORY:
            yield LeftOut(name, "an archive with too many entries: not opened", "corrupt")
            return
        with ZipFile(archive) as opened:
            infos = opened.infolist()
            for done, info in enumerate(infos):
                if report is not None and done % 16 == 0:
                    report(done, len(infos))
                if info.is_dir():
                    continue
                shown = f"{name}/{info.filename}"
                try:
                    place = _written(opened, info, folder, budget)
                except _NotOpened as why:
                    yield LeftOut(shown, str(why))
                    continue
                yield from _inner(place, shown, folder, budget, depth, report)
    except (BadZipFile, struct.error, ValueError, EOFError, OSError, NotImplementedError) as problem:
        yield LeftOut(name, f"a damaged archive: {problem}", "corrupt")


def _inner(
    place: str, shown: str, folder: Folder, budget: _Budget, depth: int, report: Report | None
) -> Iterator[Unpacked | LeftOut]:
    """The file itself, or what lies in it when it is an archive."""
    with Path(place).open("rb") as opened:
        first = opened.read(1024)
    if not is_archive(first):
        if looks_like_dicom(first):
            yield Unpacked(place, shown)
        else:
            Path(place).unlink()
            yield LeftOut(shown, NOT_DICOM)
        return
    if depth >= DEEPEST:
        yield LeftOut(shown, f"an archive in an archive, more than {DEEPEST} deep: not opened")
    else:
        yield from _entries(place, shown, folder, budget, depth + 1, report)
    Path(place).unlink()


def _directory_bytes(archive: str) -> int:
    """Length of the central directory as the archive's end claims it; it is read at once, so it is bounded."""
    with Path(archive).open("rb") as opened:
        size = opened.seek(0, os.SEEK_END)
        opened.seek(max(0, size - (1 << 16) - 22))
        tail = opened.read()
    end = tail.rfind(b"PK\x05\x06")
    if end < 0 or end + 16 > len(tail):
        raise BadZipFile("it ends before its directory")
    (length,) = struct.unpack_from("<I", tail, end + 12)
    large = tail.rfind(b"PK\x06\x06", 0, end)
    if large >= 0 and large + 48 <= len(tail):
        length = max(length if length != 0xFFFFFFFF else 0, struct.unpack_from("<Q", tail, large + 40)[0])
    return int(length)


def _written(opened: ZipFile, info: ZipInfo, folder: Folder, budget: _Budget) -> str:
    """Write one entry under a number; raises _NotOpened with the reason, or _TooMuch."""
    why = _why_not(info)
    if why:
        raise _NotOpened(why)
    if info.file_size > budget.left:
        raise _TooMuch
    place = folder.place()
    try:
        with opened.open(info) as source:
            _copied(source.read, place, budget)
    except (BadZipFile, zlib.error, EOFError, RuntimeError, ValueError, struct.error) as problem:
        Path(place).unlink(missing_ok=True)
        raise _NotOpened(f"damaged in the archive: {problem}") from problem
    return place


def _copied(read: Callable[[int], bytes], place: str, budget: _Budget) -> None:
    """Copy piece by piece while the budget lasts."""
    try:
        with Path(place).open("xb") as target:
            while piece := read(_PIECE):
                budget.left -= len(piece)
                if budget.left < 0:
                    raise _TooMuch
                target.write(piece)
    except OSError as problem:
        raise refused_write(Path(place).parent, problem) from problem


def _why_not(info: ZipInfo) -> str:
    """Why an entry is not unpacked; empty when it is."""
    for path in (PurePosixPath(info.filename), PureWindowsPath(info.filename)):
        if path.is_absolute() or path.drive or ".." in path.parts:
            return "its name leads out of the archive: not read"
    mode = info.external_attr >> 16
    if mode and stat.S_IFMT(mode) not in (0, stat.S_IFREG):
        return "a link or device in an archive: not read"
    if info.flag_bits & 1:
        return "encrypted in the archive: unpack it with its password first"
    if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
        return "compressed by a method that is not opened: unpack it first"
    return ""
