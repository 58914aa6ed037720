"""A table on its side holds messages like any other table."""

from pathlib import Path

import openpyxl

import reconcile

WORDS = [f"第{n}批材料{3 * n + 1}箱今天送到" for n in range(12)]
NAMES = ["豆豆妈", "店长"] * 6
TIMES = [f"2024-03-0{1 + n // 6} {9 + n}:{5 * n:02}:07" for n in range(12)]


def _saved(path: Path, sheets: dict[str, list[list[str]]]) -> Path:
    book = openpyxl.Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.remove(book.worksheets[0])
    book.save(path)
    return path


def test_a_table_with_a_message_in_each_column_is_read(tmp_path: Path) -> None:
    rows = [["时间", *TIMES], ["发言人", *NAMES], ["内容", *WORDS]]
    messages = reconcile.read(_saved(tmp_path / "a.xlsx", {"Sheet": rows})).messages
    assert messages.select("sender", "text").rows() == list(zip(NAMES, WORDS, strict=True))


def test_a_wide_table_whose_first_column_names_nothing_stays_as_it_is(tmp_path: Path) -> None:
    path = _saved(tmp_path / "a.xlsx", {"Sheet": [["发送时间", "发送人", "内容", *"abcdefgh"], *[[t, n, w] for t, n, w in zip(TIMES[:3], NAMES, WORDS, strict=False)]]})  # fmt: skip
    assert reconcile.read(path).messages["text"].to_list() == WORDS[:3]
