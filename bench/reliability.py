"""Is the program as sure as it should be? Confidence and bounds on disputes that the calibration never saw.

`python -m bench.reliability` compares 200 disputes of each of three simulators and writes bench/reliability.md. Takes about three minutes on two free
processors.
"""

import argparse
import itertools
import sys
from collections.abc import Sequence
from pathlib import Path

import polars as pl

from bench.calibrate import calibration_error, per_dispute
from bench.claims import FITTED, HELD_OUT, SIMULATORS, claims_of
from bench.processes import each
from reconcile.engine.confidence import CLAIMS, wrong_at_most
from reconcile.engine.params import PARAMS

TABLE = Path(__file__).with_name("reliability.md")
MOST_ERROR = 0.03
# Disputes with so many claims stand for the asked twenty.
AROUND_TWENTY = (10, 40)
BATCH = 20
STEPS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 1.0)
RELATIONS = ("one_sided", "conflict", "set_aside", "agreement", "doubtful")


def mean_of(claims: pl.DataFrame, column: str) -> str:
    """The mean of a column in percent."""
    return f"{claims[column].sum() / max(1, claims.height):.2%}"


def bounded(claims: pl.DataFrame, claim: str) -> pl.DataFrame:
    """Every dispute with claims of a class, with its bound `k`."""
    told = per_dispute(claims.filter(pl.col("relation") == CLAIMS[claim]))
    k = [wrong_at_most(claim, e, n) for e, n in told.select("expected", "claimed").iter_rows()]
    return told.with_columns(pl.Series("k", k, pl.Int64))


def batches(told: pl.DataFrame, claim: str) -> tuple[int, int]:
    """In how many batches of 20 disputes of one simulator the bound over all of them holds, of how many."""
    at = pl.int_range(pl.len()).over("simulator") // BATCH
    sums = (
        told.with_columns(at.alias("batch"))
        .group_by("simulator", "batch")
        .agg(pl.col("expected", "claimed", "wrong").sum())
    )
    held = [w <= wrong_at_most(claim, e, n) for e, n, w in sums.select("expected", "claimed", "wrong").iter_rows()]
    return sum(held), len(held)


def render(claims: pl.DataFrame) -> str:
    """The tables: calibration, bounds, reliability by step."""
    out = [f"Calibration error, asked at most {MOST_ERROR}:", "", "| lines | simulator | disputes | lines | right | mean confidence | calibration error |", "|---|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    for relation in RELATIONS:
        mine = claims.filter(pl.col("relation") == relation)
        for name in ("all", *FITTED):
            here = (
                mine.filter(pl.col("simulator") != "clean")
                if name == "all"
                else mine.filter(pl.col("simulator") == name)
            )
            if here.height:
                cells = (here.select("simulator", "seed").n_unique(), here.height, mean_of(here, "right"), mean_of(here, "confidence"), f"{calibration_error(here):.3f}")  # fmt: skip
                out.append(f"| {relation} | {name} | " + " | ".join(map(str, cells)) + " |")
    out += ["", f"Bounds, asked to hold in {PARAMS.level:.0%} of disputes with claims:", "", "| claims | simulator | disputes | bound holds | claims | wrong | sum of bounds | median bound of disputes with 10 to 40 claims |", "|---|---|---:|---:|---:|---:|---:|---:|"]  # fmt: skip
    for claim in CLAIMS:
        told = bounded(claims, claim)
        for name in ("all", *SIMULATORS):
            here = (
                told.filter(pl.col("simulator") != "clean")
                if name == "all"
                else told.filter(pl.col("simulator") == name)
            )
            if here.is_empty():
                continue
            holds = (here["wrong"] <= here["k"]).sum()
            twenty = here.filter(pl.col("claimed").is_between(*AROUND_TWENTY))["k"]
            median = f"{twenty.quantile(0.5) or 0:g} ({len(twenty)} disputes)" if len(twenty) else "–"
            sums = " | ".join(str(here[c].sum()) for c in ("claimed", "wrong", "k"))
            out.append(f"| {claim} | {name} | {here.height} | {holds / max(1, here.height):.1%} | {sums} | {median} |")
        held, of = batches(told.filter(pl.col("simulator") != "clean"), claim)
        out.append(f"| {claim} | batches of {BATCH} disputes | {of} | {held / max(1, of):.1%} | | | | |")
    out += ["", "Reliability by confidence:", "", "| lines | confidence | number | right |", "|---|---|---:|---:|"]
    for relation in RELATIONS:
        mine = claims.filter(pl.col("relation") == relation)
        for low, high in itertools.pairwise(STEPS):
            here = mine.filter((pl.col("confidence") > low) & (pl.col("confidence") <= high))
            if here.height:
                out.append(f"| {relation} | {low:g} to {high:g} | {here.height} | {mean_of(here, 'right')} |")
    return "\n".join(out) + "\n"


HEAD = """# Reliability of confidence and bounds

Written by `python -m bench.reliability` on seeds that the calibration never saw; read a change of it like code. Errors come in clusters: one
dispute with forty wrong lines moves a row of this table more than thirty right ones. `clean` are whole exports from which rows were deleted;
`all` leaves them out.

"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare, print, write the table."""
    parser = argparse.ArgumentParser(prog="python -m bench.reliability", description=__doc__)
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    work = [(name, seed) for name, seeds in HELD_OUT.items() for seed in seeds]
    claims = pl.concat(c for c in each(claims_of, work, options.jobs) if c is not None)
    text = render(claims)
    print(text)
    TABLE.write_text(HEAD + text, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
