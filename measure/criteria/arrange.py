"""Rows of one read become time points in order and lesions; what contradicts itself is refused.

The order of the rows plays no part, except that the count issues name lesions in the order of entry.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from measure.criteria.findings import (
    ABLATED,
    MISSED,
    NEW_ROLES,
    NODE_NORMAL,
    RESECTED,
    SIZED,
    SPLIT,
    STATES_OF,
    TARGET,
    TOO_SMALL,
    TREATMENTS,
    VISIT,
    ContradictoryFinding,
    Day,
    Finding,
    Lesion,
    Read,
    TimePoint,
    natural_key,
)


def arrange(rows: Iterable[Finding], baseline: str = "BL", visit_order: Sequence[str] = ()) -> Read:
    """Sort the rows of one subject and reader into a read.

    baseline: name of the baseline time point. visit_order: the protocol's visits, in which an undated missed
    visit has its place; one that is not among them counts for nothing. Raises ContradictoryFinding.
    """
    timepoints: dict[str, TimePoint] = {}
    lesions: dict[str, Lesion] = {}
    for row in rows:
        point = timepoints.get(row.timepoint)
        if point is None:
            point = timepoints[row.timepoint] = TimePoint(row.timepoint)
        day = row.date
        if day is not None:
            if point.first_date is None or day < point.first_date:
                point.first_date = day
            if point.last_date is None or day > point.last_date:
                point.last_date = day
        if row.role == VISIT:
            _visit(point, row)
        else:
            _enter(point, row, lesions)
    for point in timepoints.values():
        first = next(iter(point.found.values()), None)
        if point.missed and first is not None:
            raise ContradictoryFinding(
                first.line, "timepoint", point.name, "has findings, but its visit row says that it was missed"
            )
    ordered = _in_order(timepoints, baseline, visit_order)
    _check_references(ordered, lesions)
    _check_baseline(ordered[0], lesions)
    return Read(ordered, lesions)


def _visit(point: TimePoint, row: Finding) -> None:
    if row.state == MISSED:
        point.missed = True
    if row.non_target_coverage == "not-covered":
        point.non_targets_covered = False
    if row.new_lesion_coverage == "not-covered" or row.image_quality == "not-readable":
        point.new_lesions_covered = False


def _checked_date(row: Finding) -> Day:
    """The date of a row of a lesion that makes sense by itself; raises ContradictoryFinding for any other."""
    if row.date is None:
        raise ContradictoryFinding(row.line, "date", "", "is empty, expected the date of the scan")
    if row.state not in STATES_OF[row.role]:
        raise ContradictoryFinding(
            row.line,
            "state",
            row.state,
            f"not a state of a {row.role} lesion, expected {' '.join(sorted(STATES_OF[row.role]))}",
        )
    if row.state == NODE_NORMAL and not row.nodal:
        raise ContradictoryFinding(row.line, "state", row.state, f"{row.lesion} is no node (nodal is no)")
    if row.lesion in (row.split_from, row.merged_into):
        column = "split_from" if row.lesion == row.split_from else "merged_into"
        raise ContradictoryFinding(row.line, column, row.lesion, "is the lesion itself, expected another one")
    if row.treated_date is not None and not row.treated and row.state not in (RESECTED, ABLATED):
        text = f"has no treatment beside it, expected one of {', '.join(TREATMENTS)} in treated"
        raise ContradictoryFinding(row.line, "treated_date", str(row.treated_date), text)
    return row.date


def _enter(point: TimePoint, row: Finding, lesions: dict[str, Lesion]) -> None:
    label = row.lesion
    pieces = [one for listed in point.fragments.values() for one in listed] if point.fragments else ()
    if label in point.found or any(label == one.lesion for one in pieces):
        raise ContradictoryFinding(row.line, "lesion", label, f"two findings of it at time point {row.timepoint}")
    day = _checked_date(row)
    if row.split_from:
        point.fragments.setdefault(row.split_from, []).append(row)
        return
    point.found[label] = row
    lesion = lesions.get(label)
    if lesion is None:
        lesion = lesions[label] = Lesion(label, row.role, row.organ, row.nodal, len(lesions), day, row.line)
    elif lesion.role != row.role:
        raise ContradictoryFinding(row.line, "role", row.role, f"{label} is {lesion.role} elsewhere")
    elif lesion.nodal != row.nodal:
        raise ContradictoryFinding(
            row.line, "nodal", "yes" if row.nodal else "no", f"{label} is the contrary elsewhere"
        )
    elif lesion.organ != row.organ:
        raise ContradictoryFinding(row.line, "organ", row.organ, f"{label} is in {lesion.organ!r} elsewhere")
    lesion.first_seen = min(lesion.first_seen, day)
    if row.treated or row.state in (RESECTED, ABLATED):
        kind = row.treated or ("surgery" if row.state == RESECTED else "ablation")
        treatment = (kind, row.treated_date or day)
        if treatment not in lesion.treatments:
            lesion.treatments.append(treatment)


def _in_order(timepoints: dict[str, TimePoint], baseline: str, visit_order: Sequence[str]) -> list[TimePoint]:
    start = timepoints.get(baseline)
    if start is None or start.first_date is None or start.last_date is None:
        line = min((row.line for point in timepoints.values() for row in point.found.values()), default=0)
        raise ContradictoryFinding(line, "timepoint", baseline, "there is no dated baseline of this subject")
    dated = []
    for point in timepoints.values():
        if point is start or point.first_date is None:
            continue
        if point.first_date <= start.last_date:
            line = next((row.line for row in point.found.values() if row.date == point.first_date), 0)
            if point.first_date < start.first_date:
                text = f"{point.name} lies before the baseline of {start.first_date}"
            else:
                text = f"{point.name} does not lie after the baseline, whose last scan is of {start.last_date}"
            raise ContradictoryFinding(line, "date", str(point.first_date), text)
        dated.append((point.first_date, natural_key(point.name), point))
    dated.sort(key=lambda one: one[:2])
    ordered = [start, *(point for _, _, point in dated)]
    place = {name: number for number, name in enumerate(visit_order)}
    undated = sorted(
        (p for p in timepoints.values() if p.first_date is None and p.name in place),
        key=lambda p: place[p.name],
    )
    for point in undated:
        where = next(
            (n for n, other in enumerate(ordered) if place.get(other.name, -1) > place[point.name]),
            len(ordered),
        )
        ordered.insert(where, point)
    return ordered


def _check_references(ordered: list[TimePoint], lesions: dict[str, Lesion]) -> None:
    for point in ordered:
        for pieces in point.fragments.values():
            for row in pieces:
                whole = lesions.get(row.split_from)
                if whole is None:
                    raise ContradictoryFinding(row.line, "split_from", row.split_from, "there is no such lesion")
                if row.role != whole.role:
                    text = f"{row.split_from} is {whole.role}, expected the same of its fragments"
                    raise ContradictoryFinding(row.line, "role", row.role, text)
        for row in point.found.values():
            if row.merged_into and row.merged_into not in lesions:
                raise ContradictoryFinding(row.line, "merged_into", row.merged_into, "there is no such lesion")


def _has_size(row: Finding | None, fragments: Sequence[Finding]) -> bool:
    """Say whether a target has a diameter that counts: its own, or those of all its fragments (R11-08)."""
    if fragments and (row is None or row.state == SPLIT):
        return all(_has_size(one, ()) for one in fragments)
    if row is None:
        return False
    return row.state == TOO_SMALL or (row.diameter_mm is not None and row.state in SIZED)


def _check_baseline(start: TimePoint, lesions: dict[str, Lesion]) -> None:
    for lesion in lesions.values():
        row = start.found.get(lesion.label)
        if lesion.role in NEW_ROLES:
            if row is not None:
                raise ContradictoryFinding(row.line, "role", row.role, f"{row.lesion} cannot be new at baseline")
        elif lesion.role == TARGET and not _has_size(row, start.fragments.get(lesion.label, [])):
            raise ContradictoryFinding(
                row.line if row else lesion.line,
                "lesion",
                lesion.label,
                "a target must be measured at baseline",
            )
