"""The criteria engine and the statistics stay covered whole, line and branch: `make check` asks this.

`python -m tests.coverage_list` runs their tests with branch coverage and fails when a file of the list has a
line or a branch that no test took. A file enters the list when it is covered whole, and leaves it never.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TESTS = ("tests/measure/criteria", "tests/measure/statistics")
WHOLE = (
    "measure/criteria/assess.py",
    "measure/criteria/baseline.py",
    "measure/criteria/cases.py",
    "measure/criteria/course.py",
    "measure/criteria/dates.py",
    "measure/criteria/durations.py",
    "measure/criteria/explain.py",
    "measure/criteria/findings.py",
    "measure/criteria/irecist/best.py",
    "measure/criteria/irecist/newsum.py",
    "measure/criteria/irecist/pending.py",
    "measure/criteria/irecist/timepoint.py",
    "measure/criteria/mixed.py",
    "measure/criteria/mrecist/timepoint.py",
    "measure/criteria/recist11/best.py",
    "measure/criteria/recist11/newlesion.py",
    "measure/criteria/recist11/nontarget.py",
    "measure/criteria/recist11/target.py",
    "measure/criteria/recist11/thresholds.py",
    "measure/criteria/recist11/timepoint.py",
    "measure/criteria/results.py",
    "measure/criteria/scopes.py",
    "measure/criteria/table.py",
    "measure/statistics/agreement.py",
    "measure/statistics/proportions.py",
)


def _covered(folder: Path) -> tuple[int, dict[str, dict[str, object]]]:
    """Exit code of the tests, and what of each file they did not take."""
    report = folder / "coverage.json"
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "2", *TESTS]
    words += ["--cov=measure", "--cov-branch", f"--cov-report=json:{report}", "--cov-report="]
    done = subprocess.run(
        words,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COVERAGE_FILE": str(folder / "measured")},
    )
    if done.returncode:
        print(done.stdout[-4000:] + done.stderr[-2000:])
        return done.returncode, {}
    return 0, json.loads(report.read_text("utf-8"))["files"]


def main() -> int:
    """Zero when every file of the list is covered whole."""
    with tempfile.TemporaryDirectory() as folder:
        code, files = _covered(Path(folder))
    if code:
        return code
    failed = 0
    for name in WHOLE:
        found = files.get(name)
        if found is None:
            print(f"{name}: not reached by any test of {', '.join(TESTS)}")
            failed += 1
        elif found["missing_lines"] or found["missing_branches"]:
            lines, branches = found["missing_lines"], found["missing_branches"]
            print(f"{name}: lines {lines} and branches {branches} are not covered")
            failed += 1
    print(f"{len(WHOLE) - failed} of {len(WHOLE)} listed files are covered whole")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
