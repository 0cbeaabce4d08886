"""`coread assess`: time-point responses of every criterion of a protocol, from findings."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from app.command_line import response_options


def arguments(parser: argparse.ArgumentParser) -> None:
    """Findings in, responses out."""
    response_options.arguments(parser)
    parser.add_argument("--issues", metavar="ISSUES.csv", help="warnings about the baseline selection")


def run(args: argparse.Namespace) -> int:
    """Write one row per read, criterion and time point. Raises Refused; then nothing is written."""
    from storage.columns import columns_of
    from storage.csv_out import csv_files
    from storage.response_rows import issue_rows, response_cells

    session = response_options.session_of(args)
    files = [(Path(args.out), columns_of("responses").columns)]
    if args.issues is not None:
        files.append((Path(args.issues), columns_of("issues").columns))
    reads = issues = 0
    with response_options.assessed_reads(args, session) as assessed, csv_files(*files) as writers:
        for key, assessment in assessed:
            reads += 1
            for one in assessment.criteria:
                for row in one.timepoints:
                    writers[0].row(response_cells(key, one, row, session.protocol_sha256))
                for cells in issue_rows(key, one):
                    issues += 1
                    if len(writers) > 1:
                        writers[1].row(cells)
        rows = writers[0].count
    if args.json:
        print(json.dumps({"reads": reads, "rows": rows, "issues": issues, "out": args.out, "notes": session.notes}))
    elif not args.quiet:
        print(f"{reads} reads, {rows} rows in {args.out}, {issues} baseline issues")
    return 0
