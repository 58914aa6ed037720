"""Unmatched records that may be one message by a clock that other unmatched records show."""

import numpy as np
import polars as pl

from reconcile.engine.alignment import Alignment
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Keys, Records
from reconcile.wechat.kind_classes import WORDS


def may_meet(a: Alignment, equal: Flags, params: Params) -> tuple[Flags, Flags]:
    """Which records of each side have an unmatched one of equal content and sender at a possible clock.

    A clock is possible where several unmatched records of equal words lie apart by it. Pictures, voice messages and
    payments have no words, and only such a clock tells that they may be one message.

    Args:
        a: the alignment.
        equal: the weighed pairs of unmatched records with equal words.
        params: the parameters of the model.
    """
    flags = np.zeros(len(a.left), bool), np.zeros(len(a.right), bool)
    if np.count_nonzero(equal) < params.habit_records:
        return flags
    li, ri = a.weighed.left[equal], a.weighed.right[equal]
    shown = pl.DataFrame({"pair": a.left.pair[li], "clock": a.left.t[li] - a.right.t[ri], "left": li, "right": ri})
    shown = shown.filter(pl.col("clock").is_not_nan()).sort("pair", "clock", "left", "right")
    apart = (pl.col("clock").diff() > params.jump_seconds).fill_null(value=True)
    shown = shown.with_columns((apart | (pl.col("pair") != pl.col("pair").shift())).cum_sum().alias("run"))
    many = pl.min_horizontal(pl.col("left").n_unique(), pl.col("right").n_unique()).alias("n")
    clocks = shown.group_by("pair", "run", maintain_order=True).agg(pl.col("clock").median(), many)
    clocks = clocks.filter(pl.col("n") >= params.habit_records)
    if clocks.is_empty():
        return flags
    clocks = clocks.filter(pl.col("n").rank("ordinal", descending=True).over("pair") <= params.possible_clocks)
    left, right = (
        _open_records(r, o, k)
        for r, o, k in zip((a.left, a.right), (a.pairs.open_left, a.pairs.open_right), a.keys, strict=True)
    )
    asked = left.join(clocks.select("pair", "clock"), on="pair").with_columns(
        (pl.col("t") - pl.col("clock")).alias("t")
    )
    met = asked.sort("t").join_asof(
        right.sort("t"), on="t", by=["pair", "key", "party"], strategy="nearest", tolerance=params.jump_seconds,
        suffix="_right", check_sortedness=False,
    ).drop_nulls("row_right")  # fmt: skip
    flags[0][met["row"].to_numpy()] = True
    flags[1][met["row_right"].to_numpy()] = True
    return flags


def _open_records(records: Records, is_open: Flags, keys: Keys) -> pl.DataFrame:
    """row, pair, key, party, t of the unmatched records with a time."""
    rows = np.flatnonzero(is_open & ~np.isnan(records.t))
    # Two tools seldom state the same of a record without words.
    told = np.where(records.cls[rows] == WORDS, keys[rows], records.cls[rows].astype(np.uint64))
    return pl.DataFrame({
        "row": rows, "pair": records.pair[rows], "key": told, "party": records.party[rows], "t": records.t[rows]
    })  # fmt: skip


__all__ = ["may_meet"]
