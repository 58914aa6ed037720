"""Pairs that their moment alone brought together and that the two exports' own numbers tell apart."""

import polars as pl

from reconcile.match.align import Aligned
from reconcile.vocabulary import Cause, Relation
from reconcile.wechat.classes import WORDS

# Two numberings count the same messages when the difference of their numbers stays from so many pairs to the next.
PARALLEL_SHARE, LEAST_PAIRS = 0.8, 6


def without_other_numbers(judged: pl.DataFrame, aligned: Aligned) -> pl.DataFrame:
    """The judged pairs without those of unlike words at one moment that are two messages, each lacking on the other side.

    Both numberings run alongside each other before and behind them, and each of the two skips the other's number. A message whose words were
    changed keeps its number.
    """
    unlike = (pl.col("method") == "same_moment") & (pl.col("cause") == str(Cause.TEXT_DIFFERS))
    asked = judged.filter(unlike & (pl.col("cls") == WORDS) & (pl.col("cls_right") == WORDS))
    if asked.is_empty():
        return judged
    around = judged.filter(pl.col("pair").is_in(asked["pair"].unique().implode()))
    numbers = (f["local_id"].gather(around[f"{n}_row"]) for f, n in ((aligned.left, "left"), (aligned.right, "right")))
    numbered = around.select("pair", "left_row", "relation").with_columns(next(numbers).alias("n"), next(numbers).alias("m")).drop_nulls()  # fmt: skip
    agreed = numbered.filter(pl.col("relation") == str(Relation.AGREEMENT)).sort("n", "left_row")
    steady = (pl.col("n") - pl.col("m")).diff().over("pair") == 0
    share = agreed.group_by("pair").agg(pl.len().alias("count")).join(
        agreed.with_columns(steady.alias("steady")).group_by("pair").agg(pl.col("steady").mean()), on="pair"
    )  # fmt: skip
    parallel = share.filter((pl.col("count") >= LEAST_PAIRS) & (pl.col("steady") >= PARALLEL_SHARE))
    maybe = numbered.join(parallel, on="pair", how="semi").join(asked, on="left_row", how="semi").sort("n")
    if maybe.is_empty():
        return judged
    marks = agreed.select("pair", "n", pl.col("n").alias("low"), pl.col("m").alias("low_m"))
    met = maybe.join_asof(marks, on="n", by="pair", strategy="backward", check_sortedness=False)
    marks = marks.rename({"low": "high", "low_m": "high_m"})
    met = met.join_asof(marks, on="n", by="pair", strategy="forward", check_sortedness=False)
    alongside = (pl.col("high") - pl.col("low") == pl.col("high_m") - pl.col("low_m")) & pl.col("m").is_between(
        "low_m", "high_m", closed="none"
    )
    other = met.filter(alongside & (pl.col("n") - pl.col("low") != pl.col("m") - pl.col("low_m")))
    return judged.join(other, on="left_row", how="anti", maintain_order="left") if other.height else judged
