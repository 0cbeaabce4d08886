"""RECIST 1.1 written a second time, plainly and slowly, from the tables: both agree on random courses."""

from __future__ import annotations

import random
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import pytest

from measure.criteria.assess import assess_read
from measure.criteria.findings import MEASURED, NEW, NON_TARGET, TARGET, Finding
from measure.protocol import Protocol, Trial
from tests.build.courses import day

Sizes = dict[str, str | None]  # label -> mm as text, "0" absent, None not evaluable


@dataclass
class Scan:
    """What one time point shows, as plain as possible."""

    at: int
    targets: Sizes
    non_targets: dict[str, str]
    new: str  # "", "equivocal" or "present"


def drawn(number: int) -> list[Scan]:
    """A random course: up to four targets (T4 is a node), two non-targets, perhaps a new lesion."""
    draw = random.Random(number)
    labels = [f"T{n}" for n in range(1, draw.randint(0, 4) + 1)]
    others = [f"N{n}" for n in range(1, draw.randint(0 if labels else 1, 2) + 1)]
    sizes = {label: draw.randint(150, 500) for label in labels}
    scans = [Scan(0, {k: str(v / 10) for k, v in sizes.items()}, dict.fromkeys(others, "present"), "")]
    trend = draw.choice([0.7, 0.85, 1.0, 1.1])
    at = 0
    for _ in range(draw.randint(1, 6)):
        at += draw.choice([14, 28, 42, 56])
        found: Sizes = {}
        for label in labels:
            sizes[label] = int(sizes[label] * trend * draw.uniform(0.8, 1.2))
            chance = draw.random()
            found[label] = None if chance < 0.04 else "0" if chance < 0.12 else str(max(sizes[label], 20) / 10)
        words = ["present"] * 4 + ["absent"] * 4 + ["increased", "not-evaluable", "unequivocal-progression"]
        trend += draw.uniform(-0.1, 0.15)
        new = draw.choice([""] * 14 + ["present", "equivocal"])
        scans.append(Scan(at, found, {label: draw.choice(words) for label in others}, new))
    return scans


def as_findings(scans: list[Scan]) -> list[Finding]:
    rows = []
    for number, scan in enumerate(scans):
        name = "BL" if number == 0 else f"V{number}"
        for label, mm in scan.targets.items():
            state = "not-evaluable" if mm is None else "absent" if mm == "0" else MEASURED
            size = None if state != MEASURED else Decimal(str(mm))
            nodal = label == "T4"
            rows.append(Finding(name, day(scan.at), label, TARGET, "node" if nodal else "liver", nodal, state, size))
        rows += [
            Finding(name, day(scan.at), label, NON_TARGET, "bone", state=word)
            for label, word in scan.non_targets.items()
        ]
        if scan.new:
            rows.append(Finding(name, day(scan.at), f"L{number}", NEW, "lung", state=scan.new))
    return rows


def naive(scans: list[Scan]) -> tuple[list[str], str]:
    """Overall responses and best response, under the defaults."""
    sums = [total(scans[0])]
    overall: list[str] = []
    own: list[str] = []
    targets: list[str] = []
    for here in range(1, len(scans)):
        scan, after_cr = scans[here], "CR" in own
        target = naive_target(scan, sums, after_cr, established(targets, scans)) if scan.targets else "NA"
        non_target = naive_non_target(scan, after_cr)
        targets.append(target)
        sums.append(total(scan))
        own.append(naive_overall(target, non_target, scan.new == "present"))
        overall.append("PD" if "PD" in own[:-1] else own[-1])
    return overall, naive_best(own, scans)


def total(scan: Scan) -> Fraction | None:
    values = list(scan.targets.values())
    return None if None in values else sum((Fraction(str(v)) for v in values), Fraction(0))


def naive_target(scan: Scan, sums: list[Fraction | None], after_cr: bool, responding: bool) -> str:
    values = {label: None if mm is None else Fraction(mm) for label, mm in scan.targets.items()}
    seen = {label: mm for label, mm in values.items() if mm is not None}
    normal = all(mm < 10 if label == "T4" else mm == 0 for label, mm in seen.items())
    if len(seen) == len(values) and normal:
        return "CR"
    if after_cr and not normal:
        return "PD"
    nadir = min(mm for mm in sums if mm is not None)
    part = sum(seen.values(), Fraction(0))
    if part - nadir >= 5 and part >= nadir * Fraction(6, 5):
        return "PD"
    if len(seen) < len(values):
        return "NE"
    first = sums[0]
    assert first is not None
    return "PR" if responding or part <= first * Fraction(7, 10) else "SD"


def established(targets: list[str], scans: list[Scan]) -> bool:
    """Two responses four weeks apart, at most one NE and nothing else between, and no progression since."""
    for b in range(len(targets)):
        for a in range(b):
            between = targets[a + 1 : b]
            pair = targets[a] in ("CR", "PR") and targets[b] in ("CR", "PR")
            quiet = all(one in ("CR", "PR", "NE") for one in between) and between.count("NE") <= 1
            apart = scans[b + 1].at - scans[a + 1].at >= 28
            if pair and quiet and apart and "PD" not in targets[b:]:
                return True
    return False


def naive_non_target(scan: Scan, after_cr: bool) -> str:
    words = list(scan.non_targets.values())
    if not words:
        return "NA"
    if "unequivocal-progression" in words:
        return "PD"
    if after_cr and ("present" in words or "increased" in words):
        return "PD"
    if "not-evaluable" in words:
        return "NE"
    return "CR" if set(words) == {"absent"} else "NON-CR/NON-PD"


def naive_overall(target: str, non_target: str, new: bool) -> str:
    if new or "PD" in (target, non_target):
        return "PD"
    if target == "NA":
        return non_target
    if target == "CR":
        return "CR" if non_target in ("CR", "NA") else "PR"
    return target


def naive_best(own: list[str], scans: list[Scan]) -> str:
    until = own[: own.index("PD") + 1] if "PD" in own else own
    for good, name in ((("CR",), "CR"), (("CR", "PR"), "PR")):
        for b in range(len(until)):
            for a in range(b):
                between = until[a + 1 : b]
                quiet = all(one in (*good, "NE") for one in between) and between.count("NE") <= 1
                if until[a] in good and until[b] in good and quiet and scans[b + 1].at - scans[a + 1].at >= 28:
                    return name
    late = [one for n, one in enumerate(until) if scans[n + 1].at >= 42]
    if any(one in ("CR", "PR", "SD", "NON-CR/NON-PD") for one in late):
        return "SD" if scans[0].targets else "NON-CR/NON-PD"
    return "PD" if "PD" in until else "NE"


def disagreements(numbers: range) -> list[tuple[int, object, object]]:
    protocol = Protocol(Trial("naive"))
    found: list[tuple[int, object, object]] = []
    for number in numbers:
        scans = drawn(number)
        one = assess_read(as_findings(scans), protocol).criteria[0]
        engine = ([row.overall for row in one.timepoints[1:]], one.best.best)
        if engine != naive(scans):
            found.append((number, engine, naive(scans)))
    return found


def test_the_engine_agrees_with_the_naive_one_on_random_courses() -> None:
    assert disagreements(range(3_000)) == []


@pytest.mark.slow
def test_the_engine_agrees_with_the_naive_one_on_100_000_random_courses() -> None:
    assert disagreements(range(100_000)) == []


def test_the_random_courses_reach_every_response() -> None:
    best = [naive(drawn(number))[1] for number in range(3_000)]
    assert {"CR", "PR", "SD", "NON-CR/NON-PD", "PD", "NE"} == set(best)
