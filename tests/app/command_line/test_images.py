"""`coread inspect` and `coread volume`: keys, exit codes, and nothing written after a refusal."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset

from app.command_line import run
from measure.volume import DEFECT_CODES
from storage.nifti import read_nifti
from tests.build.dicom import ct_series, ct_slice, pixels_of, write

KEYS = {
    "series_uid", "study_uid", "modality", "description", "kind", "size", "spacing_mm", "direction",
    "origin_lps",
    "frame_of_reference", "files", "defects", "measurable", "why_not",
}  # fmt: skip


def inspected(capsys: pytest.CaptureFixture[str], *paths: Path) -> dict[str, Any]:
    assert run(["inspect", *map(str, paths), "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_inspect_tells_geometry_and_what_was_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path, ct_series(5))
    (tmp_path / "note.txt").write_text("hello")
    found = inspected(capsys, tmp_path)
    (series,) = found["series"]
    assert set(series) >= KEYS
    assert series["size"] == [10, 8, 5]
    assert series["spacing_mm"] == [0.8, 0.7, 2.0]
    assert series["direction"] == [1, 0, 0, 0, 1, 0, 0, 0, 1]
    assert series["origin_lps"] == [-5, -4, 0]
    assert (series["files"], series["measurable"], series["why_not"]) == (5, True, None)
    assert found["left_out"] == [{"file": str(tmp_path / "note.txt"), "reason": "not a DICOM file"}]


def test_inspect_names_defects_by_code_and_slice(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = ct_series(6)
    del made[2]
    (series,) = inspected(capsys, write(tmp_path, made))["series"]
    assert [(d["code"], d["slices"]) for d in series["defects"]] == [("gap", [1, 2])]
    assert all(d["code"] in DEFECT_CODES for d in series["defects"])
    assert not series["measurable"]
    assert "slices 3 and 4 (counted from the head)" in series["why_not"]


def test_inspect_of_nothing_ends_with_one_and_of_no_path_with_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["inspect", str(tmp_path), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {"series": [], "left_out": []}
    assert run(["inspect", str(tmp_path / "absent")]) == 2
    assert "no such file" in capsys.readouterr().err


def test_volume_writes_the_rescaled_values_in_true_geometry(tmp_path: Path) -> None:
    folder, out = write(tmp_path / "in", ct_series(5)), tmp_path / "v.nii.gz"
    assert run(["volume", str(folder), "--out", str(out), "--quiet"]) == 0
    values, affine = read_nifti(out)
    np.testing.assert_array_equal(values, np.stack([pixels_of(k) - 1024 for k in range(5)]))
    np.testing.assert_allclose(affine @ [1, 1, 1, 1], [5 - 0.8, 4 - 0.7, 2, 1], atol=1e-5)
    first = out.read_bytes()
    assert run(["volume", str(folder), "--out", str(out), "--quiet"]) == 0
    assert out.read_bytes() == first


def tilted(ds: Dataset, k: int) -> None:
    ds.ImagePositionPatient = [-5.0, -4.0 + 0.35 * k, 2.0 * k]


def test_an_irregular_series_is_refused_and_nothing_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder, out = write(tmp_path / "in", ct_series(5, tilted)), tmp_path / "v.nii.gz"
    assert run(["volume", str(folder), "--out", str(out)]) == 1
    assert "gantry tilt" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["in"]
    assert run(["volume", str(folder), "--out", str(out), "--resample", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["resampled"] is True
    assert read_nifti(out)[0].shape == (5, 10, 10)


def test_repeated_positions_are_refused_even_with_resample(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    twice = ct_slice(2, uid="1.2.3")
    twice.PixelData = pixels_of(9).tobytes()
    folder = write(tmp_path / "in", [*ct_series(5), twice])
    assert run(["volume", str(folder), "--out", str(tmp_path / "v.nii"), "--resample"]) == 1
    assert "share positions" in capsys.readouterr().err


def test_of_several_series_one_has_to_be_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "in" / "a", ct_series(4, series="a"))
    write(tmp_path / "in" / "b", ct_series(4, series="b"))
    out = tmp_path / "v.nii.gz"
    assert run(["volume", str(tmp_path / "in"), "--out", str(out)]) == 2
    assert "--series" in capsys.readouterr().err
    uid = inspected(capsys, tmp_path / "in" / "b")["series"][0]["series_uid"]
    assert run(["volume", str(tmp_path / "in"), "--out", str(out), "--series", uid, "--quiet"]) == 0
    assert out.exists()
    assert run(["volume", str(tmp_path / "in"), "--out", str(out), "--series", "1.2"]) == 2


def test_a_wrong_output_name_is_refused(tmp_path: Path) -> None:
    folder = write(tmp_path / "in", ct_series(4))
    assert run(["volume", str(folder), "--out", str(tmp_path / "v.mha")]) == 2
    assert run(["volume", str(folder), "--out", str(tmp_path / "absent" / "v.nii")]) == 2


def test_a_hostile_description_does_not_steer_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def hostile(ds: Dataset, _: int) -> None:
        ds.SeriesDescription = "\x1b[2J gone"

    assert run(["inspect", str(write(tmp_path, ct_series(3, hostile)))]) == 0
    printed = capsys.readouterr().out
    assert "gone" in printed
    assert "\x1b" not in printed


def test_a_name_of_bytes_that_are_no_text_is_listed_all_the_same(tmp_path: Path) -> None:
    write(tmp_path, ct_series(3))
    (Path(os.fsdecode(os.fsencode(tmp_path) + b"/n\xff\xfe\x1b[31m.txt"))).write_bytes(b"no image")
    for words in (["--json"], []):
        done = subprocess.run(
            [sys.executable, "-m", "app.main", "inspect", str(tmp_path), *words], capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        assert b"\x1b" not in done.stdout
        assert not done.stderr
        if words:
            (left_out,) = json.loads(done.stdout)["left_out"]
            assert os.fsencode(left_out["file"]).endswith(b"/n\xff\xfe\x1b[31m.txt")


def test_a_zip_is_inspected_and_written_as_a_volume(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write(tmp_path / "disc", ct_series(4))
    with zipfile.ZipFile(tmp_path / "disc.zip", "w", zipfile.ZIP_DEFLATED) as opened:
        for file in folder.iterdir():
            opened.write(file, f"a/{file.name}")
    assert run(["inspect", str(tmp_path / "disc.zip"), "--json"]) == 0
    (series,) = json.loads(capsys.readouterr().out)["series"]
    assert (series["files"], series["measurable"]) == (4, True)
    assert run(["volume", str(tmp_path / "disc.zip"), "--out", str(tmp_path / "v.nii"), "--quiet"]) == 0
