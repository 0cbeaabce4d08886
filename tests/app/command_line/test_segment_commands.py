"""coread measure, segment and propagate as other programs call them."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from pydicom.dataset import Dataset

from app.command_line import run
from measure.geometry import Grid
from storage.dicom.load import load_series
from storage.nifti import write_nifti
from tests.build.dicom import ct_slice, write
from tests.build.lesions import click_in, dice, made_lesion, stroke_over

MADE = made_lesion("plain", 21)


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The made lesion as a DICOM series."""
    grid, array = MADE.volume.grid, MADE.volume.array.astype(np.int16)
    slices: list[Dataset] = []
    for k in range(grid.size[2]):
        ds = ct_slice(k, rows=grid.size[1], columns=grid.size[0])
        ds.ImagePositionPatient = [round(v, 6) for v in grid.slice_origins[k]]
        ds.PixelSpacing = [round(grid.spacing_mm[1], 9), round(grid.spacing_mm[0], 9)]
        ds.PixelData = (array[k] + 1024).astype(np.int16).tobytes()
        slices.append(ds)
    return write(tmp_path_factory.mktemp("made") / "series", slices)


def result(capsys: pytest.CaptureFixture[str], *argv: str) -> dict[str, object]:
    assert run([*argv, "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def point_text(*points: object) -> str:
    return ",".join(f"{v:.2f}" for point in points for v in np.asarray(point))


def test_segment_then_measure_say_the_same(series, tmp_path, capsys) -> None:
    out = tmp_path / "mask.nii.gz"
    segmented = result(capsys, "segment", str(series), "--stroke", point_text(*stroke_over(MADE, 1)), "--out", str(out))
    measured = result(capsys, "measure", str(series), "--mask", str(out))
    assert {k: segmented[k] for k in measured} == measured
    assert {"seconds", "candidates", "candidate"} <= set(segmented)
    assert set(measured) == {
        "voxels", "volume_ml", "longest_mm", "longest_ends_lps", "longest_slice", "perpendicular_mm",
        "perpendicular_ends_lps", "diameter_3d_mm", "mean", "sd", "unit",
    }  # fmt: skip
    from storage.nifti import read_nifti_mask

    assert dice(read_nifti_mask(out, load_series(series)), MADE.truth) > 0.9


def test_a_click_with_a_leading_minus_and_the_size_asked_for(series, tmp_path, capsys) -> None:
    place = click_in(MADE, 3)
    place[0] = min(place[0], -0.5)
    out = str(tmp_path / "m.nii")
    best = result(capsys, "segment", str(series), "--click", point_text(place), "--out", out)
    assert best["candidate"] in range(1, int(str(best["candidates"])) + 1)
    asked = result(capsys, "segment", str(series), f"--click={point_text(place)}", "--out", out, "--candidate", "1")
    assert asked["candidate"] == 1
    assert float(str(asked["volume_ml"])) <= float(str(best["volume_ml"]))


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["--click", "1,2"], "expected 3 numbers"),
        (["--click", "1,2,900"], "outside the picture"),
        (["--stroke", "1,2,3,4,5,x"], "expected 6 numbers"),
        (["--click", "0,0,0", "--candidate", "9"], "expected 1 to that"),
        (["--click", "0,0,0", "--stroke", "0,0,0,1,1,1"], "not allowed with"),
        ([], "required"),
    ],
)
def test_wrong_use_is_refused_and_leaves_nothing(series, tmp_path, capsys, extra, said) -> None:
    out = tmp_path / "mask.nii.gz"
    assert run(["segment", str(series), "--out", str(out), *extra]) == 2
    assert said in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_one_label_of_a_nifti_mask(series, tmp_path, capsys) -> None:
    grid = load_series(series).grid
    labels = MADE.truth.astype(np.uint8)
    labels[:2] = 5
    write_nifti(tmp_path / "labels.nii.gz", labels, grid)
    one = result(capsys, "measure", str(series), "--mask", str(tmp_path / "labels.nii.gz"), "--label", "1")
    assert one["voxels"] == int((labels == 1).sum())


def test_a_mask_of_another_grid_or_kind_is_refused(series, tmp_path, capsys) -> None:
    other = Grid.regular((10, 10, 4), (1, 1, 1))
    write_nifti(tmp_path / "other.nii", np.ones((4, 10, 10), np.uint8), other)
    assert run(["measure", str(series), "--mask", str(tmp_path / "other.nii")]) == 2
    assert run(["measure", str(series), "--mask", str(next(series.iterdir()))]) == 2
    assert run(["measure", str(series), "--mask", str(tmp_path / "absent.nii")]) == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 3


def test_a_series_without_spacing_gives_no_millimetres(tmp_path, capsys) -> None:
    slices = [ct_slice(k) for k in range(6)]
    for ds in slices:
        del ds.PixelSpacing
    folder = write(tmp_path / "bare", slices)
    code = run(["segment", str(folder), "--click", "0,0,4", "--out", str(tmp_path / "m.nii.gz")])
    assert code in (1, 2)
    assert capsys.readouterr().err
    assert not (tmp_path / "m.nii.gz").exists()


def test_points_come_back_with_quality(series, tmp_path, capsys) -> None:
    points = tmp_path / "p.csv"
    points.write_text("lesion;x_mm;y_mm;z_mm\nT1;0.5;-1.0;2\nfar;900;0;0\n")
    out = tmp_path / "q.csv"
    found = result(capsys, "propagate", str(series), str(series), "--points", str(points), "--out", str(out))
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert [row["lesion"] for row in rows] == ["T1", "far"]
    assert list(rows[0]) == ["lesion", "x_mm", "y_mm", "z_mm", "quality", "similarity", "note"]
    assert np.hypot(float(rows[0]["x_mm"]) - 0.5, float(rows[0]["y_mm"]) + 1.0) < 1.0
    assert (rows[0]["quality"], rows[1]["quality"]) == ("good", "failed")
    assert found["points"] == 2


def test_a_decimal_comma_in_points_is_refused_with_its_place(series, tmp_path, capsys) -> None:
    points = tmp_path / "p.csv"
    points.write_text("lesion;x_mm;y_mm;z_mm\nT1;0,5;-1.0;2\n")
    args = ["propagate", str(series), str(series), "--points", str(points), "--out", str(tmp_path / "q.csv")]
    assert run(args) == 2
    assert ":2: x_mm: 0,5: decimal comma" in capsys.readouterr().err
    assert not (tmp_path / "q.csv").exists()
