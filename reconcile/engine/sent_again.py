"""Words that their author sent once more."""

import numpy as np
import polars as pl

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
    asked = _timed(records, first)
    alike = pl.Series(records.raw_key[later]).is_in(asked["key"].implode())
    held = _timed(records, later[alike.to_numpy()]).with_columns(again="t")
    met = [
        asked.join_asof(
            held, on="t", by=["pair", "party", "key"], strategy=way, tolerance=within, check_sortedness=False
        )
        for way in (("forward", "backward") if also_before else ("forward",))
    ]
    again: Flags = np.isin(first, pl.concat(met).drop_nulls("again")["at"].to_numpy())
    return again


def _timed(records: Records, at: Ints) -> pl.DataFrame:
    """at, pair, party, key and t (seconds) of those of these records that have a time, sorted by it."""
    at = at[~np.isnan(records.t[at])]
    columns = {"at": at, "pair": records.pair[at], "party": records.party[at], "key": records.raw_key[at]}
    return pl.DataFrame({**columns, "t": records.t[at]}).sort("t")


__all__ = ["sent_again"]
