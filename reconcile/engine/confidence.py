"""How sure each line is, and how many claims of a run may be wrong.

The confidence of a line is the calibrated probability that its statement is right. A logistic model computes it from the
margin and from facts of the conversation. `python -m bench.calibrate` estimates the weights in calibration.json on
simulated disputes with known answers.
"""

from bisect import bisect_right
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from math import sqrt
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
    # Nearly every line is an agreement that equality settled: one number for all of them.
    agreed = calibration()["weights"]["agreement"]
    settled = pl.select(_clipped_probability(pl.lit(agreed["margin"] + agreed["constant"]))).item()
    told = pl.Series("confidence", [settled], pl.Float64).new_from_index(0, lines.height)
    if len(weighed := lines["margin"].is_not_null().arg_true()):
        score = scaled_margin() * agreed["margin"] + agreed["constant"]
        told = told.scatter(weighed, lines[["margin"]][weighed].select(_clipped_probability(score)).to_series())
    if (lines["relation"] == str(Relation.AGREEMENT)).all():
        return told
    rest = features_of(lines)
    return told.scatter(rest["line"], rest.select(_of_features()).to_series())


@lru_cache(maxsize=1)
def _of_features() -> pl.Expr:
    """The probability that a line is right, by its relation and features."""
    weights = calibration()["weights"]
    score = pl.coalesce(
        pl.when(pl.col("relation") == name).then(
            pl.sum_horizontal(pl.col(f) * weights[name][f] for f in names) + weights[name]["constant"]
        )
        for name, names in FEATURES.items()
    )
    return _clipped_probability(score)


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
        """How many of these rows the row's own side has in its conversation."""
        return pl.when(left).then((rows & left).sum().over("pair")).otherwise((rows & right).sum().over("pair"))

    known = wanted.join(sizes, on="pair", how="left", nulls_equal=True, maintain_order="left")
    rivals = of_other_side(open_row).cast(pl.Int64)
    return known.select(
        "line", "relation", "pair",
        scaled_margin(),
        (of_other_side(open_row, "slot") == 0).cast(pl.Float64).alias("no_rival"),
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
    """The probability of a logit, within the limits of the parameter file."""
    return (1 / (1 + (-score).exp())).clip(PARAMS.confidence_least, PARAMS.confidence_most).round(6)


CLAIMS = {"missing": str(Relation.ONE_SIDED), "conflicts": str(Relation.CONFLICT)}
"""The two classes of claims that have a bound, and their relation."""

# The mean of a Poisson law whose 95 % bound reaches k = 0, 1, 2 ...: half the 5 % quantile of chi square with 2k degrees of freedom.
_MEANS = (0.0, 0.0513, 0.3554, 0.8177, 1.3663, 1.9701, 2.6130, 3.2853, 3.9808, 4.6952, 5.4254, 6.1690, 6.9242)
_NORMAL_95 = 1.6449


def expected_wrong(lines: pl.DataFrame) -> pl.DataFrame:
    """How many claims of each conversation are expected to be wrong, and at most how many are.

    Args:
        lines: pair, relation, confidence.

    Returns:
        pair and, of each class of CLAIMS, `NAME_wrong_expected` and `NAME_wrong_at_most`; null without such lines.
    """
    relation = pl.col("relation")
    is_claim = pl.any_horizontal(relation == of for of in CLAIMS.values())
    claimed = lines[["pair", "confidence", "relation"]].filter(is_claim)
    told = claimed.group_by("pair", maintain_order=True).agg(
        *((1 - pl.col("confidence")).filter(relation == of).sum().alias(f"{name}_wrong_expected") for name, of in CLAIMS.items()),
        *((relation == of).sum().alias(name) for name, of in CLAIMS.items()),
    )  # fmt: skip
    most = [_bound_column(told, name) for name in CLAIMS]
    expected = (
        pl.when(pl.col(n) > 0).then(pl.col(f"{n}_wrong_expected").round(6)).alias(f"{n}_wrong_expected") for n in CLAIMS
    )
    return told.with_columns(*expected, *most).drop(*CLAIMS)


def _bound_column(told: pl.DataFrame, name: str) -> pl.Series:
    """Upper bound of wrong rows; null where there are none."""
    rows = told.select(f"{name}_wrong_expected", name).iter_rows()
    found = [wrong_at_most(name, expected, count) if count else None for expected, count in rows]
    return pl.Series(f"{name}_wrong_at_most", found, pl.UInt32)


def wrong_at_most(claim: str, expected: float, claimed: int, inflation: float | None = None) -> int:
    """The bound: at most so many of the claims are wrong.

    The number wrong is taken to be Poisson distributed around what is expected, times the inflation with which the bound held in the calibration
    disputes of the worst simulator. The bound never falls when a claim is added.
    """
    mean = expected * (calibration()["inflation"][claim] if inflation is None else inflation)
    return bisect_right(range(claimed + 1), mean, key=least_mean) - 1


def least_mean(wrong: int) -> float:
    """The smallest mean of a Poisson law whose 95 % bound reaches `wrong`.

    Beyond twelve by the approximation of Wilson and Hilferty.
    """
    if wrong < len(_MEANS):
        return _MEANS[wrong]
    return float(wrong * (1 - 1 / (9 * wrong) - _NORMAL_95 / (3 * sqrt(wrong))) ** 3)


def bounds_of(verdicts: pl.DataFrame | pl.LazyFrame) -> dict[str, dict[str, float | int]]:
    """The bound of each class of claims over all conversations; a class without claims is absent.

    Each holds `claimed`, `wrong_expected`, `wrong_at_most` and `level`. Conversations without an expectation (posts) count in none.
    """
    missing = pl.sum_horizontal(f"{side}_missing" for side in Side)
    counts = {"missing": missing, "conflicts": pl.col("conflicts")}
    known = {name: pl.col(f"{name}_wrong_expected") for name in CLAIMS}
    sums = verdicts.lazy().select(
        *(counts[n].cast(pl.Int64).filter(known[n].is_not_null()).sum().alias(n) for n in CLAIMS), *(known[n].sum() for n in CLAIMS)
    )  # fmt: skip
    told: Mapping[str, float] = sums.collect(engine="streaming").row(0, named=True)
    return {
        name: {
            "claimed": int(told[name]),
            "wrong_expected": round(told[f"{name}_wrong_expected"], 6),
            "wrong_at_most": wrong_at_most(name, told[f"{name}_wrong_expected"], int(told[name])),
            "level": PARAMS.level,
        }
        for name in CLAIMS
        if told[name]
    }


__all__ = [
    "CLAIMS",
    "FEATURES",
    "bounds_of",
    "calibration",
    "confidence_of",
    "expected_wrong",
    "features_of",
    "least_mean",
    "scaled_margin",
    "wrong_at_most",
]
