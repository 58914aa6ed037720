"""Answers that hold the words they answer in a frame of the form, with the name of who wrote them."""

import re

import polars as pl

from reconcile.column_ops import occurs, present
from reconcile.vocabulary import Kind

# The frame before an answer: who, a quotation, and behind it the answer.
_FRAME = r"(?s)^\s*[(\[（【](?P<who>[^\n\"“「]{1,80}?)\s?[:：,，]?\s*[\"“「](?P<quoted>.*?)[\"”」]\s*[)\]）】]\s*(?P<answer>\S.*)$"
_BEGINS = r"[(\[（【][^\n]{1,80}[\"“「]"
_MOST_NAMES = 200


def with_quotations_apart(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with what stands in brackets before an answer as `quoted_text`, apart from the words.

    Such a frame names a sender of the rows and holds a quotation: `(in reply to Anna's: "words") answer`.
    """
    if "sender" not in rows.columns or not occurs(_BEGINS, rows["text"]):
        return rows
    named = [n for c in ("sender", "sender_name") if c in rows.columns for n in present(rows[c]).unique().to_list()]
    if not 0 < len(named) <= _MOST_NAMES:
        return rows
    parts = rows["text"].str.extract_groups(_FRAME).struct.unnest()
    known = "|".join(re.escape(n) for n in sorted(named, key=len, reverse=True))
    is_told = parts["who"].str.contains(rf"(?:^|[^\w])(?:{known})(?:$|[^\w])").fill_null(value=False)
    if not is_told.any():
        return rows
    return rows.with_columns(
        parts["answer"].set(~is_told, None).fill_null(rows["text"]).alias("text"),
        parts["quoted"].set(~is_told, None).alias("quoted_text"),
    )


def quotes_as_kind(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows whose words answer a quotation as quotes, where nothing tells another kind."""
    if "quoted_text" not in rows.columns:
        return rows
    is_quote = pl.col("quoted_text").is_not_null() & (pl.col("kind") == str(Kind.TEXT))
    return rows.with_columns(pl.when(is_quote).then(pl.lit(str(Kind.QUOTE))).otherwise("kind").alias("kind"))
