"""Written series come back as they were, byte for byte the same every time."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import numpy as np
import pydicom
import pytest

from measure.geometry import Grid
from measure.volume import Volume
from storage.dicom.describe import series_name
from storage.dicom.load import load_series, scan
from storage.dicom.write import write_series

DAY = date(2024, 3, 31)


def made(modality: str = "CT", slices: int = 5) -> Volume:
    rng = np.random.default_rng(3)
    low = -1024 if modality == "CT" else 0
    array = rng.integers(low, 1500, (slices, 12, 16)).astype(np.int16)
    grid = Grid.regular((16, 12, slices), (0.7, 0.9, 2.5), (-10.0, 5.0, 100.0))
    return Volume(array, grid, modality, "HU" if modality == "CT" else "a.u.")


@pytest.mark.parametrize("compressed", [True, False])
@pytest.mark.parametrize("modality", ["CT", "MR"])
def test_a_written_series_opens_equal(tmp_path: Path, modality: str, compressed: bool) -> None:
    volume = made(modality)
    write_series(volume, tmp_path, seed="a", patient_id="S-01", study_date=DAY, compressed=compressed)
    again = load_series(tmp_path)
    np.testing.assert_array_equal(again.array, volume.array)
    np.testing.assert_allclose(again.grid.origins, volume.grid.origins)
    assert (again.modality, again.unit, again.measurable) == (modality, volume.unit, True)
    assert again.grid.spacing_mm == volume.grid.spacing_mm


def test_the_same_input_gives_the_same_bytes_and_another_seed_another_series(tmp_path: Path) -> None:
    names = ("one", "two")
    for name in names:
        write_series(made(), tmp_path / name, seed="a", patient_id="S-01", study_date=DAY)
    one, two = ([f.read_bytes() for f in sorted((tmp_path / name).iterdir())] for name in names)
    assert one == two
    write_series(made(), tmp_path / "three", seed="b", patient_id="S-01", study_date=DAY)
    stacks = [scan(tmp_path / name).stacks[0] for name in ("one", "three")]
    assert stacks[0].series_uid != stacks[1].series_uid
    assert stacks[0].images[0].study_uid == stacks[1].images[0].study_uid
    assert stacks[0].images[0].frame_of_reference == stacks[1].images[0].frame_of_reference


def test_phase_kernel_and_thickness_are_understood_again(tmp_path: Path) -> None:
    write_series(
        made(), tmp_path, seed="a", patient_id="S-01", study_date=DAY, description="CT abdomen",
        phase="portal venous", thickness_mm=5, kernel="B30f",
    )  # fmt: skip
    name = series_name(scan(tmp_path).stacks[0])
    assert (name.phase, name.kernel, name.thickness_mm, name.plane) == ("portal venous", "soft", 5, "axial")
    assert name.label == "CT portal venous, axial, soft, 5 mm"


def test_written_files_are_valid_for_a_strict_reader(tmp_path: Path) -> None:
    for path in write_series(made("MR"), tmp_path, seed="a", patient_id="S-01", study_date=DAY):
        ds = pydicom.dcmread(path)
        for element in ds:
            _ = element.value
        assert ds.file_meta.MediaStorageSOPInstanceUID == ds.SOPInstanceUID


def test_values_that_cannot_be_stored_exactly_are_refused(tmp_path: Path) -> None:
    volume = made("MR")
    negative = Volume(volume.array - 2000, volume.grid, "MR", "a.u.")
    floating = Volume(volume.array.astype(np.float32), volume.grid, "MR", "a.u.")
    for bad in (negative, floating):
        with pytest.raises(ValueError, match=r"expected|exactly"):
            write_series(bad, tmp_path, seed="a", patient_id="S-01", study_date=DAY)
    assert not list(tmp_path.iterdir())
