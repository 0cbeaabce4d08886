"""`coread demo`: makes the demo workspace; headless it plays the whole main job and leaves CSVs and pictures."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line.progress import Bar
from measure.refusal import Refused

if TYPE_CHECKING:
    from app.pictures import Photographer
    from app.workflow.ports import Ports
    from measure.session import Session

ABLATED = "04-007"
READ = "03-006"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Where, and whether with windows."""
    parser.add_argument("--headless", action="store_true", help="play the whole main job, leave CSVs and pictures")
    parser.add_argument("--to", metavar="DIR", help="folder of the workspace (headless: also of CSVs and pictures)")
    parser.add_argument("--no-pictures", action="store_true", help="headless: leave out the pictures of the windows")


def run(args: argparse.Namespace) -> int:
    """Make the demo; then open it, or play it."""
    from storage.places import default_workspace

    if args.headless:
        return _headless(Path(args.to) if args.to else Path("coread-demo"), args)
    folder = Path(args.to) if args.to else default_workspace()
    from storage.database.workspace import exists

    if not exists(folder):
        _make(folder, args)
    os.environ["COREAD_WORKSPACE"] = str(folder)
    from app.desktop import run_windows

    return run_windows()


def _make(folder: Path, args: argparse.Namespace) -> None:
    from app.joined import make_demo

    bar = Bar("Making the demo", quiet=args.quiet)
    make_demo(folder, lambda done, total, _: bar(done, total)).close()


def _headless(to: Path, args: argparse.Namespace) -> int:
    if to.exists() and any(to.iterdir()):
        raise Refused(f"{to} is not empty. Name a new folder for the demo.")
    workspace = to / "workspace"
    _make(workspace, args)
    summary, pictures = _play(workspace, to, args)
    if args.json:
        print(json.dumps({"to": str(to), "subjects": summary, "pictures": [str(p) for p in pictures]}))
        return 0
    if not args.quiet:
        _print_table(summary)
        print(f"\nCSVs and manifest: {to / 'export'}")
        print(f"Workspace: {workspace}")
        if pictures:
            print(f"Pictures: {to / 'pictures'} ({len(pictures)})")
    return 0


def _play(workspace_folder: Path, to: Path, args: argparse.Namespace) -> tuple[list[dict[str, str]], list[Path]]:
    from app.joined import Exporter, ports_of
    from app.version import PROGRAM
    from app.workflow.demo_trial import session_of
    from app.workflow.play_demo import ScriptedReader, play_reads, settle
    from measure.phantom.cast import demo_cast
    from storage.database.workspace import open_workspace

    workspace = open_workspace(workspace_folder, program=PROGRAM)
    ports = ports_of(workspace)
    patients = {patient.number: patient for patient in demo_cast()}
    sessions = {name: session_of(ports, name) for name in ("reader.one", "reader.two", "adjudicator", "manager")}
    album = _Album(workspace_folder, to / "pictures", on=not args.no_pictures)
    album.take(lambda p: _begin(p, sessions["reader.one"]))
    bar = Bar("Reading", quiet=args.quiet)
    done = 0

    def said(_: str) -> None:
        nonlocal done
        done += 1
        bar(done, 2 * len(patients))

    for number, name in ((1, "reader.one"), (2, "reader.two")):
        reader = ScriptedReader(sessions[name], number)
        play_reads(ports, reader, patients, said, album.before_signing(sessions["reader.one"]))
    states = settle(
        ports, sessions["manager"], sessions["adjudicator"], patients, album.before_choice(sessions["adjudicator"])
    )
    album.take(lambda p: _manage(p, sessions["manager"]))
    Exporter(workspace).export(sessions["manager"], to / "export", blinded=False)
    summary = _summary(ports, sessions["manager"], states)
    workspace.close()
    return summary, album.taken


class _Album:
    """Takes pictures on the way, where they are asked for; each opens and closes the windows."""

    def __init__(self, workspace: Path, folder: Path, *, on: bool) -> None:
        self._workspace, self._folder, self._on = workspace, folder, on
        self.taken: list[Path] = []
        if on:
            os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
            folder.mkdir(parents=True, exist_ok=True)

    def take(self, what: Any) -> None:
        if self._on:
            from app.pictures import photographs

            self.taken += photographs(self._workspace, self._folder, what)

    def before_signing(self, first: Session) -> Any:
        def hook(session: Session, patient: Any, reading: Any) -> None:
            if session.user_id != first.user_id or len(reading.timepoints) != 3:
                return
            subject_id = reading.subject.id
            if patient.number == READ:
                self.take(lambda p: _one_case(p, session, subject_id, "reading", select=True))
            elif patient.number == ABLATED:
                self.take(lambda p: _one_case(p, session, subject_id, "ablation", zones=True))

        return hook if self._on else None

    def before_choice(self, session: Session) -> Any:
        taken = False

        def hook(subject_id: str) -> None:
            nonlocal taken
            if not taken:
                taken = True
                self.take(lambda p: _one_case(p, session, subject_id, "adjudication"))

        return hook if self._on else None


def _begin(photographer: Photographer, session: Session) -> None:
    photographer.login()
    photographer.as_user(session)
    photographer.worklist()


def _one_case(photographer: Photographer, session: Session, subject_id: str, name: str, **how: bool) -> None:
    photographer.as_user(session)
    photographer.case(subject_id, name, **how)


def _manage(photographer: Photographer, session: Session) -> None:
    photographer.as_user(session)
    photographer.home("manager-images")
    photographer.tab("progress", "manager-progress")


def _summary(ports: Ports, session: Session, states: dict[str, str]) -> list[dict[str, str]]:
    """One row a subject: how it ended, and the best responses of the accepted read."""
    from app.workflow.export_trial import export_rows

    rows: list[dict[str, str]] = []
    for read in export_rows(ports, session, blinded=False).reads:
        if read.right[""]["accepted"] != "yes":
            continue
        row = {"subject": read.subject, "case": states.get(read.subject, ""), "read": read.reader}
        for one in read.assessment.criteria:
            best = one.best
            row[one.criterion] = best.best + (", confirmed" if best.confirmed else "")
        local = [cells["status"] for cells in read.ablation]
        row["zone"] = local[-1] if local else ""
        rows.append(row)
    return rows


def _print_table(rows: list[dict[str, str]]) -> None:
    heads = list(rows[0]) if rows else []
    widths = {head: max(len(head), *(len(row[head]) for row in rows)) for head in heads}
    sys.stdout.write("  ".join(head.ljust(widths[head]) for head in heads).rstrip() + "\n")
    for row in rows:
        sys.stdout.write("  ".join(row[head].ljust(widths[head]) for head in heads).rstrip() + "\n")
