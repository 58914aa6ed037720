"""Rows alone at whose moment the lacking side's own numbering skips: they were not rewritten by a recall."""

import numpy as np
import numpy.typing as npt
import polars as pl


def with_hole(
    alone: pl.DataFrame, near: pl.DataFrame, holder: pl.DataFrame, lacking: pl.DataFrame, *, each: bool
) -> pl.Series:
    """Rows at whose moment the lacking side's own numbering skips: a recall rewrites its row and leaves no hole.

    Only where its numbers otherwise follow each other, in the whole export or, where they start anew in each, in the conversation; and only
    where at least as many numbers are missing as rows are alone there, beside those that the holder's own numbering skips there: what both
    lack left a hole in both.
    """
    scope, dense = _dense(lacking, each=each)
    if near.is_empty() or dense.is_empty():
        return pl.Series(dtype=pl.UInt32)
    marks = dense.filter(pl.col("t").is_not_null()).select("pair", "t", "local_id", pl.col("t").alias("t_other"))
    marks = marks.sort("t_other", "local_id")
    wanted = near.select("pair", "row", "t_other").unique().sort("t_other")
    both = wanted.join_asof(marks, on="t_other", by="pair", strategy="backward", check_sortedness=False)
    both = both.join_asof(marks, on="t_other", by="pair", strategy="forward", suffix="_next", check_sortedness=False)
    both = both.filter(pl.col("local_id_next") - pl.col("local_id") > 1)
    if both.is_empty():
        return pl.Series(dtype=pl.UInt32)
    numbers = _sorted_by(scope, lacking.filter(pl.col("local_id").is_not_null()), "local_id")
    times = _sorted_by(scope, alone.filter(~pl.col("is_repeat") & pl.col("t_other").is_not_null()), "t_other")
    own = _skipped_beside(alone, holder, both["row"], each=each)
    found = []
    for row, pair, low, high, start, end in both.select(
        "row", "pair", "local_id", "local_id_next", "t", "t_next"
    ).iter_rows():
        key = pair if scope else None
        missing = high - low - 1 - _inside(numbers[key], low + 1, high - 1) - own.get(row, 0)
        if missing >= max(_inside(times[key], start, end), 1):
            found.append(row)
    return pl.Series(found, dtype=pl.UInt32)


def _dense(rows: pl.DataFrame, *, each: bool) -> tuple[list[str], pl.DataFrame]:
    """The column by which the numbers start anew, if any, and the numbered rows of the conversations in which they follow each other."""
    numbered = rows.filter(pl.col("local_id").is_not_null())
    by_chat = each or bool(numbered["local_id"].is_duplicated().any())
    scope = ["pair"] if by_chat else []
    step = pl.col("local_id") - pl.col("local_id").shift()
    steps = numbered.sort(*scope, "local_id").with_columns((step.over("pair") if by_chat else step).alias("step"))
    dense = steps.group_by("pair").agg((pl.col("step") == 1).mean().alias("share")).filter(pl.col("share") >= 0.8)
    return scope, steps.join(dense.select("pair"), on="pair", how="semi", maintain_order="left")


def _skipped_beside(alone: pl.DataFrame, holder: pl.DataFrame, asked: pl.Series, *, each: bool) -> dict[int, int]:
    """How many numbers the holder's own numbering skips between the rows around each of these that are not alone."""
    scope, dense = _dense(holder, each=each)
    own = dense.filter(pl.col("pair").is_in(dense.filter(pl.col("row").is_in(asked.implode()))["pair"].implode()))
    if own.is_empty():
        return {}
    known = pl.when(~pl.col("row").is_in(alone["row"].implode())).then("local_id")
    own = own.sort("pair", "local_id").with_columns(
        known.forward_fill().over("pair").alias("low"), known.backward_fill().over("pair").alias("high")
    )
    own = own.filter(pl.col("row").is_in(asked.implode())).drop_nulls(["low", "high"])
    numbers = _sorted_by(scope, holder.filter(pl.col("local_id").is_not_null()), "local_id")
    return {
        row: high - low - 1 - _inside(numbers[pair if scope else None], low + 1, high - 1)
        for row, pair, low, high in own.select("row", "pair", "low", "high").iter_rows()
    }


def _sorted_by(scope: list[str], frame: pl.DataFrame, column: str) -> dict[int | None, npt.NDArray[np.int64]]:
    if not scope:
        return {None: frame[column].sort().to_numpy()}
    return {key[0]: part[column].sort().to_numpy() for key, part in frame.partition_by(scope, as_dict=True).items()}


def _inside(values: npt.NDArray[np.int64], low: int, high: int) -> int:
    """How many of the sorted values lie from low to high."""
    return int(np.searchsorted(values, high, side="right") - np.searchsorted(values, low))
