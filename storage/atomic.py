"""Files that are there whole or not at all: written beside their place, synchronised, renamed."""

from __future__ import annotations

import errno
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from measure.refusal import NotWritten

_WHY = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EROFS: "the disk is read-only",
    errno.EACCES: "no permission to write there",
    errno.EPERM: "no permission to write there",
    errno.ENOENT: "the folder does not exist",
    errno.ENOTDIR: "a part of the path is a file",
    errno.EISDIR: "a folder has this name",
}


def refused_write(path: Path, problem: OSError) -> NotWritten:
    """The one line for a file that could not be written."""
    why = _WHY.get(problem.errno or 0, problem.strerror or str(problem))
    return NotWritten(f"{path}: cannot be written, {why}; nothing was stored")


def write_beside(path: Path, content: bytes) -> None:
    """Write a file whole or not at all; raises Refused when the disk is full, read-only or not there."""
    written: str | None = None
    try:
        descriptor, written = tempfile.mkstemp(prefix=".", suffix=".part", dir=path.parent)
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        Path(written).chmod(0o644)
        Path(written).replace(path)
        written = None
        _sync_folder(path.parent)
    except OSError as problem:
        raise refused_write(path, problem) from problem
    finally:
        if written is not None:
            with suppress(OSError):
                Path(written).unlink()


def _sync_folder(folder: Path) -> None:
    """Make a rename last; not every file system can, and then it lasts as it always did."""
    with suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
