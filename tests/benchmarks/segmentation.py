"""How good one click and one stroke are on made lesions, beside region growing.

python -m tests.benchmarks.segmentation [SEEDS] [KIND ...]
python -m tests.benchmarks.segmentation --phantom [SUBJECT ...]   (signed errors on the demo trial's patients)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import numpy as np

from measure.diameters import axes_of_mask
from measure.geometry import Floats
from measure.segment.candidate import best_of
from measure.segment.click import segment_click
from measure.segment.stroke import segment_stroke
from measure.volume import Mask, Volume
from tests.build.lesions import KINDS, MadeLesion, click_in, dice, made_lesion, stroke_over


def region_grown(volume: Volume, point: Floats) -> Mask:
    """The piece round the point within 2.5 standard deviations of its neighbourhood's mean."""
    from scipy.ndimage import label

    i, j, k = np.rint(volume.grid.to_index(point)).astype(int)
    patch = volume.array[max(k - 1, 0) : k + 2, j - 3 : j + 4, i - 3 : i + 4].astype(float)
    alike = np.abs(volume.array - patch.mean()) <= 2.5 * patch.std()
    pieces, _ = label(alike)
    return np.asarray(pieces == pieces[k, j, i]) & alike


def judged(made: MadeLesion, mask: Mask) -> tuple[float, float, float]:
    """Dice, error of the longest diameter in mm, added volume as a share of the truth."""
    grid = made.volume.grid
    true_axes, axes = axes_of_mask(made.truth, grid), axes_of_mask(mask, grid)
    assert true_axes is not None
    error = abs((axes.long_mm if axes else 0.0) - true_axes.long_mm)
    return dice(mask, made.truth), error, float((mask & ~made.truth).sum() / made.truth.sum())


def on_phantom(numbers: list[str]) -> int:
    """Print signed errors of both axes, made patients' first and last visits; all subjects without numbers."""
    from measure.phantom import demo_cast, lesion_truths, render

    rows: dict[tuple[str, str], list[tuple[float, float, float]]] = {}
    for subject in demo_cast():
        if numbers and subject.number not in numbers:
            continue
        for visit in (subject.timepoints[0], subject.timepoints[-1]):
            volume = render(subject, visit)
            for truth in lesion_truths(subject, visit):
                organ = truth.organ if truth.role != "recurrence" else "recurrence"
                for section in truth.sections:
                    for method in ("click", "stroke"):
                        start = time.process_time()
                        if method == "click":
                            found = segment_click(volume, section.centre)
                        else:
                            found = segment_stroke(volume, *section.long_ends)
                        used = time.process_time() - start
                        axes = found[best_of(found)].axes
                        errors = (axes.long_mm - section.long_axis_mm, axes.short_mm - section.short_axis_mm)
                        rows.setdefault((f"{organ}, {subject.modality}", method), []).append((*errors, used))
    print(f"{'organ':<20}{'method':<8}{'n':>4}{'median':>7}{'|mm|':>6}{'p90':>6}{'short':>7}{'|mm|':>6}{'s':>6}")
    for (organ, method), of_organ in sorted(rows.items()):
        found_rows = np.array(of_organ)
        far = np.abs(found_rows)
        print(
            f"{organ:<20}{method:<8}{len(far):>4}{np.median(found_rows[:, 0]):>+7.2f}{np.median(far[:, 0]):>6.2f}"
            f"{np.percentile(far[:, 0], 90):>6.2f}{np.median(found_rows[:, 1]):>+7.2f}{np.median(far[:, 1]):>6.2f}"
            f"{np.median(far[:, 2]):>6.2f}"
        )
    return 0


def main(argv: list[str]) -> int:
    """Print one line a lesion kind and method, then all."""
    if argv[:1] == ["--phantom"]:
        return on_phantom(argv[1:])
    seeds = int(argv[0]) if argv else 2
    kinds = argv[1:] or list(KINDS)
    rows: dict[tuple[str, str], list[tuple[float, ...]]] = {}

    def tried(made: MadeLesion, method: str, work: Callable[[], list[Mask]], extra: float = 0.0) -> list[Mask]:
        start = time.process_time()
        masks = work()
        used = time.process_time() - start
        best = max((judged(made, mask) for mask in masks), key=lambda found: found[0])
        rows.setdefault((method, made.kind), []).append((*best, used + extra))
        return masks

    for kind in kinds:
        for seed in range(seeds):
            made = made_lesion(kind, seed)
            point = click_in(made, seed)
            ends = stroke_over(made, seed)
            shown = []

            def click(made: MadeLesion = made, point: Floats = point, shown: list[Mask] = shown) -> list[Mask]:
                found = segment_click(made.volume, point.tolist())
                shown.extend(c.mask for c in found)
                return [shown[best_of(found)]]

            def stroke(made: MadeLesion = made, ends: tuple[Floats, Floats] = ends) -> list[Mask]:
                found = segment_stroke(made.volume, ends[0].tolist(), ends[1].tolist())
                return [found[best_of(found)].mask]

            tried(made, "stroke", stroke)
            tried(made, "click", click)
            tried(made, "click, best of three", lambda shown=shown: shown)
            tried(made, "region growing", lambda made=made, point=point: [region_grown(made.volume, point)])
    methods = ["stroke", "click", "click, best of three", "region growing"]
    print(f"{'method':<22}{'kind':<11}{'n':>4}{'Dice':>7}{'p10':>6}{'mm':>6}{'p90':>6}{'leak':>6}{'s':>6}{'most':>6}")
    for method in methods:
        every = [row for (m, _), of_kind in rows.items() if m == method for row in of_kind]
        for kind in [*kinds, "all"]:
            found = np.array(every if kind == "all" else rows[method, kind])
            print(
                f"{method:<22}{kind:<11}{len(found):>4}{np.median(found[:, 0]):>7.3f}"
                f"{np.percentile(found[:, 0], 10):>6.2f}{np.median(found[:, 1]):>6.1f}"
                f"{np.percentile(found[:, 1], 90):>6.1f}{np.mean(found[:, 2] > 0.5):>6.0%}"
                f"{np.median(found[:, 3]):>6.2f}{found[:, 3].max():>6.2f}"
            )
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
