"""Rows of the tables of an SQLite file, with the people and chats that other tables hold."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.formats.inferred.fields import DAY, Fields
from reconcile.formats.inferred.json.from_json import value_fields
from reconcile.formats.inferred.people.chat_names import is_one_place
from reconcile.formats.inferred.references import NUMBER, Table, with_references
from reconcile.formats.inferred.reshaped import with_inner_objects
from reconcile.formats.inferred.scores import infer
from reconcile.formats.inferred.script_values import literal
from reconcile.formats.inferred.times.file_days import days_of_tables
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import Database, open_database, quoted
from reconcile.intake.sqlite.key import database_errors
from reconcile.intake.sqlite.table import read_table, text_of_cell
from reconcile.intake.sqlite.unread import has_columns_of_a_client
from reconcile.intake.tables.cells import ROW
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

# Rows that show whether a table may hold messages.
_LOOK = 400
_LEAST_COLUMNS, _MOST_COLUMNS = 3, 120
# Most shapes of tables that are looked at, and tables of each shape.
_MOST_SHAPES, _LOOKED_AT = 200, 5
# Least rows of two tables whose ids are compared under different names.
_FEW = 6
# Least share of numbers that two halves of one table share, and the most tables that are compared.
_SHARED, _MOST_HALVES = 0.9, 30
_TABLE, _CHAT = "^table", "^chat"
# Columns of a table of keys and values, and signs between the words of a key.
_PAIR, _SIGNS = 2, lazy_pattern(r"[:/|#]")
_SHOWN = 200
# Lists of chats with their last message, and indexes of words, repeat messages.
_REPEATS = lazy_pattern(
    r"(?i)fts|session|conversation|recent|draft|_(?:content|segments|segdir|docsize|stat|data|idx|config)$"
)
_KEY = lazy_pattern(r"(?i)^(?:.*_)?(?P<named>[a-z]+?)_?(?:row_?)?id$")


def sqlite_fields(source: Source, file: Path) -> list[Fields]:
    """The rows of the tables of the shape with most messages, and of those with the same columns.

    [] where none holds messages. Other tables that may hold some are noted. Raises as `open_database`.
    """
    name = source.relative(file)
    with open_database(source, file) as database:
        if any(has_columns_of_a_client(database, t) for t in database.tables):
            # Stores of WeChat clients have their own readers, which know what the bodies mean.
            return []
        others = _others(database)
        frames, named = list[tuple[list[str], pl.DataFrame]](), dict[str, int]()
        for tables in (shapes := _shapes(database)):
            frame, used = _frame(database, tables, others)
            frames.append((tables, frame))
            named |= dict.fromkeys(used, frame.height)
        # What longer tables call their people and chats holds no messages, and its rows stand in these.
        frames = [(t, f) for t, f in frames if len(t) > 1 or named.get(t[0], 0) <= f.height]
        frames = frames if shapes else _halves(database, others)
        notes = list(database.notes)
        if not any(f.height for _, f in frames):
            stored, told = _stored_values(database, name)
            return value_fields(name, stored, [*notes, *told])
    found = [(t, with_inner_objects(Fields(f, name, f"{name}#"))) for t, f in frames if f.height]
    clear = [(t, f) for t, f in found if infer(f).is_clear] or found
    first = max((f for _, f in clear), key=lambda f: f.frame.height, default=None)
    if first is None:
        return []
    needed, more = _needed(first), list[Fields]()
    for tables, other in found:
        if other is not first and needed <= {*other.names}:
            place = tables[0] if len(tables) == 1 else ""
            more.append(replace(other, label=f"{name}#{len(more) + 2}:", place=place))
        elif other is not first:
            notes.append(Note(NoteCode.PART_UNSUPPORTED, f"{name}#{tables[0]}", "", other.frame.height))
    return [replace(first, notes=tuple(notes)), *more]


def _stored_values(database: Database, name: str) -> tuple[dict[str, Any], list[Note]]:
    """The values of tables of keys and objects as one object, by table and the words of each key.

    Damaged objects and second values of a key are noted.
    """
    stored: dict[str, Any] = {}
    told: list[Note] = []
    for table, columns in database.tables.items():
        if len(columns) != _PAIR or not any(
            c.str.starts_with("{").sum() >= _FEW for c in _first_rows(database, table) if c.name != ROW
        ):
            continue
        held = stored.setdefault(table, {})
        for key, text in read_table(database, table, {c: ("text", c) for c in columns}).iter_rows():
            value = literal(text) if text and text[0] in "{[" else text
            *above, last = _SIGNS.split(key or "", maxsplit=1)
            inner = held.setdefault(above[0], {}) if above else held
            if not isinstance(inner, dict) or last in inner or (text and value is None):
                told.append(Note(NoteCode.ROW_SKIPPED, f"{name}#{table}: {key}", text[:_SHOWN] if text else ""))
            else:
                inner[last] = value
    return stored, shorten_notes(told)


def _needed(fields: Fields) -> set[str]:
    """The columns of time, sender and text."""
    choices = infer(fields).choices
    return {choices[r].column for r in ("time", "date", "sender", "text") if r in choices}


def _shapes(database: Database) -> list[list[str]]:
    """Tables grouped by equal columns; only groups whose first tables hold times and words."""
    shapes: dict[tuple[str, ...], list[str]] = {}
    for table, columns in database.tables.items():
        if _LEAST_COLUMNS <= len(columns) <= _MOST_COLUMNS and not _REPEATS.search(table):
            shapes.setdefault(columns, []).append(table)
    return [tables for tables in list(shapes.values())[:_MOST_SHAPES] if _may_hold_messages(database, tables)]


def _may_hold_messages(database: Database, tables: list[str]) -> bool:
    """Whether one of the tables has a column of times and one of words."""
    days = days_of_tables(tables)
    some = [
        rows.with_columns(pl.lit(days[t]).alias(DAY)) if days else rows
        for t in tables[:_MOST_HALVES]
        if (rows := _first_rows(database, t)).height > 1
    ]
    return any({"time", "text"} <= infer(Fields(rows, "", "")).choices.keys() for rows in some[:_LOOKED_AT])


def _first_rows(database: Database, table: str) -> pl.DataFrame:
    """The first rows of a table as texts, without columns of binary values."""
    columns = database.tables[table]
    listed = ", ".join(quoted(c) for c in columns)
    try:
        rows = database.connection.execute(f"SELECT {listed} FROM {quoted(table)} LIMIT {_LOOK}").fetchall()  # noqa: S608 - quoted
    except database_errors():
        return pl.DataFrame()
    data = {
        c: [text_of_cell(r[i]) for r in rows] for i, c in enumerate(columns) if not any(_is_binary(r[i]) for r in rows)
    }
    numbers = [str(i) for i in range(len(rows))]
    return pl.DataFrame({ROW: numbers, **data}, schema={ROW: pl.String, **dict.fromkeys(data, pl.String)})


def _is_binary(value: object) -> bool:
    """Whether a value is bytes that are no text."""
    return isinstance(value, bytes) and (b"\x00" in value or value.decode("utf-8", "ignore").encode() != value)


def _others(database: Database) -> dict[str, Table]:
    """The tables that rows of others may name."""
    return {t: Table(c, partial(_rows, database, t), _declared(database, t)) for t, c in database.tables.items()}


def _frame(
    database: Database, tables: list[str], others: Mapping[str, Table], *, keep_number: bool = False
) -> tuple[pl.DataFrame, set[str]]:
    """All rows of tables of one shape, with what the rows say that they name, and the tables of these."""
    parts = [_rows(database, t) for t in tables]
    kept = [c for c in parts[0].columns if all(c in p.columns for p in parts)]
    frame = pl.concat([p.select(kept) for p in parts])
    if days := days_of_tables(tables):
        frame = frame.with_columns(pl.col(_TABLE).replace_strict(days).alias(DAY)).sort(DAY, maintain_order=True)
    # Tables of one shape may be chats or parts of one; rows of several chats are never mixed.
    if len(tables) == 1 or days or is_one_place(tables):
        frame = _linked(database, frame, tables[0]).drop(_TABLE) if len(tables) == 1 else frame.drop(_TABLE)
    else:
        frame = frame.rename({_TABLE: _CHAT})
    frame, used = with_references(frame, tables, others)
    return frame if keep_number else frame.drop(NUMBER), used


def _halves(database: Database, others: Mapping[str, Table]) -> list[tuple[list[str], pl.DataFrame]]:
    """The rows of two tables that number the same messages, as rows of one table; [] without them."""
    names = [t for t in database.tables if not _REPEATS.search(t)][:_MOST_HALVES]
    some = {t: rows for t in names if (rows := _first_rows(database, t)).height > 1}
    for one, left in some.items():
        for other, right in some.items():
            if one == other:
                continue
            told = next((c for c, (table, _) in others[other].declared.items() if table == one), None)
            if told and (whole := _with_parts(database, one, other, told, others)) is not None:
                return [([one], whole)]
            ways = _keys_of(left, right)
            shared = next((k for k in ways if _are_halves(left, right.rename({k[1]: k[0]}), k[0])), None)
            if shared is None:
                continue
            whole, more = (_frame(database, [t], others)[0] for t in (one, other))
            key = shared[0]
            more = more.drop(ROW).rename({shared[1]: key})
            more = more.rename({c: f"{other}.{c}" for c in more.columns if c in whole.columns and c != key})
            return [([one], whole.join(more, on=key, how="inner", maintain_order="left"))]
    return []


def _keys_of(left: pl.DataFrame, right: pl.DataFrame) -> Iterator[tuple[str, str]]:
    """The columns by which rows of two tables may be one: an id of one name, else equal values."""
    yield from ((c, c) for c in left.columns if c in right.columns and _KEY.match(c))
    for one in (c for c in left if c.name != ROW and c.len() >= _FEW and c.is_unique().all()):
        for other in (c for c in right if c.name != ROW and c.len() >= _FEW and c.is_unique().all()):
            same = one.is_in(other.implode()).sum()
            if other.name not in {*left.columns} - {one.name} and same >= _SHARED * max(one.len(), other.len()):
                yield one.name, other.name


def _with_parts(
    database: Database, one: str, other: str, column: str, others: Mapping[str, Table]
) -> pl.DataFrame | None:
    """The rows of a table, each with the one of another that names it, if both read as messages."""
    parts = _rows(database, other).drop(ROW, _TABLE, NUMBER)
    key = parts[column].cast(pl.Int64, strict=False).alias(NUMBER)
    if key.null_count() or key.is_duplicated().any():
        return None
    parts = parts.drop(column).with_columns(key)
    told = _rows(database, one).drop(_TABLE).join(parts, on=NUMBER, how="inner", suffix="_")
    if (
        told.height < _SHARED * parts.height
        or not {"time", "text"} <= infer(Fields(told.drop(NUMBER), "", "")).choices.keys()
    ):
        return None
    whole, _ = _frame(database, [one], others, keep_number=True)
    parts = parts.rename({c: f"{other}.{c}" for c in parts.columns if c in whole.columns and c != NUMBER})
    return whole.join(parts, on=NUMBER, how="left", maintain_order="left").drop(NUMBER)


def _are_halves(left: pl.DataFrame, right: pl.DataFrame, key: str) -> bool:
    """Whether rows of two tables have the same unique numbers, and are messages when joined."""
    if left[key].n_unique() < left.height or right[key].n_unique() < right.height:
        return False
    both = left.join(right.drop(ROW), on=key, how="inner", suffix="_")
    if both.height < _SHARED * right.height:
        return False
    return {"time", "text"} <= infer(Fields(both, "", "")).choices.keys()


def _rows(database: Database, table: str) -> pl.DataFrame:
    """All rows of a table as text, placed by row number."""
    texts = [c for c in _first_rows(database, table).columns if c != ROW]
    frame = read_table(database, table, {NUMBER: ("int", "rowid"), **{c: ("text", c) for c in texts}})
    place = pl.format("{}/{}", pl.lit(table), pl.col(NUMBER).cast(pl.String).fill_null("?")).alias(ROW)
    return frame.select(place, pl.lit(table).alias(_TABLE), NUMBER, *texts)


def _declared(database: Database, table: str) -> dict[str, tuple[str, str | None]]:
    """Column -> the table and the key that it holds, as the store itself declares."""
    try:
        rows = database.connection.execute(f"PRAGMA foreign_key_list({quoted(table)})").fetchall()
    except database_errors():
        return {}
    told = [[text_of_cell(v) for v in row[2:5]] for row in rows]
    return {column: (other, key) for other, column, key in told if column and other and other in database.tables}


def _linked(database: Database, frame: pl.DataFrame, table: str) -> pl.DataFrame:
    """The frame with what a table of pairs says of its rows, where each row stands in one pair at most."""
    for link, columns in database.tables.items():
        own = [
            c
            for c in columns
            if (m := _KEY.match(c)) and m["named"].lower() in (table.lower(), table.lower().rstrip("s"))
        ]
        others = [c for c in columns if c not in own and _KEY.match(c)]
        if len(columns) > _LEAST_COLUMNS or len(own) != 1 or len(others) != 1 or others[0] in frame.columns:
            continue
        pairs = read_table(database, link, {NUMBER: ("int", own[0]), others[0]: ("text", others[0])})
        if not pairs.height or pairs[NUMBER].is_duplicated().any():
            continue
        frame = frame.join(pairs, on=NUMBER, how="left", maintain_order="left")
    return frame
