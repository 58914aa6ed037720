"""Pairs favourites with the messages they copy. A favourite without its message is a reference to it."""

import dataframely as dy
import polars as pl

from reconcile.column_ops import listed
from reconcile.frames_posts import Favourites
from reconcile.intake.contract import Reading
from reconcile.intake.frames import frame_of
from reconcile.vocabulary import WitnessKind
from reconcile.wechat.text import canonical_text


def favourites_of(left: Reading, right: Reading, messages: pl.DataFrame, case: str) -> dy.DataFrame[Favourites]:
    """Every favourite of both sides, left side first, with the row of each side that holds its message.

    Paired by server id; if the favourite has none, by its text where only one row of its conversation has it.
    `messages`: both sides' messages with our conversation ids.
    """
    if left.witnesses.is_empty() and right.witnesses.is_empty():
        return frame_of(Favourites)
    kept = [
        r.witnesses.with_columns(pl.col("witness", "kind").cast(pl.String), pl.lit(n).alias("side")).filter(
            pl.col("witness") == str(WitnessKind.FAVOURITE)
        )
        for n, r in (("left", left), ("right", right))
    ]
    frame = pl.concat(kept)
    if frame.is_empty():
        return frame_of(Favourites)
    frame = _with_conversation(frame, left, right, messages).with_columns(
        canonical_text(pl.col("text")).alias("_words")
    )
    for name in ("left", "right"):
        frame = _with_message_rows(frame, messages.filter(pl.col("side").cast(pl.String) == name), name)
    return frame_of(Favourites, frame.with_columns(pl.lit(case).alias("case")))


def _with_conversation(frame: pl.DataFrame, left: Reading, right: Reading, messages: pl.DataFrame) -> pl.DataFrame:
    """The favourites with our conversation ids; null where the export's chats lack the conversation."""
    keys = []
    for name, reading in (("left", left), ("right", right)):
        ours = messages.filter(pl.col("side").cast(pl.String) == name).select(
            "row", pl.col("conversation").alias("_ours")
        )
        own = reading.messages.select("row", "conversation").join(ours, on="row", how="inner")
        keys.append(
            own.select(pl.lit(name).alias("side"), "conversation", "_ours").unique(
                ["side", "conversation"], keep="first"
            )
        )
    joined = frame.join(pl.concat(keys), on=["side", "conversation"], how="left", maintain_order="left")
    return joined.with_columns(pl.col("_ours").alias("conversation")).drop("_ours")


def _with_message_rows(frame: pl.DataFrame, messages: pl.DataFrame, name: str) -> pl.DataFrame:
    """Add the row of each favourite's message, by id, or by words that stand once."""
    ids = (
        messages.filter(pl.col("message_id").is_not_null())
        .select("message_id", pl.col("row").alias("_by_id"))
        .unique("message_id", keep="first", maintain_order=True)
    )
    wanted = frame.filter(pl.col("message_id").is_null() & pl.col("_words").is_not_null())
    texts = (
        messages.filter(pl.col("conversation").is_in(listed(wanted["conversation"].drop_nulls())))
        .select("conversation", canonical_text(pl.col("text")).alias("_words"), pl.col("row").alias("_by_words"))
        .filter(pl.len().over("conversation", "_words") == 1)
    )
    joined = frame.join(ids, on="message_id", how="left", maintain_order="left").join(
        texts, on=["conversation", "_words"], how="left", maintain_order="left"
    )
    row = pl.when(pl.col("message_id").is_not_null()).then("_by_id").otherwise("_by_words")
    return joined.with_columns(row.cast(pl.UInt32).alias(f"{name}_row")).drop("_by_id", "_by_words")
