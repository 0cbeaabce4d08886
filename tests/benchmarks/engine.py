"""Speed of the response engine from CSV to CSV: 8 time points, 5 targets, both criteria, two scopes.

Run as `python -m tests.benchmarks.engine [SUBJECTS] [--shuffled]`; one core. Prints seconds, subjects per second, the
share that plain reading and writing of the same CSVs takes, and the most memory the process held.
"""

from __future__ import annotations

import csv
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path

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


def shuffle(path: Path, seed: int = 2) -> None:
    """Put the rows of a file into random order."""
    header, *rows = path.read_text("utf-8").splitlines(keepends=True)
    random.Random(seed).shuffle(rows)
    path.write_text("".join((header, *rows)), "utf-8")


def plain(findings: Path, responses: Path) -> float:
    """Seconds to read the one and write the other, with nothing between."""
    began = time.perf_counter()
    with findings.open(encoding="utf-8", newline="") as opened:
        for _ in csv.reader(opened):
            pass
    reading = time.perf_counter() - began
    with responses.open(encoding="utf-8", newline="") as opened:
        rows = list(csv.reader(opened))
    began = time.perf_counter()
    with responses.open("w", encoding="utf-8", newline="") as opened:
        csv.writer(opened, lineterminator="\n").writerows(rows)
    return reading + time.perf_counter() - began


def main() -> int:
    """Run the benchmark."""
    subjects = next((int(word) for word in sys.argv[1:] if word.isdigit()), 10_000)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        findings, responses = place / "findings.csv", place / "responses.csv"
        write_findings(findings, subjects)
        (place / "p.toml").write_text(PROTOCOL, "utf-8")
        if "--shuffled" in sys.argv:
            shuffle(findings)
        words = ["assess", str(findings), "--protocol", str(place / "p.toml"), "--out", str(responses), "--quiet"]
        began = time.perf_counter()
        child = subprocess.run([sys.executable, "-m", "app.main", *words], check=False)
        spent = time.perf_counter() - began
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy, held = used.ru_utime + used.ru_stime, used.ru_maxrss / 1024
        rows = responses.read_bytes().count(b"\n") - 1
        print(f"{subjects} subjects, {rows} responses: {spent:.1f} s, {subjects / spent:.0f} subjects/s")
        print(f"processor time {busy:.1f} s, most memory {held:.0f} MiB")
        alone = plain(findings, responses) if subjects <= 20_000 else 0.0
    if alone:
        print(f"plain reading and writing {alone:.1f} s ({100 * alone / spent:.0f} %)")
    return child.returncode


if __name__ == "__main__":
    raise SystemExit(main())
