"""Rows that refer to other rows: whether the side that lacks a message speaks of it itself, and messages that neither side holds."""

import polars as pl

from reconcile.intake.contract import Reading
from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.text import canonical_text

LEAST_QUOTED = 4


def references(rows: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Everything in one export that speaks of another message.

    Columns: pair, witness, locator, message_id, native_id, sent_at, sender, kind, text, count. Quotes come from the rows themselves, the
    rest from the reading's own witnesses.
    """
    quotes = rows.filter(
        (pl.col("reply_to").is_not_null() | pl.col("quoted_text").is_not_null()) & pl.col("pair").is_not_null()
    )
    located = quotes.join(reading.messages.select("row", "locator"), on="row", how="left", maintain_order="left").select(
        "pair", pl.lit(str(WitnessKind.QUOTE)).alias("witness"), "locator", pl.col("reply_to").alias("message_id"),
        pl.lit(None, dtype=pl.String).alias("native_id"), pl.lit(None, dtype=pl.Datetime("us", "UTC")).alias("sent_at"),
        pl.lit(None, dtype=pl.String).alias("sender"), pl.lit(None, dtype=pl.String).alias("kind"), pl.col("quoted_text").alias("text"),
        pl.lit(None, dtype=pl.Int64).alias("count"),
    )  # fmt: skip
    keys = rows.select("conversation", "pair").unique().filter(pl.col("pair").is_not_null())
    others = reading.witnesses.with_columns(pl.col("witness", "kind").cast(pl.String)).join(
        keys, on="conversation", how="left", maintain_order="left"
    )
    return pl.concat([located, others.select(located.columns)], how="vertical_relaxed")


def referenced_rows(lone: pl.DataFrame, spoken_of: pl.DataFrame, lacking: pl.DataFrame) -> pl.Series:
    """Rows of `lone` (pair, row, message_id, native_id, text) that the lacking side speaks of: by id, or by their words where it holds no such words itself."""
    if lone.is_empty() or spoken_of.is_empty():
        return pl.Series(dtype=pl.UInt32)
    hits = []
    for key in ("message_id", "native_id"):
        named = spoken_of.filter(pl.col(key).is_not_null()).select("pair", key).unique()
        hits.append(lone.join(named, on=["pair", key], how="semi")["row"])
    # A favourite may not say where its message stood; a server id is one message everywhere.
    kept = spoken_of.filter(pl.col("pair").is_null() & _is_favourite() & pl.col("message_id").is_not_null())
    hits.append(lone.join(kept.select("message_id").unique(), on="message_id", how="semi")["row"])
    words = (
        spoken_of.filter(pl.col("text").str.len_chars() >= LEAST_QUOTED)
        .select("pair", canonical_text(pl.col("text")).alias("canon"))
        .unique()
    )
    if words.height:
        held = (
            lacking.filter(pl.col("pair").is_in(words["pair"].implode()))
            .select("pair", canonical_text(pl.col("text")).alias("canon"))
            .unique()
        )
        absent = words.join(held, on=["pair", "canon"], how="anti")
        hits.append(
            lone.with_columns(canonical_text(pl.col("text")).alias("canon")).join(
                absent, on=["pair", "canon"], how="semi"
            )["row"]
        )
    return pl.concat(hits).unique().sort()


def absent_from_both(spoken_of: pl.DataFrame, holders: list[pl.DataFrame]) -> pl.DataFrame:
    """The witnesses of `spoken_of` whose message neither side holds, told by server id or body id.

    A side's ids must be in use in that conversation (half of its rows at least), else an id not found there says nothing. A favourite of words
    that names no id speaks by its words. Rounded ids and counts are not decided here.
    """
    held_ids = pl.concat(
        [h.select(pl.col(c).alias("message_id")).drop_nulls() for h in holders for c in ("message_id", "alias_id")]
    ).unique()
    held_bodies = pl.concat([h.select("native_id").drop_nulls() for h in holders]).unique()
    in_use = None
    for holder in holders:
        used = (
            holder.group_by("pair")
            .agg(pl.col("message_id").is_not_null().mean().alias("share"))
            .filter(pl.col("share") >= 0.5)
            .select("pair")
        )
        in_use = used if in_use is None else in_use.join(used, on="pair", how="semi")
    exact = pl.col("message_id").str.contains(r"[1-9]\d{0,2}$|^\D") | (pl.col("message_id").str.len_chars() < 16)
    by_id = spoken_of.filter(pl.col("message_id").is_not_null() & exact).join(held_ids, on="message_id", how="anti")
    by_id = by_id.join(in_use, on="pair", how="semi") if in_use is not None else by_id.clear()
    by_body = spoken_of.filter(pl.col("message_id").is_null() & pl.col("native_id").is_not_null()).join(
        held_bodies, on="native_id", how="anti"
    )
    return pl.concat([by_id, by_body, _by_words(spoken_of, holders)])


def _is_favourite() -> pl.Expr:
    return pl.col("witness") == str(WitnessKind.FAVOURITE)


def _by_words(spoken_of: pl.DataFrame, holders: list[pl.DataFrame]) -> pl.DataFrame:
    """Favourites of words without an id, whose words stand nowhere in that conversation."""
    bare = spoken_of.filter(
        _is_favourite()
        & pl.col("message_id").is_null()
        & pl.col("native_id").is_null()
        & pl.col("pair").is_not_null()
        & (pl.col("kind") == str(Kind.TEXT))
        & (pl.col("text").str.len_chars() >= LEAST_QUOTED)
    )
    if bare.is_empty():
        return bare
    pairs = bare["pair"].unique().implode()
    held = pl.concat([h.filter(pl.col("pair").is_in(pairs)).select("pair", "text") for h in holders])
    canon = held.select("pair", canonical_text(pl.col("text")).alias("canon")).unique()
    told = bare.with_columns(canonical_text(pl.col("text")).alias("canon"))
    return told.join(canon, on=["pair", "canon"], how="anti", maintain_order="left").drop("canon")
