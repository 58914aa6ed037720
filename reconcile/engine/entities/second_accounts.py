"""Puts the conversations with one person who has several accounts together."""

from dataclasses import replace

import polars as pl

from reconcile.column_ops import collected, has_one_value
from reconcile.engine.entities.owners import ACCOUNT
from reconcile.engine.params import PARAMS
from reconcile.frames import Messages
from reconcile.intake.contract import Reading, with_names
from reconcile.intake.frames import frame_of


def parts_of_one(common: pl.DataFrame, messages: tuple[pl.DataFrame, pl.DataFrame]) -> list[dict[str, str]]:
    """By side, conversations that the other export holds as one, each with the name of all of them.

    Whoever takes a new number goes on with the same person, and an export of both devices holds one conversation. A
    chat that was exported period by period is the same. Parts with the ids of rooms are rooms of their own.

    Args:
        common: left, right, common, share of their distinctive messages.
        messages: conversation, sent_at of the left and of the right export.
    """
    few = common.filter(pl.col("common") >= PARAMS.same_chat_texts, pl.col("share") >= PARAMS.chat_part_share)
    many = common.filter(pl.col("common") >= PARAMS.steady_pairs)
    found: list[dict[str, str]] = []
    for (side, other), rows in zip((("left", "right"), ("right", "left")), messages, strict=True):
        parts = _parts_in_turn(_parts(few, side, other), rows, side, other)
        parts = pl.concat([parts, _parts(many, side, other).join(parts, on=other, how="anti")])
        names = parts.group_by(other).agg(pl.col(side), one=pl.format("({})", pl.col(side).sort().str.join(" + ")))
        found.append(dict(names.explode(side).select(side, "one").iter_rows()))
    return found


def _parts(met: pl.DataFrame, side: str, other: str) -> pl.DataFrame:
    """Several conversations of one side that meet the same one of the other side, and no further one."""
    if met.height <= 1:
        return met.clear()
    is_room = pl.col(side).str.ends_with("@chatroom").any().over(other)
    whole = (pl.col("common") / pl.col("share")).max().over(other)
    is_whole = pl.col("common").sum().over(other) >= PARAMS.name_share * whole
    is_apart = (pl.len().over(side) == 1).all().over(other)
    return met.filter((pl.len().over(other) > 1) & is_whole & is_apart & ~is_room)


def _parts_in_turn(parts: pl.DataFrame, messages: pl.DataFrame, side: str, other: str) -> pl.DataFrame:
    """The parts that follow one another, where they have enough in common with the whole.

    Words sent to several people are in several chats of one time, so few of them say something only where no two parts
    are of one time.
    """
    if parts.is_empty():
        return parts
    ends = pl.col("sent_at").min().alias("first"), pl.col("sent_at").max().alias("last")
    spans = messages.lazy().group_by("conversation").agg(*ends)
    timed = parts.lazy().join(spans, left_on=side, right_on="conversation").sort(other, "first", side)
    overlaps = (pl.col("first") <= pl.col("last").shift()).over(other).fill_null(value=False)
    follows = (~overlaps & pl.col("first").is_not_null()).alias("follows")
    in_turn = pl.col("follows").all().over(other)
    return collected(timed.with_columns(follows).filter(in_turn).select(parts.columns))


def copies_of_one(messages: pl.DataFrame, paired: set[str]) -> dict[str, str]:
    """Conversations that the same export holds twice, each with one name of both.

    As two tools write one chat, one under an account and one under a name: their server ids, or their long texts and
    minutes, are the same ones. Two ids of conversations are two conversations.
    """
    if has_one_value(messages["conversation"]) or set(messages["conversation"].unique()) <= paired:
        return {}
    minute = (pl.col("sent_at").dt.timestamp("ms") // 60_000).alias("minute")
    told = messages.lazy().select("conversation", "text", "message_id", minute).drop_nulls("minute")
    said = told.filter(pl.col("text").str.len_chars() >= PARAMS.distinctive_characters)
    numbered = told.drop_nulls("message_id")
    met = pl.concat(
        _held_twice(rows.select("conversation", "minute", key=pl.struct(column, "minute").hash(seed=1)).unique())
        for rows, column in ((said, "text"), (numbered, "message_id"))
    )
    are_ids = [pl.col(at).str.contains(rf"^{ACCOUNT}|@chatroom$") for at in ("one", "other")]
    found = met.filter(~(are_ids[0] & are_ids[1])).unique(["one", "other"]).sort("one", "other")
    named = collected(found.select("one", "other", pl.when(are_ids[1]).then("other").otherwise("one").alias("name")))
    return {c: name for one, other, name in named.iter_rows() for c in (one, other)}


def _held_twice(keyed: pl.LazyFrame) -> pl.LazyFrame:
    """one, other: conversations that share most keys of the time that both cover."""
    ends = pl.col("conversation").min().alias("one"), pl.col("conversation").max().alias("other"), pl.len()
    twice = keyed.group_by("key").agg(*ends).filter(pl.col("len") == 2)
    met = twice.group_by("one", "other").agg(pl.len().alias("common")).filter(pl.col("common") >= PARAMS.steady_pairs)
    spans = keyed.group_by("conversation").agg(
        pl.col("minute").min().alias("first"), pl.col("minute").max().alias("last")
    )
    met = met.join(spans, left_on="one", right_on="conversation").join(spans, left_on="other", right_on="conversation", suffix="_other")  # fmt: skip
    low, high = pl.max_horizontal("first", "first_other"), pl.min_horizontal("last", "last_other")
    for at in ("one", "other"):
        within = met.join(keyed, left_on=at, right_on="conversation").filter(pl.col("minute").is_between(low, high))
        met = met.join(within.group_by("one", "other").agg(pl.len().alias(f"size_{at}")), on=["one", "other"])
    least = PARAMS.name_share * pl.min_horizontal("size_one", "size_other")
    return met.filter(pl.col("common") >= least).select("one", "other")


def joined(reading: Reading, parts: dict[str, str]) -> Reading:
    """The export with these conversations under one name."""
    if not parts:
        return reading
    messages = reading.messages.with_columns(pl.col("conversation").replace(parts))
    facts = with_names(reading.facts, parts)
    return replace(reading, facts=facts, messages=frame_of(Messages, messages))
