"""The other export holds the record in an unpaired conversation, or its words in another record."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected, listed, with_neighbours
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis, is_speech
from reconcile.engine.judgement.joined_parts import spaced
from reconcile.engine.nearest import join_nearest
from reconcile.engine.params import PARAMS
from reconcile.engine.records import NO_PAIR
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import SECONDS, SYSTEM, WORDS


def assess(a: Absences) -> Assessed:
    """Marks records that the other export may hold in an unpaired conversation or inside another record."""
    found = (
        _in_other_conversations(a),
        _on_a_line_of_another(a),
        a.view.holder.frame["row"][a.view.parts[0]],
        _in_an_unmatched_one(a),
        _in_a_longer_copy(a),
    )
    return Assessed(a.among(pl.concat(found).unique()), a.none)


def _in_other_conversations(a: Absences) -> pl.Series:
    """Records with their server id, or distinctive text and time, in an unpaired conversation.

    One that holds several of them may be a part of this chat, and then nothing that it covers is known to be missing.
    """
    nothing = a.rows["row"].head(0)
    pairs, met = (np.bincount(r.pair[r.pair != NO_PAIR]) for r in (a.view.lacking, a.view.holder))
    met = np.pad(met, (0, max(len(pairs) - len(met), 0)))[: len(pairs)]
    unmet = pl.Series(np.flatnonzero((pairs > 0) & (met == 0)), dtype=pl.UInt32)
    if unmet.is_empty():
        return nothing
    strangers = a.lacking_rows.filter(pl.col("pair").is_in(listed(unmet)) & is_speech())
    if strangers.is_empty():
        return nothing
    by_id = (
        a.rows.select("row", "message_id")
        .drop_nulls()
        .join(strangers.select("message_id").drop_nulls().unique(), on="message_id", how="semi")
    )
    words = (pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= a.params.distinctive_characters)
    minute = pl.col("raw_t").floordiv(60 * SECONDS).alias("minute")
    placed = strangers.filter(pl.col("raw_t").is_not_null())
    theirs = placed.filter(words).select("text", minute, other="pair")
    around = with_neighbours(theirs, "minute").unique()
    timed = a.rows.filter(pl.col("own_t").is_not_null()).with_columns(
        (pl.col("own_t") // 60).cast(pl.Int64).alias("minute")
    )
    by_words = timed.filter(words).select("row", "pair", "text", "minute").join(around, on=["text", "minute"])
    parts = by_words.group_by("pair", "other").agg(pl.col("row").n_unique().alias("held"))
    parts = parts.filter(pl.col("held") >= a.params.part_texts)
    ends = placed.group_by(other="pair").agg(minute.min().alias("low"), minute.max().alias("high"))
    inside = timed.join(parts.join(ends, on="other"), on="pair").filter(pl.col("minute").is_between("low", "high"))
    return pl.concat([by_id["row"], by_words["row"], inside["row"]])


def _on_a_line_of_another(a: Absences) -> pl.Series:
    """Records that begin a line of another record of their sender whose match does not hold that line.

    Somebody who writes a table by hand may put several messages into one cell, and cut it.
    """
    lines = a.lacking_rows.filter((pl.col("cls") == WORDS) & pl.col("text").str.contains("\n", literal=True))
    mine = a.rows.filter((pl.col("cls") == WORDS) & (pl.col("text") != "") & pl.col("own_t").is_not_null())
    if lines.is_empty() or mine.is_empty():
        return a.rows["row"].head(0)
    width = int(a.params.window_seconds)
    by = [pl.col("pair").cast(pl.Int64), pl.col("party")]
    begin = pl.col("line").str.head(PARAMS.cut_characters_least).alias("begin")
    theirs = _with_matches(a, lines.lazy()).select(
        *by, pl.col("text").str.split("\n").alias("line"), "match", (pl.col("raw_t") // (width * SECONDS)).alias("n")
    )  # fmt: skip
    in_match = pl.col("match").str.contains(pl.col("begin"), literal=True)
    theirs = theirs.explode("line").with_columns(begin).filter((pl.col("begin") != "") & ~in_match)
    first = pl.col("text").str.split("\n").list.first().alias("line")
    near = (pl.col("own_t") // width).cast(pl.Int64).alias("n")
    ours = mine.lazy().select(*by, "row", first, near).with_columns(begin)
    met = with_neighbours(ours, "n").join(theirs, on=["pair", "party", "n", "begin"], how="semi")
    return collected(met.select("row"))["row"]


def _with_matches(a: Absences, theirs: pl.LazyFrame) -> pl.LazyFrame:
    """Rows of the lacking side with `match`, the text of their match; an empty text without one."""
    view = a.view
    rows, texts = view.lacking.frame["row"][view.lacking_rows], view.holder.frame["text"][view.holder_rows]
    told = theirs.join(pl.LazyFrame({"row": rows, "match": texts}), on="row", how="left", maintain_order="left")
    return told.with_columns(pl.col("match").fill_null(""))


def _in_an_unmatched_one(a: Absences) -> pl.Series:
    """Texts that end an unmatched notice, and sentences inside an unmatched text, of the other export.

    Both stand near in time.

    A form that does not tell senders writes a message like a notice, behind the name.
    """
    theirs = a.lacking_rows.lazy().filter(pl.col("cls").is_in([WORDS, SYSTEM]) & ~pl.col("is_paired"))
    cells = theirs.select("pair", pl.col("cls").alias("of"), pl.col("text").alias("cell"), at="u").pipe(collected)
    if cells.is_empty():
        return a.rows["row"].head(0)
    said = a.rows.select("row", "pair", "u", "cls", "text", is_sentence=a.is_sentence).filter(pl.col("cls") == WORDS)
    met = join_nearest(said, cells, ("u", "at"), a.params.window_seconds, a.params.candidate_neighbours)
    longer = pl.col("cell").str.len_chars() > pl.col("text").str.len_chars()
    words = {c: spaced(pl.col(c)) for c in ("text", "cell")}
    met = met.select("row", "of", pl.col("is_sentence") & longer, **words)
    is_part = pl.col("is_sentence") & pl.col("cell").str.contains(pl.col("text"), literal=True)
    is_end = pl.col("cell").str.ends_with(pl.col("text"))
    fits = pl.when(pl.col("of") == SYSTEM).then(is_end).otherwise(is_part)
    return met.filter(fits & pl.col("text").str.contains(r"\w"))["row"]


def _in_a_longer_copy(a: Absences) -> pl.Series:
    """Long sentences inside a text of the other export, anywhere, that is longer than its match by them.

    A row whose beginning was damaged is read as words of the row before it, however long ago that was written.
    """
    nothing, size = a.rows["row"].head(0), pl.col("text").str.len_chars()
    said = a.rows.filter(
        pl.lit(a.is_sentence) & size.is_between(2 * a.params.distinctive_characters, a.params.quick_characters)
    )
    said = said.select("row", "pair", pl.col("text").alias("said"))[: a.params.closely_judged]
    if said.is_empty():
        return nothing
    theirs = a.lacking_rows.lazy().select("row", pl.col("pair").cast(pl.Int64), "text").drop_nulls("pair")
    more = size.cast(pl.Int64) - pl.col("match").str.len_chars()
    least = int(said["said"].str.len_chars().min())  # type: ignore[arg-type]
    cells = collected(_with_matches(a, theirs).filter(more >= least))
    if cells.is_empty():
        return nothing
    wanted = said["said"].unique().sort()
    held = pl.col("text").str.extract_many(wanted.implode()).list.unique().alias("said")
    found = cells.lazy().select("pair", "text", "match", held).explode("said").drop_nulls("said")
    in_match = pl.col("match").str.contains(pl.col("said"), literal=True)
    found = found.filter(~in_match, pl.col("text") != pl.col("said"))
    asked = said.lazy().with_columns(pl.col("pair").cast(pl.Int64))
    return collected(asked.join(found, on=["pair", "said"], how="semi"))["row"]


HYPOTHESIS = Hypothesis(
    Cause.PAIRING_UNCLEAR,
    assess,
    "An unpaired conversation of the other export has the same id, the same words at that time, or three texts from that period. Or the other export holds the words elsewhere, perhaps spelt anew: on a line of another record of that moment and sender, inside the record that is matched with the nearest one, inside an unmatched record or at the end of an unmatched notice of that moment, or, if they are a long sentence, inside a longer copy of any message. It only raises doubt.",
    "Nothing.",
)
