"""Rows alone on both sides of a chat without times, of which each side holds the like some places off: one message perhaps in two orders."""

import polars as pl

from reconcile.match.crossed import FAR_REACH
from reconcile.match.passes import with_every_body
from reconcile.match.quotes import bare_reply
from reconcile.match.work import is_undelivered
from reconcile.vocabulary import Side
from reconcile.wechat.classes import SYSTEM

_LOOK = ("pair", "party", "cls", "body")


def may_stand_in_another_order(
    alone: pl.DataFrame, open_lacking: pl.DataFrame, standing: pl.DataFrame, name: str, untimed: list[int]
) -> pl.Series:
    """Row numbers of the rows alone, in chats without times, of whose sender and words the lacking side holds one alone within some dozens of places.

    Each side would have lost the very message that the other kept: sooner two devices show one message in two orders.

    Args:
        alone: rows of one side (`name`) without a partner.
        open_lacking: those of the other side.
        standing: the pairs, by which a place of the one file is one of the other.
        name: left or right.
        untimed: conversations without times.
    """
    here = pl.col("pair").is_in(untimed)
    if not untimed or standing.is_empty() or not alone.select(here.any()).item():
        return pl.Series(dtype=pl.UInt32)
    other = Side(name).other
    sides = _spoken(alone.filter(here)), _spoken(open_lacking.filter(here))
    if any(s.is_empty() for s in sides):
        return pl.Series(dtype=pl.UInt32)
    marks = standing.select("pair", pl.col(f"{name}_row").alias("row"), pl.col(f"{other}_row").cast(pl.Int64).alias("place")).sort("row")  # fmt: skip
    placed = sides[0].sort("row").join_asof(marks, on="row", by="pair", check_sortedness=False)
    theirs = sides[1].with_columns(pl.col("row").cast(pl.Int64).alias("place")).drop("row").sort("place")
    near = placed.drop_nulls("place").sort("place").join_asof(
        theirs.with_columns(pl.lit(value=True).alias("met")), on="place", by=_LOOK, strategy="nearest", tolerance=FAR_REACH, check_sortedness=False
    )  # fmt: skip
    return near.filter("met")["row"]


def _spoken(rows: pl.DataFrame) -> pl.DataFrame:
    rest = rows.filter(
        ~is_undelivered() & ~pl.col("is_repeat") & (pl.col("cls") != SYSTEM) & pl.col("party").is_not_null()
    )
    return with_every_body(rest.with_columns(bare_reply())).select(*_LOOK, "row")
