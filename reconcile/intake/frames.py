"""Builds the frames of a Reading from a reader's columns: fills, casts and numbers them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar, cast

import dataframely as dy
import orjson
import polars as pl

from reconcile.column_ops import has_one_value, present
from reconcile.frames import (
    UTC_MICROSECONDS,
    Contacts,
    Conversations,
    Counters,
    Members,
    Messages,
    Witnesses,
    dtypes_of,
)
from reconcile.intake.contract import ExportFacts, Note, Reading
from reconcile.vocabulary import NoteCode, TimePrecision, ZoneSource

S = TypeVar("S", bound=dy.Schema)
# Column types and the Python types whose values are stored unchanged.
_PLAIN: dict[Any, type] = {
    pl.String: str,
    pl.Int64: int,
    pl.Boolean: bool,
    pl.Float64: float,
    UTC_MICROSECONDS: datetime,
}

_DEFAULTS: dict[str, object] = {
    "conversation": "",
    "text": "",
    "locator": "",
    "time_precision": str(TimePrecision.NONE),
    "zone_source": str(ZoneSource.NONE),
    "kind": "text",
}


def frame_of(schema: type[S], rows: Iterable[dict[str, Any]] | pl.DataFrame | None = None) -> dy.DataFrame[S]:
    """A frame of the schema from dicts or a partial frame, with missing columns null and types cast.

    Columns that the schema lacks are dropped. Texts keep their bytes; empty texts of nullable columns become null.
    """
    if rows is None:
        return _empty_frame(schema)
    if isinstance(rows, pl.DataFrame):
        frame = rows
    elif isinstance(rows, list) and not rows:
        return _empty_frame(schema)
    else:
        frame = _from_dicts(rows, {n: _loose_type(t) for n, t in dtypes_of(schema).items()})
    if frame.is_empty():
        return _empty_frame(schema)
    given = frozenset(frame.columns)
    columns = [
        plan.lacking if name not in given
        else without_empty(frame[name]).cast(pl.String).alias(name) if plan.may_be_empty
        else plan.given
        for name, plan in _plans(schema).items()
    ]  # fmt: skip
    # Names and types already fit the schema, and casting again would take as long as reading a small file.
    return cast("dy.DataFrame[S]", frame.select(columns))


@dataclass(frozen=True, slots=True)
class _Plan:
    """How a column of a schema is made, where the rows have it and where they lack it."""

    given: pl.Expr
    lacking: pl.Expr
    may_be_empty: bool


@cache
def _plans(schema: type[dy.Schema]) -> dict[str, _Plan]:
    """The plan of each column."""
    return {name: _plan(name, column) for name, column in schema.columns().items()}


def _plan(name: str, column: dy.Column) -> _Plan:
    """The plan of one column; an empty text of a nullable column depends on the rows."""
    dtype, is_filled = column.dtype, name in _DEFAULTS and not column.nullable

    def typed(expr: pl.Expr) -> pl.Expr:
        # An integer too large for its column becomes null; an unknown vocabulary word would be a bug of the reader.
        return expr.cast(dtype, strict=not dtype.is_integer()).alias(name)

    given = _fill_default(pl.col(name), name, dtype) if is_filled else pl.col(name)
    lacking = pl.lit(_DEFAULTS[name]) if is_filled else pl.lit(None, dtype=pl.String)
    return _Plan(typed(given), typed(lacking), column.nullable and dtype == pl.String)


@cache
def _empty_frame(schema: type[S]) -> dy.DataFrame[S]:
    # Most exports leave several frames empty, and building one takes as long as reading a small file.
    return schema.create_empty()


def without_empty(column: pl.Series) -> pl.Expr:
    """The texts with null instead of ''; cheap where no text is empty or all are null."""
    if column.null_count() == column.len():
        return pl.lit(None, dtype=pl.String)
    texts = pl.col(column.name).cast(pl.String)
    is_any_empty = (column == "").any() if column.dtype == pl.String else True
    return pl.when(texts != "").then(texts) if is_any_empty else texts


def _fill_default(expr: pl.Expr, name: str, dtype: pl.DataType) -> pl.Expr:
    """Fill nulls of a column with its default, in the column's type."""
    default = pl.lit(_DEFAULTS[name])
    if isinstance(dtype, pl.Enum) and _DEFAULTS[name] in dtype.categories:
        # Nulls filled after the cast need no lookup among the vocabulary's words.
        return expr.cast(dtype).fill_null(default.cast(dtype))
    return expr.fill_null(default)


def messages_of(rows: Iterable[dict[str, Any]] | pl.DataFrame) -> dy.DataFrame[Messages]:
    """The Messages frame of a reader's rows, numbered 0..n-1 in the order given."""
    if not isinstance(rows, pl.DataFrame):
        rows = _from_dicts(rows, _message_types())
    # No other name holds the rows, so columns that Messages lacks are freed at once.
    rows = rows.select(c for c in dtypes_of(Messages) if c in rows.columns and c != "row")
    # polars 2.1 panics on columns in unlike pieces where a part has none of the rows.
    rows = rows.rechunk().with_row_index("row")
    return frame_of(Messages, rows)


def reading_of(
    facts: ExportFacts,
    messages: dy.DataFrame[Messages],
    *,
    conversations: Iterable[dict[str, Any]] | pl.DataFrame | None = None,
    contacts: Iterable[dict[str, Any]] | pl.DataFrame | None = None,
    members: Iterable[dict[str, Any]] | pl.DataFrame | None = None,
    witnesses: Iterable[dict[str, Any]] | pl.DataFrame | None = None,
    counters: Iterable[dict[str, Any]] | pl.DataFrame | None = None,
    notes: Sequence[Note] = (),
) -> Reading:
    """A Reading from its parts; by default, its conversations are those that the messages name.

    The caller adds the sources.
    """
    if conversations is None:
        names, kinds = messages["conversation"], messages["conversation_kind"]
        if has_one_value(names):
            told = present(kinds)
            conversations = [{"conversation": names[0], "conversation_kind": told[0] if told.len() else None}]
        else:
            named = pl.DataFrame([names, kinds]).group_by("conversation", maintain_order=True)
            conversations = named.agg(pl.col("conversation_kind").drop_nulls().first())
    return Reading(
        facts=facts,
        messages=messages,
        conversations=frame_of(Conversations, conversations),
        contacts=frame_of(Contacts, contacts),
        members=frame_of(Members, members),
        witnesses=frame_of(Witnesses, witnesses),
        counters=frame_of(Counters, counters),
        notes=tuple(notes),
    )


def notes_of(
    code: NoteCode,
    frame: pl.DataFrame,
    excerpt: str | None = None,
    most: int = 50,
    *,
    said: bool = False,
) -> list[Note]:
    """One note for each row, at its `locator`; with more than `most` rows the last note counts the rest.

    `said`: see Note.
    """
    if frame.is_empty():
        return []
    shown = frame.head(most)
    found = [
        Note(
            code,
            str(row["locator"]),
            "" if excerpt is None or row[excerpt] is None else str(row[excerpt])[:200],
            said=said,
        )
        for row in shown.iter_rows(named=True)
    ]
    rest = frame.height - len(found)
    if rest > 0:
        found.append(Note(code, "…", "", rest))
    return found


def text_of(value: object) -> str | None:
    """A JSON value as text; a value of an unexpected type is kept as it is written."""
    if value is None or isinstance(value, str):
        return value
    try:
        return orjson.dumps(value).decode() if isinstance(value, bool | list | dict) else str(value)
    except (orjson.JSONEncodeError, ValueError, RecursionError):
        return None


def _message_types() -> dict[str, Any]:
    """Types of the columns of messages, with text for vocabularies; without row."""
    return {n: _loose_type(t) for n, t in dtypes_of(Messages).items() if n != "row"}


def _from_dicts(rows: Iterable[dict[str, Any]], types: dict[str, Any]) -> pl.DataFrame:
    """Rows as a frame of these types; a value of another type is converted."""
    rows = list(rows)
    if (plain := _plain(rows, types)) is not None:
        return plain
    held = [{k: _flat_value(r.get(k), t) for k, t in types.items()} for r in rows]
    try:
        return pl.DataFrame(held, schema=types, orient="row")
    except (TypeError, ValueError, OverflowError, RecursionError, pl.exceptions.PolarsError):
        pass
    # A value of another type is converted one by one.
    return pl.DataFrame({k: pl.Series(k, [_fitting(r[k], t) for r in held], dtype=t) for k, t in types.items()})


def _plain(rows: list[dict[str, Any]], types: dict[str, Any]) -> pl.DataFrame | None:
    """The rows as columns where every value has exactly its column's type; None otherwise.

    This is the usual case and costs a quarter of converting each value.
    """
    columns = []
    for name, dtype in types.items():
        values = [r.get(name) for r in rows]
        if not set(map(type, values)) <= {_PLAIN.get(dtype), type(None)}:
            return None
        try:
            columns.append(pl.Series(name, values, dtype=dtype, strict=True))
        except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
            return None
    return pl.DataFrame(columns)


def _flat_value(value: Any, dtype: Any) -> Any:
    """Objects and lists as JSON text; other values as they are."""
    # The library takes minutes over a value nested hundreds deep where text is expected.
    if not isinstance(value, dict | list):
        return value
    if isinstance(value, list) and isinstance(dtype, pl.List):
        return [text_of(v) if isinstance(v, dict | list) else v for v in value]
    return text_of(value)


def _fitting(value: Any, dtype: Any) -> Any:
    """The value where it has the column's type, as text where that is text, else None."""
    if dtype == pl.String:
        text = text_of(value)
        return None if text is None else text.encode("utf-8", "replace").decode()
    if dtype == pl.Boolean:
        return value if isinstance(value, bool) else None
    if dtype.is_float():
        return float(value) if isinstance(value, int | float) and abs(value) < 1e300 else None
    if dtype.is_integer():
        fits = isinstance(value, int) and not isinstance(value, bool) and -(2**31) < value < 2**31
        return value if fits or (isinstance(value, int) and dtype == pl.Int64 and -(2**63) <= value < 2**63) else None
    if dtype.is_temporal():
        return value if isinstance(value, date) else None
    return value if isinstance(value, list) else None


def _loose_type(dtype: pl.DataType | type[pl.DataType]) -> pl.DataType | type[pl.DataType]:
    """Text for a vocabulary's type, any other type unchanged."""
    return pl.String if isinstance(dtype, pl.Enum) else dtype
