"""Rows that one device got at one moment: it was off, or written to without a net, and stamped what had waited."""

import polars as pl

from reconcile.lookup import rows_within
from reconcile.vocabulary import TimePrecision
from reconcile.wechat.classes import SECONDS, SYSTEM

# So many rows of one second, or of the next, came in together: people do not write so fast, and times that tell no seconds do not tell it.
LEAST_TOGETHER = 4
_COARSE = (str(TimePrecision.MINUTE), str(TimePrecision.DAY))


def in_heap(pair: pl.Series, at: pl.Series, frame: pl.DataFrame) -> pl.Series:
    """Whether each row, told by its pair and its own time (µs), stands within a second of several others of its side's frame."""
    if pair.is_empty():
        return pl.Series(dtype=pl.Boolean)
    asked = pl.DataFrame({"pair": pair, "second": at // SECONDS})
    wanted = pl.concat([asked["second"] + k for k in (-1, 0, 1)]).unique()
    second = pl.col("raw_t").floordiv(SECONDS).alias("second")
    # Of a row that its export holds twice the second came in with nothing.
    fine = ~pl.col("time_precision").cast(pl.String).is_in(_COARSE) & (pl.col("cls") != SYSTEM) & ~pl.col("is_repeat")
    # First the few rows of these seconds: their other columns are looked at for them alone.
    few = frame.select("pair", "raw_t", "time_precision", "cls", "is_repeat")[
        rows_within(frame["raw_t"], wanted, SECONDS)
    ]
    here = few.filter(fine).select("pair", second)
    # Those of the second before and of the one behind came with them.
    heaps = pl.concat([here.with_columns(pl.col("second") + k) for k in (-1, 0, 1)]).group_by("pair", "second").len("n")
    held = asked.join(heaps, on=["pair", "second"], how="left", maintain_order="left")["n"]
    return held.fill_null(0) >= LEAST_TOGETHER
