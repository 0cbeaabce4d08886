from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from viewer.label_places import DIRECTIONS, LabelMemory, LabelWish, overlap, places_for
from viewer.slice_geometry import Area

INSIDE = Area(0, 0, 700, 900)


def placed(*wishes: LabelWish, memory: LabelMemory | None = None, taken: tuple[Area, ...] = ()) -> dict[str, Area]:
    return places_for(wishes, INSIDE, taken, memory or LabelMemory(), lambda _: 0.0, 18.0)


def wish(key: str = "T1", x: float = 350, y: float = 450, size: float = 60) -> LabelWish:
    return LabelWish(key, 100, 24, Area(x - size / 2, y - size / 2, size, size))


@given(st.floats(40, 660), st.floats(40, 860), st.floats(5, 60))
def test_a_label_lies_inside_and_off_its_mark(x: float, y: float, size: float) -> None:
    asked = wish(x=x, y=y, size=size)
    place = placed(asked)["T1"]
    assert overlap(place, INSIDE) >= 0.999 * 100 * 24
    assert overlap(place, asked.mark) == 0.0


def test_labels_keep_off_each_other_off_marks_and_off_corner_texts() -> None:
    corner = Area(300, 380, 110, 24)
    first, second = wish("T1"), wish("T2", x=350, y=520)
    places = placed(first, second, taken=(corner,))
    every = [*places.values(), first.mark, second.mark, corner]
    assert all(overlap(a, b) == 0 for n, a in enumerate(every) for b in every[n + 1 :])


def test_of_free_places_the_one_over_the_least_tissue_is_taken() -> None:
    places = places_for([wish()], INSIDE, (), LabelMemory(), lambda area: -area.left, 18.0)
    assert places["T1"].left >= 380


def test_a_label_stays_on_its_side_while_slices_go_by() -> None:
    memory = LabelMemory()
    before = placed(wish(size=60), memory=memory)["T1"]
    chosen = memory.directions["T1"]
    after = places_for([wish(size=50)], INSIDE, (), memory, lambda area: area.left, 18.0)["T1"]
    assert memory.directions["T1"] == chosen
    assert abs(after.left - before.left) < 10


def test_a_dragged_label_stays_where_it_was_put() -> None:
    memory = LabelMemory(dragged={"T1": (60.0, -80.0)})
    assert placed(wish(), memory=memory)["T1"] == Area(410, 370, 100, 24)


def test_there_are_eight_ways_out() -> None:
    assert len(set(DIRECTIONS)) == 8
