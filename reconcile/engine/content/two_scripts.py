"""Reads texts of which one side is written in traditional and the other in simplified characters."""

import polars as pl

from reconcile.column_ops import none_of
from reconcile.engine.params import PARAMS
from reconcile.wechat.chinese_script import OF_BOTH_SCRIPTS, TRADITIONAL, simplified, spelt_as

_TEXTS = ("text", "text_right")


def without_variants_of_script(pairs: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    """The pairs with a converted side spelt as the other, and which texts only this made equal.

    A conversion chooses among characters that belong to both scripts, 著 for 着, and no table undoes its choice. It
    counts only where the side as a whole is converted: several texts have traditional characters on that side alone, and
    none has them on the other side alone.
    """
    alike = none_of(pairs)
    # Nearly all texts are equal, and their characters are not looked at.
    unlike = (pairs["text"] != pairs["text_right"]).arg_true()
    if unlike.is_empty():
        return pairs, alike
    told = pairs[["pair", *_TEXTS]][unlike].with_columns(at=unlike)
    few = told.filter(pl.any_horizontal(pl.col(_TEXTS).str.contains(OF_BOTH_SCRIPTS)))
    if few.is_empty():
        return pairs, alike
    few = few.join(_converted(told.join(few, on="pair", how="semi")), on="pair", maintain_order="left")
    for column, other in (_TEXTS, _TEXTS[::-1]):
        part = few.filter(pl.col("converted") == column)
        plain = [simplified(t) for t in part[other]]
        spelt = [spelt_as(t, o) for t, o in zip(part[column], plain, strict=True)]
        pairs = pairs.with_columns(pairs[column].scatter(part["at"], pl.Series(spelt, dtype=pl.String)))
        same = [s == o for s, o in zip(spelt, plain, strict=True)]
        alike = alike.scatter(part["at"], pl.Series(same, dtype=pl.Boolean))
    return pairs, alike


def _converted(differ: pl.DataFrame) -> pl.DataFrame:
    """Columns pair and converted: whose texts alone have traditional characters, several of them."""
    left, right = (pl.col(c).str.count_matches(TRADITIONAL) for c in _TEXTS)
    more = differ.group_by("pair").agg((left > right).sum().alias("text"), (right > left).sum().alias("text_right"))
    one_way = (pl.min_horizontal(_TEXTS) == 0) & (pl.max_horizontal(_TEXTS) >= PARAMS.loss_texts)
    side = pl.when(pl.col("text") > 0).then(pl.lit("text")).otherwise(pl.lit("text_right"))
    return more.filter(one_way).select("pair", side.alias("converted"))


__all__ = ["without_variants_of_script"]
