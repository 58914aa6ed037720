"""Collects references: rows and side tables of one export that name other messages, on one clock."""

import polars as pl

from reconcile.column_ops import listed
from reconcile.intake.contract import Reading
from reconcile.vocabulary import Side, WitnessKind
from reconcile.wechat.kind_classes import FORWARD
from reconcile.wechat.text import canonical_text

# Witnesses in a row of the conversation itself; the others come from tables beside it.
SAID_IN_ROWS = tuple(
    map(
        str,
        (
            WitnessKind.QUOTE,
            WitnessKind.RECALL_NOTICE,
            WitnessKind.TRANSFER_RECEIPT,
            WitnessKind.FORWARD_ITEM,
            WitnessKind.ALBUM_COUNT,
            WitnessKind.PIN,
            WitnessKind.NOTICE,
        ),
    )
)
# A recall notice in a row of the conversation; the others are entries of a table beside it.
BY_NOTICE = (pl.col("witness") == str(WitnessKind.RECALL_NOTICE)) & pl.col("by_row").is_not_null()
SPOKEN = {
    "side": pl.String, "pair": pl.UInt32, "conversation": pl.String, "witness": pl.String, "locator": pl.String, "by_row": pl.UInt32,
    "message_id": pl.String, "native_id": pl.String, "local_id": pl.Int64, "raw_t": pl.Int64, "sender": pl.String, "kind": pl.String,
    "text": pl.String, "count": pl.Int64,
}  # fmt: skip


def references(rows: pl.DataFrame, reading: Reading, side: Side) -> pl.DataFrame:
    """Everything in one export that refers to another message; columns of SPOKEN, `by_t` and `t`.

    by_row, by_t: the referring row and its time (null = a table beside the rows). raw_t: the stated time of the named
    message on this device's clock (µs). t: the same on the common clock (null = none stated). Quotes come from rows and
    from bodies, once each; the rest are the reading's own witnesses.
    """
    told = _own_witnesses(reading, rows, side)
    if told.is_empty() and all(rows[c].null_count() == rows.height for c in ("reply_to", "quoted_text")):
        return _on_common_clock(told, rows)
    # Items of a merged forward may come from any chat.
    shows = pl.col("quoted_text").is_not_null() & (pl.col("cls") != FORWARD)
    quotes = rows.filter((pl.col("reply_to").is_not_null() | shows) & pl.col("pair").is_not_null())
    if quotes.is_empty() and told.is_empty():
        return _on_common_clock(told, rows)
    known = told.filter(pl.col("witness") == str(WitnessKind.QUOTE))["by_row"].drop_nulls()
    quotes = quotes.filter(~pl.col("row").is_in(listed(known)))
    located = quotes.select(
        pl.lit(str(side)).alias("side"), "pair", "conversation", pl.lit(str(WitnessKind.QUOTE)).alias("witness"),
        reading.messages["locator"][quotes["row"]].alias("locator"), pl.col("row").alias("by_row"),
        pl.col("reply_to").alias("message_id"), pl.col("quoted_text").alias("text"),
    )  # fmt: skip
    return _on_common_clock(pl.concat([_as_references(located), told]), rows)


def _own_witnesses(reading: Reading, rows: pl.DataFrame, side: Side) -> pl.DataFrame:
    """The reading's own witnesses, with the pair of their conversation and the referring row."""
    if reading.witnesses.is_empty():
        return pl.DataFrame(schema=SPOKEN)
    said = reading.witnesses.with_columns(pl.col("witness", "kind").cast(pl.String))
    if reading.messages["conversation"].n_unique() == 1 and reading.messages["conversation"][0] == "":
        # A format with one unnamed chat names none in its witnesses either. A forward may come from any chat.
        here = ~said["witness"].is_in([str(WitnessKind.FORWARD_ITEM)])
        said = said.with_columns(pl.when(here).then(pl.col("conversation").fill_null("")).otherwise("conversation").alias("conversation"))  # fmt: skip
    keys = rows.select("conversation", "pair").filter(pl.col("pair").is_not_null()).unique("conversation")
    in_rows = said.filter(pl.col("witness").is_in(SAID_IN_ROWS))
    speakers = (
        reading.messages.select("locator", pl.col("row").alias("by_row"))
        .join(in_rows.select("locator").unique(), on="locator", how="semi")
        .unique("locator", keep="first")
    )
    frame = (
        said.join(keys, on="conversation", how="left", maintain_order="left")
        .join(speakers, on="locator", how="left", maintain_order="left")
        .with_columns(pl.lit(str(side)).alias("side"), pl.col("sent_at").dt.timestamp("us").alias("raw_t"))
    )
    return _as_references(frame)


def _as_references(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows as references, with null for columns they lack."""
    return frame.select((pl.col(n) if n in frame.columns else pl.lit(None)).cast(t).alias(n) for n, t in SPOKEN.items())


def _on_common_clock(spoken: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """The references with `by_t` and `t`: times on the common clock."""
    if spoken.is_empty():
        return spoken.with_columns(pl.lit(None, dtype=pl.Int64).alias(c) for c in ("by_t", "t"))
    by_t = rows["t"][spoken["by_row"]] if rows.height else pl.Series([None] * spoken.height, dtype=pl.Int64)
    spoken = spoken.with_columns(by_t.alias("by_t"))
    if spoken["raw_t"].null_count() == spoken.height:
        return spoken.with_columns(pl.lit(None, dtype=pl.Int64).alias("t"))
    timed = rows.select("pair", "raw_t", "t").filter(pl.col("raw_t").is_not_null() & pl.col("t").is_not_null())
    shifts = timed.select("pair", "raw_t", (pl.col("t") - pl.col("raw_t")).alias("shift")).drop_nulls().sort("raw_t")
    at = spoken.with_row_index("_w").filter(pl.col("raw_t").is_not_null() & pl.col("pair").is_not_null()).sort("raw_t")
    near = at.select("_w", "pair", "raw_t").join_asof(
        shifts, on="raw_t", by="pair", strategy="nearest", check_sortedness=False
    )
    out = spoken.with_row_index("_w").join(near.select("_w", "shift"), on="_w", how="left", maintain_order="left")
    return out.with_columns((pl.col("raw_t") + pl.col("shift")).alias("t")).drop("_w", "shift")


def bare_words(text: pl.Expr) -> pl.Expr:
    """The canonical text without blanks, as a word index stores it; null where it is empty."""
    words = canonical_text(text).str.replace_all(r"\s", "")
    return pl.when(words != "").then(words)
