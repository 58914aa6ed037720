"""The export holds the record twice."""

import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.hypotheses.model import Absences, Assessed, Hypothesis, is_speech
from reconcile.engine.records import CONTENT, Flags, content_keys, content_of
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import PAYMENT, SECONDS, WORDLESS
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
    bare = (
        pl.col("cls").is_in(WORDLESS)
        & pl.col("media_hash").is_null()
        & ((pl.col("text") == "") | pl.col("text").str.contains(BARE_MARK))
    )
    unsure = told.select((bare | (pl.col("cls") == PAYMENT)).fill_null(value=False).alias("b"))["b"].to_numpy()
    twin = told["has_partner"].fill_null(value=False).to_numpy()
    collapsed = a.among(_collapsed_rows(a))
    holds = again | twin | collapsed | _respelt_copies(a)
    amid = a.among(_between_copies(a, twins)) if (twin & unsure).any() else a.none
    return Assessed(holds, again | (twin & (~unsure | amid)) | collapsed)


def _between_copies(a: Absences, twins: pl.DataFrame) -> pl.Series:
    """Payments and bare pictures that stand twice between messages with words that all stand twice.

    One event wrote them all again.
    """
    rows = a.holder_rows.filter(is_speech() & pl.col("pair").is_in(twins["pair"].unique().implode()))
    worded = (pl.col("cls") != PAYMENT) & ~(pl.col("cls").is_in(WORDLESS) & pl.col("media_hash").is_null())
    told = pl.when(worded).then(pl.col("twin").is_not_null())
    first = pl.col("twin").is_null() | pl.col("twin").is_first_distinct()
    once = rows.filter(first).sort("pair", "row").select("pair", "twin", told.alias("twice"))
    beside = [getattr(pl.col("twice"), fill)().over("pair") for fill in ("forward_fill", "backward_fill")]
    amid = once.filter(pl.col("twice").is_null() & pl.col("twin").is_not_null() & pl.all_horizontal(beside))
    return twins.filter(pl.col("twin").is_in(amid["twin"].implode()))["row"]


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
    close = pl.concat([asked.with_columns(pl.col("bucket") + k) for k in (-1, 0, 1)]).pipe(collected)
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
    around = pl.concat([theirs.with_columns(pl.col("bucket") + k) for k in (-1, 0, 1)])
    met = mine.join(around, on=look, nulls_equal=True)
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
