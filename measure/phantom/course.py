"""What one synthetic subject is made of: time points, lesions with sizes over time, zones, expectations."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np

from measure.geometry import Grid
from measure.phantom.anatomy import Habitus
from measure.phantom.lesions import Shape
from measure.phantom.motion import Motion, Triple

Size = float | tuple[float, ...]
"""The axis that counts in mm; several numbers are fragments of a split lesion; 0 is absent."""

TOO_SMALL_BELOW_MM = 5.0
LOWEST, SLICES, STEP_MM = -73.0, 58, 2.5
VISIT_DAYS = {"BL": 0, "W8": 56, "W16": 112, "W24": 168}


@dataclass(frozen=True)
class LesionCourse:
    """One lesion through the study.

    role: target, non-target, new, recurrence, or mimic (benign, looks like a lesion). at: centre at rest, mm.
    sizes: one entry a time point; the short axis for nodes. first: time point at which it is first there.
    treated_by: the zone that replaces it from the next scan on.
    """

    label: str
    role: str
    organ: str
    site: str
    at: Triple
    sizes: tuple[Size, ...]
    kind: str = "metastasis"
    shape: Shape = field(default_factory=Shape)
    first: int = 0
    treated_by: str = ""

    @property
    def nodal(self) -> bool:
        """Lymph node: its short axis counts."""
        return self.kind == "node"


@dataclass(frozen=True)
class ZoneCourse:
    """One ablation zone: where, how, when; longest axis at each time point (0 before the procedure)."""

    label: str
    lesion: str
    technique: str
    procedure_no: int
    date: date
    at: Triple
    sizes: tuple[float, ...]
    statuses: tuple[str, ...]
    shape: Shape = field(default_factory=lambda: Shape(ratio=0.86, roughness=0.035, height=0.95))


@dataclass(frozen=True)
class Timepoint:
    """One scan: visit, true date, how the patient lay, where the slices are."""

    visit: str
    ordinal: int
    date: date
    motion: Motion
    grid: Grid
    seed: int


@dataclass(frozen=True)
class Expected:
    """Responses that follow from the true sizes, one a follow-up, of the lesions not treated locally."""

    recist: tuple[str, ...]
    recist_best: str
    irecist: tuple[str, ...]
    irecist_best: str
    mixed: tuple[str, ...]


@dataclass(frozen=True)
class ReaderDifference:
    """Where a plausible second reader parts from the truth; for playing a trial with adjudication.

    kind: measures (delta_mm is added to the true value), new-lesion (calls the mimic `label` a new lesion),
    other-target (takes `label` as target instead of `instead_of`), zone (judges zone `label` as `value`).
    """

    reader: int
    kind: str
    label: str
    visits: tuple[str, ...]
    delta_mm: str = "0"
    instead_of: str = ""
    value: str = ""
    changes_best: bool = False


@dataclass(frozen=True)
class Subject:
    """One synthetic subject: number (site-serial), what it shows, anatomy, time points, lesions, truth."""

    number: str
    story: str
    habitus: Habitus
    timepoints: tuple[Timepoint, ...]
    lesions: tuple[LesionCourse, ...]
    expected: Expected
    zones: tuple[ZoneCourse, ...] = ()
    reader_differences: tuple[ReaderDifference, ...] = ()
    modality: str = "CT"

    @property
    def site(self) -> str:
        """The site's number, the first part of the subject's."""
        return self.number.split("-", maxsplit=1)[0]

    def timepoint(self, visit: str) -> Timepoint:
        """The time point of a visit; KeyError when the subject has none."""
        for timepoint in self.timepoints:
            if timepoint.visit == visit:
                return timepoint
        raise KeyError(f"subject {self.number} has no visit {visit}")


def scheduled(
    seed: int, baseline: date, visits: tuple[str, ...], habitus: Habitus, modality: str = "CT"
) -> tuple[Timepoint, ...]:
    """Lay the subject on the table once a visit: date near nominal, other breath, posture, table, slices."""
    rng = np.random.default_rng([seed, 23])
    # the field is fitted to the patient: 143 mm to the muscle wall, 22 mm of fat, a finger beside
    width = 2 * ((143 + 22 * habitus.fat) * habitus.scale[0] + 9 + 8)
    size = 512 if modality == "CT" else 384
    pixel = round(width / size, 3)
    made = []
    for ordinal, visit in enumerate(visits):
        table = tuple(float(np.round(rng.uniform(-a, a), 1)) for a in (9.0, 6.0, 40.0))
        motion = Motion(
            habitus.scale,
            (table[0], table[1], table[2]),
            breath=float(np.round(rng.uniform(2.5, 7.5), 1)) * (ordinal % 2 * 2 - 1) if ordinal else 0.0,
            posture=float(np.round(rng.uniform(0.8, 1.7), 2)),
            phase=float(np.round(rng.uniform(0, 6.28), 2)),
        )
        lowest = round(LOWEST * habitus.scale[2] + table[2] + float(rng.uniform(0, STEP_MM)), 2)
        corner = -0.5 * (size - 1) * pixel
        grid = Grid.regular(
            (size, size, SLICES),
            (pixel, pixel, STEP_MM),
            (round(corner + table[0], 3), round(corner + table[1] + 4.0, 3), lowest),
        )
        late = int(rng.integers(-3, 5)) if ordinal else 0
        day = baseline + timedelta(days=VISIT_DAYS[visit] + late)
        made.append(Timepoint(visit, ordinal, day, motion, grid, seed * 10 + ordinal))
    return tuple(made)
