"""A row of another width costs that row at most; empty last columns cost nothing."""

from pathlib import Path

import pytest

from reconcile import read
from reconcile.intake.contract import Reading
from reconcile.vocabulary import NoteCode
from tests.contracts.golden import EXPORTS

TABLE = (
    "sent_at,text,sender,amount\n2024-03-01 09:00:05,早,甲,\n2024-03-01 09:00:12,好,乙,\n2024-03-01 09:00:19,走,甲,\n"
)


def codes(reading: Reading) -> list[NoteCode]:
    return [n.code for n in reading.notes if n.code in (NoteCode.ROW_SKIPPED, NoteCode.PART_UNREADABLE)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_one_long_row_of_a_message_table_is_a_note(tmp_path: Path, end: str) -> None:
    (tmp_path / "a.csv").write_text(TABLE.replace("好,乙,", "好,乙,,又,一"), "utf-8", newline=end)
    reading = read(tmp_path / "a.csv")
    assert reading.messages["text"].to_list() == ["早", "走"]
    assert codes(reading) == [NoteCode.ROW_SKIPPED]
    assert [n.excerpt[-5:] for n in reading.notes if n.code is NoteCode.ROW_SKIPPED] == [",,又,一"]


@pytest.mark.parametrize("rows", [slice(1, 2), slice(1, None)], ids=["one row", "every row"])
def test_empty_cells_too_many_cost_no_row(tmp_path: Path, rows: slice) -> None:
    lines = TABLE.splitlines()
    lines[rows] = [line + ",," for line in lines[rows]]
    (tmp_path / "a.csv").write_text("\n".join(lines) + "\n", "utf-8")
    reading = read(tmp_path / "a.csv")
    assert reading.messages["text"].to_list() == ["早", "好", "走"]
    assert codes(reading) == []


def test_message_table_of_another_encoding_is_refused_as_before(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(TABLE.replace("好,乙,", "好,乙,,又").encode("gb18030"))
    with pytest.raises(Exception, match="UTF-8"):
        read(tmp_path / "a.csv")


def test_memotrace_table_with_an_empty_last_column_is_read_whole(tmp_path: Path) -> None:
    file = next((EXPORTS / "memotrace_csv").rglob("*.csv"))
    whole = read(file).messages
    text = file.read_bytes().decode("utf-8-sig").replace(",more\r\n", ",\r\n")
    (tmp_path / file.name).write_text(text, "utf-8-sig", newline="")
    assert read(tmp_path / file.name).messages["text"].to_list() == whole["text"].to_list()


def test_a_row_whose_words_hold_a_separator_is_left_out_and_named_although_its_surplus_is_empty(tmp_path: Path) -> None:
    lines = [f"2024-03-01 09:0{n}:00,words {n},甲,10000{n},,\n" for n in range(7)]
    lines[3] = lines[3].replace("words", "my,words")
    (tmp_path / "a.csv").write_text("sent_at,text,sender,message_id,amount,status\n" + "".join(lines), "utf-8")
    reading = read(tmp_path / "a.csv")
    assert reading.messages["text"].to_list() == [f"words {n}" for n in (0, 1, 2, 4, 5, 6)]
    assert [n.locator for n in reading.notes if n.code is NoteCode.ROW_SKIPPED] == ["a.csv#line 5"]


def test_a_column_without_a_name_is_no_irregular_quote(tmp_path: Path) -> None:
    file = next((EXPORTS / "memotrace_csv").rglob("*.csv"))
    lines = file.read_bytes().decode("utf-8-sig").replace(",more\r\n", ",more,\r\n").split("\r\n")
    (tmp_path / file.name).write_text("\r\n".join([f"{lines[0]},", *lines[1:]]), "utf-8-sig", newline="")
    told = [(n.code, n.excerpt) for n in read(tmp_path / file.name).notes]
    assert (NoteCode.COLUMN_UNKNOWN, f"({lines[0].count(',') + 2})") in told
    assert NoteCode.ODD_VALUE not in [code for code, _ in told]
