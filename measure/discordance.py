"""Two reads of one case compared on the protocol's variables (`reading.adjudicate_on`), dates by visit (CR-43).

Every row says what differs, since which time point, and of which class the difference is (central-reading 5):
target choice, new lesion, non-target, measurement, evaluability.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

SAME_PLACE_MM = 10.0


@dataclass(frozen=True)
class CourseFacts:
    """What one read says by one criterion: responses a time point, best response, dates as time point indices."""

    overall: tuple[str, ...]
    target: tuple[str, ...]
    non_target: tuple[str, ...]
    new_lesion: tuple[str, ...]
    best: str
    response_at: int | None
    progression_at: int | None


@dataclass(frozen=True)
class ReadFacts:
    """What one read says of the whole case. targets: centre of each baseline target in LPS mm and its series."""

    courses: Mapping[str, CourseFacts]
    targets: tuple[tuple[str, tuple[float, float, float]], ...]
    recurrence: Mapping[str, int | None]


@dataclass(frozen=True)
class Difference:
    """One compared variable with both values."""

    variable: str
    criterion: str
    zone: str
    value_1: str
    value_2: str
    agree: bool
    difference_class: str
    first_difference: int | None


def _at(index: int | None, names: Sequence[str]) -> str:
    return "none" if index is None else names[index]


def compare(
    first: ReadFacts,
    second: ReadFacts,
    *,
    variables: Sequence[str],
    criteria: Sequence[str],
    timepoint_names: Sequence[str],
    tolerance_visits: int = 0,
) -> list[Difference]:
    """Compare two complete reads; one row a variable and criterion (a zone for local recurrence)."""
    rows: list[Difference] = []
    same_targets = targets_match(first, second)
    for variable in variables:
        if variable == "local_recurrence":
            rows += _recurrence(first, second, timepoint_names)
        elif variable == "target_selection":
            said = "same lesions" if same_targets else "different lesions"
            rows.append(
                Difference(
                    variable,
                    "",
                    "",
                    said,
                    said,
                    same_targets,
                    "" if same_targets else "target choice",
                    None if same_targets else 0,
                )
            )
        else:
            for criterion in criteria:
                rows.append(
                    _course_row(
                        variable,
                        criterion,
                        first.courses[criterion],
                        second.courses[criterion],
                        timepoint_names,
                        tolerance_visits,
                        same_targets,
                    )
                )
    return rows


def _value(variable: str, course: CourseFacts, names: Sequence[str]) -> str:
    match variable:
        case "best_response":
            return course.best
        case "response":
            return "yes" if course.response_at is not None else "no"
        case "response_date":
            return _at(course.response_at, names)
        case "progression":
            return "yes" if course.progression_at is not None else "no"
        case "progression_date":
            return _at(course.progression_at, names)
        case "new_lesion":
            return "yes" if "yes" in course.new_lesion else "no"
        case "timepoint_response":
            return " ".join(course.overall[1:])
        case _:
            raise ValueError(variable)


def _course_row(
    variable: str,
    criterion: str,
    one: CourseFacts,
    two: CourseFacts,
    names: Sequence[str],
    tolerance: int,
    same_targets: bool,
) -> Difference:
    a, b = _value(variable, one, names), _value(variable, two, names)
    agree = a == b
    if (
        not agree
        and variable == "progression_date"
        and one.progression_at is not None
        and two.progression_at is not None
    ):
        agree = abs(one.progression_at - two.progression_at) <= tolerance
    parted = None if agree else first_difference(one, two)
    return Difference(
        variable, criterion, "", a, b, agree, "" if agree else difference_class(one, two, parted, same_targets), parted
    )


def first_difference(one: CourseFacts, two: CourseFacts) -> int | None:
    """Index of the first time point whose responses differ; None when all are alike."""
    for k, (a, b) in enumerate(zip(one.overall, two.overall, strict=False)):
        if a != b:
            return k
    return None


def difference_class(one: CourseFacts, two: CourseFacts, parted: int | None, same_targets: bool) -> str:
    """Why two reads differ, from the first time point where they part."""
    if parted is None:
        return "measurement"
    if one.new_lesion[parted] != two.new_lesion[parted]:
        return "new lesion"
    if one.target[parted] != two.target[parted]:
        if "NE" in (one.target[parted], two.target[parted]):
            return "evaluability"
        return "measurement" if same_targets else "target choice"
    if one.non_target[parted] != two.non_target[parted]:
        return "non-target"
    return "measurement"


def targets_match(first: ReadFacts, second: ReadFacts) -> bool:
    """Both chose the same baseline targets: each lies within 10 mm of one of the other's on the same series."""

    def near(one: tuple[str, tuple[float, ...]], others: Sequence[tuple[str, tuple[float, ...]]]) -> bool:
        return any(
            one[0] == other[0]
            and sum((a - b) ** 2 for a, b in zip(one[1], other[1], strict=True)) ** 0.5 < SAME_PLACE_MM
            for other in others
        )

    return (
        len(first.targets) == len(second.targets)
        and all(near(t, second.targets) for t in first.targets)
        and all(near(t, first.targets) for t in second.targets)
    )


def _recurrence(first: ReadFacts, second: ReadFacts, names: Sequence[str]) -> list[Difference]:
    rows = []
    for zone in sorted(set(first.recurrence) | set(second.recurrence)):
        one, two = first.recurrence.get(zone), second.recurrence.get(zone)
        agree = one == two
        parted = None if agree else min(k for k in (one, two) if k is not None)
        rows.append(
            Difference(
                "local_recurrence", "", zone, _at(one, names), _at(two, names), agree, "" if agree else "zone", parted
            )
        )
    return rows
