"""A CSV file of which every byte is told by its cells holds no quotes, and so no cell of several lines."""

import csv
import io
import tempfile
from pathlib import Path

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from reconcile.intake.tables.csv import is_unquoted

CELLS = st.sampled_from(["好", "a", "a b", 'say "x"', "a,b", "two\nlines", ""])
ROWS = st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=6)


@given(ROWS, st.sampled_from(["\n", "\r\n"]), st.booleans(), st.booleans())
def test_a_file_told_to_be_without_quotes_has_none_and_a_plain_one_is_told(
    rows: list[tuple[str, str]], end: str, is_ended: bool, is_quoted: bool
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL if is_quoted else csv.QUOTE_MINIMAL).writerows(
        [("sender", "text"), *rows]
    )
    data = (out.getvalue() if is_ended else out.getvalue().removesuffix(end)).encode()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "a.csv"
        file.write_bytes(data)
        table = pl.read_csv(file, infer_schema=False)
        told = is_unquoted(file, table, data.split(b"\n", 1)[0] + b"\n")
    assert not (told and b'"' in data)
    whole = all(text for _, text in rows)
    assert told or b'"' in data or not whole or end == "\r\n"


def test_a_quote_that_is_never_closed_does_not_make_up_for_the_line_end_behind_it(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b'sender,text\na,b\nc,"d\n')
    try:
        table = pl.read_csv(file, infer_schema=False)
    except pl.exceptions.PolarsError:
        return
    assert not is_unquoted(file, table, b"sender,text\n")


def test_a_row_that_is_short_does_not_make_up_for_quotes(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_bytes(b'sender,text,kind\na,"x",text\nb\n')
    table = pl.read_csv(file, infer_schema=False)
    assert not is_unquoted(file, table, b"sender,text,kind\n")
