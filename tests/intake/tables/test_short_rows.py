"""A row that leaves out a cell has its times in the columns of times."""

from pathlib import Path

import polars as pl

from reconcile import read
from reconcile.intake.tables.short_rows import with_cells_in_place

WHOLE = [
    "甲,text,早,2024/06/15,08:00",
    "乙,text,你好,2024/06/15,08:02",
    "甲,text,吃了吗,2024/06/15,08:05",
    "乙,image,[图片],2024/06/15,08:07",
    "甲,text,好的,2024/06/15,09:15",
    "乙,text,再见,2024/06/15,09:17",
]


def chat(tmp_path: Path, row: str) -> pl.DataFrame:
    (tmp_path / "a.csv").write_text("\n".join(["sender,type,content,date,timestamp", *WHOLE, row]) + "\n", "utf-8")
    return read(tmp_path / "a.csv").messages


def test_a_row_without_a_sender_has_its_own_time_and_no_sender(tmp_path: Path) -> None:
    rows = chat(tmp_path, "電話,15:32,2024/06/15,09:25")
    assert rows["sender"].to_list() == ["甲", "乙", "甲", "乙", "甲", "乙", None]
    assert rows["text"][-1] == "15:32"
    assert rows["sent_at"].dt.strftime("%H:%M").to_list()[-2:] == ["01:17", "01:25"]


def test_a_row_without_words_keeps_its_sender_and_kind(tmp_path: Path) -> None:
    last = chat(tmp_path, "乙,image,2024/06/15,09:25").row(-1, named=True)
    assert (last["sender"], str(last["kind"]), last["text"] or "") == ("乙", "image", "")


def test_rows_whose_last_cells_have_no_shape_of_a_time_stay_as_they_are() -> None:
    table = pl.DataFrame({"row": [1, 2, 3], "a": ["x", "y", "z"], "b": ["1", "2", "3"], "c": ["4", "5", None]})
    assert with_cells_in_place(table, "row").equals(table)


def test_a_row_whose_time_alone_is_missing_stays_as_it_is() -> None:
    rows = [line.split(",") for line in [*WHOLE, "甲,text,走了,2024/06/15,"]]
    table = pl.DataFrame([[c or None for c in r] for r in rows], schema=dict.fromkeys("abcde", pl.String), orient="row")
    assert with_cells_in_place(table, "row").equals(table)
