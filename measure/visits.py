"""Which planned visit a scan belongs to, and whether it lies in its window (protocol: visits, visit)."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from measure.protocol import Protocol, Visit


def planned_date(anchor: date, visit: Visit) -> date:
    """The visit's nominal date: days, or calendar months (day clipped to the month's end) after the anchor."""
    if visit.days is not None:
        return anchor + timedelta(days=visit.days)
    months = anchor.month - 1 + (visit.months or 0)
    year, month = anchor.year + months // 12, months % 12 + 1
    return date(year, month, min(anchor.day, monthrange(year, month)[1]))


def nearest_visit(protocol: Protocol, anchor: date, scan: date) -> tuple[str, int]:
    """The planned imaging visit nearest to a scan and the scan's distance from it in days (+ = late).

    `visits.tie` decides between two equally near; with `visits.assign` = window-only a scan outside every window
    belongs to none (then the id is empty).
    """
    best: tuple[int, str, int] | None = None
    for visit in protocol.visit_list:
        if not visit.imaging:
            continue
        off = (scan - planned_date(anchor, visit)).days
        nearer = best is None or abs(off) < best[0]
        tie = best is not None and abs(off) == best[0] and protocol.visits.tie == "later"
        if nearer or tie:
            best = (abs(off), visit.id, off)
    if best is None:
        return "", 0
    if protocol.visits.assign == "window-only" and not in_window(protocol, best[2]):
        return "", best[2]
    return best[1], best[2]


def in_window(protocol: Protocol, off_days: int) -> bool:
    """Say whether a scan that many days after its planned date lies in the allowed window."""
    return -protocol.visits.before_days <= off_days <= protocol.visits.after_days
