"""findings.csv and subjects.csv: what is read, and what is refused with file, line, column and value."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from measure.criteria.findings import Finding, SubjectFacts
from measure.refusal import Refused
from storage.columns import columns_of
from storage.findings_file import ReadKey, findings_of, subject_facts
from tests.build.shared import shared

HEADER = "subject,timepoint,date,lesion,role,organ,nodal,state,diameter_mm"
ROW = "S1,BL,2026-03-31,T1,target,liver,no,measured,12.50"


def read(text: str | bytes, folder: Path, notes: list[str] | None = None) -> list[tuple[ReadKey, list[Finding]]]:
    path = folder / "F.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    with findings_of(path, (notes if notes is not None else []).append) as reads:
        return list(reads)


def refusal(text: str | bytes, folder: Path) -> str:
    with pytest.raises(Refused) as refused:
        read(text, folder)
    assert str(refused.value).startswith(f"{folder / 'F.csv'}:")
    return str(refused.value).removeprefix(f"{folder / 'F.csv'}:")


def test_a_row_becomes_a_finding_with_its_diameter_as_written(tmp_path: Path) -> None:
    ((key, rows),) = read(f"{HEADER}\n{ROW}\n", tmp_path)
    assert key == ReadKey("", "S1", "")
    (row,) = rows
    assert (row.timepoint, row.date, row.lesion, row.line) == ("BL", date(2026, 3, 31), "T1", 2)
    assert (row.role, row.organ, row.nodal, row.state) == ("target", "liver", False, "measured")
    assert str(row.diameter_mm) == "12.50"


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_spreadsheet_dialects_are_read_alike(mark: bytes, delimiter: str, end: str, tmp_path: Path) -> None:
    text = end.join((HEADER, ROW, "")).replace(",", delimiter)
    assert read(mark + text.encode("utf-8"), tmp_path) == read(f"{HEADER}\n{ROW}\n", tmp_path)


def test_columns_may_stand_in_any_order_and_unknown_ones_are_kept_aside(tmp_path: Path) -> None:
    notes: list[str] = []
    text = (
        "colour,diameter_mm,state,nodal,organ,role,lesion,date,timepoint,subject\n"
        "red,9,measured,yes,lymph-node,target,T1,2026-01-01,BL,S1\n"
    )
    ((_, (row,)),) = read(text, tmp_path, notes)
    assert (row.nodal, row.diameter_mm) == (True, Decimal(9))
    assert notes == [f"{tmp_path / 'F.csv'}: columns kept aside: colour"]


def test_optional_columns_are_read(tmp_path: Path) -> None:
    text = (
        f"{HEADER},treated,treated_date,slice_thickness_mm,split_from,merged_into,reason,trial,reader\n"
        f"{ROW},ablation,2026-04-01,2.5,,T2,was small,X,R1\n"
    )
    ((key, (row,)),) = read(text, tmp_path)
    assert key == ReadKey("X", "S1", "R1")
    assert (row.treated, row.treated_date, row.slice_thickness_mm) == (
        "ablation",
        date(2026, 4, 1),
        Decimal("2.5"),
    )
    assert (row.merged_into, row.reason) == ("T2", "was small")


def test_visit_rows_carry_quality_and_coverage(tmp_path: Path) -> None:
    text = (
        f"{HEADER},image_quality,non_target_coverage,new_lesion_coverage\n"
        f"{ROW},,,\nS1,W8,,,visit,,,missed,,not-readable,partly,not-covered\n"
    )
    ((_, rows),) = read(text, tmp_path)
    visit = rows[1]
    assert (visit.role, visit.date, visit.state) == ("visit", None, "missed")
    assert (visit.image_quality, visit.non_target_coverage, visit.new_lesion_coverage) == (
        "not-readable",
        "partly",
        "not-covered",
    )


def test_quoted_cells_and_empty_lines_are_read_and_lines_are_counted(tmp_path: Path) -> None:
    second = "S1,W8,2026-05-31,T1,target,liver,no,absent,,"
    text = f'{HEADER},note\n{ROW},"two\nlines, ""quoted"""\n\n,,,,,,,,,\n{second}\n'
    ((_, rows),) = read(text, tmp_path)
    assert [row.line for row in rows] == [2, 6]


REFUSALS = {
    "an empty file": ("", "1: the file is empty"),
    "a missing column": (
        "subject,timepoint,date,lesion,role,organ,nodal\n",
        "1: state: the column is missing",
    ),
    "a misspelt column": (
        HEADER.replace("state", "sate"),
        "1: state: the column is missing, there is 'sate'?",
    ),
    "a column twice": (HEADER + ",state", "1: state: the column is there twice"),
    "an unknown state": (
        ROW.replace("measured", "mesured"),
        "2: state: mesured: is not known, did you mean 'measured'?",
    ),
    "an unknown role": (ROW.replace("target", "Target!"), "2: role: Target!: is not known"),
    "no role": (ROW.replace("target", ""), "2: role: : is empty, expected one of: target"),
    "a wrong nodal flag": (ROW.replace("no,", "false,", 1), "2: nodal: false: is not known"),
    "a decimal comma": (
        ROW.replace("12.50", '"12,5"'),
        "2: diameter_mm: 12,5: is not a number, expected a decimal point: 12.5",
    ),
    "a negative diameter": (ROW.replace("12.50", "-3"), "2: diameter_mm: -3: is negative"),
    "an exponent": (ROW.replace("12.50", "1e2"), "2: diameter_mm: 1e2: is not a number"),
    "an absurd diameter": (ROW.replace("12.50", "400.1"), "2: diameter_mm: 400.1: is too long"),
    "nothing measured": (ROW.replace("12.50", ""), "2: diameter_mm: : is empty, but the state is measured"),
    "zero measured": (ROW.replace("12.50", "0.0"), "2: diameter_mm: 0.0: is not a length"),
    "absent with a size": (
        ROW.replace("measured", "absent"),
        "2: diameter_mm: 12.50: a lesion that is absent",
    ),
    "another date form": (
        ROW.replace("2026-03-31", "31.03.2026"),
        "2: date: 31.03.2026: is not a date, expected ISO",
    ),
    "a week date": (ROW.replace("2026-03-31", "2026-W14"), "2: date: 2026-W14: is not a date"),
    "a day that does not exist": (
        ROW.replace("2026-03-31", "2026-02-30"),
        "2: date: 2026-02-30: is not a date",
    ),
    "no subject": (ROW.replace("S1", " "), "2: subject: : is empty"),
    "no time point": (ROW.replace("BL", ""), "2: timepoint: : is empty"),
    "no lesion": (ROW.replace("T1", ""), "2: lesion: : is empty"),
    "no organ": (ROW.replace("liver", ""), "2: organ: : is empty"),
    "a lesion on a visit row": ("S1,W8,2026-03-31,T1,visit,,,done,", "2: lesion: T1: must be empty"),
    "a lesion's state on a visit row": (
        "S1,W8,2026-03-31,,visit,,,absent,",
        "2: state: absent: is not known",
    ),
    "a short row": ("S1,BL,2026-03-31", "2: the row has 3 cells, expected 9"),
    "a decimal comma that tears the row": (
        ROW.replace("12.50", "12,5"),
        "2: diameter_mm: 12,5: is not a number, expected a decimal point: 12.5",
    ),
    "a row too long": (f"{ROW},x", "2: the row has 10 cells, expected 9"),
    "digits of another script": (ROW.replace("12.50", "\uff11\uff12"), "2: diameter_mm: \uff11\uff12: is not a number"),
    "no number at all": (ROW.replace("12.50", "NaN"), "2: diameter_mm: NaN: is not a number"),
    "a number without end": (ROW.replace("12.50", "1" * 500), f"2: diameter_mm: {'1' * 60}...: is not a number"),
    "a year that cannot be": (ROW.replace("2026", "2926"), "2: date: 2926-03-31: is not a date"),
    "a date with a time": (ROW.replace("-31,", "-31T10:00,"), "2: date: 2026-03-31T10:00: is not a date"),
    "a NUL character": (ROW.replace("liver", "li\0ver"), "2: the line holds a NUL character"),
    "a cell without end": (ROW.replace("liver", "x" * 200_000), "2: this row is not CSV: field larger than"),
    "an open quote": (ROW.replace("liver", '"liver'), "2: this row is not CSV"),
}


@pytest.mark.parametrize("what", REFUSALS)
def test_bad_input_is_refused_by_line_column_and_value(what: str, tmp_path: Path) -> None:
    text, message = REFUSALS[what]
    if what not in ("an empty file", "a missing column", "a misspelt column", "a column twice"):
        text = f"{HEADER}\n{text}\n"
    assert refusal(text, tmp_path).startswith(message)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("treated", "laser"),
        ("treated_date", "soon"),
        ("slice_thickness_mm", "thin"),
        ("image_quality", "good"),
        ("non_target_coverage", "some"),
        ("new_lesion_coverage", "all"),
    ],
)
def test_words_of_optional_columns_are_checked(column: str, value: str, tmp_path: Path) -> None:
    assert refusal(f"{HEADER},{column}\n{ROW},{value}\n", tmp_path).startswith(f"2: {column}: {value}: ")


def test_a_target_with_a_normal_node_needs_its_diameter(tmp_path: Path) -> None:
    row = ROW.replace("liver,no,measured,12.50", "node,yes,node-normal,")
    assert "the state is node-normal" in refusal(f"{HEADER}\n{row}\n", tmp_path)
    assert read(f"{HEADER}\n{row.replace('target', 'non-target')}\n", tmp_path)


def test_files_that_are_not_utf8_or_not_there_are_refused(tmp_path: Path) -> None:
    assert "not UTF-8" in refusal(f"{HEADER}\n{ROW}".encode().replace(b"liver", b"\xfcber"), tmp_path)
    assert "not UTF-8" in refusal(b"\xff\xfe" + HEADER.encode("utf-16-le"), tmp_path)
    late = f"{HEADER}\n" + f"{ROW}\n" * 400
    assert refusal(late.encode() + b"\xfc\n", tmp_path).startswith("402: the file is not UTF-8")
    with pytest.raises(Refused, match="cannot be read"), findings_of(tmp_path / "none.csv", print):
        pass


rows_of_reads = st.lists(
    st.tuples(st.sampled_from(["S1", "S2", "S10"]), st.sampled_from(["R1", "R2"]), st.integers(1, 99)),
    max_size=12,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(wanted=rows_of_reads, random=st.randoms(use_true_random=False))
def test_reads_come_in_natural_order_whatever_the_order_of_rows(
    wanted: list[tuple[str, str, int]], random: object, tmp_path: Path
) -> None:
    lines = [f"{subject},{reader},{ROW[3:].replace('12.50', str(mm))}" for subject, reader, mm in wanted]
    header = HEADER.replace("subject", "subject,reader")
    random.shuffle(lines)  # type: ignore[attr-defined]
    found = read("\n".join((header, *lines, "")), tmp_path)
    keys = [(int(key.subject[1:]), key.reader) for key, _ in found]
    assert keys == sorted(set(keys))
    flat = [(key.subject, key.reader, int(row.diameter_mm or 0)) for key, rows in found for row in rows]
    assert sorted(flat) == sorted(wanted)
    for _, rows in found:
        assert [row.line for row in rows] == sorted(row.line for row in rows)


def test_subjects_give_dates_and_an_empty_cell_the_default(tmp_path: Path) -> None:
    path = tmp_path / "S.csv"
    notes: list[str] = []
    path.write_text("subject,resection_date,subsequent_therapy_date,arm\nS1,2026-05-01,,A\nS2,,2026-06-01,B\n", "utf-8")
    assert subject_facts(path, notes.append) == {
        "S1": SubjectFacts(resection_date=date(2026, 5, 1)),
        "S2": SubjectFacts(subsequent_therapy_date=date(2026, 6, 1)),
    }
    assert len(notes) == 1
    for text, message in (
        ("subject\nS1\nS1\n", "3: subject: S1: is there twice"),
        ("subject,resection_date\nS1,1.5.2026\n", "2: resection_date: 1.5.2026: is not a date"),
        ("subject,resection_date\n,2026-05-01\n", "2: subject: : is empty"),
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(Refused, match=message.replace(".", r"\.")):
            subject_facts(path, notes.append)


def test_the_columns_are_those_of_the_specification() -> None:
    text = shared("spec", "formats.md").read_text("utf-8")
    for name in ("responses", "best", "ablation", "adjudication"):
        stated = text.split(f"## {name}.csv")[1].split("`")[1]
        if name == "ablation":
            stated = text.split("## ablation.csv")[1].split("`")[1]
        assert ",".join(columns_of(name).columns) == stated, name
    table = text.split("## findings.csv")[1].split("`state` and the engine")[0]
    named = [
        word for line in table.splitlines() if line.startswith("| `") for word in line.split("|")[1].split("`")[1::2]
    ]
    right = text.split("written by export, to the right | no | `")[1].split("`")[0].split(",")
    assert set(columns_of("findings").columns) == set(named)
    assert list(columns_of("findings").right) == right
    assert ",".join(columns_of("subjects").columns) in text
    assert ",".join(columns_of("issues").columns) in text


def test_an_organ_outside_the_vocabulary_is_taken_as_written_with_one_note(tmp_path: Path) -> None:
    notes: list[str] = []
    row = ROW.replace("liver", "liver bed")
    text = f"{HEADER}\n{row}\n{row.replace('BL', 'W8')}\n"
    ((_, rows),) = read(text, tmp_path, notes)
    assert [row.organ for row in rows] == ["liver bed", "liver bed"]
    assert notes == [f"{tmp_path / 'F.csv'}:2: organ: liver bed: is not in the vocabulary, taken as written"]
