"""The same place in another scan of the patient: body to body, then a box round it, rigid and bending.

The bending mesh is kept coarse (50 mm): a finer one follows the shrinking lesion's border and does harm at
the very point that matters. Seeds are fixed, so that two readers see the same point.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from measure.geometry import Floats, Point
from measure.pyramid import Pyramid, pyramid_of
from measure.volume import Volume

Quality = Literal["good", "doubtful", "failed"]

GOOD_MM, DOUBTFUL_MM = 3.0, 8.0
MESH_MM = 50.0
MOST_BEND_MM = 40.0
THREADS = 1
"""Sums over threads differ in their last bits, and a descent makes millimetres of them: one thread, one answer."""
SEED = 20031
FEWEST_SAMPLES = 2500
SHIFTS_MM = (-75.0, -50.0, -25.0, 25.0, 50.0, 75.0)


@dataclass(frozen=True, eq=False)
class Registration:
    """A rigid link of two volumes. matrix: (4, 4), fixed LPS mm to moving LPS mm; error_mm: estimated."""

    matrix: Floats
    error_mm: float
    similarity: float
    quality: Quality

    def to_moving(self, point: Sequence[float]) -> Point:
        """Carry a point of the fixed volume over."""
        return _carried(self.matrix, point)

    def to_fixed(self, point: Sequence[float]) -> Point:
        """Carry a point of the moving volume back."""
        return _carried(np.asarray(np.linalg.inv(self.matrix), float), point)


@dataclass(frozen=True, slots=True)
class Found:
    """A point found again: where, estimated error in mm, how alike its surroundings are (-1 to 1)."""

    point: Point
    error_mm: float
    similarity: float
    quality: Quality
    note: str = ""


def quality_of(error_mm: float) -> Quality:
    """Registration quality by the estimated error: good to 3 mm, doubtful to 8 mm."""
    if error_mm <= GOOD_MM:
        return "good"
    return "doubtful" if error_mm <= DOUBTFUL_MM else "failed"


def proposal_quality(error_mm: float, quality_q: float) -> Quality:
    """Quality of a carried-over proposal: the worse of registration and segmentation."""
    if error_mm <= GOOD_MM and quality_q >= 1.0:
        return "good"
    return "doubtful" if error_mm <= DOUBTFUL_MM and quality_q >= 0.7 else "failed"


def register_rigid(fixed: Volume | Pyramid, moving: Volume | Pyramid) -> Registration:
    """Lay one whole volume over the other without bending it: for linked scrolling and as a start.

    Raises Refused for stacks that cannot be brought upright.
    """
    first, second = _pyramid(fixed), _pyramid(moving)
    rigid = _body_to_body(first, second)
    alike = _similarity(first, second, first.coarse, second.coarse, rigid)
    error = _error_from(alike, 0.0, 0.0, base=3.0)
    return Registration(_matrix_of(rigid), error, alike, quality_of(error))


def find_again(
    fixed: Volume | Pyramid,
    moving: Volume | Pyramid,
    point: Sequence[float],
    box_mm: float = 60.0,
    start: Registration | None = None,
) -> Found:
    """Find a point (LPS mm) of the fixed volume in the moving one. start: of register_rigid, if at hand."""
    first, second = _pyramid(fixed), _pyramid(moving)
    if not first.volume.grid.contains(point):
        return Found(_carried(np.eye(4), point), 99.0, 0.0, "failed", "the point lies outside the first picture")
    begun = _euler_from(start.matrix, point) if start is not None else _body_to_body(first, second)
    fixed_coarse, fixed_fine = _cut(first.coarse, point, box_mm), _cut(first.fine, point, box_mm)
    same = first.modality == second.modality
    rigid = _rigid_step(fixed_fine, second.fine, begun, step_mm=1.5, iterations=30)
    bent, coarser = _bent(fixed_coarse, fixed_fine, second, rigid, same=same)
    stiff = np.asarray(rigid.TransformPoint([float(v) for v in point]))
    middle = np.asarray(coarser.TransformPoint([float(v) for v in point]))
    place = np.asarray(bent.TransformPoint([float(v) for v in point]))
    near = _cut(first.fine, point, min(30.0, box_mm))
    alike = _similarity(first, second, near, second.fine, bent)
    where: Point = (round(float(place[0]), 3), round(float(place[1]), 3), round(float(place[2]), 3))
    if not second.volume.grid.contains(where):
        return Found(where, 99.0, alike, "failed", "the place lies outside the other picture")
    error = _error_from(alike, float(np.linalg.norm(place - stiff)), float(np.linalg.norm(place - middle)), base=1.5)
    quality = quality_of(error)
    note = "" if quality == "good" else "the surroundings differ; please check the place"
    return Found(where, error, alike, quality, note)


# --- steps ------------------------------------------------------------------------------------------


def _pyramid(image: Volume | Pyramid) -> Pyramid:
    return image if isinstance(image, Pyramid) else pyramid_of(image)


def _method(metric: str, fixed: Any, share: float) -> Any:
    """Set up a registration that looks at a share of the fixed image's voxels, but at no less than 2500."""
    import SimpleITK

    SimpleITK.ProcessObject.SetGlobalDefaultNumberOfThreads(THREADS)
    method = SimpleITK.ImageRegistrationMethod()
    method.SetNumberOfThreads(THREADS)
    if metric == "correlation":
        method.SetMetricAsCorrelation()
    else:
        method.SetMetricAsMattesMutualInformation(32)
    share = max(share, FEWEST_SAMPLES / fixed.GetNumberOfPixels())
    if share < 1.0:
        method.SetMetricSamplingStrategy(method.RANDOM)
        method.SetMetricSamplingPercentage(share, SEED)
    method.SetInterpolator(SimpleITK.sitkLinear)
    return method


def _rigid_step(fixed: Any, moving: Any, start: Any, *, step_mm: float, iterations: int) -> Any:
    import SimpleITK

    method = _method("information", fixed, 0.3)
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=step_mm, minStep=0.03, numberOfIterations=iterations, relaxationFactor=0.6
    )
    method.SetOptimizerScalesFromPhysicalShift()
    transform = SimpleITK.Euler3DTransform(start)
    method.SetInitialTransform(transform, inPlace=True)
    try:
        method.Execute(fixed, moving)
    except RuntimeError:  # no overlap left: the start stands, and its likeness tells how good it is
        return SimpleITK.Euler3DTransform(start)
    return transform


def _body_to_body(first: Pyramid, second: Pyramid) -> Any:
    """Rigid by the bodies' moments, several starts along z, then refined at 8 mm."""
    import SimpleITK

    by_moments = SimpleITK.Euler3DTransform(
        SimpleITK.CenteredTransformInitializer(
            SimpleITK.Cast(first.body, SimpleITK.sitkFloat32),
            SimpleITK.Cast(second.body, SimpleITK.sitkFloat32),
            SimpleITK.Euler3DTransform(),
            SimpleITK.CenteredTransformInitializerFilter.MOMENTS,
        )
    )
    by_moments.SetRotation(0.0, 0.0, 0.0)
    as_stored = SimpleITK.Euler3DTransform(by_moments)
    as_stored.SetTranslation((0.0, 0.0, 0.0))
    frames = [one.volume.grid.frame_of_reference for one in (first, second)]
    one_frame = bool(frames[0]) and frames[0] == frames[1]  # one sitting: the scanner says where things are
    starts = [as_stored] if one_frame else [by_moments, as_stored]
    for shift in () if one_frame else SHIFTS_MM:
        moved = SimpleITK.Euler3DTransform(by_moments)
        x, y, z = by_moments.GetTranslation()
        moved.SetTranslation((x, y, z + shift))
        starts.append(moved)
    tried = [_rigid_step(first.coarse, second.coarse, s, step_mm=6.0, iterations=12) for s in starts]
    best = max(tried, key=lambda t: _overlapping_likeness(first, second, t))
    return _rigid_step(first.coarse, second.coarse, best, step_mm=3.0, iterations=50)


def _overlapping_likeness(first: Pyramid, second: Pyramid, transform: Any) -> float:
    """Likeness of the common part, less where less than half of the smaller picture is common."""
    values, others = _pairs(first.coarse, second.coarse, transform)
    common = values.size * _voxel_mm3(first.coarse) / min(_extent_mm3(first.coarse), _extent_mm3(second.coarse))
    return _alike(values, others, same=first.modality == second.modality) * min(1.0, common / 0.5)


def _voxel_mm3(image: Any) -> float:
    return float(np.prod(image.GetSpacing()))


def _extent_mm3(image: Any) -> float:
    return _voxel_mm3(image) * float(image.GetNumberOfPixels())


def _bent(fixed_coarse: Any, fixed_fine: Any, second: Pyramid, rigid: Any, *, same: bool) -> tuple[Any, Any]:
    """Rigid and bending together after the 5 mm step, and after the 8 mm step."""
    import SimpleITK

    extent = np.asarray(fixed_fine.GetSize()) * np.asarray(fixed_fine.GetSpacing())
    mesh = [int(n) for n in np.maximum(1, np.round(extent / MESH_MM))]
    spline = SimpleITK.BSplineTransformInitializer(fixed_fine, mesh)
    results = []
    for fixed, moving in ((fixed_coarse, second.coarse), (fixed_fine, second.fine)):
        method = _method("correlation" if same else "information", fixed, 0.2)
        method.SetOptimizerAsLBFGSB(numberOfIterations=15, maximumNumberOfFunctionEvaluations=20)
        method.SetMovingInitialTransform(rigid)
        before = SimpleITK.BSplineTransform(spline)
        method.SetInitialTransform(spline, inPlace=True)
        try:
            method.Execute(fixed, moving)
        except RuntimeError:
            spline = before
        if np.abs(spline.GetParameters()).max() > MOST_BEND_MM:  # a line search that ran away bends nothing
            spline = before
        results.append(SimpleITK.CompositeTransform([rigid, SimpleITK.BSplineTransform(spline)]))
    return results[1], results[0]


def _cut(image: Any, point: Sequence[float], half_mm: float) -> Any:
    """The box of half_mm to every side of a point, at least four voxels a side."""
    import SimpleITK

    centre = np.asarray(image.TransformPhysicalPointToContinuousIndex([float(v) for v in point]))
    reach = np.maximum(half_mm / np.asarray(image.GetSpacing()), 2.0)
    size = np.asarray(image.GetSize())
    low = np.clip(np.floor(centre - reach), 0, np.maximum(size - 4, 0)).astype(int)
    high = np.clip(np.ceil(centre + reach) + 1, np.minimum(low + 4, size), size).astype(int)
    return SimpleITK.RegionOfInterest(image, (high - low).tolist(), low.tolist())


# --- how alike, how sure --------------------------------------------------------------------------------


def _pairs(fixed: Any, moving: Any, transform: Any) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Values of both images at the fixed image's voxels that lie in both."""
    import SimpleITK

    nowhere = -1e9
    resampled = SimpleITK.Resample(moving, fixed, transform, SimpleITK.sitkLinear, nowhere, SimpleITK.sitkFloat64)
    moved = SimpleITK.GetArrayFromImage(resampled)  # a copy: a view would outlive the image it looks into
    there = moved > nowhere / 2
    return SimpleITK.GetArrayViewFromImage(fixed)[there].astype(np.float64), moved[there].astype(np.float64)


def _similarity(first: Pyramid, second: Pyramid, fixed: Any, moving: Any, transform: Any) -> float:
    values, others = _pairs(fixed, moving, transform)
    if values.size * _voxel_mm3(fixed) < 0.3 * min(_extent_mm3(fixed), _extent_mm3(moving)):
        return 0.0
    return _alike(values, others, same=first.modality == second.modality)


def _alike(values: NDArray[np.float64], others: NDArray[np.float64], *, same: bool) -> float:
    """Correlation (one modality), or how far one image tells the other (two): 0 none, 1 wholly."""
    if values.size < 30 or values.std() < 1e-6 or others.std() < 1e-6:
        return 0.0
    if same:
        return float(np.corrcoef(values, others)[0, 1])
    edges = np.unique(np.quantile(values, np.linspace(0, 1, 17)))
    group = np.clip(np.searchsorted(edges, values, "right") - 1, 0, max(len(edges) - 2, 0))
    number = np.bincount(group)
    mean = np.bincount(group, others) / np.maximum(number, 1)
    explained = float((number * (mean - others.mean()) ** 2).sum() / (others.size * others.var()))
    return float(np.sqrt(explained))


def _error_from(alike: float, bending_mm: float, unrest_mm: float, *, base: float) -> float:
    """Estimated error in mm from likeness of the surroundings, bending at the point, unrest between steps."""
    unlike = max(0.0, 0.9 - alike)
    return float(np.sqrt(base**2 + (0.35 * bending_mm) ** 2 + (0.7 * unrest_mm) ** 2) + 12.0 * unlike)


def _matrix_of(rigid: Any) -> Floats:
    matrix = np.eye(4)
    matrix[:3, :3] = np.asarray(rigid.GetMatrix()).reshape(3, 3)
    matrix[:3, 3] = np.asarray(rigid.TransformPoint((0.0, 0.0, 0.0)))
    return matrix


def _euler_from(matrix: Floats, centre: Sequence[float]) -> Any:
    """A rigid toolkit transform turning about a centre, from its matrix."""
    import SimpleITK

    about = np.asarray(centre, float)
    euler = SimpleITK.Euler3DTransform()
    euler.SetCenter(about.tolist())
    euler.SetMatrix(matrix[:3, :3].ravel().tolist(), 1e-6)
    euler.SetTranslation((matrix[:3, :3] @ about + matrix[:3, 3] - about).tolist())
    return euler


def _carried(matrix: Floats, point: Sequence[float]) -> Point:
    x, y, z = (matrix @ [*(float(v) for v in point), 1.0])[:3]
    return float(x), float(y), float(z)
