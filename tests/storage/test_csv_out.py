"""CSV out: same values, same bytes; nothing a spreadsheet executes; whole or not at all."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from measure.refusal import Refused
from storage.csv_out import csv_files, csv_text, safe_cell


def test_files_are_utf8_with_comma_and_line_feed_and_always_a_header(tmp_path: Path) -> None:
    with csv_files((tmp_path / "a.csv", ("x", "y"))) as (writer,):
        writer.row(["ä", 'a "quoted", cell'])
        assert writer.count == 1
    assert (tmp_path / "a.csv").read_bytes() == 'x,y\nä,"a ""quoted"", cell"\n'.encode()
    with csv_files((tmp_path / "b.csv", ("x", "y"))):
        pass
    assert (tmp_path / "b.csv").read_bytes() == b"x,y\n"


@pytest.mark.parametrize("cell", ["=1+1", "+cmd", "-cmd", "@sum", "=A1", "-", "\tx"])
def test_a_cell_that_a_spreadsheet_would_execute_gets_an_apostrophe(cell: str) -> None:
    assert safe_cell(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["-3.5", "+2", "-33.33", "", "a=b", "12"])
def test_numbers_and_plain_text_stay_as_they_are(cell: str) -> None:
    assert safe_cell(cell) == cell


@given(st.lists(st.lists(st.text(st.characters(exclude_characters="\r\0", codec="utf-8")), min_size=2, max_size=2)))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    text = csv_text(("x", "y"), rows)
    found = list(csv.reader(io.StringIO(text, newline="")))[1:]
    assert [[cell.removeprefix("'") for cell in row] for row in found] == [
        [safe_cell(cell).removeprefix("'") for cell in row] for row in rows
    ]


def test_nothing_is_left_when_the_second_file_or_a_row_fails(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="1 cells"), csv_files((tmp_path / "a.csv", ("x", "y"))) as (writer,):
        writer.row(["one"])
    with (
        pytest.raises(Refused, match="does not exist"),
        csv_files((tmp_path / "a.csv", ("x",)), (tmp_path / "none" / "b.csv", ("x",))),
    ):
        pass
    (tmp_path / "folder").mkdir()
    with (
        pytest.raises(Refused, match="a folder has this name"),
        csv_files((tmp_path / "a.csv", ("x",)), (tmp_path / "folder", ("x",))),
    ):
        pass
    assert [one.name for one in tmp_path.iterdir()] == ["folder"]


def test_an_interruption_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("old", "utf-8")
    with pytest.raises(KeyboardInterrupt), csv_files((tmp_path / "a.csv", ("x",))):
        raise KeyboardInterrupt
    assert (tmp_path / "a.csv").read_text("utf-8") == "old"
    assert len(list(tmp_path.iterdir())) == 1
