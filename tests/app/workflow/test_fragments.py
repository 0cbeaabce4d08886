"""A target that fell apart: parts are drawn and answered, the whole carries their sum, the engine adds them once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.workflow import draw_lesion, fragments, record
from app.workflow.export_trial import export_rows
from app.workflow.open_items import open_items
from app.workflow.reading import Reading, open_case, reload
from app.workflow.responses import responses_now
from measure.read import Finding
from measure.refusal import Refused
from tests.build.scripted_read import drawn
from tests.build.workspace import Small, finish_and_sign, read_timepoint, small_workspace

THREE = (("BL", 0), ("W8", 56), ("W16", 112))


class SplitCase:
    """One target of 20 mm, said to be split at the second time point."""

    def __init__(self, folder: Path) -> None:
        self.small: Small = small_workspace(folder, visits=THREE)
        self.ports, self.session = self.small.ports, self.small.sessions["reader.one"]
        self.subject = self.small.subject("01-001")
        read_timepoint(self.ports, self.session, self.subject.id, 20.0)
        self.reading: Reading = self.opened()
        draw_lesion.answer(self.ports, self.session, self.reading, self.row("T1"), "split")
        self.again()

    def opened(self) -> Reading:
        opened = open_case(self.ports, self.session, self.subject.id)
        assert opened is not None
        return opened

    def again(self) -> None:
        self.reading = reload(self.ports, self.session, self.reading)

    def row(self, label: str):  # type: ignore[no-untyped-def]
        return next(row for row in self.reading.lesions if row.lesion.label == label)

    def finding(self, label: str) -> Finding:
        found = self.row(label).findings[-1]
        assert found is not None
        return found

    def draw_part(self, long_mm: float, at: float) -> record.Step:
        mark = drawn(self.ports, self.session, self.reading, long_mm, at)
        step = fragments.add_fragment(self.ports, self.session, self.reading, self.row("T1"), mark)
        self.again()
        return step

    def still_open(self) -> list[str]:
        return [item.text for item in open_items(self.reading) if item.stage == "targets"]


@pytest.fixture
def case(tmp_path: Path) -> Iterator[SplitCase]:
    made = SplitCase(tmp_path)
    yield made
    made.small.workspace.close()


def test_parts_add_up_under_the_lesions_name(case: SplitCase) -> None:
    assert case.still_open() == ["T1 is split: draw its parts, click each."]
    case.draw_part(12.0, 0.0)
    assert case.still_open(), "one part is no split"
    case.draw_part(9.5, 20.0)
    assert [row.lesion.label for row in case.reading.lesions] == ["T1", "T1.1", "T1.2"]
    assert (case.finding("T1").state, case.finding("T1").diameter_mm) == ("split", "21.5")
    assert case.still_open() == []
    assert responses_now(case.reading)[0].sum_mm == "21.5", "counted once, not twice"


def test_undo_takes_part_and_sum_back_together(case: SplitCase) -> None:
    case.draw_part(12.0, 0.0)
    step = case.draw_part(9.5, 20.0)
    record.take_back(case.ports, case.session, case.reading.now.read_timepoint.id, step)
    case.again()
    assert [row.lesion.label for row in case.reading.lesions] == ["T1", "T1.1"]
    assert case.finding("T1").diameter_mm == "12.0"
    case.draw_part(8.0, 20.0)
    assert case.reading.lesions[-1].lesion.label == "T1.3", "a label is never used twice"


def test_only_a_lesion_said_to_be_split_has_parts(case: SplitCase) -> None:
    case.draw_part(12.0, 0.0)
    with pytest.raises(Refused, match="part of a lesion already"):
        draw_lesion.answer(case.ports, case.session, case.reading, case.row("T1.1"), "split")
    mark = drawn(case.ports, case.session, case.reading, 9.0, 20.0)
    with pytest.raises(Refused, match=r"T1\.1: say first that it is split"):
        fragments.add_fragment(case.ports, case.session, case.reading, case.row("T1.1"), mark)


def test_later_the_parts_are_answered_and_the_whole_follows(case: SplitCase) -> None:
    case.draw_part(12.0, 0.0)
    case.draw_part(9.5, 20.0)
    finish_and_sign(case.ports, case.session, case.reading)
    case.reading = case.opened()
    assert case.still_open() == ["T1.1 is open.", "T1.2 is open."], "the whole is not asked for any more"
    draw_lesion.answer(case.ports, case.session, case.reading, case.row("T1.1"), "absent")
    case.again()
    assert case.finding("T1").diameter_mm == "", "not known while a part is open"
    mark = drawn(case.ports, case.session, case.reading, 7.5)
    draw_lesion.measure_again(case.ports, case.session, case.reading, case.row("T1.2"), mark)
    case.again()
    assert (case.finding("T1").state, case.finding("T1").diameter_mm) == ("split", "7.5")
    assert responses_now(case.reading)[0].sum_mm == "7.5"
    assert case.still_open() == []


def test_the_export_names_whole_and_parts(case: SplitCase) -> None:
    case.draw_part(12.0, 0.0)
    case.draw_part(9.5, 20.0)
    finish_and_sign(case.ports, case.session, case.reading)
    (read,) = export_rows(case.ports, case.small.sessions["manager"], blinded=False).reads
    columns = ("lesion", "state", "diameter_mm", "split_from")
    rows = [tuple(r[name] for name in columns) for r in read.findings if r["timepoint"] == "W8" and r["lesion"]]
    assert rows == [
        ("T1", "split", "21.5", ""),
        ("T1.1", "measured", "12.0", "T1"),
        ("T1.2", "measured", "9.5", "T1"),
    ]
    w8 = next(p for p in read.assessment.criteria[0].timepoints if p.timepoint == "W8")
    assert str(w8.sum_mm) == "21.5"
