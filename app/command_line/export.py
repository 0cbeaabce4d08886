"""`coread export`: the CSVs of one trial with their manifest, blinded unless asked otherwise."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from measure.refusal import Refused
from measure.session import MANAGER


def arguments(parser: argparse.ArgumentParser) -> None:
    """Trial and folder."""
    parser.add_argument("--trial", metavar="T", required=True, help="name of the trial")
    parser.add_argument("--to", metavar="DIR", required=True, help="folder of the files")
    sight = parser.add_mutually_exclusive_group()
    sight.add_argument("--blinded", action="store_true", help="reading codes and days (the default)")
    sight.add_argument("--unblinded", action="store_true", help="subject numbers and true dates (the demo's default)")
    parser.add_argument("--what", metavar="KINDS", default="csv", help="csv")


def run(args: argparse.Namespace) -> int:
    """Write the files and note the export in the trail. Raises Refused."""
    from app.command_line.session import logged_in
    from app.joined import Exporter

    unknown = [kind for kind in args.what.split(",") if kind != "csv"]
    if unknown:
        raise Refused(f"--what: {unknown[0]!r} cannot be written. Allowed: csv.")
    with logged_in(args, (MANAGER,), trial=args.trial) as opened:
        blinded = args.blinded or not (args.unblinded or opened.workspace.demo)
        manifest = Exporter(opened.workspace).export(opened.session, Path(args.to), blinded=blinded)
    if args.json:
        print(json.dumps(manifest, sort_keys=True, ensure_ascii=False))
    elif not args.quiet:
        for name, one in sorted(manifest["files"].items()):
            print(f"{name:<28}{one['rows']:>7} rows")
        print(f"{'blinded' if blinded else 'unblinded'}, {manifest['open_cases']} open cases, in {args.to}")
    return 0
