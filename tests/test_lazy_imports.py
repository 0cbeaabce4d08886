"""Starting loads little: heavy packages come when they are first needed, and none of them is GPL."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib import metadata, util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("vtkmodules", "vtk", "SimpleITK", "highdicom", "matplotlib", "skimage", "scipy", "libjpeg")
AT_HELP = (*HEAVY, "numpy", "pydicom", "sqlalchemy", "alembic", "PySide6")


def _loaded_after(line: str) -> set[str]:
    code = f"{line}\nimport json, sys\nprint(json.dumps([n.partition('.')[0] for n in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", ["app.desktop", "app.joined", "app.command_line", "app.main"])
def test_a_start_loads_no_heavy_package(module: str) -> None:
    assert not _loaded_after(f"import {module}") & set(HEAVY)


def test_help_loads_neither_arrays_nor_database_nor_windows() -> None:
    code = "import app.command_line as c; c.help_text(); [c.parser_of(name) for name in c.COMMANDS]"
    assert not _loaded_after(code) & set(AT_HELP)


def _names(file: str) -> list[str]:
    lines = (ROOT / file).read_text("utf-8").splitlines()
    return [found[1] for line in lines if (found := re.match(r"([A-Za-z0-9._-]+)==", line))]


def _licence(name: str) -> str:
    try:
        held = metadata.metadata(name)
    except metadata.PackageNotFoundError:  # locked for another system or Python
        return ""
    classifiers = [c for c in held.get_all("Classifier") or [] if c.startswith("License")]
    return " ".join([held.get("License-Expression") or "", (held.get("License") or "")[:200], *classifiers])


def test_no_gpl_distribution_is_in_the_program() -> None:
    names = _names("requirements.lock")
    assert len(names) > 15
    known = {name: _licence(name) for name in names}
    gpl = {
        n: text for n, text in known.items() if re.search(r"(?<![AL])GPL|General Public", text) and "LGPL" not in text
    }
    assert not gpl
    assert sum(bool(text) for text in known.values()) > 15


def test_the_gpl_jpeg_decoder_cannot_be_imported() -> None:
    assert util.find_spec("libjpeg") is None
