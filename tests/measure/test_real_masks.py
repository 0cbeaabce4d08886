"""Expert masks of real images against the figures published or computed with them.

A sound diameter lies between the farthest pixel centres and the farthest pixel corners of the set's table.
"""

from __future__ import annotations

import numpy as np
import pytest

from measure.diameters import axes_of_mask
from measure.geometry import Grid
from measure.mask_measures import MaskMeasures, measure_mask
from measure.volume import Volume
from tests.build.image_sets import expected, image_set


def between(found: MaskMeasures, centres_mm: float, corners_mm: float) -> bool:
    return centres_mm - 0.05 <= found.axes.long_mm <= corners_mm + 0.05


def test_the_liver_tumour_of_patient_17() -> None:
    from storage.dicom.load import load_series
    from storage.dicom.mask_folder import load_mask_folder

    volume = load_series(image_set("ct-liver-tumours-ircadb17", "PATIENT_DICOM"))
    mask = load_mask_folder(image_set("ct-liver-tumours-ircadb17", "MASKS_DICOM", "livertumor1"), volume)
    found = measure_mask(volume, mask)
    assert found.voxels == 96961
    assert found.volume_ml == pytest.approx(85.6436, abs=1e-3)
    assert between(found, 64.99, 65.86)
    assert found.axes.slice == 96
    assert found.axes.short_mm == pytest.approx(58.18, abs=1.0)
    assert found.diameter_3d_mm == pytest.approx(69.03, abs=0.8)


def test_the_lung_tumour_of_the_radiomics_standard() -> None:
    from storage.dicom.load import load_series
    from storage.nifti import read_nifti_mask

    volume = load_series(image_set("ct-lung-tumour-ibsi1", "dicom", "image"))
    mask = read_nifti_mask(image_set("ct-lung-tumour-ibsi1", "nifti", "mask", "mask.nii.gz"), volume)
    found = measure_mask(volume, mask)
    assert found.volume_ml == pytest.approx(359.0, abs=5.0)  # consensus by voxel counting
    assert between(found, 102.97, 104.32)
    assert found.diameter_3d_mm == pytest.approx(125.0, abs=1.5)


@pytest.mark.parametrize(
    ("name", "voxels", "volume_ml", "centres", "corners"),
    [("brain1", 4137, 16.41266, 47.22, 48.19), ("breast1", 143, 0.13243, 7.77, 8.63)],
)
def test_mr_tumours_with_published_shape(name, voxels, volume_ml, centres, corners) -> None:
    import SimpleITK

    label = SimpleITK.ReadImage(str(image_set("mr-tumour-masks-pyradiomics", f"{name}_label.nrrd")))
    mask = SimpleITK.GetArrayFromImage(label) > 0
    direction = np.asarray(label.GetDirection()).reshape(3, 3)
    (x, y, z), size = label.GetSpacing(), label.GetSize()
    origins = np.asarray(label.GetOrigin()) + np.arange(size[2])[:, None] * z * direction[:, 2]
    if np.linalg.det(direction) < 0:  # the y axis runs backwards: sorted along the normal, the stack is reversed
        mask, origins = mask[::-1], origins[::-1]
    grid = Grid(
        size,
        (x, y),
        tuple(direction[:, 0].tolist()),
        tuple(direction[:, 1].tolist()),
        tuple(tuple(o) for o in origins.tolist()),
    )
    found = measure_mask(Volume(mask.astype(np.int16), grid, "MR", "a.u."), mask)
    assert found.voxels == voxels
    assert found.volume_ml == pytest.approx(volume_ml, abs=1e-4)
    assert between(found, centres, corners)


def test_lesions_on_5_mm_slices_of_many_pixel_sizes() -> None:
    known = expected("ct-lesions-deeplesion")
    folder = image_set("ct-lesions-deeplesion")
    files = sorted(folder.glob("*.npz"))
    bounds = {
        "000001_02": (20.4, 20.83),
        "000009_03": (47.21, 48.06),
        "_081-093": (33.5, 34.69),
        "_103-115": (48.75, 49.98),
    }
    assert known["masks"]
    for file in files:
        with np.load(file, allow_pickle=False) as stored:
            mask, spacing = stored["gts"] > 0, [float(v) for v in stored["spacing"]]
        grid = Grid.regular(mask.shape[::-1], (spacing[0], spacing[1], spacing[2]))
        axes = axes_of_mask(mask, grid)
        (low, high) = next(limits for part, limits in bounds.items() if part in file.name)
        assert axes is not None
        assert low - 0.05 <= axes.long_mm <= high + 0.05, file.name
    assert len(files) == len(bounds)
