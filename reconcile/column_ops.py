"""Fast operations on whole columns: gathering by row number, hashed keys and sort order."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, reduce, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import numpy as np
import numpy.typing as npt
import polars as pl

Codes = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
T = TypeVar("T")
P = ParamSpec("P")
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)


# To optimise a plan takes a third of its time with few rows; with this many it saves what it takes.
_LEAST_OPTIMISED = 10_000
_OPTIMISED, _AS_WRITTEN = pl.QueryOptFlags(), pl.QueryOptFlags.none()
# Texts of this size are searched faster than a pattern is compiled. Of so many results the last are kept.
_FEW_ROWS, _FEW_BYTES, _KEPT = 1_000, 20_000, 64
# Python goes back in a text as often as there are ways to read it: only short ones are searched by it.
_SHORT, _FIRST_TEXTS = 200, 20
_ARE_FEW = ContextVar("few rows", default=False)


def collected(plan: pl.LazyFrame) -> pl.DataFrame:
    """The result of a plan. One plan costs less than its steps one by one, especially with few rows."""
    return plan.collect(engine="in-memory", optimizations=_AS_WRITTEN if _ARE_FEW.get() else _OPTIMISED)


@contextmanager
def plans_over(rows: int) -> Iterator[None]:
    """Within the block, `collected` runs plans over so many rows: few are run as they are written."""
    before = _ARE_FEW.set(rows < _LEAST_OPTIMISED)
    try:
        yield
    finally:
        _ARE_FEW.reset(before)


def with_neighbours(frame: Frame, column: str) -> Frame:
    """Every row three times: `column` lowered by one, unchanged, and raised by one, to join near values."""
    return pl.concat([frame.with_columns(pl.col(column) + step) for step in (-1, 0, 1)])


def listed(values: pl.Series) -> pl.Expr:
    """The values as one list, for `is_in`. `Series.implode` would run a query of its own."""
    return pl.lit(values).implode()


def filled(column: pl.Series, value: float | bool | str | pl.Series) -> pl.Series:
    """The column with this value for nulls. Most columns have none, and then no query is run."""
    return column.fill_null(value) if column.null_count() else column


def present(column: pl.Series) -> pl.Series:
    """The values of the column that are not null. Most columns have no null, and then no query is run."""
    if not column.null_count():
        return column
    # Null equals nothing, so that a short column is compared with itself instead of a query.
    is_short = column.dtype == pl.String and column.len() <= _FEW_ROWS
    return column.filter(column == column) if is_short else column.drop_nulls()  # noqa: PLR0124


def distinct(column: pl.Series) -> list[Any]:
    """The different values of the column, null among them, in any order."""
    return list(dict.fromkeys(column.to_list())) if column.len() <= _FEW_ROWS else column.unique().to_list()


def longest_of(texts: pl.Series) -> int:
    """Number of characters of the longest text; 0 without texts."""
    if _are_few(texts):
        return max((len(t) for t in texts.to_list() if t), default=0)
    longest = texts.str.len_chars().max()
    return longest if isinstance(longest, int) else 0


def in_one_query(column: pl.Series, value: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """The value of an expression of the column. Each method of a column would run a query of its own."""
    return column.to_frame("column").select_seq(value(pl.col("column"))).to_series().alias(column.name)


def none_of(rows: pl.Series | pl.DataFrame) -> pl.Series:
    """A mask that is false for every row."""
    return pl.Series([False]).new_from_index(0, len(rows))


def _are_few(texts: pl.Series) -> bool:
    return texts.len() <= _FEW_ROWS and texts.estimated_size() <= _FEW_BYTES


def occurs(pattern: str, texts: pl.Series) -> bool:
    """Whether the pattern, one without anchors, occurs in any text; a cheap test before a costly search.

    It may also be true for a match that runs over the end of a text. A short column is joined into one string and
    searched by Python, which caches compiled patterns. Polars compiles most patterns again for each query.
    """
    if not _are_few(texts):
        return bool(texts.str.contains(pattern).any())
    return re.search(pattern, "\n".join(t for t in texts.to_list() if t)) is not None


def share_of(texts: pl.Series, pattern: str) -> float:
    """The share of the texts with the pattern, one for Python too as in `all_contain`; 0 without texts."""
    if not _are_few(texts):
        return float(texts.str.contains(pattern).mean() or 0)  # type: ignore[arg-type]
    found = [re.search(pattern, t) is not None for t in texts.to_list() if t is not None]
    return sum(found) / len(found) if found else 0.0


def have_lines(texts: pl.Series) -> bool:
    """Whether any text has several lines."""
    if not _are_few(texts):
        return bool(texts.str.contains("\n", literal=True).any())
    return any("\n" in t for t in texts.to_list() if t)


def lacks(texts: pl.Series, pattern: str) -> bool:
    """Whether a short column surely lacks the pattern, one without anchors, as `occurs` searches it.

    False for a long column, whose own search costs no more than this one.
    """
    return _are_few(texts) and not occurs(pattern, texts)


def all_contain(texts: pl.Series, pattern: str) -> bool:
    r"""Whether every text that is not null contains the pattern; true without texts.

    Most columns differ in one of their first texts already, which Python searches without a query. So the pattern must
    be one for Python too, without classes that are narrower there, as `\w` is.
    """
    first = texts.head(_FIRST_TEXTS).to_list()
    if any(t is not None and len(t) <= _SHORT and re.search(pattern, t) is None for t in first):
        return False
    return bool(texts.str.contains(pattern).all())


def kept_for_few(function: Callable[Concatenate[pl.Series, P], T]) -> Callable[Concatenate[pl.Series, P], T]:
    """Decorates a function of a text column: its last results for short columns are cached.

    A reader calls such a function with the same column several times.
    """

    @lru_cache(_KEPT)
    def of_few(name: str, texts: tuple[str | None, ...], *rest: P.args, **more: P.kwargs) -> T:
        return function(pl.Series(name, texts, dtype=pl.String), *rest, **more)

    @wraps(function)
    def told(texts: pl.Series, *rest: P.args, **more: P.kwargs) -> T:
        if texts.dtype != pl.String or not _are_few(texts):
            return function(texts, *rest, **more)
        found = of_few(texts.name, tuple(texts.to_list()), *rest, **more)  # type: ignore[arg-type]
        # Some methods change a column in its place.
        return cast("T", found.clone()) if isinstance(found, pl.Series | pl.DataFrame) else found

    return cast("Callable[Concatenate[pl.Series, P], T]", told)


def parts_by(frame: pl.DataFrame, *columns: str) -> dict[tuple[Any, ...], pl.DataFrame]:
    """The rows of each combination of values.

    `partition_by` with `as_dict` runs a query for the name of each part.
    """
    return {tuple(part[c][0] for c in columns): part for part in frame.partition_by(columns)}


# What stands behind the file in a locator.
PLACE_IN_FILE = r"#[^#]*$"


def is_in_rows(rows: pl.Series, height: int) -> pl.Series:
    """A mask of length `height` that is true at the row numbers in `rows`."""
    among = np.zeros(height, bool)
    among[rows.to_numpy()] = True
    return pl.Series(among)


def rows_at(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    """The rows at these positions, in this order.

    Columns without any value are not gathered, since most exports have several.
    """
    empty = [c for c in frame.columns if frame[c].null_count() == frame.height]
    held = frame[[c for c in frame.columns if c not in empty]][rows]
    return held.with_columns(pl.lit(None, dtype=frame[c].dtype).alias(c) for c in empty)[frame.columns]


def gather_by_pair(pairs: pl.Series, table: pl.DataFrame, column: str) -> pl.Series:
    """The values of `column` for these pair numbers, from a table with one row a pair.

    Null where the pair number is null or the table lacks that pair.
    """
    if table.height == 1 and has_one_value(pairs) and pairs[0] == table["pair"][0]:
        return table[column].new_from_index(0, len(pairs))
    most = max(int(s.max() or 0) for s in (pairs, table["pair"]))  # type: ignore[arg-type]
    every = pl.DataFrame({"pair": pl.int_range(most + 1, dtype=pl.UInt32, eager=True)})
    known = every.join(table.select("pair", column), on="pair", how="left", maintain_order="left")
    return known[column].gather(pairs)


def holds(codes: pl.Series, *wanted: int) -> bool:
    """Whether any of these codes occurs: a stage for rows of few kinds has nothing to do without them."""
    return any((codes == code).any() for code in wanted)


def has_one_value(column: pl.Series) -> bool:
    """Whether all rows hold one and the same value. False for an empty column or one with nulls."""
    return (
        bool(column.len()) and not column.null_count() and column[0] == column[-1] and bool((column == column[0]).all())
    )


def stretches(*keys: npt.NDArray[Any]) -> Ints:
    """The position where each run of equal keys begins; the keys must be sorted."""
    changes = reduce(np.logical_or, (k[1:] != k[:-1] for k in keys))
    return np.flatnonzero(np.concatenate([np.ones(min(len(keys[0]), 1), bool), changes]))


def by_rank(ranks: Ints, size: int) -> Ints:
    """The positions in the order of their ranks, which all differ and lie below `size`."""
    at = np.full(size, -1, np.int64)
    at[ranks] = np.arange(len(ranks))
    return at[at >= 0]


def medians(values: Floats, starts: Ints) -> Floats:
    """The median of each run of values without NaN; `starts`: where each run begins."""
    size = np.diff(starts, append=len(values))
    middle = np.empty(len(starts))
    by_size = np.argsort(size, kind="stable")
    # Runs of one length form a matrix.
    for alike in np.split(by_size, stretches(size[by_size])[1:]) if len(starts) else ():
        n = int(size[alike[0]])
        all_alike = len(alike) == len(starts)
        rows = values.reshape(-1, n) if all_alike else values[starts[alike][:, None] + np.arange(n)]
        ordered = np.partition(rows, [(n - 1) // 2, n // 2], axis=1)
        low, high = ordered[:, (n - 1) // 2], ordered[:, n // 2]
        middle[alike] = low + (high - low) * 0.5
    return middle


def value_over_export(value: pl.Expr, rows: pl.DataFrame) -> pl.Expr:
    """The expression evaluated over each export; without grouping where all rows are of one export."""
    return value if has_one_value(rows["export"]) else value.over("export")


def value_by_export(told: Mapping[int, T], rows: pl.DataFrame, dtype: type[pl.DataType]) -> pl.Expr:
    """The value in `told` for the export of each row; null for exports that are not in it."""
    if not told or rows.is_empty() or has_one_value(rows["export"]):
        return pl.lit(told.get(rows["export"][0]) if told and rows.height else None, dtype=dtype)
    values = pl.Series(list(told.values()), dtype=dtype)
    return pl.col("export").replace_strict(list(told), values, default=None, return_dtype=dtype)


def aggregate_by_pair(rows: pl.LazyFrame, pairs: pl.Series, *found: pl.Expr) -> pl.LazyFrame:
    """`rows.group_by("pair").agg(*found)`, without grouping where there is one pair.

    `pairs` holds the pair number of every row, without nulls. The aggregates must not depend on row order.
    """
    if not has_one_value(pairs):
        return rows.group_by("pair").agg(*found)
    aggregated = rows.select(pl.col("pair").first(), pl.len().alias("row_count"), *found)
    return aggregated.filter(pl.col("row_count") > 0).drop("row_count")


def is_sorted(codes: npt.NDArray[Any], times: npt.NDArray[Any]) -> bool:
    """Whether rows are sorted by conversation number, then time."""
    rises, stays = codes[1:] > codes[:-1], codes[1:] == codes[:-1]
    return bool((rises | (stays & (times[1:] >= times[:-1]))).all())


def sort_order(codes: Codes, times: Ints) -> npt.NDArray[np.int64] | None:
    """The order of rows by conversation, time, then position; None where they are sorted already."""
    if is_sorted(codes, times):
        return None
    is_timed = bool((times[1:] >= times[:-1]).all())
    return by_number(codes, np.arange(len(times)) if is_timed else np.argsort(times, kind="stable"))


def by_number(numbers: Codes | Ints, order: Ints) -> Ints:
    """The positions in `order`, sorted by their numbers (0 to 2**32); equal ones keep their order."""
    # Stably by the lower and the upper half, because numpy counts 16-bit values instead of comparing.
    for half in (numbers & 0xFFFF, numbers >> 16):
        digits = half[order].astype(np.uint16)
        order = order[np.argsort(digits, kind="stable")] if digits.any() else order
    return order


def hash_key(*columns: pl.Expr) -> pl.Expr:
    """One number for each combination of values.

    Each column is hashed by itself, because hashing a struct writes it out row by row first.
    """
    return combine_hashes(*(hash_column(c) for c in columns))


def hash_column(column: pl.Expr) -> pl.Expr:
    """The hash of one column, as `hash_key` uses it."""
    return column.hash(seed=3)


def combine_hashes(*hashes: pl.Expr) -> pl.Expr:
    """The `hash_key` of the columns with these hashes."""
    return reduce(lambda key, h: key * 0x9E3779B97F4A7C15 + h, hashes)


def held_by(many: pl.DataFrame, few: pl.DataFrame, *columns: str) -> pl.Series:
    """Whether each row of `few` also occurs in `many`, compared by the hashes of these columns.

    Nothing is built of the long table, so that its texts cost no more than their hashes.
    """
    key = hash_key(*(pl.col(c) for c in columns)).alias("key")
    asked = few.select(key).to_series()
    held = many.lazy().select(key).select(pl.col("key").filter(pl.col("key").is_in(listed(asked)))).pipe(collected)
    return few.select(key.is_in(listed(held["key"]))).to_series()


# Milliseconds between two groups on one axis, and the largest time in milliseconds (year 2109).
_APART, _MOST = 2**43, 2**42 - 1


def on_axis(group: Ints, seconds: Floats) -> Ints:
    """Positions (ms) on one axis where groups follow each other and never overlap.

    Whole numbers, so that the position of a group changes no distance within it.
    """
    return group * _APART + np.clip(np.round(seconds * 1000), -_MOST, _MOST).astype(np.int64)


def of_numbers(numbers: Ints, table: pl.DataFrame, column: str) -> Floats:
    """The `column` of these pair numbers, from a table with one row a pair; nan where it has none."""
    values = np.full(int(max(numbers.max(initial=-1), table["pair"].to_numpy().max(initial=-1))) + 2, np.nan)
    values[table["pair"].to_numpy()] = table[column].cast(pl.Float64).to_numpy()
    return values[numbers]
