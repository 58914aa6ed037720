"""Tells who recalled by a notice, and compares whom two notices of one recall name."""

import polars as pl

from reconcile.engine.content.quoted_message import Sides, names_of
from reconcile.engine.content.selective import BY
from reconcile.engine.references.targets import BY_OWNER, NAMED
from reconcile.wechat.kind_classes import SYSTEM
from reconcile.wechat.kinds import RECALL_NOTICE


def recallers_differ(notices: pl.DataFrame, sides: Sides) -> pl.DataFrame:
    """left_row, export, cls, is_unlike of the recalls of which both notices tell who recalled."""
    recalls = [pl.col(c).str.contains(RECALL_NOTICE) for c in ("text", "text_right")]
    both = notices.filter(pl.all_horizontal(recalls))
    if both.is_empty():
        return both.select("left_row", *BY, pl.lit(value=False).alias("is_unlike"))
    known = names_of(sides, both["pair"].unique())
    recallers = [
        recallers_of(both.select("pair", pl.col(text).alias("text")), side.rows, known)
        for side, text in zip(sides, ("text", "text_right"), strict=True)
    ]
    is_unlike = pl.lit(recallers[0] != recallers[1])
    return both.select("left_row", *BY, is_unlike.alias("is_unlike")).drop_nulls("is_unlike")


def recallers_of(notices: pl.DataFrame, rows: pl.DataFrame, known: pl.DataFrame) -> pl.Series:
    """The party that recalled by each notice: the owner it addresses, or whom it names; null = not told.

    A name counts where it stands for one party alone.

    Args:
        notices: pair and text of one side's recall notices.
        rows: all rows of that side.
        known: `names_of` both sides.
    """
    told = notices.select("pair", BY_OWNER.alias("own"), NAMED.alias("name"))
    told = told.join(owners_of(rows), on="pair", how="left", maintain_order="left")
    told = told.join(known, on=["pair", "name"], how="left", maintain_order="left")
    return told.select(pl.when("own").then("owner").otherwise("party").alias("party"))["party"]


def owners_of(rows: pl.DataFrame) -> pl.DataFrame:
    """pair, owner: the party that one side's export is of, where its own rows tell."""
    spoken = rows.filter(pl.col("is_self") & (pl.col("cls") != SYSTEM) & pl.col("pair").is_not_null())
    return spoken.group_by("pair").agg(pl.col("party").drop_nulls().mode().min().alias("owner"))


__all__ = ["owners_of", "recallers_differ", "recallers_of"]
