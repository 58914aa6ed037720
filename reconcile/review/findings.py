"""What a person should look at: runs of neighbouring conflicting, one-sided or doubtful lines."""

import polars as pl

from reconcile.vocabulary import Relation

TO_LOOK_AT = (Relation.CONFLICT, Relation.ONE_SIDED, Relation.DOUBTFUL)

RUN_COLUMNS: dict[str, pl.DataType] = {
    "first": pl.UInt32(),
    "last": pl.UInt32(),
    "relation": pl.String(),
    "cause": pl.String(),
    "holder": pl.String(),
    "at": pl.Datetime("us", "UTC"),
    "text": pl.String(),
    "who": pl.String(),
    "kind": pl.String(),
}


def to_look_at() -> pl.Expr:
    """Whether a line is one of those that a person should look at."""
    return pl.col("relation").cast(pl.String).is_in([r.value for r in TO_LOOK_AT])


def holder() -> pl.Expr:
    """`left` or `right` where one side alone has the row, `both` otherwise."""
    return (
        pl.when(pl.col("right_row").is_null())
        .then(pl.lit("left"))
        .when(pl.col("left_row").is_null())
        .then(pl.lit("right"))
        .otherwise(pl.lit("both"))
    )


def either(name: str) -> pl.Expr:
    """A message column of the left side, or of the right where the left has none."""
    return pl.coalesce(f"left_{name}", f"right_{name}")


def find_runs(lines: pl.DataFrame) -> pl.DataFrame:
    """One row a run, in display order: `first` and `last` line number, its kind and first words.

    A run ends where the relation, the cause or the holding side changes, or at another kind of line. Each conflict
    and each doubtful pair is a run of its own, because people judge them one by one.
    """
    looked = (
        lines.lazy()
        .with_row_index("line")
        .filter(to_look_at())
        .select(
            "line",
            pl.col("relation").cast(pl.String),
            pl.col("cause").cast(pl.String),
            holder().alias("holder"),
            either("at").alias("at"),
            either("text").str.slice(0, 120).alias("text"),
            pl.coalesce("left_sender_name", "right_sender_name", "left_sender", "right_sender").alias("who"),
            either("kind").cast(pl.String).alias("kind"),
        )
    )
    same = pl.struct("relation", "cause", "holder")
    goes_on = (pl.col("line").diff() == 1) & (same == same.shift()) & (pl.col("holder") != "both")
    run = (~goes_on.fill_null(False)).cum_sum()
    firsts = [pl.col(c).first() for c in RUN_COLUMNS if c not in ("first", "last")]
    runs = looked.group_by(run.alias("run"), maintain_order=True).agg(
        pl.col("line").first().alias("first"), pl.col("line").last().alias("last"), *firsts
    )
    return runs.select(pl.col(c).cast(t) for c, t in RUN_COLUMNS.items()).collect()
