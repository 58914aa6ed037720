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
    none = pl.repeat(value=False, n=pairs.height, eager=True)
    # Nearly all texts are equal, and their characters are not looked at.
    unlike = (pairs["text"] != pairs["text_right"]).fill_null(value=False).arg_true()
    told = pairs[["pair", *_TEXTS]][unlike].with_columns(at=unlike)
    few = told.filter(pl.any_horizontal(pl.col(_TEXTS).str.contains(OF_BOTH_SCRIPTS))) if told.height else told
    if few.is_empty():
        return pairs, none
    few = few.filter(pl.col("pair").is_in(listed(_converted(told.join(few, on="pair", how="semi")))))
    at, usual = few["at"], [pl.Series(map(without_variants, few[c]), dtype=pl.String) for c in _TEXTS]
    spelt = [pairs[c].scatter(at, u) for c, u in zip(_TEXTS, usual, strict=True)]
    return pairs.with_columns(spelt), none.scatter(at, usual[0] == usual[1])


def _converted(differ: pl.DataFrame) -> pl.Series:
    """The conversations in which one side alone has traditional characters, in several texts."""
    left, right = (pl.col(c).str.count_matches(TRADITIONAL) for c in _TEXTS)
    more = differ.group_by("pair").agg((left > right).sum().alias("left"), (right > left).sum().alias("right"))
    one_way = (pl.min_horizontal("left", "right") == 0) & (pl.max_horizontal("left", "right") >= PARAMS.loss_texts)
    return more.filter(one_way)["pair"]


__all__ = ["without_variants_of_script"]
