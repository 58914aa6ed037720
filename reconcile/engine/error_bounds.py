"""How many of the rows called missing or altered may be wrong.

The bound holds in 95 of 100 disputes like the simulated ones that calibrated it.
"""

from bisect import bisect_right
from collections.abc import Mapping
from math import sqrt

import polars as pl

from reconcile.engine.confidence import calibration
from reconcile.engine.params import PARAMS
from reconcile.vocabulary import Relation, Side

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
    claimed = lines.select("pair", "confidence", "relation").filter(is_claim)
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
    lacking = pl.sum_horizontal(f"{side}_missing" for side in Side)
    counts = {"missing": lacking, "conflicts": pl.col("conflicts")}
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


__all__ = ["CLAIMS", "bounds_of", "expected_wrong", "least_mean", "wrong_at_most"]
