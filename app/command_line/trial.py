"""`coread trial`: a new trial from a protocol file, and which trials there are."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from measure.refusal import Refused
from measure.session import ADMINISTRATOR, MANAGER


def arguments(parser: argparse.ArgumentParser) -> None:
    """An action and, for a new trial, its protocol."""
    parser.add_argument(
        "action",
        choices=("new", "list"),
        help="new PROTOCOL.toml: by a manager of the whole workspace; list: the trials there are",
    )
    parser.add_argument("protocol", nargs="?", metavar="PROTOCOL.toml", help="file of the new trial")


def run(args: argparse.Namespace) -> int:
    """Make or list. Raises Refused."""
    from app.command_line.session import logged_in

    if (args.action == "new") != bool(args.protocol):
        raise Refused("coread trial new PROTOCOL.toml, or coread trial list.")
    if args.action == "new":
        return _new(args)
    from app.workflow.accounts import trials_to_log_in

    with logged_in(args, (MANAGER, ADMINISTRATOR), trial=None) as opened:
        trials = trials_to_log_in(opened.ports)
    if args.json:
        print(json.dumps({"trials": [{"name": t.name, "title": t.title, "demo": t.demo} for t in trials]}))
    else:
        for trial in trials:
            print(f"{trial.name:<24}{trial.title}")
    return 0


def _new(args: argparse.Namespace) -> int:
    from app.command_line.session import logged_in
    from app.workflow.trials import new_trial
    from storage.protocol_file import protocol_warnings

    file = Path(args.protocol)
    try:
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        raise Refused(f"{file}: cannot be read ({problem}).") from None
    with logged_in(args, (MANAGER,), trial=None) as opened:
        trial, protocol = new_trial(opened.ports, opened.session, text, str(file))
    warnings = protocol_warnings(protocol)
    if args.json:
        said = {"name": trial.name, "title": trial.title, "protocol": protocol.sha256, "warnings": warnings}
        print(json.dumps(said))
    elif not args.quiet:
        print(f"trial {trial.name}: {trial.title}")
        for key in protocol.trial.unconfirmed:
            print(f"  not confirmed: {key}")
        for warning in warnings:
            print(f"  warning: {warning}")
    return 0
