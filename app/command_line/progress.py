"""Progress of commands on stderr: a bar on a terminal, nothing when piped or quiet."""

from __future__ import annotations

import sys


class Bar:
    """Report of work done; call it with (done, total)."""

    def __init__(self, what: str, *, quiet: bool = False) -> None:
        self._what = what
        self._on = sys.stderr.isatty() and not quiet
        self._last = -1

    def __call__(self, done: int, total: int) -> None:
        """Show done of total."""
        percent = 100 * done // max(total, 1)
        if not self._on or percent == self._last:
            return
        self._last = percent
        bar = "#" * (percent // 4)
        end = "\n" if done >= total else ""
        sys.stderr.write(f"\r{self._what} [{bar:<25}] {percent:3d} %{end}")
        sys.stderr.flush()
