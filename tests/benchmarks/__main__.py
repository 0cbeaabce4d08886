"""Run all benchmarks: every module of this package that has a `main`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> int:
    """One after the other, each in its own process, so that none warms up another."""
    names = sys.argv[1:] or sorted(
        path.stem
        for path in HERE.glob("*.py")
        if not path.stem.startswith("_") and "def main(" in path.read_text("utf-8")
    )
    worst = 0
    for name in names:
        print(f"\n{name}", flush=True)
        done = subprocess.run([sys.executable, "-m", f"tests.benchmarks.{name}"], check=False)
        worst = max(worst, done.returncode)
    return worst


if __name__ == "__main__":
    raise SystemExit(main())
