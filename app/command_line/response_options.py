"""What `assess` and `best-response` share: the options, the protocol they make, and the walk through the
reads.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from app.command_line.progress import Bar
from measure.refusal import Refused

if TYPE_CHECKING:
    from measure.criteria.plan import Plan
    from measure.criteria.results import ReadAssessment
    from measure.protocol import Protocol
    from storage.findings_file import ReadKey

WITHOUT_PROTOCOL = 'schema = 1\n[trial]\nid = "none"\n'


def arguments(parser: argparse.ArgumentParser) -> None:
    """The options of both commands."""
    parser.add_argument("findings", metavar="FINDINGS.csv", help="one row per lesion, time point and reader")
    parser.add_argument("--protocol", metavar="P.toml", help="default: RECIST 1.1 on all lesions")
    parser.add_argument("--subjects", metavar="S.csv", help="dates by subject: reference start, new therapy, ...")
    parser.add_argument("--criterion", action="append", default=[], metavar="C", help="only this criterion")
    parser.add_argument("--scope", action="append", default=[], metavar="S", help="only criteria of this scope")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        dest="settings",
        help="override one rule key",
    )
    parser.add_argument("--out", required=True, metavar="FILE.csv", help="where the result is written")


@dataclass(slots=True)
class Session:
    """One run: the plan, the hash that stands in every row, notes for the person."""

    plan: Plan
    protocol_sha256: str
    notes: list[str]
    quiet: bool

    def note(self, text: str) -> None:
        """Say something that is no refusal."""
        self.notes.append(text)
        if not self.quiet:
            print(f"note: {text}", file=sys.stderr)


def _value(text: str) -> object:
    """A TOML value; a bare word is taken as text, because shells eat quotes."""
    try:
        return tomllib.loads(f"v = {text}", parse_float=Decimal)["v"]
    except tomllib.TOMLDecodeError:
        return text.strip("\"'")


def settings_of(words: list[str]) -> dict[str, object]:
    """The rule keys of `--set KEY=VALUE`."""
    settings: dict[str, object] = {}
    for word in words:
        dotted, sign, text = word.partition("=")
        if not sign or not text:
            raise Refused(f"--set: {word}: expected KEY=VALUE, such as confirmation.required=false")
        settings[dotted.strip()] = _value(text.strip())
    return settings


def with_settings(protocol: Protocol, settings: dict[str, object]) -> Protocol:
    """The protocol with rule keys overridden for every criterion; the hash says so."""
    if not settings:
        return protocol
    try:
        rules = protocol.rules.with_settings(settings)
    except Refused as wrong:
        raise Refused(f"--set: {wrong}") from None
    criteria = tuple(
        replace(one, settings=tuple((k, v) for k, v in one.settings if k not in settings)) for one in protocol.criteria
    )
    said = "".join(f"\n# --set {key}={settings[key]!r}" for key in sorted(settings))
    digest = hashlib.sha256((protocol.text + said).encode("utf-8")).hexdigest()
    return replace(protocol, rules=rules, criteria=criteria, sha256=digest)


def protocol_of(args: argparse.Namespace) -> Protocol:
    """The protocol of the options."""
    from storage.protocol_file import read_protocol

    if args.protocol is None:
        protocol = read_protocol(WITHOUT_PROTOCOL, "without a protocol")
    else:
        path = Path(args.protocol)
        try:
            text = path.read_text("utf-8-sig")
        except OSError as problem:
            raise Refused(f"{path}: cannot be read: {problem.strerror}") from problem
        except UnicodeDecodeError as problem:
            raise Refused(f"{path}:1: the file is not UTF-8") from problem
        protocol = read_protocol(text, str(path))
    return with_settings(protocol, settings_of(args.settings))


def session_of(args: argparse.Namespace) -> Session:
    """Everything but the findings. Raises Refused."""
    from measure.criteria.plan import prepare
    from measure.protocol_keys import near
    from storage.protocol_file import protocol_warnings

    protocol = protocol_of(args)
    for option, wanted, known in (
        ("--criterion", args.criterion, [one.id for one in protocol.criteria]),
        ("--scope", args.scope, [one.id for one in protocol.scopes]),
    ):
        for one in wanted:
            if one not in known:
                raise Refused(f"{option}: {one}: the protocol has no such id{near(one, known)}: {', '.join(known)}")
    plan = prepare(protocol, args.criterion, args.scope)
    session = Session(plan, protocol.sha256, [], args.quiet)
    for warning in protocol_warnings(protocol):
        session.note(f"{args.protocol}: {warning}")
    for one in plan.skipped:
        session.note(f"criterion {one} judges local recurrence, not responses, and is skipped")
    if not plan.criteria:
        raise Refused("no response criterion is left; see --criterion and --scope")
    return session


@contextmanager
def assessed_reads(args: argparse.Namespace, session: Session) -> Iterator[Iterator[tuple[ReadKey, ReadAssessment]]]:
    """Every read of the findings file with its assessment, in natural order. Raises Refused at the first
    fault.
    """
    from measure.criteria.assess import assess_read
    from measure.criteria.findings import NO_FACTS, ContradictoryFinding
    from storage.findings_file import findings_of, located, subject_facts

    path = Path(args.findings)
    written = [Path(one) for one in (args.out, getattr(args, "issues", None)) if one is not None]
    read = [Path(one) for one in (args.findings, args.subjects, args.protocol) if one is not None]
    for number, one in enumerate(written):
        if one.resolve() in (other.resolve() for other in (*read, *written[:number])):
            raise Refused(f"{one}: is read or written by this command already, expected another file")
    facts = {} if args.subjects is None else subject_facts(Path(args.subjects), session.note)
    report: Callable[[int, int], None] = Bar("assessing", quiet=args.quiet)

    with findings_of(path, session.note, report) as reads:

        def one_by_one() -> Iterator[tuple[ReadKey, ReadAssessment]]:
            for key, rows in reads:
                try:
                    yield key, assess_read(rows, session.plan, facts.get(key.subject, NO_FACTS))
                except ContradictoryFinding as wrong:
                    raise located(path, key, wrong) from None

        yield one_by_one()
