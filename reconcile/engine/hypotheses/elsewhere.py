"""The other export holds the record in a conversation without a counterpart."""

import numpy as np
import polars as pl

from reconcile.column_ops import listed, with_neighbours
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis, is_speech
from reconcile.engine.records import NO_PAIR
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import SECONDS, WORDS


def assess(a: Absences) -> Assessed:
    """Records with their server id, or distinctive text and time, in an unpaired conversation; only doubt."""
    pairs, met = (np.bincount(r.pair[r.pair != NO_PAIR]) for r in (a.view.lacking, a.view.holder))
    met = np.pad(met, (0, max(len(pairs) - len(met), 0)))[: len(pairs)]
    unmet = pl.Series(np.flatnonzero((pairs > 0) & (met == 0)), dtype=pl.UInt32)
    if unmet.is_empty():
        return Assessed(a.none, a.none)
    strangers = a.lacking_rows.filter(pl.col("pair").is_in(listed(unmet)) & is_speech())
    if strangers.is_empty():
        return Assessed(a.none, a.none)
    by_id = (
        a.rows.select("row", "message_id")
        .drop_nulls()
        .join(strangers.select("message_id").drop_nulls().unique(), on="message_id", how="semi")
    )
    words = (pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= a.params.distinctive_characters)
    minute = pl.col("raw_t").floordiv(60 * SECONDS).alias("minute")
    theirs = strangers.filter(words & pl.col("raw_t").is_not_null()).select("text", minute)
    around = with_neighbours(theirs, "minute").unique()
    mine = a.rows.filter(words & pl.col("own_t").is_not_null()).select(
        "row", "text", (pl.col("own_t") // 60).cast(pl.Int64).alias("minute")
    )
    by_words = mine.join(around, on=["text", "minute"], how="semi")
    return Assessed(a.among(pl.concat([by_id["row"], by_words["row"]]).unique()), a.none)


HYPOTHESIS = Hypothesis(
    Cause.PAIRING_UNCLEAR,
    assess,
    "The other export holds the same id, or the same words at that moment, in a conversation without a counterpart. It only raises doubt.",
    "Nothing.",
)
