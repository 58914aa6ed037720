"""Puts the conversations with one person who has several accounts together."""

from dataclasses import replace

import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.frames import Messages
from reconcile.intake.contract import Reading
from reconcile.intake.frames import frame_of


def parts_of_one(common: pl.DataFrame) -> tuple[dict[str, str], dict[str, str]]:
    """By side, conversations that the other export holds as one, each with the name of all of them.

    Whoever takes a new number goes on with the same person, and an export of both devices holds one conversation. Parts
    with the ids of rooms are rooms of their own.

    Args:
        common: left, right, common, least of their distinctive messages.
    """
    met = common.filter(pl.col("common") >= PARAMS.steady_pairs)
    found = []
    for side, other in (("left", "right"), ("right", "left")):
        is_room = pl.col(side).str.ends_with("@chatroom").any().over(other)
        is_whole = pl.col("common").sum().over(other) >= PARAMS.name_share * pl.col("least").max().over(other)
        is_apart = (pl.len().over(side) == 1).all().over(other)
        parts = met.filter((pl.len().over(other) > 1) & is_whole & is_apart & ~is_room)
        names = parts.group_by(other).agg(pl.col(side), one=pl.format("({})", pl.col(side).sort().str.join(" + ")))
        found.append(dict(names.explode(side).select(side, "one").iter_rows()))
    return found[0], found[1]


def joined(reading: Reading, parts: dict[str, str]) -> Reading:
    """The export with these conversations under one name."""
    if not parts:
        return reading
    messages = reading.messages.with_columns(pl.col("conversation").replace(parts))
    return replace(reading, messages=frame_of(Messages, messages))
