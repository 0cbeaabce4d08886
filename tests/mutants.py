"""Mutation testing of the response engine: small faults put into its code one by one, which a test must notice.

`python -m tests.mutants [--list] [--only PART ...] [--again FILE] [--out FILE]` changes one comparison, operator,
number or word of the code at a time, in memory, and runs the engine's tests against it until one fails. A fault that
no test notices survives: it is printed, and named in `equivalent_faults.toml` with the reason why it changes no
result, or it fails the run. The tests are collected once; every fault has a child process of its own. Not part of
`make check`.
"""

from __future__ import annotations

import argparse
import ast
import copy
import os
import signal
import sys
import time
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FunctionType, ModuleType

import pytest
from _pytest.main import pytest_runtestloop

ROOT = Path(__file__).resolve().parents[1]
ENGINE = ROOT / "measure" / "criteria"
LEFT_OUT = {"explain.py", "cases.py", "results.py", "__init__.py"}  # words, the judge of the cases, plain values
TESTS = (
    "test_courses.py",
    "test_immune_courses.py",
    "test_disagreements.py",
    "test_states.py",
    "test_tables.py",
    "test_edges.py",
    "test_golden.py",
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

_LISTED = tomllib.loads((ROOT / "tests" / "equivalent_faults.toml").read_text("utf-8"))["because"]
EQUIVALENT = {fault: one["reason"] for one in _LISTED for fault in one["faults"]}
"""Faults that change no result, by their text, and why."""


@dataclass(frozen=True)
class Mutant:
    """One fault: the file, the line, what stood there and what stands there now, and the changed module."""

    file: str
    line: int
    before: str
    after: str
    in_function: bool
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
    elif isinstance(node, (ast.If, ast.IfExp)) and isinstance(node.test, (ast.Name, ast.Attribute, ast.Call)):
        changed_test = copy.deepcopy(node)  # a condition for which no comparison stands
        changed_test.test = ast.UnaryOp(ast.Not(), changed_test.test)
        yield changed_test
    elif isinstance(node, ast.Break):
        yield ast.Continue()
    elif isinstance(node, ast.Continue):
        yield ast.Break()


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
Place = tuple[ast.AST, str, int | None, ast.AST, bool]
"""A node of the code: its parent, the field and the place in it, the node, and whether a function holds it."""


def _inside(node: ast.AST, *, in_function: bool = False) -> Iterator[Place]:
    """Every node of the code that runs; annotations, decorators, defaults and docstrings left out."""
    body = in_function or isinstance(node, _FUNCTIONS)
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params", "args") and not isinstance(
            node, ast.Call
        ):
            continue
        for place, child in enumerate(value if isinstance(value, list) else [value]):
            if isinstance(child, ast.keyword) and child.arg == "strict":  # zip: a check, never a result
                continue
            docstring = isinstance(child, ast.Expr) and isinstance(child.value, ast.Constant)
            if isinstance(child, ast.AST) and not docstring:
                yield node, name, place if isinstance(value, list) else None, child, body
                yield from _inside(child, in_function=body)


def mutants(path: Path) -> list[Mutant]:
    """Every fault of one file, in the order of its lines."""
    whole = ast.parse(path.read_text("utf-8"))
    found: list[Mutant] = []
    name = str(path.relative_to(ENGINE))
    line = 0
    for parent, field, place, child, in_function in list(_inside(whole)):
        line = getattr(child, "lineno", line)
        for changed in _changes(child):
            _set(parent, field, place, changed)
            tree = ast.fix_missing_locations(copy.deepcopy(whole))
            _set(parent, field, place, child)
            found.append(Mutant(name, line, _said(child), _said(changed), in_function, tree))
    return found


def _set(parent: ast.AST, field: str, place: int | None, node: ast.AST) -> None:
    if place is None:
        setattr(parent, field, node)
    else:
        getattr(parent, field)[place] = node


def _said(node: ast.AST) -> str:
    if isinstance(node, ast.If):
        return f"if {ast.unparse(node.test)}"
    return " ".join(ast.unparse(node).split())


def _put_in(mutant: Mutant) -> None:
    """Replace the code of the functions of a module that is in use; a fault outside functions runs it again."""
    name = "measure.criteria." + mutant.file.removesuffix(".py").replace("/", ".")
    module = sys.modules[name]
    compiled = compile(mutant.tree, str(module.__file__), "exec")
    if not mutant.in_function:
        before = dict(vars(module))
        exec(compiled, module.__dict__)  # noqa: S102 -- that is what a fault is
        changed = {id(old): getattr(module, key) for key, old in before.items() if not key.startswith("__")}
        for other in [one for key, one in sys.modules.items() if key.startswith(("measure.", "storage.", "tests."))]:
            for key, value in list(vars(other).items()):
                if id(value) in changed:
                    setattr(other, key, changed[id(value)])
        return
    codes = dict(_codes(compiled))
    for function in _functions(module):
        function.__code__ = codes[function.__code__.co_qualname]


def _codes(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield inner.co_qualname, inner
            yield from _codes(inner)


def _functions(module: ModuleType) -> Iterator[FunctionType]:
    own = [value for value in vars(module).values() if getattr(value, "__module__", "") == module.__name__]
    for value in own:
        for one in [value, *(vars(value).values() if isinstance(value, type) else ())]:
            bare = one.fget if isinstance(one, property) else getattr(one, "__func__", one)
            if isinstance(bare, FunctionType) and bare.__code__.co_filename == module.__file__:
                yield bare


class _Runner:
    """The tests, collected once, and whether they pass against a fault."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session

    def survives(self, mutant: Mutant | None) -> bool:
        """Run the tests in a child of this process, against one fault or none; a fault that hangs is noticed."""
        child = os.fork()
        if child == 0:
            signal.alarm(LONGEST_SECONDS)
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            code = 1
            try:
                if mutant is not None:
                    _put_in(mutant)
                code = 0 if pytest_runtestloop(self.session) and not self.session.testsfailed else 1
            except BaseException:  # noqa: BLE001 -- whatever it is, the fault was noticed
                code = 1
            finally:
                os._exit(code)
        return os.waitpid(child, 0)[1] == 0


class _Plugin:
    """Takes over where pytest has collected the tests and would run them."""

    def __init__(self, every: Sequence[Mutant], out: Path | None) -> None:
        self.every, self.out = every, out
        self.code = 2

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.code = _judge(_Runner(session), self.every, self.out)
        return True


def _judge(runner: _Runner, every: Sequence[Mutant], out: Path | None) -> int:
    if not runner.survives(None):
        print("the tests fail without any fault")
        return 2
    began = time.monotonic()
    survived = []
    equivalent = [mutant for mutant in every if mutant.text in EQUIVALENT]
    for number, mutant in enumerate(every, 1):
        if mutant.text not in EQUIVALENT and runner.survives(mutant):
            survived.append(mutant)
            print(f"{number} SURVIVED line {mutant.line}: {mutant.text}", flush=True)
    noticed = len(every) - len(survived) - len(equivalent)
    said = f"{len(every)} faults, {noticed} noticed, {len(equivalent)} equivalent, {len(survived)} survived"
    print(f"{said} in {time.monotonic() - began:.0f} s")
    if out is not None:
        out.write_text("".join(f"{one.text}\n" for one in survived), "utf-8")
    return 1 if survived else 0


def main() -> int:
    """Zero when every fault is noticed or named as equivalent."""
    options = argparse.ArgumentParser(description="Put faults into the response engine and see whether a test fails.")
    options.add_argument("--list", action="store_true", help="only count them")
    options.add_argument("--only", nargs="*", default=[""], metavar="PART", help="files whose path holds one of these")
    options.add_argument("--out", type=Path, help="write the survivors there, too")
    options.add_argument("--again", type=Path, help="only the faults named in this file, such as those of --out")
    args = options.parse_args()
    os.chdir(ROOT)
    files = sorted(
        p for p in ENGINE.rglob("*.py") if p.name not in LEFT_OUT and any(part in str(p) for part in args.only)
    )
    every = [mutant for path in files for mutant in mutants(path)]
    if args.again is not None:
        named = set(args.again.read_text("utf-8").splitlines())
        every = [mutant for mutant in every if mutant.text in named]
    print(f"{len(every)} faults in {len(files)} files", flush=True)
    if args.list:
        return 0
    plugin = _Plugin(every, args.out)
    words = ["-x", "-q", "-s", "-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:cov", "-p", "no:pytest-qt"]
    words += ["-c", os.devnull, "--rootdir", str(ROOT), "-m", "not slow", "-W", "ignore", "--hypothesis-seed=0"]
    pytest.main([*words, *(f"tests/measure/criteria/{name}" for name in TESTS)], [plugin])
    return plugin.code


if __name__ == "__main__":
    raise SystemExit(main())
