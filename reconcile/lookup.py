"""Looks up column values by row number or pair number instead of joining tables; combines several key columns into one number."""

from collections.abc import Mapping
from functools import reduce
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

Codes = npt.NDArray[np.uint32]
Ints = npt.NDArray[np.int64]
T = TypeVar("T")


def is_among(rows: pl.Series, height: int) -> pl.Series:
    """Whether each of the row numbers below `height` is among `rows`."""
    among = np.zeros(height, bool)
    among[rows.to_numpy()] = True
    return pl.Series(among)


def of_pair(pairs: pl.Series, table: pl.DataFrame, column: str) -> pl.Series:
    """`column` of a table that holds each pair once, for every pair number; null for no pair, and for one that the table lacks."""
    most = max(int(s.max() or 0) for s in (pairs, table["pair"]))  # type: ignore[arg-type]
    every = pl.DataFrame({"pair": pl.int_range(most + 1, dtype=pl.UInt32, eager=True)})
    known = every.join(table.select("pair", column), on="pair", how="left", maintain_order="left")
    return known[column].gather(pairs)


def is_of_one(column: pl.Series) -> bool:
    """Whether every row says the same, as the name of the conversation does in most exports; a row that says nothing says something else."""
    return (
        bool(column.len()) and not column.null_count() and column[0] == column[-1] and bool((column == column[0]).all())
    )


def over_export(value: pl.Expr, rows: pl.DataFrame) -> pl.Expr:
    """A value of the whole export of each of these rows; where all are of one, no row is first told apart from the others."""
    return value if is_of_one(rows["export"]) else value.over("export")


def of_export(told: Mapping[int, T], rows: pl.DataFrame, dtype: type[pl.DataType]) -> pl.Expr:
    """What is told of the export of each of these rows; null where nothing is."""
    exports = rows["export"].unique()
    if len(exports) < 2 or not told:
        return pl.lit(told.get(exports[0]) if len(exports) else None, dtype=dtype)
    values = pl.Series(list(told.values()), dtype=dtype)
    return pl.col("export").replace_strict(list(told), values, default=None, return_dtype=dtype)


def of_each_pair(rows: pl.LazyFrame, pairs: pl.Series, *found: pl.Expr) -> pl.LazyFrame:
    """`rows.group_by("pair").agg(*found)`; where there is one pair no row is first told apart from the others.

    `pairs` holds every pair number of the rows, and no null. What is found must not depend on the order of adding up.
    """
    if not is_of_one(pairs):
        return rows.group_by("pair").agg(*found)
    told = rows.select(pl.col("pair").first(), pl.len().alias("rows of the pair"), *found)
    return told.filter(pl.col("rows of the pair") > 0).drop("rows of the pair")


def in_order(codes: Codes, times: Ints) -> bool:
    """Whether rows stand by their conversation's number, and those of one conversation by time."""
    rises, stays = codes[1:] > codes[:-1], codes[1:] == codes[:-1]
    return bool((rises | (stays & (times[1:] >= times[:-1]))).all())


def order_of(codes: Codes, times: Ints) -> npt.NDArray[np.int64] | None:
    """The rows by conversation, time, then place; None where they stand so already."""
    if in_order(codes, times):
        return None
    is_timed = bool((times[1:] >= times[:-1]).all())
    order = np.arange(len(times)) if is_timed else np.argsort(times, kind="stable")
    # By time, then stably by the lower and the upper half of the code: numpy counts sixteen bits instead of comparing them.
    for half in (codes & 0xFFFF, codes >> 16):
        digits = half[order].astype(np.uint16)
        order = order[np.argsort(digits, kind="stable")] if digits.any() else order
    return order


def key_of(*columns: pl.Expr) -> pl.Expr:
    """One number for equal values of all columns. Each is hashed by itself: a struct of them is first written out row by row."""
    return key_of_hashes(*(hash_of(c) for c in columns))


def hash_of(column: pl.Expr) -> pl.Expr:
    """The number of a value as `key_of` makes it."""
    return column.hash(seed=3)


def key_of_hashes(*hashes: pl.Expr) -> pl.Expr:
    """`key_of` the columns whose `hash_of` is given."""
    return reduce(lambda key, h: key * 0x9E3779B97F4A7C15 + h, hashes)
