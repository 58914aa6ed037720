"""Texts that begin with who says them, as some tools and the store of a room write each: the name and a colon are none of the words."""

import polars as pl

from reconcile.wechat.classes import WORDS

_HEAD = r"^([^\n:：]{1,40}[:：])"
# Nine in ten of so many texts begin so, each sender's with one name and no two senders' with the same; the first rows of a chat tell whether to look.
SHARE, LEAST_ROWS, FIRST_ROWS = 0.9, 8, 64


def without_heads(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `text` without the sender's name before it, and `headed`, where a conversation of this export writes it throughout."""
    pairs = _likely(rows)
    if pairs.is_empty():
        return rows
    words = rows.lazy().filter((pl.col("cls") == WORDS) & pl.col("pair").is_in(pairs.implode()))
    told = words.select(
        "pair", "row", "sender", "is_self", pl.col("text").str.extract(_HEAD, 1).alias("head")
    ).collect()
    who = ["pair", "sender", "is_self"]
    common = told.group_by(*who).agg(
        pl.col("head").drop_nulls().mode().sort().first().alias("own"), pl.len().alias("n")
    )
    met = told.join(common, on=who, nulls_equal=True).with_columns(
        (pl.col("head") == pl.col("own")).fill_null(value=False).alias("has")
    )
    shares = met.group_by("pair").agg(pl.col("has").mean().alias("share"), pl.len().alias("n"))
    names = common.group_by("pair").agg(pl.col("own").n_unique().alias("names"), pl.len().alias("people"))
    sure = shares.join(names, on="pair").filter(
        (pl.col("share") >= SHARE)
        & (pl.col("n") >= LEAST_ROWS)
        & (pl.col("people") > 1)
        & (pl.col("names") == pl.col("people"))
    )
    headed = met.filter("has").join(sure, on="pair", how="semi")["row"]
    if headed.is_empty():
        return rows
    is_headed = pl.col("row").is_in(headed.implode())
    bare = pl.col("text").str.replace(_HEAD + r"\s*", "")
    return rows.with_columns(is_headed.alias("headed"), pl.when(is_headed).then(bare).otherwise("text").alias("text"))


def _likely(rows: pl.DataFrame) -> pl.Series:
    """The conversations half of whose first texts begin like that."""
    several = rows["pair"].null_count() or rows["pair"].min() != rows["pair"].max()
    first = rows.select("pair", "cls", "text")
    first = first.filter(pl.int_range(pl.len()).over("pair") < FIRST_ROWS) if several else first.head(FIRST_ROWS)
    said = first.filter((pl.col("cls") == WORDS) & pl.col("pair").is_not_null())
    share = said.group_by("pair").agg(pl.col("text").str.contains(_HEAD).mean().alias("share"))
    return share.filter(pl.col("share") >= 0.5)["pair"].sort()
