"""Carried-over proposals: offered, never a value until accepted; what was not taken stands in the trail."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

import measure.carry
from app.background import Jobs
from app.models.drawing import DrawingModel
from app.models.proposals import ProposalModel, _wants_one
from app.models.reading import ReadingModel
from app.workflow.reading import open_case
from measure.carry import Carried
from measure.diameters import axes_of_mask
from measure.outline import cropped
from measure.register import Found, Quality, Registration
from measure.segment.candidate import Candidate
from measure.volume import Volume
from tests.build.workspace import Small, read_timepoint, small_workspace
from tests.gui.hands import until

pytestmark = pytest.mark.gui

TWO = (("BL", 0), ("W8", 56))
GOOD = Registration(np.eye(4), 1.2, 0.98, "good")


class Matched(QObject):
    """Two scans that are registered from the start."""

    matched = Signal(object)

    def registration(self, fixed: str, moving: str) -> Registration:
        return GOOD

    def failed(self, fixed: str, moving: str) -> bool:
        return False

    def pyramids(self, fixed: str, moving: str) -> tuple[object, object]:
        without_grid = SimpleNamespace(volume=SimpleNamespace(grid=None))
        return without_grid, without_grid

    def ask(self, fixed: str, moving: str) -> None:
        raise AssertionError("it is registered already")


def candidate(volume: Volume) -> Candidate:
    mask = np.zeros(volume.array.shape, bool)
    mask[2, 8:20, 8:24] = True
    axes = axes_of_mask(mask, volume)
    assert axes is not None
    return Candidate(cropped(mask), volume.grid, axes, 1.0, 1.2, True)


class Bench:
    """One follow-up opened by reader one, with a proposal of a given quality for its only target."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch, quality: Quality, *, on: bool) -> None:
        self.small: Small = small_workspace(folder, visits=TWO)
        self.session = self.small.sessions["reader.one"]
        subject = self.small.subject("01-001")
        read_timepoint(self.small.ports, self.session, subject.id, 20.0)
        opened = open_case(self.small.ports, self.session, subject.id)
        assert opened is not None
        switched = replace(opened.protocol.reading, proposals=on)
        opened = replace(opened, protocol=replace(opened.protocol, reading=switched))
        self.model = ReadingModel(self.small.ports, self.session, Jobs(), opened)
        self.said: list[str] = []
        self.model.said.connect(lambda message: self.said.append(message.text))
        for k, point in enumerate(opened.timepoints):
            self.model.load(point.series[0], k)
        until(lambda: len(self.model.volumes) == 2, "both pictures")
        now = opened.now.series[0]
        found = Found((0.0, 0.0, 5.0), 1.2 if quality == "good" else 6.8, 0.9, quality)
        candidates = (candidate(self.model.volumes[now.uid]),) if quality != "failed" else ()
        carried = Carried(found, candidates, 0 if candidates else -1, quality)
        monkeypatch.setattr(measure.carry, "carry_over", lambda *_: carried)
        monkeypatch.setattr(measure.carry, "place_of_mark", lambda *_: (0.0, 0.0, 5.0))
        self.drawing = DrawingModel(self.model)
        self.proposals = ProposalModel(self.model, self.drawing, Matched())  # type: ignore[arg-type]
        self.row = opened.lesions[0]
        self.about = self.row.lesion.lesion_id
        until(lambda: bool(self.proposals.offered) or not opened.protocol.reading.proposals, "the proposal")

    def trail(self) -> list[tuple[str, str]]:
        with self.small.ports.open_unit(self.small.sessions["inspector"]) as unit:
            rows = unit.audit_rows(self.small.sessions["inspector"].trial_id)
        return [(str(row["action"]), str(row["object"])) for row in rows]


@pytest.fixture
def bench(tmp_path: Path, qapp: QApplication, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    made: list[Bench] = []

    def make(quality: Quality = "good", *, on: bool = True) -> Bench:
        made.append(Bench(tmp_path, monkeypatch, quality, on=on))
        return made[-1]

    yield make
    for one in made:
        one.small.workspace.close()


def test_a_proposal_is_shown_when_its_lesion_is_selected_and_is_no_value(bench) -> None:  # type: ignore[no-untyped-def]
    one = bench()
    assert one.drawing.pending is None, "nothing is drawn over the picture before it is asked for"
    one.model.select(one.about)
    assert one.drawing.pending is not None
    assert one.drawing.pending.is_offer
    assert one.model.reading.row(one.about).findings[-1] is None
    assert one.said[-1].startswith("T1: good match, carried over from baseline.")
    one.model.select("")
    assert one.drawing.pending is None
    assert one.about in one.proposals.waiting(), "moving on leaves it as a proposal"


def test_enter_waits_until_the_slice_was_on_the_screen(bench) -> None:  # type: ignore[no-untyped-def]
    one = bench()
    one.model.select(one.about)
    assert "not on screen yet" in one.proposals.why_enter_waits()
    one.model.slice_painted(one.drawing.pending.series_uid, one.drawing.pending.slice)
    assert one.proposals.why_enter_waits() == ""


def test_a_doubtful_one_is_not_accepted_by_enter(bench) -> None:  # type: ignore[no-untyped-def]
    one = bench("doubtful")
    one.model.select(one.about)
    one.model.slice_painted(one.drawing.pending.series_uid, one.drawing.pending.slice)
    assert one.proposals.why_enter_waits().startswith("T1: doubtful match, 6.8 mm.")
    assert one.drawing.accept() == one.about, "by click it is"


def test_a_failed_one_draws_nothing_and_says_so(bench) -> None:  # type: ignore[no-untyped-def]
    one = bench("failed")
    one.model.select(one.about)
    assert one.drawing.pending is None
    assert one.said[-1].startswith("T1: not found again.")


def test_accepted_it_is_a_measurement_that_keeps_what_was_proposed(bench) -> None:  # type: ignore[no-untyped-def]
    one = bench()
    one.model.select(one.about)
    one.drawing.accept()
    finding, mark = one.model.reading.row(one.about).findings[-1], one.model.reading.row(one.about).marks[-1]
    assert finding.method == "proposal-accepted"
    assert (mark.proposed["match"], mark.proposed["carried_from"]) == ("good", "baseline")
    assert ("accept", "finding") in one.trail()
    assert ("reject", "proposal") not in one.trail()
    one.model.undo()
    assert one.about in one.proposals.waiting(), "taken back, it is a proposal again"


@pytest.mark.parametrize("how", ["drop", "answer", "by hand"])
def test_not_taken_it_is_rejected_in_the_trail(bench, how: str) -> None:  # type: ignore[no-untyped-def]
    one = bench()
    one.model.select(one.about)
    if how == "drop":
        one.drawing.drop()
    elif how == "answer":
        one.model.answer(one.model.row, "absent")
    else:
        uid = one.drawing.pending.series_uid
        one.drawing.by_hand(uid, 2, ((-5.0, 0.0, 5.0), (5.0, 0.0, 5.0)), ((0.0, -4.0, 5.0), (0.0, 4.0, 5.0)))
        one.drawing.accept()
    assert one.trail().count(("reject", "proposal")) == 1
    assert one.drawing.pending is None


def test_switched_off_by_the_protocol_nothing_is_carried(bench) -> None:  # type: ignore[no-untyped-def]
    one = bench(on=False)
    one.model.select(one.about)
    assert not one.proposals.offered
    assert one.drawing.pending is None


def test_what_had_gone_is_not_proposed_again(bench) -> None:  # type: ignore[no-untyped-def]
    one = bench()
    row = one.model.reading.row(one.about)
    assert _wants_one(row)
    gone = replace(row.findings[0], state="absent")
    assert not _wants_one(replace(row, findings=(gone, None)))
    assert not _wants_one(replace(row, findings=(row.findings[0], gone)))
