"""Texts that a program wrote as formulas keep their words."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import polars as pl
import pytest
import xlsxwriter

from reconcile.case import read
from reconcile.errors import LimitExceeded
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import table_heads
from reconcile.intake.tables.workbook import read_sheets

ROWS = [["time", "words"], ["2026-03-01", "=68000+4500 is what we agreed"], ["2026-03-02", "=好的 & <ok>"], ["2026-03-03", "plain"]]  # fmt: skip


def by_openpyxl(file: Path) -> None:
    book = openpyxl.Workbook()
    for row in ROWS:
        book.worksheets[0].append(row)
    book.save(file)


def by_xlsxwriter(file: Path) -> None:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for number, row in enumerate(ROWS):
            sheet.write_row(number, 0, row)


@pytest.mark.parametrize("write", [by_openpyxl, by_xlsxwriter])
def test_a_cell_that_begins_like_a_formula_keeps_its_words(write: Callable[[Path], None], tmp_path: Path) -> None:
    write(tmp_path / "a.xlsx")
    source = Source(tmp_path / "a.xlsx")
    assert [*read_sheets(source, source.path).values()] == [ROWS]
    assert table_heads(source, source.path)[0].rows[1][1] == ROWS[1][1]


def test_a_formula_that_was_computed_shows_its_value(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        sheet.write_formula(0, 0, "=1+1", None, 2)
        sheet.write_formula(0, 1, '=IF(A1=2,"two","x")', None, "two")
        sheet.write(0, 2, "end")
    source = Source(tmp_path / "a.xlsx")
    assert [*read_sheets(source, source.path).values()] == [[["2", "two", "end"]]]


LONG = "长" * 30_000
HEAD = ["时间", "发送人", "内容"]


def shared(file: Path) -> None:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate([HEAD, *([f"2024-03-01 09:00:{n % 60:02d}", "甲乙"[n % 2], LONG] for n in range(900))]):
            sheet.write_row(n, 0, row)


def merged(file: Path) -> None:
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        for n, row in enumerate([HEAD, *([f"2024-03-01 09:00:{n % 60:02d}", "甲乙"[n % 2]] for n in range(2_500))]):
            sheet.write_row(n, 0, row)
        sheet.merge_range(1, 2, 2_500, 2, LONG)


def spanning(file: Path) -> None:
    rows = (f"<tr><td>2024-03-01 09:00:{n % 60:02d}<td>{'甲乙'[n % 2]}" for n in range(2_500))
    first = f"<tr><td>2024-03-01 09:00:00<td>乙<td rowspan=2500>{LONG}"
    file.write_text(f"<html><table><tr><th>时间<th>发送人<th>内容{first}{''.join(rows)}</table>", "utf-8")


def repeated(file: Path) -> None:
    pl.DataFrame({"sent_at": ["2024-03-01 09:00"] * 900, "sender": "甲", "text": LONG}).write_parquet(file)


@pytest.mark.parametrize(
    ("write", "name"),
    [(shared, "a.xlsx"), (merged, "a.xlsx"), (spanning, "a.xls"), (spanning, "a.html"), (repeated, "a.parquet")],
)
def test_a_long_text_that_a_small_file_shows_in_every_row_is_refused(
    write: Callable[[Path], None], name: str, tmp_path: Path
) -> None:
    write(tmp_path / name)
    with pytest.raises(LimitExceeded, match="max_unpack_ratio"):
        read(tmp_path / name)


def test_a_text_that_many_cells_share_is_read_where_it_is_short(tmp_path: Path) -> None:
    said = [f"第{n}句话" for n in range(40)]
    rows = [[f"2024-03-01 09:{n // 60:02d}:{n % 60:02d}", "甲乙"[n % 2], said[n % 40]] for n in range(900)]
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for n, row in enumerate([HEAD, *rows, ["2024-03-01 10:00:00", "甲", LONG]]):
            sheet.write_row(n, 0, row)
    assert read(tmp_path / "a.xlsx").messages.height == 901
