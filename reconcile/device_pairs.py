"""Which rows of two devices of one party are one message."""

from datetime import timedelta

import polars as pl

from reconcile.frames import Findings
from reconcile.vocabulary import Cause, Relation

# From this difference on, two devices' clocks are aligned before their rows are merged.
LEAST_SKEW_SECONDS = 2.0
# Least share of the rows of the common period that must agree before a clock offset is estimated; design. Two devices of
# one party both hold the rows of that period. Two chats in one folder have at most a few short texts in common.
_AGREEING = 0.2
# Fewest agreeing rows that tell a clock offset; design. One short reply stands somewhere in any two parts of a chat.
_LEAST_AGREED = 3
# Largest offset of one message on two devices without a clock offset: a form without seconds states the minute alone.
_NEAR_SECONDS = 60 + LEAST_SKEW_SECONDS
_PRECISE = ("second", "millisecond")
# Equal ones show one record, different ones two.
_MARKS = ("message_id", "native_id", "media_hash")
PAIRED = (str(Relation.AGREEMENT), str(Relation.CONFLICT), str(Relation.DOUBTFUL))


def clocks_of(found: Findings) -> pl.DataFrame:
    """The clock offset of each conversation.

    Columns: conversation, skew_seconds, is_open. skew_seconds: left clock minus right clock. is_open: too few rows of the
    common period agree to estimate the offset, and `skew_seconds` is null.
    """
    skew = found.verdicts.select("conversation", pl.col("skew_seconds").fill_null(0.0))
    is_other = pl.col("side").cast(pl.String) == "right"
    shift = pl.when(is_other).then(pl.col("skew_seconds") * 1_000_000).otherwise(0.0).cast(pl.Duration("us"))
    rows = found.messages.drop_nulls(["conversation", "sent_at"]).join(skew, on="conversation")
    rows = rows.select("conversation", is_other.alias("is_other"), (pl.col("sent_at") + shift).alias("at"))
    ends = rows.group_by("conversation", "is_other").agg(
        pl.col("at").min().alias("from"), pl.col("at").max().alias("to")
    )
    common = ends.group_by("conversation").agg(pl.col("from").max(), pl.col("to").min())
    held = rows.join(common, on="conversation").filter(pl.col("at").is_between("from", "to"))
    least = held.group_by("conversation", "is_other").len().group_by("conversation").agg(pl.col("len").min())
    agreed = found.alignment.filter(pl.col("relation").cast(pl.String) == str(Relation.AGREEMENT))
    counted = least.join(agreed.group_by("conversation").len("agreed"), on="conversation", how="left")
    least_agreed = pl.max_horizontal(_AGREEING * pl.col("len"), _LEAST_AGREED)
    told = counted.filter(pl.col("agreed") >= least_agreed)["conversation"]
    is_told = pl.col("conversation").is_in(told.implode())
    return found.verdicts.select(
        "conversation", pl.when(is_told).then("skew_seconds").alias("skew_seconds"), (~is_told).alias("is_open")
    )


def paired_rows(found: Findings, clocks: pl.DataFrame, first: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows of two devices that the comparison paired.

    Columns: left_row, right_row, relation, locator, locator_right, is_one, may_be_one. is_one: they agree, have one id or
    digest, have equal words of one second, or are in conflict with equal words or of one second. may_be_one: they are no
    such pair, and no id or digest says that they are two messages. Where `clocks` (of `clocks_of`) has no offset, rows far apart are left out.
    """
    lines = found.alignment.filter(pl.col("relation").cast(pl.String).is_in(PAIRED)).drop_nulls(
        ["left_row", "right_row"]
    )
    lines = lines.join(clocks, on="conversation", how="left", maintain_order="left").select(
        "left_row", "right_row", pl.col("relation").cast(pl.String), "is_open", off=pl.col("offset_seconds") - pl.col("skew_seconds").fill_null(0.0)
    )  # fmt: skip
    told = ["locator", "text", "kind", "time_precision", *_MARKS]
    both = lines.join(first.select(pl.col("row").alias("left_row"), *told), on="left_row", maintain_order="left")
    both = both.join(other.select(pl.col("row").alias("right_row"), *told), on="right_row", suffix="_right", maintain_order="left")  # fmt: skip
    equal = [pl.col(c) == pl.col(f"{c}_right") for c in ("text", "kind")]
    equal_mark = pl.any_horizontal(pl.col(c) == pl.col(f"{c}_right") for c in _MARKS).fill_null(value=False)
    other_mark = pl.any_horizontal(pl.col(c) != pl.col(f"{c}_right") for c in _MARKS).fill_null(value=False)
    precise = [pl.col(f"time_precision{s}").cast(pl.String).is_in(_PRECISE) for s in ("", "_right")]
    one_second = pl.all_horizontal(*precise, pl.col("off").abs() < LEAST_SKEW_SECONDS).fill_null(value=False)
    altered = (pl.all_horizontal(equal) | one_second) & (pl.col("relation") == str(Relation.CONFLICT)) & ~other_mark
    # Such as one that a form shows as refused and another does not.
    at_once = pl.all_horizontal(*equal, one_second, pl.col("text") != "").fill_null(value=False) & ~other_mark
    is_one = (pl.col("relation") == str(Relation.AGREEMENT)) | equal_mark | altered | at_once
    is_near = (pl.col("off").abs() < _NEAR_SECONDS).fill_null(value=True)
    both = both.filter(equal_mark | is_near | ~pl.col("is_open").fill_null(value=False))
    return both.with_columns(is_one.alias("is_one"), (~is_one & ~other_mark).alias("may_be_one"))


def unpaired_at_one_second(first: pl.DataFrame, later: pl.DataFrame, paired: pl.DataFrame) -> pl.DataFrame:
    """right_row, locator, locator_right: rows without a partner that one person sent at one second.

    They may be one message that two forms write in ways which the comparison does not know; not where ids tell them apart.
    """
    told = ["row", "locator", "conversation", "sender", "sent_at", *_MARKS]
    is_whole = pl.col("sender").is_not_null() & pl.col("time_precision").cast(pl.String).is_in(_PRECISE)
    free = [
        f.filter(is_whole, ~pl.col("row").is_in(paired[row].implode())).select(told).sort("sent_at")
        for f, row in ((later, "right_row"), (first, "left_row"))
    ]
    met = free[0].join_asof(
        free[1], on="sent_at", by=["conversation", "sender"], strategy="nearest", tolerance=timedelta(seconds=LEAST_SKEW_SECONDS), check_sortedness=False, suffix="_left",
    )  # fmt: skip
    other_mark = pl.any_horizontal(pl.col(c) != pl.col(f"{c}_left") for c in _MARKS).fill_null(value=False)
    met = met.drop_nulls("locator_left").filter(~other_mark)
    return met.select(right_row="row", locator="locator_left", locator_right="locator")


def copies_of(found: Findings, other: pl.DataFrame, folded: pl.DataFrame) -> pl.DataFrame:
    """device_row, copy_of: second copies on the later device, and the nearest equal row with a partner."""
    lines = found.alignment.filter(
        pl.col("left_row").is_null() & (pl.col("cause").cast(pl.String) == str(Cause.REPEAT))
    )
    look = [pl.col(c).cast(pl.String).fill_null("") for c in ("chat", "kind", "sender", "text")]
    # Several files of one chat have names of their own.
    chats = found.messages.filter(pl.col("side").cast(pl.String) == "right").select("row", chat="conversation")
    shown = other.join(chats, on="row", how="left", maintain_order="left")
    shown = shown.select("row", "sent_at", pl.concat_list(look).hash(seed=5).alias("look")).sort("sent_at")
    again = shown.filter(pl.col("row").is_in(lines["right_row"].implode()))
    held = shown.filter(pl.col("row").is_in(folded["right_row"].implode()))
    met = again.join_asof(held, on="sent_at", by="look", strategy="nearest", check_sortedness=False)
    return met.select(device_row="row", copy_of="row_right").drop_nulls()


__all__ = ["LEAST_SKEW_SECONDS", "PAIRED", "clocks_of", "copies_of", "paired_rows", "unpaired_at_one_second"]
