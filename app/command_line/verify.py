"""`coread verify`: cases with known answers, the shipped ones without a file."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    """A case file, or nothing."""
    parser.add_argument("cases", nargs="?", metavar="CASES.json", help="default: the cases shipped with coread")
    parser.add_argument("--out", metavar="RESULTS.json", help="what was got for every case")


def run(args: argparse.Namespace) -> int:
    """One line a failure, counts last. Exit 1 when a case fails. Raises Refused."""
    from app.command_line.progress import Bar
    from measure.criteria import ENGINE_VERSION
    from measure.criteria.cases import run_case
    from storage.atomic import write_beside
    from storage.cases_file import read_cases, shipped_cases

    cases = shipped_cases() if args.cases is None else read_cases(Path(args.cases))
    report = Bar("verifying", quiet=args.quiet)
    results = []
    for number, case in enumerate(cases, 1):
        results.append((case, run_case(case)))
        report(number, len(cases))
    failed = [(case, result) for case, result in results if not result.passed]
    if args.out is not None:
        lines = [json.dumps({"id": r.id, "pass": r.passed, "got": r.got}, ensure_ascii=False) for _, r in results]
        write_beside(Path(args.out), ("[\n" + ",\n".join(lines) + "\n]\n").encode("utf-8"))
    if args.json:
        failures = [{"id": r.id, "title": case.title, "difference": r.difference} for case, r in failed]
        counts = {"cases": len(results), "passed": len(results) - len(failed), "failed": len(failed)}
        print(json.dumps({**counts, "failures": failures, "engine": ENGINE_VERSION}))
    else:
        for case, result in failed:
            print(f"{result.id}: {case.title}: {result.difference}")
        passed = len(results) - len(failed)
        print(f"{len(results)} cases, {passed} passed, {len(failed)} failed (engine {ENGINE_VERSION})")
    return 1 if failed else 0
