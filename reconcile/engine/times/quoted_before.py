"""Finds messages that the receiver's own file quotes before they arrived there."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.params import PARAMS
from reconcile.engine.records import Flags, Floats, Ints, Records
from reconcile.engine.references.witnesses import bare_words
from reconcile.wechat.kind_classes import FORWARD, WORDS

# Record numbers of quotes, and of the messages that they name.
Quotes = tuple[Ints, Ints]


def quoted_before(a: Alignment, asked: Flags, by_left: Flags, tolerance: Floats) -> Flags:
    """The pairs of `asked` whose message the receiver's own file quotes before it arrived there.

    A quote names a message by its id, or by words that the chat holds once. What a quote names on one side, it names on
    the other side too.

    Args:
        a: the alignment.
        asked: pairs of one author whose copies are far apart in time.
        by_left: whether the left party wrote each of them.
        tolerance: seconds from which two times conflict.
    """
    out = np.zeros(len(asked), bool)
    sides = (a.left, a.pairs.left, ~by_left), (a.right, a.pairs.right, by_left)
    quotes = [_quotes(records) for records, _, _ in sides]
    for n, (records, rows, received) in enumerate(sides):
        at = np.flatnonzero(asked & received)
        told = _on_other_side(quotes[1 - n], sides[1 - n][1], rows, len(sides[1 - n][0]))
        first = np.full(len(records), np.inf)
        for quoting, named in (quotes[n], told):
            np.fmin.at(first, named, records.t[quoting])
        out[at] = first[rows[at]] < records.t[rows[at]] - tolerance[at]
    return out


def _quotes(records: Records) -> Quotes:
    """The quotes of one side that name one of its messages."""
    by_id, by_words = ["export", "reply_to"], ["export", "pair", "words"]
    shown = pl.col("reply_to").is_not_null() | pl.col("quoted_text").is_not_null()
    rows = records.frame.lazy().with_row_index("n")
    words = bare_words(pl.col("quoted_text")).alias("words")
    quoting = rows.filter(shown & (pl.col("cls") != FORWARD)).select("n", *by_id, "pair", words).pipe(collected)
    if quoting.is_empty():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    long = pl.col("words").str.len_chars() >= PARAMS.quoted_words_characters
    held = rows.select("n", "export", "pair", "cls", "text", pl.col("message_id").alias("reply_to"))
    said = held.filter(pl.col("cls") == WORDS).with_columns(words=bare_words(pl.col("text")))
    found = [
        asked.join(_held_once(names, asked, by), on=by)
        for asked, names, by in (
            (quoting.drop_nulls("reply_to"), held, by_id),
            (quoting.filter(pl.col("reply_to").is_null() & long), said, by_words),
        )
    ]
    both = pl.concat([f.select("n", "named") for f in found])
    return both["n"].to_numpy().astype(np.int64), both["named"].to_numpy().astype(np.int64)


def _held_once(rows: pl.LazyFrame, asked: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """The only row that has each of the names asked for, as `named`, with its name."""
    told = rows.join(asked.lazy().select(by), on=by, how="semi").select(*by, pl.col("n").alias("named"))
    return told.unique(by, keep="none").pipe(collected)


def _on_other_side(quotes: Quotes, own: Ints, partners: Ints, size: int) -> Quotes:
    """The partners of the quotes, and of the messages that they name, where both have one."""
    partner = np.full(size, -1)
    partner[own] = partners
    quoting, named = partner[quotes[0]], partner[quotes[1]]
    met = (quoting >= 0) & (named >= 0)
    return quoting[met], named[met]


__all__ = ["quoted_before"]
