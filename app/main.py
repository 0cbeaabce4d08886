"""The program's entry: commands go to the command line, everything else to the windows."""

from __future__ import annotations

import sys


def main() -> int:
    """Run coread; returns the exit code."""
    if len(sys.argv) > 1:
        from app.command_line import run

        return run(sys.argv[1:])
    from app.desktop import run_windows

    return run_windows()


if __name__ == "__main__":
    raise SystemExit(main())
