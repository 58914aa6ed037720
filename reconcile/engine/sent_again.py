"""Words that their author sent once more."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.records import Flags, Ints, Records


def sent_again(records: Records, first: Ints, later: Ints, within: float, *, also_before: bool = False) -> Flags:
    """Whether the author of each of the records `first` said the same once more in a record of `later`.

    Kind, words and amount are compared as the export writes them. A record without a time is met by none. Only the
    nearest record in time is looked up, so that words said thousands of times cost no more than rare ones.

    Args:
        records: all records of a side.
        first: positions of records.
        later: positions of the records that may repeat them.
        within: longest time after the first, in seconds.
        also_before: whether a record that is as much earlier counts too.
    """
    alike = pl.Series(records.raw_key[later]).is_in(pl.Series(records.raw_key[first]).implode()).to_numpy()
    if not alike.any():
        return np.zeros(len(first), bool)
    asked, held = _timed(records, first), _timed(records, later[alike]).with_columns(again="t")
    met = [
        asked.join_asof(
            held, on="t", by=["pair", "party", "key"], strategy=way, tolerance=within, check_sortedness=False
        )
        for way in (("forward", "backward") if also_before else ("forward",))
    ]
    found = pl.concat(met).filter(pl.col("again").is_not_null()).select("at").pipe(collected)
    again: Flags = np.isin(first, found["at"].to_numpy())
    return again


def _timed(records: Records, at: Ints) -> pl.LazyFrame:
    """at, pair, party, key and t (seconds) of those of these records that have a time, sorted by it."""
    at = at[~np.isnan(records.t[at])]
    columns = {"at": at, "pair": records.pair[at], "party": records.party[at], "key": records.raw_key[at]}
    return pl.LazyFrame({**columns, "t": records.t[at]}).sort("t")


__all__ = ["sent_again"]
