"""The reader's own link offset is there when the case opens again."""

from __future__ import annotations

from pathlib import Path

from app.workflow.link_offsets import keep_offsets, kept_offsets
from app.workflow.reading import open_case
from tests.build.workspace import read_timepoint, small_workspace


def test_an_offset_survives_closing_the_case(tmp_path: Path) -> None:
    small = small_workspace(tmp_path, visits=(("BL", 0), ("W8", 56)))
    ports, session, subject = small.ports, small.sessions["reader.one"], small.subject("01-001")
    read_timepoint(ports, session, subject.id, 20.0)
    opened = open_case(ports, session, subject.id)
    assert opened is not None
    assert kept_offsets(opened) == {}
    keep_offsets(ports, session, opened, {0: -12.5})
    again = open_case(ports, session, subject.id)
    assert again is not None
    assert kept_offsets(again) == {0: -12.5}
    with ports.open_unit(small.sessions["inspector"]) as unit:
        last = unit.audit_rows(session.trial_id)[-1]
    assert (last["action"], last["new"]["offset in mm"]) == ("link", {"baseline": -12.5})
    small.workspace.close()
