"""What a spreadsheet or a tool writes where a fact is missing is no fact."""

import polars as pl
import pytest

from reconcile.intake.messages.spreadsheet_cells import without_spreadsheet_values


@pytest.mark.parametrize("cell", ["FALSE", "TRUE", "False", "#NAME?", "#N/A", "0", "1.5E+10", "None"])
def test_a_spreadsheets_value_is_no_file_name_and_no_digest(cell: str) -> None:
    rows = pl.DataFrame({"file_name": [cell, "合同.pdf"], "media_hash": [cell, "d4"], "text": [cell, "好"]})
    assert without_spreadsheet_values(rows).rows() == [(None, None, cell), ("合同.pdf", "d4", "好")]


@pytest.mark.parametrize("name", ["FALSE.pdf", "0.jpg", "2024", "NAME"])
def test_a_name_that_holds_such_a_value_stays(name: str) -> None:
    rows = pl.DataFrame({"file_name": [name]})
    assert without_spreadsheet_values(rows).equals(rows)
