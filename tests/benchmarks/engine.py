"""Speed of the response engine from CSV to CSV: 8 time points, 5 targets, both criteria, two scopes.

Run as `python -m tests.benchmarks.engine [SUBJECTS]`; one core. Prints seconds, subjects per second and
the share of reading the CSV alone.
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

from app.command_line import run
from storage.findings_file import findings_of

PROTOCOL = """schema = 1
[trial]
id = "speed"
[[scope]]
id = "all"
[[scope]]
id = "untreated"
exclude_treated = true
[[criterion]]
id = "r-all"
scope = "all"
[[criterion]]
id = "i-all"
standard = "irecist"
scope = "all"
[[criterion]]
id = "r-untreated"
scope = "untreated"
[[criterion]]
id = "i-untreated"
standard = "irecist"
scope = "untreated"
"""
HEADER = "reader,subject,timepoint,date,lesion,role,organ,nodal,state,diameter_mm,treated,treated_date\n"
ORGANS = ("liver", "liver", "lung", "lung", "lymph-node")


def write_findings(path: Path, subjects: int, seed: int = 1) -> None:
    """A findings file of random courses; some lesions treated, missing or new."""
    draw = random.Random(seed)
    with path.open("w", encoding="utf-8") as out:
        out.write(HEADER)
        for number in range(subjects):
            start = date(2024, 1, 1) + timedelta(days=number % 300)
            sizes = [draw.uniform(16, 60) for _ in ORGANS]
            treated = draw.random() < 0.3
            for visit in range(8):
                day = start + timedelta(days=56 * visit)
                name = "BL" if visit == 0 else f"W{8 * visit}"
                for place, organ in enumerate(ORGANS):
                    sizes[place] *= draw.uniform(0.8, 1.15) if visit else 1.0
                    nodal = "yes" if organ == "lymph-node" else "no"
                    done = f"ablation,{start + timedelta(days=70)}" if treated and place == 0 and visit > 1 else ","
                    state = f"measured,{sizes[place]:.1f}" if draw.random() > 0.01 or not visit else "not-evaluable,"
                    out.write(f"R1,S{number:06d},{name},{day},T{place + 1},target,{organ},{nodal},{state},{done}\n")
                out.write(f"R1,S{number:06d},{name},{day},NT1,non-target,peritoneum,no,present,,,\n")


def main() -> int:
    """Run the benchmark."""
    subjects = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        findings = place / "findings.csv"
        write_findings(findings, subjects)
        (place / "p.toml").write_text(PROTOCOL, "utf-8")
        began = time.perf_counter()
        with findings_of(findings, print) as reads:
            read = sum(len(rows) for _, rows in reads)
        reading = time.perf_counter() - began
        began = time.perf_counter()
        options = ["--protocol", str(place / "p.toml"), "--out", str(place / "responses.csv"), "--quiet"]
        code = run(["assess", str(findings), *options])
        spent = time.perf_counter() - began
        rows = (place / "responses.csv").read_bytes().count(b"\n") - 1
    print(f"{subjects} subjects, {read} findings, {rows} responses: {spent:.1f} s")
    print(f"{subjects / spent:.0f} subjects/s")
    print(f"reading alone {reading:.1f} s ({100 * reading / spent:.0f} %)")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
