"""`coread audit`: the trail recomputed, and written out so that any program can recompute it."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from measure.refusal import Refused
from measure.session import INSPECTOR, LEAD, MANAGER

if TYPE_CHECKING:
    from app.command_line.session import Opened
    from measure.audit_chain import ChainVerdict

ROLES = (INSPECTOR, MANAGER, LEAD)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Verify or export."""
    parser.add_argument("action", choices=("verify", "export"), help="recompute the chain, or write it out")
    parser.add_argument("--trial", metavar="T", default="", help="name of the trial (not needed with one)")
    parser.add_argument("--file", metavar="AUDIT.jsonl", help="verify this file, without workspace or account")
    parser.add_argument("--out", metavar="AUDIT.jsonl", help="where the export goes")


def run(args: argparse.Namespace) -> int:
    """Exit 1 when a chain does not hold. Raises Refused."""
    if args.action == "export":
        return _export(args)
    if args.out:
        raise Refused("audit verify writes nothing: leave --out away, or use audit export.")
    return _told(args, _of_file(Path(args.file)) if args.file else _of_workspace(args))


def _export(args: argparse.Namespace) -> int:
    from app.command_line.session import logged_in
    from app.workflow.audit_trail import as_jsonl
    from storage.atomic import write_beside

    if not args.out:
        raise Refused("Name the file with --out AUDIT.jsonl.")
    if args.file:
        raise Refused("--file belongs to audit verify.")
    with logged_in(args, ROLES, trial=args.trial) as opened:
        text = as_jsonl(opened.ports, opened.session)
        write_beside(Path(args.out), text.encode())
    rows = text.count("\n")
    if args.json:
        print(json.dumps({"rows": rows, "head": json.loads(text.splitlines()[-1])["hash"], "out": args.out}))
    elif not args.quiet:
        print(f"{rows} rows in {args.out}")
    return 0


def _of_workspace(args: argparse.Namespace) -> list[ChainVerdict]:
    from app.command_line.session import logged_in
    from measure.audit_chain import verify_rows

    with logged_in(args, ROLES, trial=args.trial) as opened, opened.ports.open_unit(opened.session) as unit:
        trial = unit.audit_rows(opened.session.trial_id)
        own = unit.audit_rows("")
        return [_anchored(opened, unit, trial), verify_rows("", own)]


def _anchored(opened: Opened, unit: Any, rows: list[dict[str, Any]]) -> ChainVerdict:
    """The trial's chain, and whether it still holds the heads that exports were given: a cut end shows so."""
    from dataclasses import replace

    from measure.audit_chain import verify_rows
    from measure.case import ExportRecord

    verdict = verify_rows(opened.session.trial_id, rows)
    if verdict.broken:
        return verdict
    for one in unit.find(ExportRecord):
        count, head = int(one.manifest.get("chain_rows", 0)), one.manifest.get("chain_head", "")
        if count and (count > len(rows) or rows[count - 1]["hash"] != head):
            return replace(verdict, broken=f"row {count} is not the one that the export of {one.at} has seen")
    return verdict


def _of_file(file: Path) -> list[ChainVerdict]:
    from measure.audit_chain import verify_rows

    chains: dict[str, list[dict[str, Any]]] = {}
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as problem:
        raise Refused(f"{file}: cannot be read ({problem}).") from None
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
            chain, _, _ = row["chain"], row["number"] + 0, row["hash"] + row["previous_hash"]
        except (ValueError, TypeError, KeyError):
            raise Refused(
                f"{file}:{number}: this is no row of an audit trail, expected one JSON object a line."
            ) from None
        chains.setdefault(chain, []).append(row)
    if not chains:
        raise Refused(f"{file}: holds no rows.")
    return [verify_rows(chain, rows) for chain, rows in chains.items()]


def _told(args: argparse.Namespace, verdicts: list[ChainVerdict]) -> int:
    broken = [one for one in verdicts if one.broken]
    if args.json:
        chains = [{"chain": v.chain, "rows": v.rows, "head": v.head, "broken": v.broken or None} for v in verdicts]
        print(json.dumps({"holds": not broken, "chains": chains}))
    else:
        for one in verdicts:
            name = f"trial {one.chain}" if one.chain else "workspace"
            print(f"{name}: {one.broken or f'{one.rows} rows, holds, head {one.head}'}")
    return 1 if broken else 0
