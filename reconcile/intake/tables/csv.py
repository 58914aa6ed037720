"""CSV tables of a known heading: by polars where regular, else row by row with notes."""

import csv
import io
from collections.abc import Sequence
from functools import partial
from os import SEEK_END
from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note, remarks
from reconcile.intake.limits import check_stretches
from reconcile.intake.memory import concat_and_release
from reconcile.intake.source import Source
from reconcile.intake.tables.cell_types import misplaced_rows
from reconcile.intake.text.decode import head_text, read_text, with_line_feeds
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

SEPARATORS = (",", "\t", ";")
# Most lines of one record with an open quote, and most broken rows that are skipped.
_MAX_RECORD_LINES = 5_000
_MAX_BROKEN_ROWS = 200
# A size that stays in a core's cache, which halves the cost of searching a file.
_NEAR_BYTES = 2**18
_HEADING_BYTES = 2**20
# A cell with nothing but a message's number.
_NUMBER = lazy_pattern(rb"""(?<![^,;\t"])[0-9]{12,20}(?![^,;\t"\r\n])""")
_SHOWN_BEFORE = 100


def csv_heading(source: Source, file: Path) -> tuple[tuple[str, ...], str]:
    """The first row's cells and the separator; ((), ',') without one. Never raises."""
    line = head_text(source, file).lstrip("\ufeff").split("\n", 1)[0].rstrip("\r")
    best: tuple[tuple[str, ...], str] = ((), ",")
    for separator in SEPARATORS:
        try:
            cells = next(csv.reader([line], delimiter=separator), [])
        except csv.Error:
            continue
        if len(cells) > len(best[0]):
            best = (tuple(c.strip() for c in cells), separator)
    return best


def known_columns(found: Sequence[str], headings: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The longest expected heading whose columns are all found, in any order; () = none.

    Whoever prepares a file for a court moves its columns and adds others: a number, a note.
    """
    if len({*found}) < len(found):
        return ()
    return max((tuple(h) for h in headings if {*h} <= {*found}), key=len, default=())


def require_heading(source: Source, file: Path, *headings: Sequence[str]) -> None:
    """Raises UnreadableSource with the found heading, unless it holds one of the expected."""
    found = csv_heading(source, file)[0]
    if not known_columns(found, headings):
        raise UnreadableSource(
            source.path,
            f"{file}: heading {','.join(found)[:120]!r}; expected {' or '.join(','.join(h) for h in headings)}",
        )


CUT_SHORT = "no line end after the last row: the file may be cut"


def read_csv(
    source: Source, file: Path, never_empty: Sequence[str], least: int | None = None
) -> tuple[pl.DataFrame, list[Note]]:
    """All rows as text under the file's heading, with `line` (from 1), and notes on skipped rows.

    An empty cell is ''. A row shorter than the heading counts as whole if it has `least` cells (None = never).
    `never_empty` names columns that no sound row leaves empty. Rows that do, and rows of another width, become
    ROW_SKIPPED notes; surplus empty cells do not count. Raises UnreadableSource where no row can be read or too many
    are broken.
    """
    heading, separator = csv_heading(source, file)
    name = source.relative(file)
    check_stretches(source.path, file, source.limits, (b"\n", separator.encode()), "a cell")
    cut = [*cut_short(file, name), *row_in_heading(file, separator, name)]
    table = _read_regular(file, separator, heading, never_empty)
    if table is not None and (least or not short_rows(table, file, separator)):
        return table.with_row_index("line", offset=1), [*cut, *rows_inside(file, table, separator, name)]
    widths = range(least or len(heading), len(heading) + 1)
    rows, notes, _ = _read_row_by_row(source, file, heading, separator, never_empty, widths)
    return rows, [*cut, *notes, *rows_inside(file, rows.drop("line"), separator, name)]


def uneven_csv(source: Source, file: Path) -> tuple[pl.DataFrame, list[Note]]:
    """All rows of a UTF-8 CSV file that polars refuses, as text with null for empty cells.

    A row with more cells than the heading becomes a ROW_SKIPPED note, unless these cells are empty. Raises as
    `read_csv`, and UnicodeDecodeError for another encoding.
    """
    with file.open(encoding="utf-8-sig") as stream:
        heading = tuple(next(csv.reader(stream), []))
    rows, notes, short = _read_row_by_row(source, file, heading, ",", (), range(1, len(heading) + 1))
    notes += remarks(NoteCode.ODD_VALUE, file.name, "rows of fewer cells than the heading", short)
    table = rows.drop("line")
    return table.with_columns(pl.when(pl.all() != "").then(pl.all())), [
        *notes,
        *rows_inside(file, table, ",", file.name),
    ]


def cut_short(file: Path, name: str) -> list[Note]:
    """A note where no line end follows the last row, which every exporter writes."""
    with file.open("rb") as handle:
        end = handle.seek(0, io.SEEK_END)
        handle.seek(max(0, end - 2))
        last = handle.read()
    # In UTF-16, the second byte of a line end is zero.
    return [] if last.rstrip(b"\x00")[-1:] in (b"\n", b"\r", b"") else remarks(NoteCode.ODD_VALUE, name, CUT_SHORT)


def row_in_heading(file: Path, separator: str, name: str, above: int = 0) -> list[Note]:
    """A note where the heading, below `above` lines, holds cells of a row.

    A carriage return inside means that its line feed is lost and the first row follows the heading. A message number
    is no column name, either.
    """
    with file.open("rb") as handle:
        line = b""
        for _ in range(above + 1):
            line = handle.readline(_HEADING_BYTES)
    row = line.rstrip(b"\r\n").partition(b"\r")[2]
    if not line.endswith(b"\n") or separator.encode() not in row:
        numbered = _NUMBER.search(line)
        if numbered is None:
            return []
        row = line[max(0, numbered.start() - _SHOWN_BEFORE) :]
    return [Note(NoteCode.ROW_SKIPPED, f"{name}#heading", row[:400].decode("utf-8", "replace")[:200])]


def rows_inside(file: Path, table: pl.DataFrame, separator: str, name: str) -> list[Note]:
    """Notes on cells that contain whole rows: a quote that lost its end swallows the following rows."""
    notes: list[Note] = []
    least = table.width - 1
    if least < 2 or not table.height or not _has_quotes(file):
        return notes
    # Comparing lengths costs a tenth of searching for a character. A cell that swallowed a row is at least as long as
    # the shortest cells of all columns together.
    sizes = table.select(pl.all().str.len_bytes())
    bound = max(least, sum(size or 0 for size in sizes.min().row(0)))
    for column, size in zip(table.iter_columns(), sizes.max().row(0), strict=True):
        if (size or 0) <= bound:
            continue
        cells = column.filter(column.str.len_bytes() > bound)
        cells = cells.filter(cells.str.contains("\n", literal=True))
        long = cells.filter(cells.str.count_matches(separator, literal=True) >= least)
        for cell in long.to_list():
            rows = sum(line.count(separator) >= least for line in cell.split("\n"))
            notes += [Note(NoteCode.ODD_VALUE, f"{name}#{column.name}", cell[:200], rows)] if rows else []
    return notes


def is_unquoted(file: Path, table: pl.DataFrame, heading: bytes) -> bool:
    """Whether a CSV file quotes nothing: its bytes are all cells, separators and line ends.

    Args:
        file: the file.
        table: what was read of it, as text, with a separator of one byte; no line left out.
        heading: its first line, with what ends it.

    False where that cannot be told, as where rows may have fewer cells than the heading or lines end in more than a line feed: then what is
    missing might make up for quotes.
    """
    last = table.to_series(table.width - 1)
    if not table.height or last.null_count() or heading.endswith(b"\r\n") or "\n" in last[-1]:
        return False
    cells: int = sum(table.select(pl.all().str.len_bytes().sum()).row(0))
    with file.open("rb") as stream:
        size = stream.seek(-1, SEEK_END) + 1
        # The last line may lack its line end.
        is_ended = stream.read(1) == b"\n"
    return size == len(heading) + cells + table.height * table.width - (not is_ended)


def _has_quotes(file: Path) -> bool:
    """Whether any byte of the file is a quote."""
    # Only quoted cells contain line ends.
    buffer = bytearray(_NEAR_BYTES)
    with file.open("rb", buffering=0) as stream:
        return any(buffer.find(b'"', 0, read) >= 0 for read in iter(partial(stream.readinto, buffer), 0))


def _read_regular(
    file: Path, separator: str, heading: tuple[str, ...], never_empty: Sequence[str]
) -> pl.DataFrame | None:
    """The table, if polars reads it as it stands; null for any irregularity."""
    try:
        table = pl.read_csv(file, infer_schema=False, glob=False, empty_string_is_null=False, separator=separator)
    except (pl.exceptions.PolarsError, OSError):
        return None
    table = concat_and_release([table])
    table.columns = [c.strip() for c in table.columns]
    regular = tuple(table.columns) == heading and bool(
        (table.select(pl.all_horizontal(pl.col(never_empty) != ""))).to_series().all()
    )
    # For polars, lines that end in a carriage return alone are one line.
    return table if regular and table.height else None


def short_rows(table: pl.DataFrame, file: Path, separator: str, above: int = 1) -> int:
    """How many rows have fewer cells than the heading, the last of `above` lines.

    Polars fills such rows with empty cells. Negative = unknown, because cells of several lines end in a separator.
    """
    last = table.to_series(table.width - 1)
    empty = int((last == "").sum()) + last.null_count()
    if not empty:
        return 0
    return empty - lines_ended_empty(file.read_bytes(), separator, above)


def lines_ended_empty(data: bytes, separator: str, above: int = 1) -> int:
    """How many lines below the first `above` end with an explicit empty cell."""
    body = data.split(b"\n", above)[above:]
    ends = [separator.encode() + quotes + back for quotes in (b"", b'""') for back in (b"", b"\r")]
    return sum(body[0].count(end + b"\n") + body[0].endswith(end) for end in ends) if body else 0


def _read_row_by_row(
    source: Source, file: Path, heading: tuple[str, ...], separator: str, never_empty: Sequence[str], widths: range
) -> tuple[pl.DataFrame, list[Note], int]:
    """The rows with `line`, notes on those left out, and how many have fewer cells than the heading."""
    text, notes = read_text(source, file)
    name = source.relative(file)
    lines = with_line_feeds(text).split("\n")
    places = [heading.index(c) for c in never_empty]
    rows: list[list[str]] = []
    numbers: list[int] = []
    starts: list[int] = []
    longer: list[int] = []
    at, broken, short, blank = 1, 0, 0, 0
    while at < len(lines):
        cells, used = _next_record(lines, at, separator, widths)
        if cells and all(p < len(cells) and cells[p] for p in places):
            short += len(cells) < len(heading)
            if len(cells) > len(heading):
                longer.append(len(rows))
            rows.append(cells[: len(heading)] + [""] * (len(heading) - len(cells)))
            numbers.append(len(rows) + broken)
            starts.append(at)
        elif lines[at].strip("\r ") or used > 1:
            broken += 1
            used = 1
            # A line whose end was lost holds the cells of two rows.
            count = max(1, round((lines[at].count(separator) + 1) / len(heading)))
            notes.append(Note(NoteCode.ROW_SKIPPED, f"{name}#line {at + 1}", lines[at].rstrip("\r")[:200], count))
            if broken > _MAX_BROKEN_ROWS:
                raise UnreadableSource(
                    source.path, f"{file}: more than {_MAX_BROKEN_ROWS} broken rows; ask for the export again"
                )
        else:
            blank += at + 1 < len(lines)
        at += used
    # An empty cell beyond the heading is no sign of an editor where the others stand in columns not their own.
    for row in reversed(misplaced_rows(rows, longer)):
        notes.append(
            Note(NoteCode.ROW_SKIPPED, f"{name}#line {starts[row] + 1}", lines[starts[row]].rstrip("\r")[:200])
        )
        del rows[row], numbers[row]
        longer.remove(row)
    notes += remarks(NoteCode.ODD_VALUE, name, "empty cells beyond the last heading", len(longer))
    notes += remarks(NoteCode.ODD_VALUE, name, "empty lines", blank)
    if not rows and broken:
        raise UnreadableSource(source.path, f"{file}: no row has the {len(heading)} cells of its heading")
    if not notes and rows and '"' in text:
        notes.append(Note(NoteCode.ODD_VALUE, name, "irregular quotes", said=True))
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(heading)
    frame = pl.DataFrame({h: pl.Series(list(c), dtype=pl.String) for h, c in zip(heading, columns, strict=True)})
    return frame.with_columns(pl.Series("line", numbers, dtype=pl.UInt32)), notes, short


def _next_record(lines: list[str], at: int, separator: str, widths: range) -> tuple[list[str], int]:
    """Cells of the record at this line, and how many lines it takes; no cells if odd."""
    quotes = 0
    for used in range(1, min(_MAX_RECORD_LINES, len(lines) - at) + 1):
        quotes += lines[at + used - 1].count('"')
        if quotes % 2 == 0:
            record = "\n".join(lines[at : at + used]).removesuffix("\r")
            return _cells_of_record(record, separator, widths), used
    return [], 2


def _cells_of_record(record: str, separator: str, widths: range) -> list[str]:
    """Cells of one record, with empty ones beyond the heading; none where it is broken or too wide."""
    try:
        found = list(csv.reader(io.StringIO(record, newline=""), delimiter=separator))
    except csv.Error:
        return []
    if len(found) != 1:
        return []
    # Some editors end every row with separators.
    width = len(found[0]) if any(found[0][widths.stop - 1 :]) else min(len(found[0]), widths.stop - 1)
    return found[0] if width in widths else []
