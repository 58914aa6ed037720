"""Compares whom two notices of one recall name."""

import polars as pl

from reconcile.engine.content.quoted_message import Sides, names_of
from reconcile.engine.content.selective import BY
from reconcile.engine.references.targets import BY_OWNER, NAMED
from reconcile.wechat.kind_classes import SYSTEM
from reconcile.wechat.kinds import RECALL_NOTICE


def recallers_differ(notices: pl.DataFrame, sides: Sides) -> pl.DataFrame:
    """left_row, export, cls, is_unlike of the recalls of which both notices tell who recalled.

    A name counts where it stands for one party alone.
    """
    recalls = [pl.col(c).str.contains(RECALL_NOTICE) for c in ("text", "text_right")]
    both = notices.filter(pl.all_horizontal(recalls))
    if both.is_empty():
        return both.select("left_row", *BY, pl.lit(value=False).alias("is_unlike"))
    known = names_of(sides, both["pair"].unique())
    recallers = []
    for side, text in zip(sides, ("text", "text_right"), strict=True):
        told = both.select("pair", pl.col(text).alias("text"))
        told = told.select("pair", BY_OWNER.alias("own"), NAMED.alias("name"))
        spoken = side.rows.filter(pl.col("is_self") & (pl.col("cls") != SYSTEM))
        own = spoken.group_by("pair").agg(pl.col("party").drop_nulls().mode().min().alias("owner"))
        told = told.join(own, on="pair", how="left", maintain_order="left")
        told = told.join(known, on=["pair", "name"], how="left", maintain_order="left")
        recallers.append(told.select(pl.when("own").then("owner").otherwise("party").alias("party"))["party"])
    is_unlike = pl.lit(recallers[0] != recallers[1])
    return both.select("left_row", *BY, is_unlike.alias("is_unlike")).drop_nulls("is_unlike")


__all__ = ["recallers_differ"]
