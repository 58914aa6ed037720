"""Takes out times by a device's reset clock; the rows then have the place that the file gives them."""

import numpy as np
import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.params import PARAMS
from reconcile.vocabulary import TimePrecision
from reconcile.wechat.kind_classes import SECONDS


def without_reset_times(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `reset_t` (µs): the time of each row by a reset clock, which then has no `t`.

    After a flat battery a device may begin at 1970, or at the date of its firmware, and go on from there. The file then
    holds rows of that time behind rows of later years. Such rows come in runs that go on, and that lasted no longer than
    the rows around them leave: a part of the chat that stands in the wrong place covers more. Times before there was any
    WeChat need not fit.
    """
    none = rows.with_columns(pl.lit(None, dtype=pl.Int64).alias("reset_t"))
    t, pair = rows["t"].to_numpy(), rows["pair"].to_numpy()
    back = SECONDS * PARAMS.reset_seconds
    # Nearly all files are in order of time, or go back by less.
    falls = (t[1:] - t[:-1] < -back) & (pair[1:] == pair[:-1])
    if not falls.any():
        return none
    known = rows.select("row", "pair", "t").drop_nulls()
    known = known.filter(pl.col("pair").is_in(listed(rows["pair"][np.flatnonzero(falls) + 1])))
    highest = pl.col("t").cum_max().shift().over("pair")
    known = known.with_columns((pl.col("t") < highest - back).fill_null(value=False).alias("is_reset"))
    held = pl.when(~pl.col("is_reset")).then("t")
    known = known.with_columns(
        held.forward_fill().over("pair").alias("before"), held.backward_fill().over("pair").alias("after"),
        (pl.col("is_reset") != pl.col("is_reset").shift()).fill_null(value=True).cum_sum().over("pair").alias("run"),
    )  # fmt: skip
    lasted = (pl.col("t").max() - pl.col("t").min()).over("pair", "run")
    rises = (pl.col("t").diff() >= 0).fill_null(value=True).all().over("pair", "run")
    fits = rises & (lasted <= pl.col("after") - pl.col("before"))
    impossible = pl.col("t") < SECONDS * PARAMS.first_message_second
    found = known.filter(pl.col("is_reset") & (impossible | fits.fill_null(value=False)))["row"]
    if found.is_empty():
        return none
    is_reset = pl.col("row").is_in(listed(found))
    return rows.with_columns(
        pl.when(is_reset).then("t").alias("reset_t"), pl.when(~is_reset).then("t").alias("t"),
        pl.when(is_reset).then(pl.lit(str(TimePrecision.NONE))).otherwise(pl.col("time_precision").cast(pl.String)).cast(rows.schema["time_precision"]).alias("time_precision"),
    )  # fmt: skip
