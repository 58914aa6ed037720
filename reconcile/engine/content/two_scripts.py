"""Reads texts of which one side is written in traditional and the other in simplified characters."""

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.params import PARAMS
from reconcile.wechat.chinese_script import OF_BOTH_SCRIPTS, TRADITIONAL, without_variants

_TEXTS = ("text", "text_right")


def without_variants_of_script(pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The pairs of rows in one spelling where one side is converted, and which texts only this made equal.

    A conversion chooses among characters that belong to both scripts, 著 for 着, and no table undoes its choice. It
    counts only where the side as a whole is converted: several texts have traditional characters on that side alone, and
    none has them on the other side alone.
    """
    differ = pl.col("text") != pl.col("text_right")
    few = pairs.select((differ & pl.any_horizontal(pl.col(_TEXTS).str.contains(OF_BOTH_SCRIPTS))).alias("d"))["d"]
    converted = _converted(pairs.filter(pl.col("pair").is_in(listed(pairs.filter(few)["pair"])) & differ))
    at = pairs.select((pl.lit(few) & pl.col("pair").is_in(listed(converted))).alias("at"))["at"].arg_true()
    if at.is_empty():
        return pairs, pl.repeat(value=False, n=pairs.height, eager=True)
    usual = [pl.Series([without_variants(t) for t in pairs[c][at]], dtype=pl.String) for c in _TEXTS]
    same = pl.repeat(value=False, n=pairs.height, eager=True).scatter(at, usual[0] == usual[1])
    return pairs.with_columns(pairs[c].scatter(at, u) for c, u in zip(_TEXTS, usual, strict=True)), same


def _converted(differ: pl.DataFrame) -> pl.Series:
    """The conversations in which one side alone has traditional characters, in several texts."""
    left, right = (pl.col(c).str.count_matches(TRADITIONAL) for c in _TEXTS)
    more = differ.group_by("pair").agg((left > right).sum().alias("left"), (right > left).sum().alias("right"))
    one_way = (pl.min_horizontal("left", "right") == 0) & (pl.max_horizontal("left", "right") >= PARAMS.loss_texts)
    return more.filter(one_way)["pair"]


__all__ = ["without_variants_of_script"]
