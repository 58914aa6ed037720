"""The display order of a conversation's lines: time runs down both columns, pairs are level."""

import polars as pl

from reconcile.vocabulary import Side

STRAY_SECONDS = 120.0
"""A pair whose clocks disagree by more than this from its neighbours says nothing about the order around it."""
NEIGHBOURS = 31

_OFFSET = pl.duration(seconds=pl.col("_offset").fill_null(0.0))


def in_display_order(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines sorted for display.

    The left side's order rules. A row that only the right side has follows the row that precedes it there. Among
    unpaired rows between two pairs, time decides after the local clock difference is removed.

    Args:
        lines: has left_row, right_row (null where absent), left_at, right_at (UTC; null = no time), offset_seconds.
    """
    keyed = lines.with_row_index("_id").with_columns(
        (pl.col("left_row").is_not_null() & pl.col("right_row").is_not_null()).alias("_is_pair")
    )
    left = _left_keys(_side_order(keyed, Side.LEFT))
    right = _right_keys(_side_order(keyed, Side.RIGHT), left)
    keys = pl.concat([left, right.filter(~pl.col("_is_pair"))], how="diagonal")
    ranked = keyed.join(keys.drop("_is_pair"), on="_id", how="left", maintain_order="left")
    order = ["_anchor", "_after", "_time", "_right", "_place"]
    return ranked.sort(order, nulls_last=False).select(lines.columns)


def _side_order(keyed: pl.DataFrame, side: Side) -> pl.DataFrame:
    """The rows of one side in time order with `_place`; a reversed export is turned round."""
    rows = keyed.filter(pl.col(f"{side}_row").is_not_null()).select(
        "_id",
        "_is_pair",
        "offset_seconds",
        pl.col(f"{side}_row").cast(pl.Int64).alias("_row"),
        _at=pl.col(f"{side}_at"),
    )
    rows = rows.sort("_row").with_columns(pl.col("_at").forward_fill().backward_fill())
    steps = rows["_at"].diff().dt.total_microseconds().sign().sum()
    row = -pl.col("_row") if steps < 0 else pl.col("_row")
    return rows.sort("_at", row).drop("_row").with_row_index("_place")


def _left_keys(left: pl.DataFrame) -> pl.DataFrame:
    """Sort keys of the left rows: the place of the last pair, then time, then place."""
    place = pl.col("_place").cast(pl.Int64)
    return left.select(
        "_id",
        "_is_pair",
        pl.when("_is_pair").then(place).forward_fill().fill_null(-1).alias("_anchor"),
        (~pl.col("_is_pair")).alias("_after"),
        pl.when("_is_pair").then(None).otherwise(pl.col("_at")).alias("_time"),
        pl.lit(False).alias("_right"),
        pl.col("_place"),
    )


def _right_keys(right: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """Sort keys of the right rows, with the left place of the last pair whose clock fits."""
    pairs = right.filter("_is_pair").select("_id", "offset_seconds")
    local = pl.col("offset_seconds").rolling_median(NEIGHBOURS, min_samples=1, center=True)
    is_stray = ((pl.col("offset_seconds") - local).abs() > STRAY_SECONDS).fill_null(False)
    anchors = pairs.with_columns(local.alias("_offset"), is_stray.alias("_stray")).join(
        left.select("_id", "_anchor"), on="_id"
    )
    known = anchors.select("_id", "_offset", pl.when(~pl.col("_stray")).then("_anchor").alias("_anchor"))
    placed = right.join(known, on="_id", how="left", maintain_order="left").with_columns(
        pl.col("_anchor").cum_max().forward_fill().fill_null(-1), pl.col("_offset").forward_fill().backward_fill()
    )
    return placed.select(
        "_id",
        "_is_pair",
        "_anchor",
        pl.lit(True).alias("_after"),
        (pl.col("_at") + _OFFSET).alias("_time"),
        pl.lit(True).alias("_right"),
        "_place",
    )
