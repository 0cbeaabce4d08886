"""NIfTI: true geometry, the same bytes every time, and masks only on their own voxels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from measure.geometry import Grid
from measure.refusal import Refused
from measure.volume import Volume
from storage.nifti import affine_ras, read_nifti, read_nifti_mask, write_nifti


def oblique(angles: tuple[float, float, float] = (0.3, -0.2, 0.1)) -> Grid:
    turn = Rotation.from_euler("xyz", angles).as_matrix()
    row, column = turn[:, 0].tolist(), turn[:, 1].tolist()
    return Grid.regular((5, 4, 3), (0.7, 0.9, 2.5), (-10.0, 20.0, 30.0), row_axis=tuple(row), column_axis=tuple(column))


def numbered(kind: str = "int16") -> NDArray[np.generic]:
    return np.arange(60).reshape(3, 4, 5).astype(kind)


@pytest.mark.parametrize("kind", ["int16", "uint8", "float32", "uint16"])
@pytest.mark.parametrize("name", ["v.nii", "v.nii.gz"])
def test_values_and_affine_come_back(tmp_path: Path, kind: str, name: str) -> None:
    grid = oblique()
    write_nifti(tmp_path / name, numbered(kind), grid)
    values, affine = read_nifti(tmp_path / name)
    np.testing.assert_array_equal(values, numbered(kind))
    np.testing.assert_allclose(affine, affine_ras(grid), atol=1e-5)


@settings(max_examples=25, deadline=None)
@given(angles=st.tuples(*[st.floats(-3, 3)] * 3))
def test_another_program_finds_every_voxel_where_it_lies(
    tmp_path_factory: pytest.TempPathFactory, angles: tuple[float, float, float]
) -> None:
    import SimpleITK as sitk  # noqa: N813

    grid = oblique(angles)
    path = tmp_path_factory.mktemp("nifti") / "v.nii"
    write_nifti(path, numbered(), grid)
    image = sitk.ReadImage(str(path))
    for index in ((0, 0, 0), (4, 0, 0), (0, 3, 0), (0, 0, 2), (4, 3, 2)):
        np.testing.assert_allclose(image.TransformIndexToPhysicalPoint(index), grid.to_patient(index), atol=1e-4)
        assert image[index] == numbered()[index[2], index[1], index[0]]


def test_the_same_volume_gives_the_same_bytes(tmp_path: Path) -> None:
    for name in ("a.nii.gz", "b.nii.gz"):
        write_nifti(tmp_path / name, numbered(), oblique())
    assert (tmp_path / "a.nii.gz").read_bytes() == (tmp_path / "b.nii.gz").read_bytes()


def volume_on(grid: Grid) -> Volume:
    return Volume(np.zeros(grid.size[::-1], np.int16), grid)


def test_a_mask_lands_on_its_voxels_whichever_way_its_axes_run(tmp_path: Path) -> None:
    grid = oblique()
    mask = numbered() % 7 == 0
    write_nifti(tmp_path / "same.nii.gz", mask, grid)
    np.testing.assert_array_equal(read_nifti_mask(tmp_path / "same.nii.gz", volume_on(grid)), mask)
    turned = replace(
        grid,
        row_axis=tuple(-v for v in grid.row_axis),
        slice_origins=tuple(
            tuple(o + 4 * 0.7 * r for o, r in zip(origin, grid.row_axis, strict=True)) for origin in grid.slice_origins
        ),
    )
    write_nifti(tmp_path / "turned.nii.gz", mask[:, :, ::-1], turned)
    np.testing.assert_array_equal(read_nifti_mask(tmp_path / "turned.nii.gz", volume_on(grid)), mask)


def test_one_label_of_several_can_be_asked_for(tmp_path: Path) -> None:
    write_nifti(tmp_path / "m.nii", numbered(), oblique())
    assert int(read_nifti_mask(tmp_path / "m.nii", volume_on(oblique()), label=3).sum()) == 1


@pytest.mark.parametrize("change", ["origin", "spacing", "size"])
def test_a_mask_on_other_voxels_is_refused(tmp_path: Path, change: str) -> None:
    grid = oblique()
    write_nifti(tmp_path / "m.nii", numbered(), grid)
    other = {
        "origin": Grid.regular((5, 4, 3), (0.7, 0.9, 2.5), (-9.0, 20.0, 30.0)),
        "spacing": replace(grid, spacing_mm=(0.7, 1.1)),
        "size": replace(grid, size=(5, 5, 3)),
    }[change]
    with pytest.raises(Refused, match="does not lie on the voxels"):
        read_nifti_mask(tmp_path / "m.nii", volume_on(other))


@pytest.mark.parametrize("content", [b"", b"nothing", b"\x1f\x8b broken", b"\0" * 400])
def test_what_is_no_nifti_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "m.nii").write_bytes(content)
    with pytest.raises(Refused):
        read_nifti(tmp_path / "m.nii")
