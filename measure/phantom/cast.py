"""The demo trial's cast: nine subjects, each showing one course a reviewer must know."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from measure.phantom.anatomy import Habitus
from measure.phantom.course import (
    Expected,
    LesionCourse,
    ReaderDifference,
    Size,
    Subject,
    ZoneCourse,
    scheduled,
)
from measure.phantom.lesions import Shape
from measure.phantom.motion import Triple

THREE, FOUR = ("BL", "W8", "W16"), ("BL", "W8", "W16", "W24")
NODE = Shape(ratio=0.74, roughness=0.025, turn=1.5, height=0.95)
ROUND = Shape(ratio=0.86, roughness=0.07, height=0.95, seed=5)


def _form(seed: int, ratio: float = 0.82, roughness: float = 0.065) -> Shape:
    return Shape(ratio, roughness, turn=0.7 * seed, height=0.86 + 0.02 * (seed % 5), seed=seed)


def _liver(
    label: str,
    segment: str,
    at: Triple,
    sizes: tuple[Size, ...],
    shape: Shape,
    *,
    role: str = "target",
    kind: str = "metastasis",
    first: int = 0,
    treated_by: str = "",
) -> LesionCourse:
    return LesionCourse(label, role, "liver", f"Liver {segment}", at, sizes, kind, shape, first, treated_by)


def _node(label: str, site: str, at: Triple, sizes: tuple[Size, ...], *, role: str = "target") -> LesionCourse:
    return LesionCourse(label, role, "lymph-node", site, at, sizes, "node", NODE)


def _lung(label: str, lobe: str, at: Triple, sizes: tuple[Size, ...], *, role: str = "target") -> LesionCourse:
    return LesionCourse(label, role, "lung", f"Lung {lobe}", at, sizes, "lung nodule", ROUND)


def _pr_confirmed() -> Subject:
    habitus = Habitus(1, fat=1.0, scale=(1.0, 1.0, 1.0))
    return Subject(
        "01-001",
        "partial response, confirmed",
        habitus,
        scheduled(1, date(2025, 2, 11), FOUR, habitus),
        (
            _liver("L1", "S8", (-80, -26, 33), (34.0, 22.0, 19.0, 18.0), _form(1)),
            _liver("L2", "S6", (-98, 12, -30), (22.0, 14.5, 12.0, 10.5), _form(2, 0.86)),
            _node("L3", "Paraaortic node", (29.5, 28, -51), (18.0, 13.0, 11.0, 9.5)),
            _liver("L4", "S4", (-40, -62, 2), (7.2, 6.0, 5.4, 5.1), _form(3, 0.9), role="non-target"),
            _liver("L5", "S7", (-82, 34, 16), (19.0, 13.0, 11.0, 10.0), _form(4), role="non-target"),
        ),
        Expected(("PR", "PR", "PR"), "PR", ("iPR", "iPR", "iPR"), "iPR", ("none", "none", "none")),
        reader_differences=(
            ReaderDifference(2, "other-target", "L5", FOUR, instead_of="L2"),
            ReaderDifference(2, "measures", "L1", ("W8", "W16"), "0.6"),
        ),
    )


def _pr_not_confirmed() -> Subject:
    habitus = Habitus(2, fat=0.8, liver=0.98, fluid_level=-44, scale=(0.96, 0.95, 0.98))
    return Subject(
        "01-004",
        "partial response, not confirmed",
        habitus,
        scheduled(2, date(2025, 3, 4), THREE, habitus),
        (
            _liver("L1", "S7", (-90, 26, 22), (30.0, 20.0, 30.0), _form(6)),
            _liver("L2", "S4", (-26, -56, 24), (20.0, 12.5, 19.0), _form(7, 0.78)),
            _lung("L3", "RLL", (-98, 42, 58), (14.0, 10.0, 11.0)),
            _node("L4", "Coeliac node", (21, 2, 27), (12.0, 10.5, 12.0), role="non-target"),
        ),
        Expected(("PR", "PD"), "SD", ("iPR", "iUPD"), "iSD", ("none", "none")),
        reader_differences=(ReaderDifference(2, "measures", "L1", THREE, "0.4"),),
    )


def _pd_by_sum() -> Subject:
    habitus = Habitus(3, fat=1.15, scale=(1.02, 1.03, 1.0))
    return Subject(
        "02-003",
        "progression by the sum, on MR",
        habitus,
        scheduled(3, date(2025, 1, 21), FOUR, habitus, "MR"),
        (
            _liver("L1", "S8", (-72, -34, 30), (28.0, 30.0, 35.5, 41.0), _form(8)),
            _liver("L2", "S5", (-98, -22, -26), (24.0, 26.0, 31.0, 36.0), _form(9, 0.8)),
            LesionCourse(
                "L3",
                "target",
                "adrenal",
                "Adrenal L",
                (44, 37, 19),
                (18.0, 19.0, 22.5, 26.0),
                "adrenal",
                _form(10, 0.8, 0.03),
            ),
            _liver("L4", "S2", (32, -64, 26), (8.0, 8.5, 10.0, 12.0), _form(11, 0.9), role="non-target"),
        ),
        Expected(("SD", "PD", "PD"), "SD", ("iSD", "iUPD", "iCPD"), "iSD", ("none", "none", "none")),
        reader_differences=(ReaderDifference(2, "measures", "L2", ("W8", "W16", "W24"), "0.7"),),
        modality="MR",
    )


def _sd_near_the_threshold() -> Subject:
    habitus = Habitus(4, fat=1.3, liver=1.02, scale=(1.05, 1.05, 1.0))
    return Subject(
        "02-005",
        "stable disease within a millimetre of partial response",
        habitus,
        scheduled(4, date(2025, 4, 8), THREE, habitus),
        (
            _liver("L1", "S6", (-98, 16, -24), (33.0, 23.5, 23.2), _form(12)),
            _liver("L2", "S4", (-42, -58, 6), (21.0, 15.0, 15.2), _form(13, 0.76)),
            _liver("L3", "S8", (-84, -30, 40), (9.0, 8.0, 8.0), _form(14, 0.9), role="non-target"),
            _liver("L4", "S2", (36, -64, 24), (6.5, 5.2, 0.0), _form(15, 0.9), role="non-target"),
        ),
        Expected(("SD", "SD"), "SD", ("iSD", "iSD"), "iSD", ("none", "none")),
        reader_differences=(ReaderDifference(2, "measures", "L1", ("W8", "W16"), "-1.2", changes_best=True),),
    )


def _pd_by_new_lesion() -> Subject:
    habitus = Habitus(5, fat=0.7, domes=(60.0, 55.0), fluid_level=-42, scale=(0.95, 0.93, 0.97))
    return Subject(
        "03-002",
        "progression by a new lesion, confirmed (iUPD, then iCPD)",
        habitus,
        scheduled(5, date(2025, 3, 18), THREE, habitus),
        (
            _liver("L1", "S5", (-94, -30, -16), (25.0, 24.5, 25.5), _form(16)),
            _node("L2", "Paraaortic node", (29.5, 28, -51), (16.5, 16.0, 16.5)),
            _lung("L3", "LLL", (97, 42, 57), (6.0, 6.0, 6.3), role="non-target"),
            _liver("L4", "S8", (-66, -44, 34), (0.0, 14.0, 21.0), _form(17), role="new", first=1),
            _liver("L5", "S3", (26, -66, 6), (0.0, 0.0, 11.0), _form(18, 0.88), role="new", first=2),
        ),
        Expected(("PD", "PD"), "PD", ("iUPD", "iCPD"), "iCPD", ("none", "none")),
        reader_differences=(ReaderDifference(2, "measures", "L4", ("W8", "W16"), "-0.5"),),
    )


def _pseudoprogression() -> Subject:
    habitus = Habitus(6, fat=1.05, liver=1.01, scale=(1.0, 1.02, 1.0))
    return Subject(
        "03-006",
        "unconfirmed progression, then immune response (iUPD, then iPR)",
        habitus,
        scheduled(6, date(2025, 2, 25), FOUR, habitus),
        (
            _liver("L1", "S8", (-82, -24, 30), (24.0, 31.0, 16.0, 14.0), _form(19)),
            _liver("L2", "S6", (-96, 14, -32), (18.0, 24.0, 11.0, 9.5), _form(20, 0.85)),
            _node("L3", "Mesenteric node", (8, -36, -50), (16.0, 19.0, 12.0, 10.5)),
            _liver("L4", "S4", (-30, -62, 14), (8.0, 9.0, 7.0, 6.5), _form(21, 0.9), role="non-target"),
        ),
        Expected(("PD", "PD", "PD"), "PD", ("iUPD", "iPR", "iPR"), "iPR", ("none", "none", "none")),
        reader_differences=(ReaderDifference(2, "measures", "L2", ("W8",), "-0.8"),),
    )


def _mixed() -> Subject:
    habitus = Habitus(7, fat=0.9, domes=(63.0, 58.0), scale=(0.98, 0.98, 1.02))
    return Subject(
        "04-001",
        "mixed response: one lesion splits and becomes too small, others grow",
        habitus,
        scheduled(7, date(2025, 1, 14), FOUR, habitus),
        (
            _liver("L1", "S5", (-94, -28, -20), (32.0, 21.0, (9.5, 7.0), 3.5), _form(22)),
            _liver("L2", "S8", (-74, -26, 34), (21.0, 25.0, 28.5, 34.0), _form(23, 0.85)),
            _lung("L3", "LLL", (97, 42, 57), (13.0, 15.0, 16.5, 19.5)),
            _node("L4", "Paraaortic node", (29.5, 28, -51), (16.0, 17.0, 18.5, 21.0)),
            _liver("L5", "S3", (24, -66, 8), (7.0, 7.0, 7.5, 8.0), _form(24, 0.9), role="non-target"),
        ),
        Expected(("SD", "SD", "SD"), "SD", ("iSD", "iSD", "iSD"), "iSD", ("MR (SD)",) * 3),
        reader_differences=(ReaderDifference(2, "measures", "L2", ("W16",), "0.9"),),
    )


def _local_recurrence() -> Subject:
    habitus = Habitus(8, fat=1.1, liver=1.02, scale=(1.03, 1.0, 1.0))
    where = (-88.0, 22.0, 20.0)
    return Subject(
        "04-007",
        "one lesion ablated; its zone involutes, tumour comes back at the zone's edge",
        habitus,
        scheduled(8, date(2025, 3, 11), FOUR, habitus),
        (
            _liver("L1", "S7", where, (24.0, 0.0, 0.0, 0.0), _form(25), treated_by="Z1"),
            _liver("L2", "S5", (-72, -50, -8), (20.0, 19.0, 17.0, 17.5), _form(26)),
            _lung("L3", "RLL", (-98, 42, 58), (12.0, 11.5, 10.5, 10.5)),
            _liver(
                "L4",
                "S7",
                (-76, 11, 20),
                (0.0, 0.0, 0.0, 11.0),
                _form(27, 0.84),
                role="recurrence",
                first=3,
                treated_by="Z1",
                kind="recurrence",
            ),
        ),
        Expected(("SD", "SD", "SD"), "SD", ("iSD", "iSD", "iSD"), "iSD", ("none", "none", "none")),
        zones=(
            ZoneCourse(
                "Z1",
                "L1",
                "RFA",
                1,
                date(2025, 3, 27),
                where,
                (0.0, 46.0, 39.0, 33.0),
                ("not-yet-imaged", "complete", "complete", "local-progression"),
            ),
        ),
        reader_differences=(ReaderDifference(2, "zone", "Z1", ("W16",), value="equivocal"),),
    )


def _complete_zone() -> Subject:
    habitus = Habitus(9, fat=0.85, domes=(61.0, 56.0), fluid_level=-46, scale=(0.97, 0.98, 0.99))
    where = (-26.0, -56.0, 26.0)
    return Subject(
        "05-002",
        "ablation zone stays complete, the rest responds, one lesion vanishes; a pale focus divides readers",
        habitus,
        scheduled(9, date(2025, 4, 1), THREE, habitus),
        (
            _liver("L1", "S4", where, (18.0, 0.0, 0.0), _form(28), role="non-target", treated_by="Z1"),
            _liver("L2", "S6", (-98, 12, -28), (30.0, 21.0, 17.0), _form(29)),
            _liver("L3", "S8", (-84, -28, 32), (17.0, 9.0, 0.0), _form(30, 0.85)),
            _liver(
                "L4",
                "S5",
                (-88, -42, -10),
                (0.0, 0.0, 12.0),
                _form(31, 0.7, 0.06),
                role="mimic",
                first=2,
                kind="pale",
            ),
        ),
        Expected(("PR", "PR"), "PR", ("iPR", "iPR"), "iPR", ("none", "none")),
        zones=(
            ZoneCourse(
                "Z1",
                "L1",
                "RFA",
                1,
                date(2025, 4, 18),
                where,
                (0.0, 40.0, 33.0),
                ("not-yet-imaged", "complete", "complete"),
            ),
        ),
        reader_differences=(
            ReaderDifference(2, "new-lesion", "L4", ("W16",), changes_best=True),
            ReaderDifference(2, "measures", "L2", ("W8",), "0.5"),
        ),
    )


@lru_cache(maxsize=1)
def demo_cast() -> tuple[Subject, ...]:
    """The subjects of the demo trial, always the same."""
    return (
        _pr_confirmed(),
        _pr_not_confirmed(),
        _pd_by_sum(),
        _sd_near_the_threshold(),
        _pd_by_new_lesion(),
        _pseudoprogression(),
        _mixed(),
        _local_recurrence(),
        _complete_zone(),
    )
