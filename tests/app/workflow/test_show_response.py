"""`reading.show_response` and `reading.stated_response`: what is computed, shown, asked, and what is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.workflow import draw_lesion, fill_forms, live_responses, responses, sign_timepoint
from app.workflow.demo_accounts import PASSWORD
from app.workflow.open_items import answered, open_items, reading_concerns
from app.workflow.reading import Reading, keep_seen, open_case, reload
from app.workflow.statements import statements
from measure.read import Signature
from measure.refusal import Refused
from tests.build.workspace import Small, read_timepoint, small_workspace
from tests.build.workspace import _drawn as drawn

TWO = (("BL", 0), ("W8", 56))
STATEMENT = "state your response"


class FollowUp:
    """Reader one at the second time point of a case with one target, under chosen keys."""

    def __init__(self, folder: Path, show: str, stated: str) -> None:
        self.small: Small = small_workspace(folder, visits=TWO)
        self.ports, self.session = self.small.ports, self.small.sessions["reader.one"]
        subject = self.small.subject("01-001")
        read_timepoint(self.ports, self.session, subject.id, 20.0)
        opened = open_case(self.ports, self.session, subject.id)
        assert opened is not None
        keys = replace(opened.protocol.reading, show_response=show, stated_response=stated)
        self.reading: Reading = replace(opened, protocol=replace(opened.protocol, reading=keys))

    def again(self) -> Reading:
        self.reading = reload(self.ports, self.session, self.reading)
        return self.reading

    def measure(self, long_mm: float) -> None:
        mark = drawn(self.ports, self.session, self.reading, long_mm)
        draw_lesion.measure_again(self.ports, self.session, self.reading, self.reading.lesions[0], mark)
        self.again()

    def finish(self) -> None:
        """Form, sweep and warnings: only statements and the signature are left."""
        covered = {"non_target_coverage": "covered", "new_lesion_coverage": "covered"}
        fill_forms.fill_form(self.ports, self.session, self.reading, image_quality="optimal", **covered)
        main = self.again().now.series_hung_as("main")
        assert main is not None
        keep_seen(self.ports, self.session, self.reading, main.uid, set(range(main.slices)))
        for concern in reading_concerns(self.again()):
            if concern.key not in answered(self.reading):
                fill_forms.answer_warning(self.ports, self.session, self.reading, concern.key, "other", "as seen")
                self.again()

    def state(self, overall: str, reason: str = "") -> None:
        for one in statements(self.reading):
            said = f"i{overall}" if one.standard == "irecist" and overall != "NE" else overall
            fill_forms.state_response(self.ports, self.session, self.reading, one.criterion, said, reason)
            self.again()

    def sign(self) -> None:
        assert isinstance(sign_timepoint.sign(self.ports, self.session, self.reading, PASSWORD), Signature)


@pytest.fixture
def follow_up(tmp_path: Path) -> Iterator[object]:
    made: list[FollowUp] = []

    def make(show: str, stated: str) -> FollowUp:
        made.append(FollowUp(tmp_path, show, stated))
        return made[-1]

    yield make
    for one in made:
        one.small.workspace.close()


def forbid_computing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Any derived response is a fault from here on."""

    def fault(*_: object) -> None:
        raise AssertionError("a hidden response was computed")

    for module, name in (
        (responses, "assess_read"),
        (live_responses, "case_responses"),
        (sign_timepoint, "responses_now"),
    ):
        monkeypatch.setattr(module, name, fault)


def test_live_says_open_until_the_marks_decide(follow_up) -> None:  # type: ignore[no-untyped-def]
    one = follow_up("live", "off")
    first = live_responses.live_responses(one.ports, one.session, one.reading).rows[0]
    assert (first.target, first.overall, first.sum_mm) == ("open", "open", "open")
    assert one.again().now.read_timepoint.response_shown_at == "", "nothing was shown yet"
    one.measure(30.0)
    proved = live_responses.live_responses(one.ports, one.session, one.reading).rows[0]
    assert (proved.target, proved.new_lesion, proved.overall) == ("PD", "open", "PD")
    assert proved.sum_mm == "30.0"
    assert one.again().now.read_timepoint.response_shown_at != ""
    one.measure(20.0)
    same = live_responses.live_responses(one.ports, one.session, one.reading).rows[0]
    assert (same.target, same.overall) == ("SD", "open"), "a new lesion may still be found"
    assert one.reading.lesions[0].findings[-1].after_response, "changed after a response was shown"
    one.finish()
    assert live_responses.live_responses(one.ports, one.session, one.reading).rows[0].overall == "SD"


@pytest.mark.parametrize("show", ["before-signing", "after-signing", "never"])
def test_hidden_while_reading_nothing_is_computed(follow_up, show: str, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    one = follow_up(show, "off")
    forbid_computing(monkeypatch)
    with pytest.raises(Refused, match="not shown while reading"):
        live_responses.live_responses(one.ports, one.session, one.reading)


def test_never_shows_nothing_and_asks_only_the_statement(follow_up, monkeypatch: pytest.MonkeyPatch) -> None:  # type: ignore[no-untyped-def]
    one = follow_up("never", "on-sheet")
    forbid_computing(monkeypatch)
    one.measure(30.0)
    one.finish()
    sheet = sign_timepoint.sign_sheet(one.ports, one.session, one.reading)
    assert sheet.responses is None
    assert sheet.to_state == statements(one.reading)
    assert sheet.to_state
    with pytest.raises(Refused, match=STATEMENT):
        one.sign()
    one.state("SD")  # other than derived: no difference is asked, since none may be seen
    one.sign()
    assert sign_timepoint.responses_after_signing(one.ports, one.session, one.reading) == ()


def test_after_signing_opens_what_was_signed(follow_up) -> None:  # type: ignore[no-untyped-def]
    one = follow_up("after-signing", "off")
    one.measure(30.0)
    one.finish()
    assert sign_timepoint.sign_sheet(one.ports, one.session, one.reading).responses is None
    one.sign()
    opened = sign_timepoint.responses_after_signing(one.ports, one.session, one.reading)
    assert {r.overall for r in opened} == {"PD", "iUPD"}


def test_before_the_sheet_the_statement_is_an_open_thing_of_the_form(follow_up) -> None:  # type: ignore[no-untyped-def]
    one = follow_up("before-signing", "before-sheet")
    one.measure(30.0)
    one.finish()
    left = [item.text for item in open_items(one.reading)]
    assert len(left) == len(statements(one.reading))
    assert all(STATEMENT in text for text in left)
    one.state("SD")
    assert open_items(one.reading) == ()
    sheet = sign_timepoint.sign_sheet(one.ports, one.session, one.reading)
    assert sheet.responses is not None
    with pytest.raises(Refused, match=r"you state SD, derived is PD\. Give the reason\."):
        one.sign()
    one.state("SD", "the lesion was measured across a vessel")
    one.sign()
