"""Where labels go: off every mark, off each other, over as little tissue as can be; then they stay: pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from viewer.slice_geometry import Area

# Eight ways out of a mark, in the order in which equal places are taken.
DIRECTIONS: tuple[tuple[int, int], ...] = (
    (0, -1),
    (1, -1),
    (-1, -1),
    (1, 1),
    (-1, 1),
    (1, 0),
    (-1, 0),
    (0, 1),
)
_DIAGONAL = 0.7071


@dataclass(frozen=True, slots=True)
class LabelWish:
    """A label that wants a place: its size in px and the box of its mark on the screen."""

    key: str
    width: float
    height: float
    mark: Area


@dataclass(slots=True)
class LabelMemory:
    """Directions chosen earlier, and offsets of dragged labels from the middle of the mark in px."""

    directions: dict[str, tuple[int, int]] = field(default_factory=dict)
    dragged: dict[str, tuple[float, float]] = field(default_factory=dict)

    def forget_directions(self) -> None:
        """Let labels choose anew (after a change of zoom); what was dragged by hand stays."""
        self.directions.clear()


def places_for(
    wishes: Sequence[LabelWish],
    inside: Area,
    taken: Sequence[Area],
    memory: LabelMemory,
    tissue: Callable[[Area], float],
    distance: float,
) -> dict[str, Area]:
    """Places of labels by key.

    inside: where labels may lie. taken: corner texts. tissue: share of soft tissue under an area.
    A remembered direction is kept as long as the label stays inside and off its own mark.
    """
    marks = [wish.mark for wish in wishes]
    placed: dict[str, Area] = {}
    for wish in wishes:
        place = _remembered(wish, inside, memory, distance)
        if place is None:
            covered = (*taken, *marks, *placed.values())
            direction = _best(wish, inside, covered, tissue, distance)
            memory.directions[wish.key] = direction
            place = _kept_inside(_beside(wish, direction, distance), inside)
        placed[wish.key] = place
    return placed


def overlap(a: Area, b: Area) -> float:
    """Common area of two rectangles in px²."""
    wide = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    high = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    return max(wide, 0.0) * max(high, 0.0)


def _remembered(wish: LabelWish, inside: Area, memory: LabelMemory, distance: float) -> Area | None:
    if wish.key in memory.dragged:
        dx, dy = memory.dragged[wish.key]
        x, y = wish.mark.middle
        return _kept_inside(Area(x + dx, y + dy, wish.width, wish.height), inside)
    if wish.key in memory.directions:
        place = _beside(wish, memory.directions[wish.key], distance)
        if overlap(place, inside) >= 0.999 * place.width * place.height:
            return place
    return None


def _best(
    wish: LabelWish,
    inside: Area,
    covered: Sequence[Area],
    tissue: Callable[[Area], float],
    distance: float,
) -> tuple[int, int]:
    def cost(direction: tuple[int, int]) -> tuple[float, float]:
        place = _beside(wish, direction, distance)
        outside = place.width * place.height - overlap(place, inside)
        hidden = outside + sum(overlap(place, other) for other in covered)
        return round(hidden), tissue(place)

    return min(DIRECTIONS, key=cost)


def _beside(wish: LabelWish, direction: tuple[int, int], distance: float) -> Area:
    dx, dy = direction
    reach = _DIAGONAL if dx and dy else 1.0
    x, y = wish.mark.middle
    x += dx * (reach * wish.mark.width / 2.0 + distance * reach)
    y += dy * (reach * wish.mark.height / 2.0 + distance * reach)
    return Area(x + (dx - 1) / 2.0 * wish.width, y + (dy - 1) / 2.0 * wish.height, wish.width, wish.height)


def _kept_inside(place: Area, inside: Area) -> Area:
    left = min(max(place.left, inside.left), max(inside.left, inside.left + inside.width - place.width))
    top = min(max(place.top, inside.top), max(inside.top, inside.top + inside.height - place.height))
    return Area(left, top, place.width, place.height)
