"""Estimates reconcile/engine/calibration.json: how far margins and circumstances can be believed, and by how much a bound must be widened.

`python -m bench.calibrate` compares 1,200 disputes of three simulators whose answers are known, fits a logistic model for each relation,
and writes the weights and bench/calibration.md, which shows what the same fit without a simulator says of that simulator. Takes about
four minutes on two free processors.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import orjson
import polars as pl

from bench.claims import FITTED, claims_of
from bench.processes import each
from reconcile.engine.confidence import CLAIMS, FEATURES, least_mean, wrong_at_most
from reconcile.engine.params import PARAMS

WEIGHTS = Path(__file__).parents[1] / "reconcile" / "engine" / "calibration.json"
TABLE = Path(__file__).with_name("calibration.md")
FOLDS = 4
# Half the price of a squared weight: a few disputes of one kind shall not move it far.
RIDGE = 2.0
FREE = ("is_pair",)
Array = npt.NDArray[np.float64]
Model = dict[str, float]


def fitted(claims: pl.DataFrame, relation: str) -> Model:
    """Weights of the logistic model of a relation: none but FREE below nought, so that no feature counts against what it speaks for.

    Simulators count equally, and so do the disputes of a simulator: the lines of one dispute share their fate.
    """
    from scipy.optimize import minimize  # noqa: PLC0415 - takes longer to load than every other test of this module needs

    names = FEATURES[relation]
    x = claims.select(names).fill_null(0.0).to_numpy()
    y = claims["right"].to_numpy()
    share = 1 / pl.len().over("simulator", "seed")
    w = (
        claims.select((share / share.sum().over("simulator")).alias("w"))["w"].to_numpy()
        * len(y)
        / claims["simulator"].n_unique()
    )

    def loss(b: Array) -> tuple[float, Array]:
        p = 1 / (1 + np.exp(-(b[0] + x @ b[1:])))
        told = -(w * (y * np.log(p + 1e-12) + (1 - y) * np.log(1 - p + 1e-12))).sum()
        g = w * (p - y)
        return float(told + RIDGE * (b[1:] ** 2).sum() / 2), np.concatenate([[g.sum()], x.T @ g + RIDGE * b[1:]])

    bounds = [(None, None), *((None, None) if n in FREE else (0.0, None) for n in names)]
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    return dict(zip(("constant", *names), (round(float(v), 4) + 0.0 for v in found), strict=True))


def predicted(claims: pl.DataFrame, model: Model) -> pl.DataFrame:
    """The claims with the `confidence` that the model gives."""
    score = (
        pl.sum_horizontal(pl.col(n).fill_null(0.0) * w for n, w in model.items() if n != "constant") + model["constant"]
    )
    told = (1 / (1 + (-score).exp())).clip(PARAMS.confidence_least, PARAMS.confidence_most)
    return claims.with_columns(told.alias("confidence"))


def cross_fitted(claims: pl.DataFrame, relation: str) -> pl.DataFrame:
    """The claims with the confidence that a fit on other disputes gives them."""
    parts = []
    for fold in range(FOLDS):
        mine = pl.col("seed") % FOLDS == fold
        parts.append(predicted(claims.filter(mine), fitted(claims.filter(~mine), relation)))
    return pl.concat(parts)


def per_dispute(claims: pl.DataFrame) -> pl.DataFrame:
    """simulator, seed, claimed, expected and wrong (rounded) of every dispute with claims."""
    return claims.group_by("simulator", "seed", maintain_order=True).agg(
        pl.len().alias("claimed"), (1 - pl.col("confidence")).sum().alias("expected"), (1 - pl.col("right")).sum().round(0).cast(pl.Int64).alias("wrong")
    )  # fmt: skip


def inflation(claims: pl.DataFrame) -> float:
    """The least factor on what is expected with which the bound holds, in each simulator, in the asked share of disputes (split conformal)."""
    factors = []
    for _, told in per_dispute(claims).group_by("simulator", maintain_order=True):
        needed = sorted(least_mean(w) / e for w, e in told.select("wrong", "expected").iter_rows())
        rank = int(np.ceil((len(needed) + 1) * PARAMS.level))
        factors.append(needed[min(rank, len(needed)) - 1])
    return float(round(max(1.0, *factors), 4))


def calibration_error(claims: pl.DataFrame, bins: int = 10) -> float:
    """Mean distance between confidence and share right over bins of equally many lines."""
    ranked = claims.sort("confidence").with_columns((pl.int_range(pl.len()) * bins // pl.len()).alias("bin"))
    told = ranked.group_by("bin").agg(
        pl.len(), (pl.col("confidence").mean() - pl.col("right").mean()).abs().alias("off")
    )
    return float((told["off"] * told["len"]).sum() / max(1, ranked.height))


def coverage(claims: pl.DataFrame, claim: str, factor: float | None = None) -> tuple[int, int]:
    """In how many disputes the bound holds, of how many; `factor`: another inflation than the shipped one."""
    told = list(per_dispute(claims).select("expected", "claimed", "wrong").iter_rows())
    held = [
        w <= (wrong_at_most(claim, e, n) if factor is None else wrong_at_most(claim, e, n, factor)) for e, n, w in told
    ]
    return sum(held), len(held)


def render(claims: pl.DataFrame, inflations: dict[str, float]) -> str:
    """What each simulator says of a fit that never saw it."""
    out = [
        "| lines | simulator left out | disputes | lines | right | calibration error | bound holds |",
        "|---|---|---:|---:|---:|---:|---:|",
    ]
    claim_of = {str(relation): name for name, relation in CLAIMS.items()}
    for relation in ("one_sided", "conflict", "set_aside"):
        mine = claims.filter(pl.col("relation") == relation)
        for simulator in FITTED:
            here = pl.col("simulator") == simulator
            others, left_out = mine.filter(~here), mine.filter(here)
            judged = predicted(left_out, fitted(others, relation))
            holds = "–"
            if relation in claim_of:
                held, of = coverage(judged, claim_of[relation], inflation(cross_fitted(others, relation)))
                holds = f"{held} of {of} ({held / max(1, of):.1%})"
            right = left_out["right"].sum() / max(1, left_out.height)
            out.append(
                f"| {relation} | {simulator} | {left_out['seed'].n_unique()} | {left_out.height} | {right:.2%} | {calibration_error(judged):.3f} | {holds} |"
            )
    told = ", ".join(f"{name} {value}" for name, value in inflations.items())
    return "\n".join([*out, "", f"Inflation of the bounds, of the worst simulator: {told}.", ""])


HEAD = """# Calibration of confidence

Written by `python -m bench.calibrate`. The weights in reconcile/engine/calibration.json are fitted on all three simulators. This table asks
the harder question: what would a fit on two simulators have said of the third? [reliability.md](reliability.md) shows the shipped weights on seeds kept aside.

"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, fit, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibrate", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    work = [(name, seed) for name, seeds in FITTED.items() for seed in seeds]
    claims = pl.concat(c for c in each(claims_of, work, options.jobs) if c is not None)
    by_relation = {r: claims.filter(pl.col("relation") == r) for r in FEATURES}
    weights = {r: fitted(mine, r) for r, mine in by_relation.items()}
    inflations = {name: inflation(cross_fitted(by_relation[of], of)) for name, of in CLAIMS.items()}
    told = {"estimated_by": "python -m bench.calibrate", "inflation": inflations, "weights": weights}
    WEIGHTS.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    text = render(claims, inflations)
    print(text)
    TABLE.write_text(HEAD + text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
