"""When a margin may be seen, and between which outlines it is measured."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest

from app.workflow.margins import NEEDS_TUMOUR, NEEDS_ZONE, MarginSources, margin_sources, may_be_seen
from app.workflow.reading import LesionRow, ZoneRow
from measure.read import Lesion, Mark, ZoneForm

OUTLINED = Mark("m", "r", "s", "i", 2, "click", [], [], mask_box=[0, 0, 0, 1, 1, 1], mask_bits=b"x")
BARE = replace(OUTLINED, mask_bits=b"")


def reading(*lesions: LesionRow, visible: str = "after-judgement"):  # type: ignore[no-untyped-def]
    protocol = SimpleNamespace(reading=SimpleNamespace(margin_visible=visible))
    return SimpleNamespace(lesions=lesions, timepoints=(1, 2), protocol=protocol)


def lesion(before: Mark | None) -> LesionRow:
    known = Lesion("v", "own", "read", "r0", 1, "T1", "target", "liver", "S7", False)
    return LesionRow(known, (None, None), (before, None))


def zone(judgement: str, mark: Mark | None = OUTLINED, own: str = "own") -> ZoneRow:
    form = ZoneForm("f", "r1", "z", 1, judgement=judgement, answers={"own_lesion": own} if own else {})
    return ZoneRow(SimpleNamespace(id="z", label="Z1"), (None, form), (None, mark), first=1)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("visible", "judgement", "seen"),
    [
        ("after-judgement", "", False),
        ("after-judgement", "no local tumour", True),
        ("always", "", True),
        ("never", "no local tumour", False),
    ],
)
def test_it_is_seen_when_the_protocol_says(visible: str, judgement: str, seen: bool) -> None:
    assert may_be_seen(reading(visible=visible), zone(judgement)) is seen


def test_it_is_measured_between_the_readers_own_outlines() -> None:
    found = margin_sources(reading(lesion(OUTLINED)), zone("equivocal"))
    assert found == MarginSources(OUTLINED, 0, OUTLINED, 1)


def test_what_is_missing_is_said() -> None:
    assert margin_sources(reading(lesion(OUTLINED)), zone("equivocal", None)) == NEEDS_ZONE
    assert margin_sources(reading(lesion(OUTLINED)), zone("equivocal", BARE)) == NEEDS_ZONE
    assert margin_sources(reading(lesion(BARE)), zone("equivocal")) == NEEDS_TUMOUR
    assert "No own lesion" in str(margin_sources(reading(), zone("equivocal", own="none")))
