"""Mutation testing of the response engine: small faults put into its code one by one, which a test must notice.

`python -m tests.mutants [--list] [--only PART] [--from N] [--out FILE]` changes one comparison, operator, number or
word of the code at a time, in memory, and runs the engine's tests against it until one fails. A fault that no test
notices survives: it is printed, and named in EQUIVALENT with the reason why it changes no result, or it fails the
run. Takes about two seconds a fault; not part of `make check`.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import importlib.util
import io
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import hypothesis  # noqa: F401 -- imported before the fork, so that no fault pays for it
import pytest

ROOT = Path(__file__).resolve().parents[1]
ENGINE = ROOT / "measure" / "criteria"
LEFT_OUT = {"explain.py", "cases.py", "results.py", "__init__.py"}  # words, the judge of the cases, plain values
TESTS = (
    "test_courses.py",
    "test_immune_courses.py",
    "test_disagreements.py",
    "test_states.py",
    "test_tables.py",
    "test_cases.py",
    "test_naive.py",
    "test_properties.py",
)
LONGEST_SECONDS = 240

COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
}
COUNTED: dict[type[ast.operator], type[ast.operator]] = {ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add}
CALLED = {"min": "max", "max": "min", "any": "all", "all": "any"}

EQUIVALENT: dict[str, str] = {}
"""Faults that change no result, by their text, and why."""


@dataclass(frozen=True)
class Mutant:
    """One fault: the file, the line, what stood there and what stands there now, and the changed module."""

    file: str
    line: int
    before: str
    after: str
    tree: ast.Module

    @property
    def text(self) -> str:
        """What names a fault, whatever its line."""
        return f"{self.file}: {self.before} -> {self.after}"


def _changes(node: ast.AST) -> Iterator[ast.AST]:
    """Every fault that one node of the code can have."""
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            for other in COMPARED.get(type(operator), ()):
                changed = copy.deepcopy(node)
                changed.ops[place] = other()
                yield changed
    elif isinstance(node, ast.BoolOp):
        changed_bool = copy.deepcopy(node)
        changed_bool.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield changed_bool
        for place in range(len(node.values)):  # one condition forgotten
            left = [copy.deepcopy(value) for number, value in enumerate(node.values) if number != place]
            yield left[0] if len(left) == 1 else ast.BoolOp(copy.deepcopy(node.op), left)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield copy.deepcopy(node.operand)
    elif isinstance(node, ast.BinOp) and type(node.op) in COUNTED:
        changed_sum = copy.deepcopy(node)
        changed_sum.op = COUNTED[type(node.op)]()
        yield changed_sum
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLED:
        changed_call = copy.deepcopy(node)
        changed_call.func = ast.Name(CALLED[node.func.id], ast.Load())
        yield changed_call
    elif isinstance(node, ast.Break):
        yield ast.Continue()
    elif isinstance(node, ast.Continue):
        yield ast.Break()


def _tested(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Conditions that are a bare name or call, which no comparison stands for."""
    if isinstance(node, (ast.If, ast.IfExp, ast.While)) and isinstance(node.test, (ast.Name, ast.Attribute, ast.Call)):
        yield "test", ast.UnaryOp(ast.Not(), copy.deepcopy(node.test))


def _inside(node: ast.AST) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """Every node of the code that runs, with its place in its parent; annotations and docstrings left out."""
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params"):
            continue
        listed = value if isinstance(value, list) else [value]
        for place, child in enumerate(listed):
            if not isinstance(child, ast.AST) or (
                isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            ):
                continue
            yield node, name, place if isinstance(value, list) else None, child
            yield from _inside(child)


def mutants(path: Path) -> list[Mutant]:
    """Every fault of one file, in the order of its lines."""
    whole = ast.parse(path.read_text("utf-8"))
    found: list[Mutant] = []
    name = str(path.relative_to(ENGINE))
    line = 0
    for parent, field, place, child in _inside(whole):
        line = getattr(child, "lineno", line)
        for key, changed in ((None, one) for one in _changes(child)):
            found.append(_made(whole, name, line, parent, field, place, child, changed, key))
        for key, test in _tested(child):
            found.append(_made(whole, name, line, child, key, None, getattr(child, key), test, key))
    return found


def _made(
    whole: ast.Module,
    name: str,
    line: int,
    parent: ast.AST,
    field: str,
    place: int | None,
    child: ast.AST,
    changed: ast.AST,
    _key: str | None,
) -> Mutant:
    held = getattr(parent, field)
    if place is None:
        setattr(parent, field, changed)
    else:
        held[place] = changed
    tree = ast.fix_missing_locations(copy.deepcopy(whole))
    if place is None:
        setattr(parent, field, child)
    else:
        held[place] = child
    return Mutant(name, line, _said(child), _said(changed), tree)


def _said(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Loads one module from a changed tree."""

    def __init__(self, mutant: Mutant) -> None:
        self.tree = mutant.tree
        self.name = "measure.criteria." + mutant.file.removesuffix(".py").replace("/", ".")

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_loader(fullname, self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.tree, self.name, "exec"), module.__dict__)  # noqa: S102 -- that is what a mutant is


def _tests_pass() -> bool:
    folder = "tests/measure/criteria/"
    words = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "-p", "no:pytest-qt"]
    words += ["-c", os.devnull, "--rootdir", str(ROOT), "-m", "not slow"]  # no plugins, no settings for windows
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        return pytest.main([*words, "--hypothesis-seed=0", *(folder + name for name in TESTS)]) == 0


def survives(mutant: Mutant | None) -> bool:
    """Run the tests in a child of this process, against one fault or none; a fault that hangs is noticed."""
    child = os.fork()
    if child == 0:
        signal.alarm(LONGEST_SECONDS)
        try:
            if mutant is not None:
                sys.meta_path.insert(0, _Finder(mutant))
            code = 0 if _tests_pass() else 1
        except BaseException:  # noqa: BLE001 -- whatever it is, the fault was noticed
            code = 1
        os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def main() -> int:
    """Zero when every fault is noticed or named as equivalent."""
    options = argparse.ArgumentParser(description="Put faults into the response engine and see whether a test fails.")
    options.add_argument("--list", action="store_true", help="only count them")
    options.add_argument("--only", default="", metavar="PART", help="files whose name holds this")
    options.add_argument("--from", type=int, default=0, dest="first", metavar="N", help="begin with the N-th")
    options.add_argument("--out", type=Path, help="write the survivors there, too")
    args = options.parse_args()
    os.chdir(ROOT)
    files = sorted(p for p in ENGINE.rglob("*.py") if p.name not in LEFT_OUT and args.only in str(p))
    every = [mutant for path in files for mutant in mutants(path)]
    print(f"{len(every)} faults in {len(files)} files", flush=True)
    if args.list:
        return 0
    if not survives(None):
        print("the tests fail without any fault")
        return 2
    began, survived, equivalent = time.monotonic(), [], 0
    for number, mutant in enumerate(every):
        if number < args.first:
            continue
        if mutant.text in EQUIVALENT:
            equivalent += 1
        elif survives(mutant):
            survived.append(mutant)
            print(f"{number} SURVIVED line {mutant.line}: {mutant.text}", flush=True)
    run = len(every) - args.first
    noticed = run - len(survived) - equivalent
    said = f"{run} faults, {noticed} noticed, {equivalent} equivalent, {len(survived)} survived"
    print(f"{said} in {time.monotonic() - began:.0f} s")
    if args.out is not None:
        args.out.write_text("".join(f"{one.text}\n" for one in survived), "utf-8")
    return 1 if survived else 0


if __name__ == "__main__":
    raise SystemExit(main())
