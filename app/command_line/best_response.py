"""`coread best-response`: best responses, dates and durations, from findings."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from app.command_line import response_options
from measure.refusal import Refused


def arguments(parser: argparse.ArgumentParser) -> None:
    """Findings in, best responses out."""
    response_options.arguments(parser)
    parser.add_argument("--tables", metavar="DIR", help="import tables with deaths, for the pfs columns")


def run(args: argparse.Namespace) -> int:
    """Write one row per read and criterion. Raises Refused; then nothing is written."""
    from storage.columns import columns_of
    from storage.csv_out import csv_files
    from storage.response_rows import best_cells

    if args.tables is not None:
        raise Refused(
            "best-response: --tables: progression-free survival comes with the endpoint tables, which this "
            "version does not compute; leave --tables out and the pfs columns stay empty"
        )
    session = response_options.session_of(args)
    reads = 0
    with (
        response_options.assessed_reads(args, session) as assessed,
        csv_files((Path(args.out), columns_of("best").columns)) as (writer,),
    ):
        for key, assessment in assessed:
            reads += 1
            for one in assessment.criteria:
                writer.row(best_cells(key, one, session.protocol_sha256))
        rows = writer.count
    if args.json:
        print(json.dumps({"reads": reads, "rows": rows, "out": args.out, "notes": session.notes}))
    elif not args.quiet:
        print(f"{reads} reads, {rows} rows in {args.out}")
    return 0
