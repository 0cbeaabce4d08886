"""Pictures read ahead: of what opens next and no further; a case that is left keeps its pictures for a moment."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from app.background import Jobs
from app.models.prefetch import Prefetch
from app.models.reading import ReadingModel
from app.workflow.prefetch import series_to_come
from app.workflow.reading import open_case
from tests.build.workspace import Small, read_timepoint, small_workspace
from tests.gui.hands import until

pytestmark = pytest.mark.gui

THREE = (("BL", 0), ("W8", 56), ("W16", 112))


@pytest.fixture
def small(tmp_path: Path, qapp: QApplication) -> Small:
    return small_workspace(tmp_path, visits=THREE)


def days_ahead(small: Small) -> list[int]:
    """Days of the time points whose pictures would be read ahead for reader one."""
    found = series_to_come(small.ports, small.sessions["reader.one"], small.subject("01-001").id)
    from measure.case import Timepoint

    with small.ports.open_unit(small.sessions["manager"]) as unit:
        return [unit.get(Timepoint, series.timepoint_id).day for series in found]


def test_nothing_of_a_later_time_point_is_read_ahead(small: Small) -> None:
    assert days_ahead(small) == [0]
    read_timepoint(small.ports, small.sessions["reader.one"], small.subject("01-001").id, 20.0)
    assert days_ahead(small) == [56, 0]
    small.workspace.close()


def test_a_case_takes_what_was_read_and_what_still_comes(small: Small) -> None:
    session, subject = small.sessions["reader.one"], small.subject("01-001")
    jobs = Jobs()
    ahead = Prefetch(small.ports, session, jobs)
    ahead.ask(subject.id)
    opened = open_case(small.ports, session, subject.id)
    assert opened is not None
    model = ReadingModel(small.ports, session, jobs, opened)
    ahead.hand_over(subject.id, model)  # still being read: the case waits for it instead of reading it again
    begun = len(jobs.running)
    model.load(opened.now.series[0], 0)
    assert len(jobs.running) == begun
    until(lambda: opened.now.series[0].uid in model.volumes, "the picture")
    ahead.put_back(subject.id, model.volumes)
    again = ReadingModel(small.ports, session, jobs, opened)
    ahead.hand_over(subject.id, again)
    assert again.volumes.keys() == model.volumes.keys(), "left and opened again, nothing is read a second time"
    small.workspace.close()


def test_another_case_forgets_the_first(small: Small) -> None:
    session, subject = small.sessions["reader.one"], small.subject("01-001")
    jobs = Jobs()
    ahead = Prefetch(small.ports, session, jobs)
    ahead.ask(subject.id)
    until(lambda: not jobs.running, "read")
    opened = open_case(small.ports, session, subject.id)
    assert opened is not None
    model = ReadingModel(small.ports, session, jobs, opened)
    ahead.hand_over("another case", model)
    assert not model.volumes
    small.workspace.close()
