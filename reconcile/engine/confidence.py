"""How sure each line is: the calibrated probability that its statement is right.

A logistic model of the margin and a few circumstances of the conversation gives it. The weights stand in calibration.json, which `python -m bench.calibrate` estimates on simulated disputes with known answers.
"""

from functools import lru_cache
from importlib import resources
from typing import Any

import orjson
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.params import PARAMS
from reconcile.vocabulary import Cause, Relation, Side

FEATURES: dict[str, tuple[str, ...]] = {
    "agreement": ("margin",),
    "conflict": ("margin", "doubtful"),
    "one_sided": ("margin", "no_rival", "few_rivals", "surplus", "supported", "doubtful", "timed"),
    "set_aside": ("margin", "verified_edge", "no_rival"),
    "doubtful": ("margin", "is_pair"),
}
"""Of each relation, what its confidence rests on; each grows with what speaks for the line, but for `is_pair`."""

_SUPPORT = [str(c) for c in (Cause.ID_GAP, Cause.REFERENCED, Cause.SYNC_GAP)]


@lru_cache(maxsize=1)
def calibration() -> dict[str, Any]:
    """`weights` by relation and feature, `inflation` by claim: the content of calibration.json."""
    return orjson.loads((resources.files("reconcile.engine") / "calibration.json").read_bytes())  # type: ignore[no-any-return]


def confidence_of(lines: pl.DataFrame) -> pl.Series:
    """`confidence` of every line: the probability that it is right, strictly between 0 and 1.

    Args:
        lines: pair, relation, cause, detail, left_row, right_row, margin, offset_seconds of every row of some conversations, each conversation
            in display order.
    """
    weights = calibration()["weights"]
    # Nearly every line is an agreement that equality settled: one number for all of them.
    agreed = weights["agreement"]
    settled = pl.select(_clipped_probability(pl.lit(agreed["margin"] + agreed["constant"]))).item()
    told = pl.Series("confidence", [settled], pl.Float64).new_from_index(0, lines.height)
    if len(weighed := lines["margin"].is_not_null().arg_true()):
        score = scaled_margin() * agreed["margin"] + agreed["constant"]
        told = told.scatter(weighed, lines.select("margin")[weighed].select(_clipped_probability(score)).to_series())
    rest = features_of(lines)
    if rest.is_empty():
        return told
    score = pl.coalesce(
        pl.when(pl.col("relation") == name).then(
            pl.sum_horizontal(pl.col(f) * weights[name][f] for f in names) + weights[name]["constant"]
        )
        for name, names in FEATURES.items()
    )
    return told.scatter(rest["line"], rest.select(_clipped_probability(score)).to_series())


def features_of(lines: pl.DataFrame) -> pl.DataFrame:
    """The features of every line that is no agreement.

    Args:
        lines: as of `confidence_of`.

    Returns:
        line (position in `lines`), relation, pair, and a column for each feature of FEATURES.
    """
    relation = pl.col("relation")
    agrees = relation == str(Relation.AGREEMENT)
    met = agrees | (relation == str(Relation.CONFLICT))
    wanted = lines.lazy().select(
        "pair", "relation", "cause", "detail", "margin", *(pl.col(f"{s}_row").is_not_null().alias(s) for s in map(str, Side)),
        met.cum_sum().alias("slot"), pl.int_range(pl.len(), dtype=pl.UInt32).alias("line"),
    ).filter(~agrees).with_columns(pl.col("relation", "cause").cast(pl.String))  # fmt: skip
    sizes = (
        lines.lazy()
        .group_by("pair")
        .agg(pl.len().alias("rows"), pl.col("offset_seconds").is_not_null().any().alias("has_times"))
    )
    left, right = (pl.col(str(s)) & ~pl.col(str(s.other)) for s in Side)
    open_row = pl.col("relation").is_in([str(Relation.ONE_SIDED), str(Relation.DOUBTFUL)])
    missing = pl.col("relation") == str(Relation.ONE_SIDED)

    def of_other_side(rows: pl.Expr, *over: str) -> pl.Expr:
        """Of a row without a partner, how many such rows the other side has."""
        return (
            pl.when(left)
            .then((rows & right).sum().over("pair", *over))
            .otherwise((rows & left).sum().over("pair", *over))
        )

    def of_own_side(rows: pl.Expr) -> pl.Expr:
        return pl.when(left).then((rows & left).sum().over("pair")).otherwise((rows & right).sum().over("pair"))

    known = wanted.join(sizes, on="pair", how="left", nulls_equal=True, maintain_order="left")
    rivals = of_other_side(open_row).cast(pl.Int64)
    return known.select(
        "line", "relation", "pair",
        scaled_margin(),
        (of_other_side(pl.lit(value=True), "slot") == 0).cast(pl.Float64).alias("no_rival"),
        (-(1 + rivals).log()).alias("few_rivals"),
        (1 + (of_own_side(missing).cast(pl.Int64) - rivals).clip(0)).log().alias("surplus"),
        pl.col("cause").is_in(_SUPPORT).fill_null(value=False).cast(pl.Float64).alias("supported"),
        (-((pl.col("relation") == str(Relation.DOUBTFUL)).sum().over("pair") / pl.col("rows")).sqrt()).alias("doubtful"),
        pl.col("has_times").cast(pl.Float64).alias("timed"),
        (pl.col("detail") != "edge_unverified").fill_null(value=True).cast(pl.Float64).alias("verified_edge"),
        (pl.col("left") & pl.col("right")).cast(pl.Float64).alias("is_pair"),
    ).pipe(collected)  # fmt: skip


def scaled_margin() -> pl.Expr:
    """The margin from 0 to 1; null, where nothing competes, is 1."""
    most = PARAMS.confidence_nats
    return (pl.col("margin").clip(0.0, most).fill_null(most) / most).alias("margin")


def _clipped_probability(score: pl.Expr) -> pl.Expr:
    return (1 / (1 + (-score).exp())).clip(PARAMS.confidence_least, PARAMS.confidence_most).round(6)


__all__ = ["FEATURES", "calibration", "confidence_of", "features_of", "scaled_margin"]
