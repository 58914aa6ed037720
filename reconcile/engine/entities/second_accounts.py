"""Puts the conversations with one person who has several accounts together."""

from dataclasses import replace

import polars as pl

from reconcile.column_ops import collected, has_one_value
from reconcile.engine.entities.owners import ACCOUNT
from reconcile.engine.params import PARAMS
from reconcile.frames import Messages
from reconcile.intake.contract import Reading
from reconcile.intake.frames import frame_of


def parts_of_one(common: pl.DataFrame) -> list[dict[str, str]]:
    """By side, conversations that the other export holds as one, each with the name of all of them.

    Whoever takes a new number goes on with the same person, and an export of both devices holds one conversation. Parts
    with the ids of rooms are rooms of their own.

    Args:
        common: left, right, common, least of their distinctive messages.
    """
    met = common.filter(pl.col("common") >= PARAMS.steady_pairs)
    if met.height <= 1:
        return [{}, {}]
    found: list[dict[str, str]] = []
    for side, other in (("left", "right"), ("right", "left")):
        is_room = pl.col(side).str.ends_with("@chatroom").any().over(other)
        is_whole = pl.col("common").sum().over(other) >= PARAMS.name_share * pl.col("least").max().over(other)
        is_apart = (pl.len().over(side) == 1).all().over(other)
        parts = met.filter((pl.len().over(other) > 1) & is_whole & is_apart & ~is_room)
        names = parts.group_by(other).agg(pl.col(side), one=pl.format("({})", pl.col(side).sort().str.join(" + ")))
        found.append(dict(names.explode(side).select(side, "one").iter_rows()))
    return found


def copies_of_one(messages: pl.DataFrame, paired: set[str]) -> dict[str, str]:
    """Conversations that the same export holds twice, each with one name of both.

    As two tools write one chat, one under an account and one under a name: their long texts are the same ones of the same
    minutes. Two ids are two conversations.
    """
    if has_one_value(messages["conversation"]) or set(messages["conversation"].unique()) <= paired:
        return {}
    minute = pl.col("sent_at").dt.timestamp("ms") // 60_000
    said = messages.lazy().select("conversation", "text", "sent_at").drop_nulls()
    said = said.filter(pl.col("text").str.len_chars() >= PARAMS.distinctive_characters)
    keyed = collected(said.select("conversation", key=pl.col("text").hash(seed=1) ^ minute.hash(seed=2)))
    again = keyed.filter(keyed["key"].is_duplicated()).lazy().unique()
    sizes = keyed.lazy().group_by("conversation").agg(pl.len().alias("size"))
    ends = pl.col("conversation").min().alias("one"), pl.col("conversation").max().alias("other"), pl.len()
    twice = again.group_by("key").agg(*ends).filter(pl.col("len") == 2)
    met = twice.group_by("one", "other").agg(pl.len().alias("common"))
    for at in ("one", "other"):
        met = met.join(sizes.rename({"conversation": at, "size": f"size_{at}"}), on=at)
    are_ids = [pl.col(at).str.contains(rf"^{ACCOUNT}|@chatroom$") for at in ("one", "other")]
    least = pl.max_horizontal(PARAMS.steady_pairs, PARAMS.name_share * pl.min_horizontal("size_one", "size_other"))
    found = met.filter(pl.col("common") >= least, ~(are_ids[0] & are_ids[1])).sort("one", "other")
    named = collected(found.select("one", "other", pl.when(are_ids[1]).then("other").otherwise("one").alias("name")))
    return {c: name for one, other, name in named.iter_rows() for c in (one, other)}


def joined(reading: Reading, parts: dict[str, str]) -> Reading:
    """The export with these conversations under one name."""
    if not parts:
        return reading
    messages = reading.messages.with_columns(pl.col("conversation").replace(parts))
    return replace(reading, messages=frame_of(Messages, messages))
