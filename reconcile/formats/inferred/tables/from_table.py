"""Rows of CSV with any separator, of spreadsheets and of Markdown tables, with or without a heading."""

import re
from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson
import polars as pl

from reconcile.column_ops import occurs
from reconcile.formats.inferred.columns import ROLES
from reconcile.formats.inferred.escapes import Escapes, unescaped
from reconcile.formats.inferred.fields import TITLE, Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.json.from_json import value_fields
from reconcile.formats.inferred.lines_of_cells import fields_of_cells
from reconcile.formats.inferred.pages.page_tables import without_colons
from reconcile.formats.inferred.table_runs import blocks_of, column_names, double_heading, heading_at, names_a_message
from reconcile.formats.inferred.times.zones import zones_in_titles
from reconcile.formats.inferred.words.bodies_in_lines import DATE, DAY_LINE, day_lines
from reconcile.intake.contract import Note
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import NO_HEADING, ROW, Cells, TableHead, load_table, table_heads, text_table_head
from reconcile.intake.tables.parquet import check_cells, read_parquet
from reconcile.intake.tables.workbook import check_size
from reconcile.intake.text.lines import lines_of
from reconcile.vocabulary import NoteCode
from reconcile.wechat.named_days import fitted

_MARKDOWN = r"^\s*\|.*\|\s*$"
# Most rows of a table on its side, and least columns for each of them.
_MOST_ROWS, _LEAST_WIDE = 12, 2
# Largest share of titles among the rows.
_MOST_TITLES = 0.3
# Structures inside structures whose fields are columns.
_LEVELS = 3
# The rule below a heading, or around a table drawn with characters.
_RULED = r"[|+┌├└┏┡┣┗╔╠╚╒╞╘╭╰╟]\s*:?[-=─━═┄┈]"
_RULE = r"^\s*(?:\|(?:\s*:?-{2,}:?\s*\|)+|\+(?:[-=]+\+)+|[┌├└┏┡┣┗╔╠╚╒╞╘╭╰╟][─━═┄┈]+(?:[^\w\s][─━═┄┈]+)*[^\w\s])\s*$"
_UPRIGHT = r"^(\s*)[│┃║](.*)[│┃║](\s*)$"


def table_fields(source: Source, file: Path, told: Mapping[str, str] = MappingProxyType({})) -> list[Fields]:
    """A frame for each table of a file, with columns #1, #2, … where no row names them.

    The user may state the separator, the row of the heading, or names in it. Raises LimitExceeded where no table can be
    seen in a workbook that claims too much.
    """
    separator = told.get("separator", "").replace("\\t", "\t")
    own = text_table_head(source, file, separator) if separator else ()
    heads = own or table_heads(source, file) or text_table_head(source, file)
    if not heads and source.head(file, 4) == b"PK\x03\x04":
        # A workbook that claims too much shows no head either.
        check_size(source, file)
    sheets = [_upright(f) for h in heads for f in _fields_of_sheet(source, h, told)]
    return [
        replace(f, frame=without_colons(b), label=f.label if not i else f"{f.label}{i + 1}:")
        for f in sheets
        for i, b in enumerate(blocks_of(f.frame) if not f.is_text else [f.frame])
    ]


def _upright(fields: Fields) -> Fields:
    """The table with a message in each row, where its first column names the rows; else as it is."""
    frame, names = fields.frame, fields.names
    if frame.height > _MOST_ROWS or len(names) < _LEAST_WIDE * frame.height or not names:
        return fields
    is_named = not all(n.startswith("#") for n in names)
    heads = [*([names[0]] if is_named else []), *frame[names[0]].to_list()]
    if (
        None in heads
        or len({*heads}) < len(heads)
        or sum(any(hint(h, r) >= 1 for h in heads) for r in ("time", "sender", "text")) < 2
    ):
        return fields
    rows = [*([names[1:]] if is_named else []), *(list(r[1:]) for r in frame.select(names).rows())]
    told = pl.DataFrame(dict(zip(heads, rows, strict=True)), schema=dict.fromkeys(heads, pl.String))
    return replace(fields, frame=told.insert_column(0, pl.int_range(2, told.height + 2, eager=True).alias(ROW)))


def parquet_fields(source: Source, file: Path) -> list[Fields]:
    """The rows of a Parquet file as texts; times that state a zone are in UTC.

    A field of a structure becomes a column such as `sender.name`. A list of structures becomes rows. Other lists and
    bytes are left out.

    Raises PolarsError for a broken file, LimitExceeded for one of too many cells.
    """
    frame = read_parquet(source, file)
    lists = {n: t.inner for n, t in frame.schema.items() if isinstance(t, pl.List) and _is_flat(t.inner)}
    if lists:
        held = sum(int(frame[n].list.len().sum()) * len(t.fields) for n, t in lists.items() if isinstance(t, pl.Struct))
        check_cells(source, file, held)
        told = frame.select(n for n, t in frame.schema.items() if n in lists or not t.is_nested())
        return value_fields(source.relative(file), orjson.loads(orjson.dumps(told.to_dicts(), str)), [])
    for _ in range(_LEVELS):
        frame = frame.unnest(pl.selectors.struct(), separator=".")
    kept = [n for n, t in frame.schema.items() if not t.is_nested() and t not in (pl.Binary, pl.Object)]
    columns = [_as_text(n, frame.schema[n]) for n in kept]
    rows = pl.int_range(1, frame.height + 1, eager=True).alias(ROW)
    name = source.relative(file)
    return [Fields(frame.select(columns).insert_column(0, rows), name, f"{name}#")]


def _is_flat(kind: Any) -> bool:
    """Whether a type is a structure of plain values."""
    return isinstance(kind, pl.Struct) and not any(f.dtype.is_nested() and not _is_flat(f.dtype) for f in kind.fields)


def _as_text(name: str, kind: pl.DataType) -> pl.Expr:
    """A column as text; times in ISO 8601, in UTC if they state a zone."""
    if not isinstance(kind, pl.Datetime):
        return pl.col(name).cast(pl.String)
    if kind.time_zone is None:
        return pl.col(name).dt.strftime("%Y-%m-%d %H:%M:%S%.f")
    return pl.col(name).dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")


def unread_tables(source: Source, read: Collection[str]) -> list[Note]:
    """A note on each table whose rows are not read; `read` holds the labels of the others."""
    return [
        Note(NoteCode.PART_UNSUPPORTED, h.label, " | ".join(h.rows[0])[:200])
        for h in table_heads(source)
        if h.label not in read and any(map(any, h.rows))
    ]


def markdown_fields(source: Source, file: Path) -> list[Fields]:
    """The rows of a Markdown file's tables that share one heading."""
    lines, notes = lines_of(source, file)
    if not occurs(_RULED, lines) or not (rules := lines.str.contains(_RULE)).any():
        return []
    if lines.str.contains(_UPRIGHT).any():
        lines = _with_plain_bars(lines)
    rows = lines.str.contains(_MARKDOWN) & ~rules
    # The first rule of a drawn table stands above its heading.
    heads = rows & rules.shift(-1, fill_value=False)
    if not heads.any() or rows.sum() < 3:
        return []
    # Tables that name the fields of a message otherwise are tables of their own; all others go on with the one above.
    begins, held = heads.arg_true().to_list(), dict[str, list[int]]()
    current, is_head = "", {*begins}
    for i in rows.arg_true().to_list():
        if i in is_head and (not current or names_a_message(tuple(_cells_of(lines[i])))):
            current = lines[i].strip()
            held.setdefault(current, [])
        elif current and lines[i].strip() != current:
            held[current].append(i)
    name = source.relative(file)
    return [
        Fields(_markdown_frame(lines, h, below), name, f"{name}#{f'{n}!' if len(held) > 1 else ''}", notes=tuple(notes))
        for n, (h, below) in enumerate(held.items(), 1)
    ]


def _markdown_frame(lines: pl.Series, heading: str, below: list[int]) -> pl.DataFrame:
    """The rows of the lines below a heading, with the day above each."""
    cells = [_cells_of(lines[i]) for i in below]
    names = column_names(_cells_of(heading))
    data = {n: [c[j] or None if j < len(c) else None for c in cells] for j, n in enumerate(names)}
    frame = pl.DataFrame(
        {ROW: [f"line {i + 1}" for i in below], **data}, schema={ROW: pl.String, **dict.fromkeys(names, pl.String)}
    )
    days = _days_above(lines, below)
    return frame.with_columns(_titles_above(lines, below)) if days is None else frame.with_columns(days)


def _titles_above(lines: pl.Series, rows: list[int]) -> pl.Series:
    """The nearest line above each row that is no part of a table; null where there is none."""
    other = lines.str.contains(r"\w") & ~lines.str.contains(_MARKDOWN)
    nothing = pl.Series(TITLE, [None], dtype=pl.String).new_from_index(0, lines.len())
    return nothing.scatter(other.arg_true(), lines.filter(other).str.strip_chars()).fill_null(strategy="forward")[rows]


def _with_plain_bars(lines: pl.Series) -> pl.Series:
    """The lines of a table drawn with box characters as lines of a Markdown table.

    Bars in the words are escaped.
    """
    drawn = lines.str.contains(_UPRIGHT)
    plain = lines.filter(drawn).str.replace_all("|", "\\|", literal=True).str.replace_all("[│┃║]", "|")
    return lines.scatter(drawn.arg_true(), plain)


def _days_above(lines: pl.Series, rows: list[int]) -> pl.Series | None:
    """The day that the nearest heading above each row states; None where a row has none."""
    days = day_lines(lines)
    stated = lines.filter(days).str.extract(fitted(DAY_LINE, lines), 1)
    nothing = pl.Series("^heading", [None], dtype=pl.String).new_from_index(0, lines.len())
    told = nothing.scatter(days.arg_true(), stated).fill_null(strategy="forward").gather(rows)
    return None if told.null_count() else told.alias("^heading")


def _cells_of(line: str) -> list[str]:
    """Cells of a line of a Markdown table."""
    parts = re.split(r"(?<!\\)\|", line.strip().strip("|") if not line.strip().endswith("\\|") else line.strip()[1:])
    return [re.sub(r"(?i)<br\s*/?>", "\n", p.strip().replace("\\|", "|")) for p in parts]


def _lines_of_sheet(source: Source, head: TableHead) -> list[Fields]:
    """The messages in the cells of a sheet of one column, which are the lines of a text."""
    table, notes = load_table(source, head, NO_HEADING)
    found = fields_of_cells(table.to_series(1), table[ROW].cast(pl.String), head.name, notes)
    return [replace(f, label=head.label) for f in found]


def _fields_of_sheet(source: Source, head: TableHead, told: Mapping[str, str]) -> list[Fields]:
    """The sheet's rows below its heading; the lines of a book's only column; [] for fewer than two rows."""
    rows = [r for r in head.rows if any(c.strip() for c in r)]
    if len(rows) < 2 or max(map(len, rows)) < 2:
        return _lines_of_sheet(source, head) if len(rows) > 1 and head.form != "csv" and not told else []
    at = _told_heading(head, told) if told else heading_at(head.rows)
    double = double_heading(head.rows) if at is None and not told.get("heading") else None
    at = double[0] if double else at
    table, notes = load_table(source, head, NO_HEADING if at is None else at)
    own = [c for c in table.columns if c != ROW]
    if double and len(double[1]) == len(own):
        table = table.rename(dict(zip(own, double[1], strict=True)))
    table = without_database_escapes(table) if head.form == "csv" else table
    titled = _with_title_above(table, head.rows[at - 1]) if at else table
    above = [" ".join(filter(None, map(str.strip, row)))[:200] for row in head.rows[: at or 0] if titled is table]
    notes = [*notes, *(Note(NoteCode.LINE_OUTSIDE, head.name, words) for words in above if words)]
    table = titled
    place = "" if not head.sheet or re.fullmatch(r"(?i)(?:sheet|工作表)?\s*\d*", head.sheet) else head.sheet
    if place and (day := re.fullmatch(DATE, place)) is not None:
        # The sheets are the days of one chat.
        place, table = "", table.with_columns(pl.lit(day[0]).alias("^sheet"))
    beside = zones_in_titles(head.rows[: at or 0])
    return [
        Fields(
            table, head.name, head.label, place, beside, is_positional=at is None,
            notes=tuple(notes), is_flat=head.form == "csv",
        )
    ]  # fmt: skip


def _with_title_above(table: pl.DataFrame, above: Cells) -> pl.DataFrame:
    """The rows below the day or title above the heading, where others stand alone among them."""
    filled = [c.strip() for c in above if c.strip()]
    names = [c for c in table.columns if c != ROW]
    if len(filled) != 1 or not names:
        return table
    is_alone = pl.sum_horizontal(pl.col(n).is_not_null() for n in names) == 1
    column = names[min(next(i for i, c in enumerate(above) if c.strip()), len(names) - 1)]
    alone = table.filter(is_alone & pl.col(column).is_not_null())
    # The heading may stand below the first title alone, or below each.
    if not alone.height or alone.height > _MOST_TITLES * table.height:
        return table
    first = pl.DataFrame({ROW: [0], column: filled}, schema_overrides={ROW: table.schema[ROW]})
    return pl.concat([first, table], how="diagonal").select(table.columns)


def without_database_escapes(table: pl.DataFrame) -> pl.DataFrame:
    r"""The cells without a database's escapes, if the table writes null as `\\N`."""
    cells = pl.selectors.string() - pl.selectors.by_name(ROW, require_all=False)
    if not table.select(pl.any_horizontal((cells == r"\N").any())).item():
        return table
    table = table.with_columns(pl.when(cells != r"\N").then(cells))
    return table.with_columns(
        unescaped(table[n], Escapes.LETTERS) for n in table.columns if table.schema[n] == pl.String and n != ROW
    )


def _told_heading(head: TableHead, told: Mapping[str, str]) -> int | None:
    """The row that names the columns as the user states: by its number (0 = none) or by names in it."""
    if (number := told.get("heading", "")).isdecimal():
        return min(int(number), len(head.rows)) - 1 if int(number) else None
    wanted = {name for role, name in told.items() if role in ROLES}
    for at, row in enumerate(head.rows):
        if wanted <= {" ".join(c.split()) for c in row} | {f"#{i}" for i in range(1, len(row) + 1)}:
            return at if any(n in row for n in wanted) else heading_at(head.rows)
    return heading_at(head.rows)
