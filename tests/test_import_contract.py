"""Who may import whom holds for the tree, and every contract notices a planted violation."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("app", "viewer", "measure", "storage", "resources")

# One forbidden line a contract: (contract, file it is planted in, the line).
PLANTED = (
    ("Imports point down only", "storage/places.py", "import app.models"),
    ("Imports point down only", "app/models/worklist.py", "import app.windows.worklist"),
    ("Imports point down only", "viewer/marks.py", "import storage.places"),
    ("Measurement is pure", "measure/diameters.py", "import pydicom"),
    ("Measurement is pure", "measure/values.py", "import resources"),
    (
        "The workflow knows no screen, database or file format",
        "app/workflow/zones.py",
        "import storage.places",
    ),
    ("The viewer knows no trial, database or file format", "viewer/linking.py", "import measure.criteria"),
    ("Storage draws nothing", "storage/images.py", "import PySide6.QtGui"),
    ("VTK in one module", "viewer/surface_view.py", "import vtkmodules"),
    ("Windows and models speak no SQL and read no DICOM", "app/windows/lists.py", "import sqlalchemy"),
)


def _linted(folder: Path) -> subprocess.CompletedProcess[str]:
    linter = (
        "import sys; sys.path.insert(0, '.'); "
        "from importlinter.cli import lint_imports; "
        "sys.exit(lint_imports(no_cache=True, is_debug_mode=False))"
    )
    return subprocess.run(
        [sys.executable, "-P", "-c", linter],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def copied(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    shutil.copy(ROOT / "pyproject.toml", folder)
    for package in PACKAGES:
        ignored = shutil.ignore_patterns("__pycache__", "*.png", "*.svg", "*.md", "*.otf")
        shutil.copytree(ROOT / package, folder / package, ignore=ignored)
    return folder


def test_every_contract_holds_for_the_tree() -> None:
    done = _linted(ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 broken" in done.stdout


def test_every_contract_has_a_planted_violation() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    assert {contract["name"] for contract in contracts} == {name for name, *_ in PLANTED}


@pytest.mark.parametrize(("contract", "file", "line"), PLANTED, ids=[line for *_, line in PLANTED])
def test_a_planted_import_breaks_its_contract(copied: Path, contract: str, file: str, line: str) -> None:
    place = copied / file
    sound = place.read_text("utf-8")
    place.write_text(f"{sound}\n{line}\n", "utf-8")
    try:
        done = _linted(copied)
    finally:
        place.write_text(sound, "utf-8")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"{contract} BROKEN" in done.stdout
