"""The objects of JSON exports as columns: known fields typed, the rest as JSON."""

import re
from collections.abc import Callable, Mapping, Sequence
from operator import itemgetter
from typing import Any

import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note
from reconcile.intake.json.rows import JsonArray, Rows
from reconcile.intake.memory import concat_and_release
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

# Names of fields that hold the location of a picture.
_PICTURE = lazy_pattern(r"(?i)avatar|icon|thumb|logo")
_HAN = lazy_pattern("[\u3400-\u9fff]")
_PATH = lazy_pattern(
    r"(?:https?://|data:|\.{0,2}[/\\]|[A-Za-z]:\\|[^\n]{1,300}\.(?:png|jpe?g|gif|webp|bmp|heic)$)", re.IGNORECASE
)


def columns_of(
    rows: Rows,
    columns: Mapping[str, pl.DataType | type[pl.DataType]],
    drop: Sequence[str] = (),
    derive: Mapping[str, Callable[[dict[str, Any]], Any]] | None = None,
) -> pl.DataFrame:
    """The rows' fields as columns of the given types, and all other fields as JSON in `raw`.

    A text column takes numbers as their digits and objects as JSON. A value that does not fit its column is null
    there and kept in `raw`. `drop` names worthless fields (pictures in base64); `derive` adds columns computed from
    each row.
    """
    data: dict[str, pl.Series] = {}
    for name, dtype in columns.items():
        data[name] = _typed_series(name, _values_of(rows, name), dtype)
    for name, function in (derive or {}).items():
        data[name] = pl.Series(name, [function(r) for r in rows])
    known = {*columns, *drop}
    # Most exporters write every row with the same names.
    shapes = {shape for shape in set(map(tuple, rows)) if not known.issuperset(shape)}
    raw: list[str | None] = (
        [_other_fields(r, known) if tuple(r) in shapes else None for r in rows] if shapes else [None] * len(rows)
    )
    for name in filter(_PICTURE.search, drop):
        _keep_words(raw, rows, name)
    for name, dtype in columns.items():
        if dtype != pl.String:
            _keep_misfits(raw, rows, name, data[name])
    return pl.DataFrame({**data, "raw": pl.Series(raw, dtype=pl.String)})


def _values_of(rows: Rows, name: str) -> list[Any]:
    """Values of one key in all rows; null where a row lacks it."""
    try:
        return list(map(itemgetter(name), rows))
    except KeyError:
        return [r.get(name) for r in rows]


def _typed_series(name: str, values: list[Any], dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    """The values as a column; those that do not fit the type become null."""
    try:
        if dtype == pl.String and set(map(type, values)) <= {int, type(None)}:
            # Server ids given as numbers become their digits.
            return pl.Series(name, values, dtype=pl.Int64, strict=True).cast(pl.String)
        return pl.Series(name, values, dtype=dtype, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        return pl.Series(name, [_fit_value(v, dtype) for v in values], dtype=dtype, strict=False)


def _fit_value(value: Any, dtype: pl.DataType | type[pl.DataType]) -> Any:
    """The value in the column's type; null where it does not fit."""
    if value is None:
        return None
    if dtype == pl.String:
        return as_text(value)
    if dtype == pl.Boolean:
        return {True: True, False: False, "true": True, "false": False, "1": True, "0": False}.get(
            value if not isinstance(value, list | dict) else None
        )
    # Digits of other scripts are words here, as for the exporters.
    if isinstance(value, str) and not value.isascii():
        return None
    try:
        number = float(value) if dtype == pl.Float64 else int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    fits = dtype == pl.Float64 or ((-(2**63) <= number < 2**63 and number == value) or isinstance(value, str))
    return number if fits and -(2**63) <= number < 2**63 else None


def as_text(value: Any) -> str:
    """A JSON value as text: words as they are, numbers as digits, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return orjson.dumps(value).decode()
    return str(value)


def _other_fields(row: dict[str, Any], known: set[str]) -> str | None:
    """Fields with a value that no column holds, as JSON; null if there are none."""
    rest = {k: v for k, v in row.items() if k not in known and v not in (None, "", [], {})}
    return orjson.dumps(rest).decode() if rest else None


def _keep_words(raw: list[str | None], rows: Rows, name: str) -> None:
    """Keeps text in `raw` that stands under a picture's name but is no path, address or digest."""
    try:
        joined_up = "".join(filter(None, _values_of(rows, name)))
    except TypeError:
        joined_up = "语"
    if not _HAN.search(joined_up):
        return
    for at, row in enumerate(rows):
        value = row.get(name)
        if isinstance(value, str) and _HAN.search(value) and not _PATH.match(value):
            raw[at] = orjson.dumps({**orjson.loads(raw[at] or "{}"), name: value}).decode()


def _keep_misfits(raw: list[str | None], rows: Rows, name: str, column: pl.Series) -> None:
    """Add values that became null in their column to the JSON of the other fields."""
    if column.null_count() == 0:
        return
    for i in column.is_null().arg_true():
        value = rows[i].get(name)
        if value is not None and value != "":
            kept = orjson.loads(raw[i] or "{}")
            raw[i] = orjson.dumps({**kept, name: value}).decode()


def read_array(
    array: JsonArray,
    columns: Mapping[str, pl.DataType | type[pl.DataType]],
    drop: Sequence[str] = (),
) -> tuple[pl.DataFrame, list[Note]]:
    """All objects of an array as in `columns_of`, with `line` (from 1), and a note for other members.

    Raises UnreadableSource where the file holds no such array, and as JsonArray does.
    """
    frames = [columns_of(rows, columns, drop) for rows in array.pieces()]
    if not array.found:
        raise UnreadableSource(
            array.source.path,
            f"{array.source.path}: {array.name} holds no list {array.key or 'of messages'}; ask for the export again",
        )
    frame = concat_and_release(frames or [columns_of([], columns, drop)])
    odd = [Note(NoteCode.ROW_SKIPPED, array.name, "members that are no object", array.odd_members, said=True)]
    return frame.with_row_index("line", offset=1), odd if array.odd_members else []
