"""Any table as text cells: CSV of any separator and encoding, spreadsheets, HTML called .xls."""

import csv
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.column_ops import filled
from reconcile.container_errors import ARCHIVE_ERRORS
from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.archive import check_member
from reconcile.intake.contract import Note, remarks
from reconcile.intake.limits import check_stretches
from reconcile.intake.source import Source
from reconcile.intake.tables.csv import row_in_heading, rows_inside, short_rows
from reconcile.intake.tables.html_tables import html_table_rows, rows_in_comments
from reconcile.intake.tables.loose_csv import (
    in_plain_quotes,
    literal_dialect,
    needs_plain_quotes,
    plain_cell,
    plain_cells,
    quotes_are_words,
    unquoted_rows,
)
from reconcile.intake.tables.parquet import check_texts
from reconcile.intake.tables.separators import likely_separator
from reconcile.intake.tables.short_rows import with_cells_in_place
from reconcile.intake.tables.surplus_cells import joined_surplus, surplus_notes
from reconcile.intake.tables.workbook import ODS, read_sheets, typed_cell_notes
from reconcile.intake.tables.xlsx_heads import HEAD_ROWS, etree, first_sheet_rows, sheet_parts
from reconcile.intake.text.decode import head_text
from reconcile.intake.text.lines import lines_of
from reconcile.settings import Limits
from reconcile.vocabulary import NoteCode

NO_HEADING = -1
# The number of rows listed singly in notes; the rest are counted.
_MOST_LISTED = 50
TEXT_SUFFIXES = (".csv", ".tsv", ".tab")
BOOK_SUFFIXES = (".xlsx", ".xlsm", ".xls", ODS)
ROW = "__row__"
# Least headings that a repeated heading row contains.
_LEAST_HEADINGS = 3

Cells = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TableHead:
    """The beginning of one table: the file, its sheet ('' for text), and the first rows as text.

    `form` is csv, xlsx (streamed), book (read whole by calamine) or html. `separator` is for csv.
    """

    name: str
    sheet: str
    form: str
    rows: tuple[Cells, ...]
    separator: str = ","

    @property
    def label(self) -> str:
        """The table's name in locators, to which the row's number is added: `file#` or `file#sheet!`."""
        return f"{self.name}#{self.sheet}!" if self.sheet else f"{self.name}#"


def table_heads(source: Source, only: Path | None = None) -> tuple[TableHead, ...]:
    """The heads of all tables of the source or of one file: text tables and non-empty sheets.

    Never raises.
    """
    heads: list[TableHead] = []
    for file in source.files if only is None else (only,):
        name, suffix = source.relative(file), file.suffix.lower()
        if suffix in TEXT_SUFFIXES:
            heads.extend(_csv_head(source, file))
        elif suffix in BOOK_SUFFIXES and file.is_file():
            state = file.stat()
            heads.extend(_book_heads(file, name, state.st_size, state.st_mtime_ns, source.limits))
    return tuple(heads)


def load_table(source: Source, head: TableHead, heading_at: int) -> tuple[pl.DataFrame, list[Note]]:
    """The rows below the heading as text columns, with ROW (from 1), and notes.

    With NO_HEADING, all rows under the columns #1, #2, …

    Empty cells are null. Repeated headings get ` (2)`, empty ones `column N`; both are noted. A row with more cells
    than the heading becomes a ROW_SKIPPED note. Numbers of a spreadsheet become digits, from sixteen digits on with
    an exponent because the spreadsheet lost the rest; dates become `YYYY-MM-DD HH:MM:SS`.

    Raises UnreadableSource for a broken file, LimitExceeded for one that unpacks to too much.
    """
    if heading_at == NO_HEADING:
        head = replace(head, rows=(*head.rows, tuple(f"#{i}" for i in range(1, max(map(len, head.rows)) + 1))))
    columns, notes = headings_of(head.rows[heading_at], head.label)
    notes += _rows_above_notes(head, max(heading_at, 0))
    if head.form == "csv":
        table, more = _load_csv(source, head, heading_at, columns)
        table = with_cells_in_place(plain_cells(table, head.separator), ROW)
        table, again = _without_headings(table, head, heading_at)
        inside = rows_inside(_file_of(source, head), table.drop(ROW), head.separator, head.name)
        if heading_at != NO_HEADING:
            inside += row_in_heading(_file_of(source, head), head.separator, head.name, heading_at)
        return table, [*notes, *more, *again, *inside]
    file, is_page = _file_of(source, head), head.form == "html"
    rows = html_table_rows(file.read_bytes(), None) if is_page else _book_rows(source, head)
    check_texts(source, file, sum(len(c) for r in rows for c in r))
    below = [r for i, r in enumerate(rows) if i > heading_at]
    numbers = [i for i, r in enumerate(below, 1) if any(r)]
    kept = [below[i - 1] for i in numbers]
    width = len(columns)
    long = [i for i, r in zip(numbers, kept, strict=True) if any(r[width:])]
    data = {c: [(r[j] or None) if j < len(r) else None for r in kept] for j, c in enumerate(columns)}
    table = pl.DataFrame({ROW: numbers, **data}, schema={ROW: pl.UInt32, **dict.fromkeys(columns, pl.String)})
    table, again = _without_headings(table, head, heading_at)
    notes += again
    if is_page:
        hidden = rows_in_comments(file.read_bytes())
        notes += remarks(NoteCode.ROW_SKIPPED, head.label, "rows inside a comment", hidden)
        few = sum(len(r) < width for r in kept)
        notes += remarks(NoteCode.ODD_VALUE, head.label, "rows of fewer cells than the heading", few)
        notes += _row_in_heading(head, heading_at, [len(r) for r in kept], width)
    notes += _surplus_cell_notes(head, dict(zip(numbers, kept, strict=True)), long, width)
    notes += typed_cell_notes(head.label, numbers, data.values())
    if not kept and (seen := sum(map(any, head.rows[heading_at + 1 :]))):
        notes += remarks(NoteCode.PART_UNREADABLE, head.label, "rows that are seen and cannot be read", seen)
    return table, notes


def _without_headings(table: pl.DataFrame, head: TableHead, heading_at: int) -> tuple[pl.DataFrame, list[Note]]:
    """The rows that do not repeat the heading, and a note on those that do.

    A heading may stand at the top of every printed page.
    """
    cells = head.rows[heading_at]
    if heading_at == NO_HEADING or sum(map(bool, cells)) < _LEAST_HEADINGS:
        return table, []
    names = [c for c in table.columns if c != ROW]
    pairs = [(n, c.strip()) for n, c in zip(names, cells, strict=False) if c.strip()]
    # Few rows, if any, begin like the heading.
    near = filled(table[pairs[0][0]].str.strip_chars() == pairs[0][1], value=False)
    if not near.any():
        return table, []
    same = pl.all_horizontal((pl.col(n).str.strip_chars() == c).fill_null(value=False) for n, c in pairs)
    again = near & table.select(same).to_series()
    return table.filter(~again), remarks(NoteCode.LINE_OUTSIDE, head.label, "the heading once more", int(again.sum()))


def _rows_above_notes(head: TableHead, heading_at: int) -> list[Note]:
    """Rows above the heading that fill more than half of its columns: titles do not, rows of the table do."""
    least = max(3, len(head.rows[heading_at]) // 2 + 1)
    full = [(i, r) for i, r in enumerate(head.rows[:heading_at], 1) if sum(map(bool, r)) >= least]
    return [Note(NoteCode.ROW_SKIPPED, f"{head.label}above heading {i}", head.separator.join(r)[:200]) for i, r in full]


def _surplus_cell_notes(head: TableHead, rows: dict[int, list[str]], long: list[int], width: int) -> list[Note]:
    """Notes on rows with cells beyond the heading: a few cells are an unknown column, many a second row."""
    joined = [i for i in long if sum(map(bool, rows[i][width:])) > width // 2]
    few = sorted(set(long) - set(joined))
    notes = [
        Note(
            NoteCode.ROW_SKIPPED,
            f"{head.label}{i}",
            head.separator.join(rows[i][width:])[:200],
            max(1, len(rows[i]) // width - 1),
        )
        for i in joined[:_MOST_LISTED]
    ]
    notes += [
        Note(NoteCode.COLUMN_UNKNOWN, f"{head.label}{i}", " ".join(filter(None, rows[i][width:]))[:200])
        for i in few[:_MOST_LISTED]
    ]
    if (more := len(joined) - _MOST_LISTED) > 0:
        notes.append(Note(NoteCode.ROW_SKIPPED, head.label, "cells beyond the last heading", more, said=True))
    if (more := len(few) - _MOST_LISTED) > 0:
        notes.append(Note(NoteCode.COLUMN_UNKNOWN, head.label, "cells beyond the last heading", more, said=True))
    return notes


def headings_of(row: Cells, label: str) -> tuple[list[str], list[Note]]:
    """Distinct names for the cells of a heading row, and a note for each that had to be changed."""
    names: list[str] = []
    notes: list[Note] = []
    used: Counter[str] = Counter()
    for place, cell in enumerate(row, 1):
        name = " ".join(cell.split()) or f"column {place}"
        used[name] += 1
        if used[name] > 1:
            notes.append(Note(NoteCode.COLUMN_DUPLICATE, label, name))
            name = f"{name} ({used[name]})"
            used[name] += 1
        names.append(name)
    return names, notes


def text_table_head(source: Source, file: Path, separator: str = "") -> tuple[TableHead, ...]:
    """The head of a text file of any name read as a table; () otherwise. Never raises.

    Without a separator of one character, it is the one that parts most cells.
    """
    return tuple(_csv_head(source, file, separator if len(separator) == 1 else ""))


def _csv_head(source: Source, file: Path, separator: str = "") -> Iterator[TableHead]:
    """The first rows of a CSV; nothing where it is empty or cannot be parsed."""
    text = head_text(source, file)
    if not text.strip():
        return
    separator = separator or likely_separator(text, HEAD_ROWS)
    try:
        rows = _rows_of(text, separator, HEAD_ROWS)
    except csv.Error:
        return
    yield TableHead(source.relative(file), "", "csv", tuple(rows), separator)


def _rows_of(text: str, separator: str, most: int) -> list[Cells]:
    rows: list[Cells] = []
    lines = in_plain_quotes(pl.Series([text]).str.replace_all(r"\r\n?", "\n").str.split("\n")[0], separator)
    for row in csv.reader((line + "\n" for line in lines), delimiter=separator):
        rows.append(tuple(plain_cell(c, separator) for c in row))
        if len(rows) >= most:
            break
    return rows


def _load_csv(source: Source, head: TableHead, heading_at: int, columns: list[str]) -> tuple[pl.DataFrame, list[Note]]:
    """Rows below the heading as text, and notes on rows of uneven length."""
    options: dict[str, Any] = {
        "has_header": False, "schema": dict.fromkeys(columns, pl.String), "separator": head.separator,
        "skip_rows": heading_at + 1, "raise_if_empty": False, "glob": False,
    }  # fmt: skip
    check_stretches(source.path, _file_of(source, head), source.limits, (b"\n", head.separator.encode()), "a cell")
    if needs_plain_quotes(_file_of(source, head)):
        lines, notes = lines_of(source, _file_of(source, head))
        if not (plain := in_plain_quotes(lines, head.separator)).equals(lines):
            rows, more = _rows_one_by_one(source, head, heading_at, columns, plain)
            return rows, [*notes, *more]
    is_literal = quotes_are_words(source, _file_of(source, head), head.separator, heading_at + 1)
    if is_literal:
        options["quote_char"] = None
    whole, width = None, None if heading_at == NO_HEADING else len(columns)
    table: pl.DataFrame | None = None
    with suppress(pl.exceptions.PolarsError, OSError):
        table = pl.read_csv(_file_of(source, head), **options)
    # For polars, lines that end in a carriage return alone are one line.
    is_read = table is not None and bool(table.height or len(head.rows) <= heading_at + 1)
    short = short_rows(table, _file_of(source, head), head.separator, heading_at + 1) if table is not None else 0
    if not is_read or short > 0:
        whole = unquoted_rows(source, _file_of(source, head), head.separator, heading_at + 1, width, is_literal)
    if whole is not None:
        numbers, kept, notes = whole
        return _table_of_cells(numbers, kept, columns[: len(kept[0])]), notes
    if table is not None and is_read:
        odd = Note(NoteCode.ODD_VALUE, head.name, "rows of fewer cells than the heading", short, said=True)
        filled = max((i for i, c in enumerate(table.iter_columns(), 1) if c.null_count() < table.height), default=0)
        joined = _row_in_heading(head, heading_at, [filled], len(columns))
        return table.with_row_index(ROW, offset=1), [odd, *joined] if short > 0 else joined
    dialect = literal_dialect(head.separator) if is_literal else csv.excel
    # For other encodings and uneven rows, Python's reader goes row by row and says which row is wrong.
    lines, notes = lines_of(source, _file_of(source, head))
    rows, more = _rows_one_by_one(source, head, heading_at, columns, lines, dialect)
    return rows, [*notes, *more]


def _table_of_cells(numbers: list[int], kept: list[list[str]], columns: list[str]) -> pl.DataFrame:
    """Rows of cells as a table with row numbers; empty cells are null."""
    table = pl.DataFrame(kept, schema=dict.fromkeys(columns, pl.String), orient="row")
    table = table.with_columns(pl.when(pl.all() != "").then(pl.all()))
    return table.insert_column(0, pl.Series(ROW, numbers, dtype=pl.UInt32))


def _rows_one_by_one(
    source: Source,
    head: TableHead,
    heading_at: int,
    columns: list[str],
    lines: pl.Series,
    dialect: type[csv.Dialect] = csv.excel,
) -> tuple[pl.DataFrame, list[Note]]:
    """The rows of these lines and notes on odd ones; raises UnreadableSource."""
    csv.field_size_limit(source.limits.max_text_characters)
    reader = csv.reader((line + "\n" for line in lines), dialect, delimiter=head.separator)
    kept: list[list[str]] = []
    try:
        kept += [row for number, row in enumerate(reader) if number > heading_at and row]
    except csv.Error as error:
        raise UnreadableSource(
            source.path,
            f"{source.path}: {head.name} cannot be read as a table after row {len(kept)} ({error})",
        ) from None
    width, numbers, notes = len(columns), range(1, len(kept) + 1), list[Note]()
    widths = [len(row) for row in kept]
    if max(widths, default=0) > width:
        cells = pl.Series(kept, dtype=pl.List(pl.String))
        joined = joined_surplus(cells, head.separator, width, may_be_cut=True)
        if joined is not None:
            notes = surplus_notes(head.name, joined, width)
            kept = [list(row) for row in joined.parts.iter_rows()]
    whole = [n for n, row in zip(numbers, kept, strict=True) if not any(row[width:])]
    for n in sorted({*numbers} - {*whole}):
        text = head.separator.join(kept[n - 1])
        count = sum(part.count(head.separator) > width // 2 for part in text.split("\n"))
        notes.append(Note(NoteCode.ROW_SKIPPED, f"{head.label}{n}", text[:200], max(1, count)))
    notes += _short_row_notes(head, heading_at, [widths[n - 1] for n in whole], width)
    return _table_of_cells(whole, [(kept[n - 1] + [""] * width)[:width] for n in whole], columns), notes


def _short_row_notes(head: TableHead, heading_at: int, widths: list[int], width: int) -> list[Note]:
    """Notes on rows with fewer cells than the heading, and on a heading joined with the next row."""
    short = sum(w < width for w in widths)
    notes = remarks(NoteCode.ODD_VALUE, head.name, "rows of fewer cells than the heading", short)
    return notes + _row_in_heading(head, heading_at, widths, width)


def _row_in_heading(head: TableHead, heading_at: int, widths: list[int], width: int) -> list[Note]:
    """Note a first row that is joined to the heading."""
    widest = max(widths, default=0)
    # The heading's last cell and the row's first were joined.
    if widest > 1 and width >= 2 * widest - 1:
        row = head.separator.join(head.rows[heading_at][widest - 1 :])
        return [Note(NoteCode.ROW_SKIPPED, f"{head.label}heading", row[:200])]
    return []


# Errors of a damaged archive or book; RuntimeError and NotImplementedError mean encryption and unknown methods.
_UNREADABLE = (*ARCHIVE_ERRORS, KeyError, LimitExceeded, UnreadableSource)


@lru_cache(maxsize=64)
def _book_heads(file: Path, name: str, size: int, changed: int, limits: Limits) -> tuple[TableHead, ...]:
    """The first rows of each sheet; size and changed are the cache's key."""
    del size, changed  # they are the cache's key: a file that changed is looked at again
    with file.open("rb") as stream:
        start = stream.read(2**20)
    with suppress(*_UNREADABLE, etree.LxmlError):
        if start[:2] == b"PK" and file.suffix.lower() == ODS:
            return _whole_heads(file, name, limits)
        if start[:2] == b"PK":
            return tuple(_xlsx_heads(file, name, limits)) if file.suffix.lower() in (".xlsx", ".xlsm") else ()
        if b"<" in start[:4096] and b"\x00" not in start[:4096]:
            rows = html_table_rows(start, HEAD_ROWS)
            return (TableHead(name, "", "html", _as_cells(rows)),) if rows else ()
        if start[:4] == b"\xd0\xcf\x11\xe0" and file.stat().st_size <= limits.max_body_bytes:
            return _whole_heads(file, name, limits)
    return ()


def _whole_heads(file: Path, name: str, limits: Limits) -> tuple[TableHead, ...]:
    sheets = read_sheets(Source(file, limits), file, HEAD_ROWS)
    return tuple(TableHead(name, s, "book", _as_cells(rows)) for s, rows in sheets.items() if rows)


def _xlsx_heads(file: Path, name: str, limits: Limits) -> Iterator[TableHead]:
    """The first rows of each sheet, without unpacking the rest."""
    # Only the first rows are unpacked, since recognising a form must not cost as much as reading it.
    with zipfile.ZipFile(file) as archive:
        for info in archive.infolist():
            check_member(file, info, limits)
        for name_of_sheet, member in sheet_parts(archive):
            if rows := first_sheet_rows(archive, member):
                yield TableHead(name, name_of_sheet, "book", _as_cells(rows))


def _file_of(source: Source, head: TableHead) -> Path:
    return source.path if source.is_file else source.root / head.name


def _book_rows(source: Source, head: TableHead) -> list[list[str]]:
    """Rows of the sheet; raises UnreadableSource where the workbook lacks it."""
    sheets = read_sheets(source, _file_of(source, head))
    if head.sheet not in sheets:
        raise UnreadableSource(source.path, f"{source.path}: {head.name} holds no sheet {head.sheet!r}")
    return sheets[head.sheet]


def _as_cells(rows: list[list[str]]) -> tuple[Cells, ...]:
    return tuple(tuple(row) for row in rows)
