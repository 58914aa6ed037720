"""Rows that one device got at one moment: it was off, or written to without a net, and stamped what had waited."""

import polars as pl

from reconcile.lookup import rows_within
from reconcile.vocabulary import TimePrecision
from reconcile.wechat.classes import SECONDS, SYSTEM

# So many rows of one second, or of the next, came in together: people do not write so fast, and times that tell no seconds do not tell it.
LEAST_TOGETHER = 4
# More seconds than any chat has.
_SECONDS_OF_A_PAIR = 2**36
_COARSE = (str(TimePrecision.MINUTE), str(TimePrecision.DAY))


def in_heap(pair: pl.Series, at: pl.Series, frame: pl.DataFrame) -> pl.Series:
    """Whether each row, told by its pair and its own time (µs), stands within a second of several others of its side's frame."""
    if pair.is_empty():
        return pl.Series(dtype=pl.Boolean)
    asked = pl.DataFrame({"pair": pair, "second": at // SECONDS})
    second = pl.col("raw_t").floordiv(SECONDS).alias("second")
    # Of a row that its export holds twice the second came in with nothing.
    fine = ~pl.col("time_precision").cast(pl.String).is_in(_COARSE) & (pl.col("cls") != SYSTEM) & ~pl.col("is_repeat")
    # First the few rows of these seconds: their other columns are looked at for them alone.
    few = frame.select("pair", "raw_t", "time_precision", "cls", "is_repeat")[_beside(asked, frame)]
    here = few.filter(fine).select("pair", second)
    # Those of the second before and of the one behind came with them.
    heaps = pl.concat([here.with_columns(pl.col("second") + k) for k in (-1, 0, 1)]).group_by("pair", "second").len("n")
    held = asked.join(heaps, on=["pair", "second"], how="left", maintain_order="left")["n"]
    return held.fill_null(0) >= LEAST_TOGETHER


def _beside(asked: pl.DataFrame, frame: pl.DataFrame) -> pl.Series:
    """Places of the rows within a second of those asked about; where the rows do not stand in order of time, of the same conversations only."""
    if frame["raw_t"].is_sorted():
        return rows_within(frame["raw_t"], pl.concat([asked["second"] + k for k in (-1, 0, 1)]).unique(), SECONDS)
    # One number for both; chats of one day share most of their seconds.
    of_asked = asked["pair"].cast(pl.Int64) * _SECONDS_OF_A_PAIR + asked["second"]
    codes = frame["pair"].cast(pl.Int64) * _SECONDS_OF_A_PAIR + frame["raw_t"] // SECONDS
    wanted = pl.concat([of_asked + k for k in (-1, 0, 1)]).drop_nulls().unique()
    return codes.is_in(wanted.implode()).fill_null(value=False).arg_true()
