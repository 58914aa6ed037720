"""The columns of judged pairs, and expressions that several judgements share."""

import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.vocabulary import SELECTIVE, Cause, Relation, TimePrecision
from reconcile.wechat.kind_classes import WORDLESS

RELATION, CAUSE = pl.Enum(Relation), pl.Enum(Cause)
JUDGED: dict[str, pl.DataType | type[pl.DataType]] = {
    "relation": RELATION, "cause": CAUSE, "detail": pl.String, "similarity": pl.Float64,
}  # fmt: skip
# How a pair was found: by an id, by equal raw or canonical content, or by its weight.
METHOD = pl.Enum(["server_id", "rounded_id", "alias_id", "body_id", "equal", "canonical", "weighed"])
PAIRS_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "left_row": pl.UInt32, "right_row": pl.UInt32, "method": METHOD,
}  # fmt: skip
_UNITS = pl.Series([{TimePrecision.MINUTE: 60.0, TimePrecision.DAY: 86_400.0}.get(p, 1.0) for p in TimePrecision])
# Steps that pair by an id.
BY_ID = ("server_id", "rounded_id", "alias_id", "body_id")


def judged_as(when: pl.Expr, relation: Relation, cause: Cause, detail: str | None) -> list[pl.Expr]:
    """relation, cause, detail of the rows that `when` selects; other rows stay unchanged."""
    return [
        pl.when(when).then(pl.lit(str(relation), RELATION)).otherwise("relation").alias("relation"),
        pl.when(when).then(pl.lit(str(cause), CAUSE)).otherwise("cause").alias("cause"),
        pl.when(when).then(pl.lit(detail, pl.String)).otherwise("detail").alias("detail"),
    ]


def doubtful(when: pl.Expr, detail: str) -> list[pl.Expr]:
    """Expressions for relation, cause and detail: a weak match where `when` is true, else unchanged."""
    return judged_as(when, Relation.DOUBTFUL, Cause.WEAK_MATCH, detail)


def short_by_words() -> pl.Expr:
    """Whether a pair rests only on a few equal words, or on its kind."""
    short = (pl.col("text").str.len_chars() < PARAMS.distinctive_characters) | pl.col("cls").is_in(WORDLESS)
    return short & ~pl.col("method").is_in(BY_ID) & pl.col("media_hash").is_null()


def is_identified() -> pl.Expr:
    """Whether a pair is one message for certain: by an id, or by its sender and second."""
    at_second = (pl.max_horizontal("unit", "unit_right") <= 1) & (pl.col("residual_s") <= PARAMS.edge_seconds)
    of_one = (pl.col("party") == pl.col("party_right")) & at_second
    return pl.col("method").is_in(BY_ID) | of_one.fill_null(value=False)


def is_selective() -> pl.Expr:
    """Whether one side leaves out content that its format states elsewhere."""
    return ((pl.col("cause") == str(Cause.NOT_STATED)) & (pl.col("detail") == SELECTIVE)).fill_null(value=False)


def no_pairs() -> pl.DataFrame:
    """An empty frame of pairs."""
    return pl.DataFrame(schema=PAIRS_SCHEMA)


def unit_seconds(precision: pl.Series) -> pl.Series:
    """The precision of each row's time in seconds, by its `time_precision`."""
    return _UNITS[precision.to_physical()]
