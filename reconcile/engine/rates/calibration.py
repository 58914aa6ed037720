"""What a line's confidence is: the share of lines with evidence of its kind whose relation was right, where the truth was known.

The table is fitted on development disputes (`python -m bench.calibration --fit`) and checked on unseen ones (bench/calibration.md).
"""

from functools import reduce

import polars as pl

from reconcile.engine.rates.confidence import RIGHT_SHARE
from reconcile.vocabulary import Relation

# The share of a relation as a whole counts as much as this many lines of a class of its own.
PRIOR_LINES = 5.0
# No table of simulated disputes can speak for more than this of real ones.
MOST = 0.9999
_BY_ID = ("server_id", "rounded_id", "alias_id", "body_id")
_BY_WORDS = ("equal", "canonical")
# What the matching says of rows with equal words: one on each side; as many on each side, in order; else by its model, in steps.
_ALONE, _COUNTED = 0.9995, 0.999
_STEPS = ((0.99, "dense_99"), (0.9, "dense_90"), (0.0, "dense"))


def evidence_class() -> pl.Expr:
    """The kind of evidence behind a line, as text: `relation:method` of agreements, `relation:cause` of all others.

    Of agreements by words also how many rows of these words there were: alone, counted, dense_99, dense_90, dense. The same
    whichever side is called left. Needs relation, cause, detail, method and the matching's own confidence.
    """
    relation, method, cause = (pl.col(c).cast(pl.String) for c in ("relation", "method", "cause"))
    dense = pl.lit(_STEPS[-1][1])
    for least, name in reversed(_STEPS[:-1]):
        dense = pl.when(pl.col("confidence") >= least).then(pl.lit(name)).otherwise(dense)
    density = (
        pl.when(pl.col("confidence") >= _ALONE).then(pl.lit("alone"))
        .when(pl.col("confidence") >= _COUNTED).then(pl.lit("counted"))
        .otherwise(dense)
    )  # fmt: skip
    by = (
        pl.when(method.is_in(_BY_ID)).then(pl.lit("id"))
        .when(method.is_in(_BY_WORDS)).then(pl.lit("words_") + density)
        .when(method == "kind").then(pl.lit("kind_") + density)
        .otherwise(method.fill_null("none"))
    )  # fmt: skip
    edge = pl.when(pl.col("detail") == "edge_unverified").then(pl.lit("_edge")).otherwise(pl.lit(""))
    named = pl.when(relation == str(Relation.AGREEMENT)).then(by).otherwise(cause.fill_null("none") + edge)
    return relation + ":" + named


def right_share(name: str) -> float:
    """The confidence of a class of evidence: its share of right lines, drawn to that of its relation where few were seen; between 0 and 1."""
    relation = name.partition(":")[0]
    same = [v for k, v in RIGHT_SHARE.items() if k.partition(":")[0] == relation]
    # Jeffreys' estimate for the relation: never seen wrong is not never wrong.
    pooled = (sum(r for r, _ in same) + 0.5) / (sum(n for _, n in same) + 1.0)
    right, lines = RIGHT_SHARE.get(name, (0, 0))
    return round(min(MOST, (right + PRIOR_LINES * pooled) / (lines + PRIOR_LINES)), 6)


def calibrated(lines: pl.DataFrame) -> pl.DataFrame:
    """The lines with `confidence` as the probability that the relation they state is right. relation, cause and method are Enums."""
    # Lines that look alike are of one class: a name is put together once for each look.
    codes = [pl.col(c).to_physical().cast(pl.UInt32).fill_null(255) for c in ("relation", "cause", "method")]
    steps = [
        (pl.col("confidence") >= least).cast(pl.UInt32) for least in (_ALONE, _COUNTED, *(s for s, _ in _STEPS[:-1]))
    ]
    is_edge = (pl.col("detail") == "edge_unverified").fill_null(value=False).cast(pl.UInt32)
    look = reduce(lambda a, b: a * 256 + b, codes).cast(pl.UInt64) * 16 + pl.sum_horizontal(*steps) * 2 + is_edge
    looks = lines.select(look.alias("look"))
    kinds = looks.with_row_index("first").unique("look", keep="any")
    classes = lines[kinds["first"]].select(evidence_class().alias("class"))["class"]
    shares = pl.Series("share", [right_share(name) for name in classes], dtype=pl.Float64)
    table = kinds.select("look").with_columns(shares)
    named = looks.join(table, on="look", how="left", maintain_order="left")["share"]
    return lines.with_columns(named.alias("confidence"))
