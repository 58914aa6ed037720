"""Counts the distinctive messages that conversations of two exports have in common."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.params import PARAMS
from reconcile.parallel import run_both_sides
from reconcile.wechat.kind_classes import SECONDS


def _distinctive_messages(messages: pl.DataFrame) -> pl.DataFrame:
    """(key, is_id, conversation, t) of every long text and server id that occurs in only one conversation."""
    # Names recur on every row, and categories are compared once each.
    base = messages.lazy().select(
        "kind", "text", "message_id", pl.col("conversation").cast(pl.Categorical), pl.col("sent_at").dt.timestamp("us").alias("t")
    )  # fmt: skip
    words = base.filter(
        pl.col("kind").cast(pl.String).is_in(["text", "quote", "link", "file"])
        & (pl.col("text").str.len_chars() >= PARAMS.distinctive_characters)
    ).select(pl.col("text").hash(seed=1).alias("key"), pl.lit(value=False).alias("is_id"), "conversation", "t")
    ids = base.filter(pl.col("message_id").is_not_null()).select(
        pl.col("message_id").hash(seed=2).alias("key"), pl.lit(value=True).alias("is_id"), "conversation", "t"
    )
    # A text that recurs within one chat still distinguishes that chat from others.
    told = pl.concat([words, ids]).pipe(collected)
    is_single = told["key"].is_unique()
    again = told.filter(~is_single).with_columns(pl.col("conversation").to_physical().alias("code"))
    is_one = pl.col("code").min() == pl.col("code").max()
    first = pl.col("is_id", "conversation").first()
    grouped = again.group_by("key").agg(first, pl.col("t").min(), is_one.alias("is_one"))
    return pl.concat([told.filter(is_single), grouped.filter("is_one").drop("is_one")])


def common_content(
    left: pl.DataFrame, right: pl.DataFrame, left_rows: pl.DataFrame, right_rows: pl.DataFrame
) -> pl.DataFrame:
    """left, right, common, share: number of distinctive messages two conversations share at one offset.

    Many people write the same sentences, but only those of one conversation lie at one offset. Messages without times
    count half. `share` is their share of the smaller conversation, from 0 to 1.
    """
    if left_rows.height == 1 and right_rows.height == 1:
        # With one conversation on each side there is no choice to make.
        only = {"left": left_rows["conversation"], "right": right_rows["conversation"], "common": [1], "share": [1.0]}
        return pl.DataFrame(only).with_columns(pl.col("common").cast(pl.UInt32))
    return common_messages(left, right)


NO_CONTENT = pl.DataFrame(schema={"left": pl.String, "right": pl.String, "common": pl.UInt32, "share": pl.Float64})


def common_messages(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """`common_content` of several conversations.

    Texts and server ids are counted apart, and the better of the two holds: two tools may state ids of which none, or
    few, are the same numbers.
    """
    a, b = run_both_sides(lambda side: _distinctive_messages((left, right)[side]), left.height + right.height)
    by = ["conversation", "is_id"]
    sizes = [f.group_by(by).len("size").cast({"conversation": pl.String}) for f in (a, b)]
    both = a.join(b, on=["key", "is_id"], suffix="_right").rename(
        {"conversation": "left", "conversation_right": "right"}
    )
    share = pl.col("common") / pl.min_horizontal("size_left", "size_right")
    # A few texts make no share, unless there is nothing else.
    tells = pl.col("common") >= pl.min_horizontal(pl.col("common").max(), PARAMS.same_chat_texts)
    return (
        _agreeing(both)
        .filter(pl.col("common") > 0)
        .with_columns(pl.col("left", "right").cast(pl.String))
        .join(sizes[0].rename({"conversation": "left", "size": "size_left"}), on=["left", "is_id"])
        .join(sizes[1].rename({"conversation": "right", "size": "size_right"}), on=["right", "is_id"])
        .group_by("left", "right")
        .agg(pl.col("common").max().cast(pl.UInt32), share.filter(tells).max().alias("share"))
    )


def _agreeing(both: pl.DataFrame) -> pl.DataFrame:
    """left, right, is_id, common: most texts, or ids, of two within three minutes of one offset."""
    code = (pl.col(c).to_physical().cast(pl.UInt64) for c in ("left", "right"))
    offset = (pl.col("t").cast(pl.Int64) - pl.col("t_right").cast(pl.Int64)).alias("at")
    # One number stands for two conversations and for texts or ids.
    two = (next(code) * 2**32 + next(code) * 2 + pl.col("is_id").cast(pl.UInt64)).alias("two")
    coded = both.select("left", "right", "is_id", two, offset)
    timed = coded.filter(pl.col("at").is_not_null())[["two", "at"]]
    timed = timed.sort("at").sort("two", maintain_order=True)
    most = _densest_span(timed, round(PARAMS.same_chat_seconds * SECONDS)) if timed.height else None
    total = coded.group_by("two").agg(
        pl.col("left", "right", "is_id").first(), pl.len().alias("all"), pl.col("at").is_null().mean().alias("untimed")
    )
    pair = pl.col("left", "right", "is_id")
    if most is None:
        return total.select(pair, (pl.col("all") // 2).alias("common"))
    joined = total.join(most, on="two", how="left").with_columns(pl.col("dense").fill_null(0))
    return joined.select(
        pair,
        pl.when(pl.col("untimed") > PARAMS.untimed_share).then(pl.col("all") // 2).otherwise("dense").alias("common"),
    )


def _densest_span(timed: pl.DataFrame, span: int) -> pl.DataFrame:
    """two, dense: the most rows of each two conversations within `span`; `timed` is sorted by two, at."""
    starts = pl.col("two") != pl.col("two").shift()
    step = pl.when(starts.fill_null(value=True)).then(span + 1).otherwise(pl.col("at").diff().clip(0, span + 1))
    # All conversations share one axis, at least a span apart, and longer steps are shortened to that.
    axis = timed.select(step.cum_sum().alias("at"))["at"].to_numpy()
    inside = np.searchsorted(axis, axis, side="right") - np.searchsorted(axis, axis - span)
    counted = timed.select("two", pl.Series("n", inside, dtype=pl.UInt32))
    return counted.group_by("two").agg(pl.col("n").max().alias("dense"))
