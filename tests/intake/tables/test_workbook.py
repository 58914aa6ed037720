"""Texts that a program wrote as formulas keep their words."""

from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

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
