"""Anchors of the clocks, also where exporters spell words or ids in two ways: rows that are one message beyond question."""

import polars as pl

from reconcile.lookup import with_text_key
from reconcile.match.skew import find_anchors
from reconcile.settings import Settings
from reconcile.wechat.classes import WORDS
from reconcile.wechat.text import canonical_text

# With fewer anchors than this a conversation has no clock of its own.
LEAST = 3


def anchors_of(left: pl.DataFrame, right: pl.DataFrame, known: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """The anchors of `find_anchors`, and for conversations with fewer than three, what else is one message beyond question.

    That is: the pairs `known` by ids (rounded ids and aliases among them), and words of six characters or more that stand once on each
    side in their canonical form. Columns and order are those of `find_anchors`.
    """
    first = find_anchors(left, right, settings)
    many = first.group_by("pair").len().filter(pl.col("len") >= LEAST)["pair"]
    poor = [f.filter(pl.col("pair").is_not_null() & ~pl.col("pair").is_in(many.implode())) for f in (left, right)]
    if any(f.is_empty() for f in poor):
        return first
    words = pl.when(pl.col("cls") == WORDS).then(canonical_text(pl.col("text"))).otherwise("text")
    plain = [with_text_key(f.with_columns(words.alias("text"))) for f in poor]
    spelt = find_anchors(plain[0], plain[1], settings)
    by_id = _by_id(poor[0], poor[1], known)
    rich, few = (first.filter(pl.col("pair").is_in(many.implode()) == is_rich) for is_rich in (True, False))
    more = pl.concat([few, by_id.select(first.columns), spelt])
    more = more.unique("left_row", keep="first", maintain_order=True)
    more = more.unique("right_row", keep="first", maintain_order=True)
    return pl.concat([rich, more]).sort("pair", "left_row")


def _by_id(left: pl.DataFrame, right: pl.DataFrame, known: pl.DataFrame) -> pl.DataFrame:
    rows = known.select(pl.col("left_row", "right_row").cast(pl.UInt32))
    timed = [f.filter(pl.col("t").is_not_null()).select("pair", "row", "t") for f in (left, right)]
    both = rows.join(timed[0], left_on="left_row", right_on="row").join(
        timed[1].select("row", "t"), left_on="right_row", right_on="row", suffix="_right"
    )
    return both.with_columns((pl.col("t") - pl.col("t_right")).alias("d"), pl.lit(value=True).alias("by_id"))
