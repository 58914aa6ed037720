"""The export holds the record twice."""

import polars as pl

from reconcile.column_ops import collected, with_neighbours
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis, is_speech
from reconcile.engine.records import CONTENT, Flags, content_keys, content_of
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import CALL, PAYMENT, SECONDS, VOICE, WORDLESS, WORDS
from reconcile.wechat.kinds import BARE_MARK


def assess(a: Absences) -> Assessed:
    """Second copies, by ids, equal rows of one second or a repeated page; the other side holds one copy."""
    rows = a.rows
    again = a.flags(pl.col("is_repeat"))
    twins = (
        a.holder_rows.filter(pl.col("twin").is_not_null())
        if rows["twin"].null_count() < rows.height
        else a.holder_rows.head(0)
    )
    held = twins.group_by("twin").agg(pl.col("is_paired").any().alias("has_partner"))
    told = rows.join(held, on="twin", how="left", maintain_order="left")
    # A picture without content may be one of several sent together, and a second payment in one second may be real.
    # Nobody records two voice messages in one second.
    bare = (
        pl.col("cls").is_in(WORDLESS)
        & ~pl.col("cls").is_in([VOICE, CALL])
        & pl.col("media_hash").is_null()
        & ((pl.col("text") == "") | pl.col("text").str.contains(BARE_MARK))
    )
    unsure = told.select((bare | (pl.col("cls") == PAYMENT)).fill_null(value=False).alias("b"))["b"].to_numpy()
    twin = told["has_partner"].fill_null(value=False).to_numpy()
    collapsed = a.among(_collapsed_rows(a))
    beside = a.among(_beside_equals(a))
    holds = again | twin | collapsed | _respelt_copies(a) | beside
    written = a.among(_sentences_again(a)) if (holds & ~again & ~twin).any() else a.none
    sure = again | (twin & ~unsure) | collapsed | (holds & written) | (beside & a.flags(_is_sentence(a)))
    return Assessed(holds, sure | _amid_copies(a, holds & ~sure, sure))


def _beside_equals(a: Absences) -> pl.Series:
    """Records without time and id that stand beside a paired row of their sender with the same words.

    Who copies a long chat does so in parts, and the row at which two parts meet is often in both.
    """
    bare = a.rows.filter((pl.col("cls") == WORDS) & pl.col("raw_t").is_null() & pl.col("message_id").is_null())
    if bare.is_empty():
        return bare["row"]
    look = ["pair", "party", "text"]
    told = a.holder_rows.with_columns(pl.Series("place", a.view.holder.order)).filter("is_paired")
    told = told.filter(pl.col("text").is_in(bare["text"].unique().implode())).select(*look, "place")
    beside = with_neighbours(told, "place", (-1, 1))
    mine = bare.with_columns(pl.col("pair").cast(told.schema["pair"]))
    return mine.join(beside, on=[*look, "place"], how="semi", nulls_equal=True)["row"]


def _is_sentence(a: Absences) -> pl.Expr:
    """Whether a record has so many words that nobody says them twice in a row."""
    size = pl.col("text").str.replace_all(r"[\W_]+", "").str.len_chars()
    return (pl.col("cls") == WORDS) & (size >= a.params.distinctive_characters)


def _sentences_again(a: Absences) -> pl.Series:
    """Sentences without a server id that a paired row of their sender and time has word for word.

    Where times are cut to the minute people repeat a word within it, but nobody repeats a sentence.
    """
    look = ["pair", "party", "cls", "text", "raw_t"]
    sentences = a.rows.filter(_is_sentence(a) & pl.col("message_id").is_null() & pl.col("raw_t").is_not_null())
    at_one_time = pl.col("raw_t").is_in(sentences["raw_t"].unique().implode())
    paired = a.holder_rows.filter(pl.col("is_paired") & at_one_time).select(look)
    return sentences.with_columns(pl.col("pair").cast(paired.schema["pair"])).join(paired, on=look, how="semi")["row"]


def _amid_copies(a: Absences, unsure: Flags, sure: Flags) -> Flags:
    """Those of the rows that stand, or have an equal one, between rows which are all held twice.

    One event wrote them all again, so a payment or a picture among them is no second one.
    """
    if not (unsure.any() and sure.any()):
        return a.none
    pairs = a.rows.filter(pl.Series(unsure))["pair"].unique()
    width = round(a.params.edge_seconds * SECONDS)
    look = ["pair", "party", "cls", "text", "bucket"]
    bucket = (pl.col("raw_t") // width).alias("bucket")
    said = a.holder_rows.filter(is_speech() & pl.col("pair").is_in(pairs.cast(pl.UInt32).implode()))
    said = said.with_columns(bucket, pl.col("row").is_in(a.rows.filter(pl.Series(sure))["row"].implode()).alias("sure"))
    copies = said.filter("sure").select(look).unique()
    originals = said.join(with_neighbours(copies, "bucket"), on=look, how="semi", nulls_equal=True)["row"]
    worded = (pl.col("cls") != PAYMENT) & ~(pl.col("cls").is_in(WORDLESS) & pl.col("media_hash").is_null())
    twice = pl.col("sure") | pl.col("row").is_in(originals.implode())
    asked = said.filter(pl.col("row").is_in(a.rows.filter(pl.Series(unsure))["row"].implode())).select("row", *look)
    itself = said.join(asked, on=look, how="semi", nulls_equal=True)["row"].implode()
    told = pl.when(~pl.col("row").is_in(itself) & (worded | twice)).then(twice).alias("twice")
    shown = said.sort("pair", "row").select("row", *look, told)
    beside = [getattr(pl.col("twice"), fill)().over("pair") for fill in ("forward_fill", "backward_fill")]
    amid = shown.filter(pl.all_horizontal(beside)).select(look).unique()
    return unsure & a.among(asked.join(amid, on=look, how="semi", nulls_equal=True)["row"])


def _respelt_copies(a: Absences) -> Flags:
    """Records with the content, sender and time of a paired one, in any spelling: a copy or a new message."""
    rows = a.rows.filter(is_speech() & pl.col("raw_t").is_not_null())
    flags = a.none
    if rows.is_empty():
        return flags
    # Canonical content is computed only for rows like an unmatched record and stamped almost with it.
    width = max(int(a.params.edge_seconds * SECONDS), 1)
    bucket = (pl.col("raw_t") // width).alias("bucket")
    like = ["pair", "party", "cls", "bucket"]
    asked = rows.lazy().select(pl.col("pair").cast(pl.UInt32), "party", "cls", bucket)
    close = with_neighbours(asked, "bucket").pipe(collected)
    every = a.holder_rows.lazy().select("pair", "party", "cls", "is_paired", bucket, pl.int_range(pl.len()).alias("at"))
    paired = every.filter(
        pl.col("bucket").is_in(close["bucket"].unique().implode()) & pl.col("is_paired") & is_speech()
    )
    at = paired.join(close.lazy(), on=like, how="semi", nulls_equal=True).pipe(collected)["at"]
    if at.is_empty():
        return flags
    near = a.holder_rows[at]
    both = pl.concat([f.select(CONTENT) for f in (rows, near)])
    keys = pl.Series("key", content_keys(both["cls"].to_numpy(), content_of(both)[1]))
    look = ["pair", "party", "cls", "key", "bucket"]
    mine = rows.select(
        pl.col("pair").cast(pl.UInt32), "party", "cls", keys.head(rows.height), bucket, "row", "raw_t", "unit"
    )
    theirs = near.select("pair", "party", "cls", keys.slice(rows.height), pl.col("raw_t").alias("held_t"), bucket)
    met = mine.join(with_neighbours(theirs, "bucket"), on=look, nulls_equal=True)
    apart = (pl.col("held_t") - pl.col("raw_t")).abs() / SECONDS
    unit = pl.when(pl.col("unit") > 1).then(0.0).otherwise(a.params.edge_seconds)
    return a.among(met.filter(apart <= unit)["row"].unique())


def _collapsed_rows(a: Absences) -> pl.Series:
    """Equal rows of one second where the lacking format keeps only one of them, and holds it."""
    if not a.lacking.facts.limits.collapses_repeats:
        return pl.Series(dtype=pl.UInt32)
    look = ["pair", "party", "cls", "text", "second"]
    second = pl.col("raw_t").floordiv(SECONDS).alias("second")
    kept = a.holder_rows.filter(pl.col("is_paired") & is_speech()).with_columns(second).select(look).unique()
    rows = a.rows.with_columns(pl.col("pair").cast(pl.UInt32), second)
    return rows.select("row", *look).join(kept, on=look, how="semi", nulls_equal=True)["row"]


HYPOTHESIS = Hypothesis(
    Cause.REPEAT,
    assess,
    "The export holds more copies than the other one in the same place, and the other one holds at least one of them.",
    "The copies have different ids, or none of them has a partner.",
)
