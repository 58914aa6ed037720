"""Stretches of messages whose times were all changed in one direction."""

import numpy as np
import polars as pl

from reconcile.engine.alignment import Alignment
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Floats, own_of_pairs
from reconcile.wechat.kind_classes import SYSTEM

_ORDERS = ("left", "right")


def redated(a: Alignment, residual: Floats, tolerance: Floats, params: Params) -> Flags:
    """The pairs of stretches whose times are off as no delivery and no clock of one device explains.

    A late delivery moves messages of one author only, and so does the clock of an author's device. In a stretch, messages
    of both owners follow one another, all later on one side, or all earlier. Those of one owner were then received before
    they were written, and the delay of the other's is none. The rows of a stretch stand next to each other in one of the
    files, between rows whose times agree. Where the other file holds them at an end, a clock may have been set by one
    distance.

    Args:
        a: the alignment.
        residual: left time minus right time of every pair after clock correction (seconds; nan where unknown).
        tolerance: seconds by which the two times of each pair may differ.
        params: the parameters of the model.
    """
    out = np.zeros(len(residual), bool)
    li, ri = a.pairs.left, a.pairs.right
    sure = (a.left.cls[li] != SYSTEM) & (a.right.cls[ri] != SYSTEM) & (a.margin >= params.accept_nats)
    way = np.where(np.abs(residual) > tolerance, np.sign(residual), 0.0)
    way[np.isnan(residual)] = 0.0
    pair = a.left.pair[li]
    asked = np.flatnonzero(sure & ~np.isnan(residual) & np.isin(pair, pair[sure & (way != 0)]))
    if not len(asked):
        return out
    by_left, by_right = own_of_pairs(a.left, a.right, li, ri)
    told = pl.DataFrame({
        "at": asked, "pair": pair[asked], "way": way[asked], "author": (by_left.astype(np.int8) - by_right.astype(np.int8))[asked],
        "apart": residual[asked], "tolerance": tolerance[asked], "left": a.left.order[li[asked]], "right": a.right.order[ri[asked]],
    })  # fmt: skip
    agrees = pl.col("way") == 0
    ends = [(pl.col(c).filter(agrees).min().over("pair"), pl.col(c).filter(agrees).max().over("pair")) for c in _ORDERS]
    inside = (pl.col(c).is_between(*e).fill_null(value=False) for c, e in zip(_ORDERS, ends, strict=True))
    told = told.with_columns(pl.sum_horizontal(inside).alias("inside"))
    # A clock that was set once moves all rows behind it by one distance.
    uneven = pl.col("apart").max() - pl.col("apart").min() > pl.col("tolerance").max()
    within = (pl.col("inside").min() == len(_ORDERS)) | ((pl.col("inside").min() > 0) & uneven)
    of_both = [(pl.col("author") == who).any() for who in (1, -1)]
    is_stretch = (within & pl.all_horizontal(of_both)).over("run")
    for order in _ORDERS:
        runs = told.sort("pair", order).with_columns(pl.struct("pair", "way").rle_id().alias("run"))
        out[runs.filter(~agrees & is_stretch)["at"].to_numpy()] = True
    return out


__all__ = ["redated"]
