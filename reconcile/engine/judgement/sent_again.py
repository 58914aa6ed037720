"""Words that their author sent once more."""

from typing import Literal

import numpy as np
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.records import Flags, Ints, Records

Way = Literal["forward", "backward"]


def sent_again(
    records: Records, rows: Ints, others: Ints, within: float, ways: tuple[Way, ...] = ("forward",)
) -> Flags:
    """Whether the author of each of the records `rows` said the same once more in a record of `others`.

    Kind, words and amount are compared as the export writes them. A record without a time is met by none. Only the
    nearest record in time is looked up, so that words said thousands of times cost no more than rare ones.

    Args:
        records: all records of a side.
        rows: positions of records.
        others: positions of the records that may repeat them.
        within: longest time between the two, in seconds.
        ways: whether the other record is the later one (forward) or the earlier one (backward).
    """
    alike = pl.Series(records.raw_key[others]).is_in(pl.Series(records.raw_key[rows]).implode()).to_numpy()
    if not alike.any():
        return np.zeros(len(rows), bool)
    asked, held = _timed(records, rows), _timed(records, others[alike]).with_columns(again="t")
    met = [
        asked.join_asof(
            held, on="t", by=["pair", "party", "key"], strategy=way, tolerance=within, check_sortedness=False
        )
        for way in ways
    ]
    found = pl.concat(met).filter(pl.col("again").is_not_null()).select("at").pipe(collected)
    again: Flags = np.isin(rows, found["at"].to_numpy())
    return again


def _timed(records: Records, at: Ints) -> pl.LazyFrame:
    """at, pair, party, key and t (seconds) of those of these records that have a time, sorted by it."""
    at = at[~np.isnan(records.t[at])]
    columns = {"at": at, "pair": records.pair[at], "party": records.party[at], "key": records.raw_key[at]}
    return pl.LazyFrame({**columns, "t": records.t[at]}).sort("t")


__all__ = ["sent_again"]
