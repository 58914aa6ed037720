"""Text tables that set no quotes around separators, or escape quotes with a backslash."""

import csv
import re
from pathlib import Path

import polars as pl

from reconcile.column_ops import filled
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.tables.surplus_cells import TIME, joined_surplus, surplus_notes
from reconcile.intake.text.endings import end_of_words
from reconcile.intake.text.lines import lines_of
from reconcile.vocabulary import NoteCode

# Largest share of rows that lost a separator in a table without a heading, and the least cells that they keep.
_FEW_SHORT, _LEAST_CELLS = 0.05, 3
# What begins a cell of time.
_BEGINS_WITH_A_TIME = rf"^\W{{0,3}}(?:{TIME}|(?:19|20)[0-9]{{6}}|.{{0,20}}[0-9]{{1,2}}:[0-9]{{2}})"
# Least share of whole rows among the lines of a table whose cells hold line ends, and the first columns that may be times.
_MOST_FULL, _MOST_PLACES = 0.5, 40
_LOOKED_AT, _FEW_QUOTED = 2**20, 0.5
# Signs of private use in place of a doubled backslash, and of a separator that belongs to the words.
_TWO, _PARTED = "\ue000", "\ue001"
_PROTECTED = r'(?s)^="(.*)"$'
# A quote behind a backslash within a cell, and a doubled one.
_ESCAPED, _DOUBLED = r"""\\"[^,;\t|]""", r"""[^,;\t|"]""[^"]"""


def quotes_are_words(source: Source, file: Path, separator: str, above: int) -> bool:
    """Whether the quotes around a table's cells belong to the words: few cells have and none needs them.

    Rows begin below the first `above` lines.
    """
    mark, begin = re.escape(separator), rf'(?:^|{re.escape(separator)})"'
    # A cell that holds a separator, a doubled quote or a line end needs its quotes.
    needs = rf'{begin}(?:[^"{mark}]*{mark}|[^"]*""|[^"]*$)'
    with file.open("rb") as stream:
        head = stream.read(_LOOKED_AT)
    if b'"' not in head and b'"' not in file.read_bytes():
        return False
    is_needed = bool(re.search(needs, head.decode("utf-8", "replace"), re.MULTILINE))
    rows = lines_of(source, file)[0].slice(above).str.strip_chars_end("\r")
    quoted = rows.filter(rows.str.contains(begin))
    if is_needed:
        is_odd = bool((quoted.str.count_matches('"') % 2 == 1).any())
        return is_odd and quoted.len() < _FEW_QUOTED * rows.len() and _opens_in_whole_rows(rows, separator)
    if quoted.is_empty() or quoted.str.contains(needs).any():
        return False
    is_open = rf'{begin}[^"]*"[^{mark}]'
    if quoted.str.contains(is_open).any():
        return True
    cells = rows.filter(rows != "").str.split(separator)
    width = int(cells.list.len().min() or 0)  # type: ignore[arg-type]
    return any(_are_quoted_at_will(cells.list.get(i)) for i in range(width))


def _opens_in_whole_rows(rows: pl.Series, separator: str) -> bool:
    """Whether all lines have a time at one place, and a quote before a cell ends amid words or never."""
    cells = rows.filter(rows != "").str.split(separator)
    width = min(_MOST_PLACES, int(cells.list.len().min() or 0))  # type: ignore[arg-type]
    if not any(cells.list.get(i).slice(1).str.contains(_BEGINS_WITH_A_TIME).all() for i in range(width)):
        return False
    try:
        return not [*csv.reader(iter(rows + "\n"), delimiter=separator, strict=True)]
    except csv.Error:
        return True


def _are_quoted_at_will(cells: pl.Series) -> bool:
    """Whether a few cells have quotes and nothing else that the others lack, such as a blank."""
    held = cells.filter(cells.str.strip_chars() != "")
    quoted = held.str.contains('^".*"$')
    if not 0 < int(quoted.sum()) < _FEW_QUOTED * held.len():
        return False
    blank = held.str.contains(r"\s")
    return not (bool(blank.filter(quoted).all()) and not blank.filter(~quoted).any())


def unquoted_rows(
    source: Source, file: Path, separator: str, above: int, width: int | None, quotes_are_words: bool
) -> tuple[list[int], list[list[str]], list[Note]] | None:
    """The rows of a table without quotes whose cells hold separators or ends of lines, from `above` on.

    Numbers (from 1 below the first `above` lines), cells, notes. `width` is the number of columns; None = that of nearly all rows. None for any
    other table: one with quotes, of rows of one length, or whose longer rows are two rows that lost their line end.
    """
    lines, notes = lines_of(source, file)
    lines = lines.slice(above)
    filled = lines.str.strip_chars() != ""
    rows = lines.filter(filled).str.strip_chars_end("\r")
    if rows.is_empty() or (not quotes_are_words and rows.str.contains(f'(?:^|{re.escape(separator)})\\s*"').any()):
        return None
    numbers = filled.arg_true() + 1
    begins = row_begins(rows, separator, width)
    if begins is not None:
        numbers = numbers.filter(begins)
        rows, end = _whole_rows(lines.str.strip_chars_end("\r"), numbers - 1)
        notes = [*notes, *(Note(NoteCode.ROW_SKIPPED, f"{source.relative(file)}#{n}", w[:200]) for n, w in end)]
    cells = rows.str.split(separator)
    counts = cells.list.len().sort()
    # Lines without any cells of a row, such as rules, are those of another form; so are short rows below a heading.
    least = width or int(counts[0] if counts[0] < _LEAST_CELLS else counts[int(_FEW_SHORT * len(counts))])
    short = (cells.list.len() < (least if width is None else 0)).arg_true()
    width = least
    if short.len():
        cells = _with_words_last(cells, width)
    notes = [
        *notes,
        *shorten_notes(
            [Note(NoteCode.ODD_VALUE, f"{source.relative(file)}#{numbers[i]}", rows[i][:200]) for i in short]
        ),
    ]
    joined = joined_surplus(cells, separator, width, may_be_cut=False, is_whole=begins is not None or short.len() > 0)
    if joined is None:
        return None
    notes = [*notes, *surplus_notes(source.relative(file), joined, width)]
    return numbers.to_list(), [list(r) for r in joined.parts.iter_rows()], notes


def _with_words_last(cells: pl.Series, width: int) -> pl.Series:
    """The cells of the rows; in a row that lost separators the last cell stays the last, as the words do."""
    row, count = pl.col("row"), pl.col("row").list.len()
    gap = pl.lit("").repeat_by((width - count.cast(pl.Int64)).clip(0))
    return cells.to_frame("row").select(pl.concat_list(row.list.head(count - 1), gap, row.list.tail(1)))["row"]


def row_begins(lines: pl.Series, separator: str, width: int | None = None) -> pl.Series | None:
    """Which lines begin a row: those with a time at its place; None where all do or no place has one.

    A line of all cells has a time there, and the lines that go on with a row's words have fewer cells and none. A line
    that is a date alone begins no row of this kind.
    """
    cells = lines.str.split(separator)
    usual = int(cells.list.len().mode().max())  # type: ignore[arg-type]
    full = cells.list.len() >= (width or usual)
    if full.all() or not full[0] or int(full.sum()) < _MOST_FULL * lines.len():
        return None
    for place in range(min(_MOST_PLACES, usual)):
        is_time = filled(cells.list.get(place, null_on_oob=True).str.contains(_BEGINS_WITH_A_TIME), value=False)
        # The first line may name the columns.
        if (is_time == full).slice(1).all():
            return None if lines.filter(~full).str.contains(_BEGINS_WITH_A_TIME).any() else full
    return None


def _whole_rows(lines: pl.Series, begins: pl.Series) -> tuple[pl.Series, list[tuple[int, str]]]:
    """The lines from each beginning to the next as one row; number and words of lines that end the table."""
    record = pl.Series([0]).new_from_index(0, lines.len()).scatter(begins, 1).cum_sum()
    frame = pl.DataFrame({"record": record, "line": lines}).filter(pl.col("record") > 0)
    rows = frame.group_by("record", maintain_order=True).agg(pl.col("line").str.join("\n"))["line"]
    rows = rows.str.strip_chars_end()
    last = rows[-1].split("\n")
    kept = end_of_words(rows[-1], rows.len(), frozenset(), 1)
    end = [(int(begins[-1]) + i + 1, line) for i, line in enumerate(last) if i >= kept and line.strip()]
    return rows.scatter(rows.len() - 1, "\n".join(last[:kept])), end


def literal_dialect(separator: str) -> type[csv.Dialect]:
    """How the standard library reads a table whose quotes belong to the words."""

    class Literal(csv.excel):
        delimiter = separator
        quoting = csv.QUOTE_NONE

    return Literal


def in_plain_quotes(lines: pl.Series, separator: str) -> pl.Series:
    r"""The lines of a table as CSV writes them, for those of databases and spreadsheets; else unchanged.

    A database writes a quote in a cell as `\"`, a line end and a separator behind a backslash; a spreadsheet keeps
    figures as text in `="00123"`. An escaped separator is a private sign until `plain_cells`.
    """
    if lines.str.contains("\\", literal=True).any():
        lines = _without_escaped_signs(lines, separator)
    mark = re.escape(separator)
    if not lines.str.contains(rf'(?:^|{mark})="').any():
        return lines
    return lines.str.replace_all(rf'(^|{mark})="', '$1"')


def _without_escaped_signs(lines: pl.Series, separator: str) -> pl.Series:
    """The lines with doubled quotes, with letters for escaped line ends and a private sign for separators."""
    told = lines.str.replace_all("\\\\", _TWO, literal=True)
    if told.str.contains(_ESCAPED).any() and not told.str.contains(_DOUBLED).any():
        told = told.str.replace_all('\\"', '""', literal=True)
    counts = told.str.count_matches(separator, literal=True)
    parted = told.str.contains(f"\\{separator}", literal=True)
    goes_on = told.str.ends_with("\\")
    below = goes_on.shift(1, fill_value=False)
    others = counts.filter(~parted & ~goes_on & ~below)
    usual, least = others.mode().max(), others.filter(others > 0).min()
    if usual and parted.any() and (counts.filter(parted) > usual).all():
        told = told.str.replace_all(f"\\{separator}", _PARTED, literal=True)
    # What goes on with a row has fewer separators than any row: words alone may end in a backslash.
    if least and below.any() and (counts.filter(below) < least).all():
        record = (~below).cum_sum()
        parts = pl.DataFrame({"record": record, "line": told.str.replace(r"\\$", r"\n")})
        told = parts.group_by("record", maintain_order=True).agg(pl.col("line").str.join(""))["line"]
    return told.str.replace_all(_TWO, "\\\\", literal=True)


def plain_cells(table: pl.DataFrame, separator: str) -> pl.DataFrame:
    """The table with each cell as `plain_cell`."""
    odd = [c.name for c in table if c.dtype == pl.String and c.str.contains(rf'^="|{_PARTED}').any()]
    cell = pl.col(odd).str.replace_all(_PARTED, separator, literal=True).str.replace(_PROTECTED, "$1")
    return table.with_columns(cell) if odd else table


def plain_cell(cell: str, separator: str) -> str:
    """The cell with its escaped separators, and without the formula `="…"` around it."""
    cell = cell.replace(_PARTED, separator)
    return re.sub(_PROTECTED, r"\1", cell) if cell.startswith('="') else cell


def needs_plain_quotes(file: Path) -> bool:
    """Whether a text table holds a backslash or a cell that begins like a formula of a text."""
    before = b""
    with file.open("rb") as stream:
        while part := stream.read(_LOOKED_AT):
            if b"\\" in part or b'="' in before + part:
                return True
            before = part[-1:]
    return False
