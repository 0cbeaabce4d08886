"""The command line: one table of commands, each a module of this package that is imported when it is called.

A command module has `arguments(parser)` and `run(args) -> int`. Manners (spec: formats): exit 0 done, 1 done but
what was checked does not hold, 2 input refused or wrong use, 3 interrupted; one line each on stderr.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from io import TextIOWrapper

from app.version import PROGRAM_VERSION
from measure.refusal import Refused

# name: (module of this package, what it does). File commands need no workspace, workspace commands an account.
COMMANDS: dict[str, tuple[str, str]] = {
    "demo": ("demo", "make the demo workspace; --headless plays the whole main job"),
    "view": ("view", "look at one or two series in linked viewports, nothing is stored"),
    "inspect": ("inspect_series", "what is there: studies, series, geometry, defects, files left out"),
    "volume": ("volume", "write one series as a true-geometry NIfTI volume"),
    "segment": ("segment", "one click or one stroke to a lesion mask and its measurements"),
    "measure": ("measure_mask", "axes, volume and statistics of a mask"),
    "propagate": ("propagate", "find points of one series again in another"),
    "import": ("import_images", "import images into a trial of the workspace"),
    "assess": ("assess", "time-point responses of every criterion from findings"),
    "best-response": ("best_response", "best responses, dates and durations from findings"),
    "verify": ("verify", "run cases with known answers"),
    "export": ("export", "write the CSVs of one trial"),
    "audit": ("audit", "verify or export the audit trail"),
    "users": ("users", "accounts of the workspace"),
    "trial": ("trial", "new trial from a protocol file, list"),
}
WORKSPACE_COMMANDS = {"import", "export", "audit", "users", "trial"}

_NUMBERS = re.compile(r"^-[0-9.][0-9.,eE+-]*$")


class _Parser(argparse.ArgumentParser):
    """Refuses wrong use with exit 2 and one line."""

    def error(self, message: str) -> None:  # type: ignore[override]
        raise Refused(f"{self.prog}: {message}. See {self.prog} --help.")


def _joined_points(argv: Sequence[str]) -> list[str]:
    """Let `--click -23.5,10,4` pass: argparse takes a leading minus for an option."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] in ("--click", "--stroke") and _NUMBERS.match(word):
            joined[-1] = f"{joined[-1]}={word}"
        else:
            joined.append(word)
    return joined


def parser_of(name: str) -> argparse.ArgumentParser:
    """The parser of one command."""
    module_name, text = COMMANDS[name]
    parser = _Parser(prog=f"coread {name}", description=text[0].upper() + text[1:] + ".")
    import_module(f"app.command_line.{module_name}").arguments(parser)
    parser.add_argument("--json", action="store_true", help="result on stdout as one JSON object")
    parser.add_argument("--quiet", action="store_true", help="no progress, no notes")
    if name in WORKSPACE_COMMANDS:
        parser.add_argument("--workspace", metavar="DIR", help="default: COREAD_WORKSPACE or your data folder")
        parser.add_argument("--user", metavar="NAME", help="account; password from COREAD_PASSWORD or a prompt")
    return parser


def help_text() -> str:
    """What `coread --help` prints."""
    rows = "\n".join(f"  {name:<14}{text}" for name, (_, text) in COMMANDS.items())
    return (
        "usage: coread [COMMAND ...]\n\n"
        "Blinded central reading of imaging trials. Without a command the windows open;\n"
        "without any workspace the demo trial is made first.\n\n"
        f"commands (coread COMMAND --help):\n{rows}\n\n"
        "options:\n  -h, --help    this text\n  --version     program version\n"
    )


def _never_stop_at_a_name() -> None:
    """File names may hold bytes that no encoding knows; they are printed as escapes, which JSON reads too."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def shown(text: str) -> str:
    """Foreign text without what would steer a terminal."""
    return "".join(ch if ch.isprintable() else " " for ch in text)


def run(argv: Sequence[str]) -> int:
    """Run one command; returns the exit code."""
    if argv[0] in ("-h", "--help", "help"):
        print(help_text(), end="")
        return 0
    if argv[0] == "--version":
        print(f"coread {PROGRAM_VERSION}")
        return 0
    _never_stop_at_a_name()
    try:
        if argv[0] not in COMMANDS:
            from difflib import get_close_matches

            near = get_close_matches(argv[0], COMMANDS, 1)
            raise Refused(f"coread: no command {argv[0]!r}" + (f"; did you mean {near[0]!r}?" if near else "."))
        args = parser_of(argv[0]).parse_args(_joined_points(argv[1:]))
        code: int = import_module(f"app.command_line.{COMMANDS[argv[0]][0]}").run(args)
        sys.stdout.flush()
        return code
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 3
