"""Texts that begin with who says them, or end with one mark, as some tools write each: the name and a colon, and the mark, are none of the words."""

import polars as pl

from reconcile.wechat.classes import WORDS

_HEAD = r"^([^\n:：]{1,40}[:：])"
# Nine in ten of so many texts begin so, each sender's with one name and no two senders' with the same; the first rows of a chat tell whether to look.
SHARE, LEAST_ROWS, FIRST_ROWS = 0.9, 8, 64
# One mark in brackets, or ticks, behind nine in ten texts: read, translated.
_TAIL = r"(\s?(?:\([^()\n]{1,8}\)|（[^（）\n]{1,8}）|\[[^\[\]\n]{1,8}\]|【[^【】\n]{1,8}】|[✓✔√]{1,2}))$"


def without_heads(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `text` without the sender's name before it, and `headed`, where a conversation of this export writes it throughout.

    So without one mark behind every text, and `tailed`.
    """
    rows = _without_tails(rows)
    pairs = _likely(rows, _HEAD)
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


def _without_tails(rows: pl.DataFrame) -> pl.DataFrame:
    pairs = _likely(rows, _TAIL)
    if pairs.is_empty():
        return rows
    words = rows.filter((pl.col("cls") == WORDS) & pl.col("pair").is_in(pairs.implode()))
    told = words.select("pair", "row", pl.col("text").str.extract(_TAIL, 1).alias("tail"))
    usual = told.group_by("pair").agg(
        pl.col("tail").drop_nulls().mode().sort().first().alias("usual"), pl.len().alias("n")
    )
    met = told.join(usual, on="pair").with_columns(
        (pl.col("tail") == pl.col("usual")).fill_null(value=False).alias("has")
    )
    sure = met.group_by("pair").agg(pl.col("has").mean().alias("share"), pl.col("n").first())
    sure = sure.filter((pl.col("share") >= SHARE) & (pl.col("n") >= LEAST_ROWS))
    tailed = pl.col("row").is_in(met.filter("has").join(sure, on="pair", how="semi")["row"].implode())
    bare = pl.when(tailed).then(pl.col("text").str.replace(_TAIL, "")).otherwise("text").alias("text")
    return rows.with_columns(tailed.alias("tailed"), bare) if sure.height else rows


def _likely(rows: pl.DataFrame, shape: str) -> pl.Series:
    """The conversations half of whose first texts hold that."""
    several = rows["pair"].null_count() or rows["pair"].min() != rows["pair"].max()
    first = rows.select("pair", "cls", "text")
    first = first.filter(pl.int_range(pl.len()).over("pair") < FIRST_ROWS) if several else first.head(FIRST_ROWS)
    said = first.filter((pl.col("cls") == WORDS) & pl.col("pair").is_not_null())
    share = said.group_by("pair").agg(pl.col("text").str.contains(shape).mean().alias("share"))
    return share.filter(pl.col("share") >= 0.5)["pair"].sort()
