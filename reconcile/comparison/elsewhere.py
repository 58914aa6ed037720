"""Rows alone where the lacking side may hold them in another conversation: one chat that its export splits in two, as under a new title."""

import polars as pl

from reconcile.wechat.classes import SECONDS, WORDS

# So many rows of so many characters that stand in both, at one distance within this span (µs), show that the other conversation is part of the chat.
LEAST_MET, LEAST_CHARACTERS, ONE_DISTANCE = 3, 6, 61 * SECONDS
# A server id of so many digits is no number of one device.
LEAST_DIGITS = 12


def may_stand_elsewhere(alone: pl.DataFrame, lacking: pl.DataFrame, pairs: pl.DataFrame) -> pl.Series:
    """Row numbers of the rows alone that lie within the span of a conversation of the lacking side which has no partner, and holds rows of their chat.

    So is a row whose server id stands there, be it the only one.
    `pairs` tells which conversations have a partner. The distance of the two is learnt from the rows that stand in both; what else lies within
    that conversation's first and last row is in doubt with them, for which conversations are one is unclear there.
    """
    lonely = pairs.filter(pl.col("pairing").is_in(["none", "unclear"]))["pair"]
    if lonely.is_empty() or alone.is_empty():
        return pl.Series(dtype=pl.UInt32)
    told = pl.col("cls").eq(WORDS) & pl.col("t_other").is_not_null() & (pl.col("edge") != "bounded")
    paired = pl.col("pair").is_not_null() & ~pl.col("pair").is_in(lonely.implode())
    held = lacking.select("pair", "t", "text", "message_id").filter(pl.col("pair").is_in(lonely.implode()))
    numbered = _of_one_number(alone.filter(paired), held)
    return pl.concat(
        [numbered, _within_span(alone, alone.filter(paired & told), held.filter(pl.col("t").is_not_null()))]
    ).unique()


def _of_one_number(alone: pl.DataFrame, held: pl.DataFrame) -> pl.Series:
    """Rows alone whose server id one of the rows held bears, also where one of the two was rounded to a float64."""
    numbers, asked = (f.filter(pl.col("message_id").str.len_chars() >= LEAST_DIGITS) for f in (held, alone))
    if numbers.is_empty() or asked.is_empty():
        return pl.Series(dtype=pl.UInt32)
    whole = pl.col("message_id").cast(pl.Int64, strict=False)
    near = whole.cast(pl.Float64).alias("near")
    # A rounded number is one that a float64 holds, or ends in the noughts of its shortest spelling.
    rounded = ((near.cast(pl.Int64, strict=False) == whole) | pl.col("message_id").str.ends_with("00")).alias("rounded")
    theirs = numbers.select("message_id", near, rounded).unique()
    both = asked.select("row", "message_id", near, rounded).drop_nulls("near").join(theirs, on="near", suffix="_right")
    alike = both.filter(
        (pl.col("message_id") == pl.col("message_id_right")) | pl.col("rounded") | pl.col("rounded_right")
    )
    same = asked.filter(pl.col("message_id").is_in(numbers["message_id"].unique().implode()))["row"]
    return pl.concat([same, alike["row"]]).unique()


def _within_span(alone: pl.DataFrame, told: pl.DataFrame, theirs: pl.DataFrame) -> pl.Series:
    nothing = pl.Series(dtype=pl.UInt32)
    said = told.filter(pl.col("text").str.len_chars() >= LEAST_CHARACTERS)
    if said.height < LEAST_MET:
        return nothing
    held = theirs.filter(pl.col("text").is_in(said["text"].unique().implode()))
    met = said.select("pair", "text", "t_other").join(
        held.select(pl.col("pair").alias("elsewhere"), "text", "t"), on="text"
    )
    met = met.with_columns((pl.col("t") - pl.col("t_other")).alias("far"))
    met = met.sort("pair", "elsewhere", "far").with_columns(
        pl.col("far").median().over("pair", "elsewhere").alias("shift")
    )
    one = (pl.col("far") - pl.col("shift")).abs() <= ONE_DISTANCE
    parts = met.filter(one).group_by("pair", "elsewhere").agg(pl.col("text").n_unique().alias("n"), pl.col("shift").first().cast(pl.Int64))  # fmt: skip
    parts = parts.filter(pl.col("n") >= LEAST_MET)
    if parts.is_empty():
        return nothing
    spans = theirs.group_by(pl.col("pair").alias("elsewhere")).agg(
        (pl.col("t").min() - ONE_DISTANCE).alias("from"), (pl.col("t").max() + ONE_DISTANCE).alias("to")
    )
    there = alone.select("pair", "row", "t_other").join(parts.join(spans, on="elsewhere"), on="pair")
    at = pl.col("t_other") + pl.col("shift")
    return there.filter(at.is_between(pl.col("from"), pl.col("to")))["row"].unique()
