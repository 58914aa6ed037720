"""What a join would tell of many rows, looked up: row numbers and pair numbers are places in a column."""

import numpy as np
import polars as pl


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
