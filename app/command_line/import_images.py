"""`coread import`: images into a trial. What is clear is stored; the rest is listed with its reason."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.command_line import shown
from measure.refusal import NotWritten, Refused
from measure.session import MANAGER

if TYPE_CHECKING:
    from app.command_line.session import Opened
    from app.workflow.import_images import Decision, Proposal

EARLIEST = "the earliest scan here"


@dataclass
class _Done:
    """What an import did: stored time points, groups left for a person, files left out."""

    stored: list[dict[str, Any]] = field(default_factory=list)
    left: list[dict[str, Any]] = field(default_factory=list)


def arguments(parser: argparse.ArgumentParser) -> None:
    """Paths, trial and what a person decided."""
    parser.add_argument("path", nargs="+", metavar="PATH", help="DICOM files, folders, ZIP archives or a DICOMDIR")
    parser.add_argument("--trial", metavar="T", required=True, help="name of the trial")
    parser.add_argument("--subject", metavar="S", default="", help="subject number, whatever the header says")
    parser.add_argument("--timepoint", metavar="TP", default="", help="visit these images belong to")
    parser.add_argument("--site", metavar="SITE", default="", help="site of a new subject")
    parser.add_argument("--keep-originals", metavar="DIR", help="copy the files as they came to a folder outside")


def run(args: argparse.Namespace) -> int:
    """Store what is clear. Exit 1 when something was left for a person. Raises Refused."""
    from app.command_line.progress import Bar
    from app.command_line.session import folder_of, logged_in
    from app.workflow import import_images

    originals = _outside(Path(args.keep_originals), folder_of(args)) if args.keep_originals else None
    done = _Done()
    with logged_in(args, (MANAGER,), trial=args.trial) as opened:
        paths = [Path(path) for path in args.path]
        found = import_images.look(opened.ports, paths, Bar("reading headers", quiet=args.quiet))
        proposals = import_images.propose(opened.ports, opened.session, found)
        _refuse_many(args, proposals)
        for proposal in sorted(proposals, key=lambda p: (p.subject, p.scan_date)):
            _one(args, opened, proposal, _dates(proposals, proposal.subject), originals, done)
    left_out = [{"file": file, "reason": reason} for file, reason in found.left_out]
    if args.json:
        print(json.dumps({"stored": done.stored, "left": done.left, "left_out": left_out}, ensure_ascii=False))
    else:
        _print(args, done, left_out)
    return 1 if done.left else 0


def _outside(folder: Path, workspace: Path) -> Path:
    if folder.resolve().is_relative_to(workspace.resolve()):
        raise Refused(f"{folder} lies in the workspace; originals carry identity and are kept outside it.")
    return folder


def _refuse_many(args: argparse.Namespace, proposals: list[Proposal]) -> None:
    if args.timepoint and len(proposals) > 1:
        groups = ", ".join(f"{p.subject or 'no subject'} {p.scan_date or 'no date'}" for p in proposals)
        raise Refused(f"--timepoint names one time point, but these are {len(proposals)} scans: {groups}.")
    if args.subject and len({p.subject for p in proposals}) > 1:
        numbers = ", ".join(sorted({p.subject or "no subject" for p in proposals}))
        raise Refused(f"--subject names one subject, but these files belong to several: {numbers}.")


def _dates(proposals: list[Proposal], subject: str) -> int:
    return len({p.scan_date for p in proposals if p.subject == subject})


def _unclear(args: argparse.Namespace, opened: Opened, proposal: Proposal, dates: int) -> str:
    """Why a person has to decide; empty when all is clear."""
    from app.workflow.trials import current_protocol
    from measure.visits import in_window

    if not (args.subject or proposal.subject):
        return f"{proposal.subject_because}; name it with --subject"
    if not proposal.scan_date:
        return "the images carry no date"
    if args.timepoint:
        return ""
    if args.subject and args.subject != proposal.subject:
        return f"the header says subject {proposal.subject or 'nothing'}; name the time point with --timepoint"
    if not proposal.visit:
        return f"{proposal.visit_because}; name it with --timepoint"
    if not in_window(current_protocol(opened.ports, opened.session), proposal.off_days):
        return f"{proposal.visit_because}, outside the visit's window; name it with --timepoint"
    tagged = any(s.timepoint_tag == proposal.visit for s in proposal.series)
    if proposal.visit_because == EARLIEST and dates == 1 and not tagged:
        return "the only scan of a subject without baseline; name it with --timepoint"
    return ""


def _one(
    args: argparse.Namespace,
    opened: Opened,
    proposal: Proposal,
    dates: int,
    originals: Path | None,
    done: _Done,
) -> None:
    from app.command_line.progress import Bar
    from app.workflow import import_images

    subject, visit = args.subject or proposal.subject, args.timepoint or proposal.visit
    named = {"subject": subject, "timepoint": visit, "scan_date": proposal.scan_date}
    unclear = _unclear(args, opened, proposal, dates)
    if unclear:
        done.left.append({**named, "reason": unclear})
        return
    decision = import_images.Decision(subject, visit, proposal.series, args.site)
    bar = Bar(f"{subject} {visit}", quiet=args.quiet)
    try:
        _refuse_unplanned(opened, visit)
        with _kept(originals, decision):
            import_images.store(opened.ports, opened.session, decision, bar)
    except NotWritten:
        raise
    except Refused as refused:
        done.left.append({**named, "reason": str(refused)})
        return
    series = [{"name": s.name, "hang_as": s.hang_as, "slices": s.slices} for s in proposal.series]
    files = sum(len(s.files) for s in proposal.series)
    because = "as named" if args.timepoint else proposal.visit_because
    done.stored.append({**named, "because": because, "files": files, "series": series})


def _refuse_unplanned(opened: Opened, visit: str) -> None:
    from app.workflow.trials import current_protocol

    protocol = current_protocol(opened.ports, opened.session)
    planned = [protocol.baseline.timepoint, *(v.id for v in protocol.visit_list)]
    if visit not in planned and len(planned) > 1:
        raise Refused(f"{visit!r} is no visit of the protocol. Visits: {', '.join(planned)}.")


@contextmanager
def _kept(folder: Path | None, decision: Decision) -> Iterator[None]:
    """Copy the files as they came; the copies go again when what follows does not end well."""
    from storage.atomic import refused_write, write_beside

    if folder is None:
        yield
        return
    place = folder / _as_folder(decision.subject) / _as_folder(decision.visit)
    files = [Path(file) for series in decision.series for file in series.files]
    written: list[Path] = []
    try:
        try:
            place.mkdir(parents=True, exist_ok=True)
            for number, file in enumerate(dict.fromkeys(files), 1):
                copy = place / f"{number:05d}_{file.name}"
                if not copy.exists():
                    write_beside(copy, file.read_bytes())
                    written.append(copy)
        except OSError as problem:
            raise refused_write(place, problem) from problem
        yield
    except BaseException:
        for copy in written:
            copy.unlink(missing_ok=True)
        raise


def _as_folder(name: str) -> str:
    """A subject's or visit's name as one folder name, whatever a header wrote there."""
    kept = "".join(ch if ch.isalnum() or ch in "-_ ." else "_" for ch in name).strip(" .")
    return kept or "_"


def _print(args: argparse.Namespace, done: _Done, left_out: list[dict[str, str]]) -> None:
    for one in done.stored:
        name = shown(f"{one['subject']} {one['timepoint']}")
        print(f"stored  {name}  {one['scan_date']}  {one['files']} files  {one['because']}")
    for one in done.left:
        name = shown(f"{one['subject'] or '?'} {one['timepoint'] or '?'}")
        print(f"left    {name}  {one['scan_date'] or 'no date'}  {shown(one['reason'])}")
    if not args.quiet:
        for out in left_out:
            print(f"left out  {shown(out['file'])}: {shown(out['reason'])}")
