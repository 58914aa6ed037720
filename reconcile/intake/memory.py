"""Frames put together so that their parts are let go on the way: an export's rows are not to stand in memory twice."""

import polars as pl


def joined(frames: list[pl.DataFrame]) -> pl.DataFrame:
    """Frames of one schema below each other, each column in one piece; the list, which nobody else may use, is left empty.

    Column by column, and what went into one is let go before the next. A frame in pieces would be copied whole, all columns at once,
    wherever later steps find its columns cut at different rows. A column in which nothing stands is not written.
    """
    height = sum(f.height for f in frames)
    columns: list[pl.Series] = []
    empty: list[pl.Expr] = []
    names = frames[0].columns
    for name in names:
        pieces = [f.drop_in_place(name) for f in frames]
        if height and sum(p.null_count() for p in pieces) == height:
            empty.append(pl.lit(None, dtype=pieces[0].dtype).alias(name))
        else:
            columns.append(pl.concat(pieces, rechunk=True))
    frames.clear()
    if not empty:
        return pl.DataFrame(columns)
    rows = pl.DataFrame(columns) if columns else pl.DataFrame(height=height)
    return rows.with_columns(empty).select(names)
