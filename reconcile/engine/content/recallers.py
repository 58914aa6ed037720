"""Compares whom two notices of one recall name."""

import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.content.quoted_message import RowsOfReading, Sides, names_of
from reconcile.engine.content.selective import BY
from reconcile.engine.references.targets import BY_OWNER, NAMED
from reconcile.wechat.kind_classes import SYSTEM
from reconcile.wechat.kinds import RECALL_NOTICE


def recallers_differ(notices: pl.DataFrame, sides: Sides) -> pl.DataFrame:
    """left_row, export, cls, is_unlike of the recalls of which both notices tell who recalled.

    A name counts where it stands for one party alone. One that the notice's own side shows nowhere else may be a remark,
    which the other side gives to somebody else. It proves nothing where the rows of both notices bear one sender.
    """
    recalls = [pl.col(c).str.contains(RECALL_NOTICE) for c in ("text", "text_right")]
    both = notices.filter(pl.all_horizontal(recalls))
    if both.is_empty():
        return both.select("left_row", *BY, pl.lit(value=False).alias("is_unlike"))
    known = names_of(sides, both["pair"].unique())
    left, right = (
        _recallers(both.select("pair", pl.col(text).alias("text"), pl.col(row).alias("row")), side, known)
        for side, text, row in zip(sides, ("text", "text_right"), ("left_row", "right_row"), strict=True)
    )
    is_unlike = left["party"] != right["party"]
    if is_unlike.any():
        one_sender = (left["sent"] == right["sent"]).fill_null(value=False)
        remarks = [_are_remarks(told, side) for told, side in zip((left, right), sides, strict=True)]
        is_unlike &= ~(one_sender & (remarks[0] | remarks[1]))
    return both.select("left_row", *BY, is_unlike.alias("is_unlike")).drop_nulls("is_unlike")


def _recallers(told: pl.DataFrame, side: RowsOfReading, known: pl.DataFrame) -> pl.DataFrame:
    """pair, own (its owner recalled), name, party by each notice's words, and `sent` by its row.

    Args:
        told: pair, text and row of each notice.
        side: the side that holds them.
        known: `names_of` both sides.
    """
    sender = side.rows["sender"][told["row"]]
    notices = told.lazy().select("pair", BY_OWNER.alias("own"), NAMED.alias("name"), sender=sender)
    spoken = side.rows.lazy().filter(pl.col("is_self") & (pl.col("cls") != SYSTEM))
    own = spoken.group_by("pair").agg(pl.col("party").drop_nulls().mode().min().alias("owner"))
    for names, keys in (
        (own, ["pair"]),
        (known.lazy(), ["pair", "name"]),
        (known.lazy().select("pair", sender="name", sent="party"), ["pair", "sender"]),
    ):
        notices = notices.join(names, on=keys, how="left", maintain_order="left")
    party = pl.when("own").then("owner").otherwise("party").alias("party")
    return notices.select("pair", "own", "name", party, "sent").pipe(collected)


def _are_remarks(told: pl.DataFrame, side: RowsOfReading) -> pl.Series:
    """Whether each of these `_recallers` is named by a name that his side shows nowhere else."""
    here = names_of((side,), told["pair"].unique()).select("pair", "name", here=pl.lit(value=True))
    shown = told.join(here, on=["pair", "name"], how="left", maintain_order="left")["here"]
    return ~told["own"] & shown.is_null()


__all__ = ["recallers_differ"]
